# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role sync hands on what becomes of webhooks that nobody answers."""

from __future__ import annotations

from backups import Backup
from controlplane import ControlPlane
from hourly import SOURCE, hourly, standby_of

NAME = "sync.shop.example"
PATH = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/shop"


def production(value: str) -> bytes:
    """A backup with a ConfigMap, and a webhook that is asked about it by a Service that is not there."""
    webhook = {
        "name": NAME,
        "clientConfig": {"service": {"namespace": "shop", "name": "guard", "port": 443}},
        "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"], "scope": "*"}
        ],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
        "objectSelector": {},
        "sideEffects": "None",
        "timeoutSeconds": 1,
        "admissionReviewVersions": ["v1"],
    }
    guard = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "webhooks": [webhook],
    }
    backup = Backup().add("namespaces", "", "kube-system", SOURCE).add("namespaces", "", "shop")
    backup.add("configmaps", "shop", "app", {"data": {"of": value}})
    return backup.add("validatingwebhookconfigurations.admissionregistration.k8s.io", "", "shop", guard).bytes()


def test_restore_webhooks_reaches_the_restore_and_the_next_hour_is_not_refused(
    controlplane: ControlPlane, tmp_path_factory
) -> None:
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        for hour in (2, 3):
            standby.s3.put(hourly(hour, production(f"production at {hour}")))
            played = standby.sync(restore_webhooks="when_ready", restore_include_cluster_resources=True)
            assert played.code == 0, played.output
            (webhook,) = standby.target.api("GET", PATH)[1]["webhooks"]
            assert webhook["failurePolicy"] == "Ignore"
            assert standby.config_maps()["app"] == f"production at {hour}"
