# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stores anything on the target: the room that applies the plan, and the room of our own records; nobody else.

Each request of a whole restore is noted with the functions of the collection that led to it, those that started its
thread included. test_layers.py says the same of the source text.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import secret_of
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, ObjectRef
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from controlplane import ControlPlane
from nightly import Corner
from restoring import by_place
from scenes import Body, Watched, connection, put
from velero import restores

WRITERS = {"_apply", "_records"}
READERS = {"_report"}
TELLERS = ("__init__", "__post_init__", "__new__")
TELLING = ("warning", "message", "said")


class Frame(NamedTuple):
    """A function of the collection on its way to a request."""

    room: str
    function: str


class Sent(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Any
    frames: tuple[Frame, ...]

    @property
    def is_dry(self) -> bool:
        options = self.body or {}
        return "dryRun=All" in self.path or (self.method == "DELETE" and options.get("dryRun") == ["All"])

    @property
    def is_stored(self) -> bool:
        """Asking who may do what is a POST, and stores nothing."""
        asks = "/selfsubject" in self.path and self.path.endswith("reviews")
        return self.method != "GET" and not self.is_dry and not asks

    @property
    def verb(self) -> tuple[str, str]:
        """`("PATCH", "configmaps")`"""
        parts = self.path.partition("?")[0].split("/")[3 if self.path.startswith("/api/") else 4 :]
        return self.method, parts[2] if parts[0] == "namespaces" and len(parts) > 2 else parts[0]

    @property
    def rooms(self) -> set[str]:
        return {frame.room for frame in self.frames}


class Traced(Watched):
    """Notes who asks; what the server says stays as it is."""

    def __init__(self, target: ControlPlane) -> None:
        super().__init__(connection({"kubeconfig": str(target.kubeconfig)}))
        self.sent: list[Sent] = []

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        self.sent.append(Sent(method, path, body, (*frames(), *started_by(threading.current_thread()))))
        return super().send(method, path, body, **how)

    @property
    def stored(self) -> list[Sent]:
        return [one for one in self.sent if one.is_stored]

    @property
    def dry(self) -> list[Sent]:
        return [one for one in self.sent if one.is_dry]


def frames() -> Iterator[Frame]:
    """The caller's stack, innermost first, as far as it is the collection's."""
    frame = sys._getframe(1)
    while frame is not None:
        _before, found, path = frame.f_code.co_filename.rpartition("/plugins/module_utils/")
        if found:
            yield Frame(path.partition("/")[0], frame.f_code.co_name)
        frame = frame.f_back


def started_by(thread: threading.Thread) -> tuple[Frame, ...]:
    return getattr(thread, "started_by", ())


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread knows who started it."""
    start = threading.Thread.start

    def remembering(thread: threading.Thread) -> None:
        thread.started_by = (*frames(), *started_by(threading.current_thread()))
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", remembering)


def faults(sent: list[Sent]) -> list[tuple[str, str, Frame | None]]:
    """Whatever stores something and is not to, with its place."""
    found: list[tuple[str, str, Frame | None]] = []
    for one in sent:
        if not one.rooms & WRITERS:
            found.append((*one.verb, None))
        found += [(*one.verb, frame) for frame in one.frames if tells(frame)]
    return found


def tells(frame: Frame) -> bool:
    """A report, a constructor and a maker of texts have nothing to write."""
    return frame.room in READERS or frame.function in TELLERS or any(word in frame.function for word in TELLING)


@pytest.fixture
def corner(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(controlplane, tmp_path, request.node.name)


def of(corner: Corner, version: str, *names: str) -> list[Body]:
    """ConfigMaps with this version; one called `fixed` may not be patched."""
    bodies = [{**corner.config_map(name), "data": {"version": version}} for name in names]
    return [{**body, "immutable": True} if body["metadata"]["name"] == "fixed" else body for body in bodies]


def namespace(corner: Corner) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": corner.namespace, "uid": corner.namespace}}


def first(corner: Corner) -> Path:
    return corner.backup(2, namespace(corner), *of(corner, "1", "changed", "fixed", "gone", "same"))


def second(corner: Corner) -> Path:
    return corner.backup(3, namespace(corner), *of(corner, "2", "changed", "fixed", "new"), *of(corner, "1", "same"))


def leave_a_copy(corner: Corner) -> None:
    """Of an object that a killed run was about to recreate, and did not delete."""
    live = corner.live(corner.config_map("same"))
    ref = ObjectRef(ObjectKey("", "ConfigMap", corner.namespace, "same"), "configmaps", "v1")
    put(corner.target, secret_of(ref, live, "v1", {}, corner.state_namespace))


def outcomes(run: Run) -> dict[str, Outcome]:
    return {name: view.outcome for (kind, _namespace, name), view in by_place(run).items() if kind == "ConfigMap"}


EVERYTHING: dict[str, Any] = {"existing_resource_policy": "recreate", "delta": "prune"}
DONE = {
    "changed": Outcome.UPDATED,
    "fixed": Outcome.RECREATED,
    "gone": Outcome.DELETED,
    "new": Outcome.CREATED,
    "same": Outcome.RELABELLED,
}


def test_a_restore_onto_nothing_stores_what_it_applies_and_its_records_and_nothing_else(corner):
    traced = Traced(corner.target)
    corner.watch(traced, first(corner), **EVERYTHING)
    assert faults(traced.stored) == []
    assert {one.verb for one in traced.stored} == {
        ("POST", "namespaces"),
        ("POST", "leases"),
        ("PATCH", "leases"),
        ("POST", "secrets"),
        ("PATCH", "secrets"),
        ("DELETE", "secrets"),
        ("POST", "configmaps"),
    }


def test_updates_recreations_deletions_and_what_a_killed_run_left_are_stored_by_the_same_two_rooms(corner):
    corner.restore(first(corner), **EVERYTHING)
    leave_a_copy(corner)
    traced = Traced(corner.target)
    run = corner.watch(traced, second(corner), **EVERYTHING)
    assert outcomes(run) == DONE
    assert faults(traced.stored) == []
    assert {one.verb for one in traced.stored} >= {
        ("PATCH", "leases"),
        ("POST", "secrets"),
        ("DELETE", "secrets"),
        ("PATCH", "configmaps"),
        ("POST", "configmaps"),
        ("DELETE", "configmaps"),
    }


def test_check_mode_stores_nothing_and_its_dry_runs_are_the_writes_themselves(corner):
    corner.restore(first(corner), **EVERYTHING)
    leave_a_copy(corner)
    traced = Traced(corner.target)
    run = corner.watch(traced, second(corner), check=True, **EVERYTHING)
    assert outcomes(run) == DONE
    assert traced.stored == []
    assert {one.verb for one in traced.dry} == {(verb, "configmaps") for verb in ("POST", "PATCH", "DELETE")}
    assert [one for one in traced.dry if "_apply" not in one.rooms] == []


def test_what_velero_is_to_see_of_a_run_is_one_of_its_records(corner):
    for body in (restores(), {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "velero"}}):
        corner.target.apply(json.dumps(body))
    traced = Traced(corner.target)
    run = corner.watch(traced, first(corner), restore_history=1)
    assert run.record
    assert faults(traced.stored) == []
    told = [(one.verb, one.is_dry, one.rooms & WRITERS) for one in traced.sent if "/restores" in one.path]
    assert told[:2] == [(("POST", "restores"), dry, {"_records"}) for dry in (True, False)]
    assert {verb for verb, _dry, _rooms in told[2:]} == {("GET", "restores")}


@pytest.mark.parametrize(
    ("method", "path", "body", "frames", "broken"),
    [
        ("POST", "/api/v1/namespaces/shop/pods", {}, ["_apply.create"], False),
        ("PATCH", "/api/v1/namespaces/shop/pods/web", {}, ["_records._save", "_flows.restore"], False),
        ("POST", "/api/v1/namespaces/shop/pods", {}, ["_flows.restore"], True),
        ("POST", "/api/v1/namespaces/shop/pods", {}, ["_records.drop", "_report.report"], True),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", {}, ["_records.drop", "_records.__init__"], True),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", {}, ["_records.drop", "_flows._warnings"], True),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", {"dryRun": ["All"]}, ["_plan.planned"], False),
        ("DELETE", "/api/v1/namespaces/shop/pods/web?dryRun=", {}, ["_plan.planned"], True),
        ("POST", "/api/v1/namespaces/shop/pods?dryRun=All", {}, ["_plan.planned"], False),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {}, ["_plan.planned"], False),
        ("GET", "/api/v1/namespaces/shop/pods", None, ["_report.report"], False),
    ],
)
def test_what_would_break_the_law(method, path, body, frames, broken):
    sent = Sent(method, path, body, tuple(Frame(*frame.split(".")) for frame in frames))
    assert bool(faults([one for one in [sent] if one.is_stored])) is broken
