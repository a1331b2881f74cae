# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target that stands still and is only read: the real client, with answers out of a table in place of a server.

It serves discovery, lists and objects for the bodies that a test gives it. Whatever else a path is to answer, an error
too, the test says itself. A request that is not a GET is a fault: what is tested with it writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client, path_of
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, ClusterError
from ansible_collections.standby.velero.plugins.module_utils._kinds import API_SERVICE, DEFINITION
from ansible_collections.standby.velero.plugins.module_utils._values import Resource

Body = dict[str, Any]

TYPES = (
    Resource("", "v1", "namespaces", "Namespace", False, "namespace", ("ns",)),
    Resource("", "v1", "configmaps", "ConfigMap", True, "configmap", ("cm",)),
    Resource("", "v1", "secrets", "Secret", True),
    Resource("", "v1", "services", "Service", True, "service", ("svc",)),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", True, "serviceaccount", ("sa",)),
    Resource("", "v1", "pods", "Pod", True, "pod", ("po",)),
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", True, "persistentvolumeclaim", ("pvc",)),
    Resource("apps", "v1", "deployments", "Deployment", True, "deployment", ("deploy",)),
    Resource("apps", "v1", "replicasets", "ReplicaSet", True, "replicaset", ("rs",)),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", True),
    Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", False, "storageclass", ("sc",)),
    Resource(
        "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False, "", ("crd",)
    ),
)
"""What a target serves unless a test says otherwise."""


def body_of(kind: str, name: str, namespace: str = "shop", **fields: Any) -> Body:
    """An object of one of these types, in a namespace where its type has them; `metadata` is added to its own."""
    resource = next(one for one in TYPES if one.kind == kind)
    place = {"name": name, **({"namespace": namespace} if resource.namespaced else {})}
    group = f"{resource.group}/" if resource.group else ""
    metadata = {**place, **fields.pop("metadata", {})}
    return {"apiVersion": f"{group}{resource.version}", "kind": kind, "metadata": metadata, **fields}


def as_stored(body: Body) -> Body:
    """The body with a UID and a version, as a server stores it; without them no answer is believed."""
    name = body["metadata"]["name"]
    return {**body, "metadata": {"uid": f"uid-of-{name}", "resourceVersion": "1", **body["metadata"]}}


class _Nobody:
    """No connection at all."""

    verifies_tls = True

    def send(self, method: str, path: str, *_how: Any, **_more: Any) -> NoReturn:
        raise AssertionError(f"{method} {path} was sent to a target that is only read")


class ScriptedClient(Client):
    """Serves these objects; `asked` are the paths of its requests, without their query, in their order."""

    def __init__(
        self,
        *objects: Body,
        types: Iterable[Resource] = TYPES,
        silent: Iterable[str] = (),
        answers: Mapping[str, Body | ClusterError] | None = None,
    ) -> None:
        """API groups in `silent` do not answer; `answers` is what else these paths answer, and may be added to."""
        super().__init__(_Nobody())
        self.asked: list[str] = []
        served = tuple(types)
        self.ready: tuple[int, str] = (200, "ok")
        stored: dict[str, Body | ClusterError] = {path_of(one): {"items": []} for one in (API_SERVICE, DEFINITION)}
        self.answers = {**stored, **discovery_of(served, silent), **table_of(served, objects), **(answers or {})}

    def probe(self, path: str) -> tuple[int, str]:
        """Whether it is ready."""
        self.asked.append(path)
        return self.ready

    def get_json(self, path: str, accept: str = "", largest: int = 0) -> Body:  # noqa: ARG002 - the client's own signature
        """An error that stands in the table is raised; what does not stand in it is not there."""
        place = path.partition("?")[0]
        self.asked.append(place)
        found = self.answers.get(place, _absent(place))
        if isinstance(found, ClusterError):
            raise found
        return found

    def get_bytes(self, path: str, accept: str, _largest: int) -> bytes:
        """The same as it would come."""
        return json.dumps(self.get_json(path, accept)).encode()


def _absent(place: str) -> ClusterError:
    """As an API server says it of an object that it does not have."""
    _empty, root, *parts = unquote(place).split("/")
    error = AbsenceUnproven(f"{place} is not there", status=404, reason="NotFound")
    if len(parts) > 2:
        error.about = (parts[0] if root == "apis" else "", parts[-2], parts[-1])
    return error


def table_of(types: tuple[Resource, ...], objects: Iterable[Body]) -> dict[str, Body | ClusterError]:
    """Each object, and the lists of each type: of all, and of each namespace that there is."""
    bodies = [as_stored(body) for body in objects]
    namespaces = {body["metadata"].get("namespace") or body["metadata"]["name"] for body in bodies}
    table: dict[str, Body | ClusterError] = {}
    for resource in types:
        of_type = [body for body in bodies if _is_of(body, resource)]
        table[path_of(resource)] = {"items": of_type}
        for namespace in sorted(namespaces) if resource.namespaced else ():
            inside = [body for body in of_type if body["metadata"]["namespace"] == namespace]
            table[path_of(resource, namespace)] = {"items": inside}
        for body in of_type:
            metadata = body["metadata"]
            table[path_of(resource, metadata.get("namespace", ""), metadata["name"])] = body
    return table


def _is_of(body: Body, resource: Resource) -> bool:
    group, _slash, _version = body["apiVersion"].rpartition("/")
    return (group, body["kind"]) == (resource.group, resource.kind)


def discovery_of(types: Iterable[Resource], silent: Iterable[str] = ()) -> dict[str, Body | ClusterError]:
    """The two documents of aggregated discovery; groups in `silent` do not answer, and their types are not known."""
    missing = frozenset(silent)
    served = [resource for resource in types if resource.group not in missing]
    groups = dict.fromkeys([*(resource.group for resource in served), *sorted(missing)])
    documents: dict[str, Body | ClusterError] = {}
    for root, names in (("/api", [""]), ("/apis", [group for group in groups if group])):
        items = [_group(name, [one for one in served if one.group == name], name in missing) for name in names]
        documents[root] = {"kind": "APIGroupDiscoveryList", "items": items}
    return documents


def _group(name: str, types: list[Resource], is_stale: bool) -> Body:
    versions = [
        {
            "version": version,
            "freshness": "Stale" if is_stale else "Current",
            "resources": [_served(resource) for resource in types if resource.version == version],
        }
        for version in dict.fromkeys(resource.version for resource in types) or {"v1": None}
    ]
    return {"metadata": {"name": name} if name else {}, "versions": versions}


def _served(resource: Resource) -> Body:
    return {
        "resource": resource.plural,
        "responseKind": {"kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "shortNames": list(resource.short_names),
        "verbs": ["create", "delete", "get", "list", "patch", "watch"],
        "subresources": [{"subresource": "status"}] if resource.has_status else [],
    }
