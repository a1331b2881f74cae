# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private temporary files without a name: nothing is left to be removed, however a run ends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from .._errors import SourceError
from .._text import shown

RESERVE = 64 << 20
"""Bytes that are left free for what else a run writes there: a small backup's objects, a module's own files."""


@contextmanager
def spooled(tmpdir: str) -> Iterator[tuple[IO[bytes], str]]:
    """An empty file, and the path by which this process alone can open it anew as long as it is open."""
    with _unnamed(tmpdir) as file:
        yield file, f"/dev/fd/{file.fileno()}"


def _unnamed(tmpdir: str) -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(dir=tmpdir or None)
    except OSError as error:
        raise SourceError(f"no temporary file can be made in {_named(tmpdir)}: {error.strerror or error}") from error


def check_space(tmpdir: str, size: int, where: str) -> None:
    """Refuses to begin what the disk cannot hold."""
    free = shutil.disk_usage(tmpdir or tempfile.gettempdir()).free
    if size + RESERVE > free:
        raise SourceError(
            f"{where}: has {_megabytes(size)}, and {_named(tmpdir)} has {_megabytes(free)} free; make room there, or"
            " set ansible_remote_tmp to a folder on a larger disk"
        )


def _named(tmpdir: str) -> str:
    return shown(tmpdir or tempfile.gettempdir())


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
