# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`compare: fast`: what the run before found equal, and what this one leaves for the next."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .._cluster.client import Client
from .._decide.plan_digest import PlanKeys
from .._fault import shielded
from .._hold.guards import GUARD_KINDS
from .._inventory.known_pages import NOTHING_KNOWN, KnownPages
from .._options.settings import Settings
from .._options.shape import shape_of
from .._plan.context import RestoreContext
from .._plan.known import Memory
from .._records.known_pages_store import KnownPagesStore
from .._values import BackupItem
from .._version import VERSION

FAST = "fast"
FULL_EVERY = 24 * 3600
"""Seconds after which a fast run compares everything."""

_PURPOSE = "standby.velero/known-page"


class Fast:
    """For one run. Off wherever a run has to see everything: in check mode, for an approval, before deletions."""

    def __init__(self, settings: Settings, client: Client, keys: PlanKeys) -> None:
        seeing = settings.dry_run or settings.approved or settings.delta == "prune" or settings.label_unchanged
        self._on = settings.compare == FAST and keys.secret and not seeing
        self._client = client
        self._keys = keys.keys
        self._settings = settings
        self._store = KnownPagesStore(client, settings.state_namespace, settings.selection_id, keys.keys)
        self._known = NOTHING_KNOWN
        self._memory: Memory | None = None

    def remembering(self, context: RestoreContext) -> RestoreContext:
        """With what the run before has left, unless all is to be compared once more."""
        if not self._on:
            return context
        self._known = self._store.load()
        now = self._client.server_time()
        if not 0 <= now - self._known.full < FULL_EVERY:
            self._known = KnownPages(full=now)
        self._memory = Memory(
            key=bytes.fromhex(self._keys.digest(_PURPOSE)),
            shape=self._shape(context),
            pages=dict(self._known.pages),
            recorded=context.recorded,
            digest=context.backup.content.digest,
            depends=partial(_depends, context),
        )
        return replace(context, memory=self._memory)

    def _shape(self, context: RestoreContext) -> bytes:
        """What a hold knows of the target is not of it: what it speaks of is never known."""
        settings, cluster = replace(context.settings, hold=self._settings.hold), context.cluster.identity
        return b" ".join((VERSION.encode(), cluster.uid.encode(), cluster.version.encode(), shape_of(settings)))

    def remember(self) -> tuple[str, ...]:
        """Leaves what was found equal; that it could not is no more than slow."""
        if self._memory is None:
            return ()
        known = KnownPages(self._known.full, tuple(sorted(self._memory.found.items())))
        _nothing, problems = shielded(lambda: self._store.save(known), None)
        _nothing, left = shielded(self._forget, None)
        return (
            *(f"the next run compares everything: {problem}" for problem in problems),
            *(f"what compare: fast keeps for selections of the past was not removed: {problem}" for problem in left),
        )

    def _forget(self) -> None:
        """Once a day: a run that knows nothing has just compared everything."""
        if not self._known.pages:
            self._store.forget_others(self._known.full)


def _depends(context: RestoreContext, item: BackupItem) -> bool:
    """What an autoscaler scales, what sleeps, and what guards."""
    if item.problem or item.key in context.comparer.kept_replicas:
        return True
    hold = context.hold
    return (hold.on or hold.webhooks) and (hold.names(item) or item.key.kind in GUARD_KINDS)
