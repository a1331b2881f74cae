# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an object, by policy and by what the target has and says."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from controlplane import ControlPlane
from restoring import by_place, views
from scenes import (
    LABELS,
    NAMESPACE,
    OLD_LABELS,
    backup_of,
    config_map,
    edit,
    labels_of,
    live,
    only,
    put,
    remove,
    run,
    until,
    until_admitted,
    version_of,
    watch,
)

GUARDS = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: only-labels}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [configmaps, serviceaccounts]}
  matchConditions: [{name: guarded, expression: "object.metadata.name.startsWith('refused')"}]
  validations:
  - expression: >-
      (has(object.metadata.annotations) ? object.metadata.annotations : {}) ==
      (has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {})
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: only-labels}
spec: {policyName: only-labels, validationActions: [Deny]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: frozen}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [configmaps, serviceaccounts]}
  matchConditions: [{name: frozen, expression: "object.metadata.name.startsWith('frozen')"}]
  validations: [{expression: "false"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: frozen}
spec: {policyName: frozen, validationActions: [Deny]}
"""

MUTATIONS = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: keep-region}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  matchConditions:
  - name: regional  # a dry run under a generated name comes here without a name
    expression: "has(object.metadata.name) && object.metadata.name.startsWith('regional')"
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: 'Object{data: {"region": "standby"}}'}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: keep-region}
spec: {policyName: keep-region}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: stamp}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  matchConditions: [{name: stamped, expression: "has(object.metadata.labels) && 'stamp' in object.metadata.labels"}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: 'Object{data: {"stamped": "by the target"}}'}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: stamp}
spec: {policyName: stamp}
"""

LIMITS = """
apiVersion: v1
kind: LimitRange
metadata: {name: usual, namespace: limited}
spec: {limits: [{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 100m}}]}
"""


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    """With guards that refuse updates of objects named refused-… and frozen-…, all admission in force."""
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    controlplane.apply(GUARDS)
    controlplane.apply(MUTATIONS)
    probes = [config_map(name, {}) for name in ("refused-probe", "frozen-probe")]
    put(controlplane, *probes)
    for probe in probes:
        change = {"metadata": {"annotations": {"probe": "yes"}}}
        until(controlplane, "the guards", "PATCH", controlplane.path_of(probe), change, 422)
    until_admitted(controlplane, "the region", config_map("regional-probe", {}), lambda body: "region" in data_of(body))
    stamped = config_map("stamped-probe", {}, labels={"stamp": "yes"})
    until_admitted(controlplane, "the stamp", stamped, lambda body: "stamped" in data_of(body))
    return controlplane


def data_of(body: dict[str, Any]) -> dict[str, str]:
    return body.get("data") or {}


# The truth table


class Said(NamedTuple):
    """A result as one row: what is said, and what is stored."""

    outcome: Outcome
    reason: Reason | None = None
    warning: bool = False
    error: bool = False
    labels: str = "old"
    moved: bool = False
    changed: bool = False
    in_sync: bool = True


U = Outcome.UNCHANGED
CREATED = Said(Outcome.CREATED, labels="new", moved=True, changed=True)
UNCHANGED = Said(U)
RELABELLED = Said(Outcome.RELABELLED, labels="new", moved=True, changed=True)
UPDATED = Said(Outcome.UPDATED, labels="new", moved=True, changed=True)
MERGED = Said(Outcome.UPDATED, moved=True, changed=True)
LEFT_ALONE = Said(Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, warning=True, in_sync=False)
REFUSED = Said(Outcome.FAILED, Reason.REFUSED, warning=True, in_sync=False)
REFUSED_LABELLED = REFUSED._replace(labels="new", moved=True, changed=True)
REFUSED_TWICE = REFUSED._replace(error=True)
LABELS_REFUSED = Said(Outcome.FAILED, Reason.REFUSED, error=True, in_sync=False)

TABLE = {
    # (policy, what the target has): (a ServiceAccount, any other)
    ("none", "missing"): (CREATED, CREATED),
    ("none", "equal"): (UNCHANGED._replace(labels="new"), UNCHANGED._replace(labels="new")),
    ("none", "equal but for the two labels"): (UNCHANGED, UNCHANGED),
    ("none", "different"): (MERGED, LEFT_ALONE),
    ("none", "different, refused"): (REFUSED, LEFT_ALONE),
    ("none", "different, labels refused too"): (REFUSED, LEFT_ALONE),
    ("none", "equal, labels refused"): (UNCHANGED, UNCHANGED),
    ("none", "more than the backup"): (UNCHANGED, LEFT_ALONE),
    ("update", "missing"): (CREATED, CREATED),
    ("update", "equal"): (UNCHANGED._replace(labels="new"), UNCHANGED._replace(labels="new")),
    ("update", "equal but for the two labels"): (RELABELLED, RELABELLED),
    ("update", "different"): (MERGED, UPDATED),
    ("update", "different, refused"): (REFUSED_LABELLED, REFUSED_LABELLED),
    ("update", "different, labels refused too"): (REFUSED_TWICE, REFUSED_TWICE),
    ("update", "equal, labels refused"): (LABELS_REFUSED, LABELS_REFUSED),
    ("update", "more than the backup"): (UNCHANGED, UPDATED),
}
FREE, REFUSING, FROZEN = "free", "refused", "frozen"
SAME, LESS, MORE = {"team": "payments"}, {}, {"team": "payments", "more": "yes"}
FOUND = {
    # what the target has: (its guard, its annotations, its two labels)
    "equal": (FREE, SAME, LABELS),
    "equal but for the two labels": (FREE, SAME, OLD_LABELS),
    "different": (FREE, LESS, OLD_LABELS),
    "different, refused": (REFUSING, LESS, OLD_LABELS),
    "different, labels refused too": (FROZEN, LESS, OLD_LABELS),
    "equal, labels refused": (FROZEN, SAME, OLD_LABELS),
    "more than the backup": (FREE, MORE, OLD_LABELS),
}
ROWS = [
    pytest.param(*key, resource, said, id=f"{key[0]}: {key[1]}: {resource}")
    for key, row in TABLE.items()
    for resource, said in zip(("serviceaccounts", "configmaps"), row, strict=True)
]


@pytest.mark.parametrize(("policy", "found", "resource", "said"), ROWS)
def test_policy_and_target_decide_what_becomes_of_an_object(target, tmp_path, policy, found, resource, said):
    guard, annotations, labels = FOUND.get(found, (FREE, None, {}))
    name = f"{guard}-{policy}-{'-'.join(found.replace(',', '').split())}"
    wanted = complete(resource, NAMESPACE, name, {"metadata": {"annotations": SAME}})
    if annotations is not None:
        put(target, {**wanted, "metadata": {**wanted["metadata"], "annotations": annotations, "labels": labels}})
    before = live(target, wanted)
    for check in (True, False):  # the plan says what the run does
        restored = run(
            watch(target.kubeconfig), backup_of(tmp_path, wanted), check=check, existing_resource_policy=policy
        )
        after = live(target, wanted)
        result = only(restored)
        assert (result.outcome, result.reason, bool(result.warning), bool(result.error)) == said[:4], result
        assert changed(restored.done) == said.changed
        assert labels_of(after) == (LABELS if said.labels == "new" and not check else labels)
        assert (version_of(after) != version_of(before)) == (said.moved and not check)
    assert in_sync(restored.done, check_mode=False) == said.in_sync


def test_a_refusal_names_the_policy_and_no_value(target, tmp_path):
    wanted = config_map("refused-secretive", {"a": "b"}, annotations={"team": "canary-7f3a"})
    put(target, config_map("refused-secretive", {"a": "b"}))
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted)))
    assert "ValidatingAdmissionPolicy 'only-labels' with binding 'only-labels' denied request" in result.message
    assert result.warning in result.message
    assert "canary" not in repr(result)


