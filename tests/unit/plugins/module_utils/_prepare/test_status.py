# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the status comes along."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._match.globs import Patterns
from ansible_collections.standby.velero.plugins.module_utils._prepare.status import ANNOTATION, status_of, wants_status

WIDGETS = "widgets.example.org"
ALL, NONE = Patterns(["*"]), Patterns([])


@pytest.mark.parametrize(
    ("included", "excluded", "annotation", "wanted"),
    [
        (None, None, None, False),
        (None, NONE, "true", True),
        (None, NONE, "false", False),
        (None, NONE, " True ", True),
        (None, NONE, "yes", False),
        (None, NONE, "", False),
        (ALL, NONE, None, True),
        (ALL, None, None, True),
        (ALL, NONE, "false", False),
        (ALL, NONE, "FALSE", False),
        (ALL, NONE, "no", True),
        (ALL, Patterns([WIDGETS]), None, False),
        (ALL, Patterns([WIDGETS]), "true", True),
        (Patterns([WIDGETS]), NONE, None, True),
        (Patterns(["*.example.org"]), NONE, None, True),
        (Patterns(["pods"]), NONE, None, False),
        (Patterns(["pods"]), NONE, ["true"], False),
        (Patterns([WIDGETS]), Patterns(["*.org"]), None, False),
    ],
)
def test_the_objects_annotation_counts_before_the_lists(included, excluded, annotation, wanted):
    body = {"metadata": {"annotations": {} if annotation is None else {ANNOTATION: annotation}}}
    assert wants_status(WIDGETS, body, included, excluded) is wanted


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"metadata": {"annotations": "x"}}])
def test_a_malformed_object_has_no_annotation(body):
    assert wants_status(WIDGETS, body, ALL, NONE) is True
    assert wants_status(WIDGETS, body, None, NONE) is False


@pytest.mark.parametrize(
    ("status", "expected"), [({"a": 1}, {"a": 1}), ({}, None), (None, None), ("x", None), (["x"], None)]
)
def test_only_a_status_that_says_something_is_restored(status, expected):
    assert status_of({"status": status}) == expected


def test_a_recorded_deployment_has_a_status_and_a_configmap_has_none():
    deployment = recorded.body("deployments.apps", "shop", "web")
    assert status_of(deployment) == deployment["status"]
    assert status_of(recorded.body("configmaps", "shop", "same")) is None
