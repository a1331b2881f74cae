# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of a backup, and those that are none."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.layout import (
    Place,
    format_problem,
    is_folder,
    path_problem,
    place_of,
)
from ansible_collections.standby.velero.plugins.module_utils._text import shown


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("resources/pods/namespaces/shop/web.json", Place("pods", "", "shop", "web")),
        ("resources/deployments.apps/namespaces/shop/web.json", Place("deployments.apps", "", "shop", "web")),
        ("resources/namespaces/cluster/shop.json", Place("namespaces", "", "", "shop")),
        (
            "resources/pods/v1-preferredversion/namespaces/shop/web.json",
            Place("pods", "v1-preferredversion", "shop", "web"),
        ),
        ("resources/nodes/v1/cluster/n1.json", Place("nodes", "v1", "", "n1")),
        (
            "resources/clusterroles.rbac.authorization.k8s.io/cluster/system:node.json",
            Place("clusterroles.rbac.authorization.k8s.io", "", "", "system:node"),
        ),
        ("resources/configmaps/namespaces/a/x.json.json", Place("configmaps", "", "a", "x.json")),
        ("resources/configmaps/namespaces/cluster/x.json", Place("configmaps", "", "cluster", "x")),
        ("resources/configmaps/namespaces/namespaces/x.json", Place("configmaps", "", "namespaces", "x")),
        ("resources/configmaps/v1/namespaces/namespaces/x.json", Place("configmaps", "v1", "namespaces", "x")),
    ],
)
def test_a_path_tells_the_place_of_its_object(path: str, place: Place) -> None:
    assert place_of(path) == place


@pytest.mark.parametrize(
    "path",
    [
        "",
        "metadata/version",
        "metadata/more",
        "resources",
        "resources/pods",
        "resources/pods/web.json",
        "resources/pods/cluster/.json",
        "resources/pods/cluster/web.yaml",
        "resources/pods/cluster/deep/web.json",
        "resources/pods/cluster/cluster/web.json",
        "resources/pods/namespaces/web.json",
        "resources/pods/namespaces/shop/deep/web.json",
        "resources/pods/v1/v2/cluster/web.json",
        "Resources/pods/cluster/web.json",
        "other/pods/cluster/web.json",
    ],
)
def test_a_path_outside_the_layout_has_no_place(path: str) -> None:
    assert place_of(path) is None


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("", True),
        ("metadata", True),
        ("resources", True),
        ("resources/pods", True),
        ("resources/pods/cluster", True),
        ("resources/pods/namespaces", True),
        ("resources/pods/namespaces/shop", True),
        ("resources/pods/namespaces/cluster", True),
        ("resources/pods/v1", True),
        ("resources/pods/v1-preferredversion/namespaces/shop", True),
        ("resources/pods/v1/cluster", True),
        ("resources/pods/v1/v2", False),
        ("resources/pods/cluster/deep", False),
        ("resources/pods/namespaces/shop/deep", False),
        ("metadata/version", False),
        ("home", False),
    ],
)
def test_a_folder_lies_on_the_way_to_objects_or_is_refused(path: str, fits: bool) -> None:
    assert is_folder(path) is fits


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("resources/pods/cluster/web.json", ""),
        ("resources/pods/cluster/süß 1.json", ""),
        ("resources/pods/cluster/..web..json", ""),
        ("/etc/passwd", "has an absolute name"),
        ("../etc/passwd", "has '..' in its name"),
        ("resources/../../etc/passwd", "has '..' in its name"),
        ("resources//pods", "has an empty or '.' component in its name"),
        ("resources/./pods", "has an empty or '.' component in its name"),
        ("resources/", "has an empty or '.' component in its name"),
        ("", "has an empty or '.' component in its name"),
        ("resources\\pods", ""),
        ("C:\\pods", ""),
        ("pods\0", "has a NUL in its name"),
        ("pods\n", ""),
        ("\x1b[2Jpods", ""),
        ("pods\u202e", ""),
        ("pods\udcff", ""),
    ],
)
def test_a_path_that_leads_astray_is_refused(path: str, problem: str) -> None:
    assert path_problem(path) == problem


@pytest.mark.parametrize("text", ["1", "1\n", "1.0.0", "1.1.0\n", "1.1.17", "1.1"])
def test_a_format_that_velero_has_written_is_known(text: str) -> None:
    assert format_problem(text) == ""


@pytest.mark.parametrize(
    "text", ["", "\n", "0", "2", "1.2.0", "2.0.0", "1.1.0-beta", "1.10.0", "1.1.", "v1.1.0", "1 1"]
)
def test_any_other_format_is_unknown(text: str) -> None:
    assert "unknown format version" in format_problem(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("resources/pods", "resources/pods"),
        ("\x1b[2J\n\u202e\udcff", "\\x1b[2J\\n\\u202e\\udcff"),
        ("a" * 300, "a" * 200 + "…"),
    ],
)
def test_a_path_in_a_message_cannot_reach_the_terminal(text: str, safe: str) -> None:
    assert shown(text) == safe
