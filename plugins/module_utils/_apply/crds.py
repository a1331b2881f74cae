# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until the API server serves what the CustomResourceDefinitions of this run bring: types, and their fields."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from itertools import islice

from .._cluster.discovery import Discovery, discover
from .._errors import ClusterError, Unreachable
from .._values import EMPTY, Body, Change
from .._vocabulary import Action
from .admission import under_generated_name
from .executor import Executor
from .requests import comparison_of, with_metadata

DEADLINE = 600.0
"""Seconds, as Velero waits (pkg/restore/restore.go, crdAvailable and its resource timeout)."""
_PAUSE = 0.2
_LONGEST = 5.0

Wanted = Collection[tuple[str, str]]
"""(resource name, version)"""


def wait_served(
    executor: Executor, wanted: Wanted, deadline: float = DEADLINE, clock: Callable[[], float] = time.monotonic
) -> Discovery:
    """Discovery once it tells every wanted type, or as it is when time is up: what is missing then fails by itself.

    The API server announces a type only after its definition is Established, so this waits for both. What it answers
    instead of discovery is waited out too; a server that is not reached at all is for the objects to meet.
    """
    end = clock() + deadline
    pause = _PAUSE
    discovery = executor.discovery
    while True:
        with suppress(ClusterError):
            discovery = _asked(executor)
        is_over = clock() >= end or executor.stopping.why is not None or executor.breaker.open
        if is_over or all(discovery.find(name, version) for name, version in wanted):
            return discovery
        executor.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)


def _asked(executor: Executor) -> Discovery:
    try:
        discovery = discover(executor.client)
    except Unreachable:
        executor.breaker.note(reached=False)
        raise
    executor.breaker.note(reached=True)
    return discovery


LEARNING = 10.0
"""Seconds for the fields of a definition that was updated; after that each write sees to its own."""
_LOOKED_AT = 200
"""Objects of a type, each of which is read from the backup."""


def wait_learnt(executor: Executor, changes: Iterable[Change], deadline: float = LEARNING) -> None:
    """Asks with a dry run of the first of these changes that has a new field until the answer has it too.

    An answer that says something else, a refusal say, is for the write itself to meet.
    """
    for change in islice(changes, _LOOKED_AT):
        sent = _sent(executor, change)
        if executor.gains(change.item, sent):
            _wait_kept(executor, change, sent, deadline)
            return


def _wait_kept(executor: Executor, change: Change, sent: Body, deadline: float) -> None:
    end = time.monotonic() + deadline
    pause = _PAUSE / 4
    while time.monotonic() < end and not executor.stopping.why:
        try:
            answer = _tried(executor, change, sent)
        except ClusterError:
            return
        if not executor.lost(change.item, sent, answer):
            return
        executor.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)


def _tried(executor: Executor, change: Change, sent: Body) -> Body:
    if change.comparison is None:
        return executor.admit(change.item, sent)
    return executor.try_patch(change.item, sent, change.comparison.uid)


def _sent(executor: Executor, change: Change) -> Body:
    if change.action is Action.CREATE:
        return under_generated_name(executor.desired.body(change.item))
    if change.action is not Action.UPDATE:
        return EMPTY
    comparison = comparison_of(change)
    return with_metadata(comparison.patch, {}, comparison.resource_version)
