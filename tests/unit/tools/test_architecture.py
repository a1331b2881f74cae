# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on the architecture: every place that it names is there, at the line that it says."""

from __future__ import annotations

import re

import pytest
from architecture import PAGE, ROOT, line_of, with_lines

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_lines_are_those_of_today() -> None:
    assert with_lines(TEXT) == TEXT, "run `make generate`"


def test_the_page_names_a_place_for_every_kind_of_change() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| a new")]
    assert len(rows) >= 12
    assert [row for row in rows if not re.search(r"`[\w/.]+`", row)] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:_|plugins/|tests/)[\w/.]+\.py)[:`]", TEXT))))
def test_a_file_that_the_page_names_exists(path: str) -> None:
    known = (ROOT / path, ROOT / "plugins/module_utils" / path)
    assert any(one.is_file() for one in known)


@pytest.mark.parametrize(
    "room", sorted(path.name for path in (ROOT / "plugins/module_utils").iterdir() if path.is_dir())
)
def test_every_room_has_its_line(room: str) -> None:
    if not room.startswith("__"):
        assert re.search(rf"^{room} ", TEXT, flags=re.MULTILINE)


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match="defines NOTHING"):
        line_of("_kinds.py", "NOTHING")
