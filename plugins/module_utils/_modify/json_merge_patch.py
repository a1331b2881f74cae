# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON merge patches (RFC 7386), a rule's `mergePatches`.

Velero 1.18, internal/resourcemodifiers/json_merge_patch.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import _merge_patch
from .._values import Body
from .patch import Schemas


@dataclass(frozen=True, slots=True)
class MergePatch:
    patches: tuple[Body, ...]

    def apply(self, body: Body, schemas: Schemas) -> Body:  # noqa: ARG002 - the shape of a Patch
        for patch in self.patches:
            body = _merge_patch.apply(body, patch)
        return body
