# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind has which rewrite; a new one is a file and a line here. Every kind loses the source cluster's metadata."""

from __future__ import annotations

from collections.abc import Callable

from .. import _kinds
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
    _kinds.CLUSTER_ROLES: cluster_role.rewrite,
    _kinds.CRDS: custom_resource_definition.rewrite,
    _kinds.JOBS: job.rewrite,
    _kinds.MUTATING_WEBHOOKS: webhook_configuration.rewrite,
    _kinds.CLAIMS: persistent_volume_claim.rewrite,
    _kinds.VOLUMES: persistent_volume.rewrite,
    _kinds.PODS: pod.rewrite,
    _kinds.SECRETS: secret.rewrite,
    _kinds.SERVICE_ACCOUNTS: service_account.rewrite,
    _kinds.SERVICES: service.rewrite,
    _kinds.VALIDATING_WEBHOOKS: webhook_configuration.rewrite,
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


def settle(item: BackupItem, body: Body, context: PrepareContext) -> Body:
    """What the target alone tells, after all else: modifiers see volumes and claims as the backup has them."""
    if item.key in context.rebound_volumes:
        return persistent_volume.forget_claim(body)
    if item.key in context.sourceless_claims:
        return persistent_volume_claim.without_source(body)
    return body
