# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the quotas of the standby let in as many Pods as production runs, and as much as they ask for.

Claims and objects that a quota counts are there already when the standby is in sync; Pods of a standby that sleeps are
not. What else runs in the namespace is not known here, so that a quota that is large enough may be full all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .._cluster.reader import place_of
from .._decide.quotas import quantity
from .._kinds import RESOURCE_QUOTAS
from .._unstructured import as_map, nested
from .._values import Body
from .finding import Finding
from .pod_spec import Amounts
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby

_ALSO = {
    "cpu": "requests.cpu",
    "memory": "requests.memory",
    "ephemeral-storage": "requests.ephemeral-storage",
    "count/pods": "pods",
}
"""Older names of what a quota limits."""
_BYTES = ("memory", "storage", "hugepages-")


def quotas(question: Question, standby: Standby) -> Iterator[Finding]:
    """One finding for each limit that is too low; a quota with scopes counts some Pods only, and which nobody knows."""
    wanted = {namespace: amounts for namespace, amounts in question.needs.amounts.items() if amounts.get("pods")}
    if not wanted:
        return
    for body in standby.bodies(RESOURCE_QUOTAS):
        place = place_of(body)
        if place[0] in wanted:
            yield from _exceeded(f"ResourceQuota {'/'.join(place)}", body, wanted[place[0]])


def _exceeded(subject: str, quota: Body, wanted: Amounts) -> Iterator[Finding]:
    is_scoped = bool(nested(quota, "spec", "scopes") or nested(quota, "spec", "scopeSelector"))
    reason = ReadinessReason.QUOTA_DOUBTFUL if is_scoped else ReadinessReason.QUOTA_TOO_SMALL
    for name, value in sorted(as_map(nested(quota, "spec", "hard")).items()):
        needed, hard = wanted.get(_ALSO.get(name, name)), quantity(value)
        if needed is not None and hard is not None and needed > hard:
            said = f"{name}: production asks for {_shown(name, needed)}, of at most {_shown(name, hard)}"
            yield Finding(reason, subject, said)


def _shown(name: str, amount: Fraction) -> str:
    """With three digits after the point, bytes in Gi."""
    is_bytes = any(word in name for word in _BYTES)
    number = float(amount / (1 << 30)) if is_bytes else float(amount)
    return f"{number:.3f}".rstrip("0").rstrip(".") + ("Gi" if is_bytes else "")
