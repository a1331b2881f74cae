# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads filter policies out of the document that Velero's `spec.resourcePolicy` names.

Velero's main branch of August 2026, internal/resourcepolicies/resource_policies.go (ValidateForRestore): refused are an
entry without namespaces or filters, a second catch-all, names on one, a kind or a namespace twice, both forms of a
selector, what does not parse, unknown fields, another version, and the sections that are for backups. Ours also refuses
what Velero takes and what could match nothing: `*` beside other kinds, patterns for kinds, names that no object could
have, and bare words and numbers where text is wanted, which YAML may have read otherwise than they are spelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .._errors import SettingsError
from .._match.globs import pattern_problem, plain
from .._match.reading import Reader, placed
from .._match.selectors import Selector, compile_selector
from .._match.validation import namespace_problems
from .filter_policies import FilterPolicies, FilterPolicy, Kind, NameGlobs, ResourceFilter

VERSION = "v1"
EVERY_KIND = "*"

NAMESPACED = "namespacedFilterPolicies"
CLUSTER = "clusterScopedFilterPolicy"
_FOR_BACKUPS = {
    "volumePolicies": "volumePolicies are not supported for restore",
    "includeExcludePolicy": "includeExcludePolicy is not supported for restore",
}
"""In Velero's words."""

_KIND = re.compile(r"[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?")


def compile_filter_policies(document: Any) -> FilterPolicies:
    """Ready to be resolved. Raises a SettingsError with every problem, each with its place.

    An empty document is refused: who names one, wants something kept out.
    """
    reader = Reader()
    fields = reader.fields("resource policies", document, ("version", NAMESPACED, CLUSTER, *_FOR_BACKUPS))
    if fields.get("version") != VERSION:
        said = fields.get("version") or ""
        reader.problem("version", f"incompatible version number {said} with supported version {VERSION}")
    reader.problems += [text for name, text in _FOR_BACKUPS.items() if fields.get(name) not in (None, [])]
    entries = placed(NAMESPACED, reader.elements(NAMESPACED, fields.get(NAMESPACED)))
    namespaced = [_namespaced(reader, where, value) for where, value in entries]
    reader.problems += _repeated_namespaces(namespaced)
    cluster = _cluster(reader, fields.get(CLUSTER))
    if reader.problems:
        raise SettingsError(reader.problems)
    return FilterPolicies(tuple(namespaced), cluster)


def _namespaced(reader: Reader, where: str, value: Any) -> FilterPolicy:
    fields = reader.fields(where, value, ("namespaces", "resourceFilters"))
    namespaces = _texts(reader, f"{where}.namespaces", fields.get("namespaces"), _namespace_problem)
    if not fields.get("namespaces"):
        reader.problem(where, "at least one namespace must be specified")
    if not fields.get("resourceFilters"):
        reader.problem(where, "at least one resourceFilter must be specified")
    policy = FilterPolicy(where, tuple(_filters(reader, where, fields.get("resourceFilters"))), namespaces)
    catch_alls = [row for row in policy.filters if not row.kinds]
    if len(catch_alls) > 1:
        reader.problem(where, "only one catch-all resource filter is allowed")
    for row in catch_alls:
        if row.names or row.excluded_names:
            reader.problem(row.entry, "names or excludedNames cannot be specified for catch-all filters")
    return policy


def _cluster(reader: Reader, value: Any) -> FilterPolicy | None:
    if value is None:
        return None
    fields = reader.fields(CLUSTER, value, ("resourceFilters",))
    if not fields.get("resourceFilters"):
        reader.problem(CLUSTER, "resourceFilters cannot be empty; leave the section out where it is not needed")
    policy = FilterPolicy(CLUSTER, tuple(_filters(reader, CLUSTER, fields.get("resourceFilters"))))
    for row in policy.filters:
        if not row.kinds:
            reader.problem(row.entry, "kinds must be specified (catch-all is not supported)")
    return policy


def _filters(reader: Reader, where: str, value: Any) -> Iterator[ResourceFilter]:
    """A kind that two of them list is a problem, whichever of the two was meant."""
    rows: dict[str, str] = {}
    for place, element in placed("resourceFilters", reader.elements(f"{where}.resourceFilters", value)):
        made = _filter(reader, f"{where}.{place}", element)
        for kind in made.kinds:
            if kind.word in rows:
                reader.problem(where, f'kind "{kind.word}" appears in both {rows[kind.word]} and {place}')
            rows[kind.word] = place
        yield made


