# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of a restore that asks at its end whether the standby could take over now."""

from __future__ import annotations

from typing import Any

READINESS_SPEC: dict[str, dict[str, Any]] = {
    "readiness": {"type": "bool", "default": False},
    "readiness_accept": {"type": "list", "elements": "str", "default": []},
}
