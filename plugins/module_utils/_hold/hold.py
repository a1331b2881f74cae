# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`workloads: hold`: which workloads are restored asleep, and how a live one is to be seen then.

Only what this collection restored is ever put to sleep: what bears our annotation, or has in the inventory the UID of
an object that a restore made. A workload that was awake on the target before keeps the fields that would make it sleep,
unless hold_existing names it. Nothing of the target's control plane is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from .. import _kinds
from .._match.entries import in_full, is_named, unmatched_entries
from .._match.globs import unmatched_names
from .._merge_patch import apply, project
from .._select.protected import protected_by
from .._unstructured import annotations_of, as_text, is_controlled, nested, service_asked, without_named
from .._values import EMPTY, BackupItem, Body, Held, ObjectKey, ObjectRef
from . import guards
from .production import ANNOTATION, asleep, held_text, remembering, sleeps
from .rules import RULES, HoldRule, Sleep, Sleeps, merged, resolved, sleeps_of

Resolve = Callable[[str], str]


def _no(_place: guards.Place) -> bool:
    return False


@dataclass(frozen=True)
class Hold:
    """What the user says of sleep, and what the target has of ours."""

    on: bool = False
    rules: tuple[HoldRule, ...] = ()
    """The user's own; they come behind the table's."""
    exceptions: tuple[str, ...] = ()
    """Entries of what stays awake (hold_except)."""
    existing: tuple[str, ...] = ()
    """Entries of what sleeps although it stood awake on the target before (hold_existing)."""
    protect_except: tuple[str, ...] = ()
    allow_active: str = ""
    """The time of the activation during which a restore may write; empty for none."""
    problems: tuple[str, ...] = ()
    """Why the user's rules cannot be meant."""
    restored: Mapping[ObjectKey, str] = field(default_factory=dict, repr=False)
    """UIDs on the target of what a restore made there."""
    webhooks: bool = False
    """Whether webhooks sleep while nobody answers for them (webhooks: when_ready); under hold they do."""
    recorded: Mapping[ObjectKey, tuple[str, str]] = field(default_factory=dict, repr=False)
    """UID and what production has of webhook configurations that sleep, by the inventory."""
    unanswered: guards.Says = field(default=_no, repr=False, compare=False)
    silenced: guards.Says = field(default=_no, repr=False, compare=False)

    def resolved(self, resolve: Resolve) -> Hold:
        """With each type under its full name, which only the target and the backup know."""
        return replace(
            self,
            rules=tuple(resolved(self.rules, resolve)),
            exceptions=in_full(self.exceptions, resolve),
            existing=in_full(self.existing, resolve),
            protect_except=in_full(self.protect_except, resolve),
        )

    def unmatched(self, items: Iterable[ObjectRef], resources: Iterable[str]) -> Iterator[str]:
        """A sentence for each name that nobody knows: misspelt, it puts nothing to sleep, or keeps nothing awake."""
        yield from unmatched_names("hold_rules", (rule.resource for rule in self.rules), set(resources))
        known = list(items) if self.exceptions or self.existing else []
        yield from unmatched_entries("hold_except", self.exceptions, known)
        yield from unmatched_entries("hold_existing", self.existing, known)

    @cached_property
    def sleeps(self) -> Sleeps:
        """What puts each kind to sleep."""
        return sleeps_of((*RULES, *self.rules))

    def sleep_of(self, ref: ObjectRef, body: Body) -> Sleep | None:
        """What puts this object to sleep; None for one that stays as it is."""
        sleep = self.sleeps.get(ref.resource)
        if sleep is None or is_named(ref, self.exceptions) or protected_by(ref, body, self.protect_except):
            return None
        return sleep

    def names(self, ref: ObjectRef) -> bool:
        """Whether it is created asleep, as far as its type and its name tell."""
        kinds = self.on and ref.resource in self.sleeps
        return (kinds or self.is_guard(ref)) and not is_named(ref, self.exceptions)

    def is_guard(self, ref: ObjectRef) -> bool:
        """Whether it is a configuration of webhooks, and those sleep while nobody answers for them."""
        return (self.on or self.webhooks) and ref.resource in guards.GUARDS

    def keeps_copy(self, ref: ObjectRef, body: Callable[[], Body]) -> bool:
        """Whether an APIService that is not there is kept as a copy: its API group would answer nothing."""
        if ref.resource != _kinds.API_SERVICES or is_named(ref, self.exceptions):
            return False
        if self.on or not self.webhooks:
            return self.on
        place = service_asked(body(), "spec")
        return place is not None and self.unanswered(place)

    def leaves_standing(self, ref: ObjectRef) -> bool:
        """Whether an APIService that is there is left as it is."""
        return self.on and ref.resource == _kinds.API_SERVICES and not is_named(ref, self.exceptions)

    def leaves_out(self, item: BackupItem) -> bool:
        """A Pod without a controller has nothing that could sleep: created, it runs."""
        return self.on and item.resource == _kinds.PODS and not is_named(item, self.exceptions)

    def asleep(self, item: BackupItem, body: Body) -> Body:
        """The desired body of a workload or a guard, asleep; any other body as it is."""
        if self.is_guard(item):
            return self._guard(item, body, None)
        sleep = self.sleep_of(item, body) if self.on else None
        return asleep(body, sleep.patch) if sleep else body

    def beside(self, item: BackupItem, live: Body, desired: Body) -> tuple[Held | None, Body]:
        """What the live object is to this hold, and the desired body beside it: that of the standby's own is awake."""
        if self.is_guard(item):
            wanted = self._guard(item, desired, live)
            awake = not all(map(guards.sleeps, self._meant(wanted, live)))
            return (Held(held_text(wanted), awake) if held_text(wanted) else None), wanted
        sleep = self.sleep_of(item, desired) if self.on else None
        if sleep is None:
            return None, desired
        awake = not sleeps(live, sleep.patch)
        if awake and not self.is_ours(item, live):
            bare = without_named(desired, (("annotations", ANNOTATION),))
            return Held(awake=True), apply(bare, project(live, sleep.patch))
        return Held(held_text(desired), awake), desired

    def _guard(self, item: BackupItem, desired: Body, live: Body | None) -> Body:
        if is_named(item, self.exceptions) or protected_by(item, desired, self.protect_except):
            return desired
        awake = guards.awakened(desired)
        uid, text = self.recorded.get(item.key, ("", ""))
        known = text if live is not None and uid == nested(live, "metadata", "uid") else ""
        return guards.asleep(awake, guards.may_sleep(awake, live, known, self.unanswered, self.silenced))

    @staticmethod
    def _meant(wanted: Body, live: Body) -> Iterator[Body]:
        """The live webhooks that are to sleep."""
        names = guards.held_names(wanted)
        return (one for name, one in guards.webhooks_of(live).items() if name in names)

    def may_silence(self, ref: ObjectRef, live: Body) -> bool:
        """Whether webhooks of a live configuration may be put to sleep with what answers for them."""
        kept = is_named(ref, self.exceptions) or protected_by(ref, live, self.protect_except)
        return not kept and self.is_ours(ref, live)

    def is_ours(self, ref: ObjectRef, live: Body) -> bool:
        """Whether the live object may be put to sleep."""
        if is_named(ref, self.existing):
            return True
        uid = as_text(nested(live, "metadata", "uid"))
        if uid and self.restored.get(ref.key) == uid:
            return True
        return ANNOTATION in annotations_of(live) and not is_controlled(live)

    def settled(self, item: BackupItem, held: Held, desired: Body) -> Body:
        """The desired body asleep after others had their say: autoscalers, and what the user ignores."""
        if item.resource in guards.GUARDS:
            awake = guards.awakened(desired)
            return guards.asleep(awake, guards.held_names(awake, held.production))
        return apply(desired, self.asleep_again(item, held))

    def asleep_again(self, item: BackupItem, held: Held | None) -> Body:
        """The patch that makes it sleep after others had their say: autoscalers, and what the user ignores."""
        sleep = self.sleeps.get(item.resource)
        if held is None or held.own or sleep is None:
            return EMPTY
        return merged(sleep.patch, remembering(held.production))
