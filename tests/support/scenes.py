# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of writing and reading share: objects to restore, and a connection that can be watched.

A watched connection notes every request on its way to the real API server and lets a test do something just before
one is sent: that is how another writer comes between the read and the write.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes.client
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._flows.restore import restore
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._options.target import STATE_NAMESPACE
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import RECORD_LABELS
from backups import Backup, complete
from controlplane import ControlPlane, wait_for
from passing import Passing
from restoring import GOLDEN, Module, View, views

NAMESPACE = "shop"
LABELS = {"velero.io/backup-name": "nightly", "velero.io/restore-name": "again"}
"""The two labels of a restore by `run`."""
OLD_LABELS = {"velero.io/backup-name": "nightly", "velero.io/restore-name": "before"}

Body = dict[str, Any]
Before = Callable[[str, str, Any], object]


class Watched(Passing):
    """A connection with a note of each request; `before` is called as it is sent."""

    def __init__(self, connection: Any, before: Before | None = None) -> None:
        super().__init__(connection)
        self._before = before
        self.requests: list[tuple[str, str]] = []

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        """Passes a request on as it is."""
        made = f"{path}/{body['metadata']['name']}/" if path == "/api/v1/namespaces" and method == "POST" else path
        self.requests.append((method, made if is_ours(made) else path))
        if self._before is not None:
            self._before(method, path, body)
        return super().send(method, path, body, **how)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """All that are not reads, lock and state apart: what is done to the user's objects."""
        return [request for request in self.all_writes if not is_ours(request[1])]

    @property
    def all_writes(self) -> list[tuple[str, str]]:
        """All that are not reads, to lock and state too."""
        return [request for request in self.requests if request[0] != "GET"]

    @property
    def reads(self) -> list[str]:
        """Paths that were asked for, without their query; discovery, its checks and the namespaces are left out."""
        paths = [path.partition("?")[0] for method, path in self.requests if method == "GET"]
        return [path for path in paths if path not in _ASKED_ALWAYS and not is_ours(path)]


_ASKED_ALWAYS = frozenset(
    (
        "/api",
        "/apis",
        "/api/v1/namespaces",
        "/api/v1/namespaces/kube-system",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "/apis/apiregistration.k8s.io/v1/apiservices",
        "/version",
    )
)


OURS = re.compile(rf"/namespaces/({STATE_NAMESPACE}|[a-z0-9-]+-state)/")


def is_ours(path: str) -> bool:
    """Whether a request is about the lock or the state, in the default namespace or in one that a test has for it."""
    return bool(OURS.search(path))


def connection(options: Body, size: int = 16) -> Any:
    """The connection of a client that module options make; in a process of its own a module inherits nothing."""
    kubernetes.client.Configuration.set_default(None)
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()} | options
    return connect(Module(params), size)._connection


def watch(kubeconfig: Path, before: Before | None = None) -> Watched:
    """The client's own connection to a cluster, watched."""
    return Watched(connection({"kubeconfig": str(kubeconfig)}), before)


def run(watched: Any, backup_file: Path, *, check: bool = False, diff: bool = False, **options: Any) -> Run:
    """A restore named `again` of the backup `nightly`, policy update unless told."""
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": str(backup_file), "backup_name": "nightly", "restore_name": "again"}
    params |= {"existing_resource_policy": "update", **options}
    return restore(settings_of(params, check, diff), Client(watched), tmpdir="")


def only(restored: Run) -> View:
    """The one result of a restore of one object."""
    (result,) = views(restored)
    return result


def config_map(name: str, data: dict[str, str], namespace: str = NAMESPACE, **metadata: Any) -> Body:
    """A ConfigMap."""
    return complete("configmaps", namespace, name, {"data": data, "metadata": metadata})


def backup_of(path: Path, *bodies: Body) -> Path:
    """A backup of these objects, which must be of the kinds in RESOURCES."""
    backup = Backup()
    for body in bodies:
        meta = body["metadata"]
        backup.add(RESOURCES[body["kind"]], meta.get("namespace", ""), meta["name"], body)
    return backup.write(path / "backup.tar.gz")


WIDGET_DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

