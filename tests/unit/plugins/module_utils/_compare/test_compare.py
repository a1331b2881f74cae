# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live objects against the backup's: the recordings, and what a Comparison carries."""

from __future__ import annotations

import copy
import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.normalise import digest, strip
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.table import prepare
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    EMPTY,
    RESTORE_LABEL,
    BackupItem,
    ObjectKey,
)

GOLDEN = Path(__file__).parents[4] / "golden"
BACKUP = "hourly-20261124020000"


@cache
def backup() -> dict[str, Any]:
    """The recorded backup, keyed as the recordings are."""
    found = {}
    with tarfile.open(GOLDEN / "store" / "backups" / BACKUP / f"{BACKUP}.tar.gz") as archive:
        for member in archive:
            parts = member.name.removeprefix("./").removesuffix(".json").split("/")
            reader = archive.extractfile(member)
            if reader and parts[0] == "resources" and parts[2] in ("namespaces", "cluster"):
                namespace = parts[3] if parts[2] == "namespaces" else ""
                found[f"{parts[1]}|{namespace}|{parts[-1]}"] = json.load(reader)
    return found


@cache
def recorded(scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / scenario / "after.json").read_text())
    return found


def desired(key: str) -> Any:
    resource, namespace, name = key.split("|")
    body = backup()[key]
    return prepare(BackupItem(ObjectKey("", body["kind"], namespace, name), resource, "v1"), body, PrepareContext())


def differing(scenario: str) -> dict[str, set[str]]:
    """Per object that differs: the fields of the patch, two steps deep."""
    found = {}
    for key, live in recorded(scenario).items():
        if key in backup():
            patch = compare(key.split("|")[0], live, desired(key)).patch
            fields = {f"{field}.{inner}" for field, part in patch.items() for inner in part}
            if patch:
                found[key] = fields
    return found


OWN_API_SERVER = {"endpoints|default|kubernetes", "services|default|kubernetes"}
"""Protected: no plan compares them."""


def test_what_velero_restored_onto_a_fresh_cluster_is_equal() -> None:
    assert set(differing("fresh-default")) == OWN_API_SERVER


def test_after_an_update_only_what_the_server_refused_differs() -> None:
    assert differing("drift-update") == {
        "configmaps|shop|frozen": {"data.v"},
        "configmaps|shop|guarded": {"data.v"},
        "jobs.batch|shop|migrate": {"spec.template"},
        "namespaces||shop": {"metadata.labels", "metadata.annotations"},
        "pods|shop|lonely": {"spec.containers"},
        "rolebindings.rbac.authorization.k8s.io|shop|reader": {"roleRef.name"},
        "statefulsets.apps|shop|db": {
            "spec.replicas",
            "spec.serviceName",
            "spec.template",
            "spec.volumeClaimTemplates",
        },
    }


def test_an_equal_comparison_shares_all_it_can() -> None:
    live = {"metadata": {"resourceVersion": "7", "labels": {BACKUP_LABEL: "b", RESTORE_LABEL: "r"}}, "data": {"a": "1"}}
    one, other = (compare("secrets", copy.deepcopy(live), {"data": {"a": "1"}}) for _copy in range(2))
    assert one.equal
    assert one.resource_version == "7"
    assert one.labels == ("b", "r")
    assert one.labels is other.labels
    assert one.patch is one.before is EMPTY
    assert one.digest == b""


def test_a_differing_comparison_carries_what_apply_needs() -> None:
    live = {"metadata": {"resourceVersion": "7", "deletionTimestamp": "now"}, "data": {"a": "1", "b": "2"}}
    found = compare("configmaps", live, {"data": {"a": "3", "c": "4", "d": None}})
    assert found.patch == {"data": {"a": "3", "b": None, "c": "4"}}
    assert found.before == {"data": {"a": "1", "b": "2", "c": None}}
    assert found.digest == digest(strip(live))
    assert found.terminating
    assert not found.merged


def test_a_patch_never_takes_metadata_or_a_whole_map_away() -> None:
    live = {"metadata": {"labels": {"a": "1", BACKUP_LABEL: "b"}, "annotations": {"x": "y"}}}
    assert compare("configmaps", live, {}).patch == {"metadata": {"labels": {"a": None}, "annotations": {"x": None}}}


@pytest.mark.parametrize(
    "live", [{}, {"metadata": []}, {"metadata": {"labels": {BACKUP_LABEL: {}}, "resourceVersion": 1}}]
)
def test_malformed_metadata_is_tolerated(live: Any) -> None:
    found = compare("configmaps", live, {"metadata": 1})
    assert (found.labels, found.resource_version, found.terminating) == ((None, None), "", False)
