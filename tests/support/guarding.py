# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for webhooks on a scripted target, and the webhooks that ask: Service shop/guard, and others."""

from __future__ import annotations

from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, ObjectRef, Resource

Body = dict[str, Any]

SERVED = Discovery(
    {
        one.name: (one,)
        for one in (
            Resource("", "v1", "services", "Service", True),
            Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", True),
            Resource("apps", "v1", "deployments", "Deployment", True),
            Resource(
                "admissionregistration.k8s.io",
                "v1",
                "mutatingwebhookconfigurations",
                "MutatingWebhookConfiguration",
                False,
            ),
        )
    },
    frozenset(),
)
GET = "get services shop/guard"
LIST = "list endpointslices.discovery.k8s.io shop kubernetes.io/service-name=guard"
WORKLOADS = "list deployments.apps shop"
CONFIGURATIONS = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
REF = ObjectRef(
    ObjectKey("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "", "inject"), CONFIGURATIONS, "v1"
)


def service(**spec: Any) -> Body:
    return {"metadata": {"namespace": "shop", "name": "guard"}, "spec": {"selector": {"app": "guard"}, **spec}}


def slice_of(*endpoints: Body) -> Body:
    return {"endpoints": list(endpoints)}


def endpoint(pod: str = "guard-7d-x", ready: bool = True) -> Body:
    return {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod}}


def deployment(name: str = "guard", app: str = "guard", **metadata: Any) -> Body:
    template = {"metadata": {"labels": {"app": app}}}
    return {"metadata": {"namespace": "shop", "name": name, **metadata}, "spec": {"template": template}}


def webhook(name: str, place: str = "shop/guard", **fields: Any) -> Body:
    namespace, _slash, called = place.partition("/")
    config = {"service": {"namespace": namespace, "name": called}} if place else {"url": "https://elsewhere.example"}
    return {"name": name, "clientConfig": config, "failurePolicy": "Fail", "objectSelector": {}, **fields}


def configuration(*webhooks: Body, version: str = "7") -> Body:
    return {"metadata": {"name": "inject", "uid": "g-1", "resourceVersion": version}, "webhooks": list(webhooks)}
