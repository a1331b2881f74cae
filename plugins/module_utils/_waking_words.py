# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a workload is woken, put to sleep or left as it is, in another way than one expects."""

from __future__ import annotations

from enum import Enum


class WakingReason(str, Enum):
    """A code for automation; people read WAKING_SENTENCES[code]."""

    ANNOTATION_EDITED = "annotation_edited"
    ANNOTATION_REMOVED = "annotation_removed"
    NOT_IN_PRODUCTION = "not_in_production"
    CANNOT_SLEEP = "cannot_sleep"
    NOT_THERE = "not_there"
    PRODUCTION_UNKNOWN = "production_unknown"
    NO_RULE = "no_rule"
    GUARD_UNANSWERED = "guard_unanswered"
    API_UNANSWERED = "api_unanswered"
    COPY_REFUSED = "copy_refused"


WAKING_SENTENCES: dict[WakingReason, str] = {
    WakingReason.ANNOTATION_EDITED: "has an annotation standby.velero/held that somebody edited; the inventory counts",
    WakingReason.ANNOTATION_REMOVED: "lost its annotation standby.velero/held to somebody; the inventory counts",
    WakingReason.NOT_IN_PRODUCTION: "was gone from production in the last backup, and stays asleep",
    WakingReason.CANNOT_SLEEP: "was left out by the restores, since Pods without a controller cannot sleep",
    WakingReason.NOT_THERE: "is to be woken, and is not on the target; a restore brings it back",
    WakingReason.PRODUCTION_UNKNOWN: "sleeps, and neither inventory nor annotation tells what production had",
    WakingReason.NO_RULE: "sleeps by a rule of hold_rules that is not given",
    WakingReason.GUARD_UNANSWERED: "guards nothing yet: nobody answers for it; run this again once somebody does",
    WakingReason.API_UNANSWERED: "is not created yet: nobody answers for it; run this again once somebody does",
    WakingReason.COPY_REFUSED: "says that it is the copy of an APIService, and nothing is created from it",
}
"""The end of a sentence that starts with the object."""
