# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a backup on this machine: the `<name>.tar.gz` of an object store, or what `velero backup download` wrote.

Refused as BackupError: what is missing, not readable, or no regular file: a fifo would keep the run waiting.
"""

from __future__ import annotations

import os
import stat

from .._errors import BackupError
from .._text import shown

_SUFFIXES = (".tar.gz", ".tgz")


def name_of(path: str) -> str:
    """The backup's name, as its file is called; a BackupError when the file's name does not tell it."""
    file = os.path.basename(path)
    for suffix in _SUFFIXES:
        name = file.removesuffix(suffix)
        if name and name != file:
            return name
    raise BackupError(f"{shown(path)}: is not called <name>.tar.gz; set backup_name to the backup's name")


def beside(path: str, ending: str) -> str:
    """Where Velero stores the file `<name>-<ending>` of the same backup; empty when the path does not tell the name."""
    stem = next((path.removesuffix(suffix) for suffix in _SUFFIXES if path.endswith(suffix)), "")
    return f"{stem}-{ending}" if os.path.basename(stem) else ""


def open_regular(path: str, where: str) -> int:
    """A descriptor of the file; a BackupError for one that is missing, not readable, or of another sort."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise BackupError(f"{where}: cannot be opened: {error.strerror or error}") from error
    except ValueError as error:  # a path that no file can have
        raise BackupError(f"{where}: cannot be opened: it is no path") from error
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise BackupError(f"{where}: is not a regular file")
