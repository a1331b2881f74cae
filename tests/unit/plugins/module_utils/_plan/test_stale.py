# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target is asked about objects of earlier backups, and what becomes of those that it does not tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    Forbidden,
    Throttled,
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import NO_LABELS, Inventory
from ansible_collections.standby.velero.plugins.module_utils._plan.context import RestoreContext
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import FEW, DeltaPlan, planned_delta
from ansible_collections.standby.velero.plugins.module_utils._values import Change
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action
from backups import Backup
from planning import OLD_LABELS, backup_of, context_for, inventory_of, live
from scripted import TYPES, Body, ScriptedClient, as_stored, body_of

SHOP = live(body_of("Namespace", "shop"))
OLD = body_of("ConfigMap", "old")
WIDGET: Body = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "gear", "namespace": "shop"}}
WIDGETS = replace(TYPES[1], group="example.org", plural="widgets", kind="Widget")
GET_OLD = "/api/v1/namespaces/shop/configmaps/old"

Remembered = Callable[[RestoreContext], Inventory]


def delta_of(
    folder: Path,
    client: ScriptedClient,
    inventory: Remembered,
    backup: Backup | None = None,
    changes: tuple[Change, ...] = (),
    **options: Any,
) -> DeltaPlan:
    """With bounds that are not what a test is about."""
    options = {"prune_max_count": 1000, "prune_max_percent": 1000, **options}
    with context_for(folder, backup or backup_of(SHOP), client, **options) as context:
        return planned_delta(context, inventory(context), changes)


def restored(*bodies: Body) -> Remembered:
    return lambda context: inventory_of(context, *bodies)


def nothing(_context: RestoreContext) -> Inventory:
    return ()


def told(delta: DeltaPlan) -> list[str]:
    """`old: unread` of each stale object; nothing behind the colon when it is deleted."""
    return [f"{one.key.name}: {one.keep.value if one.keep else ''}".strip() for one in delta.prune.objects]


def stops(delta: DeltaPlan) -> list[str]:
    return [stop.reason.value for stop in delta.prune.stops]


def test_a_stale_object_is_told_with_the_backup_that_it_was_restored_from(tmp_path: Path) -> None:
    """Which need not be the one that was restored last."""

    def both(context: RestoreContext) -> Inventory:
        (old,) = inventory_of(context, OLD)
        (app,) = inventory_of(context, body_of("ConfigMap", "app"))
        earlier = replace(old.scope.backup, name="b0", started="2026-11-24T01:00:00Z")
        return (replace(old, scope=old.scope._replace(backup=earlier)), app)

    delta = delta_of(tmp_path, ScriptedClient(SHOP, live(OLD), live(body_of("ConfigMap", "app"))), both)
    assert delta.previous == "b1"
    assert {key.name: name for key, name in delta.restored_by.items()} == {"old": "b0", "app": "b1"}


# What is read


@pytest.mark.parametrize(
    ("client", "expected", "gone"),
    [
        (ScriptedClient(SHOP, live(OLD)), ["old:"], False),
        (ScriptedClient(SHOP), [], True),
        (ScriptedClient(SHOP, live(OLD, metadata={"uid": "another"})), [], True),
        (ScriptedClient(SHOP, live(OLD, metadata={"deletionTimestamp": "x"})), ["old: terminating"], False),
    ],
    ids=["the very object", "not there", "another of the name", "one that is being deleted"],
)
def test_what_is_there_still_is_stale_and_what_is_not_is_forgotten(
    tmp_path: Path, client: ScriptedClient, expected: list[str], gone: bool
) -> None:
    delta = delta_of(tmp_path, client, restored(OLD))
    assert (told(delta), [key.name for key in delta.gone]) == (expected, ["old"] if gone else [])
    assert (delta.previous, stops(delta)) == ("b1", [])


@pytest.mark.parametrize(
    ("error", "stop"),
    [
        (Forbidden("not yours", status=403), "ConfigMap shop/old: not yours, 1 objects could not be read"),
        (Throttled("too busy", status=503), "ConfigMap shop/old: too busy, 1 objects could not be read"),
        (Unreachable("no answer"), "no answer, 1 objects could not be read"),
        (Unauthorized("who are you?", status=401), "who are you?, 1 objects could not be read"),
    ],
)
def test_what_cannot_be_read_is_kept_and_stops_the_prune_and_the_restore_goes_on(
    tmp_path: Path, error: ClusterError, stop: str
) -> None:
    client = ScriptedClient(SHOP, live(OLD), answers={GET_OLD: error})
    delta = delta_of(tmp_path, client, restored(OLD))
    assert told(delta) == ["old: unread"]
    assert [one.detail for one in delta.prune.stops] == [stop]
    assert (stops(delta), delta.gone, delta.prune.deletions) == (["incomplete"], frozenset(), ())


