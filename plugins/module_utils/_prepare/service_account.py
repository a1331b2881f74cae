# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceAccounts: the token Secret that the source cluster made for it.

Velero 1.18, pkg/restore/actions/service_account_action.go.
"""

from __future__ import annotations

from .._unstructured import as_list, as_text, nested, replaced, without
from .._values import Body
from .context import PrepareContext


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """Only the last Secret named after it goes, as in Velero: a controller adds one and puts it there."""
    token = as_text(nested(body, "metadata", "name")) + "-token-"
    secrets = as_list(body.get("secrets"))
    for index in reversed(range(len(secrets))):
        if as_text(nested(secrets[index], "name")).startswith(token):
            rest = secrets[:index] + secrets[index + 1 :]
            return replaced(body, ("secrets",), rest) if rest else without(body, (), ("secrets",))
    return body
