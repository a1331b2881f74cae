# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `compare: fast` need not look at again: pages of a list that are, byte by byte, as when all on them was equal.

Whether an object equals what the backup says is a matter of the live object, of the backup's body and of what shapes
both. A digest over all three, keyed so that nobody else can make one, is the same only where nothing of it has changed,
whoever changed it: neither resourceVersion nor generation is believed, so that an etcd put back to yesterday's is read
as it is. What else a comparison stands on (an autoscaler elsewhere, a claim's volume) keeps a page from being known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

from .._cluster.page import Page
from .._cluster.reader import Batch, Place, place_of
from .._inventory.known_pages import KnownPage, Start
from .._kinds import CLAIMS, NAMESPACES, VOLUMES
from .._values import BackupItem, Change, Comparison, Resource
from .._vocabulary import Action
from .equal import Recorded

_ELSEWHERE = frozenset((CLAIMS, NAMESPACES, VOLUMES))
"""Types whose objects become what others of the target, or of the backup, make of them."""

_BYTES = 16

Decide = Callable[[BackupItem, Comparison], Change]


@dataclass(frozen=True)
class Memory:
    """Pages by where they begin: those of earlier runs, and those that this one has found equal."""

    key: bytes = field(repr=False)
    shape: bytes
    """Stands for the settings, the target and the version of this collection."""
    pages: Mapping[Start, KnownPage]
    """Empty in a run that compares everything."""
    recorded: Recorded
    """What the inventory says of the target."""
    digest: Callable[[BackupItem], bytes]
    """Of the bytes that the backup has of an item."""
    depends: Callable[[BackupItem], bool]
    """Whether the comparison of an item stands on more than the item, its live object and the settings."""
    found: dict[Start, KnownPage] = field(default_factory=dict)
    """Those to be known next time."""
    known: list[int] = field(default_factory=list)
    """Of each page that was known, how many objects it has of the backup's."""

    @property
    def objects(self) -> int | None:
        """How many were known; None where nothing could be, since all was to be compared."""
        return sum(self.known) if self.pages else None

    def of_type(self, resource: Resource, wanted: Mapping[Place, BackupItem]) -> Pages | None:
        """None for a type of which nothing is ever known."""
        return None if resource.name in _ELSEWHERE else Pages(self, resource, wanted)


class Pages:
    """The pages of one type, in their order."""

    def __init__(self, memory: Memory, resource: Resource, wanted: Mapping[Place, BackupItem]) -> None:
        self._memory = memory
        self._resource = resource
        self._wanted = wanted
        self._places = sorted(wanted, key=_text)
        self._behind: str | None = ""

    def changes(self, batch: Batch, decide: Decide) -> dict[Place, Change] | None:
        """What becomes of the objects of a page that is known; None for one that has to be compared."""
        if batch.begins:
            self._behind = ""
        start = self._start(batch)
        known = self._memory.pages.get(start) if start else None
        if start is None or known is None or batch.page is None or bool(batch.page.rest) != bool(known.last):
            return None
        places = self._between(batch.scope, start.behind, known.last)
        if self._digest(start, known.last, batch.page, places) != known.digest:
            return None
        items, comparison = self._wanted, self._memory.recorded.comparison
        found = {place: decide(items[place], comparison(items[place])) for place in places}
        if any(change.action is not Action.NOOP for change in found.values()):
            return None
        self._memory.found[start] = known
        self._memory.known.append(len(found))
        self._behind = known.last
        return found

    def learn(self, batch: Batch, found: Mapping[Place, Change]) -> None:
        """Remembers a page that was compared, when all that the backup has for it is there and equal."""
        start = self._start(batch)
        if start is None or batch.page is None:
            return
        texts = [_text(place_of(body)) for body in batch.page.items]
        if not texts or not batch.page.content or not _ascend((start.behind, *texts)):
            self._behind = None  # another order than etcd's: nothing more of this list
            return
        self._behind = texts[-1]
        last = texts[-1] if batch.page.rest else ""
        places = self._between(batch.scope, start.behind, last)
        if all(self._is_plain(found.get(place)) for place in places):
            self._memory.found[start] = KnownPage(last, self._digest(start, last, batch.page, places))

    def _start(self, batch: Batch) -> Start | None:
        if self._behind is None or batch.page is None:
            return None
        return Start(self._resource.name, self._resource.version, batch.scope, self._behind)

    def _between(self, scope: str, behind: str, last: str) -> list[Place]:
        """Those of the backup that lie behind one object of a list and not behind another."""
        first = bisect_right(self._places, behind, key=_text)
        places = self._places[first : bisect_right(self._places, last, key=_text) if last else None]
        return [place for place in places if place[0] == scope] if scope else places

    def _is_plain(self, change: Change | None) -> bool:
        return change is not None and self._memory.recorded.has(change) and not self._memory.depends(change.item)

    def _digest(self, start: Start, last: str, page: Page, places: list[Place]) -> str:
        made = blake2b(key=self._memory.key, digest_size=_BYTES)
        for part in (self._memory.shape, *(text.encode("utf-8", "surrogatepass") for text in (*start, last))):
            made.update(len(part).to_bytes(8, "big"))
            made.update(part)
        made.update(len(page.content).to_bytes(8, "big"))
        made.update(page.content)
        made.update(b"".join(self._said(places)))
        return made.hexdigest()

    def _said(self, places: list[Place]) -> Iterator[bytes]:
        for place in places:
            item, text = self._wanted[place], _text(place)
            entry = self._memory.recorded.entry(item)
            uid = entry.uid if entry else ""
            yield f"{len(text)} {len(uid)} {text}{uid}".encode("utf-8", "surrogatepass")
            yield self._memory.digest(item)


def _text(place: Place) -> str:
    """By which an API server sorts its lists: the key in etcd."""
    namespace, name = place
    return f"{namespace}/{name}" if namespace else name


def _ascend(texts: tuple[str, ...]) -> bool:
    return all(before < after for before, after in pairwise(texts))
