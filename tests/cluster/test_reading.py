# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the target: few lists, narrower ones where rights end, and no type that is wrongly called absent."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster import client as client_module
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden
from ansible_collections.standby.velero.plugins.module_utils._report.summary import in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup, complete
from controlplane import ControlPlane, wait_for
from passing import Passing
from restoring import by_place, views
from scenes import (
    backup_of,
    config_map,
    connection,
    grant_state,
    live,
    only,
    put,
    remove,
    run,
    watch,
)

RBAC = "rbac.authorization.k8s.io"
NAMESPACES = [f"space-{number:02}" for number in range(12)]
ON_TARGET = len(NAMESPACES) + 5  # default, kube-system, kube-public, kube-node-lease, standby-velero


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    for name in NAMESPACES:
        controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
    return controlplane


# Lists


@pytest.mark.parametrize("count", [1, 3, 4, 12])
def test_lists_are_cluster_wide_unless_few_namespaces_are_wanted(target, tmp_path, count):
    wanted = [config_map(f"listed-{count}-{number}", {}, name) for name in NAMESPACES[:count] for number in range(3)]
    watched = watch(target.kubeconfig)
    run(watched, backup_of(tmp_path, *wanted))
    narrow = [f"/api/v1/namespaces/{name}/configmaps" for name in NAMESPACES[:count]]
    assert watched.reads == (narrow if count * 4 < ON_TARGET else ["/api/v1/configmaps"])


def test_a_type_is_listed_page_by_page(target, tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "PAGE", 10)
    wanted = [config_map(f"paged-{number:02}", {"a": "1"}, NAMESPACES[0]) for number in range(35)]
    put(target, *wanted)
    watched = watch(target.kubeconfig)
    restored = run(watched, backup_of(tmp_path, *wanted), label_unchanged=False)
    assert {result.outcome for result in views(restored)} == {Outcome.UNCHANGED}
    assert 4 <= len(watched.reads) < 8
    assert watched.writes == []


# Rights, granted step by step: what the user may do, and what is asked until all is known


def grant(target: ControlPlane, user: str, rules: list[dict[str, Any]], namespace: str = "") -> None:
    kind = "Role" if namespace else "ClusterRole"
    meta = {"name": f"{user}-{kind.lower()}"} | ({"namespace": namespace} if namespace else {})
    role = {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, "rules": rules}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": meta,
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": meta["name"]},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }
    target.apply(yaml.safe_dump_all([role, binding]))


def rule(*verbs: str, resources: tuple[str, ...] = ("configmaps",)) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": list(resources), "verbs": list(verbs)}


WIDE = "/api/v1/configmaps"
HOME = NAMESPACES[1]
LIST = f"/api/v1/namespaces/{HOME}/configmaps"
RIGHTS = {
    # user: (cluster-wide rights, rights in the namespace, what is asked)
    "limited-1": (
        [rule("get", "list", resources=("namespaces",)), rule("list", "create", "patch")],
        [],
        [LIST],
    ),
    "limited-2": ([], [rule("list", "create", "patch")], [WIDE, LIST]),
    "limited-3": (
        [],
        [rule("get", "create", "patch")],
        [WIDE, LIST, f"{LIST}/limited-3-new", f"{LIST}/limited-3-old"],
    ),
}


@pytest.mark.parametrize("user", RIGHTS)
def test_where_a_list_is_not_allowed_a_narrower_way_is_taken(target, tmp_path, user):
    everywhere, at_home, asked = RIGHTS[user]
    grant_state(target, user)
    for rules, namespace in ((everywhere, ""), (at_home, HOME)):
        if rules:
            grant(target, user, rules, namespace)
    wanted = [config_map(f"{user}-{name}", {"a": "1"}, HOME) for name in ("new", "old")]
    put(target, {**wanted[1], "data": {"a": "2"}})
    path = f"{LIST}/{wanted[1]['metadata']['name']}"
    verb = "PATCH"
    granted = target.tokens[user]
    wait_for("the rights", lambda: target.api(verb, path, {}, "application/merge-patch+json", granted)[0] == 200, 30)
    watched = watch(target.kubeconfig_for(user))
    restored = by_place(run(watched, backup_of(tmp_path, *wanted)))
    assert [restored["ConfigMap", HOME, f"{user}-{name}"].outcome for name in ("new", "old")] == [
        Outcome.CREATED,
        Outcome.UPDATED,
    ]
    assert [read for read in watched.reads if "/configmaps" in read] == asked


def test_at_the_end_of_all_rights_the_missing_one_is_named_and_nothing_is_written(target, tmp_path):
    grant_state(target, "limited-4")
    watched = watch(target.kubeconfig_for("limited-4"))
    restored = run(watched, backup_of(tmp_path, config_map("secretive", {"a": "b"}, HOME)))
    result = only(restored)
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.READ_FAILED)
    assert (
        f'User "limited-4" cannot get resource "configmaps" in API group "" in the namespace "{HOME}"' in result.message
    )
    assert watched.writes == []
    assert not in_sync(restored.done, check_mode=False)


