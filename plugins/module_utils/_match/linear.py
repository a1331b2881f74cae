# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions whose time grows with the text, and no faster, whatever pattern and text are.

Names come out of a backup that nobody has checked, and Python's re goes back for each star: `a*a*a*b` takes a name of
some hundred letters for years, `.*-.*-prod` one of 60,000 for minutes. RE2 and gobwas/glob, which Velero has, do not.
So here a pattern becomes an automaton all of whose states are followed at once, as in RE2, and what a set of states
makes of a letter is remembered. Understood is the part of the language that TOKEN tells apart; nothing is captured.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

MOST_STATES = 10_000
"""`a{1000}` has a thousand; RE2 refuses what is larger, too."""
MOST_REPEATED = 1000
"""As in RE2."""
_MOST_KNOWN = 10_000
"""Moves that are remembered of a pattern."""

TOKEN = re.compile(
    r"""
      (?P<escape>\\.)
    | (?P<class>\[\^?\]?(?:[^\]\\]|\\.)*\])
    | (?P<group>\((?:\?(?:P<[A-Za-z_]\w*>|(?P<flags>[ims]*):))?(?!\?))
    | (?P<close>\))
    | (?P<repeat>(?:[*+?]|\{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\})\??(?![*+?]))
    | (?P<or>\|)
    | (?P<plain>[^\\\[\](){}*+?|]|\](?!\])|[{}](?!,?\d))
    """,
    re.VERBOSE | re.DOTALL,
)

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_NONE = re.RegexFlag(0)
_ACCEPT = 0
"""The state in which the whole pattern has been met."""
_MARKS = {"*": (0, None), "+": (1, None), "?": (0, 1)}

_Test = Callable[[str], object]
"""Of one letter."""
_Looks = Callable[[str, str], bool]
"""Of the letters before and behind a place; empty at either end of the text."""
_States = frozenset[int]