# Fields that no update can change


def role_binding(role: str) -> dict[str, Any]:
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "somebody"}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "readers", "namespace": NAMESPACE},
        "roleRef": ref,
        "subjects": [subject],
    }


def immutable(value: str) -> dict[str, Any]:
    return config_map("immutable", {"a": value}) | {"immutable": True}


@pytest.mark.parametrize(
    ("has", "wanted", "field"),
    [(immutable("old"), immutable("new"), "data"), (role_binding("view"), role_binding("edit"), "roleRef")],
    ids=["immutable ConfigMap", "roleRef"],
)
def test_a_change_of_an_immutable_field_fails_with_its_name_and_is_labelled(target, tmp_path, has, wanted, field):
    put(target, has)
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted)))
    assert (result.outcome, result.reason, result.error) == (Outcome.FAILED, Reason.REFUSED, "")
    assert field in result.message
    assert result.warning
    assert result.stored
    assert labels_of(live(target, wanted)) == LABELS


# The server is the judge


def pod(name: str, namespace: str, **container: Any) -> dict[str, Any]:
    return complete(
        "pods",
        namespace,
        name,
        {"spec": {"containers": [{"name": "web", "image": "registry.example/web", **container}]}},
    )


def test_a_pod_that_the_target_s_limit_range_filled_in_counts_as_equal(target, tmp_path):
    target.apply("{apiVersion: v1, kind: Namespace, metadata: {name: limited}}")
    target.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: limited}}")
    target.apply(LIMITS)
    wanted = pod("web", "limited")
    until(target, "the limits", "POST", "/api/v1/namespaces/limited/pods", pod("probe", "limited"), 201)
    backup = backup_of(tmp_path, wanted)
    first = only(run(watch(target.kubeconfig), backup))
    assert first.outcome is Outcome.CREATED, first
    made = live(target, wanted)
    assert made["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "100m"}
    again = run(watch(target.kubeconfig), backup, restore_name="third")
    assert (only(again).outcome, only(again).reason) == (Outcome.RELABELLED, Reason.EQUAL_AFTER_ADMISSION)
    assert in_sync(again.done, check_mode=False)
    assert not only(again).warning
    before = version_of(live(target, wanted))
    last = run(watch(target.kubeconfig), backup, restore_name="third")
    assert (only(last).outcome, only(last).reason) == (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    assert not changed(last.done)
    assert version_of(live(target, wanted)) == before


def test_a_pod_that_differs_in_more_than_admission_is_refused(target, tmp_path):
    has, wanted = pod("other", NAMESPACE), pod("other", NAMESPACE, command=["serve"])
    target.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {NAMESPACE}}}}}")
    put(target, has)
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted)))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)