def test_once_the_target_is_away_nothing_more_is_asked(tmp_path: Path) -> None:
    more = body_of("ConfigMap", "other")
    client = ScriptedClient(SHOP, live(OLD), live(more), answers={GET_OLD: Unreachable("no answer")})
    delta = delta_of(tmp_path, client, restored(OLD, more))
    assert told(delta) == ["old: unread", "other: unread"]
    assert client.asked[-1] == GET_OLD


def test_no_more_than_five_problems_are_told(tmp_path: Path) -> None:
    bodies = [body_of("ConfigMap", f"c{number}") for number in range(9)]
    paths = [f"/api/v1/namespaces/shop/configmaps/c{number}" for number in range(9)]
    client = ScriptedClient(SHOP, answers=dict.fromkeys(paths, Forbidden("not yours", status=403)))
    [stop] = delta_of(tmp_path, client, restored(*bodies)).prune.stops
    assert stop.detail.count("not yours") == 5
    assert stop.detail.endswith("9 objects could not be read")


def test_with_its_type_an_object_is_gone_unless_its_group_does_not_answer(tmp_path: Path) -> None:
    delta = delta_of(tmp_path, ScriptedClient(SHOP), restored(WIDGET))
    assert (told(delta), [key.name for key in delta.gone]) == ([], ["gear"])
    delta = delta_of(tmp_path, ScriptedClient(SHOP, silent=["example.org"]), restored(WIDGET))
    assert (told(delta), stops(delta), delta.gone) == (["gear: unread"], ["incomplete"], frozenset())
    assert delta.prune.stops[0].detail == "example.org, 1 objects could not be read"


DEFINITION: Body = as_stored({"metadata": {"name": "widgets.example.org"}, "spec": {"versions": []}})
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def test_an_object_whose_definition_is_stored_and_serves_nothing_is_not_gone(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, live(OLD), answers={DEFINITIONS: {"items": [DEFINITION]}})
    delta = delta_of(tmp_path, client, restored(WIDGET, OLD))
    assert (told(delta), stops(delta), delta.gone) == (["old:", "gear: unread"], ["incomplete"], frozenset())
    assert delta.prune.stops[0].detail.startswith("Widget.example.org shop/gear: its type is not served, though")


def test_a_namespace_and_a_definition_are_kept_as_long_as_anything_in_them_is_unread(tmp_path: Path) -> None:
    """Other stops may be lifted by then."""
    made = body_of("CustomResourceDefinition", "widgets.example.org")
    client = ScriptedClient(SHOP, live(made), answers={DEFINITIONS: {"items": [DEFINITION]}})
    backup = backup_of(body_of("ClusterRole", "x"))
    delta = delta_of(tmp_path, client, restored(SHOP, made, WIDGET), backup, prune_allow=["ns", "crd"])
    assert told(delta) == ["shop: holds", "widgets.example.org: holds", "gear: unread"]


def test_without_the_rights_to_check_it_no_type_is_gone(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, live(OLD), answers={DEFINITIONS: Forbidden("no list", status=403)})
    delta = delta_of(tmp_path, client, restored(WIDGET, OLD))
    assert (told(delta), delta.gone) == (["old:", "gear: unread"], frozenset())
    assert stops(delta) == ["incomplete", "discovery_unproven"]
    assert delta.prune.deletions == ()


def test_a_group_that_does_not_answer_stops_the_prune_of_other_types_too(tmp_path: Path) -> None:
    """What is to be kept may lie in it."""
    delta = delta_of(tmp_path, ScriptedClient(SHOP, live(OLD), silent=["example.org"]), restored(OLD))
    assert (told(delta), stops(delta)) == (["old:"], ["incomplete"])


MANY = [body_of("ConfigMap", f"c{number:03}") for number in range(FEW + 1)]
LIST = "/api/v1/configmaps"


def test_few_objects_are_asked_for_one_by_one_and_many_are_listed(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, *map(live, MANY))
    assert len(told(delta_of(tmp_path, client, restored(*MANY[:FEW])))) == FEW
    assert LIST not in client.asked
    client = ScriptedClient(SHOP, *map(live, MANY[1:]))
    delta = delta_of(tmp_path, client, restored(*MANY))
    assert (len(told(delta)), [key.name for key in delta.gone]) == (FEW, ["c000"])
    one = "/api/v1/namespaces/shop/configmaps/c000"
    assert [path for path in client.asked if "configmaps" in path] == [LIST, one], "a list names nobody"


def test_many_that_cannot_be_listed_are_unread(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, *map(live, MANY), answers={LIST: Throttled("too busy", status=503)})
    delta = delta_of(tmp_path, client, restored(*MANY))
    assert set(told(delta)) == {f"{body['metadata']['name']}: unread" for body in MANY}
    assert (stops(delta), delta.gone) == (["incomplete"], frozenset())


def test_of_many_that_may_not_be_listed_each_is_asked_for(tmp_path: Path) -> None:
    not_allowed = Forbidden("no list", status=403)
    one = "/api/v1/namespaces/shop/configmaps/c007"
    answers = dict.fromkeys((LIST, "/api/v1/namespaces/shop/configmaps", one), not_allowed)
    delta = delta_of(tmp_path, ScriptedClient(SHOP, *map(live, MANY), answers=answers), restored(*MANY))
    assert [line for line in told(delta) if not line.endswith(":")] == ["c007: unread"]
    assert len(told(delta)) == len(MANY)


