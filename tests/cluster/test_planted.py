# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever may write Secrets in the state namespace does not get the restore user's rights; on a real API server."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import decode, encode
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import HEAD
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import secret_name
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from nightly import Corner, deleted, kept
from restoring import by_place
from scenes import Body, edit, put

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


# Deletions


KEY = {"state_key": ["a-key-of-the-tests-and-of-no-other"]}
OTHER_KEY = {"state_key": ["another-key-of-the-tests-and-no-more"]}


def secrets_of(corner: Corner) -> dict[str, Body]:
    """Those of the inventory, by name."""
    path = f"/api/v1/namespaces/{corner.state_namespace}/secrets?labelSelector=standby.velero/holds=state"
    status, found = corner.target.api("GET", path)
    assert status == 200, found
    return {secret["metadata"]["name"]: secret for secret in found["items"]}


def replace_secret(corner: Corner, name: str, data: Body) -> None:
    path = f"/api/v1/namespaces/{corner.state_namespace}/secrets/{name}"
    status, answer = corner.target.api("DELETE", path)
    assert status in (200, 404), answer
    plant(corner, name, "state", data)


def forge(corner: Corner, body: Body, labels: tuple[str, str]) -> None:
    """Adds a row for a live object to the inventory, as whoever may write Secrets could."""
    found = secrets_of(corner)
    for secret in found.values():
        secret["data"].pop("signature", None)
    inventory = decode(found.pop(HEAD), found)
    metadata = body["metadata"]
    key = ObjectKey("", body["kind"], metadata.get("namespace", ""), metadata["name"])
    row = InventoryEntry(metadata["uid"], "p", key.namespace or key.name, labels=labels)
    forged = (*inventory[:-1], replace(inventory[-1], entries={**inventory[-1].entries, key: row}))
    encoded = encode(forged)
    for name in (HEAD, *encoded.shards):
        replace_secret(corner, name, encoded.secret(name, corner.state_namespace)["data"])


@pytest.mark.parametrize("labels", [("", ""), ("nightly-02", "nightly-02")], ids=["no labels", "labels"])
def test_a_forged_row_deletes_nobody_s_object(corner: Corner, labels: tuple[str, str]) -> None:
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app))
    theirs = corner.config_map("theirs")
    put(corner.target, theirs)
    forge(corner, corner.live(theirs), labels)
    run = corner.restore(corner.backup(3, app), delta="prune", prune_max_percent=1000)
    expected = "not_labelled" if any(labels) else "unsigned"
    assert kept(run) == {f"ConfigMap {corner.namespace}/theirs": expected}
    assert sorted(corner.config_maps()) == ["app", "theirs"]


def test_an_object_that_was_restored_and_lost_its_labels_is_kept(corner: Corner) -> None:
    app, old = corner.config_map("app"), corner.config_map("old")
    corner.restore(corner.backup(2, app, old))
    edit(corner.target, old, {"metadata": {"labels": {"velero.io/restore-name": "by-hand"}}})
    second = corner.backup(3, app)
    run = corner.restore(second, delta="prune")
    assert kept(run) == {f"ConfigMap {corner.namespace}/old": "not_labelled"}
    edit(corner.target, old, {"metadata": {"labels": {"velero.io/restore-name": "nightly-02"}}})
    assert deleted(corner.restore(second, delta="prune", prune_max_percent=1000)) == [
        f"ConfigMap {corner.namespace}/old"
    ]


def test_what_was_found_equal_and_left_unlabelled_is_pruned_by_a_signed_inventory(corner: Corner) -> None:
    """A restore of somebody else's labelled it; none of ours ever wrote to it."""
    app, old = corner.config_map("app"), corner.config_map("old")
    labelled = {"velero.io/backup-name": "theirs", "velero.io/restore-name": "theirs"}
    corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.namespace}}}}}")
    put(corner.target, {**old, "metadata": {**old["metadata"], "labels": labelled}})
    options = {"label_unchanged": False, "delta": "prune", "prune_max_percent": 1000}
    corner.restore(corner.backup(2, app, old), label_unchanged=False)
    second = corner.backup(3, app)
    unsigned = corner.restore(second, **options)
    assert kept(unsigned) == {f"ConfigMap {corner.namespace}/old": "unsigned"}
    run = corner.restore(second, **options, **KEY, state_adopt=True)
    assert deleted(run) == [f"ConfigMap {corner.namespace}/old"]


