# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a standby could not take over, as codes with the sentence that people read, and how much each weighs."""

from __future__ import annotations

from enum import Enum


class Weight(str, Enum):
    """What a reason does to the verdict."""

    BLOCKS = "blocks"
    UNKNOWN = "unknown"
    """Nobody can tell; without one that blocks, neither can the verdict."""
    NOTE = "note"
    """Worth knowing, and no part of the verdict."""


class ReadinessReason(str, Enum):
    """Tests and automation ask for the code."""

    BACKUP_TOO_OLD = "backup_too_old"
    BACKUP_AGE_UNKNOWN = "backup_age_unknown"
    OUT_OF_SYNC = "out_of_sync"
    SYNC_UNKNOWN = "sync_unknown"
    NOT_SERVED = "not_served"
    NOT_ESTABLISHED = "not_established"
    DISCOVERY_INCOMPLETE = "discovery_incomplete"
    CLASS_MISSING = "class_missing"
    DEFAULT_CLASS_MISSING = "default_class_missing"
    VOLUME_MISSING = "volume_missing"
    VOLUME_NOT_BINDABLE = "volume_not_bindable"
    CLAIM_LOST = "claim_lost"
    WEBHOOK_UNANSWERED = "webhook_unanswered"
    WEBHOOK_PASSED_OVER = "webhook_passed_over"
    WEBHOOK_OUTSIDE = "webhook_outside"
    CONVERSION_UNANSWERED = "conversion_unanswered"
    QUOTA_TOO_SMALL = "quota_too_small"
    QUOTA_DOUBTFUL = "quota_doubtful"
    MOUNT_MISSING = "mount_missing"
    OPTIONAL_MOUNT_MISSING = "optional_mount_missing"
    CHECK_FAILED = "check_failed"


READINESS_SENTENCES: dict[ReadinessReason, str] = {
    ReadinessReason.BACKUP_TOO_OLD: "is older than it may be",
    ReadinessReason.BACKUP_AGE_UNKNOWN: "does not tell how old it is",
    ReadinessReason.OUT_OF_SYNC: "is not on the standby as it is in production",
    ReadinessReason.SYNC_UNKNOWN: "may differ from what the standby has",
    ReadinessReason.NOT_SERVED: "is of a type or version that the standby does not serve",
    ReadinessReason.NOT_ESTABLISHED: "is a definition whose type the standby does not serve yet",
    ReadinessReason.DISCOVERY_INCOMPLETE: "is of an API group that did not answer",
    ReadinessReason.CLASS_MISSING: "is named and is not on the standby",
    ReadinessReason.DEFAULT_CLASS_MISSING: "is needed by claims that name no class, and the standby has none",
    ReadinessReason.VOLUME_MISSING: "is kept (Retain) in production and is not on the standby",
    ReadinessReason.VOLUME_NOT_BINDABLE: "is neither bound nor can it be",
    ReadinessReason.CLAIM_LOST: "has lost its volume",
    ReadinessReason.WEBHOOK_UNANSWERED: "has nobody who would answer, and refuses what it is asked about",
    ReadinessReason.WEBHOOK_PASSED_OVER: "has nobody who would answer, and is passed over then (Ignore)",
    ReadinessReason.WEBHOOK_OUTSIDE: "is answered outside the standby, which was not looked at",
    ReadinessReason.CONVERSION_UNANSWERED: "has nobody who would convert its objects",
    ReadinessReason.QUOTA_TOO_SMALL: "lets in less than production runs",
    ReadinessReason.QUOTA_DOUBTFUL: "may let in less than production runs",
    ReadinessReason.MOUNT_MISSING: "is used by Pods and is not on the standby",
    ReadinessReason.OPTIONAL_MOUNT_MISSING: "is used by Pods if it is there, and is not on the standby",
    ReadinessReason.CHECK_FAILED: "could not be looked at",
}
"""What people read, as the end of a sentence that starts with the object."""

_UNKNOWN = frozenset(
    (
        ReadinessReason.BACKUP_AGE_UNKNOWN,
        ReadinessReason.SYNC_UNKNOWN,
        ReadinessReason.DISCOVERY_INCOMPLETE,
        ReadinessReason.QUOTA_DOUBTFUL,
        ReadinessReason.CHECK_FAILED,
    )
)
_NOTES = frozenset(
    (
        ReadinessReason.WEBHOOK_PASSED_OVER,
        ReadinessReason.WEBHOOK_OUTSIDE,
        ReadinessReason.OPTIONAL_MOUNT_MISSING,
    )
)


def weight_of(reason: ReadinessReason) -> Weight:
    """All that is neither doubtful nor a note stands in the way."""
    if reason in _UNKNOWN:
        return Weight.UNKNOWN
    return Weight.NOTE if reason in _NOTES else Weight.BLOCKS
