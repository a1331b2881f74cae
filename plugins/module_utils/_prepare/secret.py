# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service account token Secrets: what the token controller of the target fills in again.

Velero 1.18, pkg/restore/actions/secret_action.go; whether such a Secret is left out is decided elsewhere, with the
target's service accounts.
"""

from __future__ import annotations

from .._unstructured import without
from .._values import Body
from .context import PrepareContext

_TOKEN_TYPE = "kubernetes.io/service-account-token"


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """A token signed by the source cluster, and its service account's UID, are refused or removed on the target."""
    if body.get("type") != _TOKEN_TYPE:
        return body
    body = without(body, ("metadata", "annotations"), ("kubernetes.io/service-account.uid",))
    return without(body, ("data",), ("token", "ca.crt"))
