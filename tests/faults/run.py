# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make faults`: all cases, in as many processes as there are cores; prints the figures that docs/broken-nights.md has.

python tests/faults/run.py [--every NUMBER]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".build/dev"), str(ROOT / "tests/support"), str(Path(__file__).parent)]

import urllib3  # noqa: E402 - as all that is not of the standard library
from controlplane import ControlPlane  # noqa: E402 - see the path

_shared: dict[str, Any] = {}
"""What the processes get by being forked."""


def _alone() -> None:
    """A connection that two processes share is none."""
    target = _shared["target"]
    target._pool = urllib3.PoolManager(ca_certs=str(target.ca), retries=False, timeout=30)


def _one(case: Any) -> Any:
    import faulting

    return faulting.run(_shared["target"], _shared["folder"], case)


HEAD = ("Fault", "Cases", "Fine at once", "In part", "Wrote nothing", "Made good by the next run")


def main() -> int:
    """Exit status 1 when a clean run did not make good what a fault left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every so manieth case")
    every = parser.parse_args().every
    began = time.monotonic()
    with TemporaryDirectory() as folder, ControlPlane() as target:
        import faulting

        _shared.update(target=target, folder=Path(folder))
        chosen = list(faulting.cases(target, Path(folder)))[::every]
        print(f"{len(chosen)} cases", flush=True)
        with ProcessPoolExecutor(os.cpu_count(), get_context("fork"), _alone) as pool:
            ended = list(pool.map(_one, chosen))
    print("\n".join(figures(ended)))
    print(f"{time.monotonic() - began:.0f} s")
    return int(any(one.problem for one in ended))


def figures(ended: Iterable[Any]) -> list[str]:
    """A table of Markdown, and a line for each case that was not made good."""
    told = list(ended)
    rows = [
        "| Fault | Cases | Fine at once | In part | Wrote nothing | Made good by the next run |",
        "|---|---|---|---|---|---|",
    ]
    for fault in dict.fromkeys(one.case.fault for one in told):
        rows.append(_row(fault, [one for one in told if one.case.fault == fault]))
    rows.append(_row("all", told))
    return [*rows, *(f"NOT MADE GOOD: {one.case}: {one.problem}" for one in told if one.problem)]


def _row(name: str, ended: list[Any]) -> str:
    first = Counter(one.first for one in ended)
    good = sum(not one.problem for one in ended)
    cells = [name, len(ended), first["fine"], first["in part"], first["refused"], good]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
