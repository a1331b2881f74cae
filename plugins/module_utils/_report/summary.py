# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the results come to: counts, `changed`, `in_sync` (Velero has none of the three)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .._values import Done
from .._vocabulary import CHANGED, Outcome, Reason
from .objects import is_different

_DUE = CHANGED - {Outcome.RELABELLED}
"""In check mode these are yet to be done. The two restore labels are no part of what production runs."""


def counts(done: Iterable[Done]) -> dict[str, int]:
    """How many of each outcome; the outcomes sum to `total`, `unverified` counts some of them once more."""
    tally: Counter[Outcome] = Counter()
    unverified = 0
    for _change, result in done:
        tally[result.outcome] += 1
        unverified += result.reason is Reason.UNVERIFIED
    return {
        "total": tally.total(),
        **{outcome.value: tally[outcome] for outcome in Outcome},
        "unverified": unverified,
    }


def skips(done: Iterable[Done]) -> dict[str, int]:
    """How many objects were left alone for each reason, the most frequent first."""
    tally = Counter(
        result.reason.value for _change, result in done if result.outcome is Outcome.SKIPPED and result.reason
    )
    return dict(sorted(tally.items(), key=lambda counted: (-counted[1], counted[0])))


def changed(done: Iterable[Done]) -> bool:
    """Whether anything was stored (in check mode: would be), the two labels of a failed object included."""
    return any(result.stored or result.outcome in CHANGED for _change, result in done)


def in_sync(done: Iterable[Done], check_mode: bool) -> bool:
    """Whether the target holds what the backup says; in check mode the target as it is now, before any change."""
    return not any(out_of_sync(one, check_mode) for one in done)


def still_different(done: Iterable[Done], check_mode: bool) -> int:
    """How many objects are not in sync; in check mode before any change."""
    return sum(out_of_sync(one, check_mode) for one in done)


def drift(done: Iterable[Done]) -> int:
    """How many objects were not as the backup says when the run began, whether it mended them or not."""
    return still_different(done, check_mode=True)


def out_of_sync(done: Done, check_mode: bool) -> bool:
    """Failed, unverified, different, or (in check mode) still to be written."""
    return is_different(done) or (check_mode and done.result.outcome in _DUE)
