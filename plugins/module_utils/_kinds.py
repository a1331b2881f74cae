# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Well-known types, by the one spelling that the rooms share: `<plural>[.<group>]`, as a backup's folder is called."""

from __future__ import annotations

from ._values import ObjectKey, Resource

API_SERVICES = "apiservices.apiregistration.k8s.io"
CLAIMS = "persistentvolumeclaims"
CLUSTER_ROLES = "clusterroles.rbac.authorization.k8s.io"
CLUSTER_ROLE_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io"
CONFIG_MAPS = "configmaps"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
CRON_JOBS = "cronjobs.batch"
DAEMON_SETS = "daemonsets.apps"
DEPLOYMENTS = "deployments.apps"
ENDPOINTS = "endpoints"
ENDPOINT_SLICES = "endpointslices.discovery.k8s.io"
HPAS = "horizontalpodautoscalers.autoscaling"
INGRESSES = "ingresses.networking.k8s.io"
INGRESS_CLASSES = "ingressclasses.networking.k8s.io"
JOBS = "jobs.batch"
LEASES = "leases.coordination.k8s.io"
LIMIT_RANGES = "limitranges"
MUTATING_POLICIES = "mutatingadmissionpolicies.admissionregistration.k8s.io"
MUTATING_POLICY_BINDINGS = "mutatingadmissionpolicybindings.admissionregistration.k8s.io"
MUTATING_WEBHOOKS = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
NAMESPACES = "namespaces"
PODS = "pods"
PRIORITY_CLASSES = "priorityclasses.scheduling.k8s.io"
PROJECTS = "projects.project.openshift.io"
REPLICATION_CONTROLLERS = "replicationcontrollers"
REPLICA_SETS = "replicasets.apps"
RESOURCE_CLAIMS = "resourceclaims.resource.k8s.io"
RESOURCE_QUOTAS = "resourcequotas"
ROLES = "roles.rbac.authorization.k8s.io"
ROLE_BINDINGS = "rolebindings.rbac.authorization.k8s.io"
RUNTIME_CLASSES = "runtimeclasses.node.k8s.io"
SECRETS = "secrets"
SERVICES = "services"
SERVICE_ACCOUNTS = "serviceaccounts"
STATEFUL_SETS = "statefulsets.apps"
STORAGE_CLASSES = "storageclasses.storage.k8s.io"
VALIDATING_POLICIES = "validatingadmissionpolicies.admissionregistration.k8s.io"
VALIDATING_POLICY_BINDINGS = "validatingadmissionpolicybindings.admissionregistration.k8s.io"
VALIDATING_WEBHOOKS = "validatingwebhookconfigurations.admissionregistration.k8s.io"
VOLUMES = "persistentvolumes"
VOLUME_SNAPSHOT_CONTENTS = "volumesnapshotcontents.snapshot.storage.k8s.io"

API_SERVICE = Resource("apiregistration.k8s.io", "v1", "apiservices", "APIService", False)
DEFINITION = Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False)
"""What tells which types there ought to be."""
NAMESPACE = Resource("", "v1", NAMESPACES, "Namespace", False)
NODE = Resource("", "v1", "nodes", "Node", False)
SECRET = Resource("", "v1", SECRETS, "Secret", True)
LEASE = Resource("coordination.k8s.io", "v1", "leases", "Lease", True)
"""What this collection itself reads and writes on every target."""


_BUILT_IN = frozenset(
    (
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    )
)
"""Groups of kube-apiserver itself (pkg/controlplane/instance.go); their types are Go structures."""


def keeps_nulls(resource: str) -> bool:
    """Whether a null is a value in objects of the type: in custom resources it is, in Go structures it is absent."""
    return not is_built_in(resource)


def is_built_in(resource: str) -> bool:
    """Whether the type is one of Kubernetes itself, which no CustomResourceDefinition brings."""
    return resource.partition(".")[2] in _BUILT_IN


def is_namespace(key: ObjectKey) -> bool:
    return (key.group, key.kind) == ("", "Namespace")


def is_project(key: ObjectKey) -> bool:
    """OpenShift's second face of a Namespace: what is done to it is done to the Namespace."""
    return (key.group, key.kind) == ("project.openshift.io", "Project")


def is_definition(key: ObjectKey) -> bool:
    return (key.group, key.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")


def namespace_key(name: str) -> ObjectKey:
    return ObjectKey("", "Namespace", "", name)


def definition_key(resource: str) -> ObjectKey:
    """Of the CustomResourceDefinition that makes the type, if it is a custom one."""
    return ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", resource)
