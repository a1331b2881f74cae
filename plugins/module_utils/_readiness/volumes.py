# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the volumes that production keeps are bound on the standby, or may be, and no claim has lost its own.

kubernetes, pkg/controller/volume/persistentvolume: a volume is Available or Pending until it is Bound; one that is
Released or Failed is bound to nobody any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.reader import place_of
from .._decide.volumes import claim_of, claim_uid
from .._kinds import CLAIMS, VOLUMES
from .._unstructured import as_text, nested
from .._values import Body
from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby

_GONE = frozenset(("Released", "Failed"))


def volumes(question: Question, standby: Standby) -> Iterator[Finding]:
    """Claims are listed only where the backup has some."""
    yield from _volumes(question.needs.volumes, standby)
    if question.needs.claims:
        for body in standby.bodies(CLAIMS):
            place = place_of(body)
            if place in question.needs.claims and _phase(body) == "Lost":
                yield Finding(ReadinessReason.CLAIM_LOST, f"PersistentVolumeClaim {'/'.join(place)}")


def _volumes(wanted: set[str], standby: Standby) -> Iterator[Finding]:
    if not wanted:
        return
    missing = set(wanted)
    for body in standby.bodies(VOLUMES):
        name = place_of(body)[1]
        if name in missing:
            missing.discard(name)
            yield from _bindable(f"PersistentVolume {name}", body)
    yield from (Finding(ReadinessReason.VOLUME_MISSING, f"PersistentVolume {name}") for name in sorted(missing))


def _bindable(subject: str, body: Body) -> Iterator[Finding]:
    phase = _phase(body)
    if phase in _GONE:
        lost = f"; it was the claim {'/'.join(claim_of(body))}'s" if claim_uid(body) else ""
        yield Finding(ReadinessReason.VOLUME_NOT_BINDABLE, subject, f"it is {phase}{lost}")
    elif nested(body, "metadata", "deletionTimestamp"):
        yield Finding(ReadinessReason.VOLUME_NOT_BINDABLE, subject, "it is being deleted")


def _phase(body: Body) -> str:
    return as_text(nested(body, "status", "phase"))
