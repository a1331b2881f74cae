# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: addresses and ports that the source cluster allocated. Velero 1.18, pkg/restore/actions/service_action.go.

A port that the user had set himself stays. Whether he did is read from the annotation of kubectl apply or, only when
there is none, from managedFields. Unlike Velero, which gives the object up, ours takes an annotation that is no JSON
for one that names no port: the target allocates anew, or keeps what it has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .._unstructured import annotations_of, as_list, as_map, as_text, each, nested, without
from .._values import Body
from .context import PrepareContext

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def rewrite(body: Body, context: PrepareContext) -> Body:
    """A headless Service keeps its `None`, and any its ports on the nodes when the user wants them preserved.

    One that merely prefers two families takes those of the target's network; the API server refuses it when it names a
    family that the target does not have (seen on 1.36). One that requires two, or one of them, is meant so.
    """
    if nested(body, "spec", "clusterIP") != "None":
        body = without(body, ("spec",), ("clusterIP", "clusterIPs"))
    if nested(body, "spec", "ipFamilyPolicy") == "PreferDualStack":
        body = without(body, ("spec",), ("ipFamilies",))
    return body if context.preserve_node_ports else _without_node_ports(body)


def _without_node_ports(body: Body) -> Body:
    """An ExternalName has no ports on a node."""
    applied = _last_applied(body)
    spec = as_map(body.get("spec"))
    if spec.get("type") != "ExternalName":
        is_users = _by_managed_fields(body) if applied is None else _by_annotation(applied)
        body = each(body, ("spec", "ports"), lambda port: port if is_users(port) else without(port, (), ("nodePort",)))
    if _checks_health(spec) and not _names_health_port(body, applied):
        body = without(body, ("spec",), ("healthCheckNodePort",))
    return body


def _last_applied(body: Body) -> Body | None:
    """What kubectl apply was given; None without the annotation, empty when the text is of no use."""
    annotations = annotations_of(body)
    if LAST_APPLIED not in annotations:
        return None
    try:
        return as_map(json.loads(as_text(annotations[LAST_APPLIED])))
    except (ValueError, RecursionError):
        return {}


def _by_annotation(applied: Body) -> Callable[[Body], bool]:
    """Named ports count by their name, unnamed ones by the number they ask for."""
    ports = [port for port in as_list(nested(applied, "spec", "ports")) if _number(nested(port, "nodePort")) > 0]
    names = {as_text(port.get("name")) for port in ports if "name" in port}
    numbers = {_number(port.get("nodePort")) for port in ports if "name" not in port}

    def is_users(port: Body) -> bool:
        name = as_text(port.get("name"))
        return name in names if name else _number(port.get("nodePort")) in numbers

    return is_users


def _by_managed_fields(body: Body) -> Callable[[Body], bool]:
    """A manager that set a port's nodePort owns `f:nodePort` below the port's key."""
    keys = {
        key
        for fields in _managed(body)
        for key, port in as_map(nested(fields, "f:spec", "f:ports")).items()
        if "f:nodePort" in as_map(port)
    }
    return lambda port: f'k:{{"port":{port.get("port")},"protocol":"{port.get("protocol")}"}}' in keys


def _checks_health(spec: Body) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _names_health_port(body: Body, applied: Body | None) -> bool:
    if _number(nested(applied, "spec", "healthCheckNodePort")):
        return True
    return any(isinstance(nested(fields, "f:spec", "f:healthCheckNodePort"), dict) for fields in _managed(body))


def _managed(body: Body) -> Iterator[Any]:
    return (nested(entry, "fieldsV1") for entry in as_list(nested(body, "metadata", "managedFields")))


def _number(value: Any) -> int:
    """A port as the annotation may spell it: 30080, 30080.0 or "30080"; 0 for anything else."""
    if isinstance(value, str):
        return int(value) if len(value) <= 5 and value.isascii() and value.isdigit() else 0
    return int(value) if isinstance(value, (int, float)) and 0 < value <= 65535 else 0