RESOURCES = {
    "APIService": "apiservices.apiregistration.k8s.io",
    "ClusterRole": "clusterroles.rbac.authorization.k8s.io",
    "ClusterRoleBinding": "clusterrolebindings.rbac.authorization.k8s.io",
    "ConfigMap": "configmaps",
    "CronJob": "cronjobs.batch",
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "DaemonSet": "daemonsets.apps",
    "Deployment": "deployments.apps",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers.autoscaling",
    "Gadget": "gadgets.gone.example",
    "Job": "jobs.batch",
    "Namespace": "namespaces",
    "PersistentVolume": "persistentvolumes",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "PodDisruptionBudget": "poddisruptionbudgets.policy",
    "PriorityClass": "priorityclasses.scheduling.k8s.io",
    "ReplicaSet": "replicasets.apps",
    "ReplicationController": "replicationcontrollers",
    "Role": "roles.rbac.authorization.k8s.io",
    "RoleBinding": "rolebindings.rbac.authorization.k8s.io",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "StatefulSet": "statefulsets.apps",
    "StorageClass": "storageclasses.storage.k8s.io",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies.admissionregistration.k8s.io",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "Widget": "widgets.example.org",
}


STATE_RIGHTS = """
{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {user}, namespace: {namespace}}}
rules:
- {{apiGroups: [""], resources: [secrets], verbs: [get, list, create, patch, delete]}}
- {{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, patch]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {user}, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {user}}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}]
"""


def grant_state(target: ControlPlane, user: str) -> None:
    """What lock and state need, and no more."""
    target.apply(STATE_RIGHTS.format(user=user, namespace=STATE_NAMESPACE))
    path = f"/apis/coordination.k8s.io/v1/namespaces/{STATE_NAMESPACE}/leases/none"
    wait_for("the rights", lambda: target.api("GET", path, token=target.tokens[user])[0] == 404, 30)


def put(target: ControlPlane, *bodies: Body) -> None:
    """Creates objects, as the target's own."""
    for body in bodies:
        meta = {name: value for name, value in body["metadata"].items() if name != "uid"}
        path = target.path_of(body).rpartition("/")[0]
        status, answer = target.api("POST", path, {**body, "metadata": meta})
        assert status == 201, answer


def as_stored(target: ControlPlane, body: Body) -> Body:
    """The object as a server gives it back, which is how a backup has it: with its defaults."""
    status, answer = target.api("POST", target.path_of(body).rpartition("/")[0] + "?dryRun=All", body)
    assert status == 201, answer
    return answer


def edit(target: ControlPlane, body: Body, patch: Body) -> Body:
    """A merge patch by the administrator: another writer."""
    status, answer = target.api("PATCH", target.path_of(body), patch, "application/merge-patch+json")
    assert status == 200, answer
    return answer


def live(target: ControlPlane, body: Body) -> Body | None:
    """The object as the target has it now."""
    status, answer = target.api("GET", target.path_of(body))
    return answer if status == 200 else None


def remove(target: ControlPlane, body: Body) -> None:
    """Deletes an object, as the administrator."""
    assert target.api("DELETE", target.path_of(body))[0] in (200, 202)


def unlock(target: ControlPlane, namespace: str) -> None:
    """Ends the lock of a run as a person does who knows that its holder is dead."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/restore"
    assert target.api("DELETE", path)[0] == 200


def labels_of(body: Body | None) -> dict[str, str]:
    """The two labels alone."""
    labels = body["metadata"].get("labels", {}) if body else {}
    return {name: labels[name] for name in LABELS if name in labels}


def version_of(body: Body | None) -> str:
    """The resourceVersion; empty for an object that is not there."""
    return body["metadata"]["resourceVersion"] if body else ""


NOT_KEPT = ("leases", "events", "componentstatuses")
"""What the API server renews itself, or does not store."""


def versions(target: ControlPlane) -> dict[str, str]:
    """The resourceVersion of every object that lists have, of every type but those in NOT_KEPT.

    The records that runs leave of themselves are left out.
    """
    return {item["metadata"]["uid"]: version_of(item) for item in _kept(target)}


def moved(target: ControlPlane, before: dict[str, str]) -> set[str]:
    """Of those whose versions are `before`, which are gone, or were written by more than a controller's new status."""
    after = {item["metadata"]["uid"]: item for item in _kept(target)}
    others = (uid for uid in before if uid not in after or before[uid] != version_of(after[uid]))
    return {uid for uid in others if uid not in after or not _is_status(after[uid])}


