# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workloads of the target are to wake, or to sleep: read on the target, no backup at hand; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from .._cluster.checked_discovery import checked_discovery
from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._cluster.services import Services
from .._errors import ClusterError, NotFound, Unauthorized, Unreachable
from .._hold.guard_waking import Guard
from .._hold.guards import GUARD_KINDS, GUARDS
from .._hold.hold import Hold
from .._hold.production import held_text
from .._hold.rules import Wave
from .._hold.waking import Known, Workload, put_to_sleep, woken
from .._inventory.entries import Inventory
from .._inventory.kept_copy import COPIED, ApiService
from .._inventory.record import NEVER_MADE, made_by_restores
from .._match.short_names import served_resolver
from .._options.workloads import WorkloadSettings
from .._unstructured import as_text, is_controlled, labels_of, nested
from .._values import Body, Change, ObjectKey, ObjectRef, Resource
from .._vocabulary import Action
from .._waking_words import WakingReason
from .api_services import NO_COPIES, ApiServicePlanning, Copies
from .guards import Answering
from .injectors import Injectors

INJECTORS = -1
"""Number of their wave: before those of the user."""
BEFORE = -1
"""In place of a wave: before the first."""


@dataclass(frozen=True)
class WorkloadPlan:
    """All that is to be written, wave after wave; complete before the first write."""

    waves: tuple[tuple[Change, ...], ...]
    left: tuple[Change, ...]
    """What is not written: it cannot be, or is not to be."""
    settings: WorkloadSettings
    """With every name in full."""
    discovery: Discovery
    problems: tuple[str, ...] = ()
    """What could not be read, so that nobody knows what sleeps there."""
    known: Mapping[ObjectKey, Known] = field(default_factory=dict)

    guards: tuple[Guard, ...] = ()
    """Configurations of webhooks that sleep, to be woken once somebody answers for them."""

    silenced: Mapping[ObjectKey, frozenset[str]] = field(default_factory=dict)
    """Webhooks, by their configurations, that are put to sleep with what answers for them."""
    warnings: tuple[str, ...] = ()
    injected_after: int | None = None
    """The wave of what answers for sleeping webhooks that change objects: 0, or BEFORE where it is awake already."""

    api_services: tuple[ApiService, ...] = ()
    """To be created from their copies, or taken away again."""

    def again(self, ref: ObjectRef, live: Body) -> Change | None:
        """What is to be done with an object that was written meanwhile; None when nothing is any more."""
        if ref.key in self.silenced:
            guard = Guard(ref, live)
            return guard.put_to_sleep(self.silenced[ref.key] & guard.awake().keys())
        workload = _workload(ref, live, self.settings.hold, self.known)
        return _decided(workload, self.settings) if workload else None


def planned_workloads(
    settings: WorkloadSettings, client: Client, inventory: Inventory, copies: Copies = NO_COPIES
) -> WorkloadPlan:
    """Reads every type that can sleep. Raises Unreachable or Unauthorized: without the target there is no plan."""
    discovery = checked_discovery(client)
    settings = settings.resolved(served_resolver(discovery.served()))
    settings = replace(settings, hold=replace(settings.hold, restored=made_by_restores(inventory)))
    known = _known(inventory)
    plan = _Planning(settings, client, discovery, known).plan()
    return replace(plan, api_services=ApiServicePlanning(settings, client, known, copies).planned())


def _known(inventory: Inventory) -> dict[ObjectKey, Known]:
    """What a backup lacks has lacked it since it was restored: then production has it no more."""
    return {
        key: Known(entry.uid, entry.held, entry.own, bool(entry.lacking.backups))
        for part in inventory
        for key, entry in part.entries.items()
        if entry.uid or entry.held
    }


def _workload(ref: ObjectRef, live: Body, hold: Hold, known: Mapping[ObjectKey, Known]) -> Workload | None:
    """None for what stays as it is whatever is asked for: what an owner looks after."""
    sleep = hold.sleeps.get(ref.resource)
    if sleep is None or is_controlled(live):
        return None
    entry = known.get(ref.key)
    same = entry is not None and entry.uid == as_text(nested(live, "metadata", "uid"))
    return Workload(ref, live, sleep.patch, entry if same else None)


def _decided(workload: Workload, settings: WorkloadSettings) -> Change | None:
    if settings.active:
        return woken(workload)
    hold = settings.hold
    if hold.sleep_of(workload.ref, workload.live) is None or not hold.is_ours(workload.ref, workload.live):
        return None
    return put_to_sleep(workload)


