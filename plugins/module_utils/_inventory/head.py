# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of an inventory: the backups, and of each shard its name, its digest and how many rows it has.

The digests are what makes a signature of the head one of the whole inventory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, NamedTuple

from .._errors import StateError
from .._memory import LARGEST_BODY, is_heavier
from .._values import BackupInfo, Body
from .entries import NO_LABELS, BackupInventory, Labels, RestoreScope

HEAD = "state"
"""Name of the Secret that knows the backups and names the shards."""

FORMAT = 4
"""Of the head and the shards. The third has no row that says what production has of a workload that sleeps, or that an
object is the target's own; the second no labels, no number and no digests, the first besides no row that says how long
backups have lacked its object."""
READABLE = (1, 2, 3, FORMAT)
_FIRST_WITH_LABELS = 3

MOST_FACT = 1024
"""Characters of a name, a time or a UID in the head."""

SHARD = re.compile(r"state-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_NUMBER = 1 << 53
_FACTS = [field.name for field in fields(BackupInfo)]
_NUMBERS = {"selected", "rebuilt", *(field.name for field in fields(BackupInfo) if field.type == "int")}
_ENTRY = {"slot", "selection", "selected", *_FACTS}
_SINCE_LABELS: dict[str, Any] = {"backup_label": "", "restore_label": "", "rebuilt": 0}
"""What an entry of an older format does not say."""


class NewerFormat(Exception):
    """The head is of a format that this version of the collection does not know; the text names it."""


class Shard(NamedTuple):
    """What the head says of one."""

    rows: int
    digest: str
    """SHA-256 of its text; empty in an older format."""


@dataclass(frozen=True, slots=True)
class Head:
    """What it says."""

    entries: list[Body]
    shards: dict[str, Shard]
    counter: int = 0
    """Grows by one whenever the head is written."""


def shard_name(digest: str) -> str:
    """After the text, not its gzip data, which differ between the makes of zlib."""
    return f"state-{digest[:12]}"


def digest_of(text: bytes) -> str:
    return sha256(text).hexdigest()


def entry_of_part(slot: str, part: BackupInventory) -> Body:
    scope = part.scope
    facts = {name: getattr(scope.backup, name) for name in _FACTS}
    backup, restore = scope.labels
    labels = {"backup_label": backup, "restore_label": restore, "rebuilt": int(scope.rebuilt)}
    return {"slot": slot, **facts, "selection": scope.selection, "selected": scope.selected, **labels}


def scope_of(entry: Body) -> RestoreScope:
    facts = BackupInfo(**{name: entry[name] for name in _FACTS})
    return RestoreScope(facts, entry["selection"], entry["selected"], labels_of(entry), bool(entry["rebuilt"]))


def labels_of(entry: Body) -> Labels:
    found = entry["backup_label"], entry["restore_label"]
    return found if all(found) else NO_LABELS


def write_head(entries: Iterable[Body], shards: Mapping[str, Shard], counter: int) -> bytes:
    """Its text; a StateError when the facts of a backup are not fit to be kept."""
    kept = list(entries)
    for entry in kept:
        problem = _problem(entry)
        if problem:
            raise StateError(f"backup {entry['name'][:100]!r} cannot be kept in Secret {HEAD}: its {problem}")
    head = {
        "format": FORMAT,
        "counter": counter,
        "backups": kept,
        "shards": {name: [*one] for name, one in shards.items()},
    }
    return json.dumps(head, separators=(",", ":"), sort_keys=True).encode("ascii")


def read_head(text: bytes) -> Head:
    """A ValueError, KeyError, TypeError or RecursionError when it is damaged; see NewerFormat."""
    if is_heavier(text, LARGEST_BODY):
        raise ValueError("more memory than a head takes")
    head = json.loads(text)
    written = head["format"]
    if _is_number(written) and written > FORMAT:
        raise NewerFormat(str(written))
    if not _is_number(written) or written not in READABLE:
        raise ValueError("format")
    with_labels = written >= _FIRST_WITH_LABELS
    entries, shards = head["backups"], head["shards"]
    if not isinstance(entries, list) or not isinstance(shards, dict):
        raise ValueError("no backups")
    if not with_labels:
        entries = [{**entry, **_SINCE_LABELS} for entry in entries]
        shards = {name: [rows, ""] for name, rows in shards.items()}
    if len({entry["slot"] for entry in entries}) != len(entries):
        raise ValueError("slots")
    if any(entry.keys() != _ENTRY | _SINCE_LABELS.keys() or _problem(entry) for entry in entries):
        raise ValueError("facts")
    counter = head["counter"] if with_labels else 0
    if not _is_number(counter):
        raise ValueError("counter")
    return Head(entries, {name: _shard(name, said, with_labels) for name, said in shards.items()}, counter)


def _shard(name: str, said: list[Any], with_digest: bool) -> Shard:
    rows, digest = said
    if not SHARD.fullmatch(name) or not _is_number(rows):
        raise ValueError("shards")
    if with_digest and (not _DIGEST.fullmatch(digest) or shard_name(digest) != name):
        raise ValueError("digest")
    return Shard(rows, digest)


def _problem(entry: Body) -> str:
    """What is wrong with the facts of a backup, or nothing."""
    for name, value in entry.items():
        if name in _NUMBERS:
            if not _is_number(value):
                return f"{name} is no number that can be"
        elif not isinstance(value, str) or len(value) > MOST_FACT or not value.isprintable():
            return f"{name} is no plain text of at most {MOST_FACT} characters"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_NUMBER
