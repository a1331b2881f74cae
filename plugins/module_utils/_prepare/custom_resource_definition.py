# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomResourceDefinitions: preserveUnknownFields, which v1 no longer takes.

Velero 1.18, pkg/restore/actions/crd_v1_preserve_unknown_fields_action.go.
"""

from __future__ import annotations

from .._unstructured import each, nested, replaced
from .._values import Body
from .context import PrepareContext


def rewrite(body: Body, _context: PrepareContext) -> Body:
    """What the field said for the whole type is said in each version's schema instead."""
    if body.get("apiVersion") != "apiextensions.k8s.io/v1" or nested(body, "spec", "preserveUnknownFields") is not True:
        return body
    body = replaced(body, ("spec", "preserveUnknownFields"), False)
    return each(body, ("spec", "versions"), _preserving)


def _preserving(version: Body) -> Body:
    return replaced(version, ("schema", "openAPIV3Schema", "x-kubernetes-preserve-unknown-fields"), True)
