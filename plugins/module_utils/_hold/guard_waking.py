# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration of webhooks takes to be woken, or put to sleep, webhook by webhook; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from .._merge_patch import diff, project
from .._unstructured import as_text, nested
from .._values import Body, Change, Comparison, Held, ObjectRef
from .._vocabulary import Action
from .guards import Place, answers_for, asleep, awakened, held_names, sleeps, webhooks_of
from .production import held_text


class Guard(NamedTuple):
    """A configuration of the target, with what the inventory says that production has of what sleeps in it."""

    ref: ObjectRef
    live: Body
    recorded: str = ""

    def asleep(self, means: Callable[[str], bool]) -> dict[str, Place]:
        """Webhooks to be woken, each with who answers for it; by the namespace of that, like a workload.

        One that is awake and not in the annotation was woken before: what became of it since is its own affair.
        """
        said, there = held_names(self.live), webhooks_of(self.live)
        names = [name for name in sorted(held_names(self.live, self.recorded)) if name in said or sleeps(there[name])]
        asked = {name: answers_for(there[name]) for name in names}
        return {name: place for name, place in asked.items() if place and means(place[0])}

    def awake(self) -> dict[str, Place]:
        """Webhooks that could be put to sleep, each with who answers for it."""
        held = held_names(self.live, self.recorded)
        asked = {name: answers_for(one) for name, one in webhooks_of(self.live).items() if name not in held}
        return {name: place for name, place in asked.items() if place}

    def put_to_sleep(self, names: Collection[str]) -> Change:
        """What makes these sleep too, and remembers what they have by now."""
        wanted = asleep(self.live, {*names, *held_names(self.live)}) if names else self.live
        return self._change(diff(self.live, wanted), held_text(wanted))

    def woken(self, names: Collection[str]) -> Change:
        """What gives these back to production."""
        patch = diff(self.live, awakened(self.live, names, self.recorded)) if names else {}
        return self._change(patch, self.recorded or held_text(self.live))

    def _change(self, patch: Body, production: str) -> Change:
        uid, version = (as_text(nested(self.live, "metadata", field)) for field in ("uid", "resourceVersion"))
        found = Comparison(version, patch, project(self.live, patch), uid=uid, held=Held(production))
        return Change(self.ref, Action.UPDATE if patch else Action.NOOP, comparison=found)
