# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A standby that stands still, and what is asked of it, for tests of the readiness checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._readiness.needs import Needs
from ansible_collections.standby.velero.plugins.module_utils._readiness.question import Question, Sync
from ansible_collections.standby.velero.plugins.module_utils._readiness.standby import Standby
from ansible_collections.standby.velero.plugins.module_utils._readiness.table import Check
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, Resource
from scripted import TYPES, Body, ScriptedClient, as_stored

WEBHOOKS = "admissionregistration.k8s.io"
MORE = (
    *TYPES,
    Resource("", "v1", "persistentvolumes", "PersistentVolume", False),
    Resource("", "v1", "resourcequotas", "ResourceQuota", True),
    Resource("batch", "v1", "cronjobs", "CronJob", True),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", True),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False),
    Resource("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", False),
    Resource("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False),
    Resource(WEBHOOKS, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False),
    Resource(WEBHOOKS, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False),
)
"""What the standby serves."""
NOW = 1_764_000_000.0


def an_object(kind: str, name: str, namespace: str = "shop", **fields: Any) -> Body:
    """As the standby has it."""
    resource = next(one for one in MORE if one.kind == kind)
    place = {"name": name, **({"namespace": namespace} if resource.namespaced else {})}
    metadata = {**place, **fields.pop("metadata", {})}
    return as_stored({"apiVersion": resource.api_version, "kind": kind, "metadata": metadata, **fields})


class Client(ScriptedClient):
    """With a clock, and selectors that select."""

    def server_time(self) -> float:
        return NOW

    def get_json(self, path: str, accept: str = "") -> Body:
        """Of a namespace that is not there the list is empty."""
        place = path.partition("?")[0]
        if "/namespaces/" in place and place not in self.answers:
            self.asked.append(place)
            return {"items": []}
        return super().get_json(path, accept)

    def pages(
        self, resource: Resource, namespace: str = "", selector: str = "", accept: str = "application/json"
    ) -> Iterator[list[Body]]:
        wanted = dict(part.split("=") for part in selector.split(",")) if selector else {}
        for page in super().pages(resource, namespace, "", accept):
            yield [one for one in page if wanted.items() <= one["metadata"].get("labels", {}).items()]


def standby(*objects: Body, types: Iterable[Resource] = MORE, **more: Any) -> tuple[Standby, Client]:
    """A standby with these objects, and the client that notes what it is asked."""
    client = Client(*objects, types=types, **more)
    made = Standby(client, discover(client))
    client.asked.clear()
    return made, client


def question(needs: Needs | None = None, **about: Any) -> Question:
    backup = BackupInfo("b2", started=about.pop("started", ""))
    return Question(backup, needs or Needs(), about.pop("sync", Sync(True)), **about)


def found(check: Check, asked: Question, *objects: Body, **more: Any) -> list[str]:
    """`reason object: detail`, a line for each finding."""
    here, _client = standby(*objects, **more)
    lines = (f"{one.reason.value} {one.object}{': ' + one.detail if one.detail else ''}" for one in check(asked, here))
    return list(lines)
