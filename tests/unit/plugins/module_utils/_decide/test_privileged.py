# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects give rights, what becomes of their changes, and what is withheld of those that others need."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._decide.host_access import WORKLOADS
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import PrivilegedObjects, withheld_text
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged_rules import RULES, PrivilegedRule
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Body,
    Change,
    Choice,
    Comparison,
    ObjectKey,
    ObjectRef,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Policy, Reason
from privileged import RESOURCES

RBAC = "rbac.authorization.k8s.io"

CHOICE = Choice(Policy.UPDATE, "existing_resource_policy")


def a_change(resource: str, action: Action, reason: Reason | None = None) -> Change:
    """A deletion has the UID and the body of what goes, and no item: the backup does not have it."""
    key = ObjectKey(resource.partition(".")[2], "Kind", "", "web")
    if action is Action.DELETE:
        return Change(ObjectRef(key, resource, "v1"), action, reason, comparison=DELETED)
    comparison = None if action is Action.CREATE else Comparison("7", {"rules": []}, {"rules": None})
    return Change(BackupItem(key, resource, "v1"), action, reason, "", comparison, CHOICE)


DELETED = Comparison("", before={"rules": []}, uid="t-1")


def no_body(_item: BackupItem) -> Body:
    raise AssertionError("of a type that is privileged as such, or not at all, no body is read")


# Types


@pytest.mark.parametrize(
    "resource",
    [
        *RESOURCES.values(),
        *(f"{plural}.authorization.openshift.io" for plural in ("roles", "clusterroles", "rolebindings")),
        "clusterrolebindings.authorization.openshift.io",
        "useridentitymappings.user.openshift.io",
        "oauthaccesstokens.oauth.openshift.io",
    ],
)
def test_what_says_who_may_do_what_is_privileged(resource: str) -> None:
    assert PrivilegedObjects().place_of(resource) is not None


@pytest.mark.parametrize(
    "resource", ["configmaps", "secrets", "serviceaccounts", "namespaces", "deployments.apps", "roles.example.org", ""]
)
def test_other_types_are_not_as_such(resource: str) -> None:
    assert PrivilegedObjects().place_of(resource) is None


def test_those_that_a_tampered_backup_gains_most_by_come_first() -> None:
    places = [PrivilegedObjects().place_of(resource) for resource in RESOURCES.values()]
    assert places[0] == 0
    assert places == sorted(place for place in places if place is not None)


ROLES, CONFIG_MAPS = f"roles.{RBAC}", "configmaps"


@pytest.mark.parametrize(
    ("resource", "action", "mode", "becomes"),
    [
        (ROLES, Action.CREATE, "restore", Action.CREATE),
        (ROLES, Action.UPDATE, "restore", Action.UPDATE),
        (ROLES, Action.DELETE, "restore", Action.DELETE),
        (ROLES, Action.CREATE, "skip", Action.SKIP),
        (ROLES, Action.UPDATE, "skip", Action.SKIP),
        (ROLES, Action.DELETE, "skip", Action.SKIP),
        (ROLES, Action.RELABEL, "skip", Action.RELABEL),
        (ROLES, Action.NOOP, "skip", Action.NOOP),
        (ROLES, Action.CREATE, "fail", Action.FAIL),
        (ROLES, Action.UPDATE, "fail", Action.FAIL),
        (ROLES, Action.DELETE, "fail", Action.FAIL),
        (ROLES, Action.RELABEL, "fail", Action.RELABEL),
        (ROLES, Action.NOOP, "fail", Action.NOOP),
        (CONFIG_MAPS, Action.CREATE, "skip", Action.CREATE),
        (CONFIG_MAPS, Action.DELETE, "skip", Action.DELETE),
        (CONFIG_MAPS, Action.UPDATE, "fail", Action.UPDATE),
        (CONFIG_MAPS, Action.DELETE, "fail", Action.DELETE),
    ],
)
def test_changes_pass_are_skipped_or_fail(resource: str, action: Action, mode: str, becomes: Action) -> None:
    change = a_change(resource, action)
    found = PrivilegedObjects(mode).held_back(change, no_body)
    assert found.action is becomes
    assert (found == change) is (becomes is action)
    assert (found.reason is Reason.PRIVILEGED) is (becomes is not action)
    assert found.detail == ("privileged_objects is fail" if becomes is Action.FAIL else "")
    assert (found.ref, found.comparison, found.choice) == (change.ref, change.comparison, change.choice)


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_a_deletion_that_is_held_back_tells_still_what_would_have_gone(mode: str) -> None:
    assert PrivilegedObjects(mode).held_back(a_change(ROLES, Action.DELETE), no_body).comparison == DELETED


