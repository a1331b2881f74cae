# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan: what the backup wants beside what the target has, every difference decided before the first write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from ._cluster.client import Client
from ._cluster.discovery import Discovery
from ._cluster.reader import Place, Read, place_of, read
from ._compare.comparer import Comparer
from ._decide.controlled import left_to_controllers
from ._decide.decide import Decider
from ._decide.order import CRDS, sort_key
from ._errors import ClusterError, Unauthorized, Unreachable
from ._results import unrestored
from ._values import BackupItem, Body, Change, Comparison, ObjectKey, ObjectResult, Reason, Resource


@dataclass(frozen=True)
class Target:
    """What a restore knows of the target before it compares, and how it does that."""

    client: Client
    discovery: Discovery
    namespaces: dict[str, bool]
    """Name -> being deleted; those that could be listed."""
    comparer: Comparer = field(default_factory=Comparer)
    previous: Callable[[BackupItem], Body | None] | None = None
    """The prepared body that an item has in an earlier backup."""

    def compare(self, item: BackupItem, live: Body, wanted: Body) -> Comparison:
        """How they differ and, where an earlier backup is known, who made it so."""
        found = self.comparer(item, live, wanted)
        before = self.previous(item) if self.previous and not found.equal else None
        if before is None:
            return found
        return replace(found, changed_by=self.comparer.verdict(item, live, wanted, before).value)


@dataclass
class Plan:
    """Every selected object: a Change when the run has to look after it, else already its result."""

    changes: list[Change] = field(default_factory=list)
    settled: list[ObjectResult] = field(default_factory=list)

    def fail(self, item: BackupItem, reason: Reason, detail: str) -> None:
        """Settles an item that cannot be restored; `detail` is free of values."""
        self.settled.append(unrestored(item, reason, detail))

    def ordered(self) -> tuple[Change, ...]:
        return tuple(sorted(self.changes, key=lambda change: sort_key(change.item)))


def make_plan(
    items: Iterable[BackupItem], target: Target, decider: Decider, desired: Callable[[BackupItem], Body]
) -> Plan:
    """Reads the target type by type and decides each item; writes nothing.

    Raises Unreachable or Unauthorized: without the target there is no plan. A type that cannot be read fails alone.
    """
    plan = Plan()
    kept = sorted(items, key=lambda item: (item.resource, item.version))
    coming = frozenset(item.key.name for item in kept if item.resource == CRDS)
    for (name, version), group in groupby(kept, key=lambda item: (item.resource, item.version)):
        members = list(group)
        resource = target.discovery.find(name, version)
        if resource is not None:
            _plan_type(plan, resource, members, target, decider, desired)
        elif name in coming:  # its CRD is restored first; what is there already is found by the create
            plan.changes.extend(decider.decide(item, None) for item in members)
        else:
            _not_served(plan, members, name, version, target.discovery)
    plan.changes = left_to_controllers(plan.changes)
    return plan


def servable(item: BackupItem, others: Iterable[BackupItem], discovery: Discovery) -> BackupItem:
    """The copy of an object to restore: the default one when the target serves its version, else one it does serve."""
    served = discovery.versions(item.resource)
    if not served or item.version in served:
        return item
    copies = {copy.version: copy for copy in others if copy.resource == item.resource}
    return next((copies[version] for version in served if version in copies), item)


def _not_served(plan: Plan, items: list[BackupItem], name: str, version: str, discovery: Discovery) -> None:
    served = ", ".join(discovery.versions(name))
    if served:
        detail = f"the backup has {name} at version {version}, the target serves {served}"
    elif discovery.is_incomplete(name):
        detail = f"the API group {name.partition('.')[2]} of the target does not answer; see its APIService"
    else:
        detail = f"the target does not serve {name}, and no CustomResourceDefinition {name} is selected"
    reason = Reason.GROUP_INCOMPLETE if not served and discovery.is_incomplete(name) else Reason.NOT_SERVED
    for item in items:
        plan.fail(item, reason, detail)


