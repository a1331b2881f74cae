# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of options as they arrive. An empty text counts as unset, in lists too: a survey field that was left blank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def texts_of(values: list[str] | None) -> tuple[str, ...]:
    return tuple(value.strip() for value in values or [] if value.strip())


def pairs_of(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(old): str(new) for old, new in (given or {}).items() if old != "" and new not in ("", None)}
