# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one request of a run, and a clean run after it: every request, every fault, three scenes.

A case is decided by its name alone. The requests of a run are counted as they come to a proxy before the real API
server; which of them is the tenth differs where sixteen are under way, that there is a tenth does not.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.standby.velero.plugins.module_utils._errors import RestoreError
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from faults import DROP, LOSE, PASS, Fault, FaultyProxy, altered, answer
from nightly import Corner, inventory_of
from restoring import views
from scenes import Body, connection

SLOW = 0.5
"""Seconds."""
LOCK = 12
"""Seconds that the lock of a run is kept for when it could not be released; a slow machine must not lose it sooner."""
ANOTHER = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "another", "namespace": "another", "uid": "another", "resourceVersion": "1"},
}


def _slow(_method: str) -> Fault:
    time.sleep(SLOW)
    return PASS


def _wrong(method: str) -> Fault:
    return altered(lambda _body: ANOTHER) if method != "GET" else answer(200, json.dumps(ANOTHER).encode())


def _empty(method: str) -> Fault:
    """What is written is carried out all the same."""
    return altered(lambda _body: {}) if method != "GET" else answer(200, b"{}")


FAULTS: dict[str, Callable[[str], Fault]] = {
    "reset before": lambda _method: DROP,
    "reset after": lambda _method: LOSE,
    "429": lambda _method: answer(429, Retry_After="1"),
    "503": lambda _method: answer(503),
    "empty": _empty,
    "HTML": lambda _method: answer(200, b"<html>a page</html>"),
    "wrong object": _wrong,
    "slow": _slow,
}


# Scenes


def _immutable(corner: Corner, name: str, data: str) -> Body:
    return {**corner.config_map(name), "data": {"of": data}, "immutable": True}


