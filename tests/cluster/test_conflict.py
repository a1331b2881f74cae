# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two writers at once: an editor changes objects between the read and the write, and loses nothing silently."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import scenes
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from passing import Passing
from restoring import by_place
from scenes import (
    LABELS,
    backup_of,
    edit,
    is_ours,
    labels_of,
    live,
    only,
    put,
    remove,
    version_of,
    watch,
)

NAMESPACE = "conflict"
config_map = partial(scenes.config_map, namespace=NAMESPACE)
run = partial(scenes.run, state_namespace="conflict-state")
WANTED = {"size": "3", "color": "red"}
HAS = {"size": "1", "color": "red"}


@pytest.fixture(scope="module")
def target(shared_controlplane: ControlPlane) -> ControlPlane:
    shared_controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    return shared_controlplane


class Editor:
    """Does something just before the first writes of an object are sent; `times` of them."""

    def __init__(self, does: Callable[[int], object], times: int = 1, method: str = "PATCH") -> None:
        self._does = does
        self._times = times
        self._method = method
        self.done = 0

    def __call__(self, method: str, path: str, _body: Any) -> None:
        if method == self._method and self.done < self._times and not is_ours(path):
            self.done += 1
            self._does(self.done)


def scene(target: ControlPlane, name: str, has: dict[str, str] | None = None) -> dict[str, Any]:
    """The object as the backup wants it; the target has it otherwise."""
    has = HAS if has is None else has
    put(target, config_map(name, has))
    return config_map(name, WANTED)


def test_another_field_of_the_editor_s_stays_and_ours_is_written(target, tmp_path):
    wanted = scene(target, "other-field")
    editor = Editor(lambda _time: edit(target, wanted, {"data": {"color": "blue"}}))
    restored = run(watch(target.kubeconfig, editor), backup_of(tmp_path, wanted))
    assert (only(restored).outcome, only(restored).reason) == (Outcome.UPDATED, Reason.CHANGED_MEANWHILE)
    assert live(target, wanted)["data"] == {"size": "3", "color": "blue"}
    assert not in_sync(restored.done, check_mode=False)


def test_a_field_that_only_the_editor_has_stays_too(target, tmp_path):
    wanted = scene(target, "new-field")
    editor = Editor(lambda _time: edit(target, wanted, {"data": {"theirs": "yes"}}))
    result = only(run(watch(target.kubeconfig, editor), backup_of(tmp_path, wanted)))
    assert (result.outcome, result.reason) == (Outcome.UPDATED, Reason.CHANGED_MEANWHILE)
    assert live(target, wanted)["data"] == {**WANTED, "theirs": "yes"}


def test_a_status_of_the_target_s_own_is_no_other_writer(target, tmp_path):
    wanted = scene(target, "books")
    editor = Editor(lambda _time: edit(target, wanted, {"metadata": {"finalizers": ["example.org/hold"]}}))
    restored = run(watch(target.kubeconfig, editor), backup_of(tmp_path, wanted))
    assert (only(restored).outcome, only(restored).reason) == (Outcome.UPDATED, None)
    assert live(target, wanted)["metadata"]["finalizers"] == ["example.org/hold"]
    assert in_sync(restored.done, check_mode=False)


SAME_FIELD = {
    "its value": ({"data": {"size": "2"}}, {"size": "2", "color": "red"}),
    "it is gone": ({"data": {"size": None}}, {"color": "red"}),
    "its parent is gone": ({"data": None}, None),
}


@pytest.mark.parametrize("case", SAME_FIELD)
def test_the_same_field_is_a_conflict_that_names_it_and_the_editor_s_value_stays(target, tmp_path, case):
    patch, data = SAME_FIELD[case]
    wanted = scene(target, f"same-field-{list(SAME_FIELD).index(case)}")
    editor = Editor(lambda _time: edit(target, wanted, patch))
    restored = run(watch(target.kubeconfig, editor), backup_of(tmp_path, wanted))
    result = only(restored)
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.CONFLICT)
    assert "data.size" in result.message
    assert "data.size" in result.error
    after = live(target, wanted)
    assert after.get("data") == data
    assert labels_of(after) == {}
    assert not changed(restored.done)


