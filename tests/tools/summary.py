# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what the test runs reported, and prints `N passed, M failed` as the last line.

The arguments are the JUnit files of the pytest runs; --failed names each part of the run that ended with an error. A
run that left no report, or an empty one, counts as failed: tests that did not run have not passed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Count(NamedTuple):
    """Tests of one run."""

    passed: int
    failed: int


def count(report: Path) -> Count:
    """Of one JUnit file; a skipped test is a failed one here."""
    try:
        suites = list(ElementTree.parse(report).iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return Count(0, 1)
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get(name, 0)) for suite in suites for name in ("failures", "errors", "skipped"))
    return Count(max(total - failed, 0), failed if total else 1)


def main() -> int:
    """Exit code 0 only when something passed and nothing failed."""
    parser = argparse.ArgumentParser(description="Sum up the runs of the tests.")
    parser.add_argument("reports", nargs="+", type=Path, help="JUnit files")
    parser.add_argument("--failed", nargs="*", default=[], help="parts that ended with an error")
    arguments = parser.parse_args()
    counts = {report.stem: count(report) for report in arguments.reports}
    # a part whose tests are counted as failed is not counted twice
    others = [part for part in arguments.failed if part not in counts or not counts[part].failed]
    for part in arguments.failed:
        print(f"FAILED: {part}")
    passed = sum(one.passed for one in counts.values())
    failed = sum(one.failed for one in counts.values()) + len(others)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
