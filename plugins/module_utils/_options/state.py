# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option state_key: with what the records of this collection on the target are signed."""

from __future__ import annotations

from .._keyed_digest import LEAST, Keys
from .texts import texts_of


def compile_keys(values: list[str] | None) -> tuple[Keys, list[str]]:
    """The keys, and the problems of those that are none; no key is ever part of a message."""
    keys = texts_of(values)
    found = [
        f"state_key: key {number} is {len(key)} characters long, at least {LEAST} are needed; openssl rand -base64 32"
        " makes one"
        for number, key in enumerate(keys, 1)
        if len(key) < LEAST
    ]
    return Keys(*keys), found
