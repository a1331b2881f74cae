# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects Velero's fine-grained restore filters let through, once the global filters have.

Velero's main branch of August 2026, pkg/restore/restore.go (getNamespaceFilter, getSelectedRestoreableItems). An entry
for namespaces is an allow-list, the one for cluster-scoped objects refines the types that it lists. Other than there, a
type that the backup alone knows is found out before anything is filtered, not at its first object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from .._errors import SettingsError
from .._match.globs import Patterns, compile_glob, is_pattern, unmatched_names
from .._match.selectors import Selector
from .._values import BackupItem, Body

OPTION = "resource_policies"

_NAME = re.compile(r"[-.:\w]+")

Types = Callable[[str], tuple[str, ...]]
"""From a user's word for a kind to the full names of the types that it means."""


class Kind(NamedTuple):
    """A type that a filter lists."""

    word: str
    """As the user spells it."""
    types: tuple[str, ...] = ()
    """`<plural>[.<group>]`; empty until the word is resolved."""


class NameGlobs:
    """Several globs for names of objects, of which one is enough: all that gobwas/glob has, unlike those of namespaces.

    Names as such are looked up, for there may be thousands. Raises ValueError for what is no glob.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        given = dict.fromkeys(globs)
        self._names = frozenset(filter(_NAME.fullmatch, given))
        self._globs = [compile_glob(glob) for glob in given if glob not in self._names]

    def match(self, name: str) -> bool:
        return name in self._names or any(glob.fullmatch(name) for glob in self._globs)

    def match_one_of(self, names: Set[str]) -> bool:
        return not self._names.isdisjoint(names) or any(map(self.match, names if self._globs else ()))


@dataclass(frozen=True)
class ResourceFilter:
    """One row of an entry: some types, and which of their objects are let through."""

    entry: str
    """Where it stands: `namespacedFilterPolicies[0].resourceFilters[1]`."""
    kinds: tuple[Kind, ...] = ()
    """None for the catch-all."""
    selectors: tuple[Selector, ...] = ()
    """Of which one is enough; none where labels do not matter."""
    names: tuple[str, ...] = ()
    """None where all are meant."""
    excluded_names: tuple[str, ...] = ()

    def keeps(self, name: str, labels: Mapping[str, Any] | None) -> bool:
        """Whether it lets an object of its types through; without labels they are not asked for."""
        if self._excluded.match(name) or not self._included.match(name):
            return False
        return labels is None or not self.selectors or any(selector.matches(labels) for selector in self.selectors)

    @property
    def said(self) -> Body:
        """What the user says with it, the same however it is spelled and ordered."""
        selectors = [_terms(selector) for selector in self.selectors]
        return {
            "kinds": sorted(kind.word.lower() for kind in self.kinds),
            "selectors": sorted(selectors),
            "names": sorted(self.names),
            "excludedNames": sorted(self.excluded_names),
        }

    def unmatched(self, known: Set[str]) -> list[str]:
        """Of its names those that match none of these."""
        return [name for name in self.names if not NameGlobs((name,)).match_one_of(known)]

    @cached_property
    def _included(self) -> NameGlobs:
        return NameGlobs(self.names or ("*",))

    @cached_property
    def _excluded(self) -> NameGlobs:
        return NameGlobs(self.excluded_names)


@dataclass(frozen=True)
class FilterPolicy:
    """One entry: its rows, and the namespaces of the backup that it is for."""

    entry: str
    filters: tuple[ResourceFilter, ...]
    namespaces: tuple[str, ...] = ()
    """None for the entry of the cluster-scoped objects."""

    def filter_for(self, resource: str) -> ResourceFilter | None:
        """The row that lists the type, else the catch-all."""
        return self._by_type.get(resource, self._catch_all)

    def resolved(self, types: Types, problems: list[str]) -> FilterPolicy:
        """With the full names of its types; a problem for two of its words that mean the same one."""
        filters = tuple(
            replace(row, kinds=tuple(kind._replace(types=types(kind.word)) for kind in row.kinds))
            for row in self.filters
        )
        words: dict[str, str] = {}
        for kind in chain.from_iterable(row.kinds for row in filters):
            for name in kind.types:
                if name in words:
                    both = f'"{words[name]}" and "{kind.word}"'
                    problems.append(f"{OPTION}: {self.entry}: {both} are the same type, {name}")
                words.setdefault(name, kind.word)
        return replace(self, filters=filters)

    @cached_property
    def patterns(self) -> Patterns:
        """Of its namespaces, names among them."""
        return Patterns(self.namespaces)

    @cached_property
    def _by_type(self) -> dict[str, ResourceFilter]:
        return {name: row for row in self.filters for kind in row.kinds for name in kind.types}

    @cached_property
    def _catch_all(self) -> ResourceFilter | None:
        return next((row for row in self.filters if not row.kinds), None)


@dataclass(frozen=True)
class FilterPolicies:
    """All entries of a restore; without any the global filters say everything."""

    namespaced: tuple[FilterPolicy, ...] = ()
    cluster: FilterPolicy | None = None

    def __bool__(self) -> bool:
        return bool(self.namespaced or self.cluster)

    @property
    def entries(self) -> tuple[FilterPolicy, ...]:
        return (*self.namespaced, *((self.cluster,) if self.cluster else ()))

    def judges(self, item: BackupItem) -> bool:
        """Whether an entry is for the object, so that its selectors stand instead of the global ones."""
        return self._row_for(item) is not None

    def kept_out_by(self, item: BackupItem, labels: Mapping[str, Any] | None) -> str:
        """The entry that does not let the object through, empty when none is against it.

        Without labels the answer is by type and name alone: of an object that is broken, or not read yet.
        """
        row = self._row_for(item)
        return "" if row is None or row.keeps(item.key.name, labels) else row.entry

    def resolved(self, types: Types) -> FilterPolicies:
        """With the full names of all types; a SettingsError with all that only these show."""
        problems: list[str] = []
        namespaced = tuple(entry.resolved(types, problems) for entry in self.namespaced)
        cluster = self.cluster.resolved(types, problems) if self.cluster else None
        if problems:
            raise SettingsError(problems)
        return FilterPolicies(namespaced, cluster)

    def unmatched(self, items: Iterable[BackupItem]) -> Iterator[str]:
        """A sentence for each namespace, kind and name that matches nothing in the backup.

        Of the names of a filter that has no objects to judge nothing is said, for its namespaces or kinds are.
        """
        known = tuple(items)
        namespaces = {item.key.namespace for item in known} - {""}
        resources = {item.resource for item in known}
        names = self._names(known)
        for entry in self.entries:
            yield from unmatched_names(f"{OPTION}: {entry.entry}.namespaces", entry.namespaces, namespaces)
            for row in entry.filters:
                unknown = (kind.word for kind in row.kinds if resources.isdisjoint(kind.types))
                yield from (f"{OPTION}: {row.entry}.kinds: {word!r} matches nothing in the backup" for word in unknown)
                astray = row.unmatched(names[row.entry]) if row.entry in names else ()
                yield from (f"{OPTION}: {row.entry}.names: {name!r} matches nothing in the backup" for name in astray)

    def _names(self, items: Iterable[BackupItem]) -> dict[str, set[str]]:
        """Of the objects that each row with names judges."""
        found: dict[str, set[str]] = {}
        for item in items:
            row = self._row_for(item)
            if row is not None and row.names:
                found.setdefault(row.entry, set()).add(item.key.name)
        return found

    @property
    def said(self) -> Body:
        """All that the user says, before anything is resolved, the same however it is spelled and ordered.

        But for patterns, whose order counts.
        """
        rows = {entry.entry: sorted((row.said for row in entry.filters), key=repr) for entry in self.entries}
        of_namespaces = [(name, rows[entry.entry]) for entry in self.namespaced for name in entry.namespaces]
        return {
            "clusterScoped": rows[self.cluster.entry] if self.cluster else None,
            "namespaces": sorted((pair for pair in of_namespaces if not is_pattern(pair[0])), key=repr),
            "patterns": [pair for pair in of_namespaces if is_pattern(pair[0])],
        }

    def _row_for(self, item: BackupItem) -> ResourceFilter | None:
        """What judges the object; None where the global filters do. Remembered: a backup has few types a namespace."""
        place = (item.key.namespace, item.resource)
        if place not in self._rows:
            self._rows[place] = self._found_row(*place)
        return self._rows[place]

    def _found_row(self, namespace: str, resource: str) -> ResourceFilter | None:
        if not namespace:
            return self.cluster.filter_for(resource) if self.cluster else None
        if namespace not in self._entries:
            self._entries[namespace] = self._found_entry(namespace)
        entry = self._entries[namespace]
        if entry is None:
            return None
        return entry.filter_for(resource) or ResourceFilter(entry.entry, excluded_names=("*",))

    def _found_entry(self, namespace: str) -> FilterPolicy | None:
        """An exact name goes before patterns wherever it stands; of patterns the first one."""
        exact = (entry for entry in self.namespaced if namespace in entry.namespaces)
        matching = (entry for entry in self.namespaced if entry.patterns.match(namespace))
        return next(chain(exact, matching), None)

    @cached_property
    def _entries(self) -> dict[str, FilterPolicy | None]:
        return {}

    @cached_property
    def _rows(self) -> dict[tuple[str, str], ResourceFilter | None]:
        return {}


def _terms(selector: Selector) -> list[tuple[str, str, list[str]]]:
    return sorted((term.key, term.operator.value, sorted(term.values)) for term in selector.requirements)
