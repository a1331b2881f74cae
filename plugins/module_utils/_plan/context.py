# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore knows once it has looked at the backup and the target, before it compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from .._backup.opened import Backup
from .._cluster.checked_discovery import checked_discovery
from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._cluster.identity import UNTOLD, Identity, identity_of
from .._cluster.namespaces import namespaces_of, wait_until_gone
from .._cluster.openapi import OpenApi
from .._cluster.reader import Place
from .._compare.comparer import Comparer
from .._compare.replicas import scale_targets
from .._decide.decide import Decider
from .._decide.exemptions import PruneExemptions
from .._decide.policies import Choices, PolicyConflict, choose_all
from .._hold.guards import GUARD_KINDS, converter_of
from .._hold.hold import Hold
from .._hold.production import held_text, sleeps
from .._inventory.entries import Inventory, RestoreScope
from .._inventory.kept_copy import KeptCopy
from .._inventory.record import made_by_restores
from .._kinds import CRDS, HPAS, VOLUMES
from .._match.globs import Patterns
from .._match.short_names import resolver
from .._options.settings import Settings
from .._prepare.desired import DesiredState
from .._prepare.labels import restore_labels, values_of
from .._prepare.mapping import mapped
from .._progress import Tell, nobody
from .._select.select import Selection, select
from .._values import BackupItem, Body, Comparison, ObjectKey, ObjectRef
from .._vocabulary import Policy
from .equal import Recorded
from .guards import Answering, told_converter
from .known import Memory
from .previous import previous_bodies
from .remap import namespaces_in, remap
from .storage import Storage, Target, storage_of


@dataclass(frozen=True)
class Cluster:
    """The target, as far as it is known before anything is compared."""

    client: Client
    discovery: Discovery
    namespaces: dict[str, bool]
    """Name -> being deleted; those that could be listed."""
    identity: Identity = UNTOLD


@dataclass(frozen=True)
class RestoreContext:
    """What every step of one restore needs."""

    settings: Settings
    """With every name in full."""
    backup: Backup
    previous: Backup | None
    selection: Selection
    desired: DesiredState
    cluster: Cluster
    comparer: Comparer
    before: Callable[[BackupItem], Body | None] | None
    """The desired body that an item has in an earlier backup."""
    conflicts: Mapping[ObjectKey, PolicyConflict]
    decider: Decider
    scope: RestoreScope
    storage: Storage = field(default_factory=Storage)
    answering: Answering | None = None
    """Who answers for webhooks that sleep, as far as it was asked."""
    memory: Memory | None = None
    """What need not be compared again; None in a run that compares everything, and leaves nothing for the next."""
    recorded: Recorded = field(default_factory=Recorded)
    """What the inventory has of the target."""
    copies: Mapping[ObjectKey, KeptCopy] = field(default_factory=dict)
    """Of APIServices that a sleeping standby does not have."""
    tell: Tell = nobody
    """Is told the type of each object that is compared."""

    @property
    def items(self) -> Sequence[BackupItem]:
        """All that the backup has, selected or not, under the keys on the target."""
        items, mapping = self.backup.content.items, self.desired.context.namespace_mapping
        return [mapped(item, mapping) for item in items] if mapping else items

    @property
    def exemptions(self) -> PruneExemptions:
        """What keeps a stale object from being deleted, by the user's word."""
        given = self.settings
        kept = given.state_namespace, given.protect_except, given.pruning.allow
        return PruneExemptions(*kept, with_bodies=given.diff, active=self.decider.active)

    def sparing(self, active: frozenset[str]) -> RestoreContext:
        """With namespaces on the target that serve as production."""
        return replace(self, decider=self.decider._replace(active=active))

    @property
    def hold(self) -> Hold:
        """Which workloads sleep, with what the target has of ours."""
        return self.comparer.hold

    @property
    def guard_warnings(self) -> tuple[str, ...]:
        """Of webhooks that nobody answers and that are left awake, and of what converts and cannot sleep."""
        if self.answering is None or not (self.hold.on or self.hold.webhooks):
            return ()
        converters = self.sleeping_converters
        return (*self.answering.warnings, *(told_converter(name, place) for name, place in converters))

    @cached_property
    def sleeping_converters(self) -> tuple[tuple[str, Place], ...]:
        """Definitions, by name, with the Service that converts for each and does not answer."""
        asked = ((item.key.name, converter_of(self.desired.body(item))) for item in self._definitions)
        return tuple(self.answering.converters((name, at) for name, at in asked if at)) if self.answering else ()

    @property
    def _definitions(self) -> Iterator[BackupItem]:
        items = (*self.selection.items, *self.selection.definitions)
        return (item for item in items if item.resource == CRDS and item.size and not item.problem)

    def held(self, item: BackupItem) -> str:
        """What production has of a workload that is created asleep; empty for everything else."""
        return held_text(self.desired.body(item)) if self.hold.names(item) else ""

    def compare(self, item: BackupItem, live: Body, wanted: Body) -> Comparison:
        """How they differ and, where an earlier backup is known, who made it so."""
        found = self.comparer(item, live, wanted)
        before = self.before(item) if self.before and not found.equal else None
        if before is None:
            return found
        return replace(found, changed_by=self.comparer.changed_by(item, live, wanted, before).value)


