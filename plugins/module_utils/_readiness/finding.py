# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks find, and the one verdict that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import NamedTuple

from .._text import printable
from .reasons import READINESS_SENTENCES, ReadinessReason, Weight, weight_of


class Verdict(str, Enum):
    """Whether the standby could take over now."""

    READY = "ready"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"


class Finding(NamedTuple):
    """One thing that a check has to say; free of values."""

    reason: ReadinessReason
    object: str
    """As messages name it: `Secret shop/tls`."""
    detail: str = ""

    @property
    def weight(self) -> Weight:
        return weight_of(self.reason)

    @property
    def message(self) -> str:
        said = f"{self.object} {READINESS_SENTENCES[self.reason]}"
        return printable(f"{said}: {self.detail}" if self.detail else said)


class Accepted(NamedTuple):
    """What the user knows of and lives with: it is told, and is no part of the verdict."""

    entries: tuple[str, ...] = ()
    """`<reason>`, or `<reason>/<object>` with `*` and `?` in the object."""

    def covers(self, finding: Finding) -> bool:
        return any(_fits(finding, *entry.partition("/")[::2]) for entry in self.entries)

    def problems(self) -> Iterator[str]:
        """Entries whose reason there is not."""
        known = {reason.value for reason in ReadinessReason}
        unknown = (entry for entry in self.entries if entry.partition("/")[0] not in known)
        yield from (f"{entry!r} begins with no reason" for entry in unknown)


NOTHING_ACCEPTED = Accepted()


def _fits(finding: Finding, reason: str, pattern: str) -> bool:
    return finding.reason.value == reason and (not pattern or fnmatchcase(finding.object, pattern))


@dataclass(frozen=True, slots=True)
class Readiness:
    """All that was found, check by check, in the order of the table."""

    found: Mapping[str, tuple[Finding, ...]]
    registries: Mapping[str, int] = field(default_factory=dict)
    """Image registries that the workloads name, and how many images of each."""

    accepted: Accepted = NOTHING_ACCEPTED

    @property
    def verdict(self) -> Verdict:
        return self.verdict_of(finding for findings in self.found.values() for finding in findings)

    def verdict_of(self, findings: Iterable[Finding]) -> Verdict:
        """What blocks outweighs what is not known."""
        return _verdict({finding.weight for finding in findings if not self.accepted.covers(finding)})


def _verdict(weights: set[Weight]) -> Verdict:
    if Weight.BLOCKS in weights:
        return Verdict.NOT_READY
    return Verdict.UNKNOWN if Weight.UNKNOWN in weights else Verdict.READY
