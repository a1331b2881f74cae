# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ignore_fields`: fields of existing objects that the user leaves to the target, as further rows of the rebase table.

A JSON Pointer (RFC 6901) is refused where it could only mislead: where it names what is never compared anyway, or what
makes the object the one it is. How one goes through lists is said in copy_live.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import SettingsError
from .._match.globs import Patterns, pattern_problem, unmatched_names
from .._modify.json_patch import parts_of
from .._unstructured import IDENTITY
from .._values import BACKUP_LABEL, RESTORE_LABEL, Path
from .copy_live import copy_live, may_enter_list
from .rebase_rules import RebaseRule, RebaseRules

OPTION = "ignore_fields"
WHY = "the user leaves it to the target"

_COMPARED_METADATA = ("labels", "annotations")


@dataclass(frozen=True)
class Ignored:
    """The fields that are left to the target, by resource."""

    fields: tuple[tuple[str, Path], ...] = ()
    """(resource or a pattern for some, path)"""
    _rows: dict[str, RebaseRules] = field(default_factory=dict, compare=False, repr=False)

    def rows(self, resource: str) -> RebaseRules:
        """The rows for a resource, `<plural>[.<group>]`."""
        found = self._rows.get(resource)
        if found is None:
            paths = {path for word, path in self.fields if Patterns((word,)).match(resource)}
            found = self._rows[resource] = tuple(map(_row, sorted(paths)))
        return found

    def resolved(self, resolve: Callable[[str], str]) -> Ignored:
        """With each resource under its full name, which only the target and the backup know."""
        return Ignored(tuple((resolve(word), path) for word, path in self.fields))

    def unmatched(self, resources: Collection[str]) -> list[str]:
        """A sentence for each name that matches none of the resources: a slip, and then the field is overwritten."""
        return unmatched_names(OPTION, (word for word, _path in self.fields), resources)


def _row(path: Path) -> RebaseRule:
    """Places in lists are those of the target once the table has filled in what the target adds to them."""
    return RebaseRule("", copy_live(path), WHY, last=may_enter_list(path))


def compile_ignored(value: Any) -> Ignored:
    """From the option; what is empty counts as not given. A SettingsError with all problems."""
    problems: list[str] = []
    fields = tuple(_fields(value, problems)) if value not in (None, "") else ()
    if problems:
        raise SettingsError(problems)
    return Ignored(fields)


def _fields(value: Any, problems: list[str]) -> Iterator[tuple[str, Path]]:
    if not isinstance(value, Mapping):
        problems.append(f"{OPTION}: is not a dictionary from a resource to a list of JSON Pointers")
        return
    for word, pointers in value.items():
        problem = _word_problem(word)
        if problem:
            problems.append(f"{OPTION}: {word!r}: {problem}")
        elif isinstance(pointers, list):
            yield from ((word.strip(), path) for path in _paths(f"{OPTION}.{word}", pointers, problems))
        elif pointers not in (None, ""):
            problems.append(f"{OPTION}.{word}: is not a list of JSON Pointers")


def _word_problem(word: Any) -> str:
    if not isinstance(word, str) or not word.strip():
        return "is not the name of a resource"
    return pattern_problem(word)


def _paths(name: str, pointers: list[Any], problems: list[str]) -> Iterator[Path]:
    for pointer in pointers:
        if not isinstance(pointer, str):
            problems.append(f"{name}: {pointer!r} is not a JSON Pointer")
        elif not pointer:
            problems.append(f"{name}: '' is the whole object; to leave that to the target, exclude it from the restore")
        else:
            yield from _path(name, pointer, problems)


def _path(name: str, pointer: str, problems: list[str]) -> Iterator[Path]:
    try:
        path = parts_of(pointer)
    except ValueError as error:
        problems.append(f"{name}: {pointer!r}: {error}")
        return
    problem = _problem(path)
    if problem:
        problems.append(f"{name}: {pointer!r} {problem}")
    else:
        yield path


def _problem(path: Path) -> str:
    """Why the field cannot be left to the target by this option; empty when it can."""
    if path[:1] in IDENTITY or path[:2] in IDENTITY:
        return "is part of what the object is"
    if path[0] == "status":
        return "is the target's unless restore_status asks for it"
    return _metadata_problem(path[1:]) if path[0] == "metadata" else ""


def _metadata_problem(path: Path) -> str:
    if not path:
        return "is too much: give /metadata/labels or /metadata/annotations"
    if path[0] not in _COMPARED_METADATA:
        return "is the target's anyway: of metadata only labels and annotations are compared"
    if len(path) > 2:
        return "leads into a text: a / in the name of a label or an annotation is written ~1"
    if path in (("labels", BACKUP_LABEL), ("labels", RESTORE_LABEL)):
        return "is written by every restore; see label_unchanged"
    return ""
