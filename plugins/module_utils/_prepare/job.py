# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs: the UID by which a Job of the source cluster knew its Pods. Velero 1.18, pkg/restore/actions/job_action.go."""

from __future__ import annotations

from .._unstructured import without
from .._values import Body
from .context import PrepareContext

_CONTROLLER_UID = ("batch.kubernetes.io/controller-uid", "controller-uid")


def rewrite(body: Body, _facts: PrepareContext) -> Body:
    """Out of selector and Pod template, where the API server puts the new one; the Job's own labels stay (Velero)."""
    body = without(body, ("spec", "selector", "matchLabels"), _CONTROLLER_UID)
    return without(body, ("spec", "template", "metadata", "labels"), _CONTROLLER_UID)