def test_what_is_left_unlabelled_and_was_made_by_a_restore_is_pruned_all_the_same(corner: Corner) -> None:
    app, old = corner.config_map("app"), corner.config_map("old")
    for hour in (2, 3):
        corner.restore(corner.backup(hour, app, old), label_unchanged=False)
    run = corner.restore(corner.backup(4, app), label_unchanged=False, delta="prune", prune_max_percent=1000)
    assert deleted(run) == [f"ConfigMap {corner.namespace}/old"]


# Signed


def test_with_a_key_what_is_not_signed_is_refused_by_name_before_anything_is_written(corner: Corner) -> None:
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app), **KEY)
    second = corner.backup(3, app, corner.config_map("web"))
    theirs = corner.config_map("theirs")
    put(corner.target, theirs)
    whole = secrets_of(corner)
    forge(corner, corner.live(theirs), ("nightly-02", "nightly-02"))
    for check in (True, False):
        with pytest.raises(StateError, match=r"^Secret state is not signed: "):
            corner.restore(second, check=check, **KEY)
        with pytest.raises(StateError, match=r"^Secret state is not signed: "):
            corner.restore(second, check=check, state_adopt=True, **KEY)
    for name, secret in whole.items():
        replace_secret(corner, name, secret["data"])
    with pytest.raises(StateError, match="is not signed with any state_key that is given"):
        corner.restore(second, **OTHER_KEY)
    with pytest.raises(StateError, match="is signed, and no state_key is given"):
        corner.restore(second)
    assert sorted(corner.config_maps()) == ["app", "theirs"]
    rotated = {"state_key": [*OTHER_KEY["state_key"], *KEY["state_key"]]}
    assert corner.restore(second, **rotated).warnings == ()
    assert corner.restore(second, **OTHER_KEY, delta="prune").warnings == ()
    assert sorted(corner.config_maps()) == ["app", "theirs", "web"]


def test_an_older_signed_inventory_that_is_put_back_is_refused(corner: Corner) -> None:
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app), **KEY)
    old = secrets_of(corner)
    corner.restore(corner.backup(3, app, corner.config_map("web")), **KEY)
    for name, secret in old.items():
        replace_secret(corner, name, secret["data"])
    with pytest.raises(StateError, match=r"an older inventory, number .* somebody has put it back"):
        corner.restore(corner.backup(4, app), **KEY)
    for name in old:
        corner.target.api("DELETE", f"/api/v1/namespaces/{corner.state_namespace}/secrets/{name}")
    with pytest.raises(StateError, match=r"is missing, and Lease .* somebody has deleted it"):
        corner.restore(corner.backup(4, app), **KEY)


def test_an_inventory_of_another_namespace_is_refused(corner: Corner) -> None:
    """Another state of the same cluster, signed with the same key."""
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app), state_namespace=f"{corner.namespace}-other-state", **KEY)
    status, found = corner.target.api("GET", f"/api/v1/namespaces/{corner.namespace}-other-state/secrets/state")
    assert status == 200
    plant(corner, "state", "state", found["data"])
    with pytest.raises(StateError, match="for another cluster or namespace"):
        corner.restore(corner.backup(3, app), **KEY)


