# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a fragment reads well in CHANGELOG.rst, which knows no markup of Ansible's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FRAGMENTS = sorted((Path(__file__).parents[3] / "changelogs/fragments").glob("*.yml"))


@pytest.mark.parametrize("path", FRAGMENTS or [None], ids=lambda path: path.stem if path else "none")
def test_a_fragment_is_written_in_restructured_text(path: Path | None) -> None:
    found = re.findall(r"\b[A-Z]{1,2}\([^)]*\)", path.read_text(encoding="utf-8")) if path else []
    assert found == [], "the changelog shows that as it stands: write ``name``, not C(name)"
