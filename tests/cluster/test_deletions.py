# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a prune deletes, on a real API server: planned with everything else, carried out last, told object by object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import CONFLICTS
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._report import summary
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from cases import Case, case
from faults import PASS, Fault, FaultyProxy, answer
from nightly import Corner, deleted, deleting, failed, kept, stale, stops
from restoring import by_place
from scenes import Body, connection, edit, put, remove, watch

VALUE = "dmFsdWUtb2YtYS1zZWNyZXQ="


SIGNED = {"state_key": ["a-key-of-the-tests-and-of-no-other"]}
"""A Namespace gets no labels, so that it goes only by a signed inventory."""


def secret(corner: Corner) -> Body:
    metadata = {"name": "s", "namespace": corner.namespace, "uid": f"{corner.namespace}-s"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"key": VALUE}}


def entries(run: Run) -> dict[str, tuple[str, str]]:
    """What the section on the delta says of each object: action and reason."""
    return {entry["name"]: (entry["action"], entry["reason"]) for entry in build(run)["delta"]["objects"]}


# In which order, and how


def test_what_was_restored_first_goes_last_each_under_its_uid_and_its_children_in_the_background(corner):
    app, web = corner.config_map("app"), corner.config_map("web")
    gone = [secret(corner), corner.config_map("gone"), corner.stateful_set()]
    corner.restore(corner.backup(2, app, web, *gone))
    uids = [corner.live(body)["metadata"]["uid"] for body in reversed(gone)]
    asked: list[Body] = []

    def note(method: str, path: str, body: Any) -> None:
        if method == "DELETE" and f"/namespaces/{corner.namespace}/" in path:
            asked.append(body)

    watched = watch(corner.target.kubeconfig, note)
    run = corner.watch(watched, corner.backup(3, app, web), delta="prune", prune_allow=["sts"])
    assert [key.partition(" ")[0] for key in deleted(run)] == ["StatefulSet.apps", "ConfigMap", "Secret"]
    assert [options["preconditions"]["uid"] for options in asked] == uids
    assert {options["propagationPolicy"] for options in asked} == {"Background"}
    assert run.delta.done == tuple(one for one in run.done if one.result.outcome is Outcome.DELETED)


@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_deletions_are_the_last_requests_and_in_check_mode_dry_runs(corner, check):
    """The query's dryRun is not looked at when a DELETE has a body."""
    gone, lost = corner.config_map("gone"), secret(corner)
    corner.restore(corner.backup(2, corner.config_map("app"), gone, lost))
    asked: list[tuple[str, Any]] = []
    mine = f"/namespaces/{corner.namespace}/"
    watched = watch(
        corner.target.kubeconfig,
        lambda method, path, body: asked.append((method, body)) if mine in path and method != "GET" else None,
    )
    second = corner.backup(3, {**corner.config_map("app"), "data": {"of": "another"}}, corner.config_map("new"))
    run = corner.watch(watched, second, check=check, delta="prune")
    assert [method for method, _body in asked][-2:] == ["DELETE", "DELETE"]
    assert sorted(method for method, _body in asked[:-2]) == ["PATCH", "POST"]
    assert {(body or {}).get("dryRun") == ["All"] for _method, body in asked[-2:]} == {check}
    assert [done.change.key.name for done in run.done][-2:] == ["gone", "s"]
    assert len(deleted(run)) == 2
    assert bool(corner.live(gone) and corner.live(lost)) is check


def test_the_diff_shows_what_goes_and_no_value_of_a_secret(corner):
    gone = corner.config_map("gone")
    corner.restore(corner.backup(2, corner.config_map("app"), gone, secret(corner)))
    for check in (True, False):
        run = corner.restore(corner.backup(3, corner.config_map("app")), check=check, diff=True, delta="prune")
        shown = {entry["before_header"]: entry for entry in run.diff}
        assert shown.keys() >= {f"ConfigMap {corner.namespace}/gone", f"Secret {corner.namespace}/s"}
        assert "of: gone" in shown[f"ConfigMap {corner.namespace}/gone"]["before"]
        assert shown[f"ConfigMap {corner.namespace}/gone"]["after"] == ""
        assert "key: " in shown[f"Secret {corner.namespace}/s"]["before"]
        assert VALUE not in str(run) + str(build(run))


