# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Well-known types, by the one spelling that the rooms share: `<plural>[.<group>]`, as a backup's folder is called."""

from __future__ import annotations

from ._values import ObjectKey, Resource

API_SERVICES = "apiservices.apiregistration.k8s.io"
CLAIMS = "persistentvolumeclaims"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
ENDPOINTS = "endpoints"
ENDPOINT_SLICES = "endpointslices.discovery.k8s.io"
HPAS = "horizontalpodautoscalers.autoscaling"
JOBS = "jobs.batch"
NAMESPACES = "namespaces"
PODS = "pods"
PRIORITY_CLASSES = "priorityclasses.scheduling.k8s.io"
SERVICES = "services"
SERVICE_ACCOUNTS = "serviceaccounts"
STATEFUL_SETS = "statefulsets.apps"
STORAGE_CLASSES = "storageclasses.storage.k8s.io"
VOLUMES = "persistentvolumes"

NAMESPACE = Resource("", "v1", NAMESPACES, "Namespace", False)
SECRETS = Resource("", "v1", "secrets", "Secret", True)
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease", True)
"""What this collection itself reads and writes on every target."""


def is_namespace(key: ObjectKey) -> bool:
    return (key.group, key.kind) == ("", "Namespace")


def is_definition(key: ObjectKey) -> bool:
    return (key.group, key.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")
