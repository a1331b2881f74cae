# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that somebody approves, and the run that carries out just that one, on a real API server."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ApprovalError,
    PreflightError,
    SettingsError,
    StateError,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.plan_key import NAME, secret_of
from ansible_collections.standby.velero.plugins.module_utils._report.plan import approvable
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane, wait_for
from nightly import Corner
from restoring import BACKUP_02, BACKUP_03, by_place, run_restore
from scenes import Body, Watched, connection, drift, edit, put, remove, settled

KEYS = ["the first key of the standby's state", "another key of the standby's state"]


@pytest.fixture
def corner(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(controlplane, tmp_path, request.node.name)


def plan_of(run: Run) -> Body:
    assert run.plan is not None
    return approvable(run.plan)


def namespace(corner: Corner) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": corner.namespace, "uid": corner.namespace}}


def secret(corner: Corner, value: str) -> Body:
    data = {"password": base64.b64encode(value.encode()).decode()}
    metadata = {"name": "login", "namespace": corner.namespace, "uid": f"{corner.namespace}-login"}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data}


def of(corner: Corner, version: str, *names: str) -> list[Body]:
    """ConfigMaps of this version; that called `fixed` may not be patched."""
    bodies = [{**corner.config_map(name), "data": {"version": version}} for name in names]
    return [{**body, "immutable": True} if body["metadata"]["name"] == "fixed" else body for body in bodies]


def first(corner: Corner, **told: Any) -> Path:
    objects = of(corner, "1", "changed", "fixed", "gone", "same")
    return corner.backup(2, namespace(corner), secret(corner, "1"), *objects, **told)


def second(corner: Corner, version: str = "2", **told: Any) -> Path:
    changed, same = of(corner, version, "changed", "fixed", "new"), of(corner, "1", "same")
    return corner.backup(3, namespace(corner), secret(corner, version), *changed, *same, **told)


EVERYTHING: dict[str, Any] = {"existing_resource_policy": "recreate", "delta": "prune", "label_unchanged": False}
DONE = {
    "changed": Outcome.UPDATED,
    "fixed": Outcome.RECREATED,
    "gone": Outcome.DELETED,
    "login": Outcome.UPDATED,
    "new": Outcome.CREATED,
    "same": Outcome.UNCHANGED,
}


def outcomes(run: Run) -> dict[str, Outcome]:
    return {name: view.outcome for (kind, _space, name), view in by_place(run).items() if kind != "Namespace"}


# The same plan, the same hash


@pytest.mark.parametrize("keys", [[], KEYS], ids=["without state_key", "with state_key"])
def test_check_mode_and_the_run_after_it_have_one_hash_on_the_first_night_and_on_the_next(corner, keys):
    options = {**EVERYTHING, "state_key": keys}
    backup = first(corner)
    planned = plan_of(corner.restore(backup, check=True, **options))
    assert plan_of(corner.restore(backup, approved_plan=planned, **options)) == planned
    backup = second(corner)
    planned = plan_of(corner.restore(backup, check=True, **options))
    assert planned["parts"].keys() == {
        "key",
        "backup",
        "target",
        f"{corner.namespace}/ConfigMap",
        f"{corner.namespace}/Secret",
    }
    done = corner.restore(backup, approved_plan=planned, **options)
    assert plan_of(done) == planned
    assert outcomes(done) == DONE


@pytest.mark.parametrize("policy", ["none", "update", "recreate"])
@pytest.mark.parametrize("drifted", [False, True], ids=["an empty cluster", "a standby"])
def test_the_recorded_backups_have_one_hash_in_check_mode_and_in_the_run(policy, drifted):
    with ControlPlane() as standby:
        if drifted:
            drift(standby)
        settled(standby)
        for backup in (BACKUP_02, BACKUP_03):
            options = {"existing_resource_policy": policy, "delta": "prune"}
            planned = plan_of(run_restore(standby.kubeconfig, backup, check=True, **options))
            again = plan_of(run_restore(standby.kubeconfig, backup, check=True, restore_name="other", **options))
            done = plan_of(run_restore(standby.kubeconfig, backup, approved_plan=planned, **options))
            assert planned == again == done


def test_another_name_of_the_restore_is_the_same_plan(corner):
    planned = plan_of(corner.restore(first(corner), check=True, restore_name="at-2"))
    done = corner.restore(first(corner), approved_plan=planned, restore_name="at-3")
    assert set(outcomes(done).values()) == {Outcome.CREATED}


