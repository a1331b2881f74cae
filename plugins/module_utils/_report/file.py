# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report file: where it may be, that there is room for it, and how it takes the place of an older one.

It is written in check mode too. It names what a cluster holds, so only its owner may read it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import mkstemp
from typing import TextIO

from .._errors import RestoreError, SettingsError
from .._text import shown
from .._values import BackupItem, Body, Change
from .._vocabulary import Action
from .document import document
from .run import Run

OPTION = "report_path"
PRIVATE = 0o600
_IN_COLLECTION = "/ansible_collections/standby/velero/"
"""What stands there an upgrade of the collection removes; Ansible runs modules where the playbook is."""
_PROBE = bytes(4096)
_BYTES_OF_ALL, _BYTES_OF_ONE = 1 << 20, 600
"""What a report takes at the least, and what an object in it does; a diff has its body besides."""
_SHOWN_IN_DIFF = frozenset((Action.CREATE, Action.UPDATE))


def check_writable(path: str) -> None:
    """Refuses, before anything is written to the cluster, a path where no report could be left at the end.

    Tried and not asked for: a full disk or a read-only mount shows only so. A folder, a device or a link is refused: to
    replace a link such as /dev/stdout is never what is meant. An empty path is none.
    """
    if not path:
        return
    try:
        _refuse_unless_regular(path, OPTION)
        handle, temporary = _temporary(path)
        try:
            os.write(handle, _PROBE)
            os.fsync(handle)
        finally:
            os.close(handle)
            os.unlink(temporary)
    except OSError as error:
        raise SettingsError([_problem(path, OPTION, error)]) from error


def check_room(path: str, changes: Iterable[Change], with_diff: bool) -> None:
    """Refuses, once it is known what the report is to tell and nothing is written yet, a file system without the room.

    An estimate: what others write there meanwhile nobody knows.
    """
    if not path:
        return
    needed = _BYTES_OF_ALL + sum(_BYTES_OF_ONE + (_body_size(change) if with_diff else 0) for change in changes)
    try:
        there = os.statvfs(_folder(path))
    except OSError as error:
        raise SettingsError([_problem(path, OPTION, error)]) from error
    free = there.f_bavail * there.f_frsize
    if free < needed:
        sizes = f"the report may take {_megabytes(needed)} MB, and {_megabytes(free)} MB are free"
        raise SettingsError([f"report_path: {shown(path)}: {sizes}"])


def _body_size(change: Change) -> int:
    return change.ref.size if isinstance(change.ref, BackupItem) and change.action in _SHOWN_IN_DIFF else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _refuse_unless_regular(path: str, option: str) -> None:
    """The path is one that somebody can mean; what lies there, by itself and not by what it points at, is a file or
    nothing."""
    if "\0" in path:
        raise SettingsError([f"{option}: {shown(path)} has a NUL in it, which no path can have"])
    if path.endswith("/"):
        raise SettingsError([f"{option}: {shown(path)} is a folder's name; give that of a file"])
    if not os.path.isabs(path) and _IN_COLLECTION in f"{os.getcwd()}/":
        said = "is relative, and the playbooks of this collection run in a folder of the collection itself"
        raise SettingsError([f"{option}: {shown(path)} {said}; give an absolute path"])
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise SettingsError([f"{option}: {shown(path)} is a link; give the path of the file itself"])
    if not stat.S_ISREG(mode):
        raise SettingsError([f"{option}: {shown(path)} exists and is not a file"])


def write(path: str, run: Run, diff: Iterable[Body] | None = None, privileged: Iterable[Body] = ()) -> None:
    """Replaces the file at `path` in one step, so that a reader finds the old report or the new one, never a part.

    `diff` and `privileged` are all entries, read once; `diff` is None when none was asked for.
    """
    write_document(path, document(run, diff, privileged))


def write_document(path: str, pieces: Iterable[str], option: str = OPTION, mode: int = PRIVATE) -> None:
    """The same for any text, given in pieces; `option` names the path."""
    try:
        _refuse_unless_regular(path, option)
        with _replacing(path, mode) as out:
            out.writelines(pieces)
    except OSError as error:
        raise RestoreError(_problem(path, option, error)) from error


def _problem(path: str, option: str, error: OSError) -> str:
    said = f"{option}: cannot write {shown(path)}: {error.strerror or type(error).__name__}"
    if not isinstance(error, FileNotFoundError):
        return said
    return f"{said}. There is no folder {shown(_folder(path))}: make it, or give another path"


def _temporary(path: str) -> tuple[int, str]:
    """In the folder of the report, for a rename across file systems is no single step; mode 0600."""
    return mkstemp(prefix=".velero_restore-", suffix=".json", dir=_folder(path))


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


@contextmanager
def _replacing(path: str, mode: int) -> Iterator[TextIO]:
    handle, temporary = _temporary(path)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as out:
            os.fchmod(handle, mode)
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
