# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault of ours is told by its place, never by its text."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._fault import fault_in


def test_type_and_place_are_told_and_the_text_is_not():
    with pytest.raises(ValueError, match="canary") as caught:
        int("canary")
    said = fault_in("velero_restore", caught.value)
    assert said.startswith("fault in velero_restore: ")
    assert said.endswith(" > ValueError; please report it")
    assert "test_fault.py:" in said
    assert "canary" not in said
