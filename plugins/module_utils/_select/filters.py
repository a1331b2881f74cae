# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects of a backup the user asks for: by namespace, by resource, by scope, by label.

Velero 1.18, pkg/restore/restore.go (getOrderedResourceCollection, restoreItem), pkg/controller/restore_controller.go
(validateAndComplete) and pkg/util/collections/includes_excludes.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from .._errors import SettingsError
from .._match.globs import Patterns, pattern_problem, plain, unmatched_names
from .._match.selectors import Selector, compile_or_selectors, compile_selector, is_given
from .._match.validation import namespace_problems
from .._values import BackupItem
from .protected import SYSTEM_NAMESPACES

EVERYTHING = "*"

NEVER_RESTORED = frozenset(
    (
        "backuprepositories.velero.io",
        "backups.velero.io",
        "csinodes.storage.k8s.io",
        "events",
        "events.events.k8s.io",
        "nodes",
        "resticrepositories.velero.io",
        "restores.velero.io",
        "volumeattachments.storage.k8s.io",
    )
)
"""Velero's nonRestorableResources: they describe one cluster, or one Velero."""

_BOTH_SELECTORS = "encountered labelSelector as well as orLabelSelectors in restore spec, only one can be specified"
_RESOURCE = re.compile(r"[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?")


class _Choice:
    """Included and excluded names of one sort; remembers its answers, for a backup has few names and many objects."""

    def __init__(self, included: tuple[str, ...], excluded: tuple[str, ...]) -> None:
        self._included = Patterns(included or (EVERYTHING,))
        self._excluded = Patterns(excluded)
        self._answers: dict[str, bool] = {}

    def keeps(self, name: str) -> bool:
        """What is both included and excluded is excluded."""
        answer = self._answers.get(name)
        if answer is None:
            answer = self._answers[name] = self._included.match(name) and not self.excludes(name)
        return answer

    def excludes(self, name: str) -> bool:
        return self._excluded.match(name)


