# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Namespace that is never restored, and yet has to be there for what lies in it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import blank_if_excluded
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from filtering import InMemory

KEY = ObjectKey("", "Namespace", "", "shop-dr")
SOURCE = ObjectKey("", "Namespace", "", "shop")


def with_label(value):
    item = BackupItem(KEY, "namespaces", "v1", size=99, uid="7", source=SOURCE)
    return item, InMemory({item: {"metadata": {"labels": {"velero.io/exclude-from-backup": value}}}})


def test_nothing_of_it_comes_along_but_its_name():
    blank = blank_if_excluded(*with_label("true"))
    assert blank == BackupItem(KEY, "namespaces", "v1", source=SOURCE)
    assert blank.size == 0


@pytest.mark.parametrize("value", ["false", ""])
def test_any_other_is_made_as_the_backup_has_it(value):
    item, backup = with_label(value)
    assert blank_if_excluded(item, backup) is item


def test_one_that_the_backup_does_not_have_is_blank_already():
    blank = BackupItem(KEY, "namespaces", "v1")
    assert blank_if_excluded(blank, InMemory({})) is blank
