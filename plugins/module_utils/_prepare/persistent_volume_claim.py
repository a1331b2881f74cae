# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PersistentVolumeClaims: what binder and provisioner wrote.

Velero 1.18, pkg/restore/actions/pvc_action.go; pkg/restore/restore.go for the volume that is provisioned anew.
"""

from __future__ import annotations

from .._unstructured import as_text, nested, without
from .._values import Body
from .context import PrepareContext
from .persistent_volume import BINDER_ANNOTATIONS

_ANNOTATIONS = (
    *BINDER_ANNOTATIONS,
    "velero.io/data-upload-name",
    "velero.io/volume-snapshot-name",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
)


def rewrite(body: Body, context: PrepareContext) -> Body:
    """A claim on a volume that is provisioned anew names no volume: else it would wait for ever for the old one."""
    body = without(body, ("metadata", "annotations"), _ANNOTATIONS)
    if as_text(nested(body, "spec", "volumeName")) in context.provisioned_volumes:
        body = without(body, ("spec",), ("volumeName",))
    return body
