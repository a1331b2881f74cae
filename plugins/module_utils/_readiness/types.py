# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby serves the types of all objects of the backup, and at their versions."""

from __future__ import annotations

from collections.abc import Iterator

from .._values import BackupItem
from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby


def types(question: Question, standby: Standby) -> Iterator[Finding]:
    """One finding for each type and version; the item under which it is asked for is the one that would be restored."""
    needed = question.needs.types
    for (resource, version), item in sorted(needed.items()):
        yield from _served(standby, resource, version, item)
    resources = {resource for resource, _version in needed}
    for definition in standby.definitions():
        if definition.problem and definition.name in resources:
            yield Finding(
                ReadinessReason.NOT_ESTABLISHED, f"CustomResourceDefinition {definition.name}", definition.problem
            )


def _served(standby: Standby, resource: str, version: str, item: BackupItem) -> Iterator[Finding]:
    discovery = standby.discovery
    if discovery.find(resource, version) is not None:
        return
    if discovery.is_incomplete(resource):
        yield Finding(ReadinessReason.DISCOVERY_INCOMPLETE, str(item.key), f"{resource} at {version}")
        return
    versions = ", ".join(discovery.versions(resource))
    has = f"the standby serves it at {versions}" if versions else "no definition of it is there"
    yield Finding(ReadinessReason.NOT_SERVED, str(item.key), f"{resource} at {version}; {has}")