def context_of(
    settings: Settings, client: Client, backup: Backup, previous: Backup | None, inventory: Inventory = ()
) -> RestoreContext:
    """Reads types, namespaces and, where they are asked for, autoscalers; in a run waits for namespaces that go.

    What is missing among the types decides more than what a prune deletes: which short names mean nothing, so that an
    exclusion has no effect, and which objects fail as not served. So they are held against what is stored in each run.
    """
    discovery = checked_discovery(client)
    selection_id = settings.selection_id
    settings = settings.resolved(resolver(discovery.served(), backup.content))
    settings = replace(settings, hold=_hold(settings, inventory))
    selection = select(backup.content, settings, backup.volumes)
    desired = _desired(settings, client, backup, selection)
    selection = remap(selection, desired)
    cluster = Cluster(client, discovery, _namespaces(settings, client, selection), identity_of(client))
    storage = storage_of(Target(client, discovery, len(cluster.namespaces)), selection, desired)
    desired = _knowing(desired, storage)
    namespaces = namespaces_in(backup.content.items, desired.context.namespace_mapping)
    needed = (*selection.items, *selection.definitions, *namespaces)
    choices, conflicts = choose_all(settings.policies, needed, backup.content.body)
    answering = Answering(client, discovery, _sleepers(settings, choices, selection.items))
    hold = replace(settings.hold, unanswered=answering.unanswered, silenced=answering.silenced)
    settings = replace(settings, hold=hold)
    desired = replace(desired, asleep=hold.asleep if hold.on or hold.webhooks else None)
    labels = restore_labels(settings.backup_name, settings.restore_name)
    return RestoreContext(
        settings=settings,
        backup=backup,
        previous=previous,
        selection=selection,
        desired=desired,
        cluster=cluster,
        comparer=_comparer(settings, client, discovery, backup, desired),
        before=previous_bodies(previous, desired) if previous else None,
        conflicts=conflicts,
        decider=Decider(choices, labels, settings.label_unchanged, selection.controlled),
        scope=RestoreScope(backup.info, selection_id, len(selection.items), values_of(labels)),
        storage=storage,
        answering=answering,
    )


def _desired(settings: Settings, client: Client, backup: Backup, selection: Selection) -> DesiredState:
    status = settings.status_included
    schemas = OpenApi(client).schema
    return DesiredState(
        backup=backup.content,
        modify=partial(settings.modifiers.apply, schemas=schemas) if settings.modifiers.rules else None,
        context=replace(
            settings.prepare,
            provisioned_volumes=selection.provisioned_volumes,
            restored_volumes=frozenset(item.key.name for item in selection.items if item.resource == VOLUMES),
        ),
        status_included=None if status is None else Patterns(status or ("*",)),
        status_excluded=Patterns(settings.status_excluded),
        withhold=settings.privileged.without if settings.privileged.withholds else None,
    )


def _hold(settings: Settings, inventory: Inventory) -> Hold:
    """With what the target has of ours, which alone may be put to sleep."""
    hold = settings.hold
    if not hold.on and not hold.webhooks:
        return hold
    recorded = {
        key: (entry.uid, entry.held)
        for part in inventory
        for key, entry in part.entries.items()
        if entry.held and key.kind in GUARD_KINDS
    }
    return replace(hold, restored=made_by_restores(inventory) if hold.on else {}, recorded=recorded)


def _sleepers(settings: Settings, choices: Choices, items: Sequence[BackupItem]) -> Callable[[ObjectRef, Body], bool]:
    """Which live workloads sleep by us once the run has ended: what it means to put to sleep, and may."""
    hold = settings.hold
    keys = frozenset(item.key for item in items) if hold.on else frozenset()

    def sleep_by_us(ref: ObjectRef, live: Body) -> bool:
        sleep = hold.sleep_of(ref, live) if hold.on and ref.key in keys else None
        if sleep is None or not hold.is_ours(ref, live):
            return False
        return choices.of(ref.key).policy is not Policy.NONE or sleeps(live, sleep.patch)

    return sleep_by_us


def _knowing(desired: DesiredState, storage: Storage) -> DesiredState:
    """With what only the target tells of volumes and claims."""
    sourceless = frozenset(storage.sourceless)
    known = replace(desired.context, rebound_volumes=storage.rebound, sourceless_claims=sourceless)
    return replace(desired, context=known)


def _comparer(
    settings: Settings, client: Client, discovery: Discovery, backup: Backup, desired: DesiredState
) -> Comparer:
    scaled = _scaled(settings, client, discovery, backup, desired)
    withholds, whole = settings.privileged.withholds, desired.whole().body
    withheld = partial(settings.privileged.withheld_beside, whole) if withholds else None
    return Comparer(settings.ignored, scaled, withheld, settings.hold)


def _namespaces(settings: Settings, client: Client, selection: Selection) -> dict[str, bool]:
    """The target's namespaces; a real run first waits for those that are being deleted."""
    if settings.dry_run:
        return namespaces_of(client, selection.namespaces)
    return wait_until_gone(client, selection.namespaces, settings.terminating_timeout)


def _scaled(
    settings: Settings, client: Client, discovery: Discovery, backup: Backup, desired: DesiredState
) -> frozenset[ObjectKey]:
    """What autoscalers of the backup or of the target scale, where their replicas are the target's to say."""
    if not settings.keep_hpa_replicas:
        return frozenset()
    mapping = settings.prepare.namespace_mapping
    wanted = [mapped(item, mapping) for item in backup.content.items if item.resource == HPAS and not item.problem]
    found = scale_targets(map(desired.unmodified().body, wanted))
    resource = next((served for served in discovery.served() if served.name == HPAS), None)
    if resource is not None:
        found |= scale_targets(body for page in client.pages(resource) for body in page)
    return found
