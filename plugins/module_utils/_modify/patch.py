# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a patch needs of the world, and how it fails; the three kinds of patches share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .._values import Body


class PatchError(Exception):
    """A patch that cannot be applied to an object; the text names paths, never values."""


class Schema(Protocol):
    """What the target's OpenAPI document says of one field of a type."""

    @property
    def strategy(self) -> str:
        """`merge` or `replace`; empty where the API says nothing, which is how it replaces lists and merges maps."""

    @property
    def merge_key(self) -> str:
        """The field that tells the elements of a list apart; empty for lists of plain values."""

    def field(self, name: str) -> Schema | None:
        """Of a map: the field of this name."""

    def element(self) -> Schema | None:
        """Of a list: what its elements are."""


Schemas = Callable[[str, str, str], "Schema | None"]
"""(group, version, kind) -> its schema; None for what is no built-in type. May raise a ClusterError."""


class Patch(Protocol):
    def apply(self, body: Body, schemas: Schemas) -> Body:
        """A new body; what the patch does not touch is shared with the old one. Raises PatchError, ClusterError."""
