# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of small backups as golden text, one line a change: what is done with which object, why, and in which order."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._errors import Unauthorized, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import (
    Plan,
    missing_namespaces,
    planned,
    servable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Comparison,
    Done,
    ObjectKey,
    ObjectResult,
    Resource,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from backups import Backup
from planning import OLD_LABELS, backup_of, context_for, inventory_of, lines_of, live, uid_of
from scripted import TYPES, Body, ScriptedClient, body_of


def config_map(name: str, namespace: str = "shop", **data: str) -> Body:
    return body_of("ConfigMap", name, namespace, data=data)


def role_binding(name: str, subject: str = "web") -> Body:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    return body_of("RoleBinding", name, roleRef=role, subjects=[{"kind": "ServiceAccount", "name": subject}])


SHOP = body_of("Namespace", "shop")
WIDGET: Body = {
    "apiVersion": "example.org/v1",
    "kind": "Widget",
    "metadata": {"name": "gear", "namespace": "shop"},
}


def plan_of(folder: Path, backup: Backup, client: ScriptedClient, *stale: Body, **options: Any) -> Plan:
    """The plan after b1, which was restored with these objects that the backup has no more."""
    with context_for(folder, backup, client, **options) as context:
        return planned(context, inventory_of(context, *stale) if stale else ())


# Golden text


def test_what_the_backup_wants_beside_what_the_target_has(tmp_path: Path) -> None:
    """Under a policy that updates all but Secrets, privileged objects skipped."""
    deployment = body_of("Deployment", "web", spec={"replicas": 1}, metadata={"uid": "p-web"})
    owned = {"ownerReferences": [{"uid": "p-web", "controller": True, "kind": "Deployment", "name": "web"}]}
    replica_set = body_of("ReplicaSet", "web-1", metadata=owned)
    backup = backup_of(
        SHOP,
        body_of("Namespace", "new"),
        config_map("app", "new"),
        config_map("changed", a="2"),
        config_map("missing"),
        config_map("same"),
        config_map("unlabelled"),
        body_of("Secret", "differs", data={"a": "Mg=="}),
        body_of("ClusterRole", "missing", rules=[]),
        role_binding("changed", "other"),
        role_binding("same"),
        deployment,
        replica_set,
        WIDGET,
    )
    backup.add_text("configmaps", "shop", "broken", "{")
    there = [
        live(SHOP),
        live(config_map("changed", a="1"), OLD_LABELS),
        live(config_map("same")),
        live(config_map("unlabelled"), OLD_LABELS),
        live(body_of("Secret", "differs", data={"a": "MQ=="})),
        live(role_binding("changed"), OLD_LABELS),
        live(role_binding("same")),
        live(deployment),
    ]
    policy = {
        "existing_resource_policy": None,
        "existing_resource_default_policy": "update",
        "existing_resource_policy_overrides": {"none": {"included_resources": ["secrets"]}},
    }
    plan = plan_of(tmp_path, backup, ScriptedClient(*there), **policy, privileged_objects="skip")
    assert plan.delta is None
    assert lines_of(plan.changes) == dedent(
        """\
        skip    protected             Namespace kube-system
        create  -                     Namespace new
        noop    -                     Namespace shop
        skip    privileged            ClusterRole.rbac.authorization.k8s.io missing
        skip    privileged            RoleBinding.rbac.authorization.k8s.io shop/changed
        noop    -                     RoleBinding.rbac.authorization.k8s.io shop/same
        skip    exists_different      Secret shop/differs
        create  -                     ConfigMap new/app
        fail    invalid_object        configmaps shop/broken
        update  -                     ConfigMap shop/changed
        create  -                     ConfigMap shop/missing
        noop    -                     ConfigMap shop/same
        relabel -                     ConfigMap shop/unlabelled
        skip    has_controller        ReplicaSet.apps shop/web-1
        noop    -                     Deployment.apps shop/web
        fail    not_served            Widget.example.org shop/gear
        """
    )


