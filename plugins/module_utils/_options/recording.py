# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the Restore object by which Velero's command line shows a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._match.validation import namespace_problems
from .._source.places import VELERO_NAMESPACE, SourceSettings

HISTORY = 100
MOST_KEPT = 10_000

RECORD_SPEC: dict[str, dict[str, Any]] = {
    "record_restore": {"type": "bool", "default": True},
    "velero_namespace": {"type": "str"},
    "restore_history": {"type": "int", "default": HISTORY},
}


@dataclass(frozen=True)
class Recording:
    """Whether a run is written down as a Restore object, where, and how many of these are kept."""

    on: bool = True
    namespace: str = VELERO_NAMESPACE
    history: int = HISTORY

    def problems(self) -> Iterator[str]:
        """Of the namespace's name, and of the number."""
        for problem in namespace_problems(self.namespace):
            yield f"velero_namespace: {self.namespace!r}: {problem}"
        if not 1 <= self.history <= MOST_KEPT:
            yield f"restore_history: {self.history} is not between 1 and {MOST_KEPT}"


def recording_of(params: Mapping[str, Any], source: SourceSettings) -> Recording:
    """A location of the target itself lies in the namespace of its Velero."""
    location = source.location
    known = location.namespace if location and not location.connection else VELERO_NAMESPACE
    return Recording(params["record_restore"], params["velero_namespace"] or known, params["restore_history"])
