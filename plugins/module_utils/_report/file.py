# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report file: everything that the module's result has to leave out, as one JSON document.

It is written in check mode too. It names what a cluster holds, so only its owner may read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import mkstemp
from typing import Any, TextIO

from .._errors import RestoreError, SettingsError
from .._text import printable
from .._values import Body
from .delta import whole
from .filtered import entries
from .objects import described, ordered
from .result import head
from .run import Run
from .velero_results import velero_results


def check_writable(path: str) -> None:
    """Refuses, before anything is written to the cluster, a path where no report could be left at the end.

    Tried and not asked for: a full disk or a read-only mount shows only so. A folder or a device is refused. An empty
    path is none.
    """
    if not path:
        return
    if os.path.lexists(path) and not os.path.isfile(path):
        raise SettingsError([f"report_path: {printable(path)} exists and is not a file"])
    try:
        handle, temporary = _temporary(path)
        os.close(handle)
        os.unlink(temporary)
    except OSError as error:
        raise SettingsError([_problem(path, error)]) from error


def write(path: str, run: Run, diff: Iterable[Body] | None = None, privileged: Iterable[Body] = ()) -> None:
    """Replaces the file at `path` in one step, so that a reader finds the old report or the new one, never a part.

    `diff` and `privileged` are all entries, read once; `diff` is None when none was asked for.
    """
    write_document(path, _document(run, diff, privileged))


def write_document(path: str, pieces: Iterable[str]) -> None:
    """The same for any text, given in pieces."""
    try:
        with _replacing(path) as out:
            out.writelines(pieces)
    except OSError as error:
        raise RestoreError(_problem(path, error)) from error


def _problem(path: str, error: OSError) -> str:
    return f"report_path: cannot write {printable(path)}: {error.strerror or type(error).__name__}"


def _temporary(path: str) -> tuple[int, str]:
    """In the folder of the report, for a rename across file systems is no single step; mode 0600."""
    return mkstemp(prefix=".velero_restore-", suffix=".json", dir=os.path.dirname(os.path.abspath(path)))


@contextmanager
def _replacing(path: str) -> Iterator[TextIO]:
    handle, temporary = _temporary(path)
    try:
        with open(handle, "w", encoding="ascii") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _document(run: Run, diff: Iterable[Body] | None, privileged: Iterable[Body]) -> Iterator[str]:
    """In pieces: with 100,000 objects the whole text would take more memory than the restore."""
    yield "{\n"
    facts = {**head(run), "check_mode": run.check_mode, "warnings": list(map(printable, run.warnings))}
    facts["velero_results"] = velero_results(run)
    if run.delta is not None:
        facts["delta"] = whole(run.delta)
    if run.filtered is not None:
        facts["filtered"], facts["filtered_total"] = list(entries(run.filtered)), sum(run.filtered.values())
    encoder = json.JSONEncoder()
    for name, value in facts.items():
        yield f'"{name}": '
        yield from encoder.iterencode(value)
        yield ",\n"
    yield from _list("privileged", privileged)
    yield ",\n"
    if diff is not None:
        yield from _list("diff", diff)
        yield ",\n"
    yield from _list("objects", map(described, ordered(run.done)))
    yield "\n}\n"


def _list(name: str, entries: Iterable[Any]) -> Iterator[str]:
    """One entry a line: fit for grep and diff."""
    yield f'"{name}": ['
    separator = "\n"
    for entry in entries:
        yield separator
        yield json.dumps(entry)
        separator = ",\n"
    yield "\n]"
