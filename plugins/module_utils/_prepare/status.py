# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object's status is restored too, and which.

Velero 1.18, pkg/restore/restore.go, determineRestoreStatus.
"""

from __future__ import annotations

from .._match.globs import Patterns
from .._unstructured import annotations_of, as_text
from .._values import Body

ANNOTATION = "velero.io/restore-status"

_SAID = {"true": True, "false": False}


def wants_status(resource: str, body: Body, included: Patterns | None, excluded: Patterns | None) -> bool:
    """The object's own annotation counts before the lists, but for any other word in it.

    `included` is None when the user asks for no status at all; a list that he leaves empty is `*`.
    """
    said = _SAID.get(as_text(annotations_of(body).get(ANNOTATION)).strip().lower())
    if said is not None:
        return said
    if included is None or (excluded is not None and excluded.match(resource)):
        return False
    return included.match(resource)


def status_of(body: Body) -> Body | None:
    """The status in the backup; None when there is none to restore."""
    status = body.get("status")
    return status if isinstance(status, dict) and status else None
