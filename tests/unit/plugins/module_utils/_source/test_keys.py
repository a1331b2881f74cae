# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Velero's names of files."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._source.keys import (
    content_key,
    folder_of,
    is_backup_name,
    metadata_key,
)


def test_a_backup_s_files_lie_where_velero_puts_them():
    assert folder_of("hourly-1") == "backups/hourly-1"
    assert content_key("hourly-1") == "backups/hourly-1/hourly-1.tar.gz"
    assert metadata_key("hourly-1") == "backups/hourly-1/velero-backup.json"


@pytest.mark.parametrize("name", ["a", "hourly-20261124030000", "a.b", "1", "a" * 253])
def test_a_name_that_kubernetes_allows_is_one(name):
    assert is_backup_name(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a/b", "..", ".", "a b", "a\n", "a" * 254, "é"])
def test_a_name_that_kubernetes_does_not_allow_is_none(name):
    assert not is_backup_name(name)
