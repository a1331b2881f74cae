# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a volume whose claim is gone from the target: no claim binds it again as long as it says a dead UID.

kubernetes, pkg/controller/volume/persistentvolume (syncVolume): such a volume is Released, and Retain leaves it so. It
holds data. It is bound again only where nothing but that UID stands between the claim that the backup gives it to and
the one that had it; any other is for a person to look at.
"""

from __future__ import annotations

from .._unstructured import as_map, as_text, nested
from .._values import Body

Place = tuple[str, str]
"""Namespace and name."""

RETAIN = "Retain"


def claim_of(volume: Body) -> Place:
    """Whose a volume is or is to be; ("", "") when it is nobody's."""
    claim = as_map(nested(volume, "spec", "claimRef"))
    return as_text(claim.get("namespace")), as_text(claim.get("name"))


def claim_uid(volume: Body) -> str:
    """Of the claim that a live volume was given to; empty when it waits for one of that name."""
    return as_text(nested(volume, "spec", "claimRef", "uid"))


def is_released(volume: Body) -> bool:
    """Whether the target's controller says that the volume has lost its claim."""
    return bool(nested(volume, "status", "phase") == "Released")


def why_not_rebound(volume: Body, wanted: Place, claim: Body | None, comes: bool) -> str:
    """The end of a sentence, empty when the volume may be bound again.

    `wanted` is the place of the claim that the backup gives it to; `claim` is what the target has at the place of the
    claim that is gone, `comes` whether the restore brings one.
    """
    place = claim_of(volume)
    shown = "/".join(place)
    if place != wanted:
        return f"it was the claim {shown}'s, and the backup says otherwise"
    if claim is None and not comes:
        return f"no claim {shown} is restored or there"
    if as_text(nested(claim, "spec", "volumeName")) not in ("", as_text(nested(volume, "metadata", "name"))):
        return f"the claim {shown} has another volume"
    if nested(volume, "spec", "persistentVolumeReclaimPolicy") != RETAIN:
        return "its reclaim policy on the target is not Retain"
    return ""
