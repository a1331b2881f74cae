# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that say who may do what, or that see and change every request: what becomes of them is the user's to say.

Whoever can write to the backup storage can otherwise make himself the target's administrator with the next restore
(CVE-2026-66797: a tampered backup brought its own ClusterRoleBindings and webhooks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._values import Action, Change, ObjectKey, Reason

RESTORE, SKIP, FAIL = "restore", "skip", "fail"

KINDS: dict[str, str] = {
    "clusterrolebindings.rbac.authorization.k8s.io": "ClusterRoleBinding",
    "clusterrolebindings.authorization.openshift.io": "ClusterRoleBinding",
    "rolebindings.rbac.authorization.k8s.io": "RoleBinding",
    "rolebindings.authorization.openshift.io": "RoleBinding",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": "MutatingWebhookConfiguration",
    "validatingwebhookconfigurations.admissionregistration.k8s.io": "ValidatingWebhookConfiguration",
    "apiservices.apiregistration.k8s.io": "APIService",
    "clusterroles.rbac.authorization.k8s.io": "ClusterRole",
    "clusterroles.authorization.openshift.io": "ClusterRole",
    "roles.rbac.authorization.k8s.io": "Role",
    "roles.authorization.openshift.io": "Role",
    "securitycontextconstraints.security.openshift.io": "SecurityContextConstraints",
    "podsecuritypolicies.policy": "PodSecurityPolicy",
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": "MutatingAdmissionPolicyBinding",
    "mutatingadmissionpolicies.admissionregistration.k8s.io": "MutatingAdmissionPolicy",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicies.admissionregistration.k8s.io": "ValidatingAdmissionPolicy",
    "customresourcedefinitions.apiextensions.k8s.io": "CustomResourceDefinition",
}
"""Resource -> kind, those first that a tampered backup gains most by: that is how they are listed.

OpenShift serves RBAC a second time under authorization.openshift.io; what is written there is written to both.
"""

_PLACES = {resource: place for place, resource in enumerate(KINDS)}
_PLACES_OF_KEYS = {(resource.partition(".")[2], kind): place for place, (resource, kind) in enumerate(KINDS.items())}

_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.DELETE))


def is_privileged(resource: str) -> bool:
    return resource in KINDS


def place_of(resource: str) -> int | None:
    """Where a type stands in the list; None for one that is not privileged."""
    return _PLACES.get(resource)


def place_of_key(key: ObjectKey) -> int | None:
    """The same for an object of which no more is known."""
    return _PLACES_OF_KEYS.get((key.group, key.kind))


def guarded(changes: Sequence[Change], mode: str) -> tuple[list[Change], list[Change]]:
    """The changes to carry out, and those that fail: both keep their comparison, for the report.

    What changes no more than the two labels, or nothing, passes: it gives nobody anything.
    """
    if mode == RESTORE:
        return list(changes), []
    passed: list[Change] = []
    refused: list[Change] = []
    for change in changes:
        if change.action not in _WRITES or not is_privileged(change.item.resource):
            passed.append(change)
        elif mode == FAIL:
            refused.append(change)
        else:
            passed.append(replace(change, action=Action.SKIP, reason=Reason.PRIVILEGED))
    return passed, refused