def test_a_type_that_may_not_be_read_fails_alone(target, tmp_path):
    grant_state(target, "limited-5")
    grant(target, "limited-5", [rule("get", "list", "create", resources=("configmaps", "namespaces"))])
    wait_for(
        "the rights",
        lambda: target.api("GET", "/api/v1/namespaces", token=target.tokens["limited-5"])[0] == 200,
        30,
    )
    wanted = [config_map("readable", {}, HOME), complete("secrets", HOME, "unreadable", {})]
    restored = by_place(run(watch(target.kubeconfig_for("limited-5")), backup_of(tmp_path, *wanted)))
    assert restored["ConfigMap", HOME, "readable"].outcome is Outcome.CREATED
    assert restored["Secret", HOME, "unreadable"].reason is Reason.READ_FAILED


def test_a_write_that_is_not_allowed_names_the_right(target, tmp_path):
    wanted = [config_map("unwritable", {"a": "1"}, HOME), config_map("uncreatable", {}, HOME)]
    put(target, {**wanted[0], "data": {"a": "2"}})
    grant_state(target, "limited-6")
    grant(target, "limited-6", [rule("get", "list")])
    token = target.tokens["limited-6"]
    wait_for("the rights", lambda: target.api("GET", WIDE, token=token)[0] == 200, 30)
    restored = by_place(run(watch(target.kubeconfig_for("limited-6")), backup_of(tmp_path, *wanted)))
    for name, verb in (("unwritable", "patch"), ("uncreatable", "create")):
        result = restored["ConfigMap", HOME, name]
        assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)
        assert f'User "limited-6" cannot {verb} resource "configmaps"' in result.message


# Types


def widget_definition(*versions: str, **spec: Any) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    served = [
        {"name": name, "served": True, "storage": name == versions[0], "schema": schema} for name in versions or ("v1",)
    ]
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": served, **spec}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"},
        "spec": spec,
    }


def widget(name: str, version: str = "v1") -> dict[str, Any]:
    meta = {"name": name, "namespace": HOME}
    return {"apiVersion": f"example.org/{version}", "kind": "Widget", "metadata": meta, "spec": {"size": 1}}


def without_widgets(target: ControlPlane) -> None:
    definition = widget_definition("v1")
    if live(target, definition):
        remove(target, definition)
    wait_for("the end of the type", lambda: "widgets.example.org" not in discovered(target), 30)


def discovered(target: ControlPlane) -> set[str]:
    return set(discover(Client(connection({"kubeconfig": str(target.kubeconfig)}))).types)


@pytest.mark.parametrize("filters", [{}, {"included_resources": ["widgets.example.org"]}], ids=["all", "pulled in"])
def test_a_definition_comes_first_and_its_resources_after_it_is_served(target, tmp_path, filters):
    without_widgets(target)
    wanted = [widget("one"), widget("two")]
    watched = watch(target.kubeconfig)
    restored = run(watched, backup_of(tmp_path, *wanted, widget_definition("v1")), **filters)
    assert {str(result.key): result.outcome for result in views(restored)} == {
        "CustomResourceDefinition.apiextensions.k8s.io widgets.example.org": Outcome.CREATED,
        f"Widget.example.org {HOME}/one": Outcome.CREATED,
        f"Widget.example.org {HOME}/two": Outcome.CREATED,
    }
    assert watched.writes[0][1] == "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert live(target, wanted[0])["spec"] == {"size": 1}
    again = run(watch(target.kubeconfig), backup_of(tmp_path, *wanted, widget_definition("v1")), **filters)
    assert {result.outcome for result in views(again)} == {Outcome.UNCHANGED}


def test_a_definition_that_is_refused_takes_its_resources_along_at_once(target, tmp_path):
    without_widgets(target)
    wanted = [widget(f"orphan-{number}") for number in range(40)]
    began = time.monotonic()
    restored = run(watch(target.kubeconfig), backup_of(tmp_path, *wanted, widget_definition("v1", scope="Nowhere")))
    assert {(result.outcome, result.reason) for result in views(restored)} == {(Outcome.FAILED, Reason.REFUSED)}
    assert time.monotonic() - began < 8


def test_a_type_that_nobody_defines_is_not_served(target, tmp_path):
    without_widgets(target)
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, widget("lonely"))))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.NOT_SERVED)
    assert "no CustomResourceDefinition widgets.example.org is selected" in result.message


def test_a_version_that_is_not_served_is_named_with_those_that_are(target, tmp_path):
    target.apply(yaml.safe_dump(widget_definition("v1")))
    wait_for("the type", lambda: "widgets.example.org" in discovered(target), 30)
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, widget("newer", "v2"))))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.NOT_SERVED)
    assert "the backup has widgets.example.org at version v2, the target serves v1" in result.message


