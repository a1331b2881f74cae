# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts that are shown cannot steer a terminal, and end."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._text import cut, printable, shown

ODD = [
    ("plain, zoë, 数据", "plain, zoë, 数据"),
    ("a\nb\r", "a\\nb\\r"),
    ("\x1b[31mred", "\\x1b[31mred"),
    ("moc.elpmaxe\u202e", "moc.elpmaxe\\u202e"),
    ("zero\u200bwidth", "zero\\u200bwidth"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "safe"), ODD)
def test_what_steers_a_terminal_is_shown_as_an_escape(text, safe):
    assert printable(text) == safe
    assert shown(text) == safe


def test_a_text_that_is_cut_says_so_and_has_the_length_that_was_asked_for():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"


def test_a_name_is_cut_before_it_is_escaped_so_that_no_escape_is_torn():
    assert shown("\n" * 5, 3) == "\\n" * 3 + "…"
    assert shown("a" * 300) == "a" * 200 + "…"
