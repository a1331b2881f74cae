# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a privileged object brings: subjects, rules, who is called; and nothing else of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._report.rights import brought
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action
from hypothesis import given
from hypothesis import strategies as st
from privileged import RESOURCES

TOKEN = "dG9rZW4"


def new(kind: str, live: Any, desired: Any) -> list[str]:
    resource = RESOURCES[kind]
    item = BackupItem(ObjectKey(resource.partition(".")[2], kind, "", "web"), resource, "v1")
    if live is None:
        return brought(Change(item, Action.CREATE), desired)
    return brought(Change(item, Action.UPDATE, comparison=compare(resource, live, desired)), desired)


# Bindings


def subject(kind: str, name: str, namespace: str = "") -> dict[str, str]:
    return {"kind": kind, "name": name} | ({"namespace": namespace} if namespace else {})


def binding(role: str, *subjects: dict[str, str]) -> dict[str, Any]:
    return {"roleRef": {"kind": "ClusterRole", "name": role, "apiGroup": "g"}, "subjects": list(subjects)}


ALICE, BOB = subject("User", "alice"), subject("User", "bob")
MASTERS, ROBOT = subject("Group", "system:masters"), subject("ServiceAccount", "web", "shop")


@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (
            None,
            binding("admin", ALICE, MASTERS, ROBOT),
            ["roleRef ClusterRole admin", "User alice", "Group system:masters", "ServiceAccount shop/web"],
        ),
        (None, binding("admin"), ["roleRef ClusterRole admin"]),
        (binding("view", ALICE), binding("view", MASTERS, ALICE), ["Group system:masters"]),
        (binding("view", ALICE), binding("view", subject("User", "alice"), ROBOT), ["ServiceAccount shop/web"]),
        (
            binding("view", subject("ServiceAccount", "web", "bank")),
            binding("view", ROBOT),
            ["ServiceAccount shop/web"],
        ),
        (binding("view", subject("Group", "alice")), binding("view", ALICE), ["User alice"]),
        # another role is new to whoever had the old one
        (binding("view", ALICE), binding("admin", ALICE), ["roleRef ClusterRole admin", "User alice"]),
        # subjects that go bring nothing
        (binding("view", ALICE, BOB), binding("view", BOB), ["changed: subjects"]),
        (binding("view", ALICE), {"roleRef": binding("view")["roleRef"]}, ["changed: subjects"]),
        (
            binding("view", ALICE),
            {**binding("view", ALICE), "metadata": {"labels": {"a": "b"}}},
            ["changed: metadata.labels"],
        ),
        (binding("view", ALICE), binding("view", ALICE), []),
    ],
)
def test_subjects_of_a_binding_that_the_target_lacks(kind: str, live: Any, desired: Any, said: list[str]) -> None:
    assert new(kind, live, desired) == said


# Roles


def rule(verbs: str, resources: str = "secrets", groups: str = "", names: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"verbs": verbs.split(), "resources": resources.split(), "apiGroups": [groups]}
    return body | ({"resourceNames": names.split()} if names else {})


def role(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"rules": list(rules), **more}


READ = rule("get list")
READ_TEXT = 'verbs: get, list; resources: secrets; apiGroups: ""'
URLS = {"verbs": ["get"], "nonResourceURLs": ["/metrics"]}


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (None, role(READ), [READ_TEXT]),
        (None, role(URLS), ["verbs: get; nonResourceURLs: /metrics"]),
        (
            None,
            role(rule("*", "pods pods/exec", "*", "a b")),
            ["verbs: *; resources: pods, pods/exec; apiGroups: *; resourceNames: a, b"],
        ),
        (None, role(), []),
        (role(), role(READ), [READ_TEXT]),
        (role(READ), role(rule("list get"), rule("get", "nodes")), ['verbs: get; resources: nodes; apiGroups: ""']),
        (role(READ), role(READ, URLS), ["verbs: get; nonResourceURLs: /metrics"]),
        # what one rule of the target allows already is not new
        (role(READ), role(rule("get")), ["changed: rules"]),
        (role(rule("*", "*", "*")), role(rule("delete", "pods", "apps")), ["changed: rules"]),
        (role(rule("*", "*", "apps")), role(rule("get", "pods")), ['verbs: get; resources: pods; apiGroups: ""']),
        (role(rule("*", "*", "")), role(rule("delete", "pods")), ["changed: rules"]),
        (role(READ), role(rule("get", names="one")), ["changed: rules"]),
        (
            role(rule("get", names="one")),
            role(rule("get", names="one two")),
            ['verbs: get; resources: secrets; apiGroups: ""; resourceNames: one, two'],
        ),
        (role(rule("get", names="one")), role(rule("get")), ['verbs: get; resources: secrets; apiGroups: ""']),
        (role({"verbs": ["get"], "nonResourceURLs": ["*"]}), role(URLS), ["changed: rules"]),
        (role(READ), role(), ["changed: rules"]),
    ],
)
def test_rules_that_the_target_s_do_not_allow(kind: str, live: Any, desired: Any, said: list[str]) -> None:
    assert new(kind, live, desired) == said


