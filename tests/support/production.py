# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A production cluster with nearly every kind of object, of any version of Kubernetes, and a backup of all that it has.

What a version drops, switches off or defaults is a table: an API server of an older one than `since` does not have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from backups import Backup
from controlplane import ControlPlane, ControlPlaneError, objects_of
from scenes import Watched, api_versions, run, settled, until_default

OBJECTS = Path(__file__).parents[1] / "matrix" / "production.manifest"
NOT_BACKED_UP = ("events", "leases")


class Since(NamedTuple):
    """A field, and the minor version from which on an API server stores it without being told to; or a kind."""

    minor: int
    resource: str
    field: str


_PODS = {"deployments.apps": "spec.template.spec", "pods": "spec", "replicasets.apps": "spec.template.spec"}
_IN_PODS = (
    (31, "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.matchLabelKeys"),
    (31, "containers[].volumeMounts[].recursiveReadOnly"),
    (33, "securityContext.supplementalGroupsPolicy"),
    (33, "containers[].resizePolicy"),
    (33, "hostUsers"),
    (33, "securityContext.seLinuxChangePolicy"),
    (35, "volumes[].image"),
    (34, "resources"),
    (35, "hostnameOverride"),
)
DEFAULTED = (
    Since(37, "csidrivers.storage.k8s.io", "spec.preventPodSchedulingIfMissing"),
    Since(37, "statefulsets.apps", "spec.updateStrategy.rollingUpdate.maxUnavailable"),
)
"""What a newer API server fills in where an older one had nothing."""

FIELDS = (
    *(Since(minor, kind, f"{where}.{field}") for kind, where in _PODS.items() for minor, field in _IN_PODS),
    Since(31, "customresourcedefinitions.apiextensions.k8s.io", "spec.versions[].selectableFields"),
    Since(31, "jobs.batch", "spec.successPolicy"),
    Since(31, "pods", "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[].matchLabelKeys"),
    Since(31, "services", "spec.trafficDistribution"),
    Since(32, "jobs.batch", "spec.managedBy"),
    Since(34, "persistentvolumeclaims", "spec.volumeAttributesClassName"),
    Since(35, "csidrivers.storage.k8s.io", "spec.nodeAllocatableUpdatePeriodSeconds"),
    Since(35, "endpointslices.discovery.k8s.io", "endpoints[].hints.forNodes"),
    Since(35, "horizontalpodautoscalers.autoscaling", "spec.behavior.scaleDown.tolerance"),
    Since(35, "statefulsets.apps", "spec.template.spec.containers[].restartPolicyRules"),
    Since(36, "csidrivers.storage.k8s.io", "spec.serviceAccountTokenInSecrets"),
    *DEFAULTED,
)

