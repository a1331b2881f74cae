# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which refusals of a dry run an object planned earlier in the run may cure.

A dry run stores nothing, so what the plan creates first is not there for what comes after it: a Pod is refused
because its ServiceAccount "does not exist". Such a refusal proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .._kinds import definition_key, namespace_key
from .._unstructured import as_map, nested
from .._values import BackupItem, Body, ObjectKey, Path

_EXCEEDED = re.compile(r"exceeded quota: ([^\s,]+)")
_RBAC = "rbac.authorization.k8s.io"
_TEMPLATE: Path = ("template", "spec")
_POD_SPECS: tuple[Path, ...] = ((), _TEMPLATE, ("jobTemplate", "spec", *_TEMPLATE))
"""Below a spec: of a Pod, of what has a Pod template, of a CronJob."""


def planned_dependency(
    item: BackupItem, body: Body, promised: Collection[ObjectKey], refusal: str = ""
) -> ObjectKey | None:
    """The first object that `body` needs and the plan promises; None when the refusal has to be believed."""
    return next((key for key in _needs(item, body, refusal) if key in promised), None)


def _needs(item: BackupItem, body: Body, refusal: str) -> Iterator[ObjectKey]:
    namespace = item.key.namespace
    quota = _EXCEEDED.search(refusal)
    if quota:
        yield ObjectKey("", "ResourceQuota", namespace, quota[1])
    if namespace:
        yield namespace_key(namespace)
    yield definition_key(item.resource)
    spec = as_map(body.get("spec"))
    for path in _POD_SPECS:
        pod = as_map(nested(spec, *path))
        yield ObjectKey("", "ServiceAccount", namespace, str(pod.get("serviceAccountName") or "default"))
        yield ObjectKey("scheduling.k8s.io", "PriorityClass", "", str(pod.get("priorityClassName")))
        yield ObjectKey("node.k8s.io", "RuntimeClass", "", str(pod.get("runtimeClassName")))
    yield ObjectKey("storage.k8s.io", "StorageClass", "", str(spec.get("storageClassName")))
    yield ObjectKey("networking.k8s.io", "IngressClass", "", str(spec.get("ingressClassName")))
    role = as_map(body.get("roleRef"))
    if role:
        kind = str(role.get("kind"))
        yield ObjectKey(_RBAC, kind, namespace if kind == "Role" else "", str(role.get("name")))
    policy = spec.get("policyName")
    if policy:
        yield ObjectKey("admissionregistration.k8s.io", item.key.kind.removesuffix("Binding"), "", str(policy))