@pytest.mark.parametrize(
    ("patch", "label_unchanged", "outcome"),
    [
        ({"data": WANTED}, True, Outcome.RELABELLED),
        ({"data": WANTED}, False, Outcome.UNCHANGED),
        ({"data": WANTED, "metadata": {"labels": LABELS}}, True, Outcome.UNCHANGED),
    ],
    ids=["unlabelled", "label_unchanged off", "with the labels"],
)
def test_an_editor_who_did_what_we_want_leaves_nothing_to_update(target, tmp_path, patch, label_unchanged, outcome):
    wanted = scene(target, f"done-{outcome.value}-{label_unchanged}".lower())
    editor = Editor(lambda _time: edit(target, wanted, patch))
    watched = watch(target.kubeconfig, editor)
    restored = run(watched, backup_of(tmp_path, wanted), label_unchanged=label_unchanged)
    assert (only(restored).outcome, only(restored).reason) == (outcome, None)
    assert in_sync(restored.done, check_mode=False)
    assert labels_of(live(target, wanted)) == ({} if label_unchanged is False else LABELS)


def test_an_object_deleted_meanwhile_is_created(target, tmp_path):
    wanted = scene(target, "deleted")
    result = only(
        run(watch(target.kubeconfig, Editor(lambda _time: remove(target, wanted))), backup_of(tmp_path, wanted))
    )
    assert result.outcome is Outcome.CREATED
    after = live(target, wanted)
    assert (after["data"], labels_of(after)) == (WANTED, LABELS)


REPLACED = {
    "with what was read": (HAS, Outcome.UPDATED, None),
    "with another value": ({"size": "2", "color": "red"}, Outcome.FAILED, Reason.CONFLICT),
    "with what we want": (WANTED, Outcome.RELABELLED, None),
}


@pytest.mark.parametrize("case", REPLACED)
def test_an_object_replaced_meanwhile_is_judged_as_it_is_now(target, tmp_path, case):
    data, outcome, reason = REPLACED[case]
    wanted = scene(target, f"replaced-{list(REPLACED).index(case)}")

    def replace(_time: int) -> None:
        remove(target, wanted)
        put(target, {**wanted, "data": data})

    result = only(run(watch(target.kubeconfig, Editor(replace)), backup_of(tmp_path, wanted)))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert live(target, wanted)["data"] == (WANTED if outcome is Outcome.UPDATED else data)


def test_an_object_whose_deletion_begins_meanwhile_is_not_written(target, tmp_path):
    put(target, config_map("ending", HAS, finalizers=["example.org/hold"]))
    wanted = config_map("ending", WANTED)
    result = only(
        run(watch(target.kubeconfig, Editor(lambda _time: remove(target, wanted))), backup_of(tmp_path, wanted))
    )
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.TERMINATING)
    assert live(target, wanted)["data"] == HAS
    edit(target, wanted, {"metadata": {"finalizers": None}})


@pytest.mark.parametrize("data", [HAS, WANTED], ids=["update", "relabel"])
@pytest.mark.parametrize(("times", "outcome"), [(5, "through"), (6, "given up")])
def test_an_object_that_keeps_changing_is_given_up_after_five_more_tries(target, tmp_path, data, times, outcome):
    name = f"restless-{times}-{data['size']}"
    wanted = scene(target, name, data)
    editor = Editor(lambda time: edit(target, wanted, {"data": {"beat": str(time)}}), times)
    watched = watch(target.kubeconfig, editor)
    restored = run(watched, backup_of(tmp_path, wanted))
    result = only(restored)
    after = live(target, wanted)
    assert after["data"]["beat"] == str(times)
    assert len(watched.writes) == 6
    assert not in_sync(restored.done, check_mode=False)
    if outcome == "through":
        assert result.outcome is (Outcome.UPDATED if data is HAS else Outcome.RELABELLED)
        assert result.reason is Reason.CHANGED_MEANWHILE
        assert labels_of(after) == LABELS
    else:
        assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.CONFLICT)
        assert (after["data"]["size"], labels_of(after)) == (data["size"], {})


def test_a_created_object_that_the_editor_made_first_is_not_overwritten_under_none(target, tmp_path):
    wanted = config_map("theirs", WANTED)
    editor = Editor(lambda _time: put(target, config_map("theirs", HAS)), method="POST")
    watched = watch(target.kubeconfig, editor)
    result = only(run(watched, backup_of(tmp_path, wanted), existing_resource_policy="none"))
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
    assert live(target, wanted)["data"] == HAS


