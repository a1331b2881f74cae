# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever may write Secrets in the state namespace does not get the restore user's rights; on a real API server."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import secret_name
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from nightly import Corner
from restoring import by_place
from scenes import Body

RBAC = "rbac.authorization.k8s.io"


def packed(value: Any) -> str:
    return b64encode(gzip.compress(json.dumps(value).encode())).decode()


def plant(corner: Corner, name: str, holds: str, data: dict[str, str], **fields: Any) -> Body:
    """A Secret in the state namespace, as whoever may write Secrets there writes it."""
    place = f"/api/v1/namespaces/{corner.state_namespace}"
    corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.state_namespace}}}}}")
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": f"standby.velero/{holds}",
        "metadata": {"name": name, "labels": {"standby.velero/holds": holds}},
        "data": data,
        **fields,
    }
    status, made = corner.target.api("POST", f"{place}/secrets", body)
    assert status == 201, made
    return made


def plant_copy(corner: Corner, wanted: Body, body: Body) -> None:
    """A Secret that says that it keeps the body of an object under recreation."""
    group = wanted["apiVersion"].rpartition("/")[0]
    key = ObjectKey(group, wanted["kind"], wanted["metadata"].get("namespace", ""), wanted["metadata"]["name"])
    about = b64encode(json.dumps({**key._asdict(), "uid": "u", "restore": {}}).encode()).decode()
    plant(corner, secret_name(key), "body", {"object": about, "body": packed(body)})


def binding(name: str, role: str, **subject: str) -> Body:
    who = {"kind": "User", "apiGroup": RBAC, "name": "mallory", **subject}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [who],
    }


def pod(namespace: str, name: str, **spec: Any) -> Body:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


CONTAINER = {"name": "main", "image": "registry.example.org/app:1"}
PRIVILEGED = {**CONTAINER, "securityContext": {"privileged": True}}


@pytest.mark.parametrize("policy", ["none", "update", "recreate"])
@pytest.mark.parametrize("named", ["another", "the same"])
def test_a_forged_copy_makes_no_object(corner: Corner, policy: str, named: str) -> None:
    """The backup's own objects are refused, which is when an older body of theirs would be put back."""
    bound, web = f"{corner.namespace}-viewers", "web"
    wanted = [binding(bound, "view", kind="Nobody"), pod(corner.namespace, web, containers=[])]
    other = "" if named == "the same" else "-2"
    forged = [binding(bound + other, "cluster-admin"), pod(corner.namespace, web + other, containers=[PRIVILEGED])]
    for item, body in zip(wanted, forged, strict=True):
        plant_copy(corner, item, body)
    run = corner.restore(corner.backup(2, corner.config_map("app"), *wanted), existing_resource_policy=policy)
    found = by_place(run)
    for item, body in zip(wanted, forged, strict=True):
        view = found[item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]]
        assert (view.outcome, view.reason, view.stored) != (Outcome.FAILED, Reason.ROLLED_BACK, True)
        assert view.outcome is Outcome.FAILED
        assert corner.live(body) is None
    assert sorted(corner.config_maps()) == ["app"]


STRANGE = {
    "deep": b"[" * 200_000,
    "a surrogate": json.dumps({"group": "", "kind": "Pod", "namespace": "a", "name": "\ud800", "uid": "u"}).encode(),
    "a long number": b"9" * 10_000,
    "no object": b"null",
    "an escape": json.dumps({"group": "", "kind": "Pod", "namespace": "a", "name": "\x1b[2J", "uid": "u"}).encode(),
    "wrong types": json.dumps({"group": {}, "kind": [], "namespace": 7, "name": None, "uid": True}).encode(),
}


@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_secrets_that_keep_no_body_are_passed_over_and_told(corner: Corner, check: bool) -> None:
    for number, text in enumerate(STRANGE.values()):
        about = b64encode(text).decode()
        plant(corner, f"body-{number}", "body", {"object": about, "body": packed({})})
    run = corner.restore(corner.backup(2, corner.config_map("app")), existing_resource_policy="recreate", check=check)
    assert [view.outcome for view in by_place(run).values() if view.key.kind == "ConfigMap"] == [Outcome.CREATED]
    told = [text for text in run.warnings if "it is passed over; delete it" in text]
    assert len(told) == len(STRANGE)


BODIES = {
    "a gzip bomb": gzip.compress(b" " * (256 << 20)),
    "deep": gzip.compress(b'{"metadata": {}, "a": ' + b"[" * 200_000),
    "no gzip": b"{}",
    "a surrogate": gzip.compress(b'{"metadata": {}, "data": {"a": "\\ud800"}}'),
    "no object": gzip.compress(b"[]"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_damaged_copy_is_one_object_s_failure_and_the_run_ends_as_it_should(corner: Corner, body: bytes) -> None:
    refused = {**corner.config_map("app"), "data": {"a key that is none": "1"}}
    key = ObjectKey("", "ConfigMap", corner.namespace, "app")
    about = b64encode(json.dumps({**key._asdict(), "uid": "u"}).encode()).decode()
    plant(corner, secret_name(key), "body", {"object": about, "body": b64encode(body).decode()})
    backup = corner.backup(2, refused, corner.config_map("web"))
    found = by_place(corner.restore(backup, existing_resource_policy="recreate"))
    failed = found["ConfigMap", corner.namespace, "app"]
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, Reason.ROLLBACK_FAILED)
    assert "the body that is kept is" in failed.message
    assert sorted(corner.config_maps()) == ["web"]
