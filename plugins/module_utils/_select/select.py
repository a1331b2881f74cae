# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup's objects, sorted out: what is restored, what is not and why. Looks at no cluster.

Each body that matters is read once: all Services first, for they tell which Endpoints a controller makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .._kinds import CLAIMS, CRDS, NAMESPACES, SECRETS, SERVICES
from .._match.entries import is_named
from .._unstructured import labels_of
from .._values import BackupItem, Body, Change, ObjectKey, VolumeData
from .._vocabulary import Action, Reason
from .additional_items import PULLED_IN, Ref, needs, ref
from .children import is_made_for_pod, is_unadopted, owners_in
from .filter_policies import FilterPolicies
from .filters import Filters
from .protected import protected_by
from .skip_rules import Place, is_completed, is_controller_made, is_excluded, left_out, selects_pods

_TOKEN_TYPE = "kubernetes.io/service-account-token"


class Backup(Protocol):
    """What is asked of the catalogue."""

    @property
    def items(self) -> tuple[BackupItem, ...]:
        """Every object of the backup."""

    @property
    def uids(self) -> frozenset[str]:
        """Of all its objects, in production."""

    def body(self, item: BackupItem) -> Body:
        """The body of an item."""


class Wanted(Protocol):
    """What is asked of the settings."""

    @property
    def filters(self) -> Filters:
        """What the user names."""

    @property
    def filter_policies(self) -> FilterPolicies:
        """Velero's resource filter policies, read."""

    @property
    def protect(self) -> bool:
        """Whether objects that a cluster needs to run are left out."""

    @property
    def protect_except(self) -> tuple[str, ...]:
        """What of them is restored all the same."""

    @property
    def skip_controlled(self) -> bool:
        """Whether objects with a controlling owner are left to it."""

    @property
    def state_namespace(self) -> str:
        """Where this collection keeps its own; never restored."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Every object that the filters keep, in `items` or in `left_out`; sorted by key, whatever the backup's order."""

    items: tuple[BackupItem, ...]
    left_out: tuple[Change, ...]
    controlled: frozenset[ObjectKey]
    """Items whose controlling owner is in the backup: created when missing, never patched."""
    provisioned_volumes: frozenset[str]
    """PersistentVolumes left out because they are provisioned anew."""
    tokens: dict[ObjectKey, str]
    """Secrets named `<service account>-token-…` of that type, and the account: left out when the target has it."""
    namespaces: tuple[str, ...]
    """That must be there: those in which the items lie, and those selected themselves."""
    warnings: tuple[tuple[ObjectKey, str], ...]
    """What an item needs and the backup lacks."""
    definitions: tuple[BackupItem, ...]
    """CRDs of items that are custom resources, themselves not selected: to be created where the target lacks them."""
    filtered: Mapping[ObjectKey, str] = field(default_factory=dict)
    """What the filters keep and an entry of the filter policies does not; other objects may bring it along."""


def select(backup: Backup, wanted: Wanted, volumes: Mapping[str, VolumeData] | None = None) -> Selection:
    """Sorts every item out; an item that is of no use in the backup becomes a failed result, not an exception."""
    sorting = _Sorting(backup, wanted, volumes or {})
    for services in (True, False):
        for item in backup.items:
            if (item.resource == SERVICES) is services:
                sorting.look_at(item)
    return sorting.selection()


