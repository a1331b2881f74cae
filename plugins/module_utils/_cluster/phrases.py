# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Constant phrases of the API server: they say nothing of any object, so they may be shown wherever they stand.

Texts of Kubernetes 1.36, each behind the place of its source; `apiserver` and the like are k8s.io/apiserver and so on.
"""

from __future__ import annotations

PHRASES = (
    # pkg/apis/*/validation, apimachinery pkg/api/validation/objectmeta.go
    "field is immutable",
    "cannot change roleRef",
    "updates to statefulset spec for fields other than",
    "pod updates may not change fields other than",
    "may not change once set",
    "may not be changed",
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    "is immutable after creation",
    "field can not be less than previous value",
    "field can not be less than status.capacity",
    "must be no more than",
    "unknown field",
    "strict decoding error",
    # pkg/registry/core/service: what the allocators say
    "provided port is already allocated",
    "provided port is not in the valid range",
    "provided IP is already allocated",
    "is not in the valid range",
    # plugin/pkg/admission/storage/persistentvolume/resize/admission.go
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    "Only bound persistent volume claims can be expanded",
    # apiserver, pkg/admission/plugin/namespace/lifecycle/admission.go
    # apiextensions-apiserver, pkg/apiserver/customresource_handler.go
    "because it is being terminated",
    "create not allowed while custom resource definition is terminating",
    "The system is ensuring all content is removed from this namespace",
    # plugin/pkg/admission/serviceaccount/admission.go
    "error looking up service account",
    "a mirror pod may not",
    "is not allowed because service account",
    # pkg/registry/rbac
    "attempting to grant RBAC permissions not currently held",
    "must have cluster-admin privileges to use the aggregationRule",
    # apiserver, pkg/endpoints/handlers: of etcd, of gRPC, of the API server itself
    "etcdserver: request is too large",
    "request is too large",
    "trying to send message larger than max",
    "Request entity too large",
    # plugin/pkg/admission/gc/gc_admission.go
    "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on",
    "cannot set blockOwnerDeletion",
    "cannot set an ownerRef on a resource you can't delete",
    # plugin/pkg/admission/network/denyserviceexternalips, certificates, nodetaint and their neighbours
    "Use of external IPs is denied by admission control",
    "user not permitted to approve requests with signerName",
    "user not permitted to sign requests with signerName",
    "user not permitted to attest for signerName",
    "signer with system:masters group is not allowed",
    # plugin/pkg/admission/noderestriction/admission.go
    "can only create pods with spec.nodeName set to itself",
    "can only create mirror pods",
    "can only create and delete mirror pods",
    "is not allowed to set the following labels",
    "is not allowed to modify labels",
    "is not allowed to modify taints",
    "is not allowed to modify node",
    # plugin/pkg/admission/podnodeselector and its neighbours
    "pod node label selector conflicts with its namespace node label selector",
    "pod node label selector labels conflict with its namespace whitelist",
    "pod tolerations (possibly merged with namespace default tolerations) conflict with its",
    "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey",
    "image policy webhook backend denied one or more images",
    "one or more images rejected by webhook backend",
    "cannot change parallelism for a Job referencing gang-scheduled PodGroup",
    "not yet ready to handle request",
    # OpenShift, pkg/securitycontextconstraints/sccadmission
    "unable to validate against any security context constraint",
)

TOO_LARGE = frozenset(
    ("etcdserver: request is too large", "request is too large", "trying to send message larger than max")
)
"""Phrases of requests that the API server cannot store, today or tomorrow, and answers with 500."""


def phrase_in(message: str) -> str:
    """The first of the phrases that stands anywhere in the message."""
    return next((phrase for phrase in PHRASES if phrase in message), "")


def is_too_large(message: str) -> bool:
    return any(phrase in message for phrase in TOO_LARGE)
