# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one workload of the target takes to wake, or to sleep; pure.

The inventory counts before the annotation, which anybody who may write the object can edit; it is believed only of an
object with the UID that it has. Whatever either says, nothing is written but the fields that make the kind sleep.
"""

from __future__ import annotations

from typing import NamedTuple

from .._merge_patch import apply, diff, project, same
from .._unstructured import annotations_of, as_text, nested, without_named
from .._values import Body, Change, Comparison, Held, ObjectRef
from .._vocabulary import Action, Reason
from .._waking_words import WakingReason
from .production import ANNOTATION, held_text, production_of, remembering, sleeps, text_of


class Known(NamedTuple):
    """What the inventory has of an object."""

    uid: str
    """On the target."""
    held: str
    """What production has in the fields that make it sleep; empty when it does not sleep by us."""
    own: bool = False
    """The target's own."""
    retired: bool = False
    """The last backups lack it."""


class Workload(NamedTuple):
    """A workload as the target has it."""

    ref: ObjectRef
    live: Body
    sleeping: Body
    """The merge patch that puts its kind to sleep."""
    known: Known | None = None
    """None when the inventory does not know this very object."""

    @property
    def recorded(self) -> Body | None:
        """What production has by the inventory."""
        return production_of(self.known.held, self.sleeping) if self.known else None

    @property
    def annotated(self) -> bool:
        return ANNOTATION in annotations_of(self.live)


def woken(workload: Workload) -> Change | None:
    """What gives back to it what production has; None when it never slept by us."""
    recorded, said = workload.recorded, production_of(held_text(workload.live), workload.sleeping)
    if not workload.annotated and recorded is None:
        return None
    if not workload.annotated and not sleeps(workload.live, workload.sleeping):
        return Change(workload.ref, Action.NOOP)  # woken before: what became of it since is its own affair
    if nested(workload.live, "metadata", "deletionTimestamp"):
        return Change(workload.ref, Action.FAIL, Reason.TERMINATING)
    if workload.known and workload.known.retired:
        return Change(workload.ref, Action.SKIP, WakingReason.NOT_IN_PRODUCTION)
    production = said if recorded is None else recorded
    if production is None:
        return Change(workload.ref, Action.FAIL, WakingReason.PRODUCTION_UNKNOWN)
    bare = without_named(workload.live, (("annotations", ANNOTATION),))
    return _change(workload, apply(bare, production), production, _doubt(workload, recorded, said))


def _doubt(workload: Workload, recorded: Body | None, said: Body | None) -> WakingReason | None:
    """What somebody did to the annotation; where the inventory does not know better nobody can tell."""
    if recorded is None or (said is not None and same(said, recorded)):
        return None
    return WakingReason.ANNOTATION_EDITED if workload.annotated else WakingReason.ANNOTATION_REMOVED


def put_to_sleep(workload: Workload) -> Change:
    """What makes it sleep, with what it has now remembered; one that sleeps already keeps what is known of it."""
    if nested(workload.live, "metadata", "deletionTimestamp"):
        return Change(workload.ref, Action.FAIL, Reason.TERMINATING)
    bare = without_named(workload.live, (("annotations", ANNOTATION),))
    known = _known_in_sleep(workload)
    production = project(bare, workload.sleeping) if known is None else known
    wanted = apply(apply(bare, workload.sleeping), remembering(text_of(production)))
    return _change(workload, wanted, production, None)


def _known_in_sleep(workload: Workload) -> Body | None:
    """What production has of one that sleeps by us, or that somebody woke by hand and left the annotation on."""
    if not workload.annotated and not sleeps(workload.live, workload.sleeping):
        return None
    said = production_of(held_text(workload.live), workload.sleeping)
    return said if workload.recorded is None else workload.recorded


def _change(workload: Workload, wanted: Body, production: Body, reason: WakingReason | None) -> Change:
    live = workload.live
    patch = diff(live, wanted)
    uid, version = (as_text(nested(live, "metadata", field)) for field in ("uid", "resourceVersion"))
    held = Held(text_of(production), awake=not sleeps(live, workload.sleeping))
    found = Comparison(version, patch, project(live, patch), uid=uid, held=held)
    return Change(workload.ref, Action.UPDATE if patch else Action.NOOP, reason, comparison=found)