@dataclass(slots=True)
class _Sorting:
    """One pass over a backup; its lists grow until `selection` freezes them."""

    backup: Backup
    wanted: Wanted
    volumes: Mapping[str, VolumeData]
    selecting: set[Place] = field(default_factory=set)
    items: list[BackupItem] = field(default_factory=list)
    left_out: list[Change] = field(default_factory=list)
    controlled: set[ObjectKey] = field(default_factory=set)
    provisioned_volumes: set[str] = field(default_factory=set)
    tokens: dict[ObjectKey, str] = field(default_factory=dict)
    warnings: list[tuple[ObjectKey, str]] = field(default_factory=list)
    taken: set[Ref] = field(default_factory=set)
    filtered: dict[ObjectKey, str] = field(default_factory=dict)
    pullable: dict[Ref, BackupItem] = field(init=False)
    owners: dict[str, BackupItem] = field(init=False)
    """By production's UID: those whose children are theirs by UID."""
    by_labels: bool = field(init=False)
    """Whether the user selects by labels at all."""

    def __post_init__(self) -> None:
        self.pullable = {ref(item): item for item in self.backup.items if item.resource in PULLED_IN}
        self.owners = owners_in(self.backup.items)
        self.by_labels = bool(self.wanted.filters.selectors or self.wanted.filter_policies)

    def look_at(self, item: BackupItem) -> None:
        """Notes a Service's selector even when the filters drop the Service: a controller of the target follows it."""
        keeps = self.wanted.filters.keeps(item) and self._lets_through(item, None)
        if not keeps and item.resource != SERVICES:
            return
        body = self._body(item)
        if item.resource == SERVICES and selects_pods(body):
            self.selecting.add((item.key.namespace, item.key.name))
        if keeps and self._selects(item, body) and self._is_new(item):
            self._take(item, body)

    def _selects(self, item: BackupItem, body: Body) -> bool:
        """A broken item is judged without its labels, which nobody can know: it fails, as in Velero."""
        if item.problem or not self.by_labels:
            return True
        if self.wanted.filter_policies.judges(item):
            return self._lets_through(item, labels_of(body))
        return self.wanted.filters.selects(labels_of(body))

    def _lets_through(self, item: BackupItem, labels: Body | None) -> bool:
        """By the filter policies, at first without labels, for most of what they keep out need not be read."""
        entry = self.wanted.filter_policies.kept_out_by(item, labels)
        if entry:
            self.filtered[item.key] = entry
        return not entry

    def _body(self, item: BackupItem) -> Body:
        """Empty when the item is broken: a rule that goes by names still covers it."""
        return {} if item.problem else self.backup.body(item)

    def _is_new(self, item: BackupItem) -> bool:
        if item.resource not in PULLED_IN:
            return True
        new = ref(item) not in self.taken
        self.taken.add(ref(item))
        return new

    def _take(self, item: BackupItem, body: Body) -> None:
        if is_completed(item, body):
            return
        reason, detail = self._why_not(item, body)
        if reason is not None:
            self._skip(item, reason, detail)
        elif item.problem:
            self.left_out.append(Change(item, Action.FAIL, Reason.INVALID_OBJECT, item.problem))
        else:
            self._keep(item, body)

    def _why_not(self, item: BackupItem, body: Body) -> tuple[Reason | None, str]:
        if self.wanted.state_namespace in (item.key.namespace, item.key.name if item.resource == NAMESPACES else ""):
            return Reason.PROTECTED, "is where the target's own state is kept"
        if self.wanted.protect:
            rule = protected_by(item, body, self.wanted.protect_except)
            if rule:
                return Reason.PROTECTED, rule
        reason = left_out(item, body, self.volumes) or self._why_its_owner_s(item, body)
        if reason is None and self.wanted.protect and is_controller_made(item, body, self.selecting):
            reason = None if is_named(item, self.wanted.protect_except) else Reason.CONTROLLER_GENERATED
        if reason is None and self.wanted.skip_controlled and self._is_controlled(item):
            reason = Reason.HAS_CONTROLLER
        return reason, ""

    def _why_its_owner_s(self, item: BackupItem, body: Body) -> Reason | None:
        """Whatever the options say: restored it would be in its owner's way, or do production's work once more."""
        owner = self.owners.get(item.owner) if item.owner else None
        if owner and is_unadopted(item, owner):
            return Reason.HAS_CONTROLLER
        pod = self._body(owner) or None if owner and item.resource == CLAIMS else None
        return Reason.CONTROLLER_GENERATED if item.owner and is_made_for_pod(item, body, pod) else None

    def _is_controlled(self, item: BackupItem) -> bool:
        return bool(item.owner) and item.owner in self.backup.uids

    def _skip(self, item: BackupItem, reason: Reason, detail: str) -> None:
        if reason is Reason.DYNAMICALLY_PROVISIONED:
            self.provisioned_volumes.add(item.key.name)
        self.left_out.append(Change(item, Action.SKIP, reason, detail))

    def _keep(self, item: BackupItem, body: Body) -> None:
        self.items.append(item)
        if self._is_controlled(item):
            self.controlled.add(item.key)
        if item.resource == SECRETS and body.get("type") == _TOKEN_TYPE:
            account, named, _rest = item.key.name.rpartition("-token-")
            if named and account:
                self.tokens[item.key] = account
        for needed in needs(item, body):
            self._pull_in(item, needed)

    def _pull_in(self, item: BackupItem, needed: Ref) -> None:
        """Only what the filters merely do not ask for comes along; a chain is a Pod, its claim, the claim's volume."""
        pulled = self.pullable.get(needed)
        if pulled is None:
            where = "/".join(part for part in needed if part)
            self.warnings.append((item.key, f"{item.key} needs {where}, which is not in the backup"))
        elif self.wanted.filters.admits(pulled) and self._is_new(pulled):
            self._take(pulled, self._body(pulled))

    def selection(self) -> Selection:
        return Selection(
            items=tuple(sorted(self.items, key=lambda item: (item.key, item.resource))),
            left_out=tuple(sorted(self.left_out, key=lambda change: change.key)),
            controlled=frozenset(self.controlled),
            provisioned_volumes=frozenset(self.provisioned_volumes),
            tokens=self.tokens,
            namespaces=tuple(sorted({_namespace_for(item) for item in self.items} - {""})),
            warnings=tuple(sorted(self.warnings)),
            definitions=self._definitions(),
            filtered=self.filtered,
        )

    def _definitions(self) -> tuple[BackupItem, ...]:
        listed = {item.key for item in self.items} | {change.key for change in self.left_out}
        types = {item.resource for item in self.items}
        known = (item for item in self.backup.items if item.resource == CRDS and item.key.name in types)
        missing = (item for item in known if not item.problem and item.key not in listed)
        wanted = (item for item in missing if not self.wanted.filters.rules_out(item))
        return tuple(item for item in wanted if not is_excluded(self.backup.body(item)))


def _namespace_for(item: BackupItem) -> str:
    """Selected Namespaces are ensured even when no item lies in them."""
    return item.key.name if item.resource == NAMESPACES else item.key.namespace