@dataclass
class _Planning:
    """One look at a target."""

    settings: WorkloadSettings
    client: Client
    discovery: Discovery
    known: Mapping[ObjectKey, Known]

    def plan(self) -> WorkloadPlan:
        waves: dict[int, list[Change]] = {}
        left: list[Change] = []
        problems: dict[str, str] = {}
        seen: set[ObjectKey] = set()
        guards = () if self.settings.rehearsal else tuple(self._guards(problems))
        sleeping = guards if self.settings.active else ()
        injectors = Injectors(sleeping, Services(self.client, self.discovery), self.settings.means)
        for resource_name in self.settings.hold.sleeps:
            try:
                for change, wave in self._of_type(resource_name, seen, injectors):
                    (waves.setdefault(wave, []) if change.action is Action.UPDATE else left).append(change)
            except (Unreachable, Unauthorized):
                raise
            except ClusterError as error:
                problems[resource_name] = f"{resource_name} could not be read: {error}"
        answering = Answering(self.client, self.discovery, self._sleeps)
        silenced = {} if self.settings.active else dict(self._silenced(guards, answering))
        behind = [(guard, silenced[guard.ref.key]) for guard in guards if guard.ref.key in silenced]
        falling_asleep = tuple(guard.put_to_sleep(names) for guard, names in behind)
        if self.settings.active:
            left.extend(change for change in self._missing(seen) if change.ref.resource not in problems)
        return WorkloadPlan(
            (
                *([falling_asleep] if falling_asleep else ()),
                *(tuple(sorted(waves[number], key=lambda one: one.key)) for number in sorted(waves)),
            ),
            tuple(sorted(left, key=lambda one: one.key)),
            self.settings,
            self.discovery,
            tuple(problems.values()),
            self.known,
            tuple(guard for guard in guards if guard.asleep(self.settings.means)) if self.settings.active else (),
            silenced,
            answering.warnings,
            (0 if INJECTORS in waves else BEFORE) if injectors else None,
        )

    def _sleeps(self, ref: ObjectRef, live: Body) -> bool:
        """Whether a workload sleeps by us once this has ended."""
        workload = _workload(ref, live, self.settings.hold, self.known)
        if workload is None or not self.settings.means(ref.key.namespace):
            return False
        return _decided(workload, self.settings) is not None

    def _silenced(self, guards: Iterable[Guard], answering: Answering) -> Iterator[tuple[ObjectKey, frozenset[str]]]:
        """Of what restores made, or what slept before, the webhooks whose Services are put to sleep."""
        for guard in guards:
            if not self.settings.hold.may_silence(guard.ref, guard.live):
                continue
            names = [name for name, place in guard.awake().items() if answering.silenced(place)]
            if names:
                yield guard.ref.key, frozenset(names)

    def _guards(self, problems: dict[str, str]) -> Iterator[Guard]:
        for name in sorted(GUARDS):
            try:
                for resource in self.discovery.types.get(name, ())[:1]:
                    yield from (self._guard(resource, body) for page in self.client.pages(resource) for body in page)
            except (Unreachable, Unauthorized):
                raise
            except ClusterError as error:
                problems[name] = f"{name} could not be read: {error}"

    def _guard(self, resource: Resource, body: Body) -> Guard:
        ref = _ref(resource, body)
        entry = self.known.get(ref.key)
        same = entry is not None and entry.uid == as_text(nested(body, "metadata", "uid"))
        return Guard(ref, body, entry.held if entry and same else "")

    def _of_type(self, name: str, seen: set[ObjectKey], injectors: Injectors) -> Iterator[tuple[Change, int]]:
        served = self.discovery.types.get(name)
        if not served:
            if self.discovery.is_incomplete(name):
                raise ClusterError(f"the API group {name.partition('.')[2]} does not answer with all that it has")
            return
        for body in self._bodies(served[0]):
            ref = _ref(served[0], body)
            if not self.settings.means(ref.key.namespace):
                continue
            seen.add(ref.key)
            if self.settings.rehearsal and self.settings.hold.sleeps[name].wave is Wave.BATCH:
                continue
            workload = _workload(ref, body, self.settings.hold, self.known)
            change = _decided(workload, self.settings) if workload else None
            if change is not None:
                yield change, self._wave(name, body, injectors)

    def _bodies(self, resource: Resource) -> Iterator[Body]:
        for namespace in self.settings.exact_namespaces or ("",):
            for page in self.client.pages(resource, namespace):
                yield from page

    def _wave(self, resource: str, body: Body, injectors: Injectors) -> int:
        """The waves of the user come before the table's, and what injects before all, unless the user names it."""
        chosen = self.settings.waves
        labels = labels_of(body)
        first = next((place for place, selector in enumerate(chosen) if selector.matches(labels)), None)
        if first is None and injectors.has(body):
            return INJECTORS
        return self.settings.hold.sleeps[resource].wave + len(chosen) if first is None else first

    def _missing(self, seen: set[ObjectKey]) -> Iterator[Change]:
        """What is to be woken and is not there, and what no restore could put to sleep."""
        for key, known in self.known.items():
            if key.kind in GUARD_KINDS or known.held in ("", COPIED) or known.retired:
                continue
            if key in seen or not self.settings.means(key.namespace):
                continue
            ref = ObjectRef(key, _resource_of(key, self.discovery), "")
            if known.held == NEVER_MADE:
                yield Change(ref, Action.SKIP, WakingReason.CANNOT_SLEEP)
            elif ref.resource in self.settings.hold.sleeps:
                yield Change(ref, Action.FAIL, WakingReason.NOT_THERE)
            elif self._sleeps_there(ref):
                yield Change(ref, Action.FAIL, WakingReason.NO_RULE)

    def _sleeps_there(self, ref: ObjectRef) -> bool:
        """Whether an object of a type without a rule is still what a restore put to sleep."""
        served = self.discovery.types.get(ref.resource)
        if not served:
            return True
        try:
            live = self.client.get(served[0], ref.key.namespace, ref.key.name)
        except NotFound:
            return False
        return bool(held_text(live))


def _ref(resource: Resource, body: Body) -> ObjectRef:
    namespace, name = (as_text(nested(body, "metadata", field)) for field in ("namespace", "name"))
    return ObjectRef(ObjectKey(resource.group, resource.kind, namespace, name), resource.name, resource.version)


def _resource_of(key: ObjectKey, discovery: Discovery) -> str:
    found = (served.name for served in discovery.served() if (served.group, served.kind) == (key.group, key.kind))
    return next(found, "")