class Linear:
    """One pattern; equal to another of the same text and flags. Fit for many threads."""

    def __init__(self, pattern: str, flags: re.RegexFlag = _NONE) -> None:
        """Raises ValueError for a pattern that is too large; one that is none is the caller's to refuse."""
        self._said = (pattern, flags)
        self._automaton = _Automaton()
        try:
            self._start = frozenset((_Parser(pattern, flags).whole()(self._automaton, _ACCEPT),))
        except RecursionError:
            raise ValueError("it is nested too deep") from None
        self._known: dict[tuple[_States, str, str], tuple[_States, bool]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Linear) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern says all of the text."""
        current, before = self._start, ""
        for letter in text:
            current = self._moved(current, before, letter)[0]
            if not current:
                return False
            before = letter
        return self._moved(current, before, "")[1]

    def search(self, text: str) -> bool:
        """Whether the pattern says a part of the text."""
        current, before = self._start, ""
        for letter in text:
            moved, accepted = self._moved(current, before, letter)
            if accepted:
                return True
            current, before = moved | self._start, letter
        return self._moved(current, before, "")[1]

    def _moved(self, current: _States, before: str, letter: str) -> tuple[_States, bool]:
        """The states behind the letter, which is empty at the end; and whether the pattern was met in front of it."""
        key = (current, before if self._automaton.looks else "", letter)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._automaton.moved(current, before, letter)
        return found


class _State(NamedTuple):
    """Leads to `then` by a letter, by a look at what is around, or for nothing."""

    then: tuple[int, ...]
    test: _Test | None = None
    looks: _Looks | None = None


class _Automaton:
    def __init__(self) -> None:
        self._states = [_State(())]
        self.looks = False
        """Whether any state asks what is around."""

    def add(self, state: _State) -> int:
        if len(self._states) >= MOST_STATES:
            raise ValueError("it is too large")
        self._states.append(state)
        self.looks = self.looks or state.looks is not None
        return len(self._states) - 1

    def lead(self, state: int, then: tuple[int, ...]) -> None:
        """Where a state leads that had to be there first."""
        self._states[state] = _State(then)

    def moved(self, current: _States, before: str, letter: str) -> tuple[_States, bool]:
        reached = self._reached(current, before, letter)
        tested = (self._states[state] for state in reached if self._states[state].test) if letter else ()
        behind = frozenset(state.then[0] for state in tested if state.test and state.test(letter))
        return behind, _ACCEPT in reached

    def _reached(self, current: _States, before: str, letter: str) -> set[int]:
        """With the states to which these lead without a letter."""
        reached: set[int] = set()
        due = list(current)
        while due:
            at = due.pop()
            if at in reached:
                continue
            reached.add(at)
            state = self._states[at]
            if not state.test and (state.looks is None or state.looks(before, letter)):
                due.extend(state.then)
        return reached


_Part = Callable[[_Automaton, int], int]
"""Adds a part of a pattern that leads to the state given; returns the one at which it begins."""


def _letter(test: _Test) -> _Part:
    return lambda automaton, then: automaton.add(_State((then,), test))


def _look(looks: _Looks) -> _Part:
    return lambda automaton, then: automaton.add(_State((then,), looks=looks))


def _either(branches: list[list[_Part]]) -> _Part:
    def add(automaton: _Automaton, then: int) -> int:
        starts = [_row(branch, automaton, then) for branch in branches]
        return starts[0] if len(starts) == 1 else automaton.add(_State(tuple(starts)))

    return add


def _row(parts: list[_Part], automaton: _Automaton, then: int) -> int:
    """Of no parts too it takes a state: so their number bounds how often nothing is repeated."""
    if not parts:
        return automaton.add(_State((then,)))
    for part in reversed(parts):
        then = part(automaton, then)
    return then


def _repeated(part: _Part, least: int, most: int | None) -> _Part:
    def add(automaton: _Automaton, then: int) -> int:
        if most is None:
            loop = automaton.add(_State(()))
            automaton.lead(loop, (part(automaton, loop), then))
            rest = loop
        else:
            rest = then
            for _more in range(most - least):
                rest = automaton.add(_State((part(automaton, rest), then)))
        for _one in range(least):
            rest = part(automaton, rest)
        return rest

    return add


class _Group(NamedTuple):
    """An open group: its branches up to here, and the flags in it."""

    branches: list[list[_Part]]
    flags: re.RegexFlag


class _Parser:
    def __init__(self, pattern: str, flags: re.RegexFlag) -> None:
        self._tokens = TOKEN.finditer(pattern)
        self._groups = [_Group([[]], flags)]

    def whole(self) -> _Part:
        for token in self._tokens:
            self._take(token)
        return _either(self._groups[0].branches)

    def _take(self, token: re.Match[str]) -> None:
        group = self._groups[-1]
        if token["group"]:
            flags = group.flags
            for flag in token["flags"] or "":
                flags |= _FLAGS[flag]
            self._groups.append(_Group([[]], flags))
        elif token["close"]:
            self._groups.pop()
            self._groups[-1].branches[-1].append(_either(group.branches))
        elif token["or"]:
            group.branches.append([])
        elif token["repeat"]:
            group.branches[-1].append(_repeated(group.branches[-1].pop(), *_bounds(token)))
        else:
            group.branches[-1].append(_simple(token[0], group.flags))


def _bounds(token: re.Match[str]) -> tuple[int, int | None]:
    if not token["least"]:
        return _MARKS[token[0][0]]
    least = _count(token["least"])
    if not token["range"]:
        return least, least
    return least, _count(token["most"]) if token["most"] else None


def _count(digits: str) -> int:
    if len(digits) > 9 or int(digits) > MOST_REPEATED:
        raise ValueError(f"it repeats a part more than {MOST_REPEATED} times")
    return int(digits)


def _simple(text: str, flags: re.RegexFlag) -> _Part:
    """A letter, a class of letters, or a place."""
    many = bool(flags & re.MULTILINE)
    looks = _PLACES.get((text, many)) or _PLACES.get((text, False))
    if looks:
        return _look(looks)
    return _letter(re.compile(text, flags | re.ASCII).fullmatch)


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


_PLACES: dict[tuple[str, bool], _Looks] = {
    ("^", False): lambda before, _behind: not before,
    ("^", True): lambda before, _behind: before in ("", "\n"),
    ("$", False): lambda _before, behind: not behind,
    ("$", True): lambda _before, behind: behind in ("", "\n"),
    (r"\A", False): lambda before, _behind: not before,
    (r"\Z", False): lambda _before, behind: not behind,
    (r"\b", False): lambda before, behind: _is_word(before) != _is_word(behind),
    (r"\B", False): lambda before, behind: _is_word(before) == _is_word(behind),
}
"""As Go has them: `$` is the very end, also where a line end precedes it. By whether lines count (flag m)."""