@pytest.mark.parametrize("mode", ["restore", "skip", "fail"])
@pytest.mark.parametrize(
    ("action", "reason"), [(Action.SKIP, Reason.EXISTS_DIFFERENT), (Action.FAIL, Reason.READ_FAILED)]
)
def test_what_was_skipped_or_failed_before_keeps_its_reason(mode: str, action: Action, reason: Reason) -> None:
    change = a_change(ROLES, action, reason)
    assert PrivilegedObjects(mode).held_back(change, no_body) is change


# Parts of objects


def change_of(resource: str, live: Body | None, wanted: Body) -> Change:
    """What the plan makes of an object beside its live one, by its own body."""
    kind = "Namespace" if resource == "namespaces" else "Kind"
    item = BackupItem(ObjectKey(resource.partition(".")[2], kind, "", "web"), resource, "v1", size=1)
    if live is None:
        return Change(item, Action.CREATE, choice=CHOICE)
    comparison = compare(resource, live, wanted)
    return Change(item, Action.NOOP if comparison.equal else Action.UPDATE, comparison=comparison, choice=CHOICE)


def becomes(mode: str, resource: str, live: Body | None, wanted: Body, *own: PrivilegedRule) -> Change:
    return PrivilegedObjects(mode, own).held_back(change_of(resource, live, wanted), lambda _item: wanted)


TOKEN: Body = {"type": "kubernetes.io/service-account-token", "data": {"token": "c2VjcmV0"}}
BOOTSTRAP: Body = {"type": "bootstrap.kubernetes.io/token"}
OPAQUE: Body = {"type": "Opaque", "data": {"token": "c2VjcmV0"}}
HOSTED: Body = {"spec": {"template": {"spec": {"hostNetwork": True, "containers": [{"name": "web", "image": "a"}]}}}}
NEWER: Body = {"spec": {"template": {"spec": {"hostNetwork": True, "containers": [{"name": "web", "image": "b"}]}}}}
PLAIN: Body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "a"}]}}}}
BY_HOST = PrivilegedRule("deployments.apps", "ours", host_access=True)
BY_LABEL = PrivilegedRule("configmaps", "ours", labels=("team",))
BY_PATH = PrivilegedRule("*.apps", "ours", path=("spec", "replicas"))


def labelled(**labels: str) -> Body:
    return {"metadata": {"labels": labels}}


