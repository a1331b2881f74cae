# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes other objects along when it is deleted, and which ones: the name of a place is a Label."""

from __future__ import annotations

from .._kinds import is_definition, is_namespace, is_project
from .._values import ObjectKey

Label = tuple[str, str]


def opened_by(key: ObjectKey) -> Label | None:
    """The place that a Namespace (OpenShift's Project is one) or a definition makes; None for any other object.

    Of a definition it is the group, for a key tells no plural: more is kept than need be.
    """
    if is_namespace(key) or is_project(key):
        return "namespace", key.name
    if is_definition(key):
        return "group", key.name.partition(".")[2]
    return None


def lies_in(key: ObjectKey) -> tuple[Label, Label]:
    """The places of an object; those of a cluster-scoped or core object are nobody's."""
    return ("namespace", key.namespace), ("group", key.group)
