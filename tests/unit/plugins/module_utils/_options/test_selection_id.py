# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options make another selection: what two selections took of backups is never compared for a prune."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters


def a_selection(**options: Any) -> str:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": "/b/hourly-1.tar.gz", **options}
    return settings_of(params, check_mode=False, diff_mode=False).selection_id


SELECTIONS: list[dict[str, Any]] = [
    {},
    {"included_namespaces": ["shop"]},
    {"excluded_namespaces": ["shop"]},
    {"included_resources": ["shop"]},
    {"excluded_resources": ["shop"]},
    {"include_cluster_resources": True},
    {"include_cluster_resources": False},
    {"label_selector": "app=web"},
    {"label_selector": {"matchLabels": {"app": "web"}}},
    {"or_label_selectors": ["app=web", "app=db"]},
    {"or_label_selectors": ["app=web"]},
    {"namespace_mapping": {"shop": "store"}},
    {"namespace_mapping": {"store": "shop"}},
    {"protect_cluster_objects": False},
    {"protect_except": ["shop"]},
    {"controlled_objects": "skip"},
]


def test_each_option_that_selects_or_maps_makes_another_selection() -> None:
    assert len({a_selection(**options) for options in SELECTIONS}) == len(SELECTIONS)


def test_no_filter_is_forgotten() -> None:
    assert {field.name for field in fields(Filters) if field.init} <= {name for one in SELECTIONS for name in one}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {},
            {"included_namespaces": ["", " "], "label_selector": "", "or_label_selectors": [], "namespace_mapping": {}},
        ),
        ({"included_namespaces": ["a", "b"]}, {"included_namespaces": ["b", "a "]}),
        ({"protect_except": ["secrets/a", "secrets/b"]}, {"protect_except": ["secrets/b", "secrets/a"]}),
        ({"namespace_mapping": {"a": "x", "b": "y"}}, {"namespace_mapping": {"b": "y", "a": "x", "c": ""}}),
        (
            {"label_selector": {"matchLabels": {"a": "1", "b": "2"}}},
            {"label_selector": {"matchLabels": {"b": "2", "a": "1"}}},
        ),
        (
            {},
            {
                "existing_resource_policy": "update",
                "backup_name": "other",
                "restore_name": "other",
                "delta": "prune",
                "prune_max_count": 0,
                "allow_older": True,
                "concurrency": 1,
                "preserve_node_ports": True,
                "label_unchanged": False,
                "report_path": "/r",
            },
        ),
    ],
)
def test_options_that_say_the_same_make_the_same_selection(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert a_selection(**one) == a_selection(**other)
