# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter policies, excluded objects and unusable backups on a real API server: what they mean for delta and prune."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import PreflightError, SettingsError
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from controlplane import ControlPlane
from nightly import Corner
from reports import read_report
from restoring import by_place
from scenes import Body, settled, versions

EXCLUDED = {"labels": {"velero.io/exclude-from-backup": "true"}}


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    settled(controlplane)
    return controlplane


@pytest.fixture
def corner(target: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(target, tmp_path, request.node.nodeid)


def config_maps(corner: Corner, *names: str) -> list[Body]:
    return [corner.config_map(name) for name in names]


def policies(corner: Corner, *rows: Body) -> Body:
    entry = {"namespaces": [corner.namespace], "resourceFilters": list(rows)}
    return {"resource_policies": {"version": "v1", "namespacedFilterPolicies": [entry]}}


def only(corner: Corner, *names: str) -> Body:
    return policies(corner, {"kinds": ["cm"], "names": list(names)})


def told(run: Run) -> list[str]:
    return build(run)["velero_results"]["warnings"]["velero"]


def stops(run: Run) -> list[str]:
    return [stop["reason"] for stop in build(run)["delta"]["stopped_by"]]


def in_delta(run: Run) -> dict[str, str]:
    return {one["name"]: one["action"] for one in build(run)["delta"]["objects"]}


# What is kept out


def test_the_result_and_the_report_say_how_many_objects_which_entry_kept_out(corner, tmp_path):
    report = tmp_path / "report.json"
    backup = corner.backup(
        2, *config_maps(corner, "app", "web", "db"), complete("secrets", corner.namespace, "key", {})
    )
    run = corner.restore(backup, report_path=str(report), **only(corner, "app"))
    expected = [
        {"entry": "namespacedFilterPolicies[0].resourceFilters[0]", "objects": 2},
        {"entry": "namespacedFilterPolicies[0]", "objects": 1},
    ]
    assert list(corner.config_maps()) == ["app"]
    for document in (build(run), read_report(report)):
        assert (document["filtered"], document["filtered_total"]) == (expected, 3)


def test_without_policies_nothing_is_said_of_them(corner):
    assert "filtered" not in build(corner.restore(corner.backup(2, corner.config_map("app"))))


def test_what_cannot_be_meant_is_told(corner):
    backup = corner.backup(2, corner.config_map("app"), complete("secrets", corner.namespace, "key", {}))
    rows = policies(corner, {"kinds": ["cm", "ClusterRole"]}, {"kinds": ["Secret"], "names": ["kee"]})
    texts = told(corner.restore(backup, excluded_resources=["secrets"], **rows))
    row = "resource_policies: namespacedFilterPolicies[0].resourceFilters"
    assert texts[:2] == [
        f"{row}[0].kinds: 'ClusterRole' matches nothing in the backup",
        f"{row}[1].names: 'kee' matches nothing in the backup",
    ]
    assert texts[2].startswith(f"{row}[0]: ClusterRole is cluster-scoped")
    assert texts[3].startswith(f"{row}[1]: Secret is left out by included_resources, excluded_resources")
    assert len(texts) == 4


@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_one_type_under_two_spellings_is_refused_before_anything_is_restored(corner, check):
    backup = corner.backup(2, corner.config_map("app"))
    with pytest.raises(SettingsError, match='"cm" and "ConfigMap" are the same type, configmaps'):
        corner.restore(backup, check=check, **policies(corner, {"kinds": ["cm"]}, {"kinds": ["ConfigMap"]}))
    assert corner.live(corner.config_map("app")) is None


# Delta and prune


def test_nothing_is_deleted_because_a_policy_changed(corner):
    corner.restore(corner.backup(2, *config_maps(corner, "app", "old", "web")))
    run = corner.restore(corner.backup(3, *config_maps(corner, "app", "web")), delta="prune", **only(corner, "app"))
    assert stops(run) == ["other_selection"]
    assert in_delta(run) == {"old": "kept"}
    assert sorted(corner.config_maps()) == ["app", "old", "web"]


def test_what_a_policy_keeps_out_is_not_gone(corner):
    kept = only(corner, "app", "old", "web")
    corner.restore(corner.backup(2, *config_maps(corner, "app", "old", "web")), **kept)
    run = corner.restore(
        corner.backup(3, *config_maps(corner, "app", "old", "web")), delta="prune", **only(corner, "app")
    )
    assert in_delta(run) == {}
    assert sorted(corner.config_maps()) == ["app", "old", "web"]


@pytest.mark.parametrize("spelled", [["app", "old", "web"], ["web", "old", "app"]])
def test_under_the_same_policy_a_prune_deletes_what_production_no_longer_has(corner, spelled):
    corner.restore(corner.backup(2, *config_maps(corner, "app", "old", "web")), **only(corner, "app", "old", "web"))
    backup = corner.backup(3, *config_maps(corner, "app", "web"))
    run = corner.restore(backup, delta="prune", **only(corner, *spelled))
    assert (stops(run), in_delta(run)) == ([], {"old": "deleted"})
    assert sorted(corner.config_maps()) == ["app", "web"]


# Excluded objects


def test_an_object_that_is_excluded_from_backups_is_not_restored(corner):
    run = corner.restore(corner.backup(2, corner.config_map("app"), corner.config_map("odd", **EXCLUDED)))
    assert list(corner.config_maps()) == ["app"]
    view = by_place(run)["ConfigMap", corner.namespace, "odd"]
    assert (view.outcome, view.reason) == (Outcome.SKIPPED, Reason.EXCLUDED_FROM_BACKUP)
    assert view.message.endswith("odd is labelled velero.io/exclude-from-backup, and so is never restored")
    assert build(run)["restore"]["in_sync"]


def test_an_object_that_got_the_label_since_is_neither_changed_nor_deleted(corner):
    corner.restore(corner.backup(2, *config_maps(corner, "app", "odd")))
    before = corner.live(corner.config_map("odd"))
    run = corner.restore(
        corner.backup(3, corner.config_map("app"), corner.config_map("odd", **EXCLUDED)), delta="prune"
    )
    assert (stops(run), in_delta(run)) == ([], {})
    assert corner.live(corner.config_map("odd")) == before


def test_of_an_excluded_namespace_nothing_but_its_name_comes_along(corner):
    labels = {"labels": {**EXCLUDED["labels"], "team": "web"}}
    namespace = complete("namespaces", "", corner.namespace, {"metadata": labels})
    run = corner.restore(corner.backup(2, namespace, corner.config_map("app")))
    live = corner.live({**namespace, "apiVersion": "v1"})
    assert live is not None
    assert not live["metadata"]["labels"].keys() & labels["labels"].keys()
    assert by_place(run)["Namespace", "", corner.namespace].outcome is Outcome.CREATED
    assert list(corner.config_maps()) == ["app"]


def test_an_excluded_namespace_that_exists_stays_as_it_is(corner):
    corner.restore(corner.backup(2, corner.config_map("app")))
    namespace = complete(
        "namespaces", "", corner.namespace, {"metadata": {"labels": {**EXCLUDED["labels"], "team": "x"}}}
    )
    run = corner.restore(corner.backup(3, namespace, corner.config_map("app")))
    assert by_place(run)["Namespace", "", corner.namespace].reason is Reason.EXCLUDED_FROM_BACKUP
    live = corner.live(namespace)
    assert live is not None
    assert "team" not in live["metadata"]["labels"]


# The phase of the backup


@pytest.mark.parametrize("phase", ["Failed", "InProgress", "FailedValidation", "Deleting"])
@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_a_backup_that_did_not_end_well_is_refused_with_its_phase_and_nothing_is_written(corner, phase, check):
    backup = corner.backup(2, corner.config_map("app"), phase=phase)
    before = versions(corner.target)
    with pytest.raises(PreflightError, match=f"backup nightly-02 is in phase {phase}, and only"):
        corner.restore(backup, check=check, delta="prune")
    assert versions(corner.target) == before


PARTLY: dict[str, Any] = {"phase": "PartiallyFailed", "errors": 1}


def test_a_backup_that_failed_partly_is_restored_with_a_warning_and_prunes_nothing(corner):
    corner.restore(corner.backup(2, *config_maps(corner, "app", "old")))
    run = corner.restore(corner.backup(3, *config_maps(corner, "app", "new"), **PARTLY), delta="prune")
    assert "backup nightly-03 is PartiallyFailed, not Completed" in run.warnings
    assert stops(run) == ["not_completed", "errors"]
    assert in_delta(run) == {"old": "kept"}
    assert sorted(corner.config_maps()) == ["app", "new", "old"]


def test_without_metadata_nothing_is_known_and_nothing_refused(corner):
    run = corner.restore(corner.backup(2, corner.config_map("app"), metadata=False))
    assert build(run)["restore"]["backup"]["phase"] == ""
    assert list(corner.config_maps()) == ["app"]
