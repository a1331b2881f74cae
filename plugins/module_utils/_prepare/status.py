# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an object's status is restored too, and which. Velero 1.18, pkg/restore/restore.go, determineRestoreStatus."""

from __future__ import annotations

from collections.abc import Callable

from .._shapes import annotations_of, text
from .._values import Body

ANNOTATION = "velero.io/restore-status"

_SAID = {"true": True, "false": False}


def wants_status(resource: str, body: Body, included: Callable[[str], bool] | None) -> bool:
    """The object's own annotation counts before the lists; any other word in it is passed over.

    `included` tells what the option's two lists say of a resource; None when the option is not given.
    """
    said = _SAID.get(text(annotations_of(body).get(ANNOTATION)).strip().lower())
    return said if said is not None else included is not None and included(resource)


def status_of(body: Body) -> Body | None:
    """The status in the backup; None when there is none to restore."""
    status = body.get("status")
    return status if isinstance(status, dict) and status else None
