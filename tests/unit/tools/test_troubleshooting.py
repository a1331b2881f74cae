# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that a user may meet is on the page with its meaning and with what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest
import troubleshooting
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import ReadinessReason
from ansible_collections.standby.velero.plugins.module_utils._views.advice import ADVICE
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import KeepReason, Reason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WakingReason

ROOT = Path(__file__).parents[3]
SECTIONS: dict[str, type[Enum]] = {
    "Objects": Reason,
    "What stops a prune": StopReason,
    "Why one object is kept": KeepReason,
    "Waking": WakingReason,
    "Readiness": ReadinessReason,
}


def cells(section: str) -> list[list[str]]:
    """The table of a section, without its head."""
    text = troubleshooting.page().split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_code_has_its_meaning_and_what_to_do(section: str) -> None:
    table = cells(section)
    assert [row[0].split()[0].strip("`") for row in table] == [code.value for code in SECTIONS[section]]
    assert all(all(row) for row in table)


def test_a_code_without_advice_is_refused() -> None:
    with pytest.raises(LookupError, match="nothing says what to do about later, over_count: add it to troubleshooting"):
        troubleshooting.rows(
            {StopReason.LATER: "a", StopReason.ERRORS: "b", StopReason.OVER_COUNT: "c"}, {StopReason.ERRORS: "d"}
        )


def test_where_nothing_has_to_be_done_the_page_says_so() -> None:
    assert not ADVICE.keys() & troubleshooting.AT_REST.keys()
    assert all(text.startswith("Nothing") for text in troubleshooting.AT_REST.values())


def sentences() -> Iterator[str]:
    """All texts of the code and the roles, `…` for what is filled in."""
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


SAID = "\n".join(sentences())


@pytest.mark.parametrize(
    "message", re.findall(r"`([^`]+)`", " ".join(row[0] for row in cells("Runs that are refused")))
)
def test_a_message_on_the_page_is_one_that_the_code_says(message: str) -> None:
    assert all(part.strip() in SAID for part in message.split("…"))
