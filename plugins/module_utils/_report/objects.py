# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of objects: what a person must look at comes first, and so survives the cut.

Results number 100,000 where some hundred fit into the module's result: a dict is made only for those that are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from .._text import printable
from .._values import Body, Done, ObjectKey
from .._vocabulary import NOT_IN_SYNC, Outcome, Reason, sentence
from .text import cut, json_size

_ORDER = (
    Outcome.FAILED,
    Outcome.UPDATED,  # what stood there and is overwritten goes before what is merely new
    Outcome.RECREATED,
    Outcome.DELETING,
    Outcome.DELETED,
    Outcome.CREATED,
    Outcome.RELABELLED,
    Outcome.SKIPPED,
    Outcome.UNCHANGED,
)
_PLACE = {outcome: place for place, outcome in enumerate(_ORDER)}

_key = attrgetter("change.key")

Rank = tuple[int, bool, bool, bool]


def is_different(done: Done) -> bool:
    """The object on the target is not what the backup says, and not on purpose."""
    return done.result.outcome is Outcome.FAILED or done.result.reason in NOT_IN_SYNC


def _rank(done: Done) -> Rank:
    """By outcome; within one the unverified and the different before the others, then those that have a reason."""
    result = done.result
    return (
        _PLACE[result.outcome],
        result.reason is not Reason.UNVERIFIED,
        not is_different(done),
        result.reason is None,
    )


def ordered(done: Iterable[Done]) -> Iterator[Done]:
    """Failed first, then changed, skipped, unchanged; within by key, whatever the order they came in."""
    groups: defaultdict[Rank, list[Done]] = defaultdict(list)
    for one in done:
        groups[_rank(one)].append(one)
    for rank in sorted(groups):
        yield from sorted(groups[rank], key=_key)


def identity(key: ObjectKey) -> Body:
    """The fields by which every list of a report names an object."""
    return {name: printable(part) for name, part in key._asdict().items()}


def message_of(done: Done) -> str:
    """Why, as a sentence without any value out of the object; empty when there is nothing to explain."""
    return printable(sentence(done.change.key, done.result.reason, done.result.detail))


def described(done: Done) -> Body:
    """One object as the module returns it; outcome and reason are codes, the message is for people."""
    change, result = done
    choice, comparison = change.choice, change.comparison
    return {
        **identity(change.key),
        "version": printable(change.ref.version),
        "outcome": result.outcome.value,
        "reason": result.reason.value if result.reason else "",
        "message": message_of(done),
        "policy": choice.policy.value if choice else "",
        "policy_rule": printable(choice.rule) if choice else "",
        "changed_by": comparison.changed_by if comparison else "",
    }


def truncated(done: Sequence[Done], budget: int) -> tuple[list[Body], bool]:
    """The first objects that fit into `budget` bytes of JSON, and whether any were left out."""
    shown: list[Body] = []
    for one in ordered(done):
        entry = described(one)
        entry["message"] = cut(entry["message"])
        budget -= json_size(entry) + len(", ")
        if budget < 0:
            break
        shown.append(entry)
    return shown, len(shown) < len(done)
