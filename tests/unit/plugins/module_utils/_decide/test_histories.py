# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is pruned that production still has, that someone else made, or that is to be kept for whatever reason.

Random histories of a production cluster, its backups, and a target on which they are restored, told by a model of its
own: it knows who made each object of the target, and shares no code with the inventory or the delta. After each prune
every deletion is judged by what the model knows. Where nothing stands in the way, exactly what is stale is deleted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import NamedTuple

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import PruneExemptions, live_object
from ansible_collections.standby.velero.plugins.module_utils._decide.lacking import count_lacking, reset_returned
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import (
    PrunePlan,
    Pruning,
    RunHealth,
    plan_prune,
    stop_of_run,
)
from ansible_collections.standby.velero.plugins.module_utils._decide.stale import (
    Candidate,
    candidates,
    candidates_of_previous,
    confirm,
    unproven,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.comparable import last_followed
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    NO_LABELS,
    BackupInventory,
    Inventory,
    Labels,
    RestoreScope,
    entry_of,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.merge import record_planned, record_restored
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupInfo,
    BackupItem,
    Change,
    Done,
    ObjectKey,
    ObjectResult,
    Resource,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason

HISTORIES = 10_000
PARTS = 4
STEPS = 18

# production


class Thing(NamedTuple):
    """An object of production as a backup has it."""

    uid: str
    kind: str
    group: str
    namespace: str
    name: str
    broken: bool = False
    """Its file in the backup is of no use, and does not tell its UID."""


TYPES = {
    "ConfigMap": ("configmaps", ("",)),
    "Ingress": ("ingresses", ("networking.k8s.io", "extensions")),
    "PersistentVolumeClaim": ("persistentvolumeclaims", ("",)),
    "Namespace": ("namespaces", ("",)),
}
NAMESPACES = ("a", "b", "kube-system")
NAMES = ("x", "y", "z")
STATE_NAMESPACE = "standby-velero"

Mapping = tuple[tuple[str, str], ...]


def resource_of(kind: str, group: str) -> Resource:
    return Resource(group, "v1", TYPES[kind][0], kind, kind != "Namespace")


RESOURCES = {(kind, group): resource_of(kind, group) for kind, (_plural, groups) in TYPES.items() for group in groups}


@dataclass(frozen=True)
class Backup:
    info: BackupInfo
    things: tuple[Thing, ...]


class Job(NamedTuple):
    """How backups are restored."""

    namespaces: tuple[str, ...]
    """Empty: all, Namespaces too."""
    mapping: Mapping

    @property
    def text(self) -> str:
        return repr(tuple(self))


# the target


@dataclass
class Made:
    """An object of the target, and what the model knows of it."""

    uid: str
    key: ObjectKey
    ours: bool = False
    """Made or taken over by a restore that came to its end, or ended by a restore after that."""
    written: bool = False
    """By a restore, whether it came to its end or not."""
    origin: Thing | None = None
    """Of production, as a restore that came to its end had it last."""
    written_from: Thing | None = None
    """The same of any restore: what its label tells of."""
    run: Run | None = None
    """The restore that restored it last."""
    label: str = ""
    controlled: bool = False
    terminating: bool = False
    missed: list[str] = field(default_factory=list)
    """Backups that lacked it, by their start, one after the other since one had it."""

    def lacking_for(self, backup: Backup) -> int:
        return len(self.missed) + (not self.missed or backup.info.started > self.missed[-1])

    def body(self):
        labels = {"velero.io/backup-name": self.label, "velero.io/restore-name": self.label} if self.label else {}
        metadata = {"uid": self.uid, "labels": labels}
        if self.controlled:
            metadata["ownerReferences"] = [{"uid": "o", "controller": True}]
        if self.terminating:
            metadata["deletionTimestamp"] = "2026-11-24T03:00:00Z"
        return {"metadata": metadata}


@dataclass(frozen=True)
class Run:
    """A restore."""

    backup: Backup
    job: Job


@dataclass(frozen=True)
class Weather:
    """What may happen in a history; in a calm one nothing that stands in the way of a prune."""

    roughness: float

    @property
    def calm(self) -> bool:
        return not self.roughness

    def strikes(self, dice: random.Random, chance: float) -> bool:
        return not self.calm and dice.random() < chance * self.roughness


@dataclass
class History:
    dice: random.Random
    weather: Weather
    told: Counter
    job: Job
    after: int = 1
    """How many backups must have lacked an object."""
    production: dict[tuple[str, str, str, str], Thing] = field(default_factory=dict)
    used: Counter = field(default_factory=Counter)
    """How many UIDs each kind, namespace and name has had."""
    backups: list[Backup] = field(default_factory=list)
    target: dict[ObjectKey, Made] = field(default_factory=dict)
    inventory: Inventory = ()
    numbers: count = field(default_factory=lambda: count(1))
    scope: str = "everything"
    source: str = "cluster-1"

    def uid(self, what: str) -> str:
        return f"{what}-{next(self.numbers)}"

    # what happens in production

    def create(self) -> None:
        kind = self.dice.choice((*TYPES, "ConfigMap", "Ingress"))
        places = NAMESPACES if self.weather.strikes(self.dice, 0.5) else NAMESPACES[:2]
        namespace, name = self.dice.choice(places), self.dice.choice(NAMES)
        if kind == "Namespace":
            namespace, name = "", self.dice.choice(NAMESPACES[:2])
        self._have(Thing(self.uid("p"), kind, self.dice.choice(TYPES[kind][1]), namespace, name))

    def _have(self, thing: Thing) -> None:
        """One API server shows an Ingress in both groups; a backup has it in one of them."""
        place = (thing.kind, thing.namespace, thing.name)
        if not any((old.kind, old.namespace, old.name) == place for old in self.production.values()):
            self.used[place] += 1
            self.production[(thing.group, *place)] = thing

    def _any(self) -> Thing | None:
        return self.production.pop(self.dice.choice(sorted(self.production))) if self.production else None

    def delete(self) -> None:
        self._any()

    def delete_namespace(self) -> None:
        """With all that lies in it."""
        name = self.dice.choice(NAMESPACES[:2])
        for place, thing in tuple(self.production.items()):
            if name in (thing.namespace, thing.name):
                del self.production[place]

    def recreate(self) -> None:
        thing = self._any()
        if thing:
            self._have(thing._replace(uid=self.uid("p")))

    def move(self) -> None:
        thing = self._any()
        if thing:
            self._have(thing._replace(group=self.dice.choice(TYPES[thing.kind][1])))

    def rename(self) -> None:
        """With its UID, which no API server does; only where no UID but this one ever had the name."""
        thing = self._any()
        if thing:
            fresh = self.used[thing.kind, thing.namespace, thing.name] == 1 and thing.kind != "Namespace"
            self._have(thing._replace(name=self.dice.choice((*NAMES, "w"))) if fresh else thing)

    # backups

    def back_up(self) -> None:
        if self.weather.strikes(self.dice, 0.04):
            self.scope = self.dice.choice(("everything", "a only"))
        if self.weather.strikes(self.dice, 0.08):
            self.source = self.dice.choice(("cluster-1", "cluster-2", "cluster-2", ""))
        things = [thing for thing in self.production.values() if self.scope == "everything" or thing.namespace == "a"]
        phase, errors = "Completed", 0
        if self.weather.strikes(self.dice, 0.12):
            phase, errors = self.dice.choice(
                (("PartiallyFailed", 1), ("PartiallyFailed", 0), ("Completed", 1), ("", 0))
            )
            things = [thing for thing in things if self.dice.random() < 0.7]
        if self.weather.strikes(self.dice, 0.05):
            things = [thing._replace(broken=self.dice.random() < 0.3) for thing in things]
        number = next(self.numbers)
        info = BackupInfo(
            name=f"b-{number}",
            schedule="weekly" if self.weather.strikes(self.dice, 0.3) else "nightly",
            started=f"{number:08}",
            phase=phase,
            errors=errors,
            scope=self.scope,
            source=self.source,
            objects=len(things),
        )
        if self.weather.strikes(self.dice, 0.02):
            info = replace(info, schedule="")
        self.backups.append(Backup(info, tuple(things)))

    # what others do on the target

    def meddle(self) -> None:
        """Somebody makes an object by hand, or one in place of a restored one."""
        key = ObjectKey("", "ConfigMap", self.dice.choice(("a", "b", "c")), self.dice.choice((*NAMES, "mine")))
        if self.target and self.dice.random() < 0.6:
            key = self.dice.choice(sorted(self.target))
        if key.kind != "Namespace":
            label = self.backups[-1].info.name if self.backups and key.name == "mine" else ""
            self.target[key] = Made(self.uid("t"), key, label=label)

    def remove(self) -> None:
        if self.target:
            del self.target[self.dice.choice(sorted(self.target))]

    def mark(self) -> None:
        """A controller adopts an object, or its deletion begins."""
        if self.target and self.weather.strikes(self.dice, 1):
            made = self.target[self.dice.choice(sorted(self.target))]
            made.controlled = self.dice.random() < 0.5
            made.terminating = not made.controlled

    def lose_inventory(self) -> None:
        """From then on nothing tells a restored object from a hand-made one but its label."""
        if self.weather.strikes(self.dice, 1):
            self.inventory = ()
            for made in self.target.values():
                made.ours = False

    # restores

    def restore(self) -> None:
        if self.backups:
            old = self.weather.strikes(self.dice, 0.1)
            if self.weather.strikes(self.dice, 0.1):
                self.job = any_job(self.dice)
            Restoring(self, Run(self.dice.choice(self.backups) if old else self.backups[-1], self.job)).go()


def any_job(dice: random.Random) -> Job:
    mapping = dice.choice(((), (), (("a", "c"),), (("a", "c"), ("b", "c")), (("a", "b"), ("b", "a"))))
    return Job(dice.choice(((), (), ("a",), ("a", "b"))), mapping)


@cache
def place_of(thing: Thing, mapping: Mapping) -> ObjectKey:
    """Where a thing of production is on the target."""
    names = dict(mapping)
    if thing.kind == "Namespace":
        return ObjectKey(thing.group, thing.kind, "", names.get(thing.name, thing.name))
    return ObjectKey(thing.group, thing.kind, names.get(thing.namespace, thing.namespace), thing.name)


@cache
def item_of(thing: Thing, mapping: Mapping) -> BackupItem:
    resource = RESOURCES[thing.kind, thing.group]
    source = ObjectKey(thing.group, thing.kind, thing.namespace, thing.name)
    key = place_of(thing, mapping)
    if thing.broken:
        source, key = (part._replace(kind=resource.plural) for part in (source, key))
    return BackupItem(
        key,
        resource.name,
        "v1",
        uid="" if thing.broken else thing.uid,
        source=None if key == source else source,
        problem="is not valid JSON" if thing.broken else "",
    )


class Restoring:
    """One restore, as a run goes: plan, inventory, writes, deletions, inventory."""

    def __init__(self, history: History, run: Run) -> None:
        self.history, self.run = history, run
        self.dice, self.weather = history.dice, history.weather
        self.mapping = run.job.mapping
        self.done: list[Done] = []
        """What became of the backup's objects."""
        self.system = self.weather.strikes(self.dice, 0.5)
        """Whether protect_except lets objects of kube-system in."""

    def _selected(self, backup: Backup) -> list[Thing]:
        wanted = self.run.job.namespaces
        return [thing for thing in backup.things if not wanted or thing.namespace in wanted]

    def _planned(self, backup: Backup) -> dict[ObjectKey, Thing]:
        """What is to be written, by its place; of those that meet in one, the first."""
        planned: dict[ObjectKey, Thing] = {}
        for thing in self._selected(backup):
            if not thing.broken and (self.system or thing.namespace != "kube-system"):
                planned.setdefault(place_of(thing, self.mapping), thing)
        return planned

    def _entries(self, planned: dict[ObjectKey, Thing], uids: dict[ObjectKey, str]) -> BackupInventory:
        entries = {
            key: entry_of(item_of(thing, self.mapping), uids.get(key, ""), self._labels(thing))
            for key, thing in planned.items()
        }
        return BackupInventory(self._scope(self.run.backup, len(self._selected(self.run.backup))), entries)

    def _labels(self, thing: Thing) -> Labels:
        """A Namespace gets none: its entry is proof enough, for the inventory is signed."""
        name = self.run.backup.info.name
        return NO_LABELS if thing.kind == "Namespace" else (name, name)

    def _scope(self, backup: Backup, selected: int) -> RestoreScope:
        return RestoreScope(backup.info, self.run.job.text, selected, (backup.info.name, backup.info.name))

    def go(self) -> None:
        history = self.history
        history.inventory = reset_returned(history.inventory, self._this(), self._items())
        self._see_again()
        planned = self._planned(self.run.backup)
        plan, gone = self._prune_plan(planned)
        history.inventory = record_planned(history.inventory, self._entries(planned, {}))
        uids = self._written(planned)
        if uids is None:
            return
        interrupted = self.weather.strikes(self.dice, 0.1)
        for key, uid in uids.items() if not interrupted else ():
            made = history.target[key]
            made.ours, made.run, made.origin = made.uid == uid, self.run, planned[key]
        deleted = self._pruned(plan, interrupted)
        if not interrupted:
            missing = [*gone, *(key for key in deleted if key not in history.target)]
            restored = record_restored(history.inventory, self._entries(planned, uids), missing)
            history.inventory = count_lacking(restored, self._this(), self._items())
            self._miss()

    def _this(self) -> RestoreScope:
        return self._scope(self.run.backup, len(self._selected(self.run.backup)))

    def _items(self) -> list[BackupItem]:
        return [item_of(thing, self.mapping) for thing in self.run.backup.things]

    def _of_schedule(self) -> Iterator[Made]:
        schedule = self.run.backup.info.schedule
        for made in self.history.target.values():
            if made.ours and schedule and made.run.backup.info.schedule == schedule:
                yield made

    def _see_again(self) -> None:
        for made in self._of_schedule():
            if still_there(made.key, made.origin, self.run.backup, self.mapping):
                made.missed = []

    def _miss(self) -> None:
        """After a run that came to its end. Whether its backup compares is not asked: what is promised is a lack."""
        started = self.run.backup.info.started
        for made in self._of_schedule() if self._selected(self.run.backup) else ():
            later = not made.missed or started > made.missed[-1]
            if later and not still_there(made.key, made.origin, self.run.backup, self.mapping):
                made.missed.append(started)

    def _written(self, planned: dict[ObjectKey, Thing]) -> dict[ObjectKey, str] | None:
        """The UIDs of what is the backup's afterwards; None when the run was killed on the way."""
        ends_at = self.dice.randrange(len(planned) + 1) if self.weather.strikes(self.dice, 0.12) else None
        uids: dict[ObjectKey, str] = {}
        policy = self.dice.choice(("update", "update", "recreate", *(() if self.weather.calm else ("none",))))
        for number, (key, thing) in enumerate(planned.items()):
            if number == ends_at:
                break
            made = self._write(key, thing, policy)
            if made is not None:
                uids[key] = made.uid
        return uids if ends_at is None else None

    def _write(self, key: ObjectKey, thing: Thing, policy: str) -> Made | None:
        """The object that is the backup's afterwards; None when it failed, or is somebody else's and differs."""
        history = self.history
        there = history.target.get(key)
        if self.weather.strikes(self.dice, 0.03) or (there and there.terminating):
            self._note(thing, Outcome.FAILED, Reason.REFUSED)
            return None
        if there is None or policy == "recreate":
            there = history.target[key] = Made(history.uid("t"), key)
        elif policy == "none":
            self._note(thing, Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
            return there if there.ours else None
        unverified = self.weather.strikes(self.dice, 0.01)
        self._note(thing, Outcome.UPDATED, Reason.UNVERIFIED if unverified else None)
        there.written, there.label, there.written_from = True, self.run.backup.info.name, thing
        return there

    def _note(self, thing: Thing, outcome: Outcome, reason: Reason | None = None) -> None:
        self.done.append(Done(Change(item_of(thing, self.mapping), Action.UPDATE), ObjectResult(outcome, reason)))

    # the delta

    def _prune_plan(self, planned: dict[ObjectKey, Thing]) -> tuple[PrunePlan, tuple[ObjectKey, ...]]:
        """Made before anything is written, with what is not on the target any more, for the inventory to forget."""
        inventory, info = self.history.inventory, self.run.backup.info
        items = self._items()
        self.by_label = None
        self.previous = last_followed(inventory, info, self.run.job.text) if info.schedule else None
        if self.previous is None and len(self.history.backups) > 1 and not self.weather.calm:
            found = self._by_label(items)
        else:
            found = (*candidates(inventory, info.schedule, items), *unproven(inventory, info.schedule, items))
        after = self.history.after
        self.pruning = Pruning(1000, 100_000, ("*",), after, signed=True)
        self.excepted: tuple[str, ...] = ("*/kube-system/*",) if self.system else ()
        if not self.weather.calm:
            allow = self.dice.choice(((), ("persistentvolumeclaims/x",), ("namespaces/a",), ("*",), ("*",)))
            bounds = self.dice.choice((0, 1, 3, 10, 10)), self.dice.choice((10, 30, 50, 100, 100))
            self.pruning = Pruning(*bounds, allow, after, signed=True)
        delta = confirm(found, self._read(found))
        unchecked = "no list" if self.weather.strikes(self.dice, 0.02) else ""
        self.health = RunHealth(self._failing(planned), incomplete=self._incomplete(), unproven=unchecked)
        return plan_prune(delta, self.previous, self._this(), self.health, self.pruning), delta.gone

    def _by_label(self, items: list[BackupItem]) -> tuple[Candidate, ...]:
        """An earlier backup serves, where the target has no inventory of the schedule."""
        self.by_label = self.dice.choice((self.history.backups[-2], *self.history.backups[-3:]))
        selected = [item_of(thing, self.mapping) for thing in self._planned(self.by_label).values()]
        self.previous = self._scope(self.by_label, len(selected))
        return candidates_of_previous(selected, self.by_label.info, self.run.job.text, items)

    def _failing(self, planned: dict[ObjectKey, Thing]) -> int:
        """How many objects a plan fails: their files are of no use, or they are being deleted."""
        broken = [thing for thing in self._selected(self.run.backup) if thing.broken]
        for thing in broken:
            self._note(thing, Outcome.FAILED, Reason.INVALID_OBJECT)
        there = map(self.history.target.get, planned)
        return len(broken) + sum(made is not None and made.terminating for made in there)

    def _pruned(self, plan: PrunePlan, interrupted: bool) -> dict[ObjectKey, Made]:
        """What was deleted, and judged; nothing once the run itself forbids it."""
        self.stop = stop_of_run(self.done)
        self.before = dict(self.history.target)
        if self.weather.strikes(self.dice, 0.1):
            self.history.meddle()
        deletions = () if self.stop else plan.deletions
        if interrupted:
            deletions = deletions[: self.dice.randrange(len(deletions) + 1)]
            self.history.told[StopReason.INTERRUPTED] += 1
        deleted = self._carried_out(deletions)
        self.size = len(plan.objects)
        self._tell(plan, deleted)
        Judging(self, deleted).judge([decision.key for decision in plan.objects])
        return deleted

    def _incomplete(self) -> tuple[str, ...]:
        return ("metrics.k8s.io",) if self.weather.strikes(self.dice, 0.03) else ()

    def _read(self, found):
        exemptions = PruneExemptions(STATE_NAMESPACE, self.excepted, self.pruning.allow)
        live = {}
        for key in (candidate.key for candidate in found):
            there = self.history.target.get(key)
            resource = RESOURCES[key.kind, key.group]
            if not self.weather.strikes(self.dice, 0.01):
                live[key] = live_object(key, resource, there.body(), exemptions) if there else None
        return live

    def _carried_out(self, deletions: tuple[Change, ...]) -> dict[ObjectKey, Made]:
        """What the API server deletes: only the very object of the UID, a Namespace with all that lies in it."""
        target = self.history.target
        deleted: dict[ObjectKey, Made] = {}
        for change in deletions:
            there = target.get(change.key)
            if self.weather.strikes(self.dice, 0.05):  # refused, or replaced by somebody in between
                continue
            if there is None or there.uid != change.comparison.uid:
                assert change.key in deleted or there is not self.before.get(change.key)
                continue
            inside = [key for key in target if change.key.kind == "Namespace" and key.namespace == change.key.name]
            for key in (*inside, change.key):
                made = target.pop(key)
                if key in inside and not made.ours:
                    self.history.told["taken along"] += 1
                else:
                    deleted[key] = made
        return deleted

    def _tell(self, plan, deleted) -> None:
        told = self.history.told
        told.update(stop.reason for stop in (*plan.stops, *filter(None, (self.stop,))))
        told.update(decision.keep for decision in plan.objects if decision.keep)
        told["deleted"] += len(deleted)
        told["calm prunes" if self.weather.calm else "rough prunes"] += bool(deleted)
        told["prunes by label"] += bool(deleted) and self.by_label is not None


def still_there(key: ObjectKey, origin: Thing, backup: Backup, mapping: Mapping) -> bool:
    """Whether the backup has what the object was made from, or brings something to its place."""
    for thing in backup.things:
        same_uid = thing.uid == origin.uid and not thing.broken
        same_name = (thing.kind, thing.namespace, thing.name) == (origin.kind, origin.namespace, origin.name)
        landing = place_of(thing, mapping)
        same_place = (landing.kind, landing.namespace, landing.name) == key[1:]
        if same_uid or same_name or same_place:
            return True
    return key.kind == "Namespace" and any(
        thing.namespace == origin.name or place_of(thing, mapping).namespace == key.name for thing in backup.things
    )


class Judging:
    """Whether a prune was right, by the model alone."""

    def __init__(self, restoring: Restoring, deleted: dict[ObjectKey, Made]) -> None:
        self.restoring, self.deleted = restoring, deleted
        self.backup, self.job = restoring.run.backup, restoring.run.job
        self.mapping = restoring.mapping

    def judge(self, listed: list[ObjectKey]) -> None:
        for made in map(self.restoring.before.get, listed):
            if made and made.ours and not self.restoring.by_label:
                self._in_production(made)
                self._of_the_schedule(made)
        for made in self.deleted.values():
            self._somebody_elses(made)
            self._in_production(made)
            self._exempt(made)
            self._comparable(made)
            self._missing_long_enough(made)
        if self.deleted:
            self._whole_run()
        if self.restoring.weather.calm:
            self._exact()

    def _still_there(self, made: Made) -> bool:
        origin = made.written_from if self.restoring.by_label else made.origin
        return still_there(made.key, origin, self.backup, self.mapping)

    def _somebody_elses(self, made: Made) -> None:
        if self.restoring.by_label:
            assert made.written, f"{made.key} was made by somebody else"
            assert made.label == self.restoring.by_label.info.name
        else:
            assert made.ours, f"{made.key} was made by somebody else"

    def _in_production(self, made: Made) -> None:
        assert not self._still_there(made), f"production still has {made.key}"

    def _of_the_schedule(self, made: Made) -> None:
        assert made.run.backup.info.schedule == self.backup.info.schedule, f"{made.key} is of another schedule"

    def _exempt(self, made: Made) -> None:
        restoring, allow = self.restoring, self.restoring.pruning.allow
        assert not made.controlled
        assert not made.terminating
        assert made.key.namespace not in (STATE_NAMESPACE, *(() if restoring.system else ("kube-system",)))
        if made.key.kind == "PersistentVolumeClaim":
            assert "*" in allow or (allow == ("persistentvolumeclaims/x",) and made.key.name == "x")
        if made.key.kind == "Namespace":
            assert "*" in allow or (allow == ("namespaces/a",) and made.key.name == "a")

    def _comparable(self, made: Made) -> None:
        """The object's own backup, whenever that was restored."""
        if self.restoring.by_label is None:
            self._alike(made.run.backup.info)
            assert made.run.job == self.job

    def _missing_long_enough(self, made: Made) -> None:
        """Without an inventory nothing but this backup is known to lack it."""
        number = 1 if self.restoring.by_label else made.lacking_for(self.backup)
        assert number >= self.restoring.pruning.after, f"{made.key} was missing from {number} backups only"

    def _alike(self, earlier: BackupInfo) -> None:
        now = self.backup.info
        for info in (earlier, now):
            assert info.phase == "Completed"
            assert info.errors == 0
            assert info.source
            assert info.schedule
        assert earlier.schedule == now.schedule
        assert earlier.source == now.source
        assert earlier.scope == now.scope
        assert earlier.started <= now.started

    def _whole_run(self) -> None:
        restoring = self.restoring
        assert not [one for one in restoring.done if one.result.outcome is Outcome.FAILED]
        assert not [one for one in restoring.done if one.result.reason is Reason.UNVERIFIED]
        assert restoring.health == RunHealth(0, 0, ())
        self._alike(restoring.previous.backup)
        most = min(restoring.pruning.max_count, restoring.pruning.max_percent * restoring.previous.selected / 100)
        assert restoring.size <= most
        if not restoring.weather.calm:
            assert len(self.deleted) <= restoring.size

    def _exact(self) -> None:
        ours = [made for made in self.restoring.before.values() if made.ours]
        after = self.restoring.pruning.after
        stale = {made.key for made in ours if not self._still_there(made) and made.lacking_for(self.backup) >= after}
        for made in ours:
            if made.key.kind != "Namespace" and made.key not in stale:
                stale.discard(ObjectKey("", "Namespace", "", made.key.namespace))
        assert set(self.deleted) == (stale if self._something_selected() else set())

    def _something_selected(self) -> bool:
        previous = self.restoring.previous
        return bool(previous and previous.selected and self.restoring._selected(self.backup))


WHAT_HAPPENS = {
    History.create: 30,
    History.delete: 14,
    History.delete_namespace: 9,
    History.recreate: 8,
    History.move: 8,
    History.rename: 6,
    History.back_up: 0,
    History.meddle: 8,
    History.remove: 5,
    History.mark: 4,
    History.lose_inventory: 8,
}


def live_through(seed: int, told: Counter) -> None:
    dice = random.Random(seed)
    history = History(dice, Weather(dice.choice((0, 0.1, 0.3, 1))), told, any_job(dice), dice.choice((1, 1, 1, 2, 3)))
    for _number in range(4):
        history.create()
    steps = dice.choices(list(WHAT_HAPPENS), list(WHAT_HAPPENS.values()), k=STEPS)
    for number, step in enumerate(steps):
        step(history)
        if number % 3 == 2:
            history.back_up()
            for _run in range(dice.choice((1, 1, 1, 2))):
                history.restore()


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_pruned_that_should_stay(part):
    """And the histories are rich: each stop and reason to keep has its turn, and prunes take place all the same."""
    told: Counter = Counter()
    each = HISTORIES // PARTS
    for seed in range(part * each, (part + 1) * each):
        try:
            live_through(seed, told)
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error
    assert {*StopReason, *KeepReason} - told.keys() == {
        KeepReason.ACTIVE,
        KeepReason.STATE_NAMESPACE,
        KeepReason.REBUILT,
        KeepReason.UNSIGNED,
    }
    assert told["calm prunes"] > each / 4
    assert told["rough prunes"] > each / 6
    assert told["prunes by label"] > 0
