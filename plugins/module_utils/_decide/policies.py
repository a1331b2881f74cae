# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policy holds for which object: one for all, or rules by type, namespace and labels.

A rule that matches decides; two that say different things about one object decide nothing, and the object is not
restored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .._match.globs import Patterns, unmatched_names
from .._match.selectors import Selector
from .._unstructured import labels_of
from .._values import BackupItem, Body, Choice, ObjectKey
from .._vocabulary import Policy

ALONE = "existing_resource_policy"


class PolicyConflict(NamedTuple):
    """Rules of different policies that match one object."""

    first: Choice
    second: Choice

    def __str__(self) -> str:
        return " and ".join(f"{choice.rule} ({choice.policy.value})" for choice in self)


@dataclass(frozen=True)
class Rule:
    """What one override asks of an object; what it does not name does not matter."""

    choice: Choice
    resources: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    """In the backup; a rule that names some matches no cluster-scoped object."""
    selector: Selector | None = None
    """On the labels in the backup."""

    def covers(self, resource: str, namespace: str) -> bool:
        """Whether the rule matches, the labels apart."""
        if self.resources and not Patterns(self.resources).match(resource):
            return False
        return not self.namespaces or (bool(namespace) and Patterns(self.namespaces).match(namespace))


@dataclass(frozen=True)
class Policies:
    """The policy of every object of a restore."""

    default: Choice
    rules: tuple[Rule, ...] = ()
    _covering: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def summary(self) -> str:
        """The policy in a word or two, for the result."""
        others = sorted({rule.choice.policy.value for rule in self.rules} - {self.default.policy.value})
        default = self.default.policy.value
        return f"{default}, with overrides: {', '.join(others)}" if others else default

    def choose(self, item: BackupItem, body: Callable[[BackupItem], Body]) -> Choice | PolicyConflict:
        """`body` gives an item as it was backed up; it is asked only where labels matter."""
        source = item.source or item.key
        place = (item.resource, source.namespace)
        covering = self._covering.get(place)
        if covering is None:
            covering = self._covering[place] = tuple(rule for rule in self.rules if rule.covers(*place))
        if not covering:
            return self.default
        if any(rule.selector for rule in covering):
            labels = labels_of(body(item)) if item.size else {}
            covering = tuple(rule for rule in covering if rule.selector is None or rule.selector.matches(labels))
        return _agreed([rule.choice for rule in covering]) if covering else self.default

    def resolved(self, resolve: Callable[[str], str]) -> Policies:
        """With each resource under its full name, which only the target and the backup know."""
        rules = tuple(replace(rule, resources=tuple(map(resolve, rule.resources))) for rule in self.rules)
        return Policies(self.default, rules)

    def unmatched(self, items: Iterable[BackupItem]) -> list[str]:
        """A sentence for each name in a rule that matches nothing in the backup: misspelt, it would spare nothing."""
        sources = [(item.resource, (item.source or item.key).namespace) for item in items] if self.rules else []
        resources = {resource for resource, _namespace in sources}
        namespaces = {namespace for _resource, namespace in sources if namespace}
        return [
            sentence
            for rule in self.rules
            for names, known in ((rule.resources, resources), (rule.namespaces, namespaces))
            for sentence in unmatched_names(rule.choice.rule, names, known)
        ]


def _agreed(choices: list[Choice]) -> Choice | PolicyConflict:
    first = choices[0]
    other = next((choice for choice in choices if choice.policy is not first.policy), None)
    return first if other is None else PolicyConflict(first, other)


class Choices(NamedTuple):
    """The policy of each object, by its key on the target; only what is not the default is in the mapping."""

    default: Choice
    exceptions: Mapping[ObjectKey, Choice]

    def of(self, key: ObjectKey) -> Choice:
        return self.exceptions.get(key, self.default)


def everything(policy: Policy) -> Choices:
    """One policy for all."""
    return Choices(Choice(policy, ALONE), {})


def choose_all(
    policies: Policies, items: Iterable[BackupItem], body: Callable[[BackupItem], Body]
) -> tuple[Choices, dict[ObjectKey, PolicyConflict]]:
    """The choice of every item, and those for which there is none."""
    exceptions: dict[ObjectKey, Choice] = {}
    conflicts: dict[ObjectKey, PolicyConflict] = {}
    for item in items if policies.rules else ():
        chosen = policies.choose(item, body)
        if isinstance(chosen, PolicyConflict):
            conflicts[item.key] = chosen
        elif chosen is not policies.default:
            exceptions[item.key] = chosen
    return Choices(policies.default, exceptions), conflicts
