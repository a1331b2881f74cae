# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .._errors import ClusterError, Unauthorized, Unreachable
from .backup_age import backup_age
from .classes import ingress_classes, priority_classes, runtime_classes, storage_classes
from .finding import Finding, Readiness
from .in_sync import in_sync
from .mounts import mounts
from .question import Question
from .quotas import quotas
from .reasons import ReadinessReason
from .standby import Standby
from .types import types
from .volumes import volumes
from .webhooks import conversions, webhooks

Check = Callable[[Question, Standby], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "backup_age": backup_age,
    "in_sync": in_sync,
    "types": types,
    "storage_classes": storage_classes,
    "ingress_classes": ingress_classes,
    "priority_classes": priority_classes,
    "runtime_classes": runtime_classes,
    "volumes": volumes,
    "webhooks": webhooks,
    "conversions": conversions,
    "quotas": quotas,
    "mounts": mounts,
}


def examined(question: Question, standby: Standby) -> Readiness:
    """Everything that is asked; what may not be read is unknown, and hides nothing else."""
    found = {name: tuple(_findings(name, question, standby)) for name in CHECKS}
    return Readiness(found, question.needs.registries, question.accepted)


def _findings(name: str, question: Question, standby: Standby) -> Iterator[Finding]:
    try:
        yield from CHECKS[name](question, standby)
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        yield Finding(ReadinessReason.CHECK_FAILED, f"Check {name}", str(error))