def test_a_service_account_that_the_editor_changes_is_merged_with_what_it_is_now(target, tmp_path):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot", "namespace": NAMESPACE}}
    put(target, account)
    wanted = {**account, "metadata": {**account["metadata"], "annotations": {"from": "production"}}}
    editor = Editor(lambda _time: edit(target, account, {"metadata": {"annotations": {"by": "them"}}}))
    result = only(run(watch(target.kubeconfig, editor), backup_of(tmp_path, wanted)))
    assert result.outcome is Outcome.UPDATED
    after = live(target, account)["metadata"]
    assert after["annotations"] == {"from": "production", "by": "them"}
    assert "labels" not in after


# An editor who never stops

OBJECTS = 300
FIELDS = ("ours", "shared", "theirs")


class Busy(threading.Thread):
    """Edits fields of random objects for as long as a restore runs, and notes what it wrote and as which version."""

    def __init__(self, target: ControlPlane, names: list[str]) -> None:
        super().__init__()
        self._target = target
        self._names = names
        self._random = random.Random(7)
        self.over = threading.Event()
        self.edits: dict[tuple[str, str], str] = {}

    def run(self) -> None:
        count = 0
        while not self.over.is_set():
            count += 1
            name, field = self._random.choice(self._names), self._random.choice(FIELDS)
            path = f"/api/v1/namespaces/{NAMESPACE}/configmaps/{name}"
            value = f"edit-{count}"
            patch = {"data": {field: value}}
            status, answer = self._target.api("PATCH", path, patch, "application/merge-patch+json")
            if status == 200:
                self.edits[name, field] = answer["data"][field]


def test_an_editor_of_hundreds_of_objects_loses_nothing_silently(target, tmp_path):
    """An edited field ends with the editor's value, or the backup's where the result says that it was written.

    The editor's last value may be overwritten only where it was there before the restore read the object: then the
    change was planned, and the result says `updated`. An edit after the read either stands, or is a named conflict.
    """
    names = [f"busy-{number:03}" for number in range(OBJECTS)]
    wanted = [config_map(name, dict.fromkeys(FIELDS, "backup")) for name in names]
    put(target, *(config_map(name, {"ours": "old", "shared": "backup", "theirs": "backup"}) for name in names))
    backup = backup_of(tmp_path, *wanted)
    seen: dict[str, dict[str, str]] = {}
    watched = Reading(watch(target.kubeconfig), seen)
    editor = Busy(target, names)
    editor.start()
    try:
        restored = by_place(run(watched, backup, concurrency=2))
    finally:
        editor.over.set()
        editor.join()
    outcomes = [restored["ConfigMap", NAMESPACE, name] for name in names]
    for body, result in zip(wanted, outcomes, strict=True):
        name = body["metadata"]["name"]
        data = live(target, body)["data"]
        for field in FIELDS:
            edited = editor.edits.get((name, field))
            if edited is None or data[field] == edited:
                continue
            assert data[field] == "backup", (name, field)
            assert result.outcome is Outcome.UPDATED, result
            assert seen[name][field] == edited, "an edit was overwritten that the plan had not seen"
        if result.outcome is Outcome.UPDATED and result.reason is None:
            assert set(data.values()) <= {"backup", *editor.edits.values()}
        if result.reason is Reason.CONFLICT:
            assert "data." in result.message or "kept changing" in result.message
    assert any(result.reason in (Reason.CONFLICT, Reason.CHANGED_MEANWHILE) for result in outcomes), "they never met"
    assert {result.outcome for result in outcomes} <= {Outcome.UPDATED, Outcome.FAILED, Outcome.RELABELLED}
    assert all(result.outcome is not Outcome.FAILED or result.reason is Reason.CONFLICT for result in outcomes)


class Reading(Passing):
    """A connection that keeps what the plan's list said."""

    def __init__(self, connection: Any, seen: dict[str, dict[str, str]]) -> None:
        super().__init__(connection)
        self._seen = seen

    def send(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        answer = super().send(method, path, body, **how)
        if method == "GET" and how.get("raw") and "/configmaps" in path:  # pages are parsed by who reads them
            for item in json.loads(answer.body)["items"]:
                self._seen[item["metadata"]["name"]] = dict(item.get("data") or {})
        return answer


def test_a_run_that_changes_nothing_moves_no_version_beside_an_editor(target, tmp_path):
    wanted = config_map("still", WANTED, labels=LABELS)
    put(target, wanted)
    before = version_of(live(target, wanted))
    assert only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted))).outcome is Outcome.UNCHANGED
    assert version_of(live(target, wanted)) == before
