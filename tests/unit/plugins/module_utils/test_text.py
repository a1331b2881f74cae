# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unprintable characters never reach a terminal."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._text import cut, printable, shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("shop/web", "shop/web"),
        ("Grüße, 東京", "Grüße, 東京"),
        ("{{ lookup('env', 'HOME') }}", "{{ lookup('env', 'HOME') }}"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("\u202eevil", r"\u202eevil"),
        ("half \ud800", r"half \ud800"),
        ("", ""),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, escaped: str) -> None:
    assert printable(text) == escaped


@pytest.mark.parametrize(("text", "beginning"), [("abcd", "abcd"), ("abcde", "abc…"), ("", "")])
def test_a_long_text_ends_in_an_ellipsis(text: str, beginning: str) -> None:
    assert cut(text, 4) == beginning


def test_a_path_in_a_message_is_printable_and_not_endless() -> None:
    assert shown("/b/hourly\n.tar.gz") == r"/b/hourly\n.tar.gz"
    assert shown("a" * 200) == "a" * 200
    assert shown("a" * 5_000) == "a" * 200 + "…"


def test_a_name_is_cut_before_it_is_escaped_so_that_no_escape_is_torn() -> None:
    assert shown("\n" * 5, 3) == r"\n" * 3 + "…"
