# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workloads of production, as a backup has them, and what of them is to be seen on a standby that holds them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._flows.workloads import workloads
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._inventory.activation import ANNOTATION as ACTIVE
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply
from ansible_collections.standby.velero.plugins.module_utils._options.workloads import (
    WORKLOADS_SPEC,
    workload_settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import WorkloadRun
from controlplane import ControlPlane, objects_of, wait_for
from nightly import Corner, inventory_of
from restoring import Module
from scenes import STATE_RIGHTS, Body, as_stored, edit, live, put, remove

WORKLOADS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: &web {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "registry.example/web:1"}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: retired, namespace: shop}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "registry.example/web:1"}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: "registry.example/db:1"}]}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: alone, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: alone}}
  template: {metadata: {labels: {app: alone}}, spec: {containers: [{name: main, image: "registry.example/a:1"}]}}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old, namespace: shop}
spec:
  replicas: 4
  selector: {app: old}
  template: {metadata: {labels: {app: old}}, spec: {containers: [{name: main, image: "registry.example/old:1"}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {nodeSelector: {disk: ssd}, containers: [{name: main, image: "registry.example/agent:1"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: everywhere, namespace: shop}
spec:
  selector: {matchLabels: {app: everywhere}}
  template: {metadata: {labels: {app: everywhere}}, spec: {containers: [{name: main, image: "registry.example/e:1"}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: &cron
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: "registry.example/r"}]}}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: stopped, namespace: shop}
spec:
  suspend: true
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: "registry.example/r"}]}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migration, namespace: shop}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: "registry.example/m:1"}]}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {minReplicas: 2, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
"""

PRODUCTION: dict[str, Body] = {
    "web": {"spec": {"replicas": 3}},
    "retired": {"spec": {"replicas": 0}},
    "db": {"spec": {"replicas": 2}},
    "alone": {"spec": {"replicas": 2}},
    "old": {"spec": {"replicas": 4}},
    "agent": {"spec": {"template": {"spec": {"nodeSelector": {"standby.velero/asleep": None}}}}},
    "everywhere": {"spec": {"template": {"spec": {"nodeSelector": {"standby.velero/asleep": None}}}}},
    "report": {"spec": {"suspend": False}},
    "stopped": {"spec": {"suspend": True}},
    "migration": {"spec": {"suspend": False}},
}
"""What production has in the field that makes each sleep."""

HELD_KINDS = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DaemonSet", "CronJob", "Job")


@dataclass(frozen=True)
class Standby:
    """A corner of a cluster, and production's workloads for it."""

    corner: Corner
    bodies: dict[str, Body]
    """By kind and name: `Deployment web`. As production has them."""

    @classmethod
    def of(cls, target: ControlPlane, folder: Path, called: str) -> Standby:
        """In namespaces of the test's own."""
        corner = Corner(target, folder, f"w-{crc32(called.encode()):08x}")
        target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.namespace}}}}}")
        text = WORKLOADS.replace("namespace: shop", f"namespace: {corner.namespace}")
        stored = (in_production(as_stored(target, body), corner.namespace) for body in objects_of(text))
        return cls(corner, {f"{body['kind']} {body['metadata']['name']}": body for body in stored})

    def sync(self, hour: int, *more: Body, **options: Any) -> Run:
        """The backup of that hour, restored as the hourly job does."""
        backup = self.corner.backup(hour, *self.bodies.values(), *more)
        return self.corner.restore(backup, **{"workloads": "hold", **options})

    def change(self, named: str, patch: Body) -> None:
        """Production changes a workload."""
        self.bodies[named] = apply(self.bodies[named], patch)

    def add(self, text: str) -> Body:
        """Production gets one more object."""
        (body,) = objects_of(text.replace("namespace: shop", f"namespace: {self.corner.namespace}"))
        stored = in_production(as_stored(self.corner.target, body), self.corner.namespace)
        self.bodies[f"{stored['kind']} {stored['metadata']['name']}"] = stored
        return stored

    def live(self, named: str) -> Body:
        """A workload as it is on the standby."""
        found = live(self.corner.target, self.bodies[named])
        assert found is not None, f"{named} is not there"
        return found

    @property
    def workloads(self) -> Iterator[str]:
        """Names of what can sleep."""
        return (named for named in self.bodies if named.partition(" ")[0] in HELD_KINDS)

    def entry(self, named: str) -> InventoryEntry | None:
        """What the inventory has of it."""
        body = self.bodies[named]
        inventory = inventory_of(self.corner.target, self.corner.state_namespace)
        found = {
            (key.kind, key.namespace, key.name): entry for part in inventory for key, entry in part.entries.items()
        }
        return found.get((body["kind"], self.corner.namespace, body["metadata"]["name"]))


def in_production(body: Body, namespace: str) -> Body:
    """With a UID of production's, and without what a dry run made up."""
    body = copy.deepcopy(body)
    body["metadata"]["uid"] = f"{namespace}-{body['kind']}-{body['metadata']['name']}"
    return body


def remembered(body: Body) -> Body | None:
    """What an object's annotation says that production has."""
    text = (body["metadata"].get("annotations") or {}).get(ANNOTATION)
    found: Body | None = json.loads(text) if text else None
    return found


def production_of(named: str, body: Body) -> Body:
    """What production has in the field that makes it sleep, read off the body."""
    return at(body, PRODUCTION[named.partition(" ")[2]])


def at(body: Any, patch: Body) -> Body:
    """The body's values where the patch writes."""
    found = {}
    for name, value in patch.items():
        inner = body.get(name) if isinstance(body, dict) else None
        found[name] = at(inner, value) if isinstance(value, dict) else inner
    return found


