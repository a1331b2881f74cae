# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which resource a user means: `deploy`, `Deployment`, `deployments.apps` are all `deployments.apps`.

Velero 1.18, pkg/discovery/helper.go (ResourceFor) with client-go's discovery mapper and shortcut expander: any case
(of full names), the core group first, then the server's order of groups; the beginning of a group is enough
(`storageclasses.storage`). As in kubectl, and other than in Velero's older expander, a full name goes before a short
one: no CRD can take over `secrets`. What the target does not know is looked for among the CRDs of the backup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Protocol

from .._kinds import CRDS
from .._unstructured import as_text, as_texts, nested
from .._values import BackupItem, Body, Resource
from .globs import is_pattern


class Backup(Protocol):
    """What is asked of the catalogue."""

    @property
    def items(self) -> tuple[BackupItem, ...]:
        """Every object of the backup."""

    def body(self, item: BackupItem) -> Body:
        """The body of an item."""


class Resolver:
    """From a user's word to `<plural>[.<group>]`; patterns, names of the backup and unknown words stand as they are."""

    def __init__(self, served: Iterable[Resource], backup: Backup) -> None:
        self._target = _Words(served)
        self._backup = backup
        self._folders = {item.resource for item in backup.items}

    def __call__(self, word: str) -> str:
        if word in self._folders or is_pattern(word):
            return word
        return self._known(word) or word

    def types(self, kind: str) -> tuple[str, ...]:
        """In any case, as filter policies take it: what nobody knows is every type of the backup that is called so.

        The word itself, in lower case, when there is none.
        """
        word = kind.lower()
        known = word if word in self._folders else self._known(word)
        return (known,) if known else tuple(self._called.get(word, ())) or (word,)

    def _known(self, word: str) -> str:
        """The backup's CRDs are read only when the target does not know a word."""
        return self._target.find(word) or self._defined.find(word)

    @cached_property
    def _defined(self) -> _Words:
        return _Words(_defined(self._backup))

    @cached_property
    def _called(self) -> dict[str, list[str]]:
        """Kind or plural, with and without the group -> the types of the backup's objects."""
        found: dict[str, list[str]] = {}
        for resource, kind in sorted({(item.resource, item.key.kind) for item in self._backup.items}):
            plural, dot, group = resource.partition(".")
            for name in dict.fromkeys((kind.lower(), plural, f"{kind.lower()}{dot}{group}")):
                found.setdefault(name, []).append(resource)
        return found


def resolver(served: Iterable[Resource], backup: Backup) -> Resolver:
    """`served` is in the target's order."""
    return Resolver(served, backup)


def served_resolver(served: Iterable[Resource]) -> Callable[[str], str]:
    """Where there is no backup: by what the target knows alone."""
    words = _Words(served)
    return lambda word: word if is_pattern(word) else words.find(word) or word


class _Words:
    """What the types of one source are called."""

    def __init__(self, types: Iterable[Resource]) -> None:
        self._full: dict[str, list[Resource]] = {}
        self._short: dict[str, list[Resource]] = {}
        for known in types:
            for name in dict.fromkeys((known.plural, known.singular or known.kind.lower())):
                self._full.setdefault(name, []).append(known)
            for name in known.short_names:
                self._short.setdefault(name, []).append(known)

    def find(self, word: str) -> str:
        """The first type that fits, or nothing: full names, short names, then each with the beginning of a group."""
        name, _dot, group = word.partition(".")
        full, short = self._full.get(name.lower(), []), self._short.get(name, [])
        exact = (known for known in (*full, *short) if not group or known.group == group)
        begun = (known for known in (*short, *full) if group and known.group.startswith(group))
        found = next(exact, None) or next(begun, None)
        return found.name if found else ""


def _defined(backup: Backup) -> Iterator[Resource]:
    """The types that the backup's CRDs define; a malformed one defines nothing that anybody could name."""
    for item in backup.items:
        if item.resource == CRDS and not item.problem:
            yield from _type_of(item, backup.body(item))


def _type_of(item: BackupItem, body: Body) -> Iterator[Resource]:
    names = nested(body, "spec", "names")
    plural, group = as_text(nested(names, "plural")), as_text(nested(body, "spec", "group"))
    if f"{plural}.{group}" == item.key.name:
        yield Resource(
            group=group,
            version="",
            plural=plural,
            kind=as_text(nested(names, "kind")),
            namespaced=nested(body, "spec", "scope") == "Namespaced",
            singular=as_text(nested(names, "singular")),
            short_names=tuple(as_texts(nested(names, "shortNames"))),
        )