def _secret(corner: Corner) -> Body:
    metadata = {"name": "creds", "namespace": corner.namespace, "uid": f"{corner.namespace}-creds"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": {"key": "dmFsdWU="}}


def _before(corner: Corner) -> list[Body]:
    names = ("same", "app", "gone", "gone-too")
    frozen = [_immutable(corner, name, "old") for name in ("frozen", "frozen-too")]
    return [*map(corner.config_map, names), _secret(corner), *frozen]


def _after(corner: Corner, frozen: str) -> list[Body]:
    changed = {**corner.config_map("app"), "data": {"of": "another"}}
    stones = [_immutable(corner, name, frozen) for name in ("frozen", "frozen-too")]
    return [corner.config_map("same"), changed, corner.config_map("new"), _secret(corner), *stones]


class Scene(NamedTuple):
    """What an hourly job does, onto what an earlier run restored."""

    after: Callable[[Corner], list[Body]]
    options: Mapping[str, Any]


SCENES = {
    "sync": Scene(lambda corner: _after(corner, "old"), {}),
    "recreate": Scene(lambda corner: _after(corner, "new"), {"existing_resource_policy": "recreate"}),
    "prune": Scene(lambda corner: _after(corner, "old"), {"delta": "prune"}),
}
CONCURRENCY = (1, 16)


class Case(NamedTuple):
    """One fault at one request."""

    scene: str
    concurrency: int
    fault: str
    index: int
    """Of the request, from 0."""

    def __str__(self) -> str:
        return f"{self.scene} at {self.concurrency}, {self.fault} at request {self.index}"


@dataclass(frozen=True)
class Ended:
    """What came of a case."""

    case: Case
    first: str
    """How the run with the fault ended: `fine`, `in part` with objects that failed, `refused` when it wrote nothing."""
    problem: str = ""
    """Why the target is not what the backup says after the clean run; empty when it is."""


# Running


class _At:
    """Tells the proxy what to do with each request."""

    def __init__(self, index: int, fault: str) -> None:
        self._index, self._fault = index, fault
        self._requests = count()
        self._lock = threading.Lock()
        self.seen = 0

    def __call__(self, method: str, _path: str, _times: int) -> Fault:
        with self._lock:
            number = next(self._requests)
            self.seen = number + 1
        return FAULTS[self._fault](method) if number == self._index else PASS


def _hurried(options: Body) -> Any:
    """A connection that waits for nothing."""
    made = connection(options, 17)
    made._sleep = lambda _seconds: None
    return made


def number_of_requests(target: ControlPlane, folder: Path, scene: str, concurrency: int) -> int:
    """Of a run of the scene that nothing disturbs."""
    at = _At(-1, "slow")
    _first(_begun(target, folder, f"{scene} {concurrency}"), Case(scene, concurrency, "slow", -1), at)
    return at.seen


def cases(target: ControlPlane, folder: Path) -> Iterator[Case]:
    """All of them, in an order that is always the same: a sample takes every so manieth."""
    for scene in SCENES:
        for concurrency in CONCURRENCY:
            for index in range(number_of_requests(target, folder, scene, concurrency)):
                for fault in FAULTS:
                    yield Case(scene, concurrency, fault, index)


def run(target: ControlPlane, folder: Path, case: Case) -> Ended:
    """The run with the fault, the clean run, and what the target is like then."""
    corner = _begun(target, folder, str(case))
    first = _first(corner, case, _At(case.index, case.fault))
    return Ended(case, first, "; ".join(_problems(corner, case)))


def _begun(target: ControlPlane, folder: Path, called: str) -> Corner:
    corner = Corner.of(target, folder / called.replace(" ", "-"), called)
    corner.restore(corner.backup(2, *_before(corner)))
    return corner


def _options(case: Case) -> dict[str, Any]:
    return {"concurrency": case.concurrency, **SCENES[case.scene].options}


def _first(corner: Corner, case: Case, at: _At) -> str:
    backup = corner.backup(3, *SCENES[case.scene].after(corner))
    with FaultyProxy(corner.target, at) as proxy:
        try:
            done = corner.watch(_hurried(proxy.options), backup, lock_duration=LOCK, **_options(case))
        except RestoreError:
            return "refused"
    faults = [view.message for view in views(done) if view.reason is Reason.FAULT]
    if faults:
        raise AssertionError(f"{case}: {faults}")
    return "in part" if done.velero_errors or _failed(done) else "fine"


def _failed(done: Run) -> list[str]:
    return [f"{view.key}: {view.message}" for view in views(done) if view.outcome is Outcome.FAILED]


def _problems(corner: Corner, case: Case) -> Iterator[str]:
    """Of the clean run, and of what there is after it."""
    wanted = SCENES[case.scene].after(corner)
    try:
        done = corner.restore(corner.backup(3, *wanted), lock_timeout=10 * LOCK, **_options(case))
    except RestoreError as error:
        yield f"the next run was refused: {error}"
        return
    yield from _failed(done)
    yield from done.velero_errors
    if not in_sync(done.done, check_mode=False):
        yield "not in sync"
    yield from _differences(corner, case, wanted)


def _differences(corner: Corner, case: Case, wanted: list[Body]) -> Iterator[str]:
    for body in wanted:
        live = corner.live(body) or {}
        if (live.get("data"), live.get("immutable")) != (body.get("data"), body.get("immutable")):
            yield f"{body['metadata']['name']} is not what the backup says"
    gone = {"gone", "gone-too"} & corner.config_maps().keys()
    if bool(gone) is (case.scene == "prune"):
        yield f"of what production no longer has there is {sorted(gone)}"
    selector = "labelSelector=standby.velero/holds=body"
    kept = corner.target.api("GET", f"/api/v1/namespaces/{corner.state_namespace}/secrets?{selector}")[1]["items"]
    yield from (f"Secret {secret['metadata']['name']} is left" for secret in kept)
    there = corner.config_maps()
    for one in inventory_of(corner.target, corner.state_namespace):
        for key, entry in one.entries.items():
            if key.kind == "ConfigMap" and entry.uid and there.get(key.name, entry.uid) != entry.uid:
                yield f"the inventory has another UID of {key}"
