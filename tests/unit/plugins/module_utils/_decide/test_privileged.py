# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects give rights, and what becomes of their changes."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import (
    KINDS,
    held_back,
    is_privileged,
    place_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Choice,
    Comparison,
    ObjectKey,
    ObjectRef,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Policy, Reason

RBAC = "rbac.authorization.k8s.io"
ADMISSION = "admissionregistration.k8s.io"


CHOICE = Choice(Policy.UPDATE, "existing_resource_policy")


def a_change(resource: str, action: Action, reason: Reason | None = None) -> Change:
    """A deletion has the UID and the body of what goes, and no item: the backup does not have it."""
    key = ObjectKey(resource.partition(".")[2], "Kind", "", "web")
    if action is Action.DELETE:
        return Change(ObjectRef(key, resource, "v1"), action, reason, comparison=DELETED)
    comparison = None if action is Action.CREATE else Comparison("7", {"rules": []}, {"rules": None})
    return Change(BackupItem(key, resource, "v1"), action, reason, "", comparison, CHOICE)


DELETED = Comparison("", before={"rules": []}, uid="t-1")


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


def test_those_that_a_tampered_backup_gains_most_by_come_first() -> None:
    assert [place_of(resource) for resource in KINDS] == list(range(len(KINDS)))
    bindings, roles = place_of(f"clusterrolebindings.{RBAC}"), place_of(f"roles.{RBAC}")
    assert bindings == 0
    assert roles is not None
    assert bindings < roles


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
    found = held_back(change, mode)
    assert found.action is becomes
    assert (found == change) is (becomes is action)
    assert (found.reason is Reason.PRIVILEGED) is (becomes is not action)
    assert found.detail == ("privileged_objects is fail" if becomes is Action.FAIL else "")
    assert (found.ref, found.comparison, found.choice) == (change.ref, change.comparison, change.choice)


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_a_deletion_that_is_held_back_tells_still_what_would_have_gone(mode: str) -> None:
    assert held_back(a_change(ROLES, Action.DELETE), mode).comparison == DELETED


@pytest.mark.parametrize("mode", ["restore", "skip", "fail"])
@pytest.mark.parametrize(
    ("action", "reason"), [(Action.SKIP, Reason.EXISTS_DIFFERENT), (Action.FAIL, Reason.READ_FAILED)]
)
def test_what_was_skipped_or_failed_before_keeps_its_reason(mode: str, action: Action, reason: Reason) -> None:
    change = a_change(ROLES, action, reason)
    assert held_back(change, mode) is change
