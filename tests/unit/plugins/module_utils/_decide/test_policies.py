# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policy holds for which object, of rules that are compiled already."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import (
    ALONE,
    Choices,
    Policies,
    PolicyConflict,
    Rule,
    choose_all,
    everything,
)
from ansible_collections.standby.velero.plugins.module_utils._match.selectors import compile_selector
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Body, Choice, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Policy

NONE, UPDATE, RECREATE = Policy.NONE, Policy.UPDATE, Policy.RECREATE
DEFAULT = Choice(NONE, "default")


def item(resource: str, namespace: str = "shop", name: str = "x", source: ObjectKey | None = None) -> BackupItem:
    key = ObjectKey(resource.partition(".")[2], "Kind", namespace, name)
    return BackupItem(key, resource, "v1", size=1, source=source)


def policies(*rules: Rule, default: Choice = DEFAULT) -> Policies:
    return Policies(default, rules)


def rule(policy: Policy, *resources: str, namespaces: tuple[str, ...] = (), labels: str = "", name: str = "0") -> Rule:
    return Rule(Choice(policy, f"rule {name}"), resources, namespaces, compile_selector(labels) if labels else None)


def body_with(**labels: str) -> Callable[[BackupItem], Body]:
    return lambda _item: {"metadata": {"labels": labels}}


def unread(_item: BackupItem) -> NoReturn:
    raise AssertionError("no rule asks for labels")


SERVICES = rule(NONE, "services", "deployments.apps", name="0")
SHOPS = rule(RECREATE, namespaces=("shop-*",), name="1")
WEB = rule(UPDATE, "secrets", labels="app=web", name="2")
IN_WEB = rule(UPDATE, namespaces=("web",), labels="app=web", name="3")


@pytest.mark.parametrize(
    ("resource", "namespace", "labels", "expected"),
    [
        ("services", "web", {}, SERVICES.choice),
        ("configmaps", "shop-1", {}, SHOPS.choice),
        ("secrets", "x", {"app": "web"}, WEB.choice),
        ("secrets", "x", {"app": "db"}, DEFAULT),
        ("configmaps", "web", {"app": "web"}, IN_WEB.choice),
        ("secrets", "web", {"app": "web"}, WEB.choice),  # two rules of one policy: the first is named
        ("namespaces", "", {"app": "web"}, DEFAULT),
        ("services", "shop-1", {}, PolicyConflict(SERVICES.choice, SHOPS.choice)),
        ("secrets", "shop-1", {"app": "web"}, PolicyConflict(SHOPS.choice, WEB.choice)),
        ("secrets", "shop-1", {"app": "db"}, SHOPS.choice),
    ],
)
def test_a_rule_that_matches_decides_and_two_that_differ_decide_nothing(
    resource: str, namespace: str, labels: dict[str, str], expected: Choice | PolicyConflict
) -> None:
    chosen = policies(SERVICES, SHOPS, WEB, IN_WEB).choose(item(resource, namespace), body_with(**labels))
    assert chosen == expected


def test_without_rules_one_policy_holds_for_all() -> None:
    assert policies().choose(item("secrets"), unread) is DEFAULT
    assert everything(UPDATE) == Choices(Choice(UPDATE, ALONE), {})
    assert everything(UPDATE).of(item("secrets").key) == Choice(UPDATE, "existing_resource_policy")


def test_namespaces_are_those_of_the_backup_whatever_they_are_mapped_to() -> None:
    prod = policies(rule(UPDATE, namespaces=("prod",)))
    source = ObjectKey("", "Kind", "prod", "x")
    assert prod.choose(item("secrets", "standby", source=source), unread) == Choice(UPDATE, "rule 0")
    assert prod.choose(item("secrets", "prod", source=ObjectKey("", "Kind", "other", "x")), unread) is DEFAULT


def test_labels_are_read_only_where_a_rule_that_matches_otherwise_asks_for_them() -> None:
    assert policies(WEB).choose(item("configmaps"), unread) is DEFAULT


def test_an_item_without_a_body_has_no_labels() -> None:
    blank = BackupItem(ObjectKey("", "Namespace", "", "shop"), "namespaces", "v1")
    assert policies(rule(UPDATE, labels="!app")).choose(blank, unread) == Choice(UPDATE, "rule 0")


def test_the_choices_of_all_hold_what_is_not_the_default_and_tell_the_conflicts() -> None:
    default = Choice(UPDATE, "default")
    items = [item("services", name="a"), item("secrets", name="b"), item("services", "shop-1", "y")]
    choices, conflicts = choose_all(policies(SERVICES, SHOPS, default=default), items, unread)
    assert choices.exceptions == {items[0].key: SERVICES.choice}
    assert choices.of(items[1].key) == default
    assert {str(key): str(conflict) for key, conflict in conflicts.items()} == {
        "Kind shop-1/y": "rule 0 (none) and rule 1 (recreate)"
    }


def test_words_for_resources_are_resolved() -> None:
    words = {"deploy": "deployments.apps"}
    full = policies(rule(UPDATE, "deploy", "secret*")).resolved(lambda word: words.get(word, word))
    assert full.rules[0].resources == ("deployments.apps", "secret*")


def test_choosing_goes_on_after_names_are_resolved_though_answers_are_remembered() -> None:
    given = policies(rule(UPDATE, "deploy"))
    deployment = item("deployments.apps")
    assert given.choose(deployment, unread) is DEFAULT
    full = given.resolved({"deploy": "deployments.apps"}.__getitem__)
    assert full.choose(deployment, unread) == Choice(UPDATE, "rule 0")


def test_a_name_that_matches_nothing_in_the_backup_is_told() -> None:
    given = policies(
        rule(NONE, "secretz", "secret*", namespaces=("shop", "prod"), name="0"),
        rule(UPDATE, "*", labels="app=web", name="1"),
    )
    assert given.unmatched([item("secrets")]) == [
        "rule 0: 'secretz' matches nothing in the backup",
        "rule 0: 'prod' matches nothing in the backup",
    ]
    assert policies().unmatched([item("secrets")]) == []


@pytest.mark.parametrize(
    ("default", "rules", "summary"),
    [
        (UPDATE, [], "update"),
        (RECREATE, [], "recreate"),
        (NONE, [RECREATE], "none, with overrides: recreate"),
        (UPDATE, [NONE], "update, with overrides: none"),
        (UPDATE, [RECREATE, NONE, RECREATE, UPDATE], "update, with overrides: none, recreate"),
        (UPDATE, [UPDATE], "update"),
    ],
)
def test_the_summary_says_all_policies_there_are(default: Policy, rules: list[Policy], summary: str) -> None:
    found = policies(*(rule(policy, "x") for policy in rules), default=Choice(default, "default"))
    assert found.summary == summary
