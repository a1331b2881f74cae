# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a value says, it is text in each view."""

from __future__ import annotations

import html
import re

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.escapes import Own, as_html, as_markdown, as_metric
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import Markup
from prometheus_client.parser import text_string_to_metric_families


@given(st.text())
def test_html_has_no_markup_of_it_and_no_character_that_steers(text: str) -> None:
    made = str(as_html(text))
    assert not set(made) & set("<>\"'")
    assert made.isprintable()
    if text.isprintable():
        assert html.unescape(made) == text


@given(st.text(min_size=1))
def test_markdown_has_it_as_one_code_span_between_words(text: str) -> None:
    (paragraph,) = (
        token
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(f"a {as_markdown(text)} b")
        if token.children
    )
    kinds = [token.type for token in paragraph.children or ()]
    assert kinds == ["text", "code_inline", "text"]
    if text.isprintable() and text.strip(" "):
        assert paragraph.children[1].content == text


@given(st.text(), st.text())
def test_two_spans_stay_two(first: str, second: str) -> None:
    line = f"- {as_markdown('a' + first)} {as_markdown(second + 'b')}: end"
    children = [token.children for token in MarkdownIt().parse(line) if token.children]
    assert [token.type for token in children[0]] == ["code_inline", "text", "code_inline", "text"]


@given(st.text())
def test_a_label_comes_back_as_it_was_shown(text: str) -> None:
    line = f'm{{cluster="{as_metric(text)}"}} 1\n'
    (family,) = text_string_to_metric_families(line)
    (sample,) = family.samples
    assert sample.value == 1
    if text.isprintable():
        assert sample.labels == {"cluster": text}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        (1.5, "1.5"),
        (Own("in sync"), "in sync"),
        ("", ""),
        ("a", "`a`"),
        ("`", "`` ` ``"),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_numbers_and_own_words_are_as_they_are_in_markdown(value: object, shown: str) -> None:
    assert as_markdown(value) == shown


def test_words_of_ours_joined_with_others_are_no_words_of_ours() -> None:
    assert as_markdown(Own("a ") + "<b>") == "`a <b>`"


@pytest.mark.parametrize(("value", "shown"), [(True, "1"), (False, "0"), (3, "3"), (1795492812.0, "1795492812.0")])
def test_a_metric_is_a_number(value: object, shown: str) -> None:
    assert as_metric(value) == shown


@pytest.mark.parametrize("escaped", [as_html, as_markdown, as_metric])
def test_what_is_escaped_already_is_left_as_it_is(escaped: object) -> None:
    assert escaped(Markup("<b>")) == Markup("<b>")  # type: ignore[operator]


def test_a_terminal_escape_is_seen() -> None:
    assert re.search(r"x1b\[2J", str(as_html("\x1b[2J")))
    assert as_markdown("\u202e") == r"`\u202e`"
