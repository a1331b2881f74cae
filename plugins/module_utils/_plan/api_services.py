# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which APIServices an activation creates from their copies, and which a hold takes away again; writes nothing.

A hold removes just what an activation created: what the inventory has with the UID that it has on the target. Anything
else that stands is left as it is, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from .._cluster.client import Client
from .._errors import ClusterError, NotFound, Unauthorized, Unreachable
from .._hold.waking import Known
from .._inventory.kept_copy import COPIED, ApiService, KeptCopy, bare
from .._kinds import API_SERVICE, API_SERVICES, SECRET, SECRETS
from .._match.entries import is_named
from .._options.workloads import WorkloadSettings
from .._unstructured import as_text, nested, service_asked
from .._values import Body, Change, Comparison, ObjectKey, ObjectRef
from .._vocabulary import Action, Reason
from .._waking_words import WakingReason


@dataclass(frozen=True)
class Copies:
    """What the state namespace has of APIServices."""

    known: Mapping[ObjectKey, KeptCopy]
    refused: Mapping[str, str]
    """Secrets from which nothing is created, and why."""


NO_COPIES = Copies({}, {})


@dataclass(frozen=True)
class ApiServicePlanning:
    """One look at a target."""

    settings: WorkloadSettings
    client: Client
    inventory: Mapping[ObjectKey, Known]
    copies: Copies

    def planned(self) -> tuple[ApiService, ...]:
        """Sorted by key. What could not be read has failed alone: no workload sleeps on for it."""
        if self.settings.rehearsal:
            return ()
        found = self._to_create() if self.settings.active else self._to_delete()
        return tuple(sorted(found, key=lambda one: one.change.key))

    def _to_create(self) -> Iterator[ApiService]:
        for key, copy in self.copies.known.items():
            if self._is_meant(copy.body):
                yield from self._read(key, partial(self._wanted, key, copy))
        for name, why in self.copies.refused.items():
            key = ObjectKey(SECRET.group, SECRET.kind, self.settings.state_namespace, name)
            yield ApiService(_change(key, Action.FAIL, WakingReason.COPY_REFUSED, detail=why, resource=SECRETS))
        for key, _known in self._copied():
            if key not in self.copies.known and self.settings.means(""):
                yield from self._read(key, partial(self._lost, key))

    def _to_delete(self) -> Iterator[ApiService]:
        for key, _known in self._copied():
            yield from self._read(key, partial(self._unwanted, key))

    def _read(self, key: ObjectKey, decided: Callable[[Body | None], ApiService | None]) -> Iterator[ApiService]:
        try:
            found = decided(self._live(key))
        except (Unreachable, Unauthorized):
            raise
        except ClusterError as error:
            found = ApiService(_change(key, Action.FAIL, Reason.REFUSED, detail=str(error)))
        if found is not None:
            yield found

    def _wanted(self, key: ObjectKey, copy: KeptCopy, live: Body | None) -> ApiService:
        return ApiService(self._woken(key, copy, live), copy, live)

    def _woken(self, key: ObjectKey, copy: KeptCopy, live: Body | None) -> Change:
        known = self.inventory.get(key)
        if live is None and known and known.held == COPIED and known.retired:
            return _change(key, Action.SKIP, WakingReason.NOT_IN_PRODUCTION)
        if live is None:
            return replace(_change(key, Action.CREATE), comparison=Comparison("", patch=copy.body))
        if nested(live, "metadata", "deletionTimestamp"):
            return _change(key, Action.FAIL, Reason.TERMINATING)
        if self._is_ours(key, live) or copy.made(live):
            return _change(key, Action.NOOP, live=live)
        return _change(key, Action.SKIP, Reason.LEFT_STANDING)

    def _lost(self, key: ObjectKey, live: Body | None) -> ApiService | None:
        """The inventory knows of a copy that is not there."""
        return ApiService(_change(key, Action.FAIL, WakingReason.NOT_THERE)) if live is None else None

    def _unwanted(self, key: ObjectKey, live: Body | None) -> ApiService | None:
        if live is None or not self._is_meant(live):
            return None
        ref = ObjectRef(key, API_SERVICES, API_SERVICE.version)
        goes = self._is_ours(key, live) and not is_named(ref, self.settings.hold.exceptions)
        action, reason = (Action.DELETE, None) if goes else (Action.SKIP, Reason.LEFT_STANDING)
        return ApiService(_change(key, action, reason, live=live), self.copies.known.get(key), live)

    def _copied(self) -> Iterator[tuple[ObjectKey, Known]]:
        return ((key, known) for key, known in self.inventory.items() if known.held == COPIED and not known.retired)

    def _is_meant(self, body: Body) -> bool:
        """By the namespace of who answers for it, as workloads are."""
        place = service_asked(body, "spec")
        return self.settings.means(place[0] if place else "")

    def _is_ours(self, key: ObjectKey, live: Body) -> bool:
        known = self.inventory.get(key)
        return known is not None and known.held == COPIED and known.uid == nested(live, "metadata", "uid")

    def _live(self, key: ObjectKey) -> Body | None:
        try:
            return self.client.get(API_SERVICE, "", key.name)
        except NotFound:
            return None


def _change(
    key: ObjectKey,
    action: Action,
    reason: Reason | WakingReason | None = None,
    live: Body | None = None,
    detail: str = "",
    resource: str = API_SERVICES,
) -> Change:
    uid, version = (as_text(nested(live, "metadata", part)) for part in ("uid", "resourceVersion"))
    found = Comparison(version, uid=uid, before=bare(live)) if live else None
    return Change(ObjectRef(key, resource, API_SERVICE.version), action, reason, detail, found)
