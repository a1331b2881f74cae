# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wakes guards, each once somebody answers for it: awake before, it would refuse what it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._cluster.reader import Place
from .._cluster.services import Services
from .._errors import ClusterError, NotFound, Unauthorized, Unreachable
from .._hold.guard_waking import Guard
from .._values import Body, Change, Done, ObjectKey, ObjectRef, ObjectResult
from .._vocabulary import Outcome, Reason
from .._waking_words import WakingReason
from .patience import patiently
from .results import failed
from .workloads import Waker

_WAITS = WakingReason.GUARD_UNANSWERED


@dataclass
class GuardWaker:
    """Carries out what a plan says of guards."""

    waker: Waker
    services: Services
    means: Callable[[str], bool]
    """Whether a namespace is to be woken."""
    timeout: float = 0.0
    """Seconds until somebody must answer."""

    woken: dict[ObjectKey, Done] = field(default_factory=dict)
    """What was woken between the waves."""

    def look(self, guards: Sequence[Guard], patience: float = 0.0) -> None:
        """Wakes those that are answered by now; what is not, or fails, is looked at again behind the last wave."""
        due = () if self.waker.dry_run else [guard for guard in guards if guard.ref.key not in self.woken]
        for done in patiently(due, self._one, _WAITS, min(patience, self.timeout), self.waker.sleep):
            if done.result.outcome is not Outcome.FAILED:
                self.woken[done.change.key] = done

    def carry_out(self, guards: Sequence[Guard]) -> list[Done]:
        """What became of each; one that nobody answers for sleeps on and has failed: production has it awake."""
        due = [guard for guard in guards if guard.ref.key not in self.woken]
        return [*self.woken.values(), *patiently(due, self._one, _WAITS, self.timeout, self.waker.sleep)]

    def _one(self, guard: Guard) -> Done:
        try:
            guard = guard if self.waker.dry_run else guard._replace(live=self._live(guard))
            asleep = guard.asleep(self.means)
            lacking = {} if self.waker.dry_run else self._lacking(asleep)
        except (Unreachable, Unauthorized):
            raise
        except NotFound:
            return Done(guard.woken(()), failed(Reason.CONFLICT, "it was deleted meanwhile"))
        except ClusterError as error:
            return Done(guard.woken(()), failed(Reason.REFUSED, str(error)))
        done = self._written(guard, frozenset(asleep) - frozenset(lacking))
        return _with_lacking(done, lacking) if done.result.outcome is not Outcome.FAILED else done

    def _live(self, guard: Guard) -> Body:
        resource = self.waker.discovery.find(guard.ref.resource, guard.ref.version)
        return self.waker.client.get(resource, "", guard.ref.key.name) if resource else guard.live

    def _lacking(self, asleep: Mapping[str, Place]) -> dict[str, Place]:
        return {name: place for name, place in asleep.items() if not self.services.is_answered(place)}

    def _written(self, guard: Guard, names: frozenset[str]) -> Done:
        def again(_ref: ObjectRef, live: Body) -> Change:
            return guard._replace(live=live).woken(names)

        (done,) = replace(self.waker, again=again, timeout=0).carry_out([[guard.woken(names)]])
        return done


def _with_lacking(done: Done, lacking: Mapping[str, Place]) -> Done:
    if not lacking:
        return done
    detail = "; ".join(f"{name} by Service {place[0]}/{place[1]}" for name, place in sorted(lacking.items())[:5])
    stored = done.result.outcome is Outcome.UPDATED
    return Done(done.change, ObjectResult(Outcome.FAILED, _WAITS, detail, stored=stored))