MISPLACED = {
    "another kind": ("configmaps", HOME, {"kind": "Gadget"}, "its kind is Gadget, that of configmaps is ConfigMap"),
    "outside namespaces": ("configmaps", "", {}, "configmaps lie in namespaces on the target"),
    "inside a namespace": ("namespaces", HOME, {}, "namespaces are cluster-scoped on the target"),
}


@pytest.mark.parametrize("case", MISPLACED)
def test_an_object_that_lies_in_the_folder_of_another_type_fails_alone(target, tmp_path, case):
    resource, namespace, body, said = MISPLACED[case]
    good = f"good-{list(MISPLACED).index(case)}"
    backup = Backup().add(resource, namespace, "misplaced", body).add("configmaps", HOME, good)
    path = backup.write(tmp_path / "backup.tar.gz")
    restored = {result.key.name: result for result in views(run(watch(target.kubeconfig), path))}
    assert (restored["misplaced"].outcome, restored["misplaced"].reason) == (Outcome.FAILED, Reason.INVALID_OBJECT)
    assert said in restored["misplaced"].message
    assert restored[good].outcome is Outcome.CREATED


# Discovery

NOBODY = """
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.gone.example}
spec:
  group: gone.example
  version: v1
  groupPriorityMinimum: 1000
  versionPriority: 10
  service: {namespace: default, name: nowhere}
"""


class Plain(Passing):
    """Asks as a client does that knows nothing of aggregated discovery."""

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        how.pop("accept", None)
        return super().send(method, path, body, **how)


@pytest.mark.parametrize("plain", [False, True], ids=["aggregated", "group by group"])
def test_a_group_that_nobody_answers_for_is_incomplete_and_never_absent(target, tmp_path, plain):
    target.apply(NOBODY)
    hurried = connection({"kubeconfig": str(target.kubeconfig)})
    hurried._sleep = [].append
    gadget = {"apiVersion": "gone.example/v1", "kind": "Gadget", "metadata": {"name": "one", "namespace": HOME}}
    good = f"beside-{plain}".lower()
    backup = backup_of(tmp_path, gadget, config_map(good, {}, HOME))
    restored = by_place(run(Plain(hurried) if plain else hurried, backup))
    result = restored["Gadget", HOME, "one"]
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.DISCOVERY_INCOMPLETE)
    assert (
        "the API group gone.example of the target does not answer with all that it has; see its APIServices"
        in result.message
    )
    assert restored["ConfigMap", HOME, good].outcome is Outcome.CREATED


def test_discovery_group_by_group_finds_the_same_types(target):
    target.apply(NOBODY)
    hurried = connection({"kubeconfig": str(target.kubeconfig)})
    hurried._sleep = [].append
    aggregated, legacy = discover(Client(hurried)), discover(Client(Plain(hurried)))
    assert legacy.types == aggregated.types
    assert legacy.incomplete == aggregated.incomplete == {"gone.example"}
    assert len(aggregated.types) > 40


def test_aggregated_discovery_is_two_requests(target):
    watched = watch(target.kubeconfig)
    discover(Client(watched))
    assert [path for _method, path in watched.requests] == ["/api", "/apis"]


# Namespaces


def test_a_namespace_that_is_being_deleted_is_waited_for_once(target, tmp_path):
    put(target, complete("namespaces", "", "ending", {}))
    assert target.api("DELETE", "/api/v1/namespaces/ending")[0] in (200, 202)
    wanted = [config_map(f"inside-{number}", {}, "ending") for number in range(5)]
    watched = watch(target.kubeconfig)
    restored = run(watched, backup_of(tmp_path, *wanted), terminating_timeout=0)
    assert {result.reason for result in views(restored)} == {Reason.NAMESPACE_TERMINATING}
    assert watched.writes == []

    def finish(_method: str, path: str, _body: Any) -> None:  # no controller runs here that would
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ending"}, "spec": {"finalizers": []}}
        if path.startswith("/api/v1/namespaces?") and live(target, body) and next(asked):
            assert target.api("PUT", "/api/v1/namespaces/ending/finalize", body)[0] == 200

    asked = iter([False, True])
    restored = run(watch(target.kubeconfig, finish), backup_of(tmp_path, *wanted), terminating_timeout=30)
    assert {result.outcome for result in views(restored)} == {Outcome.CREATED}
    assert live(target, complete("namespaces", "", "ending", {}))["metadata"].get("deletionTimestamp") is None


# Last, for it takes a right from everybody


def test_a_user_who_may_not_even_ask_for_the_types_is_told_the_path(target, tmp_path):
    binding = f"/apis/{RBAC}/v1/clusterrolebindings/system:discovery"
    assert target.api("DELETE", binding)[0] == 200
    grant_state(target, "limited-7")
    token = target.tokens["limited-7"]
    wait_for("the loss of the right", lambda: target.api("GET", "/api", token=token)[0] == 403, 30)
    with pytest.raises(Forbidden, match='User "limited-7" cannot get path "/api"'):
        run(watch(target.kubeconfig_for("limited-7")), backup_of(tmp_path, config_map("x", {}, HOME)))
