# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which kind has which rewrite; a new one is a file and a line here. Every kind loses the source cluster's metadata."""

from __future__ import annotations

from collections.abc import Callable

from .._values import BackupItem, Body
from . import (
    cluster_role,
    custom_resource_definition,
    job,
    persistent_volume,
    persistent_volume_claim,
    pod,
    secret,
    service,
    service_account,
    webhook_configuration,
)
from .context import PrepareContext
from .images import change_images
from .init_containers import add_init_containers
from .mapping import rename
from .metadata import reset
from .storage_classes import change_classes

KINDS: dict[str, Callable[[Body, PrepareContext], Body]] = {
    "clusterroles.rbac.authorization.k8s.io": cluster_role.rewrite,
    "customresourcedefinitions.apiextensions.k8s.io": custom_resource_definition.rewrite,
    "jobs.batch": job.rewrite,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhook_configuration.rewrite,
    "persistentvolumeclaims": persistent_volume_claim.rewrite,
    "persistentvolumes": persistent_volume.rewrite,
    "pods": pod.rewrite,
    "secrets": secret.rewrite,
    "serviceaccounts": service_account.rewrite,
    "services": service.rewrite,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": webhook_configuration.rewrite,
}

MAPPINGS: tuple[Callable[[str, Body, PrepareContext], Body], ...] = (
    change_images,
    change_classes,
    add_init_containers,
    rename,
)
"""What the user wants otherwise, in whatever kind has it. As in Velero, images that hooks bring are not changed."""


def prepare(item: BackupItem, body: Body, context: PrepareContext) -> Body:
    """The object as it is to stand on the target, the restore labels apart; never raises, never edits its input.

    The kind's rewrite comes first: it may need what metadata.reset removes, as Services need managedFields. The body
    is the backup's, with the namespace it has there.
    """
    rewrite = KINDS.get(item.resource)
    if rewrite:
        body = rewrite(body, context)
    for change in MAPPINGS:
        body = change(item.resource, body, context)
    return reset(body)
