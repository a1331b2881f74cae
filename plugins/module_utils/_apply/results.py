# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Results of the steps, made in one place."""

from __future__ import annotations

from .._values import ObjectResult
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
