# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays a copy of the collection where ansible-test and ansible-lint want it: in ansible_collections/standby/velero.

Copied is what git tracks or would track, so that nothing a tool has left behind is checked, and the copy is a git
repository of its own. A link will not do: both tools follow it out of the ansible_collections tree.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def listed_files() -> list[str]:
    """Tracked files and new ones that are not ignored, without those that are deleted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listing.split("\0") if name and (REPOSITORY / name).is_file()})


def copy(target: Path) -> int:
    """Makes the copy anew and a git repository of it; says how many files there are."""
    if target.exists():
        shutil.rmtree(target)
    names = listed_files()
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target / name)
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=target, check=True)
    return len(names)


def main() -> int:
    """The one argument is the collection's folder in the copy."""
    parser = argparse.ArgumentParser(description="Copy the collection into an ansible_collections tree.")
    parser.add_argument("target", type=Path)
    target = parser.parse_args().target.resolve()
    if target.parts[-3:] != ("ansible_collections", "standby", "velero"):
        parser.error("the folder must end in ansible_collections/standby/velero")
    print(f"copied {copy(target)} files of the collection")
    return 0


if __name__ == "__main__":
    sys.exit(main())
