# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would write of one object, as a digest: two plans that would write the same have the same digests.

In it are the object, the action, and what is sent: a new body, or a merge patch with the values that it replaces, for
who approves a change has seen both. Of a deletion, and of an update that may end in one (policy recreate), the UID is
in it too: what is deleted is that very object, and not another of its name. Not in it: resourceVersions, what dry runs
answer, the name of the restore, and what is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

from .._match.entries import is_named
from .._merge_patch import NULL, says_null
from .._values import BackupItem, Body, Change, Comparison, ObjectKey
from .._vocabulary import Action, Policy
from .recreatable import Recreation

BodyOf = Callable[[BackupItem], Body]
"""The desired body, without the two labels."""

WRITING = frozenset((Action.CREATE, Action.UPDATE, Action.RELABEL, Action.DELETE, Action.COPY))
"""Actions that write something."""

_DIGEST = 32
"""Bytes."""


class PlannedWrite(NamedTuple):
    """One write. Its digests are of values as they are, so that they never leave memory without a key."""

    key: ObjectKey
    action: Action
    content: bytes
    """Of all but the values that are replaced."""
    replaced: bytes = b""
    """Of these: they are the target's, and nobody who has the backup knows them."""


class PlannedWrites:
    """Those of a whole plan, in columns: there may be a hundred thousand."""

    def __init__(self, writes: Iterable[PlannedWrite]) -> None:
        self._keys: list[ObjectKey] = []
        self._actions: list[Action] = []
        self._contents = bytearray()
        self._replaced: list[bytes] = []
        for key, action, content, replaced in writes:
            self._keys.append(key)
            self._actions.append(action)
            self._contents += content
            self._replaced.append(replaced)

    def __iter__(self) -> Iterator[PlannedWrite]:
        starts = range(0, len(self._contents), _DIGEST)
        contents = (bytes(self._contents[start : start + _DIGEST]) for start in starts)
        return map(PlannedWrite, self._keys, self._actions, contents, self._replaced)


def planned_writes(changes: Iterable[Change], body_of: BodyOf, recreation: Recreation) -> PlannedWrites:
    """Of those of the changes that write something."""
    return PlannedWrites(planned_write(change, body_of, recreation) for change in changes if change.action in WRITING)


def planned_write(change: Change, body_of: BodyOf, recreation: Recreation) -> PlannedWrite:
    what, replaced = _SAID[change.action](change, body_of, recreation)
    ref = change.ref
    content = _digest([change.action.value, ref.key, ref.resource, ref.version, what])
    return PlannedWrite(ref.key, change.action, content, replaced)


def _created(change: Change, body_of: BodyOf, _recreation: Recreation) -> tuple[Any, bytes]:
    return body_of(change.item), b""


def _updated(change: Change, body_of: BodyOf, recreation: Recreation) -> tuple[Any, bytes]:
    """A patch; where the server may refuse it and the policy then recreates, that too, and how."""
    found = _comparison_of(change)
    trust = found.trust
    what: list[Any] = [_exact(found.patch), found.status, found.merged, _exact(trust.patch) if trust else None]
    if change.policy is Policy.RECREATE:
        named = is_named(change.item, recreation.allow)
        what += [found.uid, found.controlled, named, recreation.propagation, found.withheld, body_of(change.item)]
    return what, _digest([_exact(found.before), _exact(trust.before) if trust else None])


def _relabelled(_change: Change, _body_of: BodyOf, _recreation: Recreation) -> tuple[Any, bytes]:
    """Nothing but the two labels: the backup's is said once for all, the restore's name is nothing to approve."""
    return None, b""


def _deleted(change: Change, _body_of: BodyOf, _recreation: Recreation) -> tuple[Any, bytes]:
    return _comparison_of(change).uid, b""


_SAID: dict[Action, Callable[[Change, BodyOf, Recreation], tuple[Any, bytes]]] = {
    Action.CREATE: _created,
    Action.UPDATE: _updated,
    Action.RELABEL: _relabelled,
    Action.DELETE: _deleted,
    Action.COPY: _created,
}


def _comparison_of(change: Change) -> Comparison:
    if change.comparison is None:
        raise ValueError(f"{change.action.value} without a comparison: {change.key}")
    return change.comparison


def _exact(patch: Body) -> list[Any]:
    """A patch as JSON; where a null is a value in it, twice, so that none is taken for a removal."""
    if not says_null(patch):
        return [patch]
    return [_with(patch, None), _with(patch, "")]


def _with(value: Any, null: Any) -> Any:
    """The value with something else for every NULL in it."""
    if value is NULL:
        return null
    if isinstance(value, dict):
        return {key: _with(child, null) for key, child in value.items()}
    return [_with(child, null) for child in value] if isinstance(value, list) else value


def _digest(value: Any) -> bytes:
    """The same for equal values, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=_DIGEST).digest()


def is_within(planned: Change, now: Change, body_of: BodyOf, recreation: Recreation) -> bool:
    """Whether what is to be done with an object now is no more than what was planned."""
    if now.action not in WRITING:
        return True
    if now.action is Action.RELABEL and planned.action in (Action.UPDATE, Action.RELABEL):
        return not _comparison_of(planned).merged  # a merged ServiceAccount gets no labels
    wanted = planned_write(now, body_of, recreation)
    return any(planned_write(one, body_of, recreation) == wanted for one in _forms(planned))


def _forms(planned: Change) -> Iterator[Change]:
    """The change as it was planned; and as it is once certificate authorities follow the backup's, or do not."""
    yield planned
    found = planned.comparison
    if found is not None and found.trust is not None:
        yield replace(planned, comparison=replace(found, trust=None))
        follows = replace(found, patch=found.trust.patch, before=found.trust.before, trust=None)
        yield replace(planned, comparison=follows)
