# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine: those on the PATH, and those that pyenv keeps beside it.

pyenv puts a stand-in for each on the PATH, which runs only one of them: so it is the versions' own folders that count.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

OWN_VERSION = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


def found(minors: Sequence[str]) -> Path:
    """The first Python of one of these versions ("3.12"), in their order, that can make virtual environments."""
    candidates = [(minor, path) for minor in minors for path in _candidates(minor)]
    for minor, path in candidates:
        if _version(path) == minor:
            return path
    looked = ", ".join(str(path) for _minor, path in candidates) or "nothing of that name"
    raise SystemExit(f"no Python {' or '.join(minors)} with venv and ensurepip: looked at {looked}")


def _candidates(minor: str) -> Iterator[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(root.glob(f"versions/{minor}.*/bin"), reverse=True)
    for folder in folders:
        path = folder / f"python{minor}"
        if path.exists():
            yield path


def _version(path: Path) -> str:
    try:
        ran = subprocess.run([path, "-I", "-c", OWN_VERSION], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.strip()