# Another plan is refused, before anything is written


class Standby:
    """A standby on which a plan was approved, and that then changes."""

    def __init__(self, corner: Corner, **options: Any) -> None:
        self.corner = corner
        self.options = {**EVERYTHING, **options}
        corner.restore(first(corner), **self.options)
        self.report = corner.folder / "plan.json"
        planned = corner.restore(second(corner), check=True, report_path=str(self.report), **self.options)
        self.planned = plan_of(planned)

    def refused(self, backup: Path | None = None, **options: Any) -> str:
        """What a run says that is held to the plan; it has stored nothing but its lock."""
        watched = Watched(connection({"kubeconfig": str(self.corner.target.kubeconfig)}))
        given = {"approved_plan": self.planned, "approved_plan_report": str(self.report), **self.options, **options}
        with pytest.raises(ApprovalError) as caught:
            self.corner.watch(watched, backup or second(self.corner), **given)
        assert {path.rpartition("/")[0].rpartition("/")[2] for _method, path in watched.all_writes} == {"leases"}
        return str(caught.value)


def patch_of(name: str, patch: Body) -> Callable[[Corner], object]:
    return lambda corner: edit(corner.target, corner.config_map(name), patch)


def replaced(name: str) -> Callable[[Corner], object]:
    """The same object as before, and yet another one."""

    def change(corner: Corner) -> None:
        (body,) = of(corner, "1", name)
        remove(corner.target, body)
        put(corner.target, body)

    return change


CHANGES: dict[str, tuple[Callable[[Corner], object], list[str]]] = {
    "a value that would be written over": (
        patch_of("changed", {"data": {"version": "theirs"}}),
        ["ConfigMap {}/changed (another update)"],
    ),
    "a field that would be removed": (patch_of("changed", {"data": {"more": "1"}}), ["{}/changed (another update)"]),
    "an object that is gone": (
        lambda corner: remove(corner.target, corner.config_map("changed")),
        ["{}/changed (create, not update)"],
    ),
    "an object that came": (
        lambda corner: put(corner.target, *of(corner, "9", "new")),
        ["{}/new (update, not create)"],
    ),
    "an object that is as the backup says by now": (
        patch_of("changed", {"data": {"version": "2"}}),
        ["{}/changed (update is not due any more)"],
    ),
    "an object that is new in the drift": (
        patch_of("same", {"data": {"version": "theirs"}}),
        ["{}/same (update is new)"],
    ),
    "another object in place of one that would be recreated": (replaced("fixed"), ["{}/fixed (another update)"]),
    "another object in place of one that would be deleted": (
        replaced("gone"),
        ["{}/gone (delete is not due any more)"],
    ),
    "a value of a Secret": (
        lambda corner: edit(corner.target, secret(corner, ""), {"stringData": {"password": "theirs"}}),
        ["Secret {}/login (another update)"],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_cluster_that_changed_in_between_is_left_as_it_is(corner, what):
    change, named = CHANGES[what]
    standby = Standby(corner)
    change(corner)
    said = standby.refused()
    assert said.startswith("the plan is not the one that was approved, so nothing was written. What differs: ")
    for text in named:
        assert text.format(corner.namespace) in said
    assert said.count("(") == len(named), said


def touched_twice(corner: Corner) -> None:
    for value in ("1", None):
        edit(corner.target, corner.config_map("gone"), {"metadata": {"annotations": {"note": value}}})


@pytest.mark.parametrize(
    "change",
    [lambda corner: put(corner.target, *of(corner, "1", "theirs")), touched_twice],
    ids=["an object of nobody's", "a version alone"],
)
def test_what_is_no_part_of_the_plan_may_change(corner, change):
    standby = Standby(corner)
    change(corner)
    done = corner.restore(second(corner), approved_plan=standby.planned, **standby.options)
    assert outcomes(done) == DONE


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"existing_resource_policy": "update"}, ["fixed (another update)", "changed (another update)"]),
        ({"existing_resource_policy": "none"}, ["changed (update is not due any more)"]),
        ({"delta": "report"}, ["gone (delete is not due any more)"]),
        ({"recreate_propagation": "orphan"}, ["fixed (another update)"]),
        ({"excluded_resources": ["secrets"]}, ["login (update is not due any more)"]),
        ({"label_unchanged": True}, ["same (relabel is new)"]),
    ],
)
def test_options_that_make_another_plan_are_refused(corner, options, named):
    said = Standby(corner).refused(**options)
    for text in named:
        assert text in said


