# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhook configurations: sideEffects that v1 no longer takes.

Velero 1.18, pkg/restore/actions/admissionwebhook_config_action.go; both kinds alike.
"""

from __future__ import annotations

from .._unstructured import each
from .._values import Body
from .context import PrepareContext

_VALID = ("None", "NoneOnDryRun")


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """Anything else in sideEffects, or nothing, becomes None."""
    if body.get("apiVersion") != "admissionregistration.k8s.io/v1":
        return body
    return each(body, ("webhooks",), _valid)


def _valid(webhook: Body) -> Body:
    return webhook if webhook.get("sideEffects") in _VALID else {**webhook, "sideEffects": "None"}
