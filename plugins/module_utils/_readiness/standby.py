# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target as the checks read it: few requests, metadata alone where they are enough, and nothing read twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from .._cluster.client import METADATA_TYPE, Client
from .._cluster.discovery import Discovery
from .._cluster.reader import Place, place_of
from .._cluster.services import OF_SERVICE, is_ready
from .._errors import ClusterError, Forbidden
from .._kinds import DEFINITION, ENDPOINT_SLICES, SERVICES
from .._unstructured import as_maps, as_text, nested, service_asked
from .._values import Body, Resource


class Definition(NamedTuple):
    """A CustomResourceDefinition, without its schemas."""

    name: str
    problem: str
    """Why its type is not served; empty when it is."""
    converts: bool
    """By a webhook."""
    service: Place | None
    """Who converts; None when it is outside the cluster."""


class Standby:
    """Each answer is asked for once. Raises a ClusterError where the target does not tell."""

    def __init__(self, client: Client, discovery: Discovery) -> None:
        self.discovery = discovery
        self._client = client
        self._definitions: tuple[Definition, ...] | None = None
        self._unanswered: dict[Place, str] = {}
        self._services: dict[str, frozenset[str]] = {}

    def now(self) -> float:
        """By the API server's clock."""
        return self._client.server_time()

    def bodies(self, name: str, namespace: str = "", selector: str = "", accept: str = "") -> Iterator[Body]:
        """The objects of a type; none where it is not served."""
        resource = self._type(name)
        if resource is not None:
            pages = self._client.pages(resource, namespace, selector, **({"accept": accept} if accept else {}))
            yield from (body for page in pages for body in page)

    def metadata(self, name: str) -> Iterator[Body]:
        """The same without what is in them."""
        return self.bodies(name, accept=METADATA_TYPE)

    def places(self, name: str, namespaces: Collection[str]) -> frozenset[Place]:
        """Of the objects in these namespaces: by one list, or where that is not allowed by one a namespace."""
        try:
            return frozenset(place for place in map(place_of, self.metadata(name)) if place[0] in namespaces)
        except Forbidden:
            found = (self.bodies(name, namespace, accept=METADATA_TYPE) for namespace in sorted(namespaces))
            return frozenset(place_of(body) for bodies in found for body in bodies)

    def definitions(self) -> tuple[Definition, ...]:
        if self._definitions is None:
            pages = self._client.pages(DEFINITION)
            self._definitions = tuple(_definition(body) for page in pages for body in page)
        return self._definitions

    def unanswered(self, service: Place) -> str:
        """Why nobody answers at a Service of the target; empty when somebody is ready to. Nobody is called."""
        if service not in self._unanswered:
            self._unanswered[service] = self._why(*service)
        return self._unanswered[service]

    def _why(self, namespace: str, name: str) -> str:
        if name not in self._services_of(namespace):
            return f"Service {namespace}/{name} is not there"
        slices = self.bodies(ENDPOINT_SLICES, namespace, f"{OF_SERVICE}={name}")
        if any(is_ready(endpoint) for one in slices for endpoint in as_maps(one.get("endpoints"))):
            return ""
        return f"Service {namespace}/{name} has no ready endpoint"

    def _services_of(self, namespace: str) -> frozenset[str]:
        if namespace not in self._services:
            bodies = self.bodies(SERVICES, namespace, accept=METADATA_TYPE)
            self._services[namespace] = frozenset(place_of(body)[1] for body in bodies)
        return self._services[namespace]

    def _type(self, name: str) -> Resource | None:
        found = self.discovery.types.get(name)
        if found is None and self.discovery.is_incomplete(name):
            raise ClusterError(f"API group {name.partition('.')[2]} did not answer")
        return found[0] if found else None


def _definition(body: Body) -> Definition:
    conversion = nested(body, "spec", "conversion")
    converts = nested(conversion, "strategy") == "Webhook"
    service = service_asked(conversion, "webhook", "clientConfig") if converts else None
    return Definition(as_text(nested(body, "metadata", "name")), _not_served(body), converts, service)


def _not_served(definition: Body) -> str:
    """By its conditions: Established and NamesAccepted are True of one that is served."""
    listed = as_maps(nested(definition, "status", "conditions"))
    conditions = {as_text(one.get("type")): one.get("status") for one in listed}
    if conditions.get("NamesAccepted") == "False":
        return "its names are taken by another definition"
    return "" if conditions.get("Established") == "True" else "it is not established"
