# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery that can be believed: of a server that is ready, held against the types that it has stored.

For 0.2 to 1.5 seconds after its start kube-apiserver answers /apis with 200 and leaves out every group of a
CustomResourceDefinition, none of them marked as stale (seen on 1.36). Who believes that takes a type for gone with all
its objects. So what stored CustomResourceDefinitions and APIServices announce has to be in it: it is asked for again
until then, and what is missing still when time is up makes its group incomplete.

Three requests more than discovery alone: definitions come as their metadata, for their schemas are large. Where one of
the three is not allowed the types are what discovery says, and nothing that is missing there is known to be gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from .._errors import ClusterError, Unauthorized, Unreachable
from .._kinds import API_SERVICE, DEFINITION
from .._unstructured import as_maps, as_text, nested
from .._values import Body
from .client import METADATA_TYPE, Client
from .discovery import Discovery, discover
from .readiness import wait_ready

DEADLINE = 30.0
"""Seconds that discovery may lack what is stored."""
_PAUSE, _LONGEST = 0.1, 1.0
_RIGHTS = (
    "a prune needs get on /readyz, and list on customresourcedefinitions.apiextensions.k8s.io and"
    " apiservices.apiregistration.k8s.io; docs/rights.md has them"
)


class _Service(NamedTuple):
    """An APIService: a group at a version, and who serves it."""

    group: str
    version: str
    is_foreign: bool
    """Served by another server than this one."""
    is_up: bool


class _Stored(NamedTuple):
    """What the server announces of its types beside discovery."""

    definitions: frozenset[str]
    """Names of CustomResourceDefinitions, which are those of their types."""
    services: tuple[_Service, ...]


def checked_discovery(
    client: Client, deadline: float = DEADLINE, sleep: Callable[[float], None] = time.sleep
) -> Discovery:
    """The types of the target, and whether what is not among them is known to be gone."""
    unproven = wait_ready(client, sleep=sleep)
    try:
        stored = _stored(client)
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        return _doubted(discover(client), "; ".join(filter(None, (unproven, str(error)))))
    return _doubted(_complete(client, stored, deadline, sleep), unproven)


def _doubted(discovery: Discovery, why: str) -> Discovery:
    return replace(discovery, unproven=why and f"{why}; {_RIGHTS}")


def _stored(client: Client) -> _Stored:
    definitions = (_name(body) for page in client.pages(DEFINITION, accept=METADATA_TYPE) for body in page)
    services = (_service(body) for page in client.pages(API_SERVICE) for body in page)
    return _Stored(frozenset(definitions), tuple(services))


def _name(body: Body) -> str:
    return as_text(nested(body, "metadata", "name"))


def _service(body: Body) -> _Service:
    """One that names no Service is the API server's own."""
    group, version = (as_text(nested(body, "spec", field)) for field in ("group", "version"))
    is_foreign = bool(nested(body, "spec", "service"))
    return _Service(group, version, is_foreign, not is_foreign or _is_true(body, "Available"))


def _is_true(body: Body, condition: str) -> bool:
    conditions = as_maps(nested(body, "status", "conditions"))
    return any(one.get("type") == condition and one.get("status") == "True" for one in conditions)


def _complete(client: Client, stored: _Stored, deadline: float, sleep: Callable[[float], None]) -> Discovery:
    """Discovery once it has what is stored, or as it is when time is up."""
    end = time.monotonic() + deadline
    pause = _PAUSE
    discovery = discover(client)
    silent = _silent(client) if stored.definitions - discovery.types.keys() else frozenset()
    missing = _missing(discovery, stored, silent)
    while not missing <= discovery.incomplete and time.monotonic() < end:
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
        discovery = discover(client)
        missing = _missing(discovery, stored, silent)
    away = (service.group for service in stored.services if not service.is_up)
    foreign = (service.group for service in stored.services if service.is_foreign)
    return replace(
        discovery,
        incomplete=discovery.incomplete.union(missing, away),
        opaque=frozenset(foreign).union(map(_group, silent)),
    )


def _silent(client: Client) -> frozenset[str]:
    """Definitions that by themselves serve nothing: not established, or in no version."""
    bodies = (body for page in client.pages(DEFINITION) for body in page)
    return frozenset(_name(body) for body in bodies if not _is_served(body))


def _is_served(definition: Body) -> bool:
    versions = as_maps(nested(definition, "spec", "versions"))
    return _is_true(definition, "Established") and any(version.get("served") is True for version in versions)


def _missing(discovery: Discovery, stored: _Stored, silent: frozenset[str]) -> frozenset[str]:
    """Groups of what ought to be served, and is not."""
    return frozenset((*_missing_types(discovery, stored, silent), *_missing_versions(discovery, stored)))


def _missing_types(discovery: Discovery, stored: _Stored, silent: frozenset[str]) -> Iterator[str]:
    return map(_group, stored.definitions - silent - discovery.types.keys())


def _missing_versions(discovery: Discovery, stored: _Stored) -> Iterator[str]:
    up = (service for service in stored.services if service.is_up)
    return (one.group for one in up if (one.group, one.version) not in discovery.versions_served)


def _group(name: str) -> str:
    """Of a type, by its name."""
    return name.partition(".")[2]
