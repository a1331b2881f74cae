# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that say who may do what, or that see and change every request: what becomes of them is the user's to say.

Whoever can write to the backup storage can otherwise make himself the target's administrator with the next restore
(CVE-2026-66797: a tampered backup brought its own ClusterRoleBindings and webhooks).
"""

from __future__ import annotations

from dataclasses import replace

from .. import _kinds
from .._values import Change
from .._vocabulary import Action, Reason

RESTORE, SKIP, FAIL = "restore", "skip", "fail"

KINDS: dict[str, str] = {
    _kinds.CLUSTER_ROLE_BINDINGS: "ClusterRoleBinding",
    "clusterrolebindings.authorization.openshift.io": "ClusterRoleBinding",
    _kinds.ROLE_BINDINGS: "RoleBinding",
    "rolebindings.authorization.openshift.io": "RoleBinding",
    _kinds.MUTATING_WEBHOOKS: "MutatingWebhookConfiguration",
    _kinds.VALIDATING_WEBHOOKS: "ValidatingWebhookConfiguration",
    _kinds.API_SERVICES: "APIService",
    _kinds.CLUSTER_ROLES: "ClusterRole",
    "clusterroles.authorization.openshift.io": "ClusterRole",
    _kinds.ROLES: "Role",
    "roles.authorization.openshift.io": "Role",
    "securitycontextconstraints.security.openshift.io": "SecurityContextConstraints",
    "podsecuritypolicies.policy": "PodSecurityPolicy",
    _kinds.MUTATING_POLICY_BINDINGS: "MutatingAdmissionPolicyBinding",
    _kinds.MUTATING_POLICIES: "MutatingAdmissionPolicy",
    _kinds.VALIDATING_POLICY_BINDINGS: "ValidatingAdmissionPolicyBinding",
    _kinds.VALIDATING_POLICIES: "ValidatingAdmissionPolicy",
    _kinds.CRDS: "CustomResourceDefinition",
}
"""Resource -> kind, those first that a tampered backup gains most by: that is how they are listed.

OpenShift serves RBAC a second time under authorization.openshift.io; what is written there is written to both.
"""

_PLACES = {resource: place for place, resource in enumerate(KINDS)}

_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.DELETE))


def is_privileged(resource: str) -> bool:
    return resource in KINDS


def place_of(resource: str) -> int | None:
    """Where a type stands in the list; None for one that is not privileged."""
    return _PLACES.get(resource)


def held_back(change: Change, mode: str) -> Change:
    """The change, or what is left of it: a skip or a failure, which keep its comparison, for the report.

    What changes no more than the two labels, or nothing, passes: it gives nobody anything. A deletion does not: what
    goes may be a guard.
    """
    if mode == RESTORE or change.action not in _WRITES or not is_privileged(change.ref.resource):
        return change
    action = Action.FAIL if mode == FAIL else Action.SKIP
    detail = "privileged_objects is fail" if mode == FAIL else ""
    return replace(change, action=action, reason=Reason.PRIVILEGED, detail=detail)
