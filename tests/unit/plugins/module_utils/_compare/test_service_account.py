# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceAccounts: the table is spec and Velero's own behaviour, name by name and key by key."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.ignored import compile_ignored
from ansible_collections.standby.velero.plugins.module_utils._compare.normalise import strip
from ansible_collections.standby.velero.plugins.module_utils._compare.service_account import merge, not_merged
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import diff


@pytest.mark.parametrize(
    ("live", "desired", "patch"),
    [
        ({}, {"secrets": [{"name": "a"}]}, {"secrets": [{"name": "a"}]}),
        (
            {"secrets": [{"name": "live"}]},
            {"secrets": [{"name": "b"}, {"name": "live"}]},
            {"secrets": [{"name": "live"}, {"name": "b"}]},
        ),
        ({"secrets": [{"name": "live"}]}, {}, {}),
        ({"secrets": [{"name": "live"}]}, {"secrets": []}, {}),
        ({}, {"secrets": []}, {}),
        ({"imagePullSecrets": [{"name": "a"}]}, {"imagePullSecrets": [{"name": "a"}]}, {}),
        ({}, {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]}, {"imagePullSecrets": [{"name": "a"}]}),
        (
            {"metadata": {"labels": {"a": "live"}}},
            {"metadata": {"labels": {"a": "backup", "b": "backup"}, "annotations": {"c": "backup"}}},
            {"metadata": {"labels": {"b": "backup"}, "annotations": {"c": "backup"}}},
        ),
        ({"automountServiceAccountToken": False}, {"automountServiceAccountToken": True}, {}),
        ({}, {"automountServiceAccountToken": False}, {"automountServiceAccountToken": False}),
        ({}, {"secrets": "nonsense", "imagePullSecrets": [1, {}, {"name": 3}]}, {"imagePullSecrets": [{"name": 3}]}),
    ],
)
def test_the_backup_only_adds(live: Any, desired: Any, patch: Any) -> None:
    kept = copy.deepcopy((live, desired))
    assert diff(strip(live), merge(strip(live), strip(desired))) == patch
    assert (live, desired) == kept


@pytest.mark.parametrize(
    ("live", "desired", "merged", "equal"),
    [
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"name": "a"}]}, False, True),
        ({"secrets": [{"name": "a"}]}, {}, True, True),
        ({}, {"secrets": [{"name": "a"}]}, True, False),
    ],
)
def test_an_account_that_differs_counts_as_merged_even_with_nothing_to_add(
    live: Any, desired: Any, merged: bool, equal: bool
) -> None:
    comparison = compare("serviceaccounts", live, desired)
    assert (comparison.merged, comparison.equal) == (merged, equal)


@pytest.mark.parametrize(
    ("live", "desired", "fields"),
    [
        ({}, {"automountServiceAccountToken": False, "secrets": [{"name": "a"}]}, ()),
        (
            {"automountServiceAccountToken": True},
            {"automountServiceAccountToken": False},
            ("automountServiceAccountToken",),
        ),
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"name": "b"}]}, ()),
        (
            {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "standby", "mine": "x"}, "labels": {"a": "1"}}},
            {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "prod", "new": "y"}, "labels": {"a": "2"}}},
            ("metadata.labels.a", "metadata.annotations[eks.amazonaws.com/role-arn]"),
        ),
    ],
)
def test_what_a_merge_does_not_take_over_is_told_by_name(live: Any, desired: Any, fields: tuple[str, ...]) -> None:
    assert not_merged(strip(live), strip(desired)) == fields
    assert compare("serviceaccounts", live, desired).not_overwritten == fields


def test_a_field_that_is_left_to_the_target_is_not_told() -> None:
    arn = "eks.amazonaws.com/role-arn"
    rows = compile_ignored({"serviceaccounts": ["/metadata/annotations/eks.amazonaws.com~1role-arn"]}).rows(
        "serviceaccounts"
    )
    live, desired = ({"metadata": {"annotations": {arn: whose}}} for whose in ("standby", "prod"))
    assert compare("serviceaccounts", live, desired, rows).not_overwritten == ()


def test_very_many_references_are_united_in_a_time_that_grows_with_them_and_no_faster() -> None:
    """Each beside each other one, this many would take hours."""
    live = {"imagePullSecrets": [{"name": f"live-{number}"} for number in range(100_000)]}
    desired = {"imagePullSecrets": [{"name": f"other-{number}"} for number in range(100_000)]}
    united = merge(live, desired)["imagePullSecrets"]
    assert united == live["imagePullSecrets"] + desired["imagePullSecrets"]