def aggregation(*selectors: dict[str, Any]) -> dict[str, Any]:
    return {"aggregationRule": {"clusterRoleSelectors": list(selectors)}}


@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (role(), aggregation({"matchLabels": {"a": "b", "c": "d"}}), ["aggregates ClusterRoles with a=b, c=d"]),
        (role(), aggregation({}), ["aggregates all ClusterRoles"]),
        (
            aggregation({"matchLabels": {"a": "b"}}),
            aggregation(
                {"matchLabels": {"a": "b"}},
                {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v", "w"]}]},
            ),
            ["aggregates ClusterRoles with k In v, w"],
        ),
        (
            role(READ),
            role(READ, metadata={"labels": {"rbac.authorization.k8s.io/aggregate-to-admin": "true", "app": "x"}}),
            ["label rbac.authorization.k8s.io/aggregate-to-admin=true"],
        ),
    ],
)
def test_rights_that_come_by_aggregation(live: Any, desired: Any, said: list[str]) -> None:
    assert new("ClusterRole", live, desired) == said


def test_very_many_rules_are_compared_in_time() -> None:
    old = role(*(rule("get", f"old{number}") for number in range(5_000)))
    wanted = role(*(rule("get", f"new{number}") for number in range(5_000)), *old["rules"])
    start = time.monotonic()
    assert len(new("Role", old, wanted)) == 5_000
    assert time.monotonic() - start < 10


# Webhooks and APIs served by others


def webhook(name: str, policy: str = "Fail", **config: Any) -> dict[str, Any]:
    return {"name": name, "failurePolicy": policy, "clientConfig": config}


GUARD = webhook("guard.example.org", service={"namespace": "shop", "name": "guard", "path": f"/{TOKEN}"})


@pytest.mark.parametrize("kind", ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (None, [GUARD], ["webhook guard.example.org calls Service shop/guard, failurePolicy Fail"]),
        (
            [GUARD],
            [GUARD, webhook("spy.example.org", "Ignore", url=f"https://u:{TOKEN}@evil.example:8443/{TOKEN}?t={TOKEN}")],
            ["webhook spy.example.org calls https://evil.example:8443, failurePolicy Ignore"],
        ),
        (
            [GUARD],
            [{**GUARD, "failurePolicy": "Ignore"}],
            ["changed webhook guard.example.org calls Service shop/guard, failurePolicy Ignore"],
        ),
        ([GUARD], [], ["webhook guard.example.org is removed"]),
        (
            None,
            [webhook("a", url=f"https://[{TOKEN}")],
            ["webhook a calls a URL that cannot be read, failurePolicy Fail"],
        ),
        (None, [webhook("a", url=TOKEN)], ["webhook a calls a URL without a host, failurePolicy Fail"]),
        (None, [webhook("a", url=f"{TOKEN}://host")], ["webhook a calls a URL without a host, failurePolicy Fail"]),
    ],
)
def test_webhooks_and_where_they_call(kind: str, live: Any, desired: Any, said: list[str]) -> None:
    assert new(kind, None if live is None else {"webhooks": live}, {"webhooks": desired}) == said


def test_the_target_s_own_certificates_are_no_change_of_a_webhook() -> None:
    def with_bundle(bundle: str) -> dict[str, Any]:
        return {**GUARD, "clientConfig": {**GUARD["clientConfig"], "caBundle": bundle}}

    said = new(
        "ValidatingWebhookConfiguration",
        {"webhooks": [with_bundle("target")]},
        {"webhooks": [with_bundle("production"), webhook("b", url="https://host")]},
    )
    assert said == ["webhook b calls https://host, failurePolicy Fail"]


def api(service: str | None = "metrics", **more: Any) -> dict[str, Any]:
    return {"spec": {"service": {"namespace": "kube", "name": service} if service else None, **more}}


@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (None, api(), ["is served by Service kube/metrics"]),
        (
            None,
            api(insecureSkipTLSVerify=True),
            ["is served by Service kube/metrics, whose certificate is not verified"],
        ),
        (None, api(None), ["is served by the API server itself"]),
        (api(), api("other"), ["is served by Service kube/other"]),
        (api(), api(None), ["is served by the API server itself"]),
        (
            api(),
            api(insecureSkipTLSVerify=True),
            ["is served by Service kube/metrics, whose certificate is not verified"],
        ),
        (api(versionPriority=1), api(versionPriority=2), ["changed: spec.versionPriority"]),
    ],
)
def test_the_service_behind_an_api(live: Any, desired: Any, said: list[str]) -> None:
    assert new("APIService", live, desired) == said


