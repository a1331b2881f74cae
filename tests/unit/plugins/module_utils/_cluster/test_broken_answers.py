# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with anything anywhere in them: whatever is asked ends as a result or as an error that can be shown."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import error_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._cluster.namespaces import namespaces_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.openapi import OpenApi
from ansible_collections.standby.velero.plugins.module_utils._cluster.reader import read
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, NotFound
from ansible_collections.standby.velero.plugins.module_utils._kinds import LEASE
from ansible_collections.standby.velero.plugins.module_utils._records.lease import lease_of
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from answered import answer_of

Body = dict[str, Any]
SEEDS = range(400)
JUNK = [None, 7, -1, 1.5, True, "", "x", "..", "/a\x1b", "\ud800", [], {}, [[]], [{}], {"a": 1}, "9" * 50, [None]]
ODDS = (0.01, 0.05, 0.2)

PODS = Resource("", "v1", "pods", "Pod", True)
STORED = {"name": "web", "namespace": "shop", "uid": "1", "resourceVersion": "2"}
POD = {"kind": "Pod", "metadata": STORED}
DOCUMENTS: dict[str, Body] = {
    "/api": {
        "kind": "APIGroupDiscoveryList",
        "items": [
            {
                "metadata": {},
                "versions": [
                    {
                        "version": "v1",
                        "freshness": "Current",
                        "resources": [
                            {
                                "resource": "pods",
                                "responseKind": {"kind": "Pod"},
                                "scope": "Namespaced",
                                "verbs": ["list"],
                                "shortNames": ["po"],
                                "singularResource": "pod",
                            }
                        ],
                    }
                ],
            }
        ],
    },
    "/apis": {
        "kind": "APIGroupList",
        "groups": [{"name": "apps", "versions": [{"version": "v1"}], "preferredVersion": {"version": "v1"}}],
    },
    "/apis/apps/v1": {
        "kind": "APIResourceList",
        "resources": [{"name": "deployments", "kind": "Deployment", "verbs": ["list"], "namespaced": True}],
    },
    "/api/v1/namespaces": {
        "items": [{"metadata": {"name": "shop", "uid": "1", "resourceVersion": "2"}}],
        "metadata": {"continue": ""},
    },
    "/api/v1/pods": {"items": [POD], "metadata": {"continue": ""}},
    "/api/v1/namespaces/shop/pods": POD,
    "/api/v1/namespaces/shop/pods/web": POD,
    "/apis/coordination.k8s.io/v1/namespaces/shop/leases/web": {
        "kind": "Lease",
        "metadata": STORED,
        "spec": {
            "holderIdentity": "a",
            "renewTime": "2026-01-01T00:00:00.000000Z",
            "leaseDurationSeconds": 60,
            "leaseTransitions": 1,
        },
    },
    "/openapi/v3": {"paths": {"apis/apps/v1": {"serverRelativeURL": "/openapi/v3/apis/apps/v1?hash=AB"}}},
    "/openapi/v3/apis/apps/v1": {
        "components": {
            "schemas": {
                "io.k8s.api.apps.v1.Deployment": {
                    "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": "Deployment"}],
                    "properties": {
                        "spec": {
                            "allOf": [{"$ref": "#/components/schemas/Spec"}],
                            "x-kubernetes-patch-strategy": "merge",
                        }
                    },
                }
            }
        }
    },
}
REFUSAL = {
    "kind": "Status",
    "reason": "Invalid",
    "message": 'Pod "x" is invalid',
    "details": {"causes": [{"field": "spec.a", "reason": "FieldValueInvalid", "message": "field is immutable"}]},
}


def broken(value: Any, chance: random.Random, odds: float) -> Any:
    """The value, here and there replaced, and now and then without a key."""
    if chance.random() < odds:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {key: broken(part, chance, odds) for key, part in value.items() if chance.random() > odds}
    return [broken(part, chance, odds) for part in value] if isinstance(value, list) else value


class Broken:
    """Stands for a connection to a server that answers so."""

    verifies_tls = True

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.odds = self.chance.choice(ODDS)

    def send(self, _method: str, path: str, _body: Any = None, **how: Any) -> Answer:
        document = DOCUMENTS.get(path.partition("?")[0])
        if document is None:
            raise NotFound("not there", status=404)
        return answer_of(broken(document, self.chance, self.odds), how, str(self.chance.choice(JUNK)))


def merged(client: Client) -> None:
    schema = OpenApi(client).schema("apps", "v1", "Deployment")
    field = schema.field("spec") if schema else None
    if field:
        assert isinstance(field.strategy, str)
        field.element()
        field.field("a")


def refused(client: Client) -> None:
    connection: Any = client._connection
    status = broken(REFUSAL, connection.chance, connection.odds)
    raise error_of(422, json.dumps(status).encode())


ASKED: dict[str, Callable[[Client], object]] = {
    "discovery": discover,  # type: ignore[dict-item]
    "namespaces": lambda client: namespaces_of(client, ["shop"]),
    "list": lambda client: list(read(client, PODS, {("shop", "web")}, 1)),
    "get": lambda client: client.get(PODS, "shop", "web"),
    "create": lambda client: client.create(PODS, "shop", POD),
    "patch": lambda client: client.patch(PODS, "shop", "web", {}),
    "delete": lambda client: client.delete(PODS, "shop", "web", "1"),
    "lease": lambda client: lease_of(client.get(LEASE, "shop", "web")),
    "schema": merged,
    "refusal": refused,
}


def ended(request: Callable[[], object]) -> str:
    """What a user would read; an exception of another kind is a fault, and fails the test."""
    try:
        request()
    except ClusterError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("what", ASKED)
def test_no_answer_whatever_stands_in_it_is_more_than_an_error_that_can_be_shown(what: str) -> None:
    texts = [ended(partial(ASKED[what], Client(Broken(seed)))) for seed in SEEDS]  # type: ignore[arg-type]
    assert all(text.isprintable() and len(text) < 500 for text in texts)
    assert any(texts)
