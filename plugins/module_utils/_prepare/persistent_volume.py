# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PersistentVolumes: the binding to a claim's UID, which no claim on the target has.

Velero 1.18, pkg/restore/restore.go, resetVolumeBindingInfo.
"""

from __future__ import annotations

from .._unstructured import as_map, nested, replaced, without
from .._values import Body
from .context import PrepareContext

_GIVEN = ("uid", "resourceVersion")
"""What ties a volume to one claim, and not to the next of its name."""
BINDER_ANNOTATIONS = ("pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller")


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """claimRef keeps the claim's name, so that the binder brings the two together again."""
    body = without(body, ("spec", "claimRef"), _GIVEN)
    return without(body, ("metadata", "annotations"), BINDER_ANNOTATIONS)


def forget_claim(body: Body) -> Body:
    """The volume without the claim that it had on the target: absent they would be the target's, empty they are not."""
    claim = as_map(nested(body, "spec", "claimRef"))
    return replaced(body, ("spec", "claimRef"), {**claim, **dict.fromkeys(_GIVEN, "")})
