# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects of each kind had which outcome."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .._text import printable
from .._values import Body, Done
from .._vocabulary import Outcome


def by_kind(done: Iterable[Done]) -> list[Body]:
    """A row for each kind, sorted by group and kind; outcomes that none of its objects had are left out."""
    tallies: defaultdict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    for change, result in done:
        tallies[change.key[:2]][result.outcome] += 1
    return [
        {"group": printable(group), "kind": printable(kind), "counts": _counts(tally)}
        for (group, kind), tally in sorted(tallies.items())
    ]


def _counts(tally: Counter[Outcome]) -> dict[str, int]:
    return {outcome.value: tally[outcome] for outcome in Outcome if tally[outcome]}
