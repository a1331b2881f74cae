# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scripted connection answers, parsed or as bytes, as it was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer


def answer_of(body: Any, how: Mapping[str, Any], *warnings: str, status: int = 200) -> Answer:
    """`how` are the named arguments of `send`."""
    return Answer(status, json.dumps(body).encode() if how.get("raw") else body, warnings)
