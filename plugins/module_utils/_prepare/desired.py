# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one front door that makes a desired body: backup -> prepare -> status -> modify -> settle -> hold.

A body is made once an object as far as memory allows: what a plan has made of an object that is to be written is held
until it is written, within a bound.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .._match.globs import Patterns
from .._memory import PER_BYTE
from .._unstructured import as_text, nested
from .._values import BackupItem, Body, ObjectKey
from .context import PrepareContext
from .images import POD_SPECS, named_images
from .status import status_of, wants_status
from .storage_classes import CLASSES, named_classes
from .table import prepare, settle

_NAMING = frozenset((*CLASSES, *POD_SPECS))

HELD_BYTES = 18 << 20
"""Of memory, as bodies are weighed: some 4 MiB of JSON, of Secrets."""
_LIGHT = 64 << 10
"""Bytes of JSON that are not worth weighing: at the worst they take 3 MiB."""


class Backup(Protocol):
    """What is asked of the catalogue."""

    @property
    def others(self) -> Mapping[ObjectKey, Sequence[BackupItem]]:
        """The copies of items at other versions of their API, by key."""

    def body(self, item: BackupItem) -> Body:
        """The body in the backup."""

    def weight(self, item: BackupItem) -> int:
        """How many bytes its body takes in memory, at most."""


Modify = Callable[[str, str, Body], Body]
"""(resource, namespace in the backup, prepared body) -> the modified one; ModifierError when a rule fails on it."""


class _Held:
    """Bodies that are asked for again, up to a bound; those that come later are made anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bodies: dict[BackupItem, tuple[Body, int]] = {}
        self._room = HELD_BYTES

    def get(self, item: BackupItem) -> Body | None:
        found = self._bodies.get(item)
        return found[0] if found else None

    def put(self, item: BackupItem, body: Body, weight: Callable[[BackupItem], int]) -> None:
        """Once there is no room left for its text, what it weighs is not asked."""
        if item.size > self._room or item in self._bodies:
            return
        size = weight(item)
        with self._lock:
            if size <= self._room and item not in self._bodies:
                self._bodies[item] = body, size
                self._room -= size

    def drop(self, item: BackupItem) -> None:
        if not self._bodies:  # as in most runs: to look for an item is not free
            return
        with self._lock:
            found = self._bodies.pop(item, None)
            self._room += found[1] if found else 0


@dataclass(frozen=True)
class DesiredState:
    """The bodies of items as they are to stand on the target, without the two labels. Fit for many threads."""

    backup: Backup
    context: PrepareContext
    status_included: Patterns | None = None
    """None when no status is asked for."""
    status_excluded: Patterns | None = None
    modify: Modify | None = None
    withhold: Callable[[BackupItem, Body], Body] | None = None
    """Takes away what gives rights and is not let through; None lets all through."""
    asleep: Callable[[BackupItem, Body], Body] | None = None
    """Puts workloads to sleep; after the modifiers, which say what production has. None leaves them awake."""
    _held: _Held = field(default_factory=_Held, compare=False, repr=False)

    def body(self, item: BackupItem) -> Body:
        """Never edited. Raises a ModifierError when a modifier fails on it; the plan asks before it writes anything."""
        return self._held.get(item) or self._made(item)

    def hold(self, item: BackupItem, body: Body) -> None:
        """Keeps a body that `body` made, if there is room: it will be asked for again."""
        self._held.put(item, body, self.backup.weight)

    def release(self, item: BackupItem) -> None:
        """The body is asked for no more, or but for a report."""
        self._held.drop(item)

    def weight(self, item: BackupItem) -> int:
        """Bytes of memory that its body takes at most."""
        return item.size * PER_BYTE if item.size <= _LIGHT else self.backup.weight(item)

    def unmodified(self) -> DesiredState:
        """The same without modifiers: what one fails on, fails elsewhere by itself."""
        return replace(self, modify=None, _held=_Held())

    def whole(self) -> DesiredState:
        """The same with what is withheld."""
        return replace(self, withhold=None, _held=_Held()) if self.withhold else self

    def of(self, backup: Backup) -> DesiredState:
        """The same for another backup."""
        return replace(self, backup=backup, _held=_Held())

    def copies(self, item: BackupItem) -> list[BackupItem]:
        """The backup's copies of a remapped item at other versions, under the item's own key."""
        source = item.source or item.key
        return [copy.under(item) for copy in self.backup.others.get(source, ())]

    def unmatched(self, items: Iterable[BackupItem]) -> Iterator[str]:
        """A sentence for each class and image of the mappings that none of the items names: a slip, or needless."""
        classes, images = set(self.context.storage_class_mapping), [old for old, _new in self.context.image_mapping]
        for item in items if classes or images else ():
            body = self.backup.body(item) if item.size and item.resource in _NAMING else {}
            classes -= named_classes(item.resource, body)
            named = named_images(item.resource, body)
            images = [old for old in images if not any(old in image for image in named)]
        yield from (f"storage_class_mapping: {name!r} matches nothing that is selected" for name in sorted(classes))
        yield from (f"image_mapping: {name!r} matches nothing that is selected" for name in images)

    def _made(self, item: BackupItem) -> Body:
        if not item.size:  # a namespace that the backup does not have
            return {"apiVersion": "v1", "kind": item.key.kind, "metadata": {"name": item.key.name}}
        body = self.backup.body(item)
        made = prepare(item, body, self.context)
        if wants_status(item.resource, body, self.status_included, self.status_excluded):
            status = status_of(body)
            made = {**made, "status": status} if status else made
        if self.modify is not None:
            made = self.modify(item.resource, as_text(nested(body, "metadata", "namespace")), made)
        made = settle(item, made, self.context)
        made = self.withhold(item, made) if self.withhold else made
        return self.asleep(item, made) if self.asleep else made
