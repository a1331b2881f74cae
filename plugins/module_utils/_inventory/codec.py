# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a target has from which backup, as Secrets on it, and back.

One Secret, the head, knows the backups and names the shards, which hold a row an object. A shard is called after its
content and never rewritten: new shards are written first, then the head, and what it names no more is deleted last.
Whatever ends a run in between, the head names a whole inventory, the old one or the new one.

A row does not name its backup but a slot: of a schedule and selection the backup with most rows always has the same
one. So a newer backup with the same objects changes the head alone, and a run that changes nothing changes nothing here
either.
No bodies are kept, no values, and no hashes of values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any

from .._errors import StateError
from .._values import BackupInfo, Body, ObjectKey
from .entries import BackupInventory, Inventory, InventoryEntry, RestoreScope
from .packed import SELECTOR, TYPE, packed, secret_of, text_of
from .rollback_copy import MOST
from .rows import MOST_TEXT, Objects, fit, read, shards, tables_of

HEAD = "state"
"""Name of the Secret that knows the backups and names the shards."""

FORMAT = 3
"""Of the head and the shards. The first has no row that says how long backups have lacked its object, the first two
none that says what production has of a workload that sleeps, or that an object is the target's own."""
READABLE = (1, 2, FORMAT)

MOST_HEAD = 8 << 20
"""Bytes of the head's JSON: thousands of backups that left something behind."""

MOST_ALL = 256 << 20
"""Bytes of all JSON of a state: two million objects."""

MOST_FACT = 1024
"""Characters of a name, a time or a UID in the head."""

