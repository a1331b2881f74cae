# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the target has of earlier backups and this one no longer has: state -> candidates -> reads -> verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from ._cluster.reader import read
from ._delta.delta import Candidate, Delta, looked_at
from ._delta.live import Guards, Live, live_of
from ._delta.prune import RunFacts
from ._errors import ClusterError, NotFound, Unauthorized, Unreachable
from ._plan import Target
from ._values import ObjectKey, ObjectResult, Outcome, Reason, Resource

_PROBLEMS = 5
"""That are told; the others count."""
FEW = 50
"""Objects of one type that are asked for one by one, not out of a list of all."""


def left_over(found: Sequence[Candidate], target: Target, guards: Guards) -> tuple[Delta, tuple[str, ...]]:
    """The delta, as the target has it now, and why some of it could not be read.

    No exception: the run has written by now, and what it did must not be lost with a target that goes away.
    """
    live: dict[ObjectKey, Live | None] = {}
    problems: list[str] = []
    try:
        for key, there in _live(found, target, guards):
            if isinstance(there, ClusterError):
                problems.append(f"{key}: {there}")
            else:
                live[key] = there
    except (Unreachable, Unauthorized) as error:
        problems.append(str(error))
    return looked_at(found, live), tuple(problems[:_PROBLEMS])


def run_facts(results: Iterable[ObjectResult], target: Target, unread: Iterable[str]) -> RunFacts:
    """What the run says of itself before it prunes."""
    failed = unproven = 0
    for result in results:
        failed += result.outcome is Outcome.FAILED
        unproven += result.reason is Reason.UNPROVEN
    return RunFacts(failed, unproven, (*sorted(target.discovery.incomplete), *unread))


def _live(
    found: Sequence[Candidate], target: Target, guards: Guards
) -> Iterator[tuple[ObjectKey, Live | ClusterError | None]]:
    types = {(served.group, served.kind): served for served in target.discovery.served()}
    of_type = attrgetter("key.group", "key.kind")
    for (group, kind), members in groupby(sorted(found, key=attrgetter("key")), key=of_type):
        keys = [candidate.key for candidate in members]
        resource = types.get((group, kind))
        if resource is not None:
            yield from _of_type(keys, resource, target, guards)
        elif group not in target.discovery.incomplete:  # the type is gone, and all its objects with it
            yield from ((key, None) for key in keys)


def _of_type(
    keys: list[ObjectKey], resource: Resource, target: Target, guards: Guards
) -> Iterator[tuple[ObjectKey, Live | ClusterError | None]]:
    if len(keys) <= FEW:
        for key in keys:
            yield from _one(key, resource, target, guards)
        return
    wanted = {(key.namespace, key.name): key for key in keys}
    try:
        reads = list(read(target.client, resource, wanted.keys(), len(target.namespaces)))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        yield from ((key, error) for key in keys)
        return
    there = {wanted[place]: live_of(wanted[place], resource, body, guards) for place, body, _error in reads if body}
    unread = {wanted[place]: error for place, body, error in reads if body is None}
    yield from ((key, unread.get(key) or there.get(key)) for key in keys)


def _one(
    key: ObjectKey, resource: Resource, target: Target, guards: Guards
) -> Iterator[tuple[ObjectKey, Live | ClusterError | None]]:
    try:
        yield key, live_of(key, resource, target.client.get(resource, key.namespace, key.name), guards)
    except NotFound:
        yield key, None
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        yield key, error
