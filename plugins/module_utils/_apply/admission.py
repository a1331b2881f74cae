# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the target what it would make of a new object with the backup's body, before a difference is believed.

Defaults of another version, a LimitRange, a policy or a webhook make a live object differ from the backup for ever. The
question is a dry-run create under a generated name, which is answered with the object as admitted and defaulted. It is
asked at most once an object, and only where the answer decides something.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property

from .._compare.admitted import Admitted, loses, removes
from .._compare.normalise import digest, strip
from .._errors import ClusterError, Unreachable
from .._kinds import JOBS, SERVICES
from .._merge_patch import apply, project
from .._unstructured import each, nested, without, without_nulls
from .._values import BackupItem, Body, Change
from .._vocabulary import Reason
from .executor import Executor
from .requests import comparison_of, with_metadata

_BEGINNING = 40  # with what follows no name is too long, a CronJob's 52 letters included
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # of which no word can come


@dataclass
class Admission:
    """The question about one change."""

    executor: Executor
    change: Change

    @property
    def makes_it_equal(self) -> bool:
        """Whether a new object would come out as the live one is."""
        return self._verdict is not None and not self._verdict.patch

    @property
    def ignored(self) -> tuple[str, ...]:
        """Of a patch without effect: its fields that a new object would have as the backup says."""
        if comparison_of(self.change).equal or self._verdict is None:
            return ()
        return self._verdict.arriving

    def rest(self) -> Change:
        """The change without what admission would undo; asked only where its patch takes something away."""
        comparison = comparison_of(self.change)
        if not removes(comparison) or self._verdict is None:
            return self.change
        patch = self._verdict.patch
        if patch == comparison.patch:
            return self.change
        before = project(comparison.before, patch)
        return replace(self.change, comparison=replace(comparison, patch=patch, before=before))

    @cached_property
    def _verdict(self) -> Admitted | None:
        """None where the target does not say, and where a definition that this run updates makes it doubtful."""
        item, comparison = self.change.item, comparison_of(self.change)
        if self.executor.gains(item, comparison.patch):
            return None
        answer = _as_new(self.executor, item)
        if answer is None:
            return None
        body, judge = self.executor.desired.body(item), self.executor.comparer.admitted
        kept, reset = (judge(item, comparison, body, answer, keep) for keep in (True, False))
        return kept if kept.patch == reset.patch or self._is_lost(kept, reset) else reset

    def _is_lost(self, kept: Admitted, reset: Admitted) -> bool:
        """Whether a patch takes away for good what a new object would have with another value.

        A default, and what admission sets on updates too, comes back: then the target has the last word on it.
        """
        comparison = comparison_of(self.change)
        tried = with_metadata(reset.patch, {}, comparison.resource_version)
        try:
            answer = self.executor.try_patch(self.change.item, tried, comparison.uid)
        except Unreachable:
            raise
        except ClusterError:
            return True
        wanted = apply(without_nulls(comparison.before), kept.patch)
        return loses(wanted, strip(answer, self.change.ref.resource))


def _as_new(executor: Executor, item: BackupItem) -> Body | None:
    body = under_generated_name(executor.desired.body(item))
    fit = _FIT_FOR_ANOTHER.get(item.resource)
    try:
        return executor.admit(item, fit(body) if fit else body)
    except Unreachable:
        raise
    except ClusterError:
        return None


def _without_node_ports(service: Body) -> Body:
    """Those that the user chose are the live Service's own, and no other may ask for them."""
    bare = without(service, ("spec",), ("healthCheckNodePort",))
    return each(bare, ("spec", "ports"), lambda port: without(port, (), ("nodePort",)))


def _without_job_names(job: Body) -> Body:
    """The API server writes a Job's name into the labels of its Pods, and refuses another's (seen on 1.30 and 1.36)."""
    if nested(job, "spec", "manualSelector") is True:
        return job
    return without(job, ("spec", "template", "metadata", "labels"), ("batch.kubernetes.io/job-name", "job-name"))


_FIT_FOR_ANOTHER = {JOBS: _without_job_names, SERVICES: _without_node_ports}
"""What no other object of the type may have."""


def under_generated_name(body: Body) -> Body:
    """The body as another object: under its own name a dry-run create meets the object itself.

    The name begins as its own does, and is there from the start: policies ask for it, and the API server makes one up
    only after admission (seen on 1.36).
    """
    beginning = f"{body['metadata']['name'][:_BEGINNING].rstrip('-.')}-"
    name = beginning + "".join(random.choices(_LETTERS, k=5))
    return {**body, "metadata": {**body["metadata"], "generateName": beginning, "name": name}}


def is_without_effect(executor: Executor, change: Change) -> bool:
    """Whether the target would keep its own values, by a dry run of the patch."""
    comparison = comparison_of(change)
    if executor.gains(change.item, comparison.patch):
        return False
    tried = with_metadata(comparison.patch, {}, comparison.resource_version)
    answer = executor.try_patch(change.item, tried, comparison.uid)
    return digest(strip(answer, change.ref.resource)) == comparison.digest


def equal_all_the_same(executor: Executor, change: Change) -> Reason | None:
    """Why an object that policy none leaves alone is not different, as far as the target says; one dry run mostly."""
    comparison = comparison_of(change)
    if comparison.equal or comparison.trust is not None:
        return None  # nothing but a certificate authority differs, which is the backup's word
    admission = Admission(executor, change)
    if admission.makes_it_equal:
        return Reason.EQUAL_AFTER_ADMISSION
    if admission.ignored or not is_without_effect(executor, change):
        return None
    return Reason.NO_EFFECT
