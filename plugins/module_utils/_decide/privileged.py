# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that give rights, or a say in what others may do: what becomes of them is the user's to say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from .._match.globs import Patterns, unmatched_names
from .._merge_patch import apply
from .._unstructured import as_map, nested, without_named
from .._values import EMPTY, BackupItem, Body, Change, Named, ObjectRef
from .._vocabulary import Action, Reason
from .privileged_rules import RULES, Effect, PrivilegedRule

RESTORE, SKIP, FAIL = "restore", "skip", "fail"
OPTION = "privileged_rules"

_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.DELETE))

BodyOf = Callable[[BackupItem], Body]


@dataclass(frozen=True)
class PrivilegedObjects:
    """The table with the user's own rows, and what he wants done."""

    mode: str = RESTORE
    own: tuple[PrivilegedRule, ...] = ()
    """They come behind the table's, and what they hold back is held back whatever those say."""
    _known: dict[str, tuple[tuple[int, PrivilegedRule], ...]] = field(default_factory=dict, compare=False, repr=False)

    def rules(self, resource: str) -> tuple[tuple[int, PrivilegedRule], ...]:
        """The rows for a type, each with its rank."""
        found = self._known.get(resource)
        if found is None:
            ranked = enumerate((*RULES, *self.own))
            found = tuple((place, rule) for place, rule in ranked if Patterns((rule.resource,)).match(resource))
            self._known[resource] = found
        return found

    def resolved(self, resolve: Callable[[str], str]) -> PrivilegedObjects:
        """With each resource under its full name, which only the target and the backup know."""
        return PrivilegedObjects(self.mode, tuple(replace(rule, resource=resolve(rule.resource)) for rule in self.own))

    def unmatched(self, resources: Collection[str]) -> Iterator[str]:
        """A sentence for each type of the user's rows that nobody knows: a slip, and then nothing is held back."""
        for place, rule in enumerate(self.own):
            yield from unmatched_names(f"{OPTION}[{place}]", [rule.resource], resources)

    # whole objects

    def held_back(self, change: Change, body_of: BodyOf) -> Change:
        """The change, or what is left of it: a skip or a failure, which keep its comparison, for the report.

        What changes no more than the two labels, or nothing, passes: it gives nobody anything. A deletion does not:
        what goes may be a guard. A create without what it would give keeps its action and says so.
        """
        if self.mode == RESTORE or change.action not in _WRITES:
            return change
        rules = self.rules(change.ref.resource)
        if any(
            rule.effect(change.ref.resource) is Effect.HOLD and _counts(rule, change, body_of) for _place, rule in rules
        ):
            action = Action.FAIL if self.mode == FAIL else Action.SKIP
            detail = "privileged_objects is fail" if self.mode == FAIL else ""
            return replace(change, action=action, reason=Reason.PRIVILEGED, detail=detail)
        names = self._withheld_of_new(change, body_of) if change.reason is None else ()
        return replace(change, reason=Reason.WITHHELD, detail=withheld_text(names)) if names else change

    # labels and annotations

    @property
    def withholds(self) -> bool:
        """Whether labels and annotations that give rights are left to the target."""
        return self.mode != RESTORE

    def withheld(self, ref: ObjectRef, body: Body, live: Body) -> tuple[Named, ...]:
        """What of the backup's body would give more than the live object has; nothing of most types."""
        rules = (rule for _place, rule in self.rules(ref.resource) if rule.effect(ref.resource) is Effect.WITHHOLD)
        found = (
            (kind, name)
            for rule in rules
            for kind, name, value in rule.named(body)
            if rule.gives(name, value, as_map(nested(live, "metadata", kind)).get(name))
        )
        return tuple(dict.fromkeys(found))

    def withheld_beside(self, body_of: BodyOf, item: BackupItem, live: Body) -> tuple[Named, ...]:
        """The same of an item beside its live object; no body is asked for where no row could withhold anything."""
        return self.withheld(item, body_of(item), live) if self._may_withhold(item.resource) else ()

    def without(self, item: BackupItem, body: Body) -> Body:
        """The body of a new object without what would give rights."""
        return without_named(body, self.withheld(item, body, EMPTY))

    def _withheld_of_new(self, change: Change, body_of: BodyOf) -> tuple[Named, ...]:
        return self.withheld_beside(body_of, change.item, EMPTY) if change.action is Action.CREATE else ()

    def _may_withhold(self, resource: str) -> bool:
        return any(rule.effect(resource) is Effect.WITHHOLD for _place, rule in self.rules(resource))

    # what is said of them

    def brought(self, change: Change, body_of: BodyOf) -> tuple[int, list[str]] | None:
        """What the change brings, or would bring, by rows that are not about a type as such, and the rank of the first.

        `body_of` gives bodies with what is withheld. None when no row finds anything.
        """
        found = [(place, list(_brought(rule, change, body_of))) for place, rule in self._partial(change)]
        told = [(place, texts) for place, texts in found if texts]
        return (told[0][0], list(dict.fromkeys(text for _place, texts in told for text in texts))) if told else None

    def gives(self, ref: ObjectRef, body: Body, beside: Body) -> bool:
        """Whether a body is of a type that gives rights, or has more of what gives them than the one beside it."""
        found = (rule for _place, rule in self.rules(ref.resource))
        return any(rule.is_whole or any(True for _text in rule.brings(ref.resource, body, beside)) for rule in found)

    def _partial(self, change: Change) -> list[tuple[int, PrivilegedRule]]:
        rules = self.rules(change.ref.resource) if isinstance(change.ref, BackupItem) else ()
        return [(place, rule) for place, rule in rules if not rule.is_whole]

    def place_of(self, resource: str) -> int | None:
        """Rank of a type that is privileged as such; None for another."""
        return next((place for place, rule in self.rules(resource) if rule.is_whole), None)


def withheld_text(names: Iterable[Named]) -> str:
    """`label a, annotation b`: names alone, no value."""
    return ", ".join(f"{kind[:-1]} {name}" for kind, name in names)


def _counts(rule: PrivilegedRule, change: Change, body_of: BodyOf) -> bool:
    """A deletion brings nothing that a part of a body could."""
    if rule.is_whole:
        return True
    return change.action is not Action.DELETE and any(True for _text in _brought(rule, change, body_of))


def _brought(rule: PrivilegedRule, change: Change, body_of: BodyOf) -> Iterator[str]:
    """Beside a live object, of which the changed fields are known; and what of it is withheld."""
    resource, comparison = change.ref.resource, change.comparison
    if comparison is None:
        yield from rule.brings(resource, body_of(change.item), EMPTY)
        return
    yield from rule.brings(resource, apply(comparison.before, comparison.patch), comparison.before)
    withheld = (found for found in rule.named(body_of(change.item)) if found[:2] in comparison.withheld)
    for kind, name, value in withheld if comparison.withheld else ():
        yield f"{kind[:-1]} {name}={value}"
