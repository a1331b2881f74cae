# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects each entry of the filter policies kept out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.filtered import (
    FILTERED_BYTES,
    entries,
    kept_out,
    shortened,
)
from ansible_collections.standby.velero.plugins.module_utils._report.text import json_size
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome

ROW = "namespacedFilterPolicies[0].resourceFilters[0]"


def key(name, namespace="shop"):
    return ObjectKey("", "ConfigMap", namespace, name)


def item(name, namespace="shop"):
    return BackupItem(key(name, namespace), "configmaps", "v1")


def done(ref):
    return Done(Change(ref, Action.CREATE), ObjectResult(Outcome.CREATED))


FILTERED = {key("a"): ROW, key("b"): ROW[:27], key("c"): ROW}


def test_entries_are_counted_most_objects_first():
    found = kept_out(FILTERED, [done(item("d"))])
    assert list(entries(found)) == [{"entry": ROW, "objects": 2}, {"entry": ROW[:27], "objects": 1}]


CAME_ALONG = {
    "under its own name": item("a"),
    "under another namespace": replace(item("a", "shop-dr"), source=key("a")),
}


@pytest.mark.parametrize("ref", CAME_ALONG.values(), ids=CAME_ALONG)
def test_what_came_along_all_the_same_is_not_counted(ref):
    assert kept_out(FILTERED, [done(ref)]) == {ROW: 1, ROW[:27]: 1}


def test_what_was_deleted_or_lies_elsewhere_came_not_along():
    others = [done(ObjectRef(key("a"), "configmaps", "v1")), done(replace(item("a"), source=key("a", "bank")))]
    assert kept_out(FILTERED, others) == {ROW: 2, ROW[:27]: 1}


def test_a_result_has_as_many_entries_as_fit():
    many = {f"namespacedFilterPolicies[{number}]": 1000 - number for number in range(1000)}
    shown = shortened(many)
    assert 0 < len(shown) < len(many)
    assert json_size(shown) <= FILTERED_BYTES
    assert shown == list(entries(many))[: len(shown)]
