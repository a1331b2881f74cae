# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PersistentVolumes: the binding to a claim's UID, which no claim on the target has.

Velero 1.18, pkg/restore/restore.go, resetVolumeBindingInfo.
"""

from __future__ import annotations

from .._unstructured import without
from .._values import Body
from .context import PrepareContext

BINDER_ANNOTATIONS = ("pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller")


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """claimRef keeps the claim's name, so that the binder brings the two together again."""
    body = without(body, ("spec", "claimRef"), ("uid", "resourceVersion"))
    return without(body, ("metadata", "annotations"), BINDER_ANNOTATIONS)
