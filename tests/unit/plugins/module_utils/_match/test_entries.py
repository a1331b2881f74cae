# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that name objects: what one covers, what is none, and which cover nothing."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._match.entries import (
    FORMS,
    entry_problem,
    in_full,
    is_named,
    unmatched_entries,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, ObjectRef


def ref(resource: str, namespace: str, name: str) -> ObjectRef:
    return ObjectRef(ObjectKey(resource.partition(".")[2], "Any", namespace, name), resource, "v1")


APP = ref("configmaps", "shop", "app")
WEB = ref("deployments.apps", "shop", "web")
SHOP = ref("namespaces", "", "shop")
ALL = (APP, WEB, SHOP)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("configmaps", [APP]),
        ("configmaps/app", [APP]),
        ("configmaps/shop/app", [APP]),
        ("configmaps/*", [APP]),
        ("configmaps/shop/*", [APP]),
        ("configmaps/*/app", [APP]),
        ("*", [APP, WEB, SHOP]),
        ("*/*", [APP, WEB, SHOP]),
        ("*/shop/*", [APP, WEB]),
        # a cluster-scoped object lies in no namespace
        ("namespaces/shop", [SHOP]),
        ("namespaces/*/shop", [SHOP]),
        ("namespaces/shop/shop", []),
        # exact or *, and nothing in between
        ("deployments", []),
        ("deployments.*", []),
        ("deployments.apps/we*", []),
        ("Deployments.apps", []),
        ("configmaps/bank/app", []),
        ("configmaps/shop", []),
        ("configmaps/shop/app/x", []),
        ("", []),
    ],
)
def test_an_entry_names(entry: str, named: list[ObjectRef]) -> None:
    assert [one for one in ALL if is_named(one, (entry,))] == named


def test_of_several_entries_one_is_enough_and_of_none_none_is() -> None:
    assert is_named(APP, ("secrets", "configmaps/app"))
    assert not is_named(APP, ())


def test_an_object_of_a_backup_goes_by_the_key_that_it_has_now() -> None:
    mapped = BackupItem(APP.key._replace(namespace="store"), "configmaps", "v1", source=APP.key)
    assert is_named(mapped, ("configmaps/store/app",))
    assert not is_named(mapped, ("configmaps/shop/app",))


@pytest.mark.parametrize(
    ("entry", "full"),
    [
        ("deploy", "deployments.apps"),
        ("deploy/web", "deployments.apps/web"),
        ("deploy/shop/web", "deployments.apps/shop/web"),
        ("deploy/deploy/deploy", "deployments.apps/deploy/deploy"),
        ("*/web", "*/web"),
        ("unknown/web", "unknown/web"),
    ],
)
def test_only_the_resource_of_an_entry_gets_its_full_name(entry: str, full: str) -> None:
    assert in_full((entry, "pods"), lambda word: {"deploy": "deployments.apps"}.get(word, word)) == (full, "pods")


@pytest.mark.parametrize("entry", ["pods", "*", "pods/web", "pods/shop/web", "*/*/*", "widgets.example.org/gear"])
def test_what_is_an_entry_has_no_problem(entry: str) -> None:
    assert entry_problem(entry) == ""


@pytest.mark.parametrize("entry", ["", "/", "pods/", "/web", "pods//web", "pods/shop/", "a/b/c/d"])
def test_what_is_no_entry_is_told_the_forms_that_there_are(entry: str) -> None:
    assert entry_problem(entry) == f"is not {FORMS}"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([], []),
        (["configmaps", "deployments.apps/shop/web", "namespaces/shop", "*/*/web"], []),
        (["configmaps/kube-system/app"], ["configmaps/kube-system/app"]),
        (["cm/app", "configmaps", "secrets"], ["cm/app", "secrets"]),
        (["namespaces/shop/shop"], ["namespaces/shop/shop"]),
    ],
)
def test_an_entry_that_names_nothing_is_told_with_its_option(entries: list[str], told: list[str]) -> None:
    found = unmatched_entries("protect_except", entries, iter(ALL))
    assert found == [f"protect_except: {entry!r} matches nothing in the backup" for entry in told]


def test_of_a_backup_without_objects_every_entry_is_told_and_none_can_steer_a_terminal() -> None:
    found = unmatched_entries("recreate_allow", ["*", "a\x1b[2J"], ())
    assert found == [
        "recreate_allow: '*' matches nothing in the backup",
        r"recreate_allow: 'a\x1b[2J' matches nothing in the backup",
    ]
