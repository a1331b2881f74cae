# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a target has from which backup, as Secrets on it, and back.

One Secret, the head, knows the backups and names the shards, which hold a row an object. A shard is called after its
content and never rewritten: new shards are written first, then the head, and what it names no more is deleted last.
Whatever ends a run in between, the head names a whole inventory, the old one or the new one.

A row does not name its backup but a slot: of a schedule and selection the backup with most rows always has the same
one. So a newer backup with the same objects changes the head alone, and a run that changes nothing changes nothing here
either. For the same end a row says of its labels, where it can, that they are its backup's.
No bodies are kept, no values, and no hashes of values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from .._errors import StateError
from .._values import Body, ObjectKey
from .entries import BackupInventory, Inventory
from .head import (
    FORMAT,
    HEAD,
    SHARD,
    Head,
    NewerFormat,
    Shard,
    digest_of,
    entry_of_part,
    labels_of,
    read_head,
    scope_of,
    shard_name,
    write_head,
)
from .packed import HOLDS, TYPE, packed, secret_of, text_of
from .rollback_copy import MOST
from .rows import MOST_TEXT, Objects, fit, read, shards, tables_of
from .seal import UNSIGNED, Seal

MOST_HEAD = 8 << 20
"""Bytes of the head's JSON: thousands of backups that left something behind."""

MOST_ALL = 256 << 20
"""Bytes of all JSON of a state: two million objects."""

_BROKEN = (ValueError, KeyError, TypeError, RecursionError)


class DamagedState(StateError):
    """What stands there cannot be an inventory, or is not signed; the text says what to do, and what is lost."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A state as the texts of its Secrets."""

    entries: tuple[Body, ...]
    """Of the head."""
    shards: dict[str, bytes]
    """By the name of the Secret."""
    known: dict[str, Shard]
    """What the head says of each."""
    forgotten: tuple[ObjectKey, ...] = ()
    """Objects that cannot be kept: a text that no API server has, or too many backups. They are never pruned."""

    def head(self, counter: int = 0) -> bytes:
        return write_head(self.entries, self.known, counter)

    def secret(self, name: str, namespace: str, seal: Seal = UNSIGNED, counter: int = 0) -> Body:
        """The head or a shard as it is created, gzipped only now: most are there already."""
        if name != HEAD:
            return secret_of(name, self.shards[name], namespace)
        text = self.head(counter)
        return secret_of(name, text, namespace, seal.field(HOLDS, name, text))


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
        objects = zip(slots, sort, inventory, strict=True)
        found.extend(
            shards([table for slot, some, part in objects for table in tables_of(slot, some, part.scope.labels)])
        )
    known = {text: Shard(rows, digest_of(text)) for text, rows in found}
    texts = {shard_name(one.digest): text for text, one in known.items()}
    entries = (entry_of_part(slot, part) for slot, part in zip(slots, inventory, strict=True))
    encoded = Encoded(tuple(entries), texts, dict(zip(texts, known.values(), strict=True)))
    return _without_oldest(inventory) if _too_large(encoded.head()) else encoded


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
        named: Any = line if last[line] == at else entry_of_part("", part)
        slot = sha256(json.dumps(named).encode()).hexdigest()[:16]
        while slot in taken:
            slot += "+"
        taken.add(slot)
        slots.append(slot)
    return slots


def _too_large(head: bytes) -> bool:
    return len(head) > MOST_TEXT and (len(head) > MOST_HEAD or len(packed(head)) > MOST)


def _without_oldest(inventory: Inventory) -> Encoded:
    """Without the oldest tenth of the backups: what is forgotten is never deleted, and restores must go on."""
    at = len(inventory) // 10 + 1
    rest = _encoded(inventory[at:])
    lost = (key for part in inventory[:at] for key in part.entries)
    return replace(rest, forgotten=(*lost, *rest.forgotten))


