# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the generator makes of a variable, and when it calls a file stale."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from generate import argument, bullets, paragraphs, scalar, stale, value
from role_variables import Variable

CHOICES = ("ignore", "prune")


def variable(about: str = "What it is.", noun: str = "text", kind: str = "str", **more: object) -> Variable:
    return Variable(name="restore_x", option="x", about=about, noun=noun, type=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "said", "shown"),
    [
        (variable(), [], "text"),
        (variable(default="here"), ["By default V(here)."], "text, default `here`"),
        (variable(noun="path", kind="path", required=True), [], "path, required"),
        (variable(noun="integer", kind="raw", default="9"), ["Integer, by default V(9)."], "integer, default `9`"),
        (variable(noun="list", kind="raw"), ["List."], "list"),
        (variable(noun="any", kind="raw"), [], "any"),
        (
            variable(noun="dictionary", kind="raw", keys=("a", "b")),
            ["Dictionary with C(a), C(b)."],
            "dictionary with `a`, `b`",
        ),
        (variable(choices=CHOICES), [], "`ignore`, `prune`"),
        (variable(choices=CHOICES, default="ignore"), ["By default V(ignore)."], "`ignore` (default), `prune`"),
    ],
)
def test_the_sort_of_value_and_the_default_are_told_where_the_specification_cannot(
    of: Variable, said: list[str], shown: str
) -> None:
    assert paragraphs(of, str) == ["What it is.", *said]
    assert value(of) == shown


def test_options_in_a_paragraph_are_the_role_s_variables() -> None:
    assert paragraphs(variable("See O(y)."), lambda option: f"restore_{option}") == ["See O(restore_y)."]


def variable_named(name: str) -> Variable:
    return Variable(name=f"restore_{name}", option=name, about="", noun="text", type="str")


@pytest.mark.parametrize("length", [3, 40, 60, 200])
def test_an_argument_hands_the_variable_on_however_long_its_name_is(length: int) -> None:
    name = "x" * length
    chosen = f"[__restore_options.{name} | default(restore_{name})]"
    handed = f"{{{{ {chosen} | reject('in', __restore_blank) | first | default(omit) }}}}"
    assert yaml.safe_load(argument(variable_named(name), indent=8)) == {name: handed}


def test_no_line_is_longer_than_the_linter_lets_pass_and_none_is_folded_before() -> None:
    arguments = [argument(variable_named("x" * length), indent=8) for length in range(1, 45)]
    whole = [text for text in arguments if "\n" not in text]
    assert arguments[: len(whole)] == whole
    assert max(len(line) for text in arguments for line in text.splitlines()) == len(whole[-1])
    assert 157 < len(whole[-1]) <= 160


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "None: a colon and a space",
        "a hash # in it",
        "`code` first",
        "*",
        "{a: b}",
        "don't: quote",
        "no",
        "1h30m",
        "ends with a colon:",
        'says "so"',
    ],
)
def test_a_text_is_itself_when_yaml_has_read_it(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text
    assert yaml.safe_load(bullets([text, text * 40], indent=4)) == [text, text * 40]


def test_plain_text_is_not_quoted() -> None:
    assert scalar("V(none), C(a=b); the rest") == "V(none), C(a=b); the rest"


def test_no_line_of_a_paragraph_is_longer_than_120() -> None:
    lines = bullets(["word " * 99 + "end"], indent=10).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 120


def test_a_file_that_is_missing_or_differs_is_stale(tmp_path: Path) -> None:
    (tmp_path / "same").write_text("a\n", encoding="utf-8")
    (tmp_path / "other").write_text("a\n", encoding="utf-8")
    files = {Path("same"): "a\n", Path("other"): "b\n", Path("missing"): "c\n"}
    assert stale(files, tmp_path) == [Path("other"), Path("missing")]
