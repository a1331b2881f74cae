# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that name objects: `<resource>`, `<resource>/<name>` or `<resource>/<namespace>/<name>`.

Each part is exact or `*`. Two parts name an object in any namespace, three a cluster-scoped one only through `*`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._values import ObjectRef

FORMS = "resource, resource/name or resource/namespace/name"


def is_named(ref: ObjectRef, entries: Iterable[str]) -> bool:
    """Whether one of the entries, with its resource in full, names the object."""
    return any(_names(entry.split("/"), ref) for entry in entries)


def in_full(entries: tuple[str, ...], resolve: Callable[[str], str]) -> tuple[str, ...]:
    """The entries with each resource under its full name: short names and singulars are the target's to know."""
    words = (entry.partition("/") for entry in entries)
    return tuple(f"{resolve(word)}{slash}{rest}" for word, slash, rest in words)


def entry_problem(entry: str) -> str:
    """What is wrong with an entry, as the end of a sentence; empty when it is fine."""
    parts = entry.split("/")
    return "" if len(parts) <= 3 and "" not in parts else f"is not {FORMS}"


def unmatched_entries(option: str, entries: Iterable[str], refs: Iterable[ObjectRef]) -> list[str]:
    """A sentence for each entry that names none of the objects: a slip, and then it has no effect."""
    known = list(refs)
    return [
        f"{option}: {entry!r} matches nothing in the backup"
        for entry in entries
        if not any(_names(entry.split("/"), ref) for ref in known)
    ]


def _names(parts: list[str], ref: ObjectRef) -> bool:
    actual: tuple[str, ...] = (ref.resource, ref.key.namespace, ref.key.name)
    if len(parts) < len(actual):
        actual = (ref.resource, ref.key.name)[: len(parts)]
    return len(parts) == len(actual) and all(part in ("*", value) for part, value in zip(parts, actual, strict=True))
