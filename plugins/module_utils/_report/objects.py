# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list of objects: what a person must look at comes first, and so survives the cut.

Results number 100,000 where some hundred fit into the module's result: a dict is made only for those that are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from .._values import SENTENCES, Body, ObjectResult, Outcome, Reason
from .text import cut, json_size, printable

_ORDER = (
    Outcome.FAILED,
    Outcome.UPDATED,  # what stood there and is overwritten goes before what is merely new
    Outcome.RECREATED,
    Outcome.DELETED,
    Outcome.CREATED,
    Outcome.RELABELLED,
    Outcome.SKIPPED,
    Outcome.UNCHANGED,
)
_PLACE = {outcome: place for place, outcome in enumerate(_ORDER)}

_key = attrgetter("key")

Rank = tuple[int, bool, bool, bool]


def _rank(result: ObjectResult) -> Rank:
    """By outcome; within one the unproven and the different before the others, then those that have a reason."""
    return (
        _PLACE[result.outcome],
        result.reason is not Reason.UNPROVEN,
        not result.different,
        result.reason is None,
    )


def ordered(results: Iterable[ObjectResult]) -> Iterator[ObjectResult]:
    """Failed first, then changed, skipped, unchanged; within by key, whatever the order they came in."""
    groups: defaultdict[Rank, list[ObjectResult]] = defaultdict(list)
    for result in results:
        groups[_rank(result)].append(result)
    for rank in sorted(groups):
        yield from sorted(groups[rank], key=_key)


def message_of(result: ObjectResult) -> str:
    """Its own message, else the sentence of its reason; empty when there is nothing to explain."""
    return printable(result.message or (SENTENCES[result.reason] if result.reason else ""))


def described(result: ObjectResult) -> Body:
    """One object as the module returns it; outcome and reason are codes, the message is for people."""
    key = result.key
    return {
        "group": printable(key.group),
        "version": printable(result.version),
        "kind": printable(key.kind),
        "namespace": printable(key.namespace),
        "name": printable(key.name),
        "outcome": result.outcome.value,
        "reason": result.reason.value if result.reason else "",
        "message": message_of(result),
        "policy": result.policy,
        "policy_rule": printable(result.rule),
        "changed_by": result.changed_by,
    }


def truncated(results: Sequence[ObjectResult], budget: int) -> tuple[list[Body], bool]:
    """The first objects that fit into `budget` bytes of JSON, and whether any were left out."""
    shown: list[Body] = []
    for result in ordered(results):
        entry = described(result)
        entry["message"] = cut(entry["message"])
        budget -= json_size(entry) + len(", ")
        if budget < 0:
            break
        shown.append(entry)
    return shown, len(shown) < len(results)
