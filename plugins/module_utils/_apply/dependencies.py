# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which refusals of a dry run an object planned earlier in the run may cure.

A dry run stores nothing, so what the plan creates first is not there for what comes after it: a Pod is refused
because its ServiceAccount "does not exist". Such a refusal proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from .._values import BackupItem, Body, ObjectKey

_RBAC = "rbac.authorization.k8s.io"


def planned_dependency(item: BackupItem, body: Body, promised: Collection[ObjectKey]) -> ObjectKey | None:
    """The first object that `body` needs and the plan promises; None when the refusal has to be believed."""
    return next((key for key in _needs(item, body) if key in promised), None)


def _needs(item: BackupItem, body: Body) -> Iterator[ObjectKey]:
    namespace = item.key.namespace
    if namespace:
        yield ObjectKey("", "Namespace", "", namespace)
    yield ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", item.resource)
    spec = _dict(body.get("spec"))
    for pod in (spec, _at(spec, "template", "spec"), _at(spec, "jobTemplate", "spec", "template", "spec")):
        yield ObjectKey("", "ServiceAccount", namespace, str(pod.get("serviceAccountName") or "default"))
        yield ObjectKey("scheduling.k8s.io", "PriorityClass", "", str(pod.get("priorityClassName")))
    yield ObjectKey("storage.k8s.io", "StorageClass", "", str(spec.get("storageClassName")))
    role = _dict(body.get("roleRef"))
    if role:
        kind = str(role.get("kind"))
        yield ObjectKey(_RBAC, kind, namespace if kind == "Role" else "", str(role.get("name")))
    policy = spec.get("policyName")
    if policy:
        yield ObjectKey("admissionregistration.k8s.io", item.key.kind.removesuffix("Binding"), "", str(policy))


def _at(body: Body, *path: str) -> Body:
    for part in path:
        body = _dict(body.get(part))
    return body


def _dict(value: Any) -> Body:
    return value if isinstance(value, dict) else {}
