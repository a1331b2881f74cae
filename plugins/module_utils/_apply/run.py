# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stages and workers: a stage's changes run in parallel, each result goes into its slot, one thread folds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from .._decide.order import CRDS, NAMESPACES, stage_of
from .._values import Change, ObjectResult, Outcome
from .actions import carry_out
from .crds import wait_served
from .work import Work

SETTLING = 0.25
"""Seconds after which the API server's admission, behind its caches, sees what was stored: a Pod that comes sooner is
refused for want of its PriorityClass (seen on 1.36), or may silently get none of its LimitRange's defaults."""

_READ_BY_ADMISSION = frozenset(stage_of(name) for name in ("limitranges", "priorityclasses.scheduling.k8s.io"))


def apply(work: Work, changes: Sequence[Change], concurrency: int) -> list[ObjectResult]:
    """One result for each change, in the plan's order. `changes` are sorted by stage."""
    results: list[ObjectResult] = []
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        for stage, group in groupby(changes, key=lambda change: stage_of(change.item.resource)):
            members = list(group)
            done = _stage(pool, work, members, concurrency)
            results.extend(done)
            if stage in _READ_BY_ADMISSION and _anything_new(done) and not work.dry_run:
                work.sleep(SETTLING)
            if stage == stage_of(NAMESPACES):
                _note_lost_namespaces(work, done)
            if stage == stage_of(CRDS) and not work.dry_run:
                _wait_for_types(work, changes, done)
    return results


def _stage(pool: ThreadPoolExecutor, work: Work, changes: list[Change], concurrency: int) -> list[ObjectResult]:
    slots: list[ObjectResult | None] = [None] * len(changes)
    queue = iter(range(len(changes)))  # next() of it is atomic: each index goes to one worker

    def worker() -> None:
        for index in queue:
            slots[index] = carry_out(work, changes[index])

    running = [pool.submit(worker) for _number in range(min(concurrency, len(changes)))]
    for future in running:
        future.result()
    return list(_full(slots))


def _full(slots: list[ObjectResult | None]) -> Iterator[ObjectResult]:
    for slot in slots:
        if slot is None:
            raise RuntimeError("a change without a result")
        yield slot


def _anything_new(results: list[ObjectResult]) -> bool:
    return any(result.outcome in (Outcome.CREATED, Outcome.UPDATED) for result in results)


def _note_lost_namespaces(work: Work, results: list[ObjectResult]) -> None:
    for result in results:
        if result.key.kind == "Namespace" and result.outcome is Outcome.FAILED:
            work.lost_namespaces[result.key.name] = result.message


def _wait_for_types(work: Work, changes: Sequence[Change], definitions: list[ObjectResult]) -> None:
    """Types that only this run's definitions bring: nothing to wait for when all were served before."""
    new = {result.key.name for result in definitions if result.outcome in (Outcome.CREATED, Outcome.UPDATED)}
    wanted = {
        (change.item.resource, change.item.version)
        for change in changes
        if change.item.resource in new and work.discovery.find(change.item.resource, change.item.version) is None
    }
    if wanted:
        work.discovery = wait_served(work.client, wanted)
