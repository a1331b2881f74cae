# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One version, in two places."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.standby.velero.plugins.module_utils._version import VERSION


def test_the_version_is_that_of_the_collection() -> None:
    galaxy = Path(__file__).parents[4] / "galaxy.yml"
    assert yaml.safe_load(galaxy.read_text(encoding="utf-8"))["version"] == VERSION
