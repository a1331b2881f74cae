# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods: node, what admission resolved, mounted service account tokens and Velero's own init containers.

Velero 1.18, pkg/restore/actions/pod_action.go and pod_volume_restore_action.go. Ours drops more of what production's
admission filled in, for the target's refuses it when it would fill in something else (seen on 1.36): the preemption
policy of the PriorityClass, the overhead of the RuntimeClass, what label keys come to in selectors; and containers that
somebody debugged the Pod with, which no Pod may be created with.
"""

from __future__ import annotations

from typing import Any

from .._unstructured import as_text, each, filtered, nested, without
from .._values import Body
from .context import PrepareContext
from .label_keys import as_written

_DECIDED_ANEW = ("ephemeralContainers", "nodeName", "preemptionPolicy", "priority")
_WAITING = ("restore-wait", "restic-wait")
"""Init containers that Velero put in to wait for a volume's data; nothing would end them here."""


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """Scheduler and admission decide anew on the target."""
    token = as_text(nested(body, "spec", "serviceAccountName")) + "-token-"

    def lasting(part: Any) -> bool:
        return not as_text(nested(part, "name")).startswith(token)

    def container(part: Body) -> Body:
        return filtered(part, ("volumeMounts",), lasting)

    body = as_written(without(body, ("spec",), _DECIDED_ANEW))
    if nested(body, "spec", "runtimeClassName"):
        body = without(body, ("spec",), ("overhead",))
    body = filtered(body, ("spec", "volumes"), lasting)
    body = filtered(body, ("spec", "initContainers"), lambda part: as_text(nested(part, "name")) not in _WAITING)
    body = each(body, ("spec", "initContainers"), container)
    return each(body, ("spec", "containers"), container)
