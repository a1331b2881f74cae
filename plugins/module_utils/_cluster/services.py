# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody is ready to answer at a Service of the target; nobody is called."""

from __future__ import annotations

from collections.abc import Iterator

from .._errors import ClusterError, NotFound
from .._kinds import ENDPOINT_SLICES, SERVICES
from .._unstructured import as_maps, as_text, nested
from .._values import Body, Resource
from .client import Client
from .discovery import Discovery
from .reader import Place

OF_SERVICE = "kubernetes.io/service-name"
"""Label of an EndpointSlice."""


class Services:
    """Raises a ClusterError where the target does not tell."""

    def __init__(self, client: Client, discovery: Discovery) -> None:
        self._client = client
        self._discovery = discovery

    def service(self, place: Place) -> Body | None:
        """None when it is not there."""
        try:
            return self._client.get(self._type(SERVICES), *place)
        except NotFound:
            return None

    def is_answered(self, place: Place) -> bool:
        """By one ready endpoint, of a Service that is there; a name elsewhere (ExternalName) counts as answered."""
        service = self.service(place)
        if service is None or nested(service, "spec", "type") == "ExternalName":
            return service is not None
        return any(True for _one in self.ready(place))

    def ready(self, place: Place) -> Iterator[Body]:
        """Its ready endpoints."""
        namespace, name = place
        for page in self._client.pages(self._type(ENDPOINT_SLICES), namespace, f"{OF_SERVICE}={name}"):
            for one in page:
                yield from (each for each in as_maps(one.get("endpoints")) if is_ready(each))

    def _type(self, name: str) -> Resource:
        found = self._discovery.types.get(name)
        if not found:
            raise ClusterError(f"the target does not tell of {name}")
        return found[0]


def is_ready(endpoint: Body) -> bool:
    """One that does not say counts as ready (kubernetes, staging/src/k8s.io/api/discovery/v1/types.go)."""
    return nested(endpoint, "conditions", "ready") is not False


def pod_of(endpoint: Body) -> str:
    """Name of the Pod that answers; empty for anything else."""
    target = nested(endpoint, "targetRef")
    return as_text(nested(target, "name")) if nested(target, "kind") == "Pod" else ""
