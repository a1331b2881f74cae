# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: the UID by which a Job of the source cluster knew its Pods. Velero 1.18, pkg/restore/actions/job_action.go.

Velero leaves it in the Job's own labels, where it names an object that is not on the target.
"""

from __future__ import annotations

from .._unstructured import without
from .._values import Body
from .context import PrepareContext

_CONTROLLER_UID = ("batch.kubernetes.io/controller-uid", "controller-uid")


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """Out of selector and Pod template, where the API server puts the new one, and out of the Job's own labels."""
    body = without(body, ("metadata", "labels"), _CONTROLLER_UID)
    body = without(body, ("spec", "selector", "matchLabels"), _CONTROLLER_UID)
    return without(body, ("spec", "template", "metadata", "labels"), _CONTROLLER_UID)
