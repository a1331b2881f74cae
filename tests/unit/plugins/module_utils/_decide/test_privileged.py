# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects give rights, and what becomes of their changes."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import (
    guarded,
    is_privileged,
    place_of,
    place_of_key,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Comparison, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

RBAC = "rbac.authorization.k8s.io"
ADMISSION = "admissionregistration.k8s.io"


def a_change(resource: str, action: Action, reason: Reason | None = None) -> Change:
    group = resource.partition(".")[2]
    comparison = None if action is Action.CREATE else Comparison("7", {"rules": []}, {"rules": None})
    return Change(BackupItem(ObjectKey(group, "Kind", "", "web"), resource, "v1"), action, reason, "", comparison)


@pytest.mark.parametrize(
    "resource",
    [
        *(f"{plural}.{RBAC}" for plural in ("roles", "clusterroles", "rolebindings", "clusterrolebindings")),
        f"mutatingwebhookconfigurations.{ADMISSION}",
        f"validatingwebhookconfigurations.{ADMISSION}",
        f"mutatingadmissionpolicies.{ADMISSION}",
        f"mutatingadmissionpolicybindings.{ADMISSION}",
        f"validatingadmissionpolicies.{ADMISSION}",
        f"validatingadmissionpolicybindings.{ADMISSION}",
        "customresourcedefinitions.apiextensions.k8s.io",
        "apiservices.apiregistration.k8s.io",
        "clusterrolebindings.authorization.openshift.io",
        "securitycontextconstraints.security.openshift.io",
        "podsecuritypolicies.policy",
    ],
)
def test_what_says_who_may_do_what_is_privileged(resource: str) -> None:
    assert is_privileged(resource)


@pytest.mark.parametrize(
    "resource", ["configmaps", "secrets", "serviceaccounts", "namespaces", "deployments.apps", "roles.example.org", ""]
)
def test_other_types_are_not(resource: str) -> None:
    assert not is_privileged(resource)
    assert place_of(resource) is None


def test_an_object_of_which_only_the_key_is_known_has_the_place_of_its_type() -> None:
    assert place_of_key(ObjectKey(RBAC, "Role", "shop", "web")) == place_of(f"roles.{RBAC}")
    assert place_of_key(ObjectKey("authorization.openshift.io", "Role", "shop", "web")) == place_of(
        "roles.authorization.openshift.io"
    )
    assert place_of_key(ObjectKey("example.org", "Role", "shop", "web")) is None


ROLES, CONFIG_MAPS = f"roles.{RBAC}", "configmaps"


@pytest.mark.parametrize(
    ("resource", "action", "mode", "becomes"),
    [
        (ROLES, Action.CREATE, "restore", Action.CREATE),
        (ROLES, Action.UPDATE, "restore", Action.UPDATE),
        (ROLES, Action.CREATE, "skip", Action.SKIP),
        (ROLES, Action.UPDATE, "skip", Action.SKIP),
        (ROLES, Action.DELETE, "skip", Action.SKIP),
        (ROLES, Action.RELABEL, "skip", Action.RELABEL),
        (ROLES, Action.NOOP, "skip", Action.NOOP),
        (ROLES, Action.CREATE, "fail", None),
        (ROLES, Action.UPDATE, "fail", None),
        (ROLES, Action.DELETE, "fail", None),
        (ROLES, Action.RELABEL, "fail", Action.RELABEL),
        (ROLES, Action.NOOP, "fail", Action.NOOP),
        (CONFIG_MAPS, Action.CREATE, "skip", Action.CREATE),
        (CONFIG_MAPS, Action.UPDATE, "fail", Action.UPDATE),
    ],
)
def test_changes_pass_are_skipped_or_refused(resource: str, action: Action, mode: str, becomes: Action | None) -> None:
    change = a_change(resource, action)
    passed, refused = guarded([change], mode)
    assert [one.action for one in passed] == ([] if becomes is None else [becomes])
    assert refused == ([change] if becomes is None else [])
    assert all((one.reason is Reason.PRIVILEGED) is (becomes is Action.SKIP) for one in passed)
    assert all(one.item is change.item and one.comparison is change.comparison for one in passed)


@pytest.mark.parametrize("mode", ["restore", "skip", "fail"])
def test_what_was_skipped_before_keeps_its_reason(mode: str) -> None:
    change = a_change(ROLES, Action.SKIP, Reason.EXISTS_DIFFERENT)
    assert guarded([change], mode) == ([change], [])


def test_the_order_of_the_changes_stays() -> None:
    changes = [a_change(CONFIG_MAPS, Action.CREATE), a_change(ROLES, Action.CREATE), a_change(ROLES, Action.NOOP)]
    passed, _refused = guarded(changes, "skip")
    assert [one.item for one in passed] == [one.item for one in changes]
