# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""That a standby is active, written down twice and read from both: a Secret of the state, and its Namespaces."""

from __future__ import annotations

from collections.abc import Collection

from .._cluster.client import METADATA_TYPE, Client
from .._errors import AlreadyExists, ClusterError, Forbidden, NotFound, Unauthorized, Unreachable
from .._inventory.activation import (
    ANNOTATION,
    NAME,
    Activation,
    Activations,
    Active,
    annotated_in,
    recorded_in,
    secret_of,
)
from .._kinds import NAMESPACE, SECRET
from .._values import Body


class ActivationStore:
    """On one target."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.warnings: tuple[str, ...] = ()
        self._client = client
        self._namespace = namespace
        self._secret: Body | None = None

    def load(self) -> Active:
        """What both say. A ClusterError when the Secret may not be read: nothing is known then.

        Where Namespaces may not be listed, only those that the Secret names are asked.
        """
        try:
            self._secret = self._client.get(SECRET, self._namespace, NAME)
        except NotFound:
            self._secret = None
        recorded = recorded_in(self._secret) if self._secret else {}
        namespaces = self._namespaces(recorded)
        there = frozenset(str(body["metadata"]["name"]) for body in namespaces)
        return Active(recorded, annotated_in(namespaces), there)

    def _namespaces(self, recorded: Activations) -> list[Body]:
        try:
            return [body for page in self._client.pages(NAMESPACE, accept=METADATA_TYPE) for body in page]
        except Forbidden:
            found = []
            for name in recorded:
                try:
                    found.append(self._client.get(NAMESPACE, "", name))
                except (Unreachable, Unauthorized):
                    raise
                except ClusterError:
                    continue
            return found

    def activate(self, active: Active, names: Collection[str], whole: str, now: Activation) -> None:
        """Before anything is woken. What is active already keeps its time; `whole` is WHOLE or empty."""
        wanted = {**active.recorded, **active.annotated}
        for name in (*names, whole):
            if name:
                wanted.setdefault(name, now)
        self._save(wanted)
        for name, activation in wanted.items():
            if name in active.there and active.annotated.get(name) != activation:
                self._annotate(name, activation.text)

    def deactivate(self, active: Active, ended: Collection[str]) -> None:
        """After all sleeps: the Namespaces first, so that what ends this in between leaves it active."""
        for name in sorted(frozenset(ended) & active.annotated.keys()):
            self._annotate(name, None)
        rest = {name: one for name, one in active.all.items() if name not in ended}
        if rest:
            self._save(rest)
        elif self._secret is not None:
            self._client.delete(SECRET, self._namespace, NAME, self._secret["metadata"]["uid"])

    def _save(self, recorded: Activations) -> None:
        if self._secret is not None and recorded_in(self._secret) == dict(recorded):
            return
        secret = secret_of(recorded, self._namespace)
        if self._secret is None:
            try:
                self._secret = self._client.create(SECRET, self._namespace, secret)
                return
            except AlreadyExists:
                self._secret = self._client.get(SECRET, self._namespace, NAME)
        version = {"resourceVersion": self._secret["metadata"]["resourceVersion"]}
        self._secret = self._client.patch(SECRET, self._namespace, NAME, {"metadata": version, "data": secret["data"]})

    def _annotate(self, name: str, text: str | None) -> None:
        """In a failover a Namespace that may not be written must not keep what lies in it asleep."""
        try:
            self._client.patch(NAMESPACE, "", name, {"metadata": {"annotations": {ANNOTATION: text}}})
        except NotFound:
            return
        except (Unreachable, Unauthorized):
            raise
        except ClusterError as error:
            self.warnings += (f"Namespace {name}: its annotation {ANNOTATION} could not be written: {error}",)