def _filter(reader: Reader, where: str, value: Any) -> ResourceFilter:
    if value is None:
        reader.problem(where, "must be a map; a filter that lets everything through says kinds: ['*']")
    fields = reader.fields(where, value, ("kinds", "labelSelector", "orLabelSelectors", "names", "excludedNames"))
    return ResourceFilter(
        entry=where,
        kinds=_kinds(reader, f"{where}.kinds", fields.get("kinds")),
        selectors=_selectors(reader, where, fields),
        names=_texts(reader, f"{where}.names", fields.get("names"), _name_problem),
        excluded_names=_texts(reader, f"{where}.excludedNames", fields.get("excludedNames"), _name_problem),
    )


def _kinds(reader: Reader, where: str, value: Any) -> tuple[Kind, ...]:
    """None for the catch-all, which what is no list must not pass for."""
    words = _texts(reader, where, value, _kind_problem)
    if words == (EVERY_KIND,):
        return ()
    if EVERY_KIND in words:
        reader.problem(where, "'*' stands alone: it means every kind that no other filter of the entry lists")
    return tuple(map(Kind, words if value is None or isinstance(value, list) else (where,)))


def _kind_problem(word: str) -> str:
    if word == EVERY_KIND or _KIND.fullmatch(word):
        return ""
    return "a kind is <plural>, <plural>.<group>, a singular, a kind or a short name, and no pattern"


def _namespace_problem(name: str) -> str:
    return pattern_problem(name) or "; ".join(namespace_problems(plain(name)))


def _name_problem(glob: str) -> str:
    try:
        NameGlobs((glob,))
    except ValueError as error:
        return str(error)
    return ""


def _texts(reader: Reader, where: str, value: Any, problem_of: Callable[[str], str]) -> tuple[str, ...]:
    """Of a list; in place of what is wrong stands where it is, so that nothing looks empty or repeated besides."""
    return tuple(_text(reader, place, text, problem_of) for place, text in placed(where, reader.elements(where, value)))


def _text(reader: Reader, where: str, value: Any, problem_of: Callable[[str], str]) -> str:
    if not isinstance(value, str) or not value:
        reader.problem(where, "must be text, and not empty; put numbers and bare words in quotes")
        return where
    problem = problem_of(value)
    if problem:
        reader.problem(where, f'"{value}": {problem}')
    return where if problem else value


def _selectors(reader: Reader, where: str, fields: Mapping[str, Any]) -> tuple[Selector, ...]:
    """One of the two forms; an empty labelSelector says nothing, as in Velero."""
    only = _selector(reader, f"{where}.labelSelector", fields.get("labelSelector"))
    given = reader.elements(f"{where}.orLabelSelectors", fields.get("orLabelSelectors"))
    places = placed(f"{where}.orLabelSelectors", given)
    several = tuple(_alternative(reader, place, value) for place, value in places if value is not None)
    if only.requirements and several:
        reader.problem(where, "labelSelector and orLabelSelectors cannot co-exist")
    return (only,) if only.requirements else several


def _alternative(reader: Reader, where: str, value: Any) -> Selector:
    """Refused: an empty one, for it would match every object and leave the others without effect."""
    before = len(reader.problems)
    selector = _selector(reader, where, value)
    if not selector.requirements and len(reader.problems) == before:
        reader.problem(where, "an empty selector matches everything")
    return selector


def _selector(reader: Reader, where: str, value: Any) -> Selector:
    if value is not None and not isinstance(value, Mapping):
        reader.problem(where, "must be a map with matchLabels and matchExpressions")
        return Selector()
    return reader.made(where, compile_selector, value, Selector())


def _repeated_namespaces(policies: Collection[FilterPolicy]) -> Iterator[str]:
    places: dict[str, list[int]] = {}
    for index, policy in enumerate(policies):
        for name in policy.namespaces:
            places.setdefault(name, []).append(index)
    for name, found in places.items():
        if len(found) > 1:
            yield f"{NAMESPACED}: duplicate namespace pattern '{name}' found in policies {found}"
