# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workload asleep and awake: two merge patches, each the way back from the other.

What puts a kind to sleep is a merge patch (rules.py). What production had at the fields that it writes is one too: it
is kept as text in an annotation of the object and in the inventory, and gives back exactly that.
"""

from __future__ import annotations

import json
from typing import Any

from .._merge_patch import apply, project, same
from .._unstructured import annotations_of, as_text, without_named
from .._values import Body

ANNOTATION = "standby.velero/held"
"""What production has in the fields that make the object sleep, as a merge patch."""

MOST_TEXT = 256 << 10
"""Characters of it: no API server stores an object with more in its annotations."""


def asleep(body: Body, sleeping: Body) -> Body:
    """The body put to sleep, with what production has remembered in it; one that sleeps already stays as it is."""
    awake = awakened(body, sleeping)
    return apply(apply(awake, sleeping), remembering(text_of(project(awake, sleeping))))


def awakened(body: Body, sleeping: Body) -> Body:
    """The body as its own annotation says that production has it; without the annotation in any case."""
    production = production_of(held_text(body), sleeping)
    bare = without_named(body, (("annotations", ANNOTATION),))
    return bare if production is None else apply(bare, production)


def remembering(text: str) -> Body:
    """The patch that writes down what production has; None takes the annotation away."""
    return {"metadata": {"annotations": {ANNOTATION: text}}}


def text_of(production: Body) -> str:
    """One text for one patch, whatever the order in which it was made."""
    return json.dumps(production, sort_keys=True, separators=(",", ":"))


def held_text(body: Body) -> str:
    """What the object's annotation says; empty where it has none."""
    return as_text(annotations_of(body).get(ANNOTATION))


def production_of(text: str, sleeping: Body) -> Body | None:
    """The patch that the text holds. None unless it writes what the kind's sleep writes, and nothing else."""
    try:
        found = json.loads(text) if text and len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found and _writes_within(found, sleeping) else None


def _writes_within(patch: Body, sleeping: Body) -> bool:
    """A value may stand where the sleep writes deeper: production had no map there."""
    return all(name in sleeping and _fits(value, sleeping[name]) for name, value in patch.items())


def _fits(value: Any, sleeping: Any) -> bool:
    if not isinstance(sleeping, dict) or not sleeping or not isinstance(value, dict):
        return True
    return bool(value) and _writes_within(value, sleeping)


def sleeps(live: Body, sleeping: Body) -> bool:
    """Whether the live object has what makes its kind sleep, whoever wrote it."""
    return same(apply(live, sleeping), live)