KINDS = (
    Since(34, "deviceclasses.resource.k8s.io", "DeviceClass"),
    Since(34, "resourceclaimtemplates.resource.k8s.io", "ResourceClaimTemplate"),
    Since(34, "volumeattributesclasses.storage.k8s.io", "VolumeAttributesClass"),
    Since(36, "mutatingadmissionpolicies.admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    Since(36, "mutatingadmissionpolicybindings.admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
)


def between(table: tuple[Since, ...], older: str, newer: str) -> set[tuple[str, str]]:
    """(resource, field) of what came after the older version, and with the newer one at the latest."""
    first, last = minor_in(older), minor_in(newer)
    return {(row.resource, row.field) for row in table if first < row.minor <= last}


def dropped_by(target: str, source: str) -> set[tuple[str, str]]:
    """What an older API server does not store.

    One that knows volumes of images (1.31) and has them switched off (until 1.35) drops the volume with its mounts.
    """
    fields = between(FIELDS, target, source)
    images = {one for one in fields if one[1].endswith(".volumes[].image")}
    if minor_in(target) < 31:
        return fields
    gone = ("containers[].volumeMounts[]", "volumes[]")
    return (fields - images) | {(kind, f"{_PODS[kind]}.{field}") for kind, _image in images for field in gone}


def minor_in(version: str) -> int:
    """36 of 1.36.3."""
    return int(version.split(".")[1])


def take_backup(path: Path, kubernetes: str | None = None) -> Path:
    """Of production on this version, once its controllers have come to rest."""
    with ControlPlane(controller_manager=True, kubernetes=kubernetes) as cluster:
        put_production(cluster)
        settled(cluster)
        return backup_of_all(cluster).write(path)


def put_production(cluster: ControlPlane) -> None:
    """Creates what this version knows; a kind that it does not have is left out, and nothing else."""
    bodies = list(objects_of(OBJECTS.read_text(encoding="utf-8")))
    defined = {body["spec"]["group"] for body in bodies if body["kind"] == "CustomResourceDefinition"}
    for body in bodies:
        if body["apiVersion"].partition("/")[0] in defined or cluster.serves(body):
            cluster.apply_one(body)
            if _is_default(body):
                until_default(cluster, body["kind"], body["metadata"]["name"])
        elif body["kind"] not in {row.field for row in KINDS}:
            raise ControlPlaneError(f"this version serves no {body['kind']}")


def _is_default(body: dict[str, Any]) -> bool:
    """Of a class: what is made before admission has heard of it is given none."""
    annotations = body["metadata"].get("annotations", {})
    return any(name.endswith("/is-default-class") for name in annotations)


def backup_of_all(cluster: ControlPlane) -> Backup:
    """Whatever the cluster has, at each group's preferred version, as Velero takes it without any filter."""
    backup = Backup()
    for resource, body in _all(cluster):
        meta = body["metadata"]
        backup.add(resource, meta.get("namespace", ""), meta["name"], body)
    return backup


def _all(cluster: ControlPlane) -> Iterator[tuple[str, dict[str, Any]]]:
    for root in api_versions(cluster):
        version = root.removeprefix("/apis/").removeprefix("/api/")
        group = version.partition("/")[0] if "/" in version else ""
        for entry in cluster.api("GET", root)[1]["resources"]:
            if "/" in entry["name"] or not {"list", "create"} <= set(entry["verbs"]) or entry["name"] in NOT_BACKED_UP:
                continue
            for item in cluster.api("GET", f"{root}/{entry['name']}")[1]["items"]:
                resource = f"{entry['name']}.{group}" if group else entry["name"]
                yield resource, {**item, "apiVersion": version, "kind": entry["kind"]}


# What a restore tells

_TOLD = {
    "dropped": ("the target does not know, and dropped", "the target did not store, for it has that switched off"),
    "filled in": ("the target filled in",),
}


def told(restored: Run, what: str) -> set[tuple[str, str]]:
    """(resource, field) of all that was `dropped` or `filled in`; refused where something is told twice.

    A field is called as in the table, also where it is told by what lies in it.
    """
    found = [pair for line in restored.velero_warnings for pair in _told(line, _TOLD[what])]
    assert len(found) == len(set(found)), found
    return {(resource, _in_table(resource, field)) for resource, field in found}


def _in_table(resource: str, field: str) -> str:
    rows = (row.field for row in FIELDS if row.resource == resource)
    return next((known for known in rows if field.startswith(f"{known}.")), field)


def _told(line: str, beginnings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    resource, _colon, said = line.partition(": ")
    if said.startswith(beginnings):
        for field in said.rpartition(": ")[2].split(", "):
            yield resource, field


def stored(watched: Watched) -> list[tuple[str, str]]:
    """Writes that were no dry runs."""
    return [request for request in watched.writes if "dryRun=All" not in request[1]]


def restore(watched: Watched, backup: Path, without: set[str], **options: Any) -> Run:
    """Policy update, all of the backup but some types."""
    return run(watched, backup, excluded_resources=sorted(without), **options)
