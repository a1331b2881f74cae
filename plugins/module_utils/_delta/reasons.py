# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a prune deletes nothing at all, and why it keeps one object: codes for tests, sentences for people."""

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
    FAILED = "failed"
    UNPROVEN = "unproven"
    INCOMPLETE = "incomplete"
    OVER_COUNT = "over_count"
    OVER_PERCENT = "over_percent"


STOPS: dict[StopReason, str] = {
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
    StopReason.FAILED: "objects failed in this run",
    StopReason.UNPROVEN: "objects are unproven in this run",
    StopReason.INCOMPLETE: "the target did not tell all that it has",
    StopReason.OVER_COUNT: "more objects are left over than prune_max_count",
    StopReason.OVER_PERCENT: "more objects are left over than prune_max_percent",
}
"""What people read, before a colon and the details."""


class Stop(NamedTuple):
    """One thing that stands in the way."""

    reason: StopReason
    detail: str = ""

    def __str__(self) -> str:
        said = STOPS[self.reason]
        return f"{said}: {self.detail}" if self.detail else said


class Guard(str, Enum):
    """Why one object of the delta is kept whatever else holds."""

    UNREAD = "unread"
    STATE_NAMESPACE = "state_namespace"
    PROTECTED = "protected"
    CONTROLLED = "controlled"
    TERMINATING = "terminating"
    NOT_LABELLED = "not_labelled"
    DOUBTFUL = "doubtful"
    OTHER_TERMS = "other_terms"
    NOT_NAMED = "not_named"
    HOLDS = "holds"


GUARDS: dict[Guard, str] = {
    Guard.UNREAD: "could not be read on the target",
    Guard.STATE_NAMESPACE: "is where the target's own state is kept",
    Guard.PROTECTED: "belongs to the target's control plane or its operator",
    Guard.CONTROLLED: "belongs to its controlling owner on the target",
    Guard.TERMINATING: "is being deleted on the target",
    Guard.NOT_LABELLED: "does not bear the label of the earlier backup, so that nothing proves who made it",
    Guard.DOUBTFUL: "may be the copy of one in another namespace: no state tells with which mapping it was restored",
    Guard.OTHER_TERMS: "was restored from a backup that this one cannot be compared with",
    Guard.NOT_NAMED: "may take data or other objects along, and prune_allow does not name it",
    Guard.HOLDS: "would take along objects that are to be kept",
}
"""What people read, as the end of a sentence that starts with the object."""
