# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a backup, and where each body lies.

Each body is parsed once, to know its item, and again when it is asked for. As in Velero the copy without a version
folder is the one restored; of the others only the folders' names are kept. Velero never lists an object that has no
such copy (pkg/archive/parser.go), so that it is silently not restored: here it is an item with a problem, and the run
says so.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from operator import attrgetter
from types import TracebackType

from .._errors import BackupError
from .._memory import weight
from .._text import shown
from .._values import BackupItem, Body, ObjectKey
from .archive import Member, read_archive
from .bodies import Bodies
from .item import broken_item, item_of
from .layout import PREFERRED, VERSION_FILE, Place, format_problem, is_folder, place_of
from .unzip import CHUNK, DEFAULT_LIMITS, Limits

_Folder = tuple[str, str, str]
"""Resource, version folder, namespace."""

_OUTSIDE = "is not where a Velero backup has files"
_ORPHAN = "lies in a version folder only, and what is restored is the copy outside of these"


class Catalogue:
    """The items of one backup and, until it is closed, their bodies."""

    def __init__(
        self,
        bodies: Bodies,
        items: tuple[BackupItem, ...],
        others: dict[ObjectKey, tuple[BackupItem, ...]],
        versions: dict[str, tuple[str, ...]],
        newest: int,
    ) -> None:
        self._bodies = bodies
        self.items = items
        """The copies that are restored by default, sorted by key and resource."""
        self.others = others
        """Copies of the same objects at other API versions; those of the preferred one are the default ones again."""
        self.uids = frozenset(item.uid for item in items if item.uid)
        """Production's UIDs of all that is in the backup, to know whether an owner is."""
        self.versions = versions
        """By resource: the API versions it has folders of, production's preferred one first."""
        self.newest = newest
        """When the last of its files was written, in seconds since 1970; 0 when the archive has no times.

        Only to be reported: whoever packs a backup anew gives its files any time.
        """

    @property
    def keys(self) -> Iterator[ObjectKey]:
        """Of all that is in the backup."""
        return (item.key for item in self.items)

    def body(self, item: BackupItem) -> Body:
        """The object as it was backed up; from any thread. An item with a problem has none: BackupError."""
        if item.problem:
            raise BackupError(f"{item.key} {item.problem}")
        body: Body = json.loads(self._bodies.read(item.number).decode())
        return body

    def weight(self, item: BackupItem) -> int:
        """Bytes of memory that its body takes at most; from any thread."""
        return weight(self._bodies.read(item.number)) if item.size else 0

    def digest(self, item: BackupItem) -> bytes:
        """Of the bytes of its body; empty without one."""
        return self._bodies.digest(item.number) if item.size else b""

    def close(self) -> None:
        """Gives up the bodies; the items stay."""
        self._bodies.close()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_catalogue(
    file: io.BufferedReader, where: str, tmpdir: str | None, limits: Limits = DEFAULT_LIMITS
) -> Catalogue:
    """Reads a whole archive; a BackupError that names the file as `where` when it is damaged or no Velero backup."""
    try:
        with ExitStack() as on_failure:
            spool = on_failure.enter_context(tempfile.TemporaryFile(buffering=CHUNK, dir=tmpdir))
            reading = _Reading(Bodies(spool), where)
            for member in read_archive(file, where, limits):
                reading.take(member)
            catalogue = reading.catalogue()
            on_failure.pop_all()
            return catalogue
    except OSError as error:
        raise BackupError(
            f"{where}: its objects cannot be kept in a temporary file: {error.strerror or error}"
        ) from error


class _Reading:
    """What is known of an archive while it is being read."""

    def __init__(self, bodies: Bodies, where: str) -> None:
        self._bodies = bodies
        self._where = where
        self._items: list[BackupItem] = []
        self._others: dict[ObjectKey, list[BackupItem]] = {}
        self._names: dict[_Folder, set[str]] = {}
        self._texts: dict[str, str] = {}
        """Each once: names of objects, namespaces and types come again and again."""
        self._format_seen = False
        self._resources_seen = False
        self._newest = 0

    def take(self, member: Member) -> None:
        path, data, modified = member
        if path.startswith("resources"):
            self._resources_seen = True
        if data is None:
            if not is_folder(path):
                raise self._refused(path, _OUTSIDE)
            return
        self._newest = max(self._newest, modified)
        if path == VERSION_FILE:
            self._take_format(data)
        else:
            self._take_item(path, data)

    def _take_format(self, data: bytes) -> None:
        problem = "is there twice" if self._format_seen else format_problem(data.decode("ascii", "replace"))
        if problem:
            raise self._refused(VERSION_FILE, problem)
        self._format_seen = True

    def _take_item(self, path: str, data: bytes) -> None:
        place = place_of(path)
        if place is None:
            raise self._refused(path, _OUTSIDE)
        place = Place(*(self._texts.setdefault(text, text) for text in place))
        names = self._names.setdefault((place.resource, place.version, place.namespace), set())
        if place.name in names:
            raise self._refused(path, "is there twice")
        names.add(place.name)
        if place.version.endswith(PREFERRED):
            return
        item = item_of(place, data, len(self._bodies))
        if not place.version:
            self._items.append(item)
        elif not item.problem:
            self._others.setdefault(item.key, []).append(item)
        if not item.problem:
            self._bodies.add(data)

    def catalogue(self) -> Catalogue:
        """All that was read, once the archive has come to its end."""
        if not self._format_seen:
            raise BackupError(f"{self._where}: is not a Velero backup: it has no {VERSION_FILE}")
        if not self._resources_seen:
            raise BackupError(f"{self._where}: is not a Velero backup, or one of nothing at all: it has no resources/")
        self._bodies.end()
        self._items.extend(self._orphans())
        self._items.sort(key=attrgetter("key", "resource"))
        others = {key: tuple(items) for key, items in self._others.items()}
        return Catalogue(self._bodies, tuple(self._items), others, self._versions(), self._newest)

    def _orphans(self) -> list[BackupItem]:
        found: set[Place] = set()
        for (resource, version, namespace), names in self._names.items():
            lost = names - self._names.get((resource, "", namespace), set()) if version else ()
            found.update(Place(resource, "", namespace, name) for name in lost)
        return [broken_item(place, _ORPHAN) for place in found]

    def _versions(self) -> dict[str, tuple[str, ...]]:
        folders: dict[str, set[str]] = {}
        for resource, version, _namespace in self._names:
            if version:
                folders.setdefault(resource, set()).add(version)
        return {resource: _preferred_first(folders[resource]) for resource in sorted(folders)}

    def _refused(self, path: str, problem: str) -> BackupError:
        return BackupError(f"{self._where}: member {shown(path)} {problem}")


def _preferred_first(folders: set[str]) -> tuple[str, ...]:
    ordered = sorted(folders, key=lambda folder: (not folder.endswith(PREFERRED), folder))
    return tuple(dict.fromkeys(folder.removesuffix(PREFERRED) for folder in ordered))
