# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the steps, made in one place."""

from __future__ import annotations

from .._merge_patch import field_names
from .._values import Body, ObjectResult
from .._vocabulary import Action, Code, Outcome, Reason

PLANNED = {
    Action.CREATE: Outcome.CREATED,
    Action.UPDATE: Outcome.UPDATED,
    Action.RELABEL: Outcome.RELABELLED,
    Action.DELETE: Outcome.DELETED,
}
"""What an action comes to when all goes as planned."""


def done(outcome: Outcome, reason: Code | None = None, detail: str = "", uid: str = "") -> ObjectResult:
    return ObjectResult(outcome, reason, detail, uid=uid)


def failed(reason: Reason, detail: str, stored: bool = False) -> ObjectResult:
    return ObjectResult(Outcome.FAILED, reason, detail, stored=stored)


def said(*parts: str) -> str:
    """Parts of a detail, those that say nothing left out."""
    return "; ".join(filter(None, parts))


def dropped(planned: Outcome, lost: Body, dry_run: bool) -> ObjectResult:
    """Of an object without fields that its definition has since this run; a dry run cannot know them."""
    fields = ", ".join(field_names(lost))
    if dry_run:
        return done(planned, Reason.UNVERIFIED, f"{fields}: its definition has that only once it is updated")
    return failed(Reason.IGNORED_BY_TARGET, fields, stored=True)
