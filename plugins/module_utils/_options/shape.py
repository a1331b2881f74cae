# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that shape what an object is to become and how it is compared, as bytes: equal for equal ones.

A new setting counts until it is named here as one that does not: to compare once more is slow, not to is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from .settings import Settings

ELSEWHERE = frozenset(
    (
        # which backup, and where it lies: of it the bytes of each body count
        "source", "backup_name", "restore_name", "previous_file", "previous_name",
        # whether the restore goes on, and how long it may take
        "limits", "allow_empty", "approved", "approved_report", "terminating_timeout", "run_timeout", "fail_on",
        # what is kept, told and deleted
        "state_namespace", "state_keys", "state_adopt", "state_rebuild", "lock_duration", "lock_timeout", "recording",
        "readiness", "readiness_accepted", "report_path", "delta", "pruning", "compare", "dry_run", "diff",
        "concurrency", "hidden",
    )
)  # fmt: skip
"""Settings that no comparison depends on."""


def shape_of(settings: Settings) -> bytes:
    """A TypeError for a value of a kind that cannot be told from others of its kind."""
    counting = (field.name for field in fields(settings) if field.name not in ELSEWHERE)
    said = {name: _said(getattr(settings, name)) for name in counting}
    return json.dumps(said, sort_keys=True).encode("utf-8")


def _said(value: Any) -> Any:
    """As JSON has it, types of ours by their names and fields."""
    if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return _said(value.value)
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if is_dataclass(value):
        compared = (field.name for field in fields(value) if field.compare)
        return [type(value).__name__, {name: _said(getattr(value, name)) for name in compared}]
    return _of_many(value)


def _of_many(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = [[_said(key), _said(held)] for key, held in value.items()]
        return ["mapping", sorted(pairs, key=json.dumps)]
    if isinstance(value, (set, frozenset)):
        return ["set", sorted(map(_said, value), key=json.dumps)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, list(map(_said, value))]
    raise TypeError(f"settings with a {type(value).__name__} cannot be compared")
