# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero says is in a backup: the `<name>-resource-list.json.gz` that lies beside its content.

Velero 1.18, pkg/backup/request.go (BackupResourceList): from `group/version/Kind` to `namespace/name`. An object is in
it as soon as its backup begins, so that one whose backup failed is in the list alone. Refused as BackupError: a file
that is damaged or too large.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from .._errors import BackupError
from .._source.files import SourceFile
from .._source.local import open_regular
from .._text import printable
from .._values import BackupItem, ObjectKey
from .json_stream import JsonStream
from .unzip import Limits, Unzipped

_MOST = 128 << 20
LIMITS = Limits(total=_MOST, free=_MOST)
"""A name has at most 253 bytes twice; most have some 40, and one at a time is in memory."""
_SHOWN = 5


def read_resource_list(file: SourceFile, limits: Limits = LIMITS) -> Iterator[ObjectKey]:
    """The keys of all objects that the backup is said to have, as they are read."""
    with open(open_regular(*file), "rb") as opened:
        stream = JsonStream(Unzipped(opened, file.where, limits))
        try:
            yield from _keys(stream.fields())
        except (ValueError, RecursionError):
            raise BackupError(f"{file.where}: is damaged: it is no list of resources in JSON") from None


def lacking(file: SourceFile | None, items: Collection[BackupItem]) -> Iterator[str]:
    """A warning when the content does not have all that the list names: what is missing would look deleted."""
    if file is None:
        return
    there = {item.key for item in items}
    broken = {(item.key.namespace, item.key.name) for item in items if item.problem}
    missing = _Missing()
    for key in read_resource_list(file):
        if key not in there and key[2:] not in broken:
            missing.note(key)
    if missing.count:
        named = ", ".join(printable(str(key)) for key in missing.first)
        more = ", …" if missing.count > _SHOWN else ""
        yield f"the backup's own list names {missing.count} objects that its content does not have: {named}{more}"


class _Missing:
    """How many there are, and the first few."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[ObjectKey] = []

    def note(self, key: ObjectKey) -> None:
        self.count += 1
        self.first = sorted((*self.first, key))[:_SHOWN]


def _keys(fields: Iterable[tuple[str, Any]]) -> Iterator[ObjectKey]:
    for type_name, name in fields:
        if isinstance(name, str):
            group_version, _slash, kind = type_name.rpartition("/")
            namespace, _slash, last = name.rpartition("/")
            yield ObjectKey(group_version.rpartition("/")[0], kind, namespace, last)
