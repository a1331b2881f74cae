# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for the webhooks of a restore, and whether that sleeps by it; reads the target, and asks once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from .. import _kinds
from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._cluster.reader import Place
from .._cluster.services import Services, pod_of
from .._errors import ClusterError, Unauthorized, Unreachable
from .._text import shown
from .._unstructured import as_map, as_text, is_controlled, nested
from .._values import Body, ObjectKey, ObjectRef, Resource

_WITH_PODS = (
    _kinds.DAEMON_SETS,
    _kinds.DEPLOYMENTS,
    _kinds.REPLICA_SETS,
    _kinds.REPLICATION_CONTROLLERS,
    _kinds.STATEFUL_SETS,
)

Sleeps = Callable[[ObjectRef, Body], bool]


def told_converter(name: str, place: Place) -> str:
    """A sentence for a definition whose converter does not answer: unlike a webhook it cannot sleep."""
    return (
        f"CustomResourceDefinition {shown(name)} converts between its versions by Service"
        f" {shown(place[0])}/{shown(place[1])}, which sleeps or has no ready endpoint: its objects can be"
        " neither read nor written in any but the stored version. That cannot sleep; name the workloads"
        " behind the Service in hold_except, to keep them awake"
    )


class Answering:
    """What cannot be read counts as answered and awake: then a guard stays as it is."""

    def __init__(self, client: Client, discovery: Discovery, sleeps: Sleeps) -> None:
        """`sleeps` tells of a live workload whether it sleeps by us once the run has ended."""
        self.left: set[Place] = set()
        """Services that nobody answers, asked by webhooks that are awake and stay so."""
        self.problems: set[str] = set()
        self._client = client
        self._discovery = discovery
        self._services = Services(client, discovery)
        self._sleeps = sleeps
        self._known: dict[tuple[str, Place], bool] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each, sorted."""
        left = (
            f"Service {place[0]}/{place[1]} has no ready endpoint, and a webhook that asks it is awake on the target:"
            " it is left so, since no hold put to sleep what answers for it"
            for place in sorted(self.left)
        )
        return (*left, *sorted(self.problems))

    def converters(self, found: Iterable[tuple[str, Place]]) -> Iterator[tuple[str, Place]]:
        """Of definitions, by name and who converts for it, those whose converter sleeps by this run or answers not."""
        for name, place in found:
            if self.unanswered(place) or self._once("silenced", place, partial(self._is_silenced, place)):
                yield name, place

    def unanswered(self, place: Place) -> bool:
        return self._once("unanswered", place, lambda: not self._services.is_answered(place))

    def silenced(self, place: Place) -> bool:
        """Whether all that could answer sleeps by us once the run has ended."""
        found = self._once("silenced", place, lambda: self._is_silenced(place))
        if not found and self.unanswered(place):
            self.left.add(place)
        return found

    def _once(self, what: str, place: Place, ask: Callable[[], bool]) -> bool:
        if (what, place) not in self._known:
            try:
                self._known[what, place] = ask()
            except (Unreachable, Unauthorized):
                raise
            except ClusterError as error:
                self.problems.add(f"whether Service {place[0]}/{place[1]} is answered is not known: {error}")
                self._known[what, place] = False
        return self._known[what, place]

    def _is_silenced(self, place: Place) -> bool:
        """A Pod that none of the workloads behind the Service is known to have made answers on."""
        selector = as_map(nested(self._services.service(place), "spec", "selector"))
        behind = list(self._behind(place[0], selector)) if selector else []
        if not behind or not all(self._sleeps(ref, body) for ref, body in behind):
            return False
        names = tuple(f"{ref.key.name}-" for ref, _body in behind)
        return all(pod_of(one).startswith(names) for one in self._services.ready(place))

    def _behind(self, namespace: str, selector: Body) -> Iterator[tuple[ObjectRef, Body]]:
        for name in _WITH_PODS:
            for resource in self._discovery.types.get(name, ())[:1]:
                for page in self._client.pages(resource, namespace):
                    yield from ((_ref(resource, body), body) for body in page if is_behind(body, selector))


def is_behind(body: Body, selector: Body) -> bool:
    """Whether a Service with this selector leads to the Pods of a workload."""
    labels = as_map(nested(body, "spec", "template", "metadata", "labels"))
    return not is_controlled(body) and all(labels.get(name) == value for name, value in selector.items())


def _ref(resource: Resource, body: Body) -> ObjectRef:
    namespace, name = (as_text(nested(body, "metadata", field)) for field in ("namespace", "name"))
    return ObjectRef(ObjectKey(resource.group, resource.kind, namespace, name), resource.name, resource.version)
