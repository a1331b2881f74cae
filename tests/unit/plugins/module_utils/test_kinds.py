# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Well-known types: the one spelling, the keys of their objects, and no second spelling in any room."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils import _kinds
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, Resource

NAMES = {name: value for name, value in vars(_kinds).items() if name.isupper() and isinstance(value, str)}
ROOT = Path(_kinds.__file__).parent
TYPE = re.compile(r"[a-z]+\.(apps|autoscaling|batch|policy|[a-z.]+\.k8s\.io)")
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "_kinds.py")


def test_a_name_is_that_of_one_type():
    assert len(set(NAMES.values())) == len(NAMES)


def test_a_type_that_stands_in_two_files_is_a_well_known_one():
    """As far as the text tells: without a group it may as well be the name of a field."""
    places: dict[str, set[Path]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and TYPE.fullmatch(node.value):
                places.setdefault(node.value, set()).add(path)
    assert [name for name, paths in places.items() if len(paths) > 1 or name in NAMES.values()] == []


@pytest.mark.parametrize(
    ("resource", "name", "api_version"),
    [
        (_kinds.NAMESPACE, _kinds.NAMESPACES, "v1"),
        (_kinds.SECRET, _kinds.SECRETS, "v1"),
        (_kinds.LEASE, _kinds.LEASES, "coordination.k8s.io/v1"),
        (Resource("apps", "v1", "deployments", "Deployment", True), _kinds.DEPLOYMENTS, "apps/v1"),
    ],
)
def test_a_resource_is_called_as_its_folder_in_a_backup_and_its_apiversion_as_in_a_body(resource, name, api_version):
    assert (resource.name, resource.api_version) == (name, api_version)


def test_a_key_is_known_again():
    namespace, definition = _kinds.namespace_key("shop"), _kinds.definition_key("widgets.example.org")
    assert str(namespace) == "Namespace shop"
    assert str(definition) == "CustomResourceDefinition.apiextensions.k8s.io widgets.example.org"
    assert (_kinds.is_namespace(namespace), _kinds.is_definition(definition)) == (True, True)
    assert not _kinds.is_namespace(ObjectKey("example.org", "Namespace", "", "shop"))
    assert not _kinds.is_definition(namespace)