# What comes in between


def test_an_object_that_fails_keeps_all_others(corner):
    frozen = {**corner.config_map("frozen"), "immutable": True}
    corner.restore(corner.backup(2, frozen, corner.config_map("gone")))
    run = corner.restore(corner.backup(3, {**frozen, "data": {"of": "another"}}), delta="prune")
    assert [str(result.key) for result in failed(run)] == [f"ConfigMap {corner.namespace}/frozen"]
    assert stops(run) == ["objects_failed"]
    result = by_place(run)["ConfigMap", corner.namespace, "gone"]
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, StopReason.OBJECTS_FAILED)
    assert entries(run) == {"gone": ("kept", "objects_failed")}
    assert "nothing was pruned: objects failed in this run: 1" in run.warnings
    assert sorted(corner.config_maps()) == ["frozen", "gone"]


def test_an_object_replaced_between_its_read_and_its_deletion_stays(corner):
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    second = corner.backup(3, app)

    def replace(method: str, path: str, _body: Any) -> None:
        if method == "DELETE" and path.endswith("/configmaps/gone"):
            remove(corner.target, gone)
            put(corner.target, gone)

    run = corner.watch(watch(corner.target.kubeconfig, replace), second, delta="prune")
    (result,) = failed(run)
    assert result.reason is Reason.CONFLICT
    there = corner.config_maps()
    assert sorted(there) == ["app", "gone"]
    assert stale(corner.restore(second, delta="prune")) == []
    assert corner.config_maps() == there


def meanwhile(corner: Corner, gone: Body, *patches: Body) -> tuple[Run, list[str]]:
    """A prune in which somebody writes to the object between its read and each of its deletions; the versions sent."""
    corner.restore(corner.backup(2, corner.config_map("app"), gone, corner.config_map("lost")))
    due, sent = list(patches), []

    def precede(method: str, path: str, body: Any) -> None:
        if method == "DELETE" and path.endswith("/configmaps/gone"):
            sent.append(body["preconditions"]["resourceVersion"])
            if due:
                edit(corner.target, gone, due.pop(0))

    watched = watch(corner.target.kubeconfig, precede)
    run = corner.watch(watched, corner.backup(3, corner.config_map("app")), delta="prune", prune_max_percent=1000)
    assert f"ConfigMap {corner.namespace}/lost" in deleted(run)
    return run, sent


def adopted(corner: Corner) -> Body:
    status, space = corner.target.api("GET", "/api/v1/namespaces/default")
    assert status == 200
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": space["metadata"]["uid"]}
    return {"metadata": {"ownerReferences": [{**owner, "controller": True}]}}


def test_an_object_that_somebody_touches_meanwhile_is_read_again_and_goes(corner):
    gone = corner.config_map("gone")
    touched = [{"metadata": {"annotations": {"seen": str(number)}}} for number in range(2)]
    run, sent = meanwhile(corner, gone, *touched)
    assert failed(run) == []
    assert corner.live(gone) is None
    assert len(set(sent)) == 3, "each time under the version that was read last"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (adopted, "has_controller"),
        (lambda _corner: {"metadata": {"labels": {"kubernetes.io/bootstrapping": "x"}}}, "protected"),
    ],
)
def test_an_object_that_something_keeps_since_it_was_planned_is_kept(corner, change, reason):
    gone = corner.config_map("gone")
    run, sent = meanwhile(corner, gone, change(corner))
    assert (failed(run), len(sent)) == ([], 1)
    assert entries(run) == {"gone": ("kept", reason), "lost": ("deleted", "")}
    assert corner.recorded()[f"ConfigMap {corner.namespace}/gone"] == corner.config_maps()["gone"]