def _plan_type(
    plan: Plan,
    resource: Resource,
    items: list[BackupItem],
    target: Target,
    decider: Decider,
    desired: Callable[[BackupItem], Body],
) -> None:
    wanted: dict[Place, BackupItem] = {}
    for item in items:
        problem = _mismatch(item, resource)
        if problem:
            plan.fail(item, Reason.BAD_OBJECT, problem)
        elif target.namespaces.get(item.key.namespace):
            plan.fail(item, Reason.NAMESPACE_TERMINATING, "run again once it is gone")
        else:
            wanted[item.key.namespace, item.key.name] = item
    try:
        reads = read(target.client, resource, wanted.keys(), len(target.namespaces))
        found = dict(_compared(reads, wanted, desired, target))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        reason = Reason.GROUP_INCOMPLETE if target.discovery.is_incomplete(resource.name) else Reason.READ_REFUSED
        for item in wanted.values():
            plan.fail(item, reason, str(error))
        return
    for place, item in wanted.items():
        _settle(plan, item, found.get(place), decider)


def _compared(
    reads: Iterator[Read], wanted: dict[Place, BackupItem], desired: Callable[[BackupItem], Body], target: Target
) -> Iterator[tuple[Place, Comparison | ClusterError]]:
    for place, live, error in reads:
        if live is not None:
            yield place, target.compare(wanted[place], live, desired(wanted[place]))
        elif error is not None:
            yield place, error


def _settle(plan: Plan, item: BackupItem, found: Comparison | ClusterError | None, decider: Decider) -> None:
    if isinstance(found, ClusterError):
        plan.fail(item, Reason.READ_REFUSED, str(found))
    elif found is not None and found.terminating:
        plan.fail(item, Reason.TERMINATING, "its deletion has begun and a finalizer holds it; the next run restores it")
    else:
        plan.changes.append(decider.decide(item, found))


def _mismatch(item: BackupItem, resource: Resource) -> str:
    """Only the target knows which kind a folder's objects must have, and whether they lie in namespaces."""
    if item.key.kind != resource.kind:
        return f"its kind is {item.key.kind}, that of {item.resource} is {resource.kind}"
    if bool(item.key.namespace) != resource.namespaced:
        scope = "lie in namespaces" if resource.namespaced else "are cluster-scoped"
        return f"{item.resource} {scope} on the target, not in the backup"
    return ""


def storage_classes(items: Iterable[BackupItem], target: Target) -> frozenset[str]:
    """Names of the storage classes that the target has, or gets by this restore."""
    name = "storageclasses.storage.k8s.io"
    found = {item.key.name for item in items if item.resource == name}
    resource = target.discovery.find(name, "v1")
    if resource is not None:
        found.update(place_of(body)[1] for page in target.client.pages(resource) for body in page)
    return frozenset(found)


def superfluous_tokens(
    tokens: dict[ObjectKey, str], items: Iterable[BackupItem], target: Target
) -> frozenset[ObjectKey]:
    """Token Secrets whose service account the target has, or gets by this restore before it comes to Secrets.

    Its token there is another one (Velero 1.18, pkg/restore/actions/secret_action.go).
    """
    wanted = frozenset((key.namespace, account) for key, account in tokens.items())
    if not wanted:
        return frozenset()
    accounts = {(item.key.namespace, item.key.name) for item in items if item.resource == "serviceaccounts"}
    resource = target.discovery.find("serviceaccounts", "v1")
    if resource is not None:
        accounts.update(
            found.place for found in read(target.client, resource, wanted, len(target.namespaces)) if found.body
        )
    return frozenset(key for key, account in tokens.items() if (key.namespace, account) in accounts)


def missing_namespaces(
    needed: Iterable[str], there: dict[str, bool], selected: Iterable[BackupItem], backup: Iterable[BackupItem]
) -> list[BackupItem]:
    """Namespaces that selected objects lie in and the target lacks, as items: the backup's own, or a blank one.

    They are ensured even when the filters leave Namespaces out (Velero 1.18, pkg/restore/restore.go,
    processSelectedResource).
    """
    have = {item.key.name for item in selected if item.resource == "namespaces"}
    wanted = [name for name in needed if name not in there and name not in have]
    if not wanted:
        return []
    known = {item.key.name: item for item in backup if item.resource == "namespaces" and not item.problem}
    return [known.get(name) or BackupItem(ObjectKey("", "Namespace", "", name), "namespaces", "v1") for name in wanted]
