# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects out of the recorded production backup, for tests that want a real one."""

from __future__ import annotations

import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

NAME = "hourly-20261124020000"
BACKUP = Path(__file__).parent.parent / "golden" / "store" / "backups" / NAME / f"{NAME}.tar.gz"


@cache
def _texts() -> dict[str, bytes]:
    """Path below resources/ -> JSON, the copies without a version folder."""
    found = {}
    with tarfile.open(BACKUP) as tar:
        for member in tar:
            parts = member.name.split("/")
            if member.isfile() and parts[0] == "resources" and parts[2] in ("namespaces", "cluster"):
                found["/".join(parts[1:]).removesuffix(".json")] = tar.extractfile(member).read()
    return found


def places() -> list[tuple[str, str, str]]:
    """(resource, namespace, name) of every object, in the archive's order."""
    split = [path.split("/") for path in _texts()]
    return [(parts[0], parts[2] if parts[1] == "namespaces" else "", parts[-1]) for parts in split]


def body(resource: str, namespace: str, name: str) -> dict[str, Any]:
    """A fresh copy of one object."""
    scope = f"namespaces/{namespace}" if namespace else "cluster"
    return json.loads(_texts()[f"{resource}/{scope}/{name}"])