@pytest.mark.parametrize(
    ("resource", "live", "wanted", "own", "action"),
    [
        ("secrets", None, TOKEN, (), Action.SKIP),
        ("secrets", None, BOOTSTRAP, (), Action.SKIP),
        ("secrets", None, OPAQUE, (), Action.CREATE),
        ("secrets", OPAQUE, TOKEN, (), Action.SKIP),
        ("secrets", BOOTSTRAP, {**BOOTSTRAP, "data": {"token-id": "b3RoZXI="}}, (), Action.UPDATE),
        # workloads are listed, unless the user counts them
        ("deployments.apps", None, HOSTED, (), Action.CREATE),
        ("deployments.apps", None, HOSTED, (BY_HOST,), Action.SKIP),
        ("deployments.apps", None, PLAIN, (BY_HOST,), Action.CREATE),
        ("deployments.apps", PLAIN, HOSTED, (BY_HOST,), Action.SKIP),
        ("deployments.apps", HOSTED, NEWER, (BY_HOST,), Action.UPDATE),
        ("daemonsets.apps", None, HOSTED, (BY_HOST,), Action.CREATE),
        # the user's own
        ("configmaps", None, labelled(team="a"), (BY_LABEL,), Action.SKIP),
        ("configmaps", labelled(team="a"), labelled(team="b"), (BY_LABEL,), Action.SKIP),
        ("configmaps", labelled(team="a"), {**labelled(team="a"), "data": {"a": "1"}}, (BY_LABEL,), Action.UPDATE),
        ("configmaps", None, {}, (PrivilegedRule("config*", "ours"),), Action.SKIP),
        ("deployments.apps", None, {"spec": {"replicas": 3}}, (BY_PATH,), Action.SKIP),
        ("deployments.apps", {"spec": {"replicas": 1}}, {"spec": {"replicas": 3}}, (BY_PATH,), Action.SKIP),
        ("jobs.batch", None, {"spec": {"replicas": 3}}, (BY_PATH,), Action.CREATE),
        ("namespaces", None, {}, (PrivilegedRule("*", "ours"),), Action.CREATE),
    ],
)
def test_an_object_counts_by_what_it_brings(
    resource: str, live: Body | None, wanted: Body, own: tuple[PrivilegedRule, ...], action: Action
) -> None:
    assert becomes("skip", resource, live, wanted, *own).action is action
    failed = Action.FAIL if action is Action.SKIP else action
    assert becomes("fail", resource, live, wanted, *own).action is failed
    assert becomes("restore", resource, live, wanted, *own).reason is None


def test_a_deletion_brings_nothing_that_a_part_of_a_body_could() -> None:
    change = a_change("secrets", Action.DELETE)
    assert PrivilegedObjects("skip").held_back(change, no_body) is change


# What is withheld

ENFORCE = "pod-security.kubernetes.io/enforce"
ROLE_ARN = "eks.amazonaws.com/role-arn"


def space(enforce: str, **labels: str) -> Body:
    return labelled(**{ENFORCE: enforce, **labels})


def annotated(**annotations: str) -> Body:
    return {"metadata": {"annotations": annotations}}


def account(role: str, **annotations: str) -> Body:
    return annotated(**{ROLE_ARN: role, **annotations})


@pytest.mark.parametrize(
    ("resource", "live", "wanted", "withheld"),
    [
        ("namespaces", {}, space(enforce="privileged", team="a"), f"label {ENFORCE}"),
        ("namespaces", {}, space(enforce="baseline", team="a"), ""),
        ("namespaces", space(enforce="restricted"), space(enforce="baseline"), f"label {ENFORCE}"),
        ("namespaces", space(enforce="privileged"), space(enforce="privileged"), ""),
        ("namespaces", {}, labelled(**{"istio-injection": "enabled"}), "label istio-injection"),
        ("namespaces", {}, labelled(**{"istio.io/rev": "canary"}), "label istio.io/rev"),
        (
            "namespaces",
            labelled(**{"istio-injection": "enabled"}),
            labelled(**{"istio-injection": "disabled"}),
            "label istio-injection",
        ),
        (
            "namespaces",
            {},
            annotated(**{"linkerd.io/inject": "enabled"}),
            "annotation linkerd.io/inject",
        ),
        ("serviceaccounts", {}, account(role="arn:aws:iam::1:role/admin", other="x"), f"annotation {ROLE_ARN}"),
        ("serviceaccounts", account(role="a"), account(role="a"), ""),
        (
            "serviceaccounts",
            {},
            annotated(**{"iam.gke.io/gcp-service-account": "a", "azure.workload.identity/client-id": "b"}),
            "annotation iam.gke.io/gcp-service-account, annotation azure.workload.identity/client-id",
        ),
        ("configmaps", {}, space(enforce="privileged"), ""),
    ],
)
def test_of_namespaces_and_accounts_only_what_gives_rights_is_withheld(
    resource: str, live: Body, wanted: Body, withheld: str
) -> None:
    privileged = PrivilegedObjects("skip")
    ref = change_of(resource, None, wanted).item
    assert withheld_text(privileged.withheld(ref, wanted, live)) == withheld
    assert withheld_text(privileged.withheld_beside(lambda _item: wanted, ref, live)) == withheld


