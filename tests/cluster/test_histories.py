# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random histories on a real API server: nothing is pruned that production still has, or that somebody else made.

A model of its own knows who made each object of the target and with what it was restored last; it looks at what the
API server has before and after each run. Where nothing stops a prune, it deletes exactly what the model expects. (The
unit tests live through many more of these, without a server.)
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from controlplane import ControlPlane
from nightly import Corner, failed, stops
from scenes import Body, config_map, put, remove

HISTORIES = 24
PARTS = 4
NIGHTS = 5
NAMES = ("w", "x", "y", "z")

Place = tuple[str, str]
"""Namespace and name."""


class Restored(NamedTuple):
    """An object of the target, as a restore named it last."""

    place: Place
    selection: str
    whole: bool
    """Whether its backup was."""


@dataclass
class History:
    dice: random.Random
    corner: Corner
    told: Counter[str]
    production: dict[Place, str] = field(default_factory=dict)
    """Its UIDs."""
    ours: dict[str, Restored] = field(default_factory=dict)
    """By the UID on the target."""
    selection: str = "everything"
    numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def namespaces(self) -> tuple[str, str]:
        return f"{self.corner.namespace}-a", f"{self.corner.namespace}-b"

    def any_place(self) -> Place:
        return self.dice.choice(self.namespaces), self.dice.choice(NAMES)

    def begin(self) -> None:
        for name in self.namespaces:
            self.corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
        for _number in range(8):
            self.create()

    # production

    def create(self) -> None:
        """A new object, or one anew: another UID in both cases."""
        self.production[self.any_place()] = f"p-{next(self.numbers)}"

    def delete(self) -> None:
        if self.production:
            del self.production[self.dice.choice(sorted(self.production))]

    # the target

    def live(self) -> dict[str, Place]:
        """Its objects by UID."""
        found = {}
        for namespace in self.namespaces:
            status, answer = self.corner.target.api("GET", f"/api/v1/namespaces/{namespace}/configmaps")
            assert status == 200, answer
            found.update({body["metadata"]["uid"]: (namespace, body["metadata"]["name"]) for body in answer["items"]})
        return found

    def make_by_hand(self) -> None:
        """Somebody's own object, in the place of a restored one when there is one; now and then with its labels."""
        place = self.any_place()
        body = body_of(place, "by hand")
        there = self.corner.live(body)
        if there is not None:
            remove(self.corner.target, body)
            if self.dice.random() < 0.5:
                body["metadata"]["labels"] = there["metadata"].get("labels", {})
        put(self.corner.target, body)

    def remove_by_hand(self) -> None:
        there = self.live()
        if there:
            remove(self.corner.target, body_of(there[self.dice.choice(sorted(there))], ""))

    def select_otherwise(self) -> None:
        self.selection = self.dice.choice(("everything", "one namespace"))

    # a night

    def back_up_and_restore(self, hour: int) -> None:
        partial = self.dice.random() < 0.06
        kept = {place: uid for place, uid in self.production.items() if not partial or self.dice.random() < 0.5}
        told = {"phase": "PartiallyFailed", "errors": 1} if partial else {}
        backup = self.corner.backup(hour, *(body_of(place, uid) for place, uid in kept.items()), **told)
        before = self.live()
        selected = self.namespaces if self.selection == "everything" else self.namespaces[:1]
        options = {} if self.selection == "everything" else {"included_namespaces": list(selected)}
        run = self.corner.restore(backup, delta="prune", allow_shrunk=True, allow_empty=True, **options)
        assert failed(run) == []
        after = self.live()
        gone = before.keys() - after.keys()
        self._judge({uid: before[uid] for uid in gone}, kept)
        expected = self._expected(before, kept)
        assert gone == (set() if stops(run) else expected)
        if partial:
            assert not gone
        self.told["deleted"] += len(gone)
        self.told["stopped"] += bool(stops(run)) and bool(expected)
        self.told["kept"] += len([uid for uid, place in after.items() if place not in kept])
        restored = {uid: place for uid, place in after.items() if place in kept and place[0] in selected}
        self.ours.update({uid: Restored(place, self.selection, not partial) for uid, place in restored.items()})

    def _judge(self, gone: dict[str, Place], kept: dict[Place, str]) -> None:
        for uid, place in gone.items():
            assert place not in kept, f"the backup has {place}"
            assert uid in self.ours, f"{place} was made by somebody else"
            assert self.ours[uid].selection == self.selection, f"{place} was restored by another selection"

    def _expected(self, before: dict[str, Place], kept: dict[Place, str]) -> set[str]:
        """What is to go unless anything stops the prune as such."""
        return {
            uid
            for uid, restored in self.ours.items()
            if uid in before and restored.place not in kept and restored.selection == self.selection and restored.whole
        }


def body_of(place: Place, uid: str) -> Body:
    """Each of production's UIDs has a value of its own."""
    namespace, name = place
    return config_map(name, {"of": uid}, namespace, uid=uid)


WHAT_HAPPENS = {
    History.create: 30,
    History.delete: 40,
    History.make_by_hand: 12,
    History.remove_by_hand: 8,
    History.select_otherwise: 18,
}


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_pruned_that_should_stay(shared_controlplane: ControlPlane, tmp_path: Path, part: int):
    """And the histories are rich: prunes take place, some are stopped, and much stays that no backup has."""
    told: Counter[str] = Counter()
    each = HISTORIES // PARTS
    for seed in range(part * each, (part + 1) * each):
        try:
            live_through(seed, Corner.of(shared_controlplane, tmp_path / str(seed), f"history {seed}"), told)
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error
    assert told["deleted"] > each
    assert told["stopped"] > 0
    assert told["kept"] > each


def live_through(seed: int, corner: Corner, told: Counter[str]) -> None:
    dice = random.Random(seed)
    history = History(dice, corner, told)
    history.begin()
    for hour in range(1, NIGHTS + 1):
        for step in dice.choices(list(WHAT_HAPPENS), list(WHAT_HAPPENS.values()), k=3):
            step(history)
        history.back_up_and_restore(hour)
