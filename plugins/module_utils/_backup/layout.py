# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie in a Velero backup; any other path is refused.

Shapes: `metadata/version`; `resources/<resource>[.<group>]/namespaces/<namespace>/<name>.json` and
`resources/<resource>[.<group>]/cluster/<name>.json`; the same again below a folder `<version>[-preferredversion]` of
the resource (Velero 1.18, pkg/archive/filesystem.go, pkg/backup/item_backupper.go). Refused in a path: absolute, `.`,
`..`, empty components, NUL.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .._text import shown

VERSION_FILE = "metadata/version"

PREFERRED = "-preferredversion"
"""Ends the folder of the version that production's API server preferred."""

_KNOWN_FORMATS = re.compile(r"1|1\.[01](\.[0-9]+)?")
"""Format 1.1 brought the version folders (Velero 1.4); a new minor one may bring folders that nobody here has seen."""

_ITEM = re.compile(
    r"resources/(?P<resource>[^/]+)/"
    r"(?:(?!(?:cluster|namespaces)/)(?P<version>[^/]+)/)?"
    r"(?:cluster|namespaces/(?P<namespace>[^/]+))/"
    r"(?P<name>[^/]+)\.json"
)
_FOLDER = re.compile(
    r"metadata|resources(?:/[^/]+(?:/(?!(?:cluster|namespaces)(?:/|\Z))[^/]+)?(?:/cluster|/namespaces(?:/[^/]+)?)?)?"
)


class Place(NamedTuple):
    """What the path of an item says of it."""

    resource: str
    version: str
    """Name of the version folder; empty for the copy that is restored by default."""
    namespace: str
    """Empty for a cluster-scoped object."""
    name: str


def place_of(path: str) -> Place | None:
    """The place of an item's file; None for a path outside the layout."""
    found = _ITEM.fullmatch(path)
    if not found:
        return None
    return Place(found["resource"], found["version"] or "", found["namespace"] or "", found["name"])


def is_folder(path: str) -> bool:
    """Whether a directory lies on the way to items or to the version file; the archive's root is an empty path."""
    return not path or _FOLDER.fullmatch(path) is not None


def path_problem(path: str) -> str:
    """Why a path is refused wherever it leads, as the end of a sentence; empty when it is fine.

    Only where it leads somewhere: RBAC objects, users and groups of OpenShift have names with backslashes, blanks and
    letters of any script, which are names and nothing else; they are escaped wherever they are shown.
    """
    if "\0" in path:
        return "has a NUL in its name"
    if path.startswith("/"):
        return "has an absolute name"
    parts = path.split("/")
    if ".." in parts:
        return "has '..' in its name"
    if "" in parts or "." in parts:
        return "has an empty or '.' component in its name"
    return ""


def format_problem(text: str) -> str:
    """Why the text of metadata/version is refused; empty when the format is known."""
    version = text.strip()
    if _KNOWN_FORMATS.fullmatch(version):
        return ""
    return f"names the unknown format version {shown(version)!r}; known are 1, 1.0.x and 1.1.x"
