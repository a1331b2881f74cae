# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of an inventory, one an object, as the text of shards.

In which shard a row is depends on hashes of its namespace and type, then of its name, and on how many rows are near it:
a shard that has grown too large is split by the next bit. So what changes in a namespace changes few shards.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import compress, repeat
from sys import intern
from typing import Any
from zlib import crc32

from .._values import ObjectKey
from .entries import NO_LABELS, NOT_LACKING, InventoryEntry, Labels, Lacking

MOST_ROWS = 4096
"""In a shard: some 200 kB gzipped."""

MOST_TEXT = 768 << 10
"""Bytes of a shard's JSON. ASCII text grows by an eighth where gzip does worst, so that it always fits a Secret."""

MOST_FIELD = 4096
"""Characters of a text in a row. Most names have 253 at most, but those of roles and other kinds have no bound."""

_BITS = 64
"""Of the hash of a key."""

_NAME_BITS = 32

_NUMBER = re.compile("[1-9][0-9]{0,8}")

Objects = dict[ObjectKey, InventoryEntry]

Head = tuple[str, ...]
"""What rows have in common: slot (which part of the inventory), group, kind, namespace, namespace in the backup; how
many backups have lacked them and when the last of these was begun, both empty where none has; and the two labels. Of
what sleeps or is the target's own, behind these, what production has of it, and whether it is."""

_FIELDS = 9
"""Of a head. Before there were labels it had 7, and 5 for what no backup lacked."""

_TARGETS = "own"

_OWN: Labels = ("=", "=")
"""In place of labels that are those of the part; no label has such a value."""

Row = tuple[str, str, str]
"""Name, UID, UID in production."""

Table = tuple[Head, list[Row]]

_key = partial(tuple.__new__, ObjectKey)
_entry = partial(tuple.__new__, InventoryEntry)
"""Several times as fast as calling the types, which matters 100,000 times."""


def tables_of(slot: str, objects: Objects, own: Labels = NO_LABELS) -> list[Table]:
    """The rows of a part, by what they have in common; `own` are the labels of its restore."""
    found: dict[Head, list[Row]] = {}
    said = {own: _OWN, NO_LABELS: NO_LABELS}
    for (group, kind, namespace, name), (uid, origin, source, lacking, labels, held, targets) in objects.items():
        away = (str(lacking.backups), lacking.last) if lacking.backups else ("", "")
        sleep = (held, _TARGETS if targets else "") if held or targets else ()
        head = (slot, group, kind, namespace, source, *away, *said.get(labels, labels), *sleep)
        found.setdefault(head, []).append((name, uid, origin))
    return list(found.items())


def fit(key: ObjectKey, entry: InventoryEntry) -> bool:
    """Whether a row can be kept; an API server has no object of which it cannot."""
    try:
        _check([*key, *entry[:3], entry.lacking.last, *entry.labels, entry.held])
    except ValueError:
        return False
    return True


def shards(tables: list[Table], bit: int = _BITS - 1) -> Iterator[tuple[bytes, int]]:
    """The text of each shard, and how many rows it has; a ValueError for a row that is not fit.

    In the bits of their hash above this one all rows are alike.
    """
    count = sum(len(rows) for _head, rows in tables)
    if count <= MOST_ROWS:
        text = _text(tables)
        if len(text) <= MOST_TEXT or count == 1:
            if count:
                yield text, count
            return
    for half in _halves(tables, bit):
        yield from shards(half, bit - 1)


