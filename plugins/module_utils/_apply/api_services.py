# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates APIServices from their copies, each once somebody answers for it, and takes them away again.

Created before, its API group would answer with errors, and all that asks for all types of the cluster with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._cluster.services import Services
from .._errors import AlreadyExists, ClusterError, LockLost, NotFound, StateError, Unauthorized, Unreachable
from .._inventory.kept_copy import ApiService
from .._kinds import API_SERVICE
from .._records.kept_copies import KeptCopies
from .._unstructured import as_text, nested
from .._values import Body, Done, ObjectResult
from .._vocabulary import Action, Outcome, Reason
from .._waking_words import WakingReason
from .patience import patiently
from .requests import comparison_of
from .results import done, failed
from .workloads import Waker

_WAITS = WakingReason.API_UNANSWERED
_SETTLED = {Action.NOOP: Outcome.UNCHANGED, Action.SKIP: Outcome.SKIPPED, Action.FAIL: Outcome.FAILED}


@dataclass
class ApiServices:
    """Carries out what a plan says of them."""

    waker: Waker
    services: Services
    kept: KeptCopies
    timeout: float = 0.0
    """Seconds until somebody must answer."""

    def carry_out(self, wanted: Sequence[ApiService]) -> list[Done]:
        """What became of each; one that nobody answers for is not created and has failed: production has it."""
        return patiently(wanted, self._one, _WAITS, self.timeout, self.waker.sleep)

    def _one(self, wanted: ApiService) -> Done:
        change = wanted.change
        if change.action in _SETTLED:
            return Done(change, ObjectResult(_SETTLED[change.action], change.reason, change.detail))
        try:
            return Done(change, self._created(wanted) if change.action is Action.CREATE else self._deleted(wanted))
        except LockLost as error:
            return Done(change, failed(Reason.LOCK_LOST, str(error)))
        except (Unreachable, Unauthorized):
            raise
        except (ClusterError, StateError) as error:
            return Done(change, failed(Reason.REFUSED, str(error)))

    def _created(self, wanted: ApiService) -> ObjectResult:
        place, client = wanted.service, self.waker.client
        if place and not self.waker.dry_run and not self.services.is_answered(place):
            return ObjectResult(Outcome.FAILED, _WAITS, f"Service {place[0]}/{place[1]}")
        if wanted.copy is None:
            raise ValueError(f"{wanted.change.key} has no copy")
        try:
            made = client.create(API_SERVICE, "", wanted.copy.body, self.waker.dry_run)
        except AlreadyExists:
            live = client.get(API_SERVICE, "", wanted.change.key.name)
            if not wanted.copy.made(live):
                return ObjectResult(Outcome.SKIPPED, Reason.LEFT_STANDING)
            made = live
        return done(Outcome.CREATED, uid="" if self.waker.dry_run else _uid(made))

    def _deleted(self, wanted: ApiService) -> ObjectResult:
        """Only once it is kept, under the UID and the version that were read."""
        change, found = wanted.change, comparison_of(wanted.change)
        uid = wanted.copy.uid if wanted.copy else self.kept.save(wanted.live or {})
        try:
            self.waker.client.delete(
                API_SERVICE, "", change.key.name, found.uid, found.resource_version, dry_run=self.waker.dry_run
            )
        except NotFound:
            return done(Outcome.UNCHANGED, uid=uid)
        return done(Outcome.DELETED, uid=uid)


def _uid(body: Body) -> str:
    return as_text(nested(body, "metadata", "uid"))
