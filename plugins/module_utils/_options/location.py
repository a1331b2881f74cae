# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option backup_location: a BackupStorageLocation by its name, or a dictionary that says where Velero runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._kubernetes_core import AUTH_ARG_SPEC
from .._match.validation import namespace_problems
from .._source.keys import is_backup_name
from .._source.places import REQUEST_SECONDS, VELERO_NAMESPACE, LocationPlace

LONGEST_TIMEOUT = 3600

_OWN = ("name", "namespace", "timeout")
_FULL = {alias: name for name, spec in AUTH_ARG_SPEC.items() for alias in (name, *spec.get("aliases", ()))}
"""From each spelling of a connection option to its name."""


def location_place(value: Any) -> tuple[LocationPlace | None, list[str]]:
    """The place, None when there is none or it has problems; and the problems. A blank counts as unset."""
    if not value:
        return None, []
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return None, ["backup_location: give the name of a BackupStorageLocation, or a dictionary with name"]
    given = {str(name): part for name, part in given.items() if part not in (None, "")}
    problems = [f"backup_location: {problem}" for problem in _problems(given)]
    if problems:
        return None, problems
    connection = {_FULL[name]: part for name, part in given.items() if name in _FULL}
    place = LocationPlace(
        name=given["name"],
        namespace=given.get("namespace", VELERO_NAMESPACE),
        timeout=int(given.get("timeout", REQUEST_SECONDS)),
        connection=connection,
    )
    return place, []


def _problems(given: Mapping[str, Any]) -> list[str]:
    unknown = sorted(given.keys() - set(_OWN) - _FULL.keys())
    found = [f"{name}: is no option of it" for name in unknown]
    if not is_backup_name(str(given.get("name", ""))):
        found.append("name: give the name of a BackupStorageLocation, such as default")
    namespace = str(given.get("namespace", VELERO_NAMESPACE))
    found += [f"namespace: {namespace!r}: {problem}" for problem in namespace_problems(namespace)]
    timeout = str(given.get("timeout", REQUEST_SECONDS))
    if not timeout.isdigit() or not 1 <= int(timeout) <= LONGEST_TIMEOUT:
        found.append(f"timeout: is not between 1 and {LONGEST_TIMEOUT} seconds")
    return found
