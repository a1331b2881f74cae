# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text form of a label selector: `app=web,tier in (a,b),!x,y`.

Kubernetes 1.36, apimachinery, pkg/labels/selector.go (Parse). `in` and `notin` are operators only where one must stand.
An equality without a value, and a place left empty between commas in brackets, mean the empty value.
"""

from __future__ import annotations

import re
from itertools import chain

from .._errors import SettingsError
from .requirement import Operator, Requirement, requirement

_TOKEN = re.compile(r"==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+")
_SYMBOLS = frozenset(("", "==", "!=", "=", "!", "(", ")", ",", "<", ">"))
"""Tokens that are no identifier; the empty one is the end."""

_SETS = {"in": Operator.IN, "notin": Operator.NOT_IN}
_EXACT = {
    "=": Operator.IN,
    "==": Operator.IN,
    "!=": Operator.NOT_IN,
    ">": Operator.GREATER,
    "<": Operator.LESS,
}


def parse(text: str) -> tuple[Requirement, ...]:
    """The terms, in their order; a SettingsError for what Kubernetes refuses. No terms when the text is blank."""
    tokens = _Tokens(text)
    if not tokens.next:
        return ()
    if not _starts_a_term(tokens.next):
        raise _unexpected(tokens.next, "!, identifier, or 'end of string'")
    terms = [_term(tokens)]
    while tokens.next:
        if tokens.take() != ",":
            raise _unexpected(tokens.taken, "',' or 'end of string'")
        if not _starts_a_term(tokens.next):
            raise _unexpected(tokens.next, "identifier after ','")
        terms.append(_term(tokens))
    return tuple(terms)


class _Tokens:
    """The tokens of a text, with the next one in view."""

    def __init__(self, text: str) -> None:
        self._rest = chain(_TOKEN.findall(text), [""])
        self.next: str = next(self._rest)
        self.taken = ""

    def take(self) -> str:
        self.taken, self.next = self.next, next(self._rest, "")
        return self.taken


def _term(tokens: _Tokens) -> Requirement:
    if tokens.next == "!":
        tokens.take()
        return requirement(_identifier(tokens), Operator.DOES_NOT_EXIST)
    key = _identifier(tokens)
    if tokens.next in ("", ","):
        return requirement(key, Operator.EXISTS)
    sign = tokens.take()
    if sign in _SETS:
        return requirement(key, _SETS[sign], sorted(_set(tokens)))
    if sign in _EXACT:
        return requirement(key, _EXACT[sign], [_exact(tokens)])
    raise _unexpected(sign, ", ".join((*_SETS, *_EXACT)))


def _set(tokens: _Tokens) -> set[str]:
    if tokens.take() != "(":
        raise _unexpected(tokens.taken, "'('")
    values: set[str] = set()
    while True:
        values.add("" if tokens.next in _SYMBOLS else tokens.take())
        if tokens.take() == ")":
            return values
        if tokens.taken != ",":
            raise _unexpected(tokens.taken, "',' or ')'")


def _exact(tokens: _Tokens) -> str:
    return "" if tokens.next in ("", ",") else _identifier(tokens)


def _identifier(tokens: _Tokens) -> str:
    if tokens.take() in _SYMBOLS:
        raise _unexpected(tokens.taken, "identifier")
    return tokens.taken


def _starts_a_term(token: str) -> bool:
    return token == "!" or token not in _SYMBOLS


def _unexpected(token: str, expected: str) -> SettingsError:
    return SettingsError([f"found '{token}', expected: {expected}"])
