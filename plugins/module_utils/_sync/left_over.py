# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification finds: objects that a restore has just brought in step, and that are not any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._text import cut, printable
from .._vocabulary import Outcome

LEFT = (Outcome.FAILED, Outcome.RECREATED, Outcome.UPDATED, Outcome.CREATED)
"""What the second run must not find. Labels alone are no part of what production runs."""
_NAMED = 20
_LONGEST = 300

_SAID = {
    Outcome.CREATED: "is missing again",
    Outcome.UPDATED: "differs again",
    Outcome.RECREATED: "differs again, in a field that needs it recreated",
}


def left_over(result: Mapping[str, Any]) -> list[str]:
    """A sentence for each object that a run in check mode of the same backup would still write, as its result says."""
    total = sum(result["counts"][outcome.value] for outcome in LEFT)
    texts = list(_texts(result["objects"]))[:_NAMED]
    return [*texts, f"and {total - len(texts)} more"] if total > len(texts) else texts


def _texts(objects: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in objects:
        if one["outcome"] in LEFT:
            yield _text(one)


def _text(one: Mapping[str, Any]) -> str:
    outcome = Outcome(one["outcome"])
    kind = ".".join(filter(None, (one["kind"], one["group"])))
    place = "/".join(filter(None, (one["namespace"], one["name"])))
    said = _SAID.get(outcome) or f"failed: {one['message']}"
    return printable(cut(f"{kind} {place} {said}", _LONGEST))
