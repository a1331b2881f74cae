# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what the backup wants beside what the target has, every difference decided before the first write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .._backup.catalogue import Catalogue
from .._cluster.discovery import Discovery
from .._cluster.reader import place_of, read
from .._decide.active import spared
from .._decide.order import plan_key
from .._decide.plan_digest import PlanDigest
from .._decide.prune import let_through
from .._decide.quotas import grows
from .._errors import ModifierError
from .._inventory.entries import Inventory
from .._kinds import CRDS, NAMESPACES, SERVICE_ACCOUNTS, STORAGE_CLASSES, namespace_key
from .._prepare.storage_classes import mapped_classes
from .._select.skip_rules import is_excluded
from .._values import BackupItem, Change, ObjectKey
from .._vocabulary import Action, Reason
from .context import RestoreContext
from .copies import with_copies
from .owners import without_children
from .read import decided
from .remap import namespaces_in
from .stale import DeltaPlan, planned_delta
from .storage import with_storage
from .trust import with_holders


@dataclass(frozen=True)
class Plan:
    """Every object that was selected or is stale, and what is meant to happen to it; complete before any write."""

    changes: tuple[Change, ...]
    """In the order in which they are carried out: those of the backup's items by stage, deletions last."""
    delta: DeltaPlan | None = None
    """None when it was not asked for."""
    digest: PlanDigest | None = None
    """By which it is approved; None until it is made."""

    @property
    def coming(self) -> frozenset[ObjectKey]:
        """What is there only once the plan is carried out; an updated definition or quota may be what others need."""
        return frozenset(change.key for change in self.changes if _brings(change))


def _brings(change: Change) -> bool:
    """A definition may bring a new version, a quota more room."""
    updated = change.action is Action.UPDATE and change.ref.resource == CRDS
    return change.action is Action.CREATE or updated or grows(change)


def planned(context: RestoreContext, inventory: Inventory) -> Plan:
    """Reads the target and decides; writes nothing."""
    privileged, body_of = context.settings.privileged, context.desired.whole().body
    active = context.decider.active
    items = [privileged.held_back(spared(change, active, body_of), body_of) for change in _of_items(context)]
    items = list(with_copies(items, context))
    items.sort(key=plan_key)
    if context.settings.delta == "ignore":
        return Plan(tuple(items))
    delta = planned_delta(context, inventory, items)
    prune, deletions = let_through(delta.prune, lambda change: privileged.held_back(change, body_of))
    delta = replace(delta, prune=prune)
    return Plan((*items, *deletions) if context.settings.delta == "prune" else tuple(items), delta)


def _of_items(context: RestoreContext) -> list[Change]:
    """Of what was selected and of what that needs: its namespaces, definitions of its types."""
    selection, discovery = context.selection, context.cluster.discovery
    chosen = [servable(item, context.desired.copies(item), discovery) for item in selection.items]
    known = namespaces_in(context.backup.content.items, context.desired.context.namespace_mapping)
    missing = missing_namespaces(selection.namespaces, context.cluster.namespaces, selection.items, known)
    needed = [blank_if_excluded(item, context.backup.content) for item in missing]
    needed += [item for item in selection.definitions if discovery.lacks(item.key.name)]
    left_out = {change.key: change for change in _unrestorable(chosen, needed, context)}
    fit = [item for item in (*chosen, *needed) if item.key not in left_out]
    there = {item.key for item in needed}
    skipped = (change for change in selection.left_out if change.key not in there)
    return [
        *skipped,
        *left_out.values(),
        *with_storage(with_holders(without_children(list(decided(fit, context)), context), context), context.storage),
    ]


def _unrestorable(chosen: list[BackupItem], needed: list[BackupItem], context: RestoreContext) -> Iterator[Change]:
    """What is known without a look at the object on the target; of two reasons for one object the later one counts."""
    yield from unfit(chosen, context)
    tokens = superfluous_tokens(context.selection.tokens, chosen, context)
    yield from (Change(item, Action.SKIP, Reason.SERVICE_ACCOUNT_TOKEN) for item in chosen if item.key in tokens)
    yield from (Change(item, Action.SKIP, Reason.BARE_POD) for item in chosen if context.hold.leaves_out(item))
    for item in (*chosen, *needed):
        if item.key in context.conflicts:
            yield Change(item, Action.FAIL, Reason.POLICY_CONFLICT, str(context.conflicts[item.key]))


