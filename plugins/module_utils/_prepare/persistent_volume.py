# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PersistentVolumes: the binding to a claim's UID, which no claim on the target has.

Velero 1.18, pkg/restore/restore.go, resetVolumeBindingInfo.
"""

from __future__ import annotations

from .._unstructured import as_map, as_text, nested, replaced, without
from .._values import Body
from .context import PrepareContext

_GIVEN = ("uid", "resourceVersion")
"""What ties a volume to one claim, and not to the next of its name."""
BINDER_ANNOTATIONS = ("pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller")


def rewrite(body: Body, context: PrepareContext) -> Body:
    """claimRef keeps the claim's name, so that the binder brings the two together again.

    Empty, not absent, they say that the volume is to forget the claim that it had on the target.
    """
    body = without(body, ("spec", "claimRef"), _GIVEN)
    if as_text(nested(body, "metadata", "name")) in context.rebound_volumes:
        given = {**as_map(nested(body, "spec", "claimRef")), **dict.fromkeys(_GIVEN, "")}
        body = replaced(body, ("spec", "claimRef"), given)
    return without(body, ("metadata", "annotations"), BINDER_ANNOTATIONS)
