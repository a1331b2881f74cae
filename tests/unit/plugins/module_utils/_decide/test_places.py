# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes others along."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.places import (
    is_definition,
    is_namespace,
    lies_in,
    opened_by,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey

NAMESPACE = ObjectKey("", "Namespace", "", "shop")
DEFINITION = ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.com")


@pytest.mark.parametrize(
    ("place", "key", "inside"),
    [
        (NAMESPACE, ObjectKey("", "ConfigMap", "shop", "a"), True),
        (NAMESPACE, ObjectKey("apps", "Deployment", "shop", "a"), True),
        (NAMESPACE, ObjectKey("", "ConfigMap", "store", "a"), False),
        (NAMESPACE, ObjectKey("", "Namespace", "", "shop"), False),
        (DEFINITION, ObjectKey("example.com", "Widget", "shop", "a"), True),
        (DEFINITION, ObjectKey("example.com", "Gadget", "", "a"), True),
        (DEFINITION, ObjectKey("", "Widget", "shop", "a"), False),
        (ObjectKey("example.com", "Namespace", "", "shop"), ObjectKey("", "ConfigMap", "shop", "a"), False),
        (ObjectKey("project.openshift.io", "Project", "", "shop"), ObjectKey("", "ConfigMap", "shop", "a"), True),
        (ObjectKey("example.com", "Project", "", "shop"), ObjectKey("", "ConfigMap", "shop", "a"), False),
    ],
)
def test_an_object_lies_in_its_namespace_and_belongs_to_the_definitions_of_its_group(place, key, inside):
    assert (opened_by(place) in lies_in(key)) is inside


def test_they_are_known_by_group_and_kind():
    assert is_namespace(NAMESPACE)
    assert not is_namespace(DEFINITION)
    assert is_definition(DEFINITION)
    assert not is_definition(DEFINITION._replace(group="example.com"))
