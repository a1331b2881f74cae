# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory that a restore begins with, and what is said of one that was adopted or made anew."""

from __future__ import annotations

from .._inventory.entries import Inventory
from .._options.settings import Settings
from .._plan.context import RestoreContext
from .._plan.rebuilt import rebuilt
from .._records.inventory_store import InventoryStore
from .._report.holdings import holdings


def known_inventory(
    inventory: Inventory, store: InventoryStore, context: RestoreContext
) -> tuple[Inventory, tuple[str, ...]]:
    """As it was read, or made anew where there is none and the user asks for it; with what is to be told of it."""
    settings = context.settings
    if settings.state_rebuild and not store.exists:
        found = rebuilt(context)
        missing = tuple(f"state_rebuild: what the target has of {problem}" for problem in found.problems)
        return found.inventory, (*_told("state_rebuild", "was made anew from labels", found.inventory), *missing)
    return inventory, (*_adoption(inventory, store, settings), *_needless(store, settings))


def _adoption(inventory: Inventory, store: InventoryStore, settings: Settings) -> tuple[str, ...]:
    if not store.adopted:
        return ()
    what = "is not signed; a run that is not check mode signs it" if settings.dry_run else "was not signed; now it is"
    return _told("state_adopt", what, inventory)


def _needless(store: InventoryStore, settings: Settings) -> tuple[str, ...]:
    """Options that are to be given once: left in place they would take what somebody puts there later."""
    if settings.state_adopt and store.exists and not store.adopted:
        return ("state_adopt: the inventory of the target is signed already; leave the option out",)
    if settings.state_rebuild:
        return ("state_rebuild: the target has an inventory, and it was not made anew; leave the option out",)
    return ()


def _told(option: str, what: str, inventory: Inventory) -> tuple[str, ...]:
    number = sum(len(part.entries) for part in inventory)
    head = f"{option}: the inventory of the target {what}. It holds {number} objects"
    return (head, *(f"{option}: {line}" for line in holdings(inventory)))