def test_an_object_that_never_rests_is_not_deleted_unseen(corner):
    gone = corner.config_map("gone")
    run, sent = meanwhile(corner, gone, *({"metadata": {"annotations": {"a": str(number)}}} for number in range(9)))
    (result,) = failed(run)
    assert (result.reason, len(sent)) == (Reason.CONFLICT, CONFLICTS + 1)
    assert corner.live(gone)


def test_an_object_that_is_adopted_meanwhile_keeps_its_namespace(corner):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{corner.namespace}-x", "uid": "ns"}}
    held = {**corner.config_map("held"), "metadata": {"name": "held", "namespace": f"{corner.namespace}-x"}}
    corner.restore(corner.backup(2, corner.config_map("app"), space, held), **SIGNED)

    def adopt(method: str, path: str, _body: Any) -> None:
        if method == "DELETE" and path.endswith("/configmaps/held"):
            edit(corner.target, held, adopted(corner))

    options = {"delta": "prune", "prune_allow": ["ns"], "prune_max_percent": 1000, "allow_shrunk": True, **SIGNED}
    second = corner.backup(3, corner.config_map("app"))
    run = corner.watch(watch(corner.target.kubeconfig, adopt), second, **options)
    assert entries(run) == {f"{corner.namespace}-x": ("kept", "holds"), "held": ("kept", "has_controller")}
    assert corner.live(space)["status"]["phase"] == "Active"


def test_an_object_that_somebody_else_deletes_meanwhile_is_no_failure(corner):
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))

    def precede(method: str, path: str, _body: Any) -> None:
        if method == "DELETE" and path.endswith("/configmaps/gone"):
            remove(corner.target, gone)

    run = corner.watch(watch(corner.target.kubeconfig, precede), corner.backup(3, app), delta="prune")
    result = by_place(run)["ConfigMap", corner.namespace, "gone"]
    assert (result.outcome, result.reason) == (Outcome.UNCHANGED, Reason.DELETED_BEFORE)
    assert f"ConfigMap {corner.namespace}/gone" not in corner.recorded()


def test_a_deletion_that_is_refused_is_a_failure_of_that_object_alone(corner):
    app, gone, lost = (corner.config_map(name) for name in ("app", "gone", "lost"))
    corner.restore(corner.backup(2, app, gone, lost))

    def refuse(method: str, path: str, _times: int) -> Fault:
        return answer(403) if method == "DELETE" and path.partition("?")[0].endswith("/configmaps/gone") else PASS

    with FaultyProxy(corner.target, refuse) as proxy:
        run = corner.watch(connection(proxy.options), corner.backup(3, app), delta="prune")
    (result,) = failed(run)
    assert (result.key.name, result.reason) == ("gone", Reason.DELETE_REFUSED)
    assert entries(run) == {"gone": ("kept", "delete_refused"), "lost": ("deleted", "")}
    assert sorted(corner.config_maps()) == ["app", "gone"]
    assert corner.recorded()[f"ConfigMap {corner.namespace}/gone"] == corner.config_maps()["gone"]


def test_what_a_finalizer_holds_stays_in_the_inventory_until_it_is_gone(corner):
    app = corner.config_map("app")
    held = corner.config_map("held", finalizers=["example.org/hold"])
    key = f"ConfigMap {corner.namespace}/held"
    corner.restore(corner.backup(2, app, held))
    second = corner.backup(3, app)
    tried = corner.restore(second, check=True, delta="prune")
    first = corner.restore(second, delta="prune")
    for run in (tried, first):
        assert deleting(run) == {key: f"{key} is being deleted, and not gone yet: it is held by: example.org/hold"}
        assert (summary.counts(run.done)["deleting"], summary.counts(run.done)["deleted"]) == (1, 0)
        assert summary.changed(run.done)
        assert entries(run) == {"held": ("deleting", "deletion_blocked")}
    assert corner.recorded()[key] == corner.config_maps()["held"]
    again = corner.restore(second, delta="prune")
    assert kept(again) == {key: "terminating"}
    assert (deleted(again), stops(again), summary.changed(again.done)) == ([], [], False)
    assert "it is held by: example.org/hold" in build(again)["delta"]["objects"][0]["message"]
    edit(corner.target, held, {"metadata": {"finalizers": None}})
    assert corner.live(held) is None
    assert stale(corner.restore(second, delta="prune")) == []
    assert key not in corner.recorded()


