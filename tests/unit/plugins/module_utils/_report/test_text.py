# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unprintable characters never reach a terminal."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.text import cut, json_size
from ansible_collections.standby.velero.plugins.module_utils._text import printable


@pytest.mark.parametrize(
    ("text", "shown"),
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
def test_what_cannot_be_printed_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("abcd", "abcd"), ("abcde", "abc…"), ("", "")])
def test_a_long_text_ends_in_an_ellipsis(text: str, shown: str) -> None:
    assert cut(text, 4) == shown


def test_size_is_that_of_escaped_json() -> None:
    assert json_size("é") == len('"\\u00e9"')