def test_an_unsigned_inventory_is_listed_then_signed_once(corner: Corner) -> None:
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("web")))
    second = corner.backup(3, app, corner.config_map("web"))
    with pytest.raises(StateError, match="state_adopt"):
        corner.restore(second, **KEY)
    before = secrets_of(corner)
    checked = corner.restore(second, check=True, state_adopt=True, **KEY)
    assert secrets_of(corner) == before
    adopted = corner.restore(second, state_adopt=True, **KEY)
    for run, what in (
        (checked, "is not signed; a run that is not check mode signs it"),
        (adopted, "was not signed; now it is"),
    ):
        head, *lines = run.warnings
        assert head == f"state_adopt: the inventory of the target {what}. It holds 3 objects"
        assert lines == ["state_adopt: backup nightly-02 (schedule nightly): 3 objects: ConfigMap 2, Namespace 1"]
    again = corner.restore(second, state_adopt=True, **KEY)
    assert again.warnings == ("state_adopt: the inventory of the target is signed already; leave the option out",)
    assert corner.restore(second, **KEY).warnings == ()


# Lost


@pytest.mark.parametrize("key", [{}, KEY], ids=["unsigned", "signed"])
def test_an_inventory_is_made_anew_from_labels_and_prunes_nothing_that_no_backup_restored_since(
    corner: Corner, key: Body
) -> None:
    app, old, web = (corner.config_map(name) for name in ("app", "old", "web"))
    first = "nightly-20261124020000"
    corner.restore(corner.backup(2, app, old, web, name=first), **key)
    for kind in ("secrets", "leases"):
        api = "api/v1" if kind == "secrets" else "apis/coordination.k8s.io/v1"
        corner.target.api("DELETE", f"/{api}/namespaces/{corner.state_namespace}/{kind}")
    second = corner.backup(3, app, web)
    checked = corner.restore(second, check=True, state_rebuild=True, delta="prune", **key)
    assert secrets_of(corner) == {}
    run = corner.restore(second, state_rebuild=True, delta="prune", **key)
    for one in (checked, run):
        told = [text for text in one.warnings if text.startswith("state_rebuild: ")]
        assert "was made anew from labels" in told[0]
        assert any(f"backup {first} (schedule nightly)" in text for text in told)
        assert kept(one)[f"ConfigMap {corner.namespace}/old"] == "rebuilt"
        assert deleted(one) == []
    third = corner.restore(corner.backup(4, app), delta="prune", prune_max_percent=1000, **key)
    assert deleted(third) == [f"ConfigMap {corner.namespace}/web"], "it was restored since"
    assert kept(third)[f"ConfigMap {corner.namespace}/old"] == "rebuilt"
    assert sorted(corner.config_maps()) == ["app", "old"]


# Damaged


HEADS = {
    "deep": b"[" * 200_000,
    "deep in it": b'{"format": 3, "counter": 1, "backups": ' + b"[" * 100_000,
    "a bomb": b" " * (256 << 20),
    "a surrogate": b'{"format": 3, "counter": 1, "backups": [{"slot": "\\ud800"}], "shards": {}}',
    "a long number": b'{"format": ' + b"9" * 10_000 + b"}",
    "infinity": b'{"format": 3, "counter": 1e999, "backups": [], "shards": {}}',
    "no object": b"null",
    "wrong types": b'{"format": 3, "counter": [], "backups": {}, "shards": 7}',
    "not UTF-8": b"\xff\xfe",
}


@pytest.mark.parametrize("text", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("key", [{}, KEY], ids=["unsigned", "signed"])
def test_a_damaged_head_is_refused_before_anything_is_written(corner: Corner, text: bytes, key: Body) -> None:
    data = {"state": b64encode(gzip.compress(text)).decode()}
    plant(corner, "state", "state", data)
    for check in (True, False):
        with pytest.raises(StateError, match=r"Secret state is damaged.*kubectl .* delete secrets,leases --selector"):
            corner.restore(corner.backup(2, corner.config_map("app")), check=check, **key)
    assert corner.config_maps() == {}


def test_secrets_that_are_planted_beside_the_inventory_do_no_harm(corner: Corner) -> None:
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app))
    bomb = b64encode(gzip.compress(b" " * (64 << 20))).decode()
    for name in ("state-000000000000", "state-planted", "another"):
        plant(corner, name, "state", {"state": bomb})
    assert corner.restore(corner.backup(3, app)).warnings == ()
    assert "state-000000000000" not in secrets_of(corner)
