# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of a target's plans as a Secret, and what of a Secret is no such key."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory.plan_key import NAME, key_of, secret_of

KEY = "0123456789abcdef" * 4
SECRET = secret_of(KEY, "standby-velero")


def test_a_key_comes_back_as_it_was() -> None:
    assert key_of(SECRET) == KEY
    assert SECRET["metadata"]["name"] == NAME
    assert (SECRET["type"], SECRET["metadata"]["labels"]["standby.velero/holds"]) == ("standby.velero/key", "key")


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Opaque"},
        {"type": None},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": {"key": None}},
        {"data": {"key": "%%%"}},
        {"data": {"key": b64encode(b"\xff" * 64).decode()}},
        {"data": {"key": b64encode(KEY[:-1].encode()).decode()}},
        {"data": {"key": b64encode(KEY.upper().encode()).decode()}},
        {"data": {"key": b64encode(f"{KEY}\n".encode()).decode()}},
        {"data": {"key": "é"}},
    ],
)
def test_what_is_no_key_is_refused_by_name_and_without_its_value(other: dict[str, Any]) -> None:
    with pytest.raises(StateError, match=r"Secret plan-key is .*Delete it, and the next run makes another") as caught:
        key_of({**SECRET, **other})
    assert KEY[:8] not in str(caught.value)
