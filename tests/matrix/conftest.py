# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make matrix` says at the end: which versions were run, and what each made of the other's objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

ROWS = pytest.StashKey[list[str]]()
COLUMNS = ("backup of", "onto", "created", "kinds not served", "fields dropped", "filled in", "written again")


@pytest.fixture
def record_across(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Takes the figures of one direction, in the order of the columns."""
    rows = pytestconfig.stash.setdefault(ROWS, [])
    return lambda *figures: rows.append(_line(figures))


def _line(values: Iterable[object]) -> str:
    return "  ".join(f"{value:>{len(name) + 1}}" for value, name in zip(values, COLUMNS, strict=True))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("a backup of one Kubernetes on another")
        for line in (_line(COLUMNS), *rows):
            terminalreporter.write_line(line)