def test_an_immutable_object_that_a_mutating_policy_completes_counts_as_equal(target, tmp_path):
    wanted = config_map("completed", {"a": "b"}, labels={"stamp": "yes"}) | {"immutable": True}
    backup = backup_of(tmp_path, wanted)
    assert only(run(watch(target.kubeconfig), backup)).outcome is Outcome.CREATED
    assert live(target, wanted)["data"] == {"a": "b", "stamped": "by the target"}
    again = only(run(watch(target.kubeconfig), backup))
    assert (again.outcome, again.reason, again.warning) == (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION, "")


def test_a_value_that_the_target_sets_back_is_kept_and_nothing_is_stored(target, tmp_path):
    wanted = config_map("regional", {"region": "production", "size": "1"})
    backup = backup_of(tmp_path, wanted)
    first = only(run(watch(target.kubeconfig), backup))
    assert first.outcome is Outcome.CREATED
    assert live(target, wanted)["data"] == {"region": "standby", "size": "1"}
    before = version_of(live(target, wanted))
    for check in (True, False):
        again = run(watch(target.kubeconfig), backup, check=check)
        assert (only(again).outcome, only(again).reason) == (Outcome.UNCHANGED, Reason.NO_EFFECT)
        assert in_sync(again.done, check_mode=check)
        assert not changed(again.done)
    assert version_of(live(target, wanted)) == before
    for check in (True, False):
        relabelled = only(run(watch(target.kubeconfig), backup, check=check, restore_name="third"))
        assert (relabelled.outcome, relabelled.reason) == (Outcome.RELABELLED, Reason.NO_EFFECT)


def test_an_object_that_is_being_deleted_is_not_written(target, tmp_path):
    held = config_map("held", {"a": "old"}, finalizers=["example.org/hold"])
    put(target, held)
    remove(target, held)
    before = version_of(live(target, held))
    watched = watch(target.kubeconfig)
    result = only(run(watched, backup_of(tmp_path, config_map("held", {"a": "new"}))))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.TERMINATING)
    assert watched.writes == []
    assert version_of(live(target, held)) == before
    edit(target, held, {"metadata": {"finalizers": None}})


# An object that appears between the plan and its create