# Definitions


def definition(*versions: str, storage: str = "v1", service: str = "") -> dict[str, Any]:
    spec: dict[str, Any] = {
        "versions": [{"name": name, "served": True, "storage": name == storage} for name in versions]
    }
    if service:
        config = {"service": {"namespace": "shop", "name": service}, "caBundle": TOKEN}
        spec["conversion"] = {"strategy": "Webhook", "webhook": {"clientConfig": config}}
    return {"spec": spec}


@pytest.mark.parametrize(
    ("live", "desired", "said"),
    [
        (None, definition("v1", "v2"), ["version v1: served, stored", "version v2: served"]),
        (definition("v1"), definition("v1", "v2"), ["version v2: served"]),
        (
            definition("v1", "v2"),
            definition("v1", "v2", storage="v2"),
            ["version v1: served", "version v2: served, stored"],
        ),
        (definition("v1"), definition("v1", service="convert"), ["conversion calls Service shop/convert"]),
        (
            definition("v1", service="convert"),
            definition("v1", service="other"),
            ["conversion calls Service shop/other"],
        ),
        (
            definition("v1"),
            {"spec": {**definition("v1")["spec"], "names": {"shortNames": ["w"]}}},
            ["changed: spec.names"],
        ),
    ],
)
def test_versions_and_conversion_of_a_definition(live: Any, desired: Any, said: list[str]) -> None:
    assert new("CustomResourceDefinition", live, desired) == said


# Admission policies


@pytest.mark.parametrize(
    ("kind", "live", "desired", "said"),
    [
        ("ValidatingAdmissionPolicy", None, {"spec": {"validations": [{"expression": TOKEN}]}}, ["all of it"]),
        (
            "ValidatingAdmissionPolicy",
            {"spec": {"validations": [{"expression": "false"}], "failurePolicy": "Fail"}},
            {"spec": {"validations": [{"expression": TOKEN}], "failurePolicy": "Ignore"}},
            ["changed: spec.validations, spec.failurePolicy"],
        ),
        ("MutatingAdmissionPolicy", {"spec": {"mutations": [1]}}, {"spec": {}}, ["changed: spec.mutations"]),
        ("ValidatingAdmissionPolicyBinding", None, {"spec": {"policyName": "guard"}}, ["binds guard", "all of it"]),
        (
            "MutatingAdmissionPolicyBinding",
            {"spec": {"policyName": "guard"}},
            {"spec": {"policyName": "other"}},
            ["binds other", "changed: spec.policyName"],
        ),
        (
            "SecurityContextConstraints",
            {"users": ["alice"], "allowPrivilegedContainer": False},
            {"users": ["alice", "bob"], "groups": ["system:authenticated"], "allowPrivilegedContainer": True},
            ["User bob", "Group system:authenticated", "changed: users, allowPrivilegedContainer, groups"],
        ),
        ("PodSecurityPolicy", None, {"spec": {"privileged": True}}, ["all of it"]),
    ],
)
def test_admission_policies(kind: str, live: Any, desired: Any, said: list[str]) -> None:
    assert new(kind, live, desired) == said


# Whatever a backup holds

WORDS = st.sampled_from(
    ["spec", "rules", "verbs", "subjects", "roleRef", "webhooks", "clientConfig", "url", "versions", "name", "service"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a\x1b[2Jb", "\u202e", "\ud800", "https://[", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
BODIES = st.dictionaries(WORDS, JSON, max_size=5)


@given(st.sampled_from(sorted(RESOURCES)), st.none() | BODIES, BODIES)
def test_a_body_of_any_shape_is_described_in_printable_texts(kind: str, live: Any, desired: Any) -> None:
    assert all(said.isprintable() for said in new(kind, live, desired))


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_no_other_value_is_shown(kind: str) -> None:
    secret = {"data": TOKEN, "metadata": {"annotations": {"a": TOKEN}, "labels": {"a": TOKEN}}, "spec": {"a": TOKEN}}
    assert TOKEN not in "".join(new(kind, None, secret) + new(kind, {"data": "x"}, secret))


def test_very_many_selectors_are_told_in_a_time_that_grows_with_them_and_no_faster() -> None:
    """Each beside each other one, this many would take hours."""
    live, desired = (
        {**role(), **aggregation(*({"matchLabels": {who: str(number)}} for number in range(50_000)))}
        for who in ("live", "desired")
    )
    said = new("ClusterRole", live, desired)
    assert (len(said), said[0]) == (50_000, "aggregates ClusterRoles with desired=0")
