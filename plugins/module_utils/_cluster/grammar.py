# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What names, resource names and field paths look like in the API server's texts: only what fits is shown of them."""

from __future__ import annotations

import re

NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
ODD_NAME = r"[A-Za-z0-9:.@/_-]{1,253}"
"""Of RBAC objects and users: nearly anything goes there, only these are shown."""
QUOTED = r'"(?:[^"\\]|\\.){0,1024}"'
RESOURCE = r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,250}[A-Za-z0-9])?"
"""`cpu`, `requests.nvidia.com/gpu`, `count/deployments.apps`."""
QUANTITY = r"[0-9.+-]{1,40}(?:e[0-9+-]{1,4}|[A-Za-z]{1,2})?"
KIND = rf"(?:{NAME}/)?v[0-9][a-z0-9]{{0,14}}, Kind=[A-Z][A-Za-z0-9]{{0,62}}"

_PART = r"[A-Za-z_$][A-Za-z0-9_$/-]{0,252}"
_KEY = r"[A-Za-z0-9._$/:-]{1,253}"
FIELD = rf"""\.?{_PART}(?:\.{_PART}|\[(?:{_KEY}|"{_KEY}"|'{_KEY}')\]){{0,40}}"""
"""A field path: names with dots between them, indexes and keys in brackets. Nothing else is taken for one."""

_LONGEST_FIELD = 1024
_WHOLE_FIELD = re.compile(FIELD)


def is_field(text: str) -> bool:
    """Whether a text looks like a field path, and like nothing else."""
    return len(text) <= _LONGEST_FIELD and _WHOLE_FIELD.fullmatch(text) is not None
