# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target serves, and what users call it: aggregated discovery and that of an older server say the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery, discover
from ansible_collections.standby.velero.plugins.module_utils._match.short_names import resolver
from controlplane import ControlPlane, wait_for
from passing import Passing
from scenes import connection

WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wdg, secrets]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
"""


class Older(Passing):
    """A connection that does not ask for aggregated discovery, so that the server answers as one before 1.26."""

    def send(self, method: str, path: str, *_body: Any, **_how: Any) -> Any:
        """Passes a request on without its Accept header."""
        return super().send(method, path)


class NoBackup:
    """With nothing in it."""

    items = ()
    uids: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply(WIDGETS)
    wait_for("both versions", lambda: len(found(controlplane).versions("widgets.example.org")) == 2)
    return controlplane


@pytest.fixture(scope="module")
def aggregated(target: ControlPlane) -> Discovery:
    return found(target)


@pytest.fixture(scope="module")
def legacy(target: ControlPlane) -> Discovery:
    return discover(Client(Older(connection({"kubeconfig": str(target.kubeconfig)}))))


def found(cluster: ControlPlane) -> Discovery:
    return discover(Client(connection({"kubeconfig": str(cluster.kubeconfig)})))


def test_both_forms_of_discovery_say_the_same(aggregated, legacy):
    assert aggregated == legacy
    assert not aggregated.incomplete


def test_the_order_of_groups_is_the_servers(aggregated, legacy):
    order = [resource.name for resource in aggregated.served()]
    assert order == [resource.name for resource in legacy.served()]
    assert order.index("events") < order.index("events.events.k8s.io")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("po", "pods"),
        ("pvc", "persistentvolumeclaims"),
        ("cm", "configmaps"),
        ("sa", "serviceaccounts"),
        ("ns", "namespaces"),
        ("no", "nodes"),
        ("ep", "endpoints"),
        ("Endpoints", "endpoints"),
        ("ev", "events"),
        ("deploy", "deployments.apps"),
        ("Deployment", "deployments.apps"),
        ("sts.apps", "statefulsets.apps"),
        ("ing", "ingresses.networking.k8s.io"),
        ("hpa", "horizontalpodautoscalers.autoscaling"),
        ("job", "jobs.batch"),
        ("sc.storage", "storageclasses.storage.k8s.io"),
        ("netpol", "networkpolicies.networking.k8s.io"),
        ("crd", "customresourcedefinitions.apiextensions.k8s.io"),
        ("wdg", "widgets.example.org"),
        ("widget", "widgets.example.org"),
        ("secrets", "secrets"),
        ("secret", "secrets"),
        ("gadgets", "gadgets"),
    ],
)
def test_a_users_word_means_what_the_server_says(aggregated, legacy, word, name):
    assert resolver(aggregated.served(), NoBackup())(word) == name
    assert resolver(legacy.served(), NoBackup())(word) == name
