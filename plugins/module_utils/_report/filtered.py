# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects each entry of the filter policies kept out: the only trace of what a run never looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from .._values import BackupItem, Body, Done, ObjectKey
from .text import entries_within

FILTERED_BYTES = 8_000
"""Of the entries in a module's result."""

Filtered = Mapping[str, int]
"""Entry -> objects."""


def kept_out(filtered: Mapping[ObjectKey, str], done: Iterable[Done]) -> Filtered:
    """By entry, most objects first, without what came along all the same: with another object, or to hold others."""
    there = {_source(one.change.ref) for one in done if isinstance(one.change.ref, BackupItem)}
    counted = Counter(entry for key, entry in filtered.items() if key not in there)
    return dict(counted.most_common())


def _source(item: BackupItem) -> ObjectKey:
    return item.source or item.key


def entries(filtered: Filtered) -> Iterator[Body]:
    """Everything, for the report file."""
    return ({"entry": entry, "objects": count} for entry, count in filtered.items())


def shortened(filtered: Filtered) -> list[Body]:
    """As many entries as fit into the section of a module's result."""
    return entries_within(entries(filtered), FILTERED_BYTES)