def _is_status(item: Body) -> bool:
    """Whether the last that wrote it was a controller that told a status: an autoscaler does it every 15 seconds."""
    last = max(item["metadata"].get("managedFields") or [{}], key=lambda entry: str(entry.get("time") or ""))
    return last.get("subresource") == "status" and last.get("manager") == "kube-controller-manager"


def _kept(target: ControlPlane) -> Iterator[Body]:
    for root in api_versions(target):
        status, listed = target.api("GET", root)
        for entry in listed["resources"] if status == 200 else []:
            if "/" in entry["name"] or "list" not in entry["verbs"] or entry["name"] in NOT_KEPT:
                continue
            status, answer = target.api("GET", f"{root}/{entry['name']}")
            for item in answer["items"] if status == 200 else []:
                if not RECORD_LABELS.items() <= item["metadata"].get("labels", {}).items():
                    yield item


def settled(target: ControlPlane, quiet: float = 1.5) -> dict[str, str]:
    """The versions once nothing moves any more: controllers come to an end, a fresh API server with its own objects."""
    seen = [versions(target)]

    def still() -> bool:
        time.sleep(quiet)
        seen.append(versions(target))
        return seen[-1] == seen[-2]

    wait_for("the target to come to rest", still)
    return seen[-1]


def api_versions(target: ControlPlane) -> list[str]:
    """Roots of the preferred version of every group."""
    groups = target.api("GET", "/apis")[1]["groups"]
    return ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]


def until(target: ControlPlane, what: str, method: str, path: str, body: Any, status: int) -> None:
    """Waits for admission to have heard of a policy: asks with dry runs until the answer has this status."""
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    wait_for(what, lambda: target.api(method, f"{path}?dryRun=All", body, kind)[0] == status, 30)


def until_admitted(target: ControlPlane, what: str, body: Body, shows: Callable[[Body], bool]) -> None:
    """Waits for admission that changes objects: asks with dry-run creates until the answer shows it."""
    metadata = {name: value for name, value in body["metadata"].items() if name != "uid"}
    path, plain = target.path_of(body).rpartition("/")[0], {**body, "metadata": metadata}
    wait_for(what, lambda: shows(target.api("POST", f"{path}?dryRun=All", plain)[1]), 30)


def until_default(target: ControlPlane, kind: str, name: str) -> None:
    """Waits for admission to give this IngressClass or StorageClass to what asks for none."""
    version, asking, spec, field = _ASKING[kind]
    body = {"apiVersion": version, "kind": asking, "metadata": {"name": "probe", "namespace": "default"}, "spec": spec}
    until_admitted(target, f"the default {kind}", body, lambda made: made.get("spec", {}).get(field) == name)


_ASKING: dict[str, tuple[str, str, Body, str]] = {
    "IngressClass": (
        "networking.k8s.io/v1",
        "Ingress",
        {"defaultBackend": {"service": {"name": "probe", "port": {"number": 80}}}},
        "ingressClassName",
    ),
    "StorageClass": (
        "v1",
        "PersistentVolumeClaim",
        {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        "storageClassName",
    ),
}
"""(version, kind, spec, field) of an object that is given the default class, by the kind of class."""


def drift(target: ControlPlane, *, guarded: bool = True) -> None:
    """The standby of the recordings. Its policy lets nobody update ConfigMap guarded, once it is in force."""
    target.apply(GOLDEN / "standby.yaml")
    path = target.path_of(config_map("guarded", {}))
    until(target, "the guard", "PATCH", path, {"data": {"v": "probe"}}, 422)
    if guarded:
        return
    for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
        remove(target, {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "guard"}})
    until(target, "the guard to go", "PATCH", path, {"data": {"v": "probe"}}, 200)
