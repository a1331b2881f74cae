# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object needs and brings along: Velero's additional items.

Velero 1.18, pkg/restore/actions/add_pvc_from_pod_action.go, pod_action.go and pvc_action.go.
"""

from __future__ import annotations

from .._kinds import CLAIMS, PODS, PRIORITY_CLASSES, VOLUMES
from .._match.validation import is_subdomain
from .._unstructured import as_list, as_text, nested
from .._values import BackupItem, Body

Ref = tuple[str, str, str]
"""Resource, namespace and name, as objects name one another."""

PULLED_IN = frozenset((CLAIMS, PRIORITY_CLASSES, VOLUMES))


def ref(item: BackupItem) -> Ref:
    return item.resource, item.key.namespace, item.key.name


def needs(item: BackupItem, body: Body) -> list[Ref]:
    """A Pod's claims and priority class, a bound claim's volume; what cannot be a name is passed over."""
    if item.resource == PODS:
        claims = [
            nested(volume, "persistentVolumeClaim", "claimName") for volume in as_list(nested(body, "spec", "volumes"))
        ]
        named = [(CLAIMS, item.key.namespace, as_text(claim)) for claim in claims]
        named.append((PRIORITY_CLASSES, "", as_text(nested(body, "spec", "priorityClassName"))))
    elif item.resource == CLAIMS and nested(body, "status", "phase") == "Bound":
        named = [(VOLUMES, "", as_text(nested(body, "spec", "volumeName")))]
    else:
        return []
    return [one for one in named if is_subdomain(one[2])]
