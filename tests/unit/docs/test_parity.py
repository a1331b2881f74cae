# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/velero-restore.md says what shows each row: every test named there exists, and no cell is empty."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "tests/unit/plugins/module_utils"
LINES = (ROOT / "docs/velero-restore.md").read_text(encoding="utf-8").splitlines()
ROWS = [line for line in LINES if line.startswith("|") and not set(line) <= set("|-")]
HEAD = "| Velero | ours | test |"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def file_of(name: str) -> Path:
    """Short names are those of the unit tests of module_utils."""
    folder = {"cluster": ROOT / "tests", "roles": ROOT / "tests/unit"}.get(name.partition("/")[0], UNIT)
    return folder / name


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_section_has_the_same_three_columns():
    sections = [line for line in LINES if line.startswith("## ")]
    assert [row for row in ROWS if row == HEAD] == [HEAD] * len(sections)


@pytest.mark.parametrize("row", [row for row in ROWS if row != HEAD], ids=lambda row: cells(row)[0][:60])
def test_a_row_is_complete_and_the_tests_that_it_names_exist(row):
    assert len(cells(row)) == 3
    assert all(cells(row))
    named = NAMED.findall(cells(row)[2])
    assert "<br>".join(f"`{file}::{function}`" for file, function in named) == cells(row)[2]
    missing = [f"{file}::{function}" for file, function in named if function not in functions(file_of(file))]
    assert missing == []
