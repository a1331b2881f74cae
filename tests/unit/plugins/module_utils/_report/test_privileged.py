# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section on privileged objects: which are in it, in what order, within which bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.hidden import compile_hidden
from ansible_collections.standby.velero.plugins.module_utils._compare.mask import AFTER
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import PrivilegedObjects
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.privileged import (
    HIDDEN,
    PRIVILEGED_BYTES,
    Privileged,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Body, Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Code, Outcome, Reason
from outcomes import done_of
from privileged import RESOURCES

TYPES = RESOURCES | {"ConfigMap": "configmaps"}
MASTERS = {"kind": "Group", "name": "system:masters"}
BINDING: Body = {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [MASTERS]}


def one(
    kind: str, name: str, outcome: Outcome, reason: Code | None = None, action: Action = Action.CREATE, **more: Any
) -> Done:
    resource = TYPES[kind]
    key = ObjectKey(resource.partition(".")[2], kind, "shop" if kind in ("Role", "RoleBinding") else "", name)
    return done_of(key, outcome, reason, action=action, resource=resource, change=more)


def section(*done: Done, body: Body | None = None, hidden: tuple[str, ...] = ()) -> Privileged:
    return Privileged(done, PrivilegedObjects(), lambda _item: body or BINDING, compile_hidden(hidden)[0])


@pytest.mark.parametrize(
    ("kind", "outcome", "reason", "listed"),
    [
        ("ClusterRoleBinding", Outcome.CREATED, None, True),
        ("ClusterRoleBinding", Outcome.CREATED, Reason.UNVERIFIED, True),
        ("ClusterRoleBinding", Outcome.UPDATED, None, True),
        ("ClusterRoleBinding", Outcome.RECREATED, None, True),
        ("ClusterRoleBinding", Outcome.SKIPPED, Reason.PRIVILEGED, True),
        ("ClusterRoleBinding", Outcome.FAILED, Reason.PRIVILEGED, True),
        ("ClusterRoleBinding", Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, False),
        ("ClusterRoleBinding", Outcome.FAILED, Reason.REFUSED, False),
        ("ClusterRoleBinding", Outcome.RELABELLED, None, False),
        ("ClusterRoleBinding", Outcome.UNCHANGED, None, False),
        ("ConfigMap", Outcome.CREATED, None, False),
    ],
)
def test_what_was_written_or_held_back_is_listed(
    kind: str, outcome: Outcome, reason: Reason | None, listed: bool
) -> None:
    assert len(section(one(kind, "web", outcome, reason))) == listed


def test_an_entry_names_the_object_its_outcome_and_what_is_new() -> None:
    (entry,) = section(one("RoleBinding", "web", Outcome.FAILED, Reason.PRIVILEGED)).entries()
    assert entry == {
        "group": "rbac.authorization.k8s.io",
        "kind": "RoleBinding",
        "namespace": "shop",
        "name": "web",
        "outcome": "failed",
        "reason": "privileged",
        "new": ["roleRef ClusterRole cluster-admin", "Group system:masters"],
    }


def test_a_skipped_update_shows_only_what_the_target_lacks() -> None:
    live = {**BINDING, "subjects": [{"kind": "User", "name": "alice"}]}
    comparison = compare(RESOURCES["ClusterRoleBinding"], live, BINDING)
    skipped = one("ClusterRoleBinding", "web", Outcome.SKIPPED, Reason.PRIVILEGED, Action.SKIP, comparison=comparison)
    assert [entry["new"] for entry in section(skipped).entries()] == [["Group system:masters"]]


def test_bindings_come_first_then_webhooks_definitions_last_each_by_key() -> None:
    kinds = ["CustomResourceDefinition", "Role", "ValidatingWebhookConfiguration", "RoleBinding", "ClusterRoleBinding"]
    several = [one(kind, name, Outcome.CREATED) for kind in kinds for name in ("b", "a")]
    found = [(entry["kind"], entry["name"]) for entry in section(*several).entries()]
    assert found == [(kind, name) for kind in reversed(kinds) for name in ("a", "b")]


@pytest.mark.parametrize(
    ("kind", "outcome", "reason", "listed"),
    [
        ("ClusterRoleBinding", Outcome.DELETED, None, True),
        ("ClusterRoleBinding", Outcome.SKIPPED, Reason.PRIVILEGED, True),
        ("ClusterRoleBinding", Outcome.FAILED, Reason.PRIVILEGED, True),
        ("ClusterRoleBinding", Outcome.FAILED, Reason.DELETE_REFUSED, False),
        ("ClusterRoleBinding", Outcome.SKIPPED, StopReason.OBJECTS_FAILED, False),
        ("ClusterRoleBinding", Outcome.UNCHANGED, Reason.DELETED_BEFORE, False),
        ("ConfigMap", Outcome.DELETED, None, False),
    ],
)
def test_what_was_pruned_is_listed_without_anything_new(
    kind: str, outcome: Outcome, reason: Code | None, listed: bool
) -> None:
    entries = section(one(kind, "old", outcome, reason, Action.DELETE)).entries()
    assert [(entry["name"], entry["outcome"], entry["new"]) for entry in entries] == [
        ("old", outcome.value, [])
    ] * listed


@pytest.mark.parametrize(
    ("kind", "body", "hidden", "new"),
    [
        ("ClusterRoleBinding", BINDING, "subjects[0].name", ["roleRef ClusterRole cluster-admin", f"Group {AFTER}"]),
        ("ClusterRoleBinding", BINDING, "roleRef.kind", [f"roleRef {AFTER} cluster-admin", "Group system:masters"]),
        ("ClusterRoleBinding", BINDING, "subjects", ["roleRef ClusterRole cluster-admin", HIDDEN]),
        ("ClusterRoleBinding", BINDING, "data", ["roleRef ClusterRole cluster-admin", "Group system:masters"]),
    ],
)
def test_what_the_user_hides_is_not_said_but_that_there_is_something(
    kind: str, body: Body, hidden: str, new: list[str]
) -> None:
    created = one(kind, "web", Outcome.CREATED)
    assert [entry["new"] for entry in section(created, body=body, hidden=(hidden,)).entries()] == [new]


def test_of_what_is_hidden_it_is_still_told_that_it_is_new() -> None:
    live = {**BINDING, "subjects": [{"kind": "User", "name": "alice"}, {"kind": "Group", "name": "viewers"}]}
    wanted = {**BINDING, "subjects": [{"kind": "User", "name": "alice"}, MASTERS]}
    comparison = compare(RESOURCES["ClusterRoleBinding"], live, wanted)
    updated = one("ClusterRoleBinding", "web", Outcome.UPDATED, None, Action.UPDATE, comparison=comparison)
    (entry,) = section(updated, body=wanted, hidden=("subjects[*].name",)).entries()
    assert entry["new"] == [f"Group {AFTER}"]


def test_names_cannot_steer_a_terminal() -> None:
    (entry,) = section(one("ClusterRoleBinding", "a\x1b[2J", Outcome.CREATED)).entries()
    assert entry["name"] == r"a\x1b[2J"


def test_the_section_of_a_result_keeps_its_budget_and_its_total() -> None:
    many = {**BINDING, "subjects": [{"kind": "User", "name": f"{number}-" + "é" * 500} for number in range(100)]}
    several = [one("ClusterRoleBinding", f"{number:05}-東京", Outcome.CREATED) for number in range(500)]
    whole = section(*several, body=many)
    shown = whole.shown()
    assert len(json.dumps(shown)) <= PRIVILEGED_BYTES
    assert len(whole) == 500
    assert [entry["name"] for entry in shown] == [each.change.key.name for each in several[: len(shown)]]
    assert len(shown) > 1
    assert shown[0]["new"][-1] == "and 93 more"
    assert all(len(said) <= 200 for said in shown[0]["new"])
    assert len(next(whole.entries())["new"]) == 101


def test_what_is_not_shown_is_not_read_again() -> None:
    asked = []

    def desired(item: BackupItem) -> Body:
        asked.append(item)
        return BINDING

    several = [one("ClusterRoleBinding", f"{number:05}", Outcome.CREATED) for number in range(5_000)]
    privileged = Privileged(several, PrivilegedObjects(), desired)
    assert not asked
    shown = privileged.shown()
    assert len(asked) == len(shown) + 1 < 500


def test_a_run_without_any_has_an_empty_section() -> None:
    assert section(one("ConfigMap", "web", Outcome.CREATED)).shown() == []


def test_veleros_own_types_come_last_and_are_counted() -> None:
    crd = "CustomResourceDefinition"
    found = section(
        one(crd, "backups.velero.io", Outcome.CREATED),
        one(crd, "widgets.example.org", Outcome.CREATED),
        one("ClusterRoleBinding", "deployers.velero.io", Outcome.CREATED),
    )
    assert found.veleros == 1
    assert [entry["name"] for entry in found.entries()][-1] == "backups.velero.io"