# What it is compared with


def test_what_fails_in_the_plan_stops_the_prune(tmp_path: Path) -> None:
    with context_for(tmp_path, backup_of(SHOP, OLD), ScriptedClient(SHOP)) as context:
        failed = Change(context.selection.items[0], Action.FAIL)
    delta = delta_of(tmp_path, ScriptedClient(SHOP), nothing, changes=(failed, failed))
    assert ("objects_failed", "2") in [(stop.reason.value, stop.detail) for stop in delta.prune.stops]


def test_without_an_earlier_backup_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    delta = delta_of(tmp_path, ScriptedClient(SHOP), nothing)
    assert (delta.previous, told(delta), stops(delta)) == ("", [], ["no_previous"])


def test_a_backup_of_no_schedule_is_compared_with_none(tmp_path: Path) -> None:
    """Though preflight holds it against those that have the same filters."""
    client = ScriptedClient(SHOP, live(OLD))
    delta = delta_of(tmp_path, client, restored(OLD), schedule="")
    assert (delta.previous, told(delta), stops(delta)) == ("", [], ["no_previous", "no_schedule"])


BEFORE = backup_of(SHOP, OLD, body_of("ConfigMap", "elsewhere", "web"))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (live(OLD, OLD_LABELS), ["old:"]),
        (live(OLD), ["old: not_labelled"]),
        (live(OLD, None), ["old: not_labelled"]),
    ],
    ids=["restored from it", "restored from another", "never restored"],
)
def test_an_earlier_backup_serves_where_the_target_has_no_inventory(
    tmp_path: Path, there: Body, expected: list[str]
) -> None:
    """A label has to prove then who made the object; the same selection is taken of both."""
    options = {"included_namespaces": ["shop"], "previous": BEFORE}
    delta = delta_of(tmp_path, ScriptedClient(SHOP, there), nothing, backup_of(body_of("ConfigMap", "kept")), **options)
    assert (delta.previous, told(delta), stops(delta)) == ("b1", expected, [])


def test_an_inventory_is_better_than_an_earlier_backup(tmp_path: Path) -> None:
    """Its UID and labels prove who made the object, and not the label of that backup."""
    delta = delta_of(tmp_path, ScriptedClient(SHOP, live(OLD)), restored(OLD), previous=BEFORE)
    assert (told(delta), stops(delta)) == (["old:"], [])


def test_an_object_that_lost_its_labels_is_kept(tmp_path: Path) -> None:
    delta = delta_of(tmp_path, ScriptedClient(SHOP, live(OLD, None)), restored(OLD))
    assert told(delta) == ["old: not_labelled"]


@pytest.mark.parametrize(("keys", "expected"), [([], "old: unsigned"), (["k" * 32], "old:")])
def test_one_that_got_no_labels_is_kept_unless_the_inventory_is_signed(
    tmp_path: Path, keys: list[str], expected: str
) -> None:
    client = ScriptedClient(SHOP, live(OLD, None))
    delta = delta_of(tmp_path, client, lambda context: inventory_of(context, OLD, labels=NO_LABELS), state_key=keys)
    assert told(delta) == [expected]


def test_what_is_looked_for_are_the_names_on_the_target(tmp_path: Path) -> None:
    moved = body_of("ConfigMap", "old", "store")
    store = live(body_of("Namespace", "store"))
    backup = backup_of(SHOP, body_of("ConfigMap", "kept"))
    options = {"namespace_mapping": {"shop": "store"}}
    client = ScriptedClient(store, live(moved), live(body_of("ConfigMap", "kept", "store")))
    delta = delta_of(tmp_path, client, restored(moved, body_of("ConfigMap", "kept", "store")), backup, **options)
    assert [str(one.key) for one in delta.prune.objects] == ["ConfigMap store/old"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["shop: not_named"]),
        ({"prune_allow": ["ns/shop"]}, ["shop:"]),
        ({"prune_allow": ["ns/other"]}, ["shop: not_named"]),
        ({"state_namespace": "shop"}, ["shop: state_namespace"]),
    ],
)
def test_what_the_user_says_of_what_is_never_deleted_counts(
    tmp_path: Path, options: dict[str, Any], expected: list[str]
) -> None:
    delta = delta_of(tmp_path, ScriptedClient(SHOP), restored(SHOP), backup_of(body_of("ClusterRole", "x")), **options)
    assert told(delta) == expected


def test_protect_except_lets_what_is_protected_go(tmp_path: Path) -> None:
    system = body_of("ConfigMap", "mine", "kube-system")
    for entry, expected in (("", ["mine: protected"]), ("cm/kube-system/mine", ["mine:"])):
        options = {"protect_except": [entry] if entry else []}
        assert told(delta_of(tmp_path, ScriptedClient(SHOP, live(system)), restored(system), **options)) == expected