APPEARED = {
    "equal": ("update", {"a": "1"}, Outcome.RELABELLED, None),
    "different, update": ("update", {"a": "2"}, Outcome.UPDATED, None),
    "different, none": ("none", {"a": "2"}, Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
    "equal, none": ("none", {"a": "1"}, Outcome.UNCHANGED, None),
}


@pytest.mark.parametrize("case", APPEARED)
def test_a_create_that_meets_an_object_goes_the_way_of_those_that_exist(target, tmp_path, case):
    policy, data, outcome, reason = APPEARED[case]
    wanted = config_map(f"appeared-{list(APPEARED).index(case)}", {"a": "1"})

    def before(method: str, _path: str, _body: Any) -> None:
        if method == "POST" and live(target, wanted) is None:
            put(target, {**wanted, "data": data})

    result = only(run(watch(target.kubeconfig, before), backup_of(tmp_path, wanted), existing_resource_policy=policy))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert live(target, wanted)["data"] == ({"a": "1"} if outcome is Outcome.UPDATED else data)


def service(name: str, node_port: int) -> dict[str, Any]:
    """With a node port that its user chose, which a restore keeps."""
    port = {"port": 80, "protocol": "TCP", "name": "http", "nodePort": node_port}
    spec = {"type": "NodePort", "selector": {"app": "web"}, "ports": [port]}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": spec})}
    return complete("services", NAMESPACE, name, {"spec": spec, "metadata": {"annotations": applied}})


def test_a_service_whose_node_port_it_has_allocated_itself_exists(target, tmp_path):
    wanted = service("front", 30080)

    def before(method: str, _path: str, _body: Any) -> None:
        if method == "POST" and live(target, wanted) is None:
            put(target, wanted)

    result = only(run(watch(target.kubeconfig, before), backup_of(tmp_path, wanted)))
    assert result.outcome is Outcome.RELABELLED, result


def test_a_service_whose_node_port_another_has_is_refused(target, tmp_path):
    put(target, service("first", 30081))
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, service("second", 30081))))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)
    assert "provided port is already allocated" in result.message


# Labels, owners, namespaces


def test_without_label_unchanged_an_equal_object_gets_no_request(target, tmp_path):
    same, other = config_map("quiet", {"a": "1"}), config_map("loud", {"a": "1"})
    put(target, same, {**other, "data": {"a": "2"}})
    watched = watch(target.kubeconfig)
    restored = by_place(run(watched, backup_of(tmp_path, same, other), label_unchanged=False))
    assert restored["ConfigMap", NAMESPACE, "quiet"].outcome is Outcome.UNCHANGED
    assert restored["ConfigMap", NAMESPACE, "loud"].outcome is Outcome.UPDATED
    assert watched.writes == [("PATCH", f"/api/v1/namespaces/{NAMESPACE}/configmaps/loud")]
    assert labels_of(live(target, same)) == {}
    assert labels_of(live(target, other)) == LABELS


def test_an_object_whose_controlling_owner_is_in_the_backup_is_created_but_never_patched(target, tmp_path):
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod("x", NAMESPACE)["spec"]}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    owner = complete("deployments.apps", NAMESPACE, "web", {"spec": {"replicas": 0, **spec}})
    ref = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": owner["metadata"]["uid"]}
    owned = complete(
        "replicasets.apps",
        NAMESPACE,
        "web-1",
        {"spec": {"replicas": 0, **spec}, "metadata": {"ownerReferences": [{**ref, "controller": True}]}},
    )
    backup = backup_of(tmp_path, owner, owned)
    first = by_place(run(watch(target.kubeconfig), backup))
    assert first["ReplicaSet", NAMESPACE, "web-1"].outcome is Outcome.CREATED
    before = version_of(edit(target, owned, {"spec": {"replicas": 3}}))
    again = run(watch(target.kubeconfig), backup)
    result = by_place(again)["ReplicaSet", NAMESPACE, "web-1"]
    assert (result.outcome, result.reason, result.warning) == (Outcome.SKIPPED, Reason.HAS_CONTROLLER, "")
    assert version_of(live(target, owned)) == before
    assert in_sync(again.done, check_mode=False)


def test_with_skip_a_controlled_object_is_not_even_created(target, tmp_path):
    owner = config_map("owner", {})
    ref = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    owned = config_map("owned", {}, ownerReferences=[{**ref, "controller": True}])
    backup = backup_of(tmp_path, owner, owned)
    skipping = by_place(run(watch(target.kubeconfig), backup, controlled_objects="skip"))
    assert skipping["ConfigMap", NAMESPACE, "owner"].outcome is Outcome.CREATED
    assert skipping["ConfigMap", NAMESPACE, "owned"].reason is Reason.HAS_CONTROLLER
    assert live(target, owned) is None
    assert by_place(run(watch(target.kubeconfig), backup))["ConfigMap", NAMESPACE, "owned"].outcome is Outcome.CREATED