@dataclass(frozen=True)
class Filters:
    """Names and patterns: namespaces as the backup has them, resources as `<plural>[.<group>]` once resolved.

    The selectors are as the user gave them; `problems` must have found nothing before anything else is asked.
    """

    included_namespaces: tuple[str, ...] = ()
    excluded_namespaces: tuple[str, ...] = ()
    included_resources: tuple[str, ...] = ()
    excluded_resources: tuple[str, ...] = ()
    include_cluster_resources: bool | None = None
    """Unset: cluster-scoped objects only when no namespace is included or excluded by name."""
    label_selector: object = None
    or_label_selectors: object = None

    def keeps(self, item: BackupItem) -> bool:
        """Whether the user asks for the object, its labels apart."""
        return self.admits(item) and (bool(item.key.namespace) or self._whole_cluster())

    def selects(self, labels: Mapping[str, Any]) -> bool:
        """Whether the user asks for an object with these labels, as they are in the backup."""
        return not self.selectors or any(selector.matches(labels) for selector in self.selectors)

    def admits(self, item: BackupItem) -> bool:
        """Whether the object may come along with one that names it: neither labels nor an unset scope matter."""
        if item.resource in NEVER_RESTORED or not self._resources.keeps(item.resource):
            return False
        if item.key.namespace:
            return self._namespaces.keeps(item.key.namespace)
        return self.include_cluster_resources is not False

    def admits_type(self, resource: str, namespaced: bool) -> bool:
        """Whether objects of the type can be asked for at all, whatever else is said of them."""
        kept = resource not in NEVER_RESTORED and self._resources.keeps(resource)
        return kept and (namespaced or self._whole_cluster())

    def rules_out(self, item: BackupItem) -> bool:
        """Whether the user says that he does not want the cluster-scoped object, not merely fails to ask for it."""
        return self.include_cluster_resources is False or self._resources.excludes(item.resource)

    def problems(self) -> list[str]:
        """Everything that is wrong with them, in Velero's words; nothing may be written when there is any."""
        never = sorted(NEVER_RESTORED & set(self.included_resources))
        found = [f"{name} are non-restorable resources" for name in never]
        for what, included, excluded, name_problems in (
            ("resource", self.included_resources, self.excluded_resources, _resource_problems),
            ("namespace", self.included_namespaces, self.excluded_namespaces, namespace_problems),
        ):
            messages = [*_contradictions(included, excluded), *_invalid(what, included + excluded, name_problems)]
            found.extend(f"Invalid included/excluded {what} lists: {message}" for message in messages)
        if is_given(self.label_selector) and is_given(self.or_label_selectors):
            found.append(_BOTH_SELECTORS)
        found += _selector_problems("label_selector", compile_selector, self.label_selector)
        found += _selector_problems("or_label_selectors", compile_or_selectors, self.or_label_selectors)
        return found

    def resolved(self, resolve: Callable[[str], str]) -> Filters:
        """With each resource under its full name, which only the target and the backup know.

        Raises a SettingsError for what only now shows: `no` are nodes, and `deploy` is included while
        `deployments.apps` is excluded.
        """
        full = replace(
            self,
            included_resources=tuple(dict.fromkeys(map(resolve, self.included_resources))),
            excluded_resources=tuple(dict.fromkeys(map(resolve, self.excluded_resources))),
        )
        found = full.problems()
        if found:
            raise SettingsError(found)
        return full

    def unmatched(self, items: Iterable[BackupItem], served: Iterable[str] = ()) -> list[str]:
        """A sentence for each name that matches nothing in the backup: a slip, or not the backup meant.

        To leave out what may be there another time is no slip: a type that the target serves, a system namespace.
        """
        places = {(item.resource, item.key.namespace) for item in items}
        namespaces = {namespace for _resource, namespace in places} - {""}
        resources = {resource for resource, _namespace in places} - NEVER_RESTORED
        return [
            *unmatched_names("included_namespaces", self.included_namespaces, namespaces),
            *unmatched_names("excluded_namespaces", self.excluded_namespaces, namespaces | SYSTEM_NAMESPACES),
            *unmatched_names("included_resources", self.included_resources, resources),
            *unmatched_names("excluded_resources", self.excluded_resources, resources | NEVER_RESTORED.union(served)),
        ]

    @property
    def said(self) -> list[str]:
        """What they ask for, an option each, as a message names it."""
        lists = ("included_namespaces", "excluded_namespaces", "included_resources", "excluded_resources")
        found = [f"{option} {', '.join(names)}" for option in lists if (names := getattr(self, option))]
        if self.include_cluster_resources is not None:
            found.append(f"include_cluster_resources {str(self.include_cluster_resources).lower()}")
        selectors = (("label_selector", self.label_selector), ("or_label_selectors", self.or_label_selectors))
        return [*found, *(option for option, value in selectors if is_given(value))]

    def _whole_cluster(self) -> bool:
        if self.include_cluster_resources is None:
            return not self.excluded_namespaces and self.included_namespaces in ((), (EVERYTHING,))
        return self.include_cluster_resources

    @cached_property
    def _namespaces(self) -> _Choice:
        return _Choice(self.included_namespaces, self.excluded_namespaces)

    @cached_property
    def _resources(self) -> _Choice:
        return _Choice(self.included_resources, self.excluded_resources)

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        """Of which one is enough; none when every object is meant."""
        if is_given(self.label_selector):
            return (compile_selector(self.label_selector),)
        return compile_or_selectors(self.or_label_selectors)


def _contradictions(included: tuple[str, ...], excluded: tuple[str, ...]) -> Iterable[str]:
    if EVERYTHING in included and len(set(included)) > 1:
        yield "includes list must either contain '*' only, or a non-empty list of items"
    if EVERYTHING in excluded:
        yield "excludes list cannot contain '*'"
    for name in sorted(set(included) & set(excluded)):
        yield f"excludes list cannot contain an item in the includes list: {name}"


def _invalid(what: str, names: tuple[str, ...], name_problems: Callable[[str], list[str]]) -> Iterable[str]:
    for name in sorted(set(names) - {EVERYTHING}):
        found = pattern_problem(name)
        for problem in [found] if found else name_problems(plain(name)):
            yield f'invalid {what} "{name}": {problem}'


def _resource_problems(name: str) -> list[str]:
    """Any case, as Velero's discovery takes it."""
    if _RESOURCE.fullmatch(name):
        return []
    return ["a resource is <plural>, <plural>.<group>, a singular, a kind or a short name"]


def _selector_problems(option: str, compiles: Callable[[object], object], value: object) -> list[str]:
    try:
        compiles(value)
    except SettingsError as error:
        return [f"{option}{'' if problem.startswith('[') else ': '}{problem}" for problem in error.problems]
    return []
