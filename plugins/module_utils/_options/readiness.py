# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a restore that asks at its end whether the standby could take over now."""

from __future__ import annotations

from typing import Any

READINESS_SPEC: dict[str, dict[str, Any]] = {
    "readiness": {"type": "bool", "default": False},
    "readiness_accept": {"type": "list", "elements": "str", "default": []},
}