def seen(body: Body) -> Body:
    """What two clusters are to agree on: all but what the server and a restore add, and what has a Job's UID."""
    kept = {name: value for name, value in body.items() if name not in ("status", "metadata")}
    if body["kind"] == "Job":
        pod = {name: value for name, value in body["spec"]["template"].items() if name != "metadata"}
        spec = {name: value for name, value in body["spec"].items() if name != "selector"}
        kept["spec"] = {**spec, "template": pod}
    annotations = body["metadata"].get("annotations") or {}
    return {**kept, "annotations": {name: value for name, value in annotations.items() if name not in _BOOKS}}


_BOOKS = frozenset(("deprecated.daemonset.template.generation", "deployment.kubernetes.io/revision"))


def differing(standby: Standby, names: Iterable[str]) -> list[str]:
    """Which workloads are not what production has, field by field."""
    return [named for named in names if seen(standby.live(named)) != seen(standby.bodies[named])]


def answering(standby: Standby, service: str, ready: bool = True, pod: str = "") -> None:
    """A Service has an endpoint, by this Pod, as the controller of EndpointSlices would say it."""
    namespace = standby.corner.namespace
    target = {"kind": "Pod", "name": pod or f"{service}-7d-x", "namespace": namespace}
    said = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service}-test",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": "IPv4",
        "ports": [{"name": "", "port": 443, "protocol": "TCP"}],
        "endpoints": [{"addresses": ["192.0.2.7"], "conditions": {"ready": ready}, "targetRef": target}],
    }
    if live(standby.corner.target, said):
        remove(standby.corner.target, said)
    put(standby.corner.target, said)


NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node", "labels": {"disk": "ssd"}}}


class Kubelet:
    """Makes Pods ready, as soon as anybody looks at them."""

    def __init__(self, standby: Standby, unready: str = "none") -> None:
        self._target, self._namespace, self._unready = standby.corner.target, standby.corner.namespace, unready

    def __call__(self, method: str, path: str, _body: object) -> None:
        if method == "GET" and "/apis/apps/" in path:
            self.make_ready()

    def make_ready(self) -> None:
        conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "PodScheduled", "ContainersReady")]
        for pod in self._target.api("GET", f"/api/v1/namespaces/{self._namespace}/pods")[1]["items"]:
            name = pod["metadata"]["name"]
            if not name.startswith(self._unready) and pod["status"]["phase"] == "Pending":
                path = f"/api/v1/namespaces/{self._namespace}/pods/{name}/status"
                patch = {"status": {"phase": "Running", "conditions": conditions}}
                self._target.api("PATCH", path, patch, "application/merge-patch+json")


GUIDE = Path(__file__).parents[2] / "docs/failover.md"


@contextmanager
def granted(standby: Standby, user: str) -> Iterator[dict[str, Any]]:
    """The ClusterRole of the guide, and what lock and state need, for a `with` statement."""
    (text,) = re.findall(r"```yaml\n(apiVersion: rbac.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    role: dict[str, Any] = yaml.safe_load(text)
    target, namespace = standby.corner.target, standby.corner.state_namespace
    target.apply(text)
    target.apply(STATE_RIGHTS.format(user=user, namespace=namespace))
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]
    binding = {"apiVersion": role["apiVersion"], "kind": "ClusterRoleBinding", "metadata": role["metadata"]}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]}
    target.apply(yaml.safe_dump({**binding, "roleRef": reference, "subjects": subjects}))
    path = "/apis/apps/v1/namespaces/default/deployments/none"
    wait_for("the rights", lambda: target.api("GET", path, token=target.tokens[user])[0] == 404, 30)
    try:
        yield role
    finally:
        remove(target, binding)


class Killed(BaseException):
    """The run ends here, as if by SIGKILL: nothing is sent any more."""


def rouse(
    standby: Standby,
    state: str = "active",
    *,
    watched: Any = None,
    check: bool = False,
    diff: bool = False,
    **options: Any,
) -> WorkloadRun:
    """What velero_workloads does, in the test's own process; nothing is waited for unless a test says so."""
    params = {name: spec.get("default") for name, spec in WORKLOADS_SPEC.items()}
    params |= {"kubeconfig": str(standby.corner.target.kubeconfig), "state": state, "wait": False}
    params |= {"state_namespace": standby.corner.state_namespace, "namespaces": [standby.corner.namespace]}
    params |= {"confirm": active_since(standby), **options}
    settings = workload_settings_of(params, check, diff)
    client = Client(watched) if watched else connect(Module(params), settings.concurrency)
    return workloads(settings, client)


def active_since(standby: Standby) -> str:
    """The time of the activation, as the Namespace has it; empty while it sleeps."""
    body = live(standby.corner.target, namespace_of(standby))
    text = (body or {"metadata": {}})["metadata"].get("annotations", {}).get(ACTIVE)
    return str(json.loads(text)["at"]) if text else ""


def namespace_of(standby: Standby) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": standby.corner.namespace}}


def end_activation(standby: Standby) -> None:
    """On a cluster that many tests share, an active Namespace refuses the restores of all others."""
    target = standby.corner.target
    for body in target.api("GET", "/api/v1/namespaces")[1]["items"]:
        if ACTIVE in (body["metadata"].get("annotations") or {}):
            named = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": body["metadata"]["name"]}}
            edit(target, named, {"metadata": {"annotations": {ACTIVE: None}}})


def outcomes(run: WorkloadRun) -> dict[str, str]:
    """`Deployment web` -> `updated`, or `updated annotation_edited`."""
    return {
        f"{one.change.key.kind} {one.change.key.name}": " ".join(
            filter(None, (one.result.outcome.value, one.result.reason.value if one.result.reason else ""))
        )
        for one in run.done
    }
