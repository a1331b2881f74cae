# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces that are restored under another name: the key, the object itself, and what it says of namespaces.

Velero 1.18, pkg/restore/restore.go (getSelectedRestoreableItems, getNamespace, remapClaimRefNS) and
pkg/restore/actions/rolebinding_action.go, clusterrolebinding_action.go, csi/volumesnapshotcontent_action.go. Ours maps
every field of a type of Kubernetes' own that is a namespace and nothing else: with a webhook, an API or a user left
behind, Velero restores what asks, or lets in, another namespace. Left alone are custom resources, selectors by the
label kubernetes.io/metadata.name, host names and texts: what they mean, only the user knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import _kinds
from .._match.validation import namespace_problems
from .._unstructured import EACH, revised, without
from .._values import BackupItem, Body, ObjectKey, Path
from .context import PrepareContext

_NAME_LABEL = "kubernetes.io/metadata.name"

_SUBJECTS: tuple[Path, ...] = (("subjects", EACH, "namespace"), ("subjects", EACH, "name"))
_WEBHOOKS: tuple[Path, ...] = (("webhooks", EACH, "clientConfig", "service", "namespace"),)
_PARAMETERS: tuple[Path, ...] = (("spec", "paramRef", "namespace"),)
_CSI_SECRETS = ("controllerExpand", "controllerPublish", "nodeExpand", "nodePublish", "nodeStage")

REFERENCES: dict[str, tuple[Path, ...]] = {
    _kinds.API_SERVICES: (("spec", "service", "namespace"),),
    _kinds.CLAIMS: (("spec", "dataSourceRef", "namespace"),),
    _kinds.CLUSTER_ROLE_BINDINGS: _SUBJECTS,
    _kinds.CRDS: (("spec", "conversion", "webhook", "clientConfig", "service", "namespace"),),
    _kinds.ENDPOINTS: (
        ("subsets", EACH, "addresses", EACH, "targetRef", "namespace"),
        ("subsets", EACH, "notReadyAddresses", EACH, "targetRef", "namespace"),
    ),
    _kinds.ENDPOINT_SLICES: (("endpoints", EACH, "targetRef", "namespace"),),
    _kinds.INGRESS_CLASSES: (("spec", "parameters", "namespace"),),
    _kinds.MUTATING_POLICY_BINDINGS: _PARAMETERS,
    _kinds.MUTATING_WEBHOOKS: _WEBHOOKS,
    _kinds.VOLUMES: (
        ("spec", "claimRef", "namespace"),
        *(("spec", "csi", f"{use}SecretRef", "namespace") for use in _CSI_SECRETS),
    ),
    _kinds.ROLE_BINDINGS: _SUBJECTS,
    _kinds.VALIDATING_POLICY_BINDINGS: _PARAMETERS,
    _kinds.VALIDATING_WEBHOOKS: _WEBHOOKS,
    _kinds.VOLUME_SNAPSHOT_CONTENTS: (("spec", "volumeSnapshotRef", "namespace"),),
}
"""Where a type names a namespace; a subject's name does so when it is a service account's user or group."""

_USER = "system:serviceaccount:"
_GROUP = "system:serviceaccounts:"


def problems(mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with the mapping: only names that a namespace can have are taken."""
    return [
        f"namespace_mapping: {name!r} is not the name of a namespace"
        for name in dict.fromkeys((*mapping, *mapping.values()))
        if not isinstance(name, str) or namespace_problems(name)
    ]


def mapped_key(key: ObjectKey, mapping: Mapping[str, str]) -> ObjectKey:
    """The object's key on the target."""
    if key.namespace in mapping:
        return key._replace(namespace=mapping[key.namespace])
    if _kinds.is_namespace(key) and key.name in mapping:
        return key._replace(name=mapping[key.name])
    return key


def mapped(item: BackupItem, mapping: Mapping[str, str]) -> BackupItem:
    """The item under the key that it has on the target."""
    key = mapped_key(item.key, mapping) if mapping else item.key
    return item if key is item.key else replace(item, key=key, source=item.key)


def rename(resource: str, body: Body, context: PrepareContext) -> Body:
    """The object in its namespace on the target, and what it says of namespaces."""
    mapping = context.namespace_mapping
    if not mapping:
        return body
    body = revised(body, ("metadata", "namespace"), lambda name: _target(name, mapping))
    if resource == _kinds.NAMESPACES:
        body = _namespace(body, mapping)
    for path in REFERENCES.get(resource, ()):
        body = revised(body, path, _subject(mapping) if path[-1] == "name" else lambda name: _target(name, mapping))
    return body


def _namespace(body: Body, mapping: Mapping[str, str]) -> Body:
    """Without the label that holds the old name: the API server sets it."""
    renamed: Body = revised(body, ("metadata", "name"), lambda name: _target(name, mapping))
    return body if renamed is body else without(renamed, ("metadata", "labels"), (_NAME_LABEL,))


def _target(name: Any, mapping: Mapping[str, str]) -> Any:
    return mapping.get(name, name) if isinstance(name, str) else name


def _subject(mapping: Mapping[str, str]) -> Callable[[Any], Any]:
    """A service account is also the user system:serviceaccount:<namespace>:<name>, and in a group by its namespace."""

    def change(name: Any) -> Any:
        if not isinstance(name, str):
            return name
        if name.startswith(_GROUP):
            return _GROUP + _target(name.removeprefix(_GROUP), mapping)
        if name.startswith(_USER):
            namespace, colon, account = name.removeprefix(_USER).partition(":")
            return _USER + _target(namespace, mapping) + colon + account
        return name

    return change


@dataclass(frozen=True, slots=True)
class Collisions:
    """Objects of the backup that the mapping brings to one place; the keys are the source's."""

    duplicates: frozenset[ObjectKey]
    """Those for which another one stands that is the same on the target; one of them is no duplicate."""
    clashes: dict[ObjectKey, str]
    """Those that differ, each with the end of a sentence that names the others: none may be restored."""


def collisions(
    items: Iterable[BackupItem], mapping: Mapping[str, str], prepared: Callable[[BackupItem], Body]
) -> Collisions:
    """Who meets whom; `items` have their source keys, `prepared` is given mapped ones that meet, and no other."""
    duplicates: set[ObjectKey] = set()
    clashes: dict[ObjectKey, str] = {}
    for place, meeting in _meetings(items, mapping):
        bodies = [prepared(mapped(item, mapping)) for item in meeting]
        keys = [item.key for item in meeting]
        if all(body == bodies[0] for body in bodies[1:]):
            duplicates.update(keys[1:])
            continue
        for key in keys:
            others = " and ".join(str(other) for other in keys if other != key)
            clashes[key] = f"namespace_mapping brings it to {place}, and {others} too"
    return Collisions(frozenset(duplicates), clashes)


def _meetings(items: Iterable[BackupItem], mapping: Mapping[str, str]) -> Iterable[tuple[ObjectKey, list[BackupItem]]]:
    """Keys on the target with more than one item, each list in the order of the source's keys."""
    if not mapping:
        return
    found: dict[tuple[str, ObjectKey], list[BackupItem]] = {}
    for item in items:
        found.setdefault((item.resource, mapped_key(item.key, mapping)), []).append(item)
    for (_resource, place), meeting in found.items():
        if len(meeting) > 1:
            yield place, sorted(meeting, key=lambda item: item.key)