def test_a_quota_that_grows_is_first_and_is_what_others_may_need(tmp_path: Path) -> None:
    quotas = Resource("", "v1", "resourcequotas", "ResourceQuota", True)

    def quota(name: str, pods: str) -> Body:
        metadata = {"name": name, "namespace": "shop"}
        return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {"pods": pods}}}

    bodies = [quota("grows", "9"), quota("is-new", "9"), quota("shrinks", "9"), config_map("app")]
    there = [live(SHOP), live(quota("grows", "3")), live(quota("shrinks", "30"))]
    plan = plan_of(tmp_path, backup_of(SHOP, *bodies), ScriptedClient(*there, types=(*TYPES, quotas)))
    assert [str(change.key) for change in plan.changes if change.key.name not in ("kube-system", "shop")] == [
        "ResourceQuota shop/grows",
        "ConfigMap shop/app",
        "ResourceQuota shop/is-new",
        "ResourceQuota shop/shrinks",
    ]
    assert {key.name for key in plan.coming} == {"grows", "app", "is-new"}


STALE = [
    body_of("Namespace", "gone"),
    config_map("old", "gone"),
    config_map("old"),
    body_of("Service", "old"),
    body_of("Deployment", "old"),
]


def test_deletions_come_last_and_in_the_reverse_order_of_a_restore(tmp_path: Path) -> None:
    backup = backup_of(SHOP, config_map("app"))
    client = ScriptedClient(*map(live, (SHOP, *STALE)))
    options = {"delta": "prune", "prune_max_percent": 100, "prune_allow": ["ns/gone"]}
    plan = plan_of(tmp_path, backup, client, *STALE, **options)
    assert plan.delta is not None
    assert (plan.delta.previous, plan.delta.prune.stops, plan.delta.gone) == ("b1", (), frozenset())
    assert lines_of(plan.changes) == dedent(
        """\
        skip    protected             Namespace kube-system
        noop    -                     Namespace shop
        create  -                     ConfigMap shop/app
        delete  -                     Deployment.apps shop/old
        delete  -                     Service shop/old
        delete  -                     ConfigMap shop/old
        delete  -                     ConfigMap gone/old
        delete  -                     Namespace gone
        """
    )
    assert [one.comparison.uid for one in plan.changes if one.comparison and one.action is Action.DELETE] == [
        uid_of(body) for body in reversed(STALE)
    ]


HELD = [body_of("Namespace", "shop"), role_binding("old"), config_map("old")]


@pytest.mark.parametrize(
    ("mode", "golden"),
    [
        (
            "restore",
            """\
            delete  -                     ConfigMap shop/old
            delete  -                     RoleBinding.rbac.authorization.k8s.io shop/old
            delete  -                     Namespace shop
            """,
        ),
        (
            "skip",
            """\
            delete  -                     ConfigMap shop/old
            skip    privileged            RoleBinding.rbac.authorization.k8s.io shop/old
            skip    holds                 Namespace shop
            """,
        ),
        (
            "fail",
            """\
            fail    privileged            RoleBinding.rbac.authorization.k8s.io shop/old
            """,
        ),
    ],
)
def test_a_privileged_object_is_not_deleted_unless_the_user_lets_it_through(
    tmp_path: Path, mode: str, golden: str
) -> None:
    """One that fails stops all others, which are not even planned then."""
    options = {"delta": "prune", "prune_max_percent": 100, "prune_allow": ["ns"], "privileged_objects": mode}
    plan = plan_of(tmp_path, backup_of(config_map("app", "web")), ScriptedClient(*map(live, HELD)), *HELD, **options)
    assert lines_of(one for one in plan.changes if not isinstance(one.ref, BackupItem)) == dedent(golden)
    assert plan.delta is not None
    assert [stop.reason.value for stop in plan.delta.prune.stops] == (["objects_failed"] if mode == "fail" else [])


@pytest.mark.parametrize("delta", ["report", "ignore"])
def test_nothing_is_deleted_unless_a_prune_is_asked_for(tmp_path: Path, delta: str) -> None:
    old = config_map("old")
    plan = plan_of(tmp_path, backup_of(SHOP), ScriptedClient(live(SHOP), live(old)), old, delta=delta)
    assert Action.DELETE not in {change.action for change in plan.changes}
    stale = [decision.key.name for decision in plan.delta.prune.objects] if plan.delta else None
    assert stale == (["old"] if delta == "report" else None)


