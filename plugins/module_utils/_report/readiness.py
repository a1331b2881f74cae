# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby could take over now, as result and report have it: one verdict, and its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

from .._readiness.finding import Finding, Readiness, Verdict
from .._readiness.question import Sync
from .._readiness.reasons import Weight
from .._text import printable
from .._values import BackupInfo, Body
from . import summary
from .run import Run
from .text import cut, entries_within

_ORDER = (Weight.BLOCKS, Weight.UNKNOWN, Weight.NOTE)
_REGISTRIES, _LONGEST_REGISTRY = 50, 100
_LONGEST = 600
_PASSED = {Verdict.READY: True, Verdict.NOT_READY: False, Verdict.UNKNOWN: None}
_ALONE_BYTES = 200_000


def sync_of(run: Run) -> Sync:
    """As the run has found it: in check mode before any change, else after it."""
    different = summary.still_different(run.done, run.check_mode)
    return Sync(summary.in_sync(run.done, run.check_mode), f"{different} of {len(run.done)} objects")


def whole(readiness: Readiness) -> Body:
    """Everything, for the report file."""
    return {**_head(readiness), "reasons": list(_entries(readiness))}


def shortened(readiness: Readiness, budget: int) -> Body:
    """With as many reasons as fit into `budget` bytes of JSON, those first that stand in the way."""
    reasons = entries_within(_entries(readiness), budget)
    return {**_head(readiness), "reasons": reasons}


def build_readiness(readiness: Readiness, backup: BackupInfo) -> Body:
    """The return value of the module that asks for nothing else."""
    told = ("name", "schedule", "started", "completed", "phase")
    return {
        "readiness": shortened(readiness, _ALONE_BYTES),
        "backup": {name: printable(getattr(backup, name)) for name in told},
    }


def _head(readiness: Readiness) -> Body:
    """`ready` and `passed` are what a page shows: yes, no, or for a check that nobody can tell (null)."""
    total = sum(map(len, readiness.found.values()))
    registries = list(readiness.registries.items())[:_REGISTRIES]
    return {
        "verdict": readiness.verdict.value,
        "ready": readiness.verdict is Verdict.READY,
        "checks": [_check(name, findings, readiness) for name, findings in readiness.found.items()],
        "reasons_total": total,
        "registries": {cut(printable(name), _LONGEST_REGISTRY): count for name, count in registries},
    }


def _check(name: str, findings: Sequence[Finding], readiness: Readiness) -> Body:
    """The message is of what speaks against it: the first, and how many more."""
    against = [one for one in findings if one.weight is not Weight.NOTE and not readiness.accepted.covers(one)]
    against.sort(key=lambda one: _ORDER.index(one.weight))
    more = f"; and {len(against) - 1} more" if len(against) > 1 else ""
    return {
        "name": name,
        "passed": _PASSED[readiness.verdict_of(findings)],
        "message": f"{cut(against[0].message, _LONGEST)}{more}" if against else "",
    }


def _entries(readiness: Readiness) -> Iterator[Body]:
    """By weight, what the user accepts last."""
    found = [
        (readiness.accepted.covers(finding), _ORDER.index(finding.weight), check, finding)
        for check, findings in readiness.found.items()
        for finding in findings
    ]
    found.sort(key=itemgetter(0, 1))
    return (_entry(check, finding, is_accepted) for is_accepted, _place, check, finding in found)


def _entry(check: str, finding: Finding, is_accepted: bool) -> Body:
    return {
        "check": check,
        "reason": finding.reason.value,
        "weight": finding.weight.value,
        "accepted": is_accepted,
        "object": cut(printable(finding.object), _LONGEST),
        "message": cut(finding.message, _LONGEST),
    }
