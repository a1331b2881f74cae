# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-test's sanity tests with the ansible-core versions that are named, each in an environment of its own.

sanity.py <uv> <copy of the collection below ansible_collections/> <where environments are kept> 2.16 2.21
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pythons

PYTHONS = {
    "2.16": ("3.12", "3.11", "3.10"),
    "2.17": ("3.12", "3.11", "3.10"),
    "2.18": ("3.13", "3.12", "3.11"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.20": ("3.13", "3.12", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}
"""On which a controller of each version runs, the one that is taken first."""


def environment(uv: Path, core: str, home: Path) -> Path:
    """The folder of the programs of this ansible-core; made when it is not there yet."""
    place = home / core
    programs = place / "bin"
    if not (programs / "ansible-test").exists():
        python = pythons.found(PYTHONS[core])
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python, place], check=True)
        wanted = f"ansible-core=={core}.*"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", place, wanted], check=True)
    return programs


def passes(core: str, programs: Path, collection: Path) -> bool:
    """Whether every sanity test passes; ansible-test prints what does not."""
    print(f"=== sanity, ansible-core {core}", flush=True)
    own = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    python = programs / "python"
    subprocess.run([python, Path(__file__).with_name("pip_bootstrap.py")], check=True, env=own)
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    command = [programs / "ansible-test", "sanity", "--color", "no", "--requirements", "--python", version]
    return subprocess.run(command, cwd=collection, env=own, check=False).returncode == 0


def main(uv: str, collection: str, home: str, *cores: str) -> int:
    """The number of versions that fail; all are tried, so that one run tells everything."""
    place = Path(home).absolute()
    failed = [core for core in cores if not passes(core, environment(Path(uv), core, place), Path(collection))]
    print(f"sanity: {len(cores) - len(failed)} of {len(cores)} versions of ansible-core pass", flush=True)
    for core in failed:
        print(f"sanity fails with ansible-core {core}", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
