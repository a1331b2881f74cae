# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comparison sees of a body."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.normalise import digest, strip

NO_METADATA: dict[str, Any] = {"labels": {}, "annotations": {}}


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ({"apiVersion": "v1", "kind": "Pod", "status": {"phase": "Running"}}, {"metadata": NO_METADATA}),
        ({"metadata": {"name": "a", "uid": "u", "finalizers": ["f"], "managedFields": []}}, {"metadata": NO_METADATA}),
        (
            {"metadata": {"labels": {"app": "a", "velero.io/backup-name": "b", "velero.io/restore-name": "r"}}},
            {"metadata": {"labels": {"app": "a"}, "annotations": {}}},
        ),
        ({"metadata": {"labels": None, "annotations": {"a": None}}}, {"metadata": NO_METADATA}),
        ({"metadata": None, "spec": None}, {"metadata": NO_METADATA}),
        ({"metadata": "nonsense"}, {"metadata": NO_METADATA}),
        ({"metadata": {"labels": ["nonsense"]}}, {"metadata": {"labels": ["nonsense"], "annotations": {}}}),
        (
            {"spec": {"template": {"metadata": {"creationTimestamp": None}}, "list": [None, {"a": None, "b": 1}]}},
            {"spec": {"template": {"metadata": {}}, "list": [None, {"b": 1}]}, "metadata": NO_METADATA},
        ),
    ],
)
def test_strip_leaves_what_a_user_wrote(body: Any, seen: Any) -> None:
    kept = copy.deepcopy(body)
    assert strip(body) == seen
    assert body == kept


def test_strip_copies_only_where_there_is_a_null() -> None:
    body: dict[str, Any] = {"data": {"a": "x"}, "spec": {"a": None}}
    stripped = strip(body)
    assert stripped["data"] is body["data"]
    assert stripped["spec"] == {}


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": True})
    assert digest({"a": "\ud800"})
