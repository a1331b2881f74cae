# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One small backup of two applications, and what filters and filter policies select of it without any target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible_collections.standby.velero.plugins.module_utils._match.short_names import resolver
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policies import FilterPolicies
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policy_rules import compile_filter_policies
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters
from ansible_collections.standby.velero.plugins.module_utils._select.select import Selection, select
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, Resource
from backups import complete

Body = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """The settings that a selection asks for."""

    filters: Filters = field(default_factory=Filters)
    filter_policies: FilterPolicies = field(default_factory=FilterPolicies)
    protect: bool = True
    protect_except: tuple[str, ...] = ()
    skip_controlled: bool = False
    state_namespace: str = "standby-velero"


@dataclass
class InMemory:
    """A catalogue without an archive; notes whose body is read."""

    bodies: dict[BackupItem, Body]
    uids: frozenset[str] = frozenset()
    reads: list[str] = field(default_factory=list)

    @property
    def items(self):
        return tuple(sorted(self.bodies, key=lambda item: item.key))

    def body(self, item):
        self.reads.append(item.key.name)
        return self.bodies[item]


def item_of(resource: str, namespace: str, body: Body, problem: str = "") -> BackupItem:
    key = ObjectKey(resource.partition(".")[2], body["kind"], namespace, body["metadata"]["name"])
    return BackupItem(key, resource, "v1", problem=problem)


def backup_of(*objects: tuple[str, str, Body]) -> InMemory:
    return InMemory({item_of(resource, namespace, body): body for resource, namespace, body in objects})


def an_object(resource: str, place: str, kind: str, labels: str = "", **body: Any) -> tuple[str, str, Body]:
    """At `namespace/name`, with labels as `app=web,tier=a`."""
    namespace, _slash, name = place.rpartition("/")
    metadata = {"labels": dict(pair.split("=") for pair in labels.split(",") if pair)}
    return resource, namespace, complete(resource, namespace, name, {"kind": kind, "metadata": metadata, **body})


CLAIM_OF_POD = {"spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}], "priorityClassName": "first"}}
BOUND = {"spec": {"volumeName": "pv-data"}, "status": {"phase": "Bound"}}
RETAIN = {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}
OBJECTS = (
    an_object("configmaps", "shop/app", "ConfigMap", "app=web"),
    an_object("configmaps", "shop/app-x", "ConfigMap", "app=web"),
    an_object("configmaps", "shop/same", "ConfigMap", "app=db,tier=a"),
    an_object("secrets", "shop/creds", "Secret"),
    an_object("deployments.apps", "shop/web", "Deployment", "app=web"),
    an_object("widgets.example.org", "shop/gear", "Widget"),
    an_object("pods", "shop/runner", "Pod", "", **CLAIM_OF_POD),
    an_object("persistentvolumeclaims", "shop/data", "PersistentVolumeClaim", "", **BOUND),
    an_object("persistentvolumes", "pv-data", "PersistentVolume", "", **RETAIN),
    an_object("persistentvolumes", "pv-spare", "PersistentVolume", "app=web", **RETAIN),
    an_object("priorityclasses.scheduling.k8s.io", "first", "PriorityClass"),
    an_object("configmaps", "billing/ledger", "ConfigMap", "app=db"),
    an_object("secrets", "billing/keys", "Secret", "app=db"),
    an_object("services", "team-a/front", "Service"),
    an_object("services", "team-a1/back", "Service"),
    an_object("clusterroles.rbac.authorization.k8s.io", "shop-viewer", "ClusterRole"),
    an_object("clusterroles.rbac.authorization.k8s.io", "admin", "ClusterRole", "app=web"),
    an_object("regions.example.org", "north", "Region", "app=web"),
    an_object("regions.example.org", "south", "Region"),
)
SERVED = tuple(
    Resource(group, "v1", plural, kind, namespaced, kind.lower(), short)
    for plural, group, kind, namespaced, short in (
        ("configmaps", "", "ConfigMap", True, ("cm",)),
        ("secrets", "", "Secret", True, ()),
        ("pods", "", "Pod", True, ("po",)),
        ("services", "", "Service", True, ("svc",)),
        ("persistentvolumeclaims", "", "PersistentVolumeClaim", True, ("pvc",)),
        ("persistentvolumes", "", "PersistentVolume", False, ("pv",)),
        ("deployments", "apps", "Deployment", True, ("deploy",)),
        ("priorityclasses", "scheduling.k8s.io", "PriorityClass", False, ("pc",)),
        ("clusterroles", "rbac.authorization.k8s.io", "ClusterRole", False, ()),
    )
)
"""The target knows neither Widget nor Region."""


def policies_of(text: str, backup: InMemory | None = None) -> FilterPolicies:
    """The entries of a document, with their types in full."""
    found = compile_filter_policies(document_of(text))
    return found.resolved(resolver(SERVED, backup or backup_of(*OBJECTS)).types)


def document_of(text: str) -> Body:
    """The sections of a document, as YAML, with its version."""
    return {"version": "v1", **(yaml.safe_load(text) or {})}


def selected(policies: str, *objects: tuple[str, str, Body], **filters: Any) -> Selection:
    """Of these objects, or of the small backup."""
    backup = backup_of(*(objects or OBJECTS))
    return select(backup, Wanted(Filters(**filters), policies_of(policies, backup)))


def names(selection: Selection) -> set[str]:
    """What is restored, as `namespace/name`."""
    return {"/".join(filter(None, item.key[2:])) for item in selection.items}


def all_but(*left_out: str) -> set[str]:
    """Everything of the backup, these apart."""
    return {"/".join(filter(None, (namespace, body["metadata"]["name"]))) for _type, namespace, body in OBJECTS} - set(
        left_out
    )


def for_shop(*rows: str) -> str:
    """An entry for the namespace, with these filters."""
    return "namespacedFilterPolicies: [{namespaces: [shop], resourceFilters: [" + ", ".join(rows) + "]}]"


def for_cluster(*rows: str) -> str:
    """The entry for cluster-scoped types, with these filters."""
    return "clusterScopedFilterPolicy: {resourceFilters: [" + ", ".join(rows) + "]}"