@pytest.fixture
def finalizer(corner: Corner) -> Case:
    """A case out of public bug reports: a custom resource with a finalizer, in two backups of a schedule."""
    return case("finalizer-after-prune", corner.target, corner.folder)


def test_what_a_finalizer_holds_is_told_as_being_deleted_until_it_is_gone(corner, finalizer):
    kinds, space = [body for _resource, body in finalizer.objects], finalizer.space("apps")
    api = f"{finalizer.group('helm.example.org')}/v1"
    metadata = {"namespace": space, "finalizers": ["helm.example.org/uninstall"]}
    held = {"apiVersion": api, "kind": "Release", "metadata": {**metadata, "name": "held", "uid": "held"}, "spec": {}}
    goes = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": space, "name": "goes", "uid": "goes"}}
    first, second = corner.backup(2, *kinds, held, goes), corner.backup(3, *kinds)
    assert failed(corner.restore(first, **finalizer.options)) == []
    run = corner.restore(second, **finalizer.options)
    key = f"Release.{finalizer.group('helm.example.org')} {space}/held"
    assert deleted(run) == [f"ConfigMap {space}/goes"]
    assert deleting(run)[key].endswith("it is held by: helm.example.org/uninstall")
    said = {entry["name"]: (entry["action"], entry["message"]) for entry in build(run)["delta"]["objects"]}
    assert said["held"] == ("deleting", deleting(run)[key])
    again = corner.restore(second, **finalizer.options)
    assert (kept(again), stops(again), summary.changed(again.done)) == ({key: "terminating"}, [], False)
    back = corner.restore(first, allow_older=True, **finalizer.options)
    assert [(result.key.name, result.reason) for result in failed(back)] == [("held", Reason.TERMINATING)]
    assert by_place(back)["ConfigMap", space, "goes"].outcome is Outcome.CREATED


def test_a_namespace_that_a_prune_deletes_is_being_deleted_and_not_gone(corner):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{corner.namespace}-x", "uid": "ns"}}
    inside = {**corner.config_map("inside"), "metadata": {"name": "inside", "namespace": f"{corner.namespace}-x"}}
    app, key = corner.config_map("app"), f"Namespace {corner.namespace}-x"
    corner.restore(corner.backup(2, app, corner.config_map("web"), space), **SIGNED)
    options = {"delta": "prune", "prune_allow": ["ns"], "prune_max_percent": 1000, **SIGNED}
    second = corner.backup(3, app, corner.config_map("web"))
    for check in (True, False):
        run = corner.restore(second, check=check, **options)
        assert deleting(run) == {key: f"{key} is being deleted, and not gone yet: it is held by: kubernetes"}
    assert key in corner.recorded()
    back = corner.restore(corner.backup(4, app, inside), terminating_timeout=0, **SIGNED)
    assert [result.reason for result in failed(back)] == [Reason.NAMESPACE_TERMINATING]


def test_what_is_gone_is_deleted_though_the_api_server_answers_with_the_object(corner):
    """As it does for Services, ServiceAccounts and others."""
    metadata = {"name": "web", "namespace": corner.namespace}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}]}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, service, account))
    second = corner.backup(3, app)
    for check in (True, False):
        run = corner.restore(second, check=check, delta="prune", prune_max_percent=1000)
        assert (len(deleted(run)), deleting(run)) == (2, {})
    assert not {key for key in corner.recorded() if "/web" in key}


