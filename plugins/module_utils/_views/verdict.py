# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby is good, in a word and a sentence, and what to do: the first thing that a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from .._unstructured import as_map, as_maps, as_text, nested
from .._values import Body
from .advice import advice_for
from .escapes import Own
from .human import counted
from .values import number


class State(str, Enum):
    """How urgent it is."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    state: State
    title: Own
    todo: tuple[Own, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst finding gives state and title; the others follow."""

    state: State
    word: Own
    title: Own
    others: tuple[Own, ...]
    todo: tuple[Own, ...]


_WORDS = {State.GOOD: Own("Good"), State.LOOK: Own("Look"), State.BAD: Own("Bad")}
_WORST_FIRST = (State.BAD, State.LOOK, State.GOOD)


def verdict_of(report: Body, objects: Iterable[Body]) -> Verdict:
    """`objects` are those that failed or are not in sync, for what helps against their reasons."""
    found = sorted(_findings(report, list(objects)), key=lambda finding: _WORST_FIRST.index(finding.state))
    if not found:
        found = [_GOOD if nested(report, "restore", "in_sync") is True else _UNKNOWN]
    todo = dict.fromkeys(step for finding in found for step in finding.todo)
    first, *others = found
    return Verdict(
        first.state, _WORDS[first.state], first.title, tuple(finding.title for finding in others), tuple(todo)
    )


def _findings(report: Body, objects: list[Body]) -> Iterator[Finding]:
    if "error" in report:
        yield Finding(State.BAD, Own("The restore did not run to its end"), _AFTER_ERROR)
        return
    restore = as_map(report.get("restore"))
    failed = number(nested(report, "counts", "failed"))
    if failed:
        yield Finding(State.BAD, Own(f"{counted(failed, 'object')} failed"), _advices(objects, "failed"))
    elif restore.get("phase") != "Completed":
        yield Finding(State.BAD, Own("The restore as such had errors"), (Own("Read the errors below."),))
    yield from _not_in_sync(report, objects, failed)
    yield from _sections(report)


def _not_in_sync(report: Body, objects: list[Body], failed: int) -> Iterator[Finding]:
    restore = as_map(report.get("restore"))
    left = number(restore.get("out_of_sync")) - failed
    if restore.get("in_sync") is True or left <= 0:
        return
    if report.get("check_mode") is True:
        title = Own(f"The standby differs from the backup in {counted(left, 'object')}")
        yield Finding(State.LOOK, title, (Own("Run the restore: this was a check, which has written nothing."),))
    else:
        title = Own(f"{counted(left, 'object')} {'is' if left == 1 else 'are'} left different from the backup")
        yield Finding(State.LOOK, title, _advices(objects, ""))


def _sections(report: Body) -> Iterator[Finding]:
    if nested(report, "verification", "passed") is False:
        todo = Own("Find out who on the standby writes what the verification found, and stop it or leave it the field.")
        yield Finding(State.BAD, Own("The restore did not hold: something has undone it"), (todo,))
    if nested(report, "readiness", "ready") is False:
        failing = [check for check in as_maps(nested(report, "readiness", "checks")) if check.get("passed") is False]
        todo = Own(f"See to {counted(len(failing), 'check')} under Readiness.")
        yield Finding(State.BAD, Own("This standby could not take over now"), (todo,))


_GOOD = Finding(State.GOOD, Own("The standby is in sync with the backup"), (Own("Nothing."),))
_UNKNOWN = Finding(
    State.LOOK,
    Own("Whether the standby is in sync is not known"),
    (Own("The report does not say it: run the job again."),),
)
"""Good is only what a report says is good."""

_AFTER_ERROR = (
    Own("Mend what the message says, and run the job again."),
    Own("Until then the standby is as the last good run left it: see the dates of earlier reports."),
)


def _advices(objects: list[Body], outcome: str) -> tuple[Own, ...]:
    """What helps against the reasons that objects have, each once."""
    codes = dict.fromkeys(as_text(one.get("reason")) for one in objects if _is(one, outcome))
    return tuple(_known(codes)) or (Own("Read why under each object below."),)


def _is(one: Body, outcome: str) -> bool:
    return one.get("outcome") == outcome if outcome else one.get("outcome") != "failed"


def _known(codes: Iterable[str]) -> Iterator[Own]:
    return (advice for advice in map(advice_for, codes) if advice)