def decode_head(secret: Body | None, seal: Seal = UNSIGNED, adopt: bool = False) -> Head | None:
    """What the head says; a StateError when it is damaged, somebody else's, or not signed although there is a key.

    With `adopt` one that has no signature at all is taken: it is to be signed now.
    """
    if secret is None:
        return None
    if secret.get("type") != TYPE:
        raise StateError(f"Secret {HEAD} is not of type {TYPE}: it is somebody else's. Choose another state_namespace")
    text = _text(HEAD, secret, MOST_HEAD)
    try:
        head = read_head(text)
    except NewerFormat as error:
        raise StateError(
            f"Secret {HEAD} is of format {error}, which a newer version of this collection has written; this one reads"
            f" up to {FORMAT}. Use the newer version on this target from now on"
        ) from error
    except _BROKEN as error:
        raise _damaged(HEAD, "is damaged: it does not hold what it should") from error
    seal.check(secret, HOLDS, HEAD, text, adopt)
    return head


def is_signed_now(secret: Body | None, seal: Seal) -> bool:
    """Whether a head that was read has the signature that it would be written with."""
    return not seal or secret is None or seal.is_current(secret, HOLDS, HEAD, _text(HEAD, secret, MOST_HEAD))


def decode(secret: Body | None, found: Mapping[str, Body], seal: Seal = UNSIGNED) -> Inventory:
    """The state that the head names; a StateError when it is damaged, and so must not be built upon."""
    head = decode_head(secret, seal)
    return inventory_of(head, found) if head else ()


def inventory_of(head: Head, found: Mapping[str, Body]) -> Inventory:
    """The same once the head is read; `found` are the shards by name.

    One that the head does not name was left by a run that ended too early.
    """
    parts: dict[str, Objects] = {entry["slot"]: {} for entry in head.entries}
    labels = {entry["slot"]: labels_of(entry) for entry in head.entries}
    room = MOST_ALL
    for name, shard in head.shards.items():
        text = _shard_text(name, shard, found, room)
        room -= len(text)
        _read_shard(name, shard, text, parts, labels)
    if not _apart(parts.values()):
        raise _damaged(HEAD, "is damaged: an object stands under two backups")
    return tuple(BackupInventory(scope_of(entry), parts[entry["slot"]]) for entry in head.entries)


def _shard_text(name: str, shard: Shard, found: Mapping[str, Body], room: int) -> bytes:
    if name not in found:
        raise _damaged(name, f"is missing, and Secret {HEAD} names it")
    text = _text(name, found[name], min(MOST_TEXT, room))
    digest = digest_of(text)
    if shard_name(digest) != name or (shard.digest and shard.digest != digest):
        raise _damaged(name, "is damaged: it is not called after what it holds")
    return text


def _read_shard(name: str, shard: Shard, text: bytes, parts: dict[str, Objects], labels: Mapping[str, Any]) -> None:
    try:
        rows = read(text, parts, labels)
    except _BROKEN as error:
        raise _damaged(name, "is damaged: it does not hold what it should") from error
    if rows != shard.rows:
        raise _damaged(name, f"is damaged: it adds {rows} objects, and Secret {HEAD} says {shard.rows}")


def _apart(parts: Iterable[Objects]) -> bool:
    """No key stands in two of them; what is cheap where nearly all stand in one."""
    *smaller, largest = sorted(parts, key=len) or [{}]
    seen: set[ObjectKey] = set()
    for objects in smaller:
        if not seen.isdisjoint(objects):
            return False
        seen.update(objects)
    return not any(key in largest for key in seen)


def writes(
    encoded: Encoded, head: Body | None, found: Mapping[str, Body], seal: Seal = UNSIGNED, counter: int = 0
) -> Writes:
    """What differs from the Secrets that are there; nothing after a run that changed nothing."""
    text = encoded.head(counter)
    return Writes(
        shards=tuple(name for name, shard in encoded.shards.items() if not _holds(found.get(name), shard)),
        head=not (_holds(head, text) and seal.is_current(head, HOLDS, HEAD, text)),
        obsolete=tuple(name for name in found if name not in encoded.shards and SHARD.fullmatch(name)),
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


def _damaged(name: str, problem: str) -> DamagedState:
    return DamagedState(f"Secret {name} {problem}")