def servable(item: BackupItem, others: Iterable[BackupItem], discovery: Discovery) -> BackupItem:
    """The copy of an object to restore: the default one when the target serves its version, else one it does serve."""
    served = discovery.versions(item.resource)
    if not served or item.version in served:
        return item
    copies = {copy.version: copy for copy in others if copy.resource == item.resource}
    return next((copies[version] for version in served if version in copies), item)


def unfit(items: Iterable[BackupItem], context: RestoreContext) -> Iterator[Change]:
    """Items that cannot be made what the user wants them to be, found before anything is written.

    A modifier may be what makes an object safe on a standby: without it the object is not restored.
    """
    desired = context.desired
    classes = storage_classes(items, context) if desired.context.storage_class_mapping else frozenset()
    for item in items:
        if item.size and desired.context.storage_class_mapping:
            named = mapped_classes(item.resource, desired.backup.body(item), desired.context)
            for missing in sorted(named - classes):
                yield Change(item, Action.FAIL, Reason.STORAGE_CLASS_MISSING, f"StorageClass {missing}")
        if item.size and desired.modify:
            try:
                desired.hold(item, desired.body(item))
            except ModifierError as error:
                yield Change(item, Action.FAIL, Reason.MODIFIER_FAILED, str(error))


def storage_classes(items: Iterable[BackupItem], context: RestoreContext) -> frozenset[str]:
    """Names of the storage classes that the target has, or gets by this restore."""
    found = {item.key.name for item in items if item.resource == STORAGE_CLASSES}
    resource = context.cluster.discovery.find(STORAGE_CLASSES, "v1")
    if resource is not None:
        found.update(place_of(body)[1] for page in context.cluster.client.pages(resource) for body in page)
    return frozenset(found)


def superfluous_tokens(
    tokens: dict[ObjectKey, str], items: Iterable[BackupItem], context: RestoreContext
) -> frozenset[ObjectKey]:
    """Token Secrets whose service account the target has, or gets by this restore before it comes to Secrets.

    Its token there is another one (Velero 1.18, pkg/restore/actions/secret_action.go). An account that cannot be read
    counts as missing: a token that is not its account's is dropped by the target's token controller.
    """
    wanted = frozenset((key.namespace, account) for key, account in tokens.items())
    if not wanted:
        return frozenset()
    accounts = {(item.key.namespace, item.key.name) for item in items if item.resource == SERVICE_ACCOUNTS}
    cluster = context.cluster
    resource = cluster.discovery.find(SERVICE_ACCOUNTS, "v1")
    if resource is not None:
        reads = read(cluster.client, resource, wanted, len(cluster.namespaces))
        accounts.update(found.place for found in reads if found.body)
    return frozenset(key for key, account in tokens.items() if (key.namespace, account) in accounts)


def missing_namespaces(
    needed: Iterable[str], there: dict[str, bool], selected: Iterable[BackupItem], backup: Iterable[BackupItem]
) -> list[BackupItem]:
    """Namespaces that selected objects lie in and the target lacks, as items: the backup's own, or a blank one.

    They are ensured even when the filters leave Namespaces out (Velero 1.18, pkg/restore/restore.go,
    processSelectedResource).
    """
    have = {item.key.name for item in selected if item.resource == NAMESPACES}
    wanted = [name for name in needed if name not in there and name not in have]
    if not wanted:
        return []
    known = {item.key.name: item for item in backup if item.resource == NAMESPACES and not item.problem}
    return [known.get(name) or blank_namespace(name) for name in wanted]


def blank_if_excluded(namespace: BackupItem, backup: Catalogue) -> BackupItem:
    """What is selected has to lie somewhere, but of a Namespace that is never restored nothing comes along."""
    excluded = namespace.size and is_excluded(backup.body(namespace))
    return replace(blank_namespace(namespace.key.name), source=namespace.source) if excluded else namespace


def blank_namespace(name: str) -> BackupItem:
    """A Namespace that says nothing but its name."""
    return BackupItem(namespace_key(name), NAMESPACES, "v1")
