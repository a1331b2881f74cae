# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Secrets of the backup hold the certificate authorities that webhooks, APIs and conversions are to trust."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._kinds import SECRETS
from .._unstructured import as_map
from .._values import Change, ObjectKey
from .context import RestoreContext

Holders = dict[str, set[ObjectKey]]


def with_holders(changes: Iterable[Change], context: RestoreContext) -> list[Change]:
    """The changes, each that may follow the backup's authorities with the Secrets that must stand before it does."""
    changes = list(changes)
    wanted = {authority for change in changes for authority in _authorities(change)}
    if not wanted:
        return changes
    found = _holders(wanted, context)
    return [_with(change, found) if any(_authorities(change)) else change for change in changes]


def _authorities(change: Change) -> frozenset[str]:
    trust = change.comparison.trust if change.comparison else None
    return trust.authorities if trust else frozenset()


def _holders(wanted: set[str], context: RestoreContext) -> Holders:
    found: Holders = {authority: set() for authority in wanted}
    for item in (item for item in context.selection.items if item.resource == SECRETS):
        data = as_map(context.backup.content.body(item).get("data"))
        for authority in wanted.intersection(value for value in data.values() if isinstance(value, str)):
            found[authority].add(item.key)
    return found


def _with(change: Change, found: Holders) -> Change:
    """Without holders where an authority is in no Secret: then none of them follows."""
    comparison = change.comparison
    if comparison is None or comparison.trust is None:
        return change
    holders = tuple(frozenset(found[authority]) for authority in sorted(comparison.trust.authorities))
    trust = replace(comparison.trust, holders=holders if all(holders) else ())
    return replace(change, comparison=replace(comparison, trust=trust))