def _halves(tables: list[Table], bit: int) -> tuple[list[Table], list[Table]]:
    """The tables without and with the bit: first those of the hash of the head, then those of the names."""
    if bit < 0:  # names that were made up to have the same hash
        single = sorted((head, [row]) for head, rows in tables for row in rows)
        return single[: len(single) // 2], single[len(single) // 2 :]
    if bit >= _NAME_BITS:
        places = [_place(head) >> (bit - _NAME_BITS) & 1 for head, _rows in tables]
        return list(compress(tables, (not place for place in places))), list(compress(tables, places))
    if bit == _NAME_BITS - 1:
        tables = [(head, sorted(rows, key=_hash)) for head, rows in tables]
    cuts = [(head, rows, _cut(rows, bit)) for head, rows in tables]
    low = [(head, rows[:at]) for head, rows, at in cuts if at]
    return low, [(head, rows[at:]) for head, rows, at in cuts if at < len(rows)]


def _place(head: Head) -> int:
    """The slot has no part in it: a row that comes to an older backup stays near."""
    return crc32("\0".join(head[1:4]).encode())


def _hash(row: Row) -> int:
    return crc32(row[0].encode())


def _cut(rows: list[Row], bit: int) -> int:
    """Where the rows with the bit begin, of rows that are sorted by their hash and alike in the bits above."""
    common = _hash(rows[0]) >> (bit + 1)
    return bisect_left(rows, (common << 1 | 1) << bit, key=_hash)


def _text(tables: list[Table]) -> bytes:
    """Columns: they are shorter than rows, quicker to read, and gzip makes more of them."""
    columns = [[*head, *zip(*sorted(rows), strict=True)] for head, rows in sorted(tables)]
    for *texts, names, uids, origins in columns:
        for column in (texts, names, uids, origins):
            _check(column)
    return json.dumps(columns, separators=(",", ":")).encode("ascii")


def read(text: bytes, parts: dict[str, Objects], own: Mapping[str, Labels] | None = None) -> int:
    """Adds the rows of a shard to the objects of their parts, by slot, and counts those that are new; a ValueError for
    anything that `shards` does not write, now or before. `own` are the labels of the restore of each slot."""
    tables = json.loads(text)
    if not isinstance(tables, list):
        raise ValueError("no list of tables")
    return sum(_read_table(table, parts, own or {}) for table in tables)


def _read_table(table: Any, parts: dict[str, Objects], own: Mapping[str, Labels]) -> int:
    if not isinstance(table, list) or len(table) not in (_FIELDS + 5, _FIELDS + 3, 10, 8):
        raise ValueError("no table")
    *head, names, uids, origins = table
    for column in (head, names, uids, origins):
        if not isinstance(column, list) or not column:
            raise ValueError("no column")
        _check(column)
    if not len(names) == len(uids) == len(origins):
        raise ValueError("columns of different lengths")
    head, sleep = head[:_FIELDS], head[_FIELDS:]
    slot, group, kind, namespace, source, backups, last, *labels = (*head, "", "")[: max(len(head), 7)]
    held, targets = _sleep(*sleep) if sleep else ("", False)
    lacking = _lacking(backups, last)
    objects = parts[slot]
    before = len(objects)
    keys = map(_key, zip(repeat(group), repeat(kind), repeat(namespace), names))
    said = _labels(labels, own.get(slot, NO_LABELS))
    alike = map(repeat, (source, lacking, said, held, targets))
    entry = map(_entry, zip(uids, map(intern, origins), *alike, strict=False))
    objects.update(zip(keys, entry, strict=True))
    return len(objects) - before


def _sleep(held: str, targets: str) -> tuple[str, bool]:
    if targets not in ("", _TARGETS) or not (held or targets):
        raise ValueError("neither asleep nor the target's own")
    return held, targets == _TARGETS


def _labels(said: Sequence[str], own: Labels) -> Labels:
    backup, restore = said or NO_LABELS
    return own if (backup, restore) == _OWN else (backup, restore)


def _lacking(backups: str, last: str) -> Lacking:
    if not backups and not last:
        return NOT_LACKING
    if not _NUMBER.fullmatch(backups):
        raise ValueError("no number of backups")
    return Lacking(int(backups), last)


def _check(texts: Sequence[Any]) -> None:
    """A TypeError unless all are text, a ValueError unless UTF-8 has it and its length is sane."""
    "".join(texts).encode()
    if max(map(len, texts)) > MOST_FIELD:
        raise ValueError("a text that is too long")
