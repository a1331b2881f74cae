# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as far as it is shown, and a copy of it with further sections. What is no report is refused."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import Any, TextIO

from .._errors import RestoreError
from .._report.document import VERSION
from .._text import shown
from .._unstructured import as_map
from .._values import Body
from .parts import Part, PartKind, parts_of


class ReportError(RestoreError):
    """A file that is no report, or none that this collection can read; the text names it."""


class Bounded:
    """Of a list as many entries of each sort as there is room for, and how many there were."""

    def __init__(
        self,
        most: int,
        sort_of: Callable[[Body], str] = lambda _entry: "",
        shorten: Callable[[Body], Body] = lambda entry: entry,
    ) -> None:
        self._most = most
        self._sort_of = sort_of
        self._shorten = shorten
        self.kept: defaultdict[str, list[Body]] = defaultdict(list)
        self.totals: Counter[str] = Counter()

    def add(self, entry: Any) -> None:
        """What is no map is passed over."""
        if not isinstance(entry, dict):
            return
        sort = self._sort_of(entry)
        self.totals[sort] += 1
        if len(self.kept[sort]) < self._most:
            self.kept[sort].append(self._shorten(entry))


def read_report(path: str, members: Collection[str], lists: Mapping[str, Bounded]) -> Body:
    """These members as they are, and the long lists into what bounds them; all others are passed over."""
    found: Body = {}
    with _opened(path) as file:
        for part in parts_of(file):
            if part.name in members:
                _keep(found, part)
            elif part.kind is PartKind.ENTRY and part.name in lists:
                lists[part.name].add(part.value)
    _refuse_unless_report(path, found)
    return found


def read_head(path: str, members: Collection[str]) -> Body:
    """These members, of a report that has them at its beginning: it is read no further than that takes."""
    found: Body = {}
    with _opened(path) as file:
        for part in parts_of(file):
            if part.kind is not PartKind.ENTRY and found.keys() >= set(members):
                break
            if part.name in members:
                _keep(found, part)
    _refuse_unless_report(path, found)
    return found


def _keep(found: Body, part: Part) -> None:
    if part.kind is PartKind.ENTRY:
        found[part.name].append(part.value)
    else:
        found[part.name] = part.value if part.kind is PartKind.MEMBER else []


def with_sections(path: str, sections: Mapping[str, Body]) -> Iterator[str]:
    """The whole report in pieces, as it stands in the file, with these sections at its end; earlier ones give way."""
    before = "{\n"
    with _opened(path) as file:
        for name, parts in groupby(parts_of(file), key=attrgetter("name")):
            if name not in sections:
                yield f"{before}{json.dumps(name)}: "
                yield from _copied(parts)
                before = ",\n"
    for name, value in sections.items():
        yield f"{before}{json.dumps(name)}: {json.dumps(value)}"
        before = ",\n"
    yield "\n}\n"


def _copied(parts: Iterator[Part]) -> Iterator[str]:
    first = next(parts, None)
    if first is None or first.kind is PartKind.MEMBER:
        yield first.raw if first else "null"
        return
    before = "[\n"
    for part in parts:
        yield f"{before}{part.raw}"
        before = ",\n"
    yield "[]" if before == "[\n" else "\n]"


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    try:
        with open(path, encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise ReportError(f"cannot read {shown(path)}: {error.strerror or type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{shown(path)} is no report of a restore: it is damaged, or no JSON") from error


def _refuse_unless_report(path: str, found: Body) -> None:
    version = found.get("version")
    if not as_map(found.get("restore")) or not isinstance(version, int):
        raise ReportError(f"{shown(path)} is no report of a restore")
    if version != VERSION:
        raise ReportError(f"{shown(path)} is of version {version}, and this collection reads version {VERSION}")
