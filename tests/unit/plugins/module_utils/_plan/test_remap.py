# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection under the names of the target, and what meets another object there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._plan.remap import namespaces_in, remap
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import DesiredState
from ansible_collections.standby.velero.plugins.module_utils._select.select import Selection
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from planning import backup_of, context_for, lines_of
from scripted import Body, ScriptedClient, body_of


def selection_of(folder: Path, *bodies: Body, **mapping: str) -> Selection:
    """As the plan has it."""
    with context_for(folder, backup_of(*bodies), ScriptedClient(), namespace_mapping=mapping) as context:
        return context.selection


def config_map(namespace: str, **data: str) -> Body:
    return body_of("ConfigMap", "app", namespace, data=data)


def names(selection: Selection) -> list[str]:
    return [str(item.key) for item in selection.items]


def test_without_a_mapping_a_selection_stays_as_it_is() -> None:
    change = Change(BackupItem(ObjectKey("", "Pod", "a", "x"), "pods", "v1"), Action.SKIP, Reason.MIRROR_POD)
    given = Selection((), (change,), frozenset(), frozenset(), {}, ("a",), (), ())
    assert remap(given, DesiredState(backup_of(), PrepareContext())) is given


def test_objects_and_their_namespaces_have_the_names_of_the_target(tmp_path: Path) -> None:
    """And each knows where it lay in the backup."""
    broken = backup_of(body_of("Namespace", "a"), config_map("a"), config_map("b"))
    broken.add_text("configmaps", "a", "broken", "{")
    with context_for(tmp_path, broken, ScriptedClient(), namespace_mapping={"a": "c"}) as context:
        found = context.selection
    assert names(found) == ["ConfigMap b/app", "ConfigMap c/app", "Namespace c"]
    assert [str(item.source) if item.source else "" for item in found.items] == ["", "ConfigMap a/app", "Namespace a"]
    assert found.namespaces == ("b", "c")
    assert [str(change.key) for change in found.left_out] == ["Namespace kube-system", "configmaps c/broken"]


def test_what_is_known_of_objects_by_their_key_is_known_by_the_new_one(tmp_path: Path) -> None:
    owner = {"ownerReferences": [{"uid": "p-web", "controller": True, "kind": "Deployment", "name": "web"}]}
    bodies = [
        body_of("Deployment", "web", metadata={"uid": "p-web"}),
        body_of("ReplicaSet", "web-1", metadata=owner),
        body_of("Secret", "web-token-x", type="kubernetes.io/service-account-token"),
    ]
    found = selection_of(tmp_path, *bodies, shop="store")
    assert [str(key) for key in found.controlled] == ["ReplicaSet.apps store/web-1"]
    assert {str(key): account for key, account in found.tokens.items()} == {"Secret store/web-token-x": "web"}


@pytest.mark.parametrize(
    ("bodies", "restored", "left_out"),
    [
        (
            [config_map("a", x="1"), config_map("b", x="1")],
            ["ConfigMap c/app"],
            "skip    duplicate             ConfigMap c/app\n",
        ),
        (
            [config_map("a", x="1"), config_map("b", x="2")],
            [],
            "fail    name_collision        ConfigMap c/app\nfail    name_collision        ConfigMap c/app\n",
        ),
        ([config_map("a"), config_map("d")], ["ConfigMap c/app", "ConfigMap d/app"], ""),
    ],
    ids=["the same object twice", "two different ones", "none that meets another"],
)
def test_of_objects_that_meet_in_one_place_none_overwrites_another(
    tmp_path: Path, bodies: list[Body], restored: list[str], left_out: str
) -> None:
    found = selection_of(tmp_path, *bodies, a="c", b="c")
    assert names(found) == restored
    assert lines_of(change for change in found.left_out if change.reason is not Reason.PROTECTED) == left_out


def test_where_namespaces_become_one_none_of_them_speaks_for_it() -> None:
    items = [BackupItem(ObjectKey("", "Namespace", "", name), "namespaces", "v1", size=1) for name in ("a", "b", "d")]
    other = replace(items[0], key=ObjectKey("", "ConfigMap", "a", "x"), resource="configmaps")
    assert [item.key.name for item in namespaces_in([*items, other], {})] == ["a", "b", "d"]
    assert [item.key.name for item in namespaces_in([*items, other], {"a": "c"})] == ["c", "b", "d"]
    assert [item.key.name for item in namespaces_in([*items, other], {"a": "c", "b": "c"})] == ["d"]
