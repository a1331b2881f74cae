# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyed digests of a plan: one of the whole, by which it is approved, and short ones that say where two differ.

Whoever reads a digest can try values that he has in mind, unless he lacks the key: what a Secret holds may be guessed
in little time. So every digest that leaves memory is keyed. Where there is no secret key yet, the key is made of the
bytes of the backup; whoever has these knows the values in it, but not those of the target, which are then left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from .._keyed_digest import Keys
from .._values import ObjectKey
from .planned_write import PlannedWrite

MOST = 8_000
"""Bytes of a plan as JSON, parts included: one of many hosts in a variable that goes from job to job."""
BACKUP, KEY, TARGET = "backup", "key", "target"
"""Parts that are no place: the bytes of the backup, by which key all are made, and of which cluster."""

_SHORT, _OF_OBJECT = 12, 16
"""Hexadecimal digits of the digest of a part and of an object; they tell, and prove nothing."""
_PLAN, _PART, _OBJECT, _BACKUP, _TARGET, _KEY = (
    f"plan: {what}" for what in ("whole", "part", "object", "backup", "target", "key")
)
_PLAIN = re.compile(r"[A-Za-z0-9.-]{1,253}")
"""What a place may be called by: a variable with it travels through templates and shells."""
_ODD = "?"
"""Stands for anything else."""


@dataclass(frozen=True)
class PlanKeys:
    """With what the digests of a plan are made."""

    keys: Keys
    secret: bool = True
    """Not known to whoever has the backup."""


@dataclass(frozen=True)
class PlanDigest:
    """A plan as a result tells it, and as another run approves it."""

    backup: str
    """Name."""
    content: bytes = field(repr=False)
    """Of the bytes of the backup."""
    writes: Iterable[PlannedWrite] = field(repr=False)
    """As often as they are asked for."""
    by: PlanKeys = field(repr=False)
    target: str = field(default="", repr=False)
    """UID of the cluster; empty where that may not be known."""

    @cached_property
    def hash(self) -> str:
        return self.by.keys.digest(_PLAN, *self._all())

    def is_of(self, approved: str) -> bool:
        """Whether this is the hash of this plan, by any of the keys."""
        return self.by.keys.verify(approved, _PLAN, *self._all())

    def by_key_of(self, parts: Mapping[str, str]) -> PlanDigest | None:
        """The same by the key that other parts are made by; None when it is none of ours, or nothing is known of it."""
        for keys in self.by.keys.each():
            if _key_part(keys) == parts.get(KEY):
                return replace(self, by=replace(self.by, keys=keys))
        return None

    @cached_property
    def parts(self) -> dict[str, str]:
        """As many places as there is room for: types in namespaces, else namespaces, else types, else one."""
        facts = {"backup": self.backup, "hash": self.hash}
        for level in _LEVELS[:-1]:
            found = self.parts_at(level)
            if len(json.dumps({**facts, "parts": found})) <= MOST:
                return found
        return self.parts_at(_LEVELS[-1])

    def parts_like(self, parts: Collection[str]) -> dict[str, str]:
        """This plan's, by the same sort of places as another's."""
        places = [part for part in parts if "/" in part]
        return self.parts_at(_LEVELS[_level_of(places[0])]) if places else self.parts

    def parts_at(self, level: Level) -> dict[str, str]:
        places: dict[str, list[bytes]] = {}
        for write in self._seen():
            places.setdefault(level(write.key), []).append(write.content + write.replaced)
        keys = self.by.keys
        return {
            KEY: _key_part(keys),
            BACKUP: keys.digest(_BACKUP, self.content)[:_SHORT],
            TARGET: keys.digest(_TARGET, self.target.encode("utf-8", "surrogatepass"))[:_SHORT],
            **{place: keys.digest(_PART, *sorted(places[place]))[:_SHORT] for place in sorted(places)},
        }

    def objects(self) -> Iterator[tuple[PlannedWrite, str]]:
        """Each write with its own digest."""
        for write in self._seen():
            yield write, self.by.keys.digest(_OBJECT, write.content, write.replaced)[:_OF_OBJECT]

    def _all(self) -> list[bytes]:
        names = (name.encode("utf-8", "surrogatepass") for name in (self.backup, self.target))
        return [*names, self.content, *sorted(map(_bytes, self._seen()))]

    def _seen(self) -> Iterator[PlannedWrite]:
        """Without the values in the target's Secrets, where others than whoever may see them have the key."""
        for write in self.writes:
            yield write if self.by.secret or write.key.kind != "Secret" else write._replace(replaced=b"")


def _bytes(write: PlannedWrite) -> bytes:
    return write.content + write.replaced


def _key_part(keys: Keys) -> str:
    return keys.digest(_KEY)[:_SHORT]


# Places


Level = Callable[[ObjectKey], str]


def _of_both(key: ObjectKey) -> str:
    return f"{_named(key.namespace)}/{_type(key)}"


def _of_namespace(key: ObjectKey) -> str:
    return f"{_named(key.namespace)}/*"


def _of_type(key: ObjectKey) -> str:
    return f"*/{_type(key)}"


def _of_all(_key: ObjectKey) -> str:
    return "*/*"


_LEVELS: tuple[Level, ...] = (_of_both, _of_namespace, _of_type, _of_all)
"""From the finest to the coarsest."""


def _level_of(place: str) -> int:
    namespace, _slash, kind = place.partition("/")
    return 2 * (namespace == "*") + (kind == "*")


def _type(key: ObjectKey) -> str:
    return _named(f"{key.kind}.{key.group}" if key.group else key.kind)


def _named(text: str) -> str:
    return text if not text or _PLAIN.fullmatch(text) else _ODD


def place_text(place: str) -> str:
    """As people read it: `Deployment.apps in namespace shop`."""
    namespace, _slash, kind = place.partition("/")
    if namespace == "*":
        return "all objects" if kind == "*" else f"all {kind}"
    where = f"namespace {namespace}" if namespace else "the cluster itself"
    return where if kind == "*" else f"{kind} in {where}"