def namespace(name: str, **metadata: Any) -> dict[str, Any]:
    return complete("namespaces", "", name, {"metadata": metadata})


def test_a_namespace_is_made_for_what_lies_in_it_though_namespaces_are_excluded(target, tmp_path):
    wanted = namespace("made", labels={"tier": "gold"}, annotations={"note": "kept"})
    backup = backup_of(tmp_path, wanted, config_map("app", {}, "made"), config_map("blank", {}, "unknown"))
    restored = by_place(run(watch(target.kubeconfig), backup, excluded_resources=["namespaces"]))
    assert {result.outcome for result in restored.values()} == {Outcome.CREATED}, restored
    made = live(target, wanted)["metadata"]
    assert made["labels"] == {"tier": "gold", "kubernetes.io/metadata.name": "made"}
    assert made["annotations"] == {"note": "kept"}
    assert live(target, namespace("unknown")) is not None


def test_a_namespace_that_cannot_be_made_takes_what_lies_in_it_along(target, tmp_path):
    backup = backup_of(tmp_path, namespace("bad", labels={"a": "no value/at all!"}), config_map("app", {}, "bad"))
    restored = by_place(run(watch(target.kubeconfig), backup))
    assert restored["Namespace", "", "bad"].reason is Reason.REFUSED
    assert restored["ConfigMap", "bad", "app"].reason is Reason.NAMESPACE_MISSING


def test_update_adds_and_changes_labels_of_a_namespace_and_removes_none(target, tmp_path):
    own = {"openshift.io/sa.scc.uid-range": "1/1", "field.cattle.io/projectId": "p-standby", "only-here": "yes"}
    put(target, namespace("kept", labels={"tier": "silver", "extra": "yes"}, annotations=own))
    production = {"openshift.io/sa.scc.uid-range": "9/9", "field.cattle.io/projectId": "p-production", "new": "yes"}
    wanted = namespace("kept", labels={"tier": "gold", "added": "yes"}, annotations=production)
    none = only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted), existing_resource_policy="none"))
    assert (none.outcome, none.reason, none.warning) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, "")
    assert only(run(watch(target.kubeconfig), backup_of(tmp_path, wanted))).outcome is Outcome.UPDATED
    meta = live(target, wanted)["metadata"]
    names = {"kubernetes.io/metadata.name": "kept"}
    assert meta["labels"] == {"tier": "gold", "extra": "yes", "added": "yes", **names}
    assert meta["annotations"] == {**own, "new": "yes"}
    watched = watch(target.kubeconfig)
    assert only(run(watched, backup_of(tmp_path, wanted))).outcome is Outcome.UNCHANGED
    assert watched.writes == []


def test_what_the_backup_does_not_have_stays(target, tmp_path):
    mine = [config_map("mine", {"a": "1"}), complete("secrets", NAMESPACE, "mine", {})]
    put(target, *mine)
    before = [version_of(live(target, body)) for body in mine]
    watched = watch(target.kubeconfig)
    run(watched, backup_of(tmp_path, config_map("theirs", {"a": "1"})))
    assert {method for method, _path in watched.writes} == {"POST"}
    assert [version_of(live(target, body)) for body in mine] == before


# One request for an object that differs, none for one that is equal


def test_each_difference_is_one_request_and_a_second_run_sends_none(target, tmp_path):
    wanted = [config_map(f"many-{number}", {"a": "1"}) for number in range(30)]
    put(target, *wanted[:10], *({**body, "data": {"a": "2"}} for body in wanted[10:20]))
    backup = backup_of(tmp_path, *wanted)
    watched = watch(target.kubeconfig)
    restored = run(watched, backup, label_unchanged=False)
    assert [result.outcome for result in views(restored)].count(U) == 10
    assert sorted(method for method, _path in watched.writes) == ["PATCH"] * 10 + ["POST"] * 10
    assert watched.reads == [f"/api/v1/namespaces/{NAMESPACE}/configmaps"]
    again = watch(target.kubeconfig)
    assert not changed(run(again, backup, label_unchanged=False).done)
    assert again.writes == []