_SHARD = re.compile(r"state-[0-9a-f]{12}")
_MOST_NUMBER = 1 << 53
_FACTS = [field.name for field in fields(BackupInfo)]
_NUMBERS = {"selected", *(field.name for field in fields(BackupInfo) if field.type == "int")}
_ENTRY = {"slot", "selection", "selected", *_FACTS}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A state as the texts of its Secrets."""

    head: bytes
    shards: dict[str, bytes]
    """By the name of the Secret."""
    forgotten: tuple[ObjectKey, ...] = ()
    """Objects that cannot be kept: a text that no API server has, or too many backups. They are never pruned."""

    def secret(self, name: str, namespace: str) -> Body:
        """The head or a shard as it is created, gzipped only now: most are there already."""
        return secret_of(name, self.head if name == HEAD else self.shards[name], namespace)


@dataclass(frozen=True, slots=True)
class Writes:
    """What brings the Secrets on the target to a state; in this order, each step done before the next begins."""

    shards: tuple[str, ...]
    """To be created; replaced where there is one, for it is damaged."""
    head: bool
    obsolete: tuple[str, ...]
    """Shards to be deleted."""


def encode(inventory: Inventory) -> Encoded:
    """A StateError when the facts of a backup are not fit to be kept."""
    try:
        return _encoded(inventory)
    except ValueError:
        return _without_unfit(inventory)


def _encoded(inventory: Inventory) -> Encoded:
    """A ValueError when a row is not fit to be kept: rare, and found out at no cost on the way."""
    slots = _slots(inventory)
    found: list[tuple[bytes, int]] = []
    for sort in zip(*(_sorts(part.entries) for part in inventory), strict=True):
        objects = zip(slots, sort, strict=True)
        found.extend(shards([table for slot, some in objects for table in tables_of(slot, some)]))
    texts = {_shard_name(text): text for text, _count in found}
    counts = {name: count for name, (_text, count) in zip(texts, found, strict=True)}
    head = _head(slots, inventory, counts)
    return _without_oldest(inventory) if _too_large(head) else Encoded(head, texts)


def _sorts(objects: Objects) -> tuple[Objects, Objects, Objects]:
    """Each sort of rows has shards of its own, so that where few change most stay as they are.

    Those without a UID, of which a run plans few new ones; those that backups lack, which each newer backup counts; and
    all others.
    """
    bare = {key: entry for key, entry in objects.items() if not entry.uid}
    lacking = {key: entry for key, entry in objects.items() if entry.uid and entry.lacking.backups}
    if not bare and not lacking:
        return objects, lacking, bare
    others = {key: entry for key, entry in objects.items() if key not in bare and key not in lacking}
    return others, lacking, bare


def _without_unfit(inventory: Inventory) -> Encoded:
    unfit = tuple(key for part in inventory for key, entry in part.entries.items() if not fit(key, entry))
    rest = tuple(
        replace(part, entries={key: entry for key, entry in part.entries.items() if fit(key, entry)})
        for part in inventory
    )
    encoded = _encoded(rest)
    return replace(encoded, forgotten=(*unfit, *encoded.forgotten))


def _slots(inventory: Inventory) -> list[str]:
    """One for each part; of a schedule and selection the one with most rows is called after these, others after
    themselves: so most rows keep their slot from one backup to the next."""
    last: dict[tuple[str, str], int] = {}
    for at, part in enumerate(inventory):
        line = part.scope.line
        if line not in last or len(part.entries) >= len(inventory[last[line]].entries):
            last[line] = at
    taken: set[str] = set()
    slots = []
    for at, part in enumerate(inventory):
        line = part.scope.line
        named: Any = line if last[line] == at else _entry("", part)
        slot = sha256(json.dumps(named).encode()).hexdigest()[:16]
        while slot in taken:
            slot += "+"
        taken.add(slot)
        slots.append(slot)
    return slots


def _entry(slot: str, part: BackupInventory) -> Body:
    facts = {name: getattr(part.scope.backup, name) for name in _FACTS}
    return {"slot": slot, **facts, "selection": part.scope.selection, "selected": part.scope.selected}


def _head(slots: list[str], inventory: Inventory, counts: dict[str, int]) -> bytes:
    entries = [_entry(slot, part) for slot, part in zip(slots, inventory, strict=True)]
    for entry in entries:
        problem = _problem(entry)
        if problem:
            raise StateError(f"backup {entry['name'][:100]!r} cannot be kept in Secret {HEAD}: its {problem}")
    head = {"format": FORMAT, "backups": entries, "shards": counts}
    return json.dumps(head, separators=(",", ":"), sort_keys=True).encode("ascii")


def _problem(entry: Body) -> str:
    """What is wrong with the facts of a backup, or nothing."""
    for name, value in entry.items():
        if name in _NUMBERS:
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or not 0 <= value <= _MOST_NUMBER:
                return f"{name} is no number that can be"
        elif not isinstance(value, str) or len(value) > MOST_FACT or not value.isprintable():
            return f"{name} is no plain text of at most {MOST_FACT} characters"
    return ""


def _too_large(head: bytes) -> bool:
    return len(head) > MOST_TEXT and (len(head) > MOST_HEAD or len(packed(head)) > MOST)


def _without_oldest(inventory: Inventory) -> Encoded:
    """Without the oldest tenth of the backups: what is forgotten is never deleted, and restores must go on."""
    at = len(inventory) // 10 + 1
    rest = _encoded(inventory[at:])
    lost = (key for part in inventory[:at] for key in part.entries)
    return replace(rest, forgotten=(*lost, *rest.forgotten))


def _shard_name(text: bytes) -> str:
    """After the text, not its gzip data, which differ between the makes of zlib."""
    return f"state-{sha256(text).hexdigest()[:12]}"


def decode(head: Body | None, found: Mapping[str, Body]) -> Inventory:
    """The state that the head names; a StateError when it is damaged, and so must not be built upon.

    `found` are the shards by name. One that the head does not name was left by a run that ended too early.
    """
    if head is None:
        return ()
    if head.get("type") != TYPE:
        raise StateError(f"Secret {HEAD} is not of type {TYPE}: it is somebody else's. Choose another state_namespace")
    text = _text(HEAD, head, MOST_HEAD)
    try:
        entries, counts = _read_head(text)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(HEAD, "is damaged: it does not hold what it should") from error
    parts: dict[str, Objects] = {entry["slot"]: {} for entry in entries}
    room = MOST_ALL
    for name, count in counts.items():
        room -= _read_shard(name, count, found, parts, room)
    if not _apart(parts.values()):
        raise _damaged(HEAD, "is damaged: an object stands under two backups")
    return tuple(_part(entry, parts[entry["slot"]]) for entry in entries)


def _read_head(text: bytes) -> tuple[list[Body], dict[str, int]]:
    head = json.loads(text)
    written = head["format"]
    if written not in READABLE:
        raise _damaged(HEAD, f"is of format {str(written)[:20]!r}, and this version of the collection reads {FORMAT}")
    entries, counts = head["backups"], head["shards"]
    if not isinstance(entries, list) or not isinstance(counts, dict):
        raise ValueError("no backups")
    if len({entry["slot"] for entry in entries}) != len(entries):
        raise ValueError("slots")
    if any(entry.keys() != _ENTRY or _problem(entry) for entry in entries):
        raise ValueError("facts")
    if any(not _SHARD.fullmatch(name) or not isinstance(count, int) for name, count in counts.items()):
        raise ValueError("shards")
    return entries, counts


def _read_shard(name: str, count: int, found: Mapping[str, Body], parts: dict[str, Objects], room: int) -> int:
    """The length of its text."""
    if name not in found:
        raise _damaged(name, f"is missing, and Secret {HEAD} names it")
    text = _text(name, found[name], min(MOST_TEXT, room))
    if _shard_name(text) != name:
        raise _damaged(name, "is damaged: it is not called after what it holds")
    try:
        rows = read(text, parts)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(name, "is damaged: it does not hold what it should") from error
    if rows != count:
        raise _damaged(name, f"is damaged: it adds {rows} objects, and Secret {HEAD} says {count}")
    return len(text)


def _apart(parts: Iterable[Objects]) -> bool:
    """No key stands in two of them; what is cheap where nearly all stand in one."""
    *smaller, largest = sorted(parts, key=len) or [{}]
    seen: set[ObjectKey] = set()
    for objects in smaller:
        if not seen.isdisjoint(objects):
            return False
        seen.update(objects)
    return not any(key in largest for key in seen)


def _part(entry: Body, objects: dict[ObjectKey, InventoryEntry]) -> BackupInventory:
    facts = BackupInfo(**{name: entry[name] for name in _FACTS})
    return BackupInventory(RestoreScope(facts, entry["selection"], entry["selected"]), objects)


def writes(encoded: Encoded, head: Body | None, found: Mapping[str, Body]) -> Writes:
    """What differs from the Secrets that are there; nothing after a run that changed nothing."""
    return Writes(
        shards=tuple(name for name, text in encoded.shards.items() if not _holds(found.get(name), text)),
        head=not _holds(head, encoded.head),
        obsolete=tuple(name for name in found if name not in encoded.shards and _SHARD.fullmatch(name)),
    )


def _holds(secret: Body | None, text: bytes) -> bool:
    try:
        return secret is not None and text_of(secret, len(text)) == text
    except ValueError:
        return False


def _text(name: str, secret: Body, most: int) -> bytes:
    try:
        return text_of(secret, most)
    except ValueError as error:
        raise _damaged(name, str(error)) from error


def _damaged(name: str, problem: str) -> StateError:
    return StateError(
        f"Secret {name} {problem}. It is part of what the target keeps of earlier restores. To start anew, delete the "
        f"Secrets labelled {SELECTOR} in its namespace: only what is known of which object came from which backup is "
        "lost, so that nothing is pruned on its account"
    )
