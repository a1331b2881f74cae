# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a prune from deleting anything at all, and what keeps one object, on a real API server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Reason
from controlplane import ControlPlane, wait_for
from faults import DROP, PASS, FaultyProxy, answer
from nightly import Corner, deleted, deleting, failed, kept, stale, stops
from restoring import views
from scenes import Body, connection, edit, put, remove

Told = dict[str, Any]
SIGNED: Told = {"state_key": ["a-key-of-the-tests-and-of-no-other"]}


# Stops


@dataclass(frozen=True)
class Case:
    """Two backups and their restores; the second backup lacks an object of the first."""

    stops: list[str]
    before: Told = field(default_factory=dict)
    """What is special of the first backup."""
    now: Told = field(default_factory=dict)
    """Of the second."""
    asked: Told = field(default_factory=dict)
    """Options of its restore."""
    stale: bool = True
    """Whether the objects are known to be stale."""


PARTIAL: Told = {"phase": "PartiallyFailed", "errors": 1}
CASES = {
    "no metadata beside the second": Case(
        ["no_previous", "no_metadata", "no_schedule"], now={"metadata": False}, stale=False
    ),
    "no metadata beside the first": Case(["no_previous"], before={"metadata": False}, stale=False),
    "the first is partially failed": Case(["not_completed", "errors"], before=PARTIAL),
    "the second is partially failed": Case(["not_completed", "errors"], now=PARTIAL),
    "completed, and errors all the same": Case(["errors"], now={"errors": 1}),
    "no schedule": Case(["no_previous", "no_schedule"], before={"schedule": ""}, now={"schedule": ""}, stale=False),
    "another schedule": Case(["no_previous"], now={"schedule": "weekly"}, stale=False),
    "another source": Case(["other_source"], now={"source": "production-2"}, asked={"allow_other_source": True}),
    "an unknown source": Case(["unknown_source"], before={"source": ""}, now={"source": ""}),
    "other filters": Case(["other_filters"], now={"spec": {"includedNamespaces": ["shop"]}}),
    "another selection": Case(["other_selection"], asked={"excluded_namespaces": ["elsewhere"]}),
    "another mapping": Case(["other_selection"], asked={"namespace_mapping": {"elsewhere": "here"}}),
    "an earlier one": Case(["later"], now={"started": "2026-11-24T01:00:00Z"}, asked={"allow_older": True}),
    "over the count": Case(["over_count"], asked={"prune_max_count": 1}),
    "over the share": Case(["over_percent"], asked={"prune_max_percent": 49}),
    "nothing may be deleted": Case(
        ["over_count", "over_percent"], asked={"prune_max_count": 0, "prune_max_percent": 0}
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_a_prune_that_is_stopped_deletes_nothing_and_says_why(corner, case, check):
    app, web = corner.config_map("app"), corner.config_map("web")
    gone = [corner.config_map("gone"), corner.config_map("lost")]
    corner.restore(corner.backup(2, app, web, *gone, **case.before))
    before = corner.config_maps()
    run = corner.restore(corner.backup(3, app, web, **case.now), check=check, delta="prune", **case.asked)
    assert stops(run) == case.stops
    assert deleted(run) == []
    assert corner.config_maps() == before
    assert len(stale(run)) == (2 if case.stale else 0)
    if case.stale:
        said = [text for text in run.warnings if text.startswith("nothing was pruned: ")]
        assert len(said) == len(case.stops)


def test_backups_of_different_schedules_do_not_compare_even_when_both_are_given(corner):
    app = corner.config_map("app")
    first = corner.backup(2, app, corner.config_map("gone"))
    corner.restore(first)
    second = corner.backup(3, app, schedule="weekly")
    run = corner.restore(second, delta="prune", previous_backup_file=str(first))
    assert stops(run) == ["other_schedule"]
    assert kept(run) == {f"ConfigMap {corner.namespace}/gone": "not_comparable"}
    assert sorted(corner.config_maps()) == ["app", "gone"]


def test_a_tarball_in_a_folder_of_its_own_prunes_nothing(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone")))
    second = corner.backup(3, app)
    alone = corner.folder / "alone" / second.name
    alone.parent.mkdir()
    alone.write_bytes(second.read_bytes())
    assert "no_metadata" in stops(corner.restore(alone, delta="prune"))
    assert sorted(corner.config_maps()) == ["app", "gone"]
    named = corner.restore(alone, delta="prune", backup_metadata_file=str(second.parent / "velero-backup.json"))
    assert deleted(named) == [f"ConfigMap {corner.namespace}/gone"]


def test_check_mode_does_not_show_a_deletion_that_may_not_come_about(corner):
    """A dry run cannot prove an object of a namespace that is still to be made."""
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone")))
    new = {**app, "metadata": {**app["metadata"], "namespace": f"{corner.namespace}-2", "uid": "new"}}
    second = corner.backup(3, app, new)
    assert stops(corner.restore(second, check=True, delta="prune")) == ["objects_unverified"]
    assert deleted(corner.restore(second, delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]


def test_a_first_restore_has_nothing_to_compare_with(corner):
    run = corner.restore(corner.backup(2, corner.config_map("app")), delta="prune")
    assert stops(run) == ["no_previous"]
    assert stale(run) == []


def test_a_prune_right_after_a_report_names_the_backup_that_each_object_was_restored_from(corner):
    """By then the backup that was restored last is the very one."""
    app, web, old = (corner.config_map(name) for name in ("app", "web", "old"))
    corner.restore(corner.backup(1, app, web, old))
    corner.restore(corner.backup(2, app, web))
    third = corner.backup(3, {**app, "data": {"of": "production"}})
    reported = build(corner.restore(third, delta="report", previous_backup_file=str(corner.folder / EARLIER)))
    pruned = build(corner.restore(third, delta="prune", prune_max_percent=1000))
    gone = [("delete", "old", "nightly-01", ""), ("delete", "web", "nightly-02", "")]
    assert (reported["since_last_backup"]["backup"], rows_of(reported)) == (
        "nightly-02",
        [*gone, ("update", "app", "", "production")],
    )
    assert (pruned["since_last_backup"]["backup"], rows_of(pruned)) == ("nightly-03", gone)
    assert [entry["restored_by"] for entry in pruned["delta"]["objects"]] == ["nightly-01", "nightly-02"]
    assert {entry["action"] for entry in pruned["delta"]["objects"]} == {"deleted"}


EARLIER = "nightly-02/nightly-02.tar.gz"


def rows_of(result):
    """The table of what changed since the last backup."""
    rows = result["since_last_backup"]["objects"]
    return [(row["action"], row["name"], row["restored_by"], row["changed_by"]) for row in rows]


def test_a_stop_keeps_nothing_for_ever(corner):
    """What one night could not delete, the next one does."""
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone")))
    assert stops(corner.restore(corner.backup(3, app, **PARTIAL), delta="prune")) == ["not_completed", "errors"]
    later = corner.restore(corner.backup(4, app), delta="prune")
    assert stops(later) == ["not_completed", "errors"], "the one before was not whole"
    assert deleted(corner.restore(corner.backup(5, app), delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]
    assert list(corner.recorded()) == [f"Namespace {corner.namespace}", f"ConfigMap {corner.namespace}/app"]


SERVED_BY_NOBODY = """
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: default}
spec: {ports: [{port: 443}], selector: {app: nobody}}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.nobody.example}
spec:
  group: nobody.example
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: nobody, namespace: default}
"""


def test_an_api_group_that_answers_503_keeps_everything(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone")))
    second = corner.backup(3, app)
    corner.target.apply(SERVED_BY_NOBODY)
    path = "/apis/apiregistration.k8s.io/v1/apiservices/v1.nobody.example"
    try:
        wait_for("the group to be missed", lambda: incomplete(corner.target) == {"nobody.example"})
        assert corner.target.api("GET", "/apis/nobody.example/v1")[0] == 503
        run = corner.restore(second, delta="prune")
        assert stops(run) == ["incomplete"]
        assert any("nobody.example" in text for text in run.warnings)
        assert sorted(corner.config_maps()) == ["app", "gone"]
    finally:
        assert corner.target.api("DELETE", path)[0] == 200
    wait_for("the group to be gone", lambda: not incomplete(corner.target))
    assert deleted(corner.restore(second, delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]


def incomplete(target: ControlPlane) -> frozenset[str]:
    return discover(Client(connection({"kubeconfig": str(target.kubeconfig)}))).incomplete


def test_an_object_that_cannot_be_read_keeps_all_others(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone"), corner.config_map("hidden")))
    path = f"/api/v1/namespaces/{corner.namespace}/configmaps/hidden"
    with FaultyProxy(corner.target, lambda _method, asked, _times: answer(403) if asked == path else PASS) as proxy:
        run = corner.watch(connection(proxy.options), corner.backup(3, app), delta="prune")
    assert stops(run) == ["incomplete"]
    assert kept(run)[f"ConfigMap {corner.namespace}/hidden"] == "unread"
    assert sorted(corner.config_maps()) == ["app", "gone", "hidden"]


def test_a_target_that_goes_away_before_the_delta_is_read_keeps_everything_and_the_run_is_told(corner):
    """What was written by then must not be lost with it."""
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    path = f"/api/v1/namespaces/{corner.namespace}/configmaps/gone"
    with FaultyProxy(corner.target, lambda _method, asked, _times: DROP if asked == path else PASS) as proxy:
        hurried = connection(proxy.options)
        hurried._sleep = lambda seconds: time.sleep(min(seconds, 0.05))
        run = corner.watch(hurried, corner.backup(3, app, corner.config_map("new")), delta="prune")
    assert stops(run) == ["incomplete"]
    assert sorted(corner.config_maps()) == ["app", "gone", "new"]
    assert corner.recorded()[f"ConfigMap {corner.namespace}/new"] == corner.config_maps()["new"]


# Reasons to keep one object


def gone_after(corner: Corner, change: Callable[[Body], None], **options: Any) -> dict[str, str]:
    """What keeps ConfigMap `gone`, to which something happens after its restore; another goes all the same."""
    app, gone, lost = (corner.config_map(name) for name in ("app", "gone", "lost"))
    corner.restore(corner.backup(2, app, gone, lost))
    change(gone)
    run = corner.restore(corner.backup(3, app), delta="prune", **options)
    assert stops(run) == []
    assert deleted(run) == [f"ConfigMap {corner.namespace}/lost"]
    assert sorted(corner.config_maps()) == ["app", "gone"]
    return kept(run)


def owned(corner: Corner, controller: bool) -> Body:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "app", "uid": corner.config_maps()["app"]}
    return {"metadata": {"ownerReferences": [{**owner, "controller": controller}]}}


def terminating(corner: Corner, gone: Body) -> None:
    edit(corner.target, gone, {"metadata": {"finalizers": ["example.org/hold"]}})
    remove(corner.target, gone)


KEPT = {
    "has_controller": lambda corner, gone: edit(corner.target, gone, owned(corner, controller=True)),
    "protected": lambda corner, gone: edit(
        corner.target, gone, {"metadata": {"labels": {"kubernetes.io/bootstrapping": "x"}}}
    ),
    "terminating": terminating,
}


@pytest.mark.parametrize("reason", KEPT)
def test_one_object_is_kept_and_the_inventory_keeps_it(corner, reason):
    found = gone_after(corner, lambda gone: KEPT[reason](corner, gone))
    key = f"ConfigMap {corner.namespace}/gone"
    assert found == {key: reason, f"ConfigMap {corner.namespace}/lost": ""}
    assert corner.recorded()[key] == corner.config_maps()["gone"]


def test_an_object_in_another_s_place_is_nobody_s_business(corner):
    """Deleted and made again by hand: the same name, another UID."""

    def replace(gone: Body) -> None:
        edit(corner.target, gone, {"metadata": {"annotations": {"x": "y"}}})
        labels = corner.live(gone)["metadata"]["labels"]
        remove(corner.target, gone)
        put(corner.target, {**gone, "metadata": {**gone["metadata"], "labels": labels}})

    assert gone_after(corner, replace) == {f"ConfigMap {corner.namespace}/lost": ""}
    assert f"ConfigMap {corner.namespace}/gone" not in corner.recorded()


def test_what_was_made_by_hand_stays_whatever_labels_it_bears(corner):
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    labels = corner.live(gone)["metadata"]["labels"]
    put(corner.target, corner.config_map("copied", labels=labels), corner.config_map("mine"))
    assert deleted(corner.restore(corner.backup(3, app), delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]
    assert sorted(corner.config_maps()) == ["app", "copied", "mine"]


def test_an_object_that_somebody_else_deleted_is_forgotten(corner):
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    remove(corner.target, gone)
    assert stale(corner.restore(corner.backup(3, app), delta="report")) == []
    assert f"ConfigMap {corner.namespace}/gone" not in corner.recorded()


def test_what_was_recreated_by_a_restore_is_its_own(corner):
    """Deleted on the target, restored by the next backup, gone from the one after that."""
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    remove(corner.target, gone)
    corner.restore(corner.backup(3, app, gone))
    assert deleted(corner.restore(corner.backup(4, app), delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]


def test_the_same_name_in_another_group_and_the_same_uid_are_not_gone(corner):
    """Production's Thing moved to another group, and a ConfigMap is found under another name with its UID."""
    name = f"{corner.namespace}.example"
    old, new = thing(corner, f"old.{name}"), thing(corner, f"new.{name}")
    corner.target.apply(definition(f"old.{name}") + "---" + definition(f"new.{name}"))
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, old))
    renamed = corner.config_map("renamed", uid=app["metadata"]["uid"])
    run = corner.restore(corner.backup(3, renamed, new), delta="prune")
    assert failed(run) == []
    assert stale(run) == []
    assert corner.live(old)
    assert sorted(corner.config_maps()) == ["app", "renamed"]


def definition(group: str) -> str:
    return f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{plural: things, singular: thing, kind: Thing}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"""


def thing(corner: Corner, group: str) -> Body:
    metadata = {"name": "one", "namespace": corner.namespace, "uid": f"one-{group}"}
    return {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": metadata}


def test_what_another_selection_restored_last_is_kept_and_stops_nothing(corner):
    """That restore had other terms: with them the object may be left out on purpose."""
    app, gone, lost = (corner.config_map(name) for name in ("app", "gone", "lost"))
    other = {**app, "metadata": {**app["metadata"], "namespace": f"{corner.namespace}-2", "uid": "other"}}
    corner.restore(corner.backup(2, app, other, gone, lost))
    corner.restore(corner.backup(3, app, other, gone), included_namespaces=[corner.namespace])
    run = corner.restore(corner.backup(4, app, other), delta="prune")
    assert stops(run) == []
    place = f"ConfigMap {corner.namespace}"
    assert kept(run) == {f"{place}/gone": "not_comparable", f"{place}/lost": ""}
    assert deleted(run) == [f"{place}/lost"]
    assert sorted(corner.config_maps()) == ["app", "gone"]


# What goes only when it is named


def namespace_named(corner: Corner) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{corner.namespace}-x", "uid": "ns"}}


def claim(corner: Corner) -> Body:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}
    metadata = {"name": "data", "namespace": corner.namespace, "uid": "claim"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def volume(corner: Corner) -> Body:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/nowhere"},
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
    }
    metadata = {"name": f"{corner.namespace}-x", "uid": "volume"}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}


def custom_definition(corner: Corner) -> Body:
    group = f"{corner.namespace}.example"
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}", "uid": "definition"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


NAMED = {
    "ns": namespace_named,
    "pvc": claim,
    "pv": volume,
    "customresourcedefinitions.apiextensions.k8s.io": custom_definition,
    "sts": Corner.stateful_set,
}
"""As people call them in prune_allow."""


@pytest.mark.parametrize("called", NAMED)
def test_what_may_take_data_along_goes_only_when_it_is_named(corner, called):
    app, body = corner.config_map("app"), NAMED[called](corner)
    assert failed(corner.restore(corner.backup(2, app, body), **SIGNED)) == []
    second = corner.backup(3, app)
    unnamed = corner.restore(second, delta="prune", prune_allow=[f"{called}/other"], **SIGNED)
    assert list(kept(unnamed).values()) == ["not_named"]
    assert "deletionTimestamp" not in corner.live(body)["metadata"]
    named = corner.restore(second, delta="prune", prune_allow=[f"{called}/{body['metadata']['name']}"], **SIGNED)
    assert list(kept(named).values()) == [""]
    assert [*deleted(named), *deleting(named)] == stale(unnamed)
    wait_for(
        "it to go",
        lambda: "deletionTimestamp" in (corner.live(body) or {"metadata": ["deletionTimestamp"]})["metadata"],
    )


def test_a_namespace_goes_only_by_a_signed_inventory(corner):
    """A restore writes no labels on it, so that nothing else tells whose it is."""
    app, space = corner.config_map("app"), namespace_named(corner)
    corner.restore(corner.backup(2, app, space))
    second = corner.backup(3, app)
    run = corner.restore(second, delta="prune", prune_allow=["namespaces"])
    assert list(kept(run).values()) == ["unsigned"]
    assert not is_going(corner.live(space))
    options = {"delta": "prune", "prune_allow": ["namespaces"], "prune_max_percent": 1000, **SIGNED}
    adopted = corner.restore(second, state_adopt=True, check=True, **options)
    assert list(kept(adopted).values()) == [""]
    corner.restore(second, state_adopt=True, **options)
    wait_for("it to go", lambda: is_going(corner.live(space)))


def is_going(body: Body | None) -> bool:
    return body is None or "deletionTimestamp" in body["metadata"]


def test_a_namespace_stays_with_what_is_kept_in_it(corner):
    app, space = corner.config_map("app"), namespace_named(corner)
    held = {**app, "metadata": {"name": "held", "namespace": space["metadata"]["name"], "uid": "held"}}
    corner.restore(corner.backup(2, app, space, held), **SIGNED)
    edit(corner.target, held, owned(corner, controller=True))
    run = corner.restore(corner.backup(3, app), delta="prune", prune_allow=["namespaces"], **SIGNED)
    assert sorted(kept(run).values()) == ["has_controller", "holds"]
    assert deleted(run) == []
    assert corner.live(space)["status"]["phase"] == "Active"


def test_what_production_has_in_the_state_s_namespace_is_neither_restored_nor_stale(corner):
    app = corner.config_map("app")
    inside = {**app, "metadata": {"name": "inside", "namespace": corner.state_namespace, "uid": "inside"}}
    run = corner.restore(corner.backup(2, app, inside))
    assert [result.key.name for result in views(run) if result.reason is Reason.PROTECTED] == ["kube-system", "inside"]
    assert stale(corner.restore(corner.backup(3, app), delta="prune", prune_allow=["*"])) == []
    assert corner.live(inside) is None
    assert corner.live({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": corner.state_namespace}})