def test_a_new_object_loses_what_gives_rights_and_nothing_else() -> None:
    wanted = space(enforce="privileged", team="a")
    item = change_of("namespaces", None, wanted).item
    assert PrivilegedObjects("skip").without(item, wanted) == labelled(team="a")
    assert wanted == space(enforce="privileged", team="a")


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_what_others_need_is_created_without_and_says_so(mode: str) -> None:
    change = becomes(mode, "namespaces", None, space(enforce="privileged"))
    assert (change.action, change.reason, change.detail) == (Action.CREATE, Reason.WITHHELD, f"label {ENFORCE}")
    assert PrivilegedObjects(mode).held_back(change, no_body) is change
    assert becomes("restore", "namespaces", None, space(enforce="privileged")).reason is None


def test_a_row_of_the_user_s_withholds_too() -> None:
    own = PrivilegedRule("ns", "ours", labels=("team",))
    privileged = PrivilegedObjects("skip", (own,)).resolved({"ns": "namespaces"}.__getitem__)
    wanted = labelled(team="a", app="b")
    assert privileged.without(change_of("namespaces", None, wanted).item, wanted) == labelled(app="b")


# What is said of them


@pytest.mark.parametrize(
    ("resource", "live", "wanted", "said"),
    [
        ("secrets", None, TOKEN, ["/type"]),
        ("secrets", None, OPAQUE, None),
        ("deployments.apps", None, HOSTED, ["hostNetwork"]),
        ("deployments.apps", HOSTED, NEWER, None),
        ("namespaces", None, space(enforce="privileged"), [f"label {ENFORCE}=privileged"]),
        ("namespaces", None, space(enforce="restricted"), None),
        ("namespaces", {}, space(enforce="privileged"), [f"label {ENFORCE}=privileged"]),
        ("serviceaccounts", None, account(role="arn"), [f"annotation {ROLE_ARN}=arn"]),
        ("configmaps", None, OPAQUE, None),
    ],
)
def test_what_a_change_brings_is_told(resource: str, live: Body | None, wanted: Body, said: list[str] | None) -> None:
    found = PrivilegedObjects().brought(change_of(resource, live, wanted), lambda _item: wanted)
    assert (found and found[1]) == said
    assert found is None or RULES[found[0]].resource == resource


def test_what_is_withheld_is_told_with_its_value_once() -> None:
    wanted = space(enforce="baseline")
    change = change_of("namespaces", space(enforce="restricted"), space(enforce="restricted"))
    assert change.comparison is not None
    withheld: Any = Comparison("7", withheld=(("labels", ENFORCE),))
    told = PrivilegedObjects("skip").brought(Change(change.ref, Action.NOOP, comparison=withheld), lambda _item: wanted)
    assert told is not None
    assert told[1] == [f"label {ENFORCE}=baseline"]


def test_two_rows_that_find_the_same_say_it_once_at_the_first_place() -> None:
    found = PrivilegedObjects("skip", (BY_HOST,)).brought(change_of("deployments.apps", None, HOSTED), lambda _: HOSTED)
    assert found == (RULES.index(next(rule for rule in RULES if rule.resource == "deployments.apps")), ["hostNetwork"])


def test_every_workload_has_a_row() -> None:
    listed = {rule.resource for rule in RULES if rule.host_access and rule.lists_only}
    assert listed == set(WORKLOADS)


def test_a_type_of_the_user_s_rows_that_nobody_knows_is_told() -> None:
    privileged = PrivilegedObjects("skip", (BY_LABEL, PrivilegedRule("configmapz", "ours"), BY_PATH))
    assert list(privileged.unmatched({"configmaps", "deployments.apps"})) == [
        "privileged_rules[1]: 'configmapz' matches nothing in the backup"
    ]