def test_without_the_report_the_places_that_differ_are_named(corner):
    standby = Standby(corner)
    patch_of("changed", {"data": {"version": "theirs"}})(corner)
    said = standby.refused(approved_plan_report=None)
    assert f"What differs: ConfigMap in namespace {corner.namespace}. Make" in said
    assert "What differs: something that cannot be named" in standby.refused(
        approved_plan=standby.planned["hash"], approved_plan_report=None
    )


def test_check_mode_says_the_same_of_another_plan(corner):
    standby = Standby(corner)
    patch_of("changed", {"data": {"version": "theirs"}})(corner)
    with pytest.raises(ApprovalError, match="another update"):
        corner.restore(
            second(corner),
            check=True,
            approved_plan=standby.planned,
            approved_plan_report=str(standby.report),
            **standby.options,
        )


# Another backup


def test_a_newer_backup_is_not_the_approved_one(corner):
    standby = Standby(corner)
    newer = corner.backup(4, namespace(corner), *of(corner, "2", "changed", "fixed", "new"))
    with pytest.raises(ApprovalError, match=r"the backup \(nightly-03 was approved, and this is nightly-04\)"):
        corner.restore(newer, approved_plan=standby.planned, **standby.options)


def test_a_backup_that_holds_something_else_under_its_name_is_not_the_approved_one(corner):
    standby = Standby(corner)
    assert "What differs: the content of backup nightly-03; " in standby.refused(second(corner, "3"))


def test_nor_one_that_would_write_the_same_all_the_same(corner):
    standby = Standby(corner)
    more = corner.backup(
        3,
        namespace(corner),
        secret(corner, "2"),
        *of(corner, "2", "changed", "fixed", "new"),
        *of(corner, "1", "same"),
        {**corner.config_map("left-out"), "metadata": {"name": "left-out", "namespace": "kube-system", "uid": "x"}},
    )
    said = standby.refused(more)
    assert "What differs: the content of backup nightly-03. Make" in said


def test_an_approved_backup_may_be_too_old_by_now(corner):
    taken = datetime.now(timezone.utc) - timedelta(hours=2)
    backup = corner.backup(3, *of(corner, "1", "app"), started=taken.strftime("%Y-%m-%dT%H:%M:%SZ"))
    planned = plan_of(corner.restore(backup, check=True, max_backup_age="3h"))
    with pytest.raises(PreflightError, match="older than max_backup_age"):
        corner.restore(backup, approved_plan=planned, max_backup_age="1h")
    assert outcomes(corner.restore(backup, approved_plan=planned, max_backup_age="3h")) == {"app": Outcome.CREATED}


# While the approved run is under way


def meanwhile(corner: Corner, method: str, name: str, change: Callable[[], object]) -> Watched:
    """A connection on which somebody else is a moment faster than the first write to the object."""
    left = [change]

    def before(sent: str, path: str, body: Any) -> None:
        called = (body or {}).get("metadata", {}).get("name", "") if sent == "POST" else path.partition("?")[0]
        if sent == method and called.endswith(name) and "dryRun" not in path and left:
            left.pop()()

    return Watched(connection({"kubeconfig": str(corner.target.kubeconfig)}), before)


@pytest.mark.parametrize("approved", [False, True], ids=["without approval", "approved"])
@pytest.mark.parametrize(
    ("method", "name", "change", "otherwise"),
    [
        ("POST", "new", lambda corner: put(corner.target, *of(corner, "9", "new")), Outcome.UPDATED),
        ("PATCH", "changed", lambda corner: remove(corner.target, corner.config_map("changed")), Outcome.CREATED),
    ],
    ids=["an object came", "an object went"],
)
def test_what_nobody_has_approved_is_not_carried_out(corner, approved, method, name, change, otherwise):
    standby = Standby(corner)
    watched = meanwhile(corner, method, name, lambda: change(corner))
    given = {"approved_plan": standby.planned} if approved else {}
    run = corner.watch(watched, second(corner), **given, **standby.options)
    view = by_place(run)["ConfigMap", corner.namespace, name]
    assert (view.outcome, view.reason) == ((Outcome.FAILED, Reason.NOT_APPROVED) if approved else (otherwise, None))
    if approved:
        assert outcomes(run)["gone"] is Outcome.SKIPPED  # what fails stops the deletions
        live = corner.live(corner.config_map(name))
        assert live is None or live["data"] == {"version": "9"}