def test_with_an_object_that_fails_in_the_plan_nothing_is_deleted(tmp_path: Path) -> None:
    old = config_map("old")
    client = ScriptedClient(live(SHOP), live(old))
    plan = plan_of(tmp_path, backup_of(SHOP, WIDGET), client, old, delta="prune", prune_max_percent=100)
    assert plan.delta is not None
    assert [str(stop) for stop in plan.delta.prune.stops] == ["objects failed in this run: 1"]
    assert lines_of(plan.changes) == dedent(
        """\
        skip    protected             Namespace kube-system
        noop    -                     Namespace shop
        fail    not_served            Widget.example.org shop/gear
        """
    )


def test_a_diff_shows_the_body_of_what_goes_and_else_it_is_not_kept(tmp_path: Path) -> None:
    old = live(config_map("old", a="1"))
    for diff in (True, False):
        client = ScriptedClient(live(SHOP), old)
        plan = plan_of(tmp_path, backup_of(SHOP), client, old, delta="prune", prune_max_percent=100, diff=diff)
        deletion = plan.changes[-1]
        assert (deletion.action, deletion.key.name) == (Action.DELETE, "old")
        assert deletion.comparison == Comparison(
            "7", before=old if diff else {}, labels=("b2", "again"), uid=uid_of(old)
        )


def test_what_is_mapped_is_planned_under_its_names_on_the_target(tmp_path: Path) -> None:
    backup = backup_of(SHOP, config_map("app"), config_map("same"))
    there = [live(body_of("Namespace", "store")), live(config_map("same", "store"))]
    plan = plan_of(tmp_path, backup, ScriptedClient(*there), namespace_mapping={"shop": "store"})
    assert lines_of(plan.changes) == dedent(
        """\
        skip    protected             Namespace kube-system
        noop    -                     Namespace store
        create  -                     ConfigMap store/app
        noop    -                     ConfigMap store/same
        """
    )


def test_what_the_objects_need_is_planned_with_them(tmp_path: Path) -> None:
    """Their namespaces, with or without a Namespace in the backup, and the definitions of their types."""
    definition = body_of("CustomResourceDefinition", "widgets.example.org")
    backup = backup_of(SHOP, config_map("app", "blank"), WIDGET, definition)
    options = {"included_resources": ["configmaps", "widgets.example.org"]}
    plan = plan_of(tmp_path, backup, ScriptedClient(), **options)
    assert lines_of(plan.changes) == dedent(
        """\
        create  -                     CustomResourceDefinition.apiextensions.k8s.io widgets.example.org
        create  -                     Namespace blank
        create  -                     Namespace shop
        create  -                     ConfigMap blank/app
        create  -                     Widget.example.org shop/gear
        """
    )
    assert {change.key for change in plan.changes} == plan.coming


def test_what_is_known_without_a_look_at_the_target_is_not_read(tmp_path: Path) -> None:
    token = body_of("Secret", "web-token-x", type="kubernetes.io/service-account-token")
    claim = body_of("PersistentVolumeClaim", "data", spec={"storageClassName": "fast"})
    backup = backup_of(SHOP, config_map("app"), config_map("torn"), token, body_of("ServiceAccount", "web"), claim)
    options = {
        "existing_resource_policy": None,
        "existing_resource_policy_overrides": [
            {"policy": "update", "included_resources": ["cm"], "label_selector": "!app"},
            {"policy": "none", "included_namespaces": ["shop"], "included_resources": ["configmaps"]},
        ],
        "storage_class_mapping": {"fast": "slow"},
        "resource_modifiers": FAILS_ON_TORN,
    }
    plan = plan_of(tmp_path, backup, ScriptedClient(live(SHOP)), **options)
    assert lines_of(plan.changes) == dedent(
        """\
        skip    protected             Namespace kube-system
        noop    -                     Namespace shop
        fail    storage_class_missing PersistentVolumeClaim shop/data
        create  -                     ServiceAccount shop/web
        skip    service_account_token Secret shop/web-token-x
        fail    policy_conflict       ConfigMap shop/app
        fail    policy_conflict       ConfigMap shop/torn
        """
    )


