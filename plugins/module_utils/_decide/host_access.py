# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workload asks of the node that its Pods run on, beyond a container of their own.

By the Pod Security Standards' profile Baseline, as far as it is about reaching the host: whoever has that, has the
node's credentials, and those of every Pod on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._prepare.images import POD_SPECS
from .._unstructured import as_maps, as_text, as_texts, nested
from .._values import Body, Path

WORKLOADS: dict[str, Path] = {
    **POD_SPECS,
    "deploymentconfigs.apps.openshift.io": ("spec", "template", "spec"),
    "podtemplates": ("template", "spec"),
}
"""Where the types that make Pods have the Pods' spec."""

_USUAL: Path = ("spec", "template", "spec")
_SHARED = ("hostNetwork", "hostPID", "hostIPC")
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def host_access(resource: str, body: Body) -> Iterator[str]:
    """`hostNetwork`, `hostPath /etc`, `container web is privileged`, a text each; of a type that nobody knows too."""
    spec = nested(body, *WORKLOADS.get(resource, _USUAL))
    yield from (field for field in _SHARED if nested(spec, field) is True)
    for volume in as_maps(nested(spec, "volumes")):
        if isinstance(volume.get("hostPath"), dict):
            yield f"hostPath {as_text(volume['hostPath'].get('path'))}"
    if _is_host_process(spec):
        yield "hostProcess"
    for field in _CONTAINERS:
        for container in as_maps(nested(spec, field)):
            yield from _of_container(container)


def _of_container(container: Body) -> Iterator[str]:
    name = f"container {as_text(container.get('name'))}"
    if nested(container, "securityContext", "privileged") is True:
        yield f"{name} is privileged"
    added = as_texts(nested(container, "securityContext", "capabilities", "add"))
    if added:
        yield f"{name} adds {', '.join(sorted(added))}"
    if _is_host_process(container):
        yield f"{name} is a hostProcess"


def _is_host_process(part: Any) -> bool:
    return nested(part, "securityContext", "windowsOptions", "hostProcess") is True
