# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a user may give what Velero reads out of a ConfigMap: the structure, its text, or all of it.

Velero 1.18, internal/resourcemodifiers and internal/resourcepolicies: the ConfigMap has one key, whatever its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import SettingsError
from .text import parse_text


def document_of(value: Any, what: str) -> Any:
    """The structure; `what` it is tells a message. Raises a SettingsError when text or ConfigMap cannot be read."""
    parsed = parse_text(value) if isinstance(value, str) else value
    if not isinstance(parsed, Mapping) or parsed.get("kind") != "ConfigMap":
        return parsed
    data = parsed.get("data")
    if not isinstance(data, Mapping) or len(data) != 1 or not isinstance(next(iter(data.values())), str):
        raise SettingsError([f"illegal {what} configmap: its data must have one key with text"])
    return parse_text(next(iter(data.values())))
