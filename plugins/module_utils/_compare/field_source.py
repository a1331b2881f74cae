# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the value of a target-owned field is found: the small functions that the table in rebase_rules names.

Each takes the live value and the desired one, None for one that is absent, and gives the value to want, None for none;
neither is edited. What is not of the expected shape is left as the backup has it, for the server to refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from .._unstructured import as_maps
from .._values import Body

FieldSource = Callable[[Any, Any], Any]

_TOKEN_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def target(live: Any, _desired: Any) -> Any:
    """The target's word is final, and so is its silence."""
    return live


def trust_anchor(live: Any, _desired: Any) -> Any:
    """As target; known by name, for where a certificate authority follows the backup's all the same."""
    return live


def following(live: Any, desired: Any) -> Any:
    """The backup's word, where it says something."""
    return desired or live


def absent(live: Any, desired: Any) -> Any:
    """The backup's word goes first; the target fills a gap."""
    return live if desired is None else desired


def unset(live: Any, desired: Any) -> Any:
    """As absent, for fields where the API reads "", 0 and [] as nothing said."""
    return live if not desired and live is not None else desired


def lacking(live: Any, desired: Any) -> Any:
    """As absent, key by key of a map."""
    if not isinstance(live, dict) or not (desired is None or isinstance(desired, dict)):
        return desired
    return {**live, **(desired or {})}


def keys(*names: str, prefixes: tuple[str, ...] = ()) -> FieldSource:
    """The named keys of a map are the target's, those it lacks too; the others are not."""
    exact = frozenset(names)

    def is_owned(key: str) -> bool:
        return key in exact or key.startswith(prefixes)

    def pick(live: Any, desired: Any) -> Any:
        if not all(value is None or isinstance(value, dict) for value in (live, desired)):
            return desired
        owned = {key: value for key, value in (live or {}).items() if is_owned(key)}
        if not owned and not any(map(is_owned, desired or {})):
            return desired
        return {**{key: value for key, value in (desired or {}).items() if not is_owned(key)}, **owned}

    return pick


def elements(owned: Callable[[Body], bool]) -> FieldSource:
    """The owned elements of a list are the target's: its own stand where it has them, the backup's go."""

    def pick(live: Any, desired: Any) -> Any:
        if not all(value is None or isinstance(value, list) for value in (live, desired)):
            return desired
        if not any(map(owned, (*as_maps(live), *as_maps(desired)))):
            return desired
        rest = iter([element for element in desired or () if not (isinstance(element, dict) and owned(element))])
        woven: list[Any] = []
        for element in live or ():
            woven.extend((element,) if isinstance(element, dict) and owned(element) else islice(rest, 1))
        return [*woven, *rest]

    return pick


def token_volume(volume: Body) -> bool:
    """`kube-api-access-…` is projected; the older `<account>-token-…` is a Secret's, of the volume's own name."""
    name = str(volume.get("name"))
    if name.startswith("kube-api-access-"):
        return "projected" in volume
    secret = volume.get("secret")
    return "-token-" in name and isinstance(secret, dict) and secret.get("secretName") == name


def token_mount(mount: Body) -> bool:
    name = str(mount.get("name"))
    return mount.get("mountPath") == _TOKEN_MOUNT_PATH and (name.startswith("kube-api-access-") or "-token-" in name)


def default_toleration(toleration: Body) -> bool:
    return (
        toleration.get("key") in _TAINTS
        and toleration.get("effect") == "NoExecute"
        and toleration.get("operator") == "Exists"
        and "tolerationSeconds" in toleration
    )


def node_ports(live: Any, desired: Any) -> Any:
    """A Service port without a node port keeps the live one, unless another of its ports asks for that number."""
    asked = {_node_port(port) for port in as_maps(desired)}

    def free(port: Body, found: Body) -> bool:
        return not port.get("nodePort") and _node_port(found) not in asked

    return _with_node_ports(live, desired, free)


def asked_node_ports(live: Any, desired: Any) -> Any:
    """Every node port of a dry run's answer gives way to the one that was asked for; where none was, none is left."""
    if not isinstance(desired, list):
        return desired
    bare = [
        {name: value for name, value in port.items() if name != "nodePort"} if isinstance(port, dict) else port
        for port in desired
    ]
    return _with_node_ports(live, bare, lambda _port, _found: True)


def _with_node_ports(live: Any, desired: Any, wanted: Callable[[Body, Body], bool]) -> Any:
    allocated = {_port(port): port for port in as_maps(live) if port.get("nodePort")}
    if not allocated or not isinstance(desired, list):
        return desired
    result = []
    for port in desired:
        found = allocated.get(_port(port)) if isinstance(port, dict) else None
        result.append({**port, "nodePort": found["nodePort"]} if found and wanted(port, found) else port)
    return result


def _port(port: Body) -> tuple[str, str]:
    """A port is known by number and protocol, as the API server's own merge key has it; the default is TCP."""
    return str(port.get("port")), str(port.get("protocol") or "TCP")


def _node_port(port: Body) -> tuple[str, str]:
    return str(port.get("nodePort")), str(port.get("protocol") or "TCP")
