# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the table of what gives rights: what each finds, and on what it has which effect."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged_rules import (
    RULES,
    Effect,
    PrivilegedRule,
)
from ansible_collections.standby.velero.plugins.module_utils._unstructured import EACH

CREDS = {"type": "kubernetes.io/tls", "data": {"tls.key": "c2VjcmV0"}, "items": [{"a": 1}, {"b": 2}]}


def meta(**fields: Any) -> dict[str, Any]:
    return {"metadata": fields}


@pytest.mark.parametrize(
    ("rule", "new", "old", "said"),
    [
        ({"labels": ("team",)}, meta(labels={"team": "a", "app": "b"}), {}, ["label team=a"]),
        ({"labels": ("team",)}, meta(labels={"team": "a"}), meta(labels={"team": "b"}), ["label team=a"]),
        ({"labels": ("team",)}, meta(labels={"team": "a"}), meta(labels={"team": "a"}), []),
        ({"labels": ("x.org/*",)}, meta(labels={"x.org/a": "", "y.org/a": ""}), {}, ["label x.org/a="]),
        ({"annotations": ("role",)}, meta(annotations={"role": "admin"}), {}, ["annotation role=admin"]),
        ({"annotations": ("role",)}, meta(annotations={"role": {"deep": 1}}, labels=[]), {}, ["annotation role"]),
        ({"path": ("data", "tls.key")}, CREDS, {}, ["/data/tls.key"]),
        ({"path": ("data", "tls.key")}, CREDS, {"data": {"tls.key": "other"}}, ["/data/tls.key"]),
        ({"path": ("data", "tls.key")}, CREDS, CREDS, []),
        ({"path": ("type",), "values": ("Opaque",)}, CREDS, {}, []),
        ({"path": ("type",), "values": ("Opaque", "kubernetes.io/tls")}, CREDS, {}, ["/type"]),
        ({"path": ("items", EACH, "b")}, CREDS, {}, ["/items/*/b"]),
        ({"path": ("items", EACH, "c")}, CREDS, {}, []),
        (
            {"host_access": True},
            {"spec": {"hostNetwork": True, "hostPID": True}},
            {"spec": {"hostPID": True}},
            ["hostNetwork"],
        ),
        ({}, CREDS, {}, []),
        # nothing of a backup is trusted
        (
            {"labels": ("a",), "path": ("spec", EACH, "x")},
            {"metadata": "x", "spec": {"*": {"x": 1}}},
            {},
            ["/spec/*/x"],
        ),
        ({"labels": ("a",), "annotations": ("a",)}, {"metadata": {"labels": "a", "annotations": ["a"]}}, {}, []),
    ],
)
def test_what_is_new_is_said_and_no_value_but_of_a_label_or_an_annotation(
    rule: dict[str, Any], new: Any, old: Any, said: list[str]
) -> None:
    assert list(PrivilegedRule("pods", "why", **rule).brings("pods", new, old)) == said


ENFORCE = "pod-security.kubernetes.io/enforce"


@pytest.mark.parametrize(
    ("name", "value", "live", "gives"),
    [
        (ENFORCE, "privileged", None, True),
        (ENFORCE, "baseline", None, False),
        (ENFORCE, "restricted", None, False),
        (ENFORCE, "privileged", "privileged", False),
        (ENFORCE, "privileged", "baseline", True),
        (ENFORCE, "baseline", "restricted", True),
        (ENFORCE, "restricted", "baseline", False),
        (ENFORCE, "nonsense", None, True),
        (ENFORCE, "nonsense", "baseline", True),
        (ENFORCE, ["restricted"], None, True),
        (ENFORCE, "baseline", "nonsense", True),
        (f"{ENFORCE}-version", "v1.20", None, False),
        (f"{ENFORCE}-version", "v1.20", "latest", True),
        (f"{ENFORCE}-version", "v1.20", "v1.30", True),
        (f"{ENFORCE}-version", "v1.30", "v1.9", False),
        (f"{ENFORCE}-version", "latest", "v1.30", False),
        ("pod-security.kubernetes.io/audit", "privileged", None, True),
    ],
)
def test_of_a_level_of_pod_security_only_a_looser_one_gives_anything(
    name: str, value: Any, live: Any, gives: bool
) -> None:
    rule = PrivilegedRule("namespaces", "why", labels=("*",), levels=True)
    assert rule.gives(name, value, live) is gives


@pytest.mark.parametrize(
    ("resource", "more", "effect"),
    [
        ("secrets", {}, Effect.HOLD),
        ("secrets", {"labels": ("a",)}, Effect.HOLD),
        ("secrets", {"lists_only": True}, Effect.LIST),
        ("serviceaccounts", {}, Effect.HOLD),
        ("serviceaccounts", {"path": ("secrets",)}, Effect.HOLD),
        ("serviceaccounts", {"annotations": ("a",)}, Effect.WITHHOLD),
        ("namespaces", {"labels": ("a",)}, Effect.WITHHOLD),
        ("namespaces", {"labels": ("a",), "lists_only": True}, Effect.LIST),
        # a pattern may well match them: nothing can be restored into a Namespace that is not there
        ("namespaces", {}, Effect.LIST),
        ("namespaces", {"path": ("spec",)}, Effect.LIST),
    ],
)
def test_what_others_need_is_never_held_back_as_a_whole(resource: str, more: dict[str, Any], effect: Effect) -> None:
    assert PrivilegedRule("*", "why", **more).effect(resource) is effect


def test_every_row_says_why_and_stands_once() -> None:
    assert all(rule.why for rule in RULES)
    assert len({(rule.resource, rule.why) for rule in RULES}) == len(RULES)