# Objects that say who may do what


def binding_of(corner: Corner) -> Body:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": corner.namespace, "uid": f"{corner.namespace}-binding"},
        "roleRef": role,
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}],
    }


def webhook_of(corner: Corner) -> Body:
    """A guard that is asked for nothing of these tests, so that nobody need answer."""
    rules = [{"apiGroups": ["x.example"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}]
    hook = {
        "name": "guard.example.org",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://guard.example.org/"},
        "rules": rules,
        "sideEffects": "None",
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": corner.namespace, "uid": f"{corner.namespace}-webhook"},
        "webhooks": [hook],
    }


GUARDS = {"a ClusterRoleBinding": binding_of, "a webhook": webhook_of}


@dataclass(frozen=True)
class LeftOut:
    """A backup without a guard that the target has from the one before, and without a ConfigMap."""

    corner: Corner
    guard: Body
    second: Path

    @classmethod
    def of(cls, corner: Corner, guard: Body) -> LeftOut:
        app, web, gone = (corner.config_map(name) for name in ("app", "web", "gone"))
        assert failed(corner.restore(corner.backup(2, app, web, gone, guard))) == []
        return cls(corner, guard, corner.backup(3, app, web))

    @property
    def key(self) -> str:
        return f"{self.guard['kind']}.{self.guard['apiVersion'].partition('/')[0]} {self.corner.namespace}"

    def prune(self, **options: Any) -> Run:
        return self.corner.restore(self.second, delta="prune", **options)

    def result(self, run: Run) -> tuple[Outcome, Any]:
        found = by_place(run)[self.guard["kind"], "", self.corner.namespace]
        return found.outcome, found.reason

    def goes_with_leave(self) -> bool:
        run = self.prune()
        return stops(run) == [] and self.key in deleted(run) and self.corner.live(self.guard) is None


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
@pytest.mark.parametrize("check", [True, False], ids=["check mode", "for real"])
def test_a_guard_that_a_backup_leaves_out_is_skipped_and_all_else_goes(corner, guard, check):
    """What is gone from production may have been taken out by whoever writes to the backups."""
    left = LeftOut.of(corner, guard(corner))
    run = left.prune(check=check, privileged_objects="skip")
    assert left.result(run) == (Outcome.SKIPPED, Reason.PRIVILEGED)
    assert entries(run) == {corner.namespace: ("kept", "privileged"), "gone": ("deleted", "")}
    assert stops(run) == []
    assert [entry["name"] for entry in run.privileged] == [corner.namespace]
    assert corner.live(left.guard)
    assert ("gone" in corner.config_maps()) is check
    assert left.goes_with_leave()


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
@pytest.mark.parametrize("check", [True, False], ids=["check mode", "for real"])
def test_a_guard_whose_deletion_fails_stops_the_prune_and_the_plan_says_so(corner, guard, check):
    left = LeftOut.of(corner, guard(corner))
    run = left.prune(check=check, privileged_objects="fail")
    assert left.result(run) == (Outcome.FAILED, Reason.PRIVILEGED)
    assert entries(run) == {corner.namespace: ("kept", "privileged"), "gone": ("kept", "")}
    assert [stop.reason for stop in run.delta.plan.prune.stops] == [StopReason.OBJECTS_FAILED]
    assert [entry["reason"] for entry in build(run)["delta"]["stopped_by"]] == ["objects_failed"]
    assert ("ConfigMap", corner.namespace, "gone") not in by_place(run), "its deletion is not planned"
    assert [entry["name"] for entry in run.privileged] == [corner.namespace]
    assert corner.live(left.guard)
    assert "gone" in corner.config_maps()
    assert left.goes_with_leave()


def test_a_report_says_what_would_stop_the_prune(corner):
    left = LeftOut.of(corner, binding_of(corner))
    run = corner.restore(left.second, delta="report", privileged_objects="fail")
    assert (failed(run), stops(run)) == ([], ["objects_failed"])