def test_another_field_that_changed_meanwhile_does_not_keep_the_approved_patch_from_being_sent(corner):
    standby = Standby(corner)
    note = {"metadata": {"annotations": {"example.org/note": "x"}}}
    watched = meanwhile(corner, "PATCH", "changed", lambda: edit(corner.target, corner.config_map("changed"), note))
    run = corner.watch(watched, second(corner), approved_plan=standby.planned, **standby.options)
    view = by_place(run)["ConfigMap", corner.namespace, "changed"]
    assert (view.outcome, view.reason) == (Outcome.UPDATED, Reason.CHANGED_MEANWHILE)
    live = corner.live(corner.config_map("changed"))
    assert (live["data"], live["metadata"]["annotations"]) == ({"version": "2"}, {"example.org/note": "x"})


# The key


def key_secret(corner: Corner) -> Body | None:
    return corner.live(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME, "namespace": corner.state_namespace}}
    )


def test_the_first_run_makes_the_key_and_check_mode_none(corner):
    backup = first(corner)
    corner.restore(backup, check=True)
    assert key_secret(corner) is None
    corner.restore(backup)
    made = key_secret(corner)
    assert made["type"] == "standby.velero/key"
    corner.restore(backup)
    corner.restore(second(corner))
    assert key_secret(corner)["metadata"] == made["metadata"]


def test_with_state_key_the_target_keeps_none(corner):
    corner.restore(first(corner), state_key=KEYS)
    assert key_secret(corner) is None


def test_no_two_targets_have_one_hash_once_they_have_their_keys(corner):
    backup = first(corner)
    spaces = [f"{corner.namespace}-{number}-state" for number in (1, 2)]
    first_night = {plan_of(corner.restore(backup, check=True, state_namespace=space))["hash"] for space in spaces}
    for space in spaces:
        corner.restore(backup, state_namespace=space)
    next_night = {plan_of(corner.restore(backup, check=True, state_namespace=space))["hash"] for space in spaces}
    assert (len(first_night), len(next_night)) == (1, 2)


def test_a_key_that_a_run_made_in_between_is_named(corner):
    backup = first(corner)
    planned = plan_of(corner.restore(backup, check=True))
    corner.restore(backup, included_resources=["namespaces"])
    with pytest.raises(ApprovalError, match="What differs: the key of their digests, so that nothing else can be told"):
        corner.restore(backup, approved_plan=planned)


def test_a_key_is_changed_for_another_between_plan_and_approval(corner):
    backup = first(corner)
    planned = plan_of(corner.restore(backup, check=True, state_key=KEYS[:1]))
    done = corner.restore(backup, approved_plan=planned, state_key=[*KEYS[1:], *KEYS[:1]])
    assert set(outcomes(done).values()) == {Outcome.CREATED}


def test_a_plan_for_one_cluster_is_none_for_another_though_both_have_one_state_key(corner, tmp_path):
    backup = first(corner)
    planned = plan_of(corner.restore(backup, check=True, state_key=KEYS))
    with ControlPlane() as other:
        wait_for("kube-system", lambda: other.api("GET", "/api/v1/namespaces/kube-system")[0] == 200, 30)
        elsewhere = Corner(other, tmp_path, corner.namespace)
        with pytest.raises(ApprovalError, match="What differs: the target, which is another cluster"):
            elsewhere.restore(backup, state_key=KEYS, approved_plan=planned)


def test_a_key_that_is_damaged_ends_a_run_before_it_writes(corner):
    backup = first(corner)
    corner.restore(backup)
    edit(corner.target, secret_of("0" * 64, corner.state_namespace), {"data": {"key": "eA=="}})
    with pytest.raises(StateError, match="Secret plan-key is damaged"):
        corner.restore(second(corner))
    assert corner.live(corner.config_map("changed"))["data"] == {"version": "1"}


def test_a_report_that_is_another_plan_s_is_refused_before_anything_is_read(corner):
    standby = Standby(corner)
    with pytest.raises(SettingsError, match="is the report of another plan than approved_plan"):
        corner.restore(second(corner), approved_plan="0" * 64, approved_plan_report=str(standby.report))


def test_no_value_of_a_secret_and_no_key_is_in_a_report(corner):
    standby = Standby(corner)
    text = standby.report.read_text()
    key = base64.b64decode(key_secret(corner)["data"]["key"]).decode()
    assert key not in text
    assert base64.b64encode(b"2").decode() not in text