FAILS_ON_TORN = {
    "version": "v1",
    "resourceModifierRules": [
        {
            "conditions": {"groupResource": "configmaps", "resourceNameRegex": "^torn$"},
            "patches": [{"operation": "replace", "path": "/data/missing", "value": "1"}],
        }
    ],
}


def test_without_its_modifications_an_object_is_not_restored(tmp_path: Path) -> None:
    backup = backup_of(config_map("app"), config_map("torn"))
    client = ScriptedClient(live(SHOP), live(config_map("torn")))
    plan = plan_of(tmp_path, backup, client, resource_modifiers=FAILS_ON_TORN)
    assert lines_of(plan.changes[1:]) == dedent(
        """\
        create  -                     ConfigMap shop/app
        fail    modifier_failed       ConfigMap shop/torn
        """
    )


# What a plan is


def a_plan(folder: Path, **options: Any) -> Plan:
    backup = backup_of(SHOP, config_map("app"), config_map("changed", a="2"), role_binding("web"))
    client = ScriptedClient(*map(live, (SHOP, config_map("changed", a="1"), config_map("old"))))
    return plan_of(folder, backup, client, config_map("old"), delta="prune", prune_max_percent=100, **options)


def test_check_mode_is_the_same_plan(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    assert {change.action for change in plan.changes} >= {Action.CREATE, Action.UPDATE, Action.DELETE}
    assert a_plan(tmp_path, check=True) == plan


def test_neither_a_plan_nor_what_is_in_it_can_be_changed_once_it_is_made(tmp_path: Path) -> None:
    """What was approved is what is carried out."""
    plan = a_plan(tmp_path)
    assert plan.delta is not None
    for change in plan.changes:
        for name, value in (("action", Action.DELETE), ("ref", None), ("comparison", None), ("reason", None)):
            with pytest.raises(FrozenInstanceError):
                setattr(change, name, value)
        with pytest.raises(FrozenInstanceError):
            change.ref.key = plan.changes[0].key
    for value, name in ((plan, "changes"), (plan, "delta"), (plan.delta, "prune"), (plan.delta.prune, "stops")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, ())
    assert isinstance(plan.changes, tuple)
    assert isinstance(plan.changes[-1].comparison, Comparison)
    with pytest.raises(FrozenInstanceError):
        plan.changes[-1].comparison.uid = "another"


def test_neither_can_what_became_of_it(tmp_path: Path) -> None:
    done = Done(a_plan(tmp_path).changes[0], ObjectResult(Outcome.SKIPPED))
    for name in ("change", "result"):
        with pytest.raises(AttributeError):
            setattr(done, name, None)
    with pytest.raises(FrozenInstanceError):
        done.result.outcome = Outcome.CREATED


def test_what_comes_with_a_plan_is_what_it_creates_and_the_versions_of_definitions_that_it_updates() -> None:
    def change(resource: str, action: Action) -> Change:
        return Change(BackupItem(ObjectKey("", resource, "", action.value), resource, "v1"), action)

    crds = "customresourcedefinitions.apiextensions.k8s.io"
    changes = tuple(change(resource, action) for resource in (crds, "configmaps") for action in Action)
    assert sorted((key.kind, key.name) for key in Plan(changes).coming) == [
        ("configmaps", "create"),
        (crds, "create"),
        (crds, "update"),
    ]


@pytest.mark.parametrize("error", [Unreachable("no answer"), Unauthorized("who are you?", status=401)])
@pytest.mark.parametrize("path", ["/api", "/api/v1/namespaces", "/api/v1/configmaps"])
def test_without_the_target_there_is_no_plan(tmp_path: Path, path: str, error: Exception) -> None:
    client = ScriptedClient(live(SHOP), answers={path: error})
    with pytest.raises(type(error)):
        plan_of(tmp_path, backup_of(SHOP, config_map("app")), client)


def test_the_order_of_a_backup_does_not_matter(tmp_path: Path) -> None:
    bodies = [SHOP, config_map("b"), config_map("a"), role_binding("x"), body_of("Service", "web"), WIDGET]
    plans = [plan_of(tmp_path, backup_of(*some), ScriptedClient()) for some in (bodies, bodies[::-1])]
    assert lines_of(plans[0].changes) == lines_of(plans[1].changes)


# The parts that need no target


NAME = "widgets.example.org"
KEY = ObjectKey("example.org", "Widget", "shop", "gear")


def copy(version: str) -> BackupItem:
    return BackupItem(KEY, NAME, version, number=int(version[1:]), size=1)


def serving(*versions: str) -> Discovery:
    types = tuple(Resource("example.org", version, "widgets", "Widget", True) for version in versions)
    return Discovery({NAME: types} if versions else {}, frozenset())


@pytest.mark.parametrize(
    ("served", "chosen"),
    [
        (("v1", "v2"), "v1"),  # the default copy when the target serves it, whatever it prefers
        (("v2", "v1"), "v1"),
        (("v2",), "v2"),
        (("v3", "v2"), "v3"),  # the target's preferred one of those in the backup
        (("v9",), "v1"),  # none: the plan says so
        ((), "v1"),  # its definition is still to come
    ],
)
def test_the_copy_of_a_version_that_the_target_serves_is_restored(served, chosen):
    others = (copy("v2"), copy("v3"))
    assert servable(copy("v1"), others, serving(*served)) == copy(chosen)


def namespace(name: str, problem: str = "") -> BackupItem:
    return BackupItem(ObjectKey("", "Namespace", "", name), "namespaces", "v1", 7, 7, problem=problem)


def test_a_missing_namespace_is_the_backup_s_own_or_a_blank_one():
    backup = [namespace("a"), namespace("b", problem="broken"), namespace("there")]
    wanted = missing_namespaces(["a", "b", "c", "there", "selected"], {"there": False}, [namespace("selected")], backup)
    assert [(item.key.name, item.size) for item in wanted] == [("a", 7), ("b", 0), ("c", 0)]


# What others need

LEVEL = "pod-security.kubernetes.io/enforce"


def space(name: str, **labels: str) -> Body:
    return body_of("Namespace", name, metadata={"name": name, "labels": labels})


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("mode", ["restore", "skip", "fail"])
def test_a_namespace_that_must_be_there_is_ensured_without_what_gives_rights(
    tmp_path: Path, mode: str, selected: bool
) -> None:
    backup = backup_of(space("shop", **{LEVEL: "privileged", "team": "a"}), config_map("app"))
    options = {"included_namespaces": ["shop"], "include_cluster_resources": selected, "privileged_objects": mode}
    with context_for(tmp_path, backup, ScriptedClient(), **options) as context:
        changes = {str(change.key): change for change in planned(context, ()).changes}
        change = changes["Namespace shop"]
        labels = context.desired.body(change.item)["metadata"]["labels"]
    withheld = (Reason.WITHHELD, f"label {LEVEL}") if mode != "restore" else (None, "")
    assert (change.action, change.reason, change.detail) == (Action.CREATE, *withheld)
    assert labels == {"team": "a"} | ({LEVEL: "privileged"} if mode == "restore" else {})
    assert changes["ConfigMap shop/app"].reason is None


@pytest.mark.parametrize("mode", ["restore", "skip"])
def test_of_a_namespace_that_is_there_the_stricter_level_stays(tmp_path: Path, mode: str) -> None:
    backup = backup_of(space("bank", **{LEVEL: "baseline", "team": "a"}))
    there = live(body_of("Namespace", "bank", metadata={"name": "bank"}), labels={LEVEL: "restricted"})
    with context_for(tmp_path, backup, ScriptedClient(there), privileged_objects=mode) as context:
        (change,) = (change for change in planned(context, ()).changes if change.key.name == "bank")
    withheld = (Reason.WITHHELD, f"label {LEVEL}") if mode != "restore" else (None, "")
    assert (change.action, change.reason, change.detail) == (Action.UPDATE, *withheld)
    assert change.comparison is not None
    wanted = {"team": "a"} | ({LEVEL: "baseline"} if mode == "restore" else {})
    assert change.comparison.patch == {"metadata": {"labels": wanted}}
