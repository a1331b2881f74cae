# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the results come to: counts, `changed`, `in_sync` (Velero has none of the three)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .._values import CHANGED, ObjectResult, Outcome, Reason

_DUE = CHANGED - {Outcome.RELABELLED}
"""In check mode these are yet to be done. The two restore labels are no part of what production runs."""


def counts(results: Iterable[ObjectResult]) -> dict[str, int]:
    """How many of each outcome; the outcomes sum to `total`, `unproven` counts some of them once more."""
    tally: Counter[Outcome] = Counter()
    unproven = 0
    for result in results:
        tally[result.outcome] += 1
        unproven += result.reason is Reason.UNPROVEN
    return {
        "total": tally.total(),
        **{outcome.value: tally[outcome] for outcome in Outcome},
        "unproven": unproven,
    }


def changed(results: Iterable[ObjectResult]) -> bool:
    """Whether anything was stored (in check mode: would be), the two labels of a failed object included."""
    return any(result.stored or result.outcome in CHANGED for result in results)


def in_sync(results: Iterable[ObjectResult], check_mode: bool) -> bool:
    """Whether the target holds what the backup says; in check mode the target as it is now, before any change."""
    return not any(out_of_sync(result, check_mode) for result in results)


def out_of_sync(result: ObjectResult, check_mode: bool) -> bool:
    """Failed, unproven, different, or (in check mode) still to be written."""
    return (
        result.different
        or result.outcome is Outcome.FAILED
        or result.reason is Reason.UNPROVEN
        or (check_mode and result.outcome in _DUE)
    )
