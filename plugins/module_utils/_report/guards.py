# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks and APIServices whose Services sleep: which sleep too, which are kept as copies, and which are left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from .._hold.guards import GUARDS, Place, answers_for, names_in, webhooks_of
from .._text import printable
from .._values import BackupItem, Body, Done
from .._vocabulary import STANDS, Code, Reason
from .text import fitting, with_totals

GUARDS_BYTES = 8_000
"""Of each list in a module's result."""


@dataclass(frozen=True, slots=True)
class GuardReport:
    """The guards of a run, by what became of them; each list sorted."""

    asleep: tuple[str, ...]
    """`ValidatingWebhookConfiguration shop: check.shop.example`."""
    awake: tuple[str, ...]
    """Awake on the target, left so, and nobody answers: with the Service that has no ready endpoint."""
    copies: tuple[str, ...]
    """APIServices that are not there, and kept for an activation."""
    left_standing: tuple[str, ...]
    """APIServices that are there, and left as they are."""
    converters: tuple[str, ...] = ()
    """Definitions whose converter does not answer, with its Service: that cannot sleep."""


def guard_report(
    done: Iterable[Done],
    body_of: Callable[[BackupItem], Body],
    created_held: Callable[[BackupItem], str],
    unanswered: Collection[Place],
    converters: Iterable[tuple[str, Place]] = (),
) -> GuardReport:
    """`unanswered` are the Services asked by webhooks that stay awake; `created_held` is what a new one remembers."""
    asleep: list[str] = []
    awake: list[str] = []
    by_reason: dict[Code | None, list[str]] = {Reason.KEPT_AS_COPY: [], Reason.LEFT_STANDING: []}
    for one in done:
        if one.result.reason in by_reason:
            by_reason[one.result.reason].append(str(one.change.key))
        elif one.change.ref.resource in GUARDS and isinstance(one.change.ref, BackupItem):
            names = _asleep(one, created_held)
            asleep += [f"{one.change.key}: {name}" for name in names]
            awake += _awake(one, body_of, unanswered, names)
    converting = [f"CustomResourceDefinition {name}, by Service {place[0]}/{place[1]}" for name, place in converters]
    lists = (asleep, awake, *by_reason.values(), converting)
    return GuardReport(*(tuple(sorted(texts)) for texts in lists))


def _asleep(done: Done, created_held: Callable[[BackupItem], str]) -> frozenset[str]:
    if done.result.outcome not in STANDS:
        return frozenset()
    found = done.change.comparison
    if found is None:
        return names_in(created_held(done.change.item))
    return names_in(found.held.production) if found.held else frozenset()


def _awake(
    done: Done, body_of: Callable[[BackupItem], Body], unanswered: Collection[Place], asleep: Collection[str]
) -> Iterator[str]:
    """Of what is on the target already."""
    if done.change.comparison is None or not unanswered:
        return
    for name, webhook in webhooks_of(body_of(done.change.item)).items():
        place = answers_for(webhook)
        if place in unanswered and place and name not in asleep:
            yield f"{done.change.key}: {name}, by Service {place[0]}/{place[1]}"


def whole_guards(report: GuardReport) -> Body:
    """Everything, for the report file."""
    return _view(report, lambda texts: list(map(printable, texts)))


def shortened_guards(report: GuardReport) -> Body:
    """For the module's result: of each list what fits, and how many there are."""
    return _view(report, lambda texts: fitting(map(printable, texts), GUARDS_BYTES))


def _view(report: GuardReport, listed: Callable[[tuple[str, ...]], list[str]]) -> Body:
    names = ("asleep", "awake", "copies", "left_standing", "converters")
    return with_totals({name: getattr(report, name) for name in names}, listed)
