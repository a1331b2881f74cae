# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A merge patch as it is sent."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import (
    comparison_of,
    patch_of,
    with_metadata,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Change, Comparison
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action
from executing import LABELS, body_of, config_map, executor, item_of
from scripted_target import ScriptedTarget

CONFIG_MAP = item_of(config_map())
NAMESPACE = item_of(body_of("Namespace", "shop"))


@pytest.mark.parametrize(
    ("patch", "labels", "sent"),
    [
        ({}, {}, {"metadata": {"resourceVersion": "7"}}),
        ({}, LABELS, {"metadata": {"resourceVersion": "7", "labels": LABELS}}),
        ({"data": None}, LABELS, {"data": None, "metadata": {"resourceVersion": "7", "labels": LABELS}}),
        (
            {"metadata": {"labels": {"team": None}, "annotations": {"a": "b"}}},
            LABELS,
            {"metadata": {"labels": {"team": None, **LABELS}, "annotations": {"a": "b"}, "resourceVersion": "7"}},
        ),
        ({"metadata": {"labels": {"a": "b"}}}, {}, {"metadata": {"labels": {"a": "b"}, "resourceVersion": "7"}}),
    ],
)
def test_labels_and_version_join_what_the_patch_has_of_metadata_which_is_not_edited(patch, labels, sent):
    before = repr(patch)
    assert with_metadata(patch, labels, "7") == sent
    assert repr(patch) == before


@pytest.mark.parametrize(
    ("item", "merged", "labelled"), [(CONFIG_MAP, False, True), (CONFIG_MAP, True, False), (NAMESPACE, False, False)]
)
def test_the_two_labels_go_with_all_but_namespaces_and_merged_accounts(item, merged, labelled):
    change = Change(item, Action.UPDATE, comparison=Comparison("7", {"data": {"a": "b"}}, merged=merged))
    sent = patch_of(executor(ScriptedTarget()), change)
    labels = {"labels": LABELS} if labelled else {}
    assert sent == {"data": {"a": "b"}, "metadata": {**labels, "resourceVersion": "7"}}


@pytest.mark.parametrize(
    ("kind", "status", "along"),
    [("Workflow", {"phase": "Succeeded"}, True), ("Workflow", {}, False), ("Job", {"succeeded": 1}, False)],
    ids=["a field like any other", "none is due", "apart"],
)
def test_a_status_goes_along_where_its_type_has_no_subresource_for_it(kind, status, along):
    item = item_of(body_of(kind, "build"))
    change = Change(item, Action.UPDATE, comparison=Comparison("7", {"spec": {"a": "b"}}, status=status))
    sent = patch_of(executor(ScriptedTarget()), change)
    metadata = {"labels": LABELS, "resourceVersion": "7"}
    assert sent == {"spec": {"a": "b"}, "metadata": metadata, **({"status": status} if along else {})}
    assert change.comparison.patch == {"spec": {"a": "b"}}


def test_a_patch_of_what_was_never_compared_is_a_fault():
    with pytest.raises(ValueError, match=r"update without a comparison: ConfigMap shop/app"):
        comparison_of(Change(CONFIG_MAP, Action.UPDATE))
