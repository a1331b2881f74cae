# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to the target's control plane or its operator."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.protected import RULES, protected_by
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import SENTENCES, Reason

AUTO = {"metadata": {"annotations": {"apf.kubernetes.io/autoupdate-spec": "true"}}}
NOT_AUTO = {"metadata": {"annotations": {"apf.kubernetes.io/autoupdate-spec": "false"}}}
BOOTSTRAPPING = {"metadata": {"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}}
AUTOMANAGED = {"metadata": {"labels": {"kube-aggregator.kubernetes.io/automanaged": "onstart"}}}
FLOWS = "flowschemas.flowcontrol.apiserver.k8s.io"
LEVELS = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"
ROLES = "clusterroles.rbac.authorization.k8s.io"


def item(place: str, group: str = "") -> BackupItem:
    """`resource/name` or `resource/namespace/name`."""
    resource, *rest = place.split("/")
    return BackupItem(ObjectKey(group, "Any", rest[0] if len(rest) == 2 else "", rest[-1]), resource, "v1")


@pytest.mark.parametrize(
    ("rule", "place", "body"),
    [
        ("system_namespace", "configmaps/kube-system/coredns", {}),
        ("system_namespace", "secrets/kube-public/a", {}),
        ("system_namespace", "leases.coordination.k8s.io/kube-node-lease/a", {}),
        ("system_namespace", "namespaces/kube-system", {}),
        ("system_namespace", "namespaces/kube-public", {}),
        ("system_namespace", "namespaces/kube-node-lease", {}),
        ("api_server", "services/default/kubernetes", {}),
        ("api_server", "endpoints/default/kubernetes", {}),
        ("api_server", "endpointslices.discovery.k8s.io/default/kubernetes", {}),
        ("service_cidr", "servicecidrs.networking.k8s.io/kubernetes", {}),
        ("ca_bundle", "configmaps/shop/kube-root-ca.crt", {}),
        ("ca_bundle", "configmaps/shop/openshift-service-ca.crt", {}),
        ("bootstrapping", f"{ROLES}/admin", BOOTSTRAPPING),
        ("auto_updated", f"{FLOWS}/exempt", AUTO),
        ("auto_updated", f"{LEVELS}/exempt", AUTO),
        ("automanaged", "apiservices.apiregistration.k8s.io/v1.apps", AUTOMANAGED),
        ("system_priority", "priorityclasses.scheduling.k8s.io/system-node-critical", {}),
        ("signing_request", "certificatesigningrequests.certificates.k8s.io/csr-a", {}),
        ("bootstrap_token", "secrets/shop/a", {"type": "bootstrap.kubernetes.io/token"}),
        ("lease", "leases.coordination.k8s.io/shop/leader", {}),
    ],
)
def test_a_rule_covers(rule, place, body):
    sentence = next(row.sentence for row in RULES if row.id == rule)
    assert protected_by(item(place), body, ()) == sentence


def test_custom_resources_of_velero_are_covered_and_their_definitions_are_not():
    assert protected_by(item("schedules.velero.io/velero/hourly", "velero.io"), {}, ())
    definition = item("customresourcedefinitions.apiextensions.k8s.io/schedules.velero.io", "apiextensions.k8s.io")
    assert protected_by(definition, {}, ()) is None


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("configmaps/shop/coredns", {}),
        ("namespaces/shop", {}),
        ("namespaces/default", {}),
        ("services/shop/kubernetes", {}),
        ("services/default/web", {}),
        ("configmaps/default/kubernetes", {}),
        ("secrets/shop/kube-root-ca.crt", {}),
        (f"{ROLES}/shop-viewer", {}),
        (f"{FLOWS}/mine", NOT_AUTO),
        (f"{FLOWS}/mine", {}),
        ("configmaps/shop/a", AUTO),
        ("apiservices.apiregistration.k8s.io/v1beta1.metrics.k8s.io", {}),
        ("priorityclasses.scheduling.k8s.io/shop-critical", {}),
        ("configmaps/shop/system-a", {}),
        ("secrets/shop/a", {"type": "Opaque"}),
        (
            "secrets/shop/a",
            {"type": ["bootstrap.kubernetes.io/token"], "metadata": {"labels": "x", "annotations": None}},
        ),
    ],
)
def test_no_rule_covers(place, body):
    assert protected_by(item(place), body, ()) is None


COREDNS = "configmaps/kube-system/coredns"


@pytest.mark.parametrize(
    ("place", "entry", "excepted"),
    [
        (COREDNS, "configmaps", True),
        (COREDNS, "configmaps/coredns", True),
        (COREDNS, "configmaps/kube-system/coredns", True),
        (COREDNS, "configmaps/kube-system/*", True),
        (COREDNS, "configmaps/*/coredns", True),
        (COREDNS, "*/kube-system/*", True),
        (COREDNS, "*", True),
        (COREDNS, "secrets", False),
        (COREDNS, "configmaps/core", False),
        (COREDNS, "configmaps/core*", False),
        (COREDNS, "configmaps/kube-public/coredns", False),
        (COREDNS, "configmaps/kube-system/coredns/x", False),
        ("namespaces/kube-system", "namespaces/kube-system", True),
        ("namespaces/kube-system", "namespaces/*/kube-system", True),
        ("namespaces/kube-system", "namespaces/shop/kube-system", False),
    ],
)
def test_an_exception_names_the_object(place, entry, excepted):
    assert (protected_by(item(place), {}, ("leases.coordination.k8s.io", entry)) is None) is excepted


def test_rules_are_named_once_and_read_like_every_other_reason():
    assert len({rule.id for rule in RULES}) == len(RULES)
    for sentence in (*(rule.sentence for rule in RULES), SENTENCES[Reason.PROTECTED]):
        assert sentence[0].islower()
        assert not sentence.endswith(".")
