# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copies of APIServices that a restore begins with, and those that it leaves."""

from __future__ import annotations

from collections.abc import Sequence

from .._hold.hold import Hold
from .._inventory.entries import Inventory
from .._inventory.kept_copy import COPIED
from .._kinds import API_SERVICES
from .._records.kept_copies import KeptCopies
from .._values import Done
from .._vocabulary import STANDS, Reason


def read_copies(kept: KeptCopies, hold: Hold, inventory: Inventory) -> KeptCopies:
    """Nothing is asked where none sleeps, and none is kept from before."""
    if hold.on or hold.webhooks or any(entry.held == COPIED for part in inventory for entry in part.entries.values()):
        kept.read()
    return kept


def drop_needless(kept: KeptCopies, hold: Hold, done: Sequence[Done]) -> None:
    """Removes copies of what stands by a restore, and of what privileged_objects lets through no more."""
    for one in done:
        if one.change.ref.resource == API_SERVICES and _is_needless(one, hold):
            kept.drop(one.change.key)


def _is_needless(done: Done, hold: Hold) -> bool:
    stands = done.result.outcome in STANDS and not hold.leaves_standing(done.change.ref)
    return stands or done.result.reason is Reason.PRIVILEGED
