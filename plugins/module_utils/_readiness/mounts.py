# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the Secrets and ConfigMaps that Pods mount, or read their environment from, are on the standby.

By their metadata: no value of a Secret is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._kinds import CONFIG_MAPS, SECRETS
from .finding import Finding
from .pod_spec import CONFIG_MAP, SECRET
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby


def mounts(question: Question, standby: Standby) -> Iterator[Finding]:
    """One that no user needs to start is a note."""
    for kind, resource in ((CONFIG_MAP, CONFIG_MAPS), (SECRET, SECRETS)):
        wanted = {place: mount for (of, place), mount in question.needs.mounts.items() if of == kind}
        if not wanted:
            continue
        there = standby.places(resource, {namespace for namespace, _name in wanted})
        for place in sorted(wanted.keys() - there):
            mount = wanted[place]
            optional = ReadinessReason.OPTIONAL_MOUNT_MISSING
            reason = optional if mount.optional else ReadinessReason.MOUNT_MISSING
            yield Finding(reason, f"{kind} {'/'.join(place)}", str(mount))
