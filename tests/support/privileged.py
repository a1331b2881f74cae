# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that are privileged as such, by the type that each is."""

from __future__ import annotations

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"

RESOURCES = {
    "ClusterRoleBinding": f"clusterrolebindings.{_RBAC}",
    "RoleBinding": f"rolebindings.{_RBAC}",
    "Group": "groups.user.openshift.io",
    "User": "users.user.openshift.io",
    "Identity": "identities.user.openshift.io",
    "OAuth": "oauths.config.openshift.io",
    "OAuthClient": "oauthclients.oauth.openshift.io",
    "MutatingWebhookConfiguration": f"mutatingwebhookconfigurations.{_ADMISSION}",
    "ValidatingWebhookConfiguration": f"validatingwebhookconfigurations.{_ADMISSION}",
    "APIService": "apiservices.apiregistration.k8s.io",
    "ClusterRole": f"clusterroles.{_RBAC}",
    "Role": f"roles.{_RBAC}",
    "SecurityContextConstraints": "securitycontextconstraints.security.openshift.io",
    "PodSecurityPolicy": "podsecuritypolicies.policy",
    "MutatingAdmissionPolicyBinding": f"mutatingadmissionpolicybindings.{_ADMISSION}",
    "MutatingAdmissionPolicy": f"mutatingadmissionpolicies.{_ADMISSION}",
    "ValidatingAdmissionPolicyBinding": f"validatingadmissionpolicybindings.{_ADMISSION}",
    "ValidatingAdmissionPolicy": f"validatingadmissionpolicies.{_ADMISSION}",
    "ClusterTrustBundle": "clustertrustbundles.certificates.k8s.io",
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
}
"""In the order in which they are listed."""
