# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stops a prune as a whole, and why one object of the delta is kept."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class StopReason(str, Enum):
    """What stops a prune, or rules out the objects of one earlier backup; in the order in which it is told."""

    NO_PREVIOUS = "no_previous"
    NO_METADATA = "no_metadata"
    NOT_COMPLETED = "not_completed"
    ERRORS = "errors"
    NO_SCHEDULE = "no_schedule"
    OTHER_SCHEDULE = "other_schedule"
    UNKNOWN_SOURCE = "unknown_source"
    OTHER_SOURCE = "other_source"
    OTHER_FILTERS = "other_filters"
    OTHER_SELECTION = "other_selection"
    LATER = "later"
    NOTHING_SELECTED = "nothing_selected"
    OBJECTS_FAILED = "objects_failed"
    OBJECTS_UNVERIFIED = "objects_unverified"
    INCOMPLETE = "incomplete"
    DISCOVERY_UNPROVEN = "discovery_unproven"
    OVER_COUNT = "over_count"
    OVER_PERCENT = "over_percent"
    INTERRUPTED = "interrupted"


STOP_SENTENCES: dict[StopReason, str] = {
    StopReason.NO_PREVIOUS: "no earlier backup of this schedule is known",
    StopReason.NO_METADATA: "nothing is known of how these backups ended, for want of velero-backup.json",
    StopReason.NOT_COMPLETED: "these backups are not Completed",
    StopReason.ERRORS: "these backups have errors",
    StopReason.NO_SCHEDULE: "these backups are of no schedule",
    StopReason.OTHER_SCHEDULE: "these backups are of different schedules",
    StopReason.UNKNOWN_SOURCE: "these backups do not tell their source cluster, for want of Namespace kube-system",
    StopReason.OTHER_SOURCE: "these backups are of different clusters",
    StopReason.OTHER_FILTERS: "these backups were made with different filters",
    StopReason.OTHER_SELECTION: "selection or mappings are not those with which the earlier backup was restored",
    StopReason.LATER: "the backup restored before is the later one",
    StopReason.NOTHING_SELECTED: "the selection takes nothing of these backups",
    StopReason.OBJECTS_FAILED: "objects failed in this run",
    StopReason.OBJECTS_UNVERIFIED: "objects could not be verified in this run",
    StopReason.INCOMPLETE: "the target did not tell all that it has",
    StopReason.DISCOVERY_UNPROVEN: "which types the target has cannot be checked, so that none is known to be gone",
    StopReason.OVER_COUNT: "more objects are stale than prune_max_count",
    StopReason.OVER_PERCENT: "more objects are stale than prune_max_percent",
    StopReason.INTERRUPTED: "the lock was lost, the target could not be reached any more, or the run was to end",
}
"""What people read, before a colon and the details."""


class Stop(NamedTuple):
    """One thing that stands in the way."""

    reason: StopReason
    detail: str = ""

    def __str__(self) -> str:
        said = STOP_SENTENCES[self.reason]
        return f"{said}: {self.detail}" if self.detail else said


class KeepReason(str, Enum):
    """Why one object of the delta is kept whatever else holds."""

    UNREAD = "unread"
    STATE_NAMESPACE = "state_namespace"
    ACTIVE = "active"
    PROTECTED = "protected"
    HAS_CONTROLLER = "has_controller"
    TERMINATING = "terminating"
    REBUILT = "rebuilt"
    NOT_LABELLED = "not_labelled"
    UNSIGNED = "unsigned"
    DOUBTFUL = "doubtful"
    NOT_COMPARABLE = "not_comparable"
    NOT_NAMED = "not_named"
    NOT_YET = "not_yet"
    HOLDS = "holds"


KEEP_SENTENCES: dict[KeepReason, str] = {
    KeepReason.UNREAD: "could not be read on the target",
    KeepReason.STATE_NAMESPACE: "is where the target's own state is kept",
    KeepReason.ACTIVE: "belongs to what is active, and so serves as production",
    KeepReason.PROTECTED: "belongs to the target's control plane or its operator",
    KeepReason.HAS_CONTROLLER: "belongs to its controlling owner on the target",
    KeepReason.TERMINATING: "is being deleted on the target",
    KeepReason.REBUILT: "was found by its labels when the inventory was lost, and no backup has restored it since",
    KeepReason.NOT_LABELLED: "does not bear the labels of the restore that made it, so that nothing proves who did",
    KeepReason.UNSIGNED: "is without labels of a restore, and the inventory that names it is not signed (state_key)",
    KeepReason.DOUBTFUL: "may be the copy of one in another namespace: nothing tells the mapping it was restored with",
    KeepReason.NOT_COMPARABLE: "was restored from a backup that this one cannot be compared with",
    KeepReason.NOT_NAMED: "may take data or other objects along, and prune_allow does not name it",
    KeepReason.NOT_YET: "is missing from fewer backups than prune_after says",
    KeepReason.HOLDS: "would take along objects that are to be kept",
}
