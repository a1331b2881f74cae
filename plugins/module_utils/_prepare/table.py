# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which kind has which rewrite; a new one is a file and a line here. Every kind loses the source cluster's metadata."""

from __future__ import annotations

from collections.abc import Callable

from .._values import BackupItem, Body
from . import (
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
from .facts import Facts
from .metadata import reset

KINDS: dict[str, Callable[[Body, Facts], Body]] = {
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


def prepare(item: BackupItem, body: Body, facts: Facts) -> Body:
    """The object as it is to stand on the target, the restore labels apart; never raises, never edits its input.

    The kind's rewrite comes first: it may need what metadata.reset removes, as Services need managedFields.
    """
    rewrite = KINDS.get(item.resource)
    return reset(rewrite(body, facts) if rewrite else body)
