# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane that other tests stand on does what they take for granted."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
from controlplane import LIMITED, ControlPlane, ControlPlaneError, wait_for

CRD_AND_OBJECT = """
apiVersion: v1
kind: Namespace
metadata: {name: north}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: regions.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Region, plural: regions, singular: region}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: example.org/v1
kind: Region
metadata: {name: here, namespace: north}
spec: {size: 1}
"""

GRANT = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: read-namespaces}
rules: [{apiGroups: [""], resources: [namespaces], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: read-namespaces}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: read-namespaces}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: limited-1}]
"""

WORKLOAD = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example/web}]}
"""


def test_it_is_a_kubernetes_of_a_named_version(controlplane: ControlPlane) -> None:
    status, version = controlplane.api("GET", "/version")
    assert (status, version["major"]) == (200, "1")


def test_objects_are_applied_in_order_and_a_second_time(controlplane: ControlPlane) -> None:
    controlplane.apply(CRD_AND_OBJECT)
    controlplane.apply(CRD_AND_OBJECT)
    status, region = controlplane.api("GET", "/apis/example.org/v1/namespaces/north/regions/here")
    assert (status, region["spec"]) == (200, {"size": 1})


def test_an_object_that_the_server_refuses_is_an_error_at_once(controlplane: ControlPlane) -> None:
    with pytest.raises(ControlPlaneError, match="ConfigMap x was refused: 400"):
        controlplane.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: [no map]}")


def test_a_limited_user_can_do_what_it_was_granted_and_no_more(controlplane: ControlPlane) -> None:
    controlplane.apply(GRANT)
    granted, other = (controlplane.tokens[user] for user in LIMITED[:2])
    wait_for("the right", lambda: controlplane.api("GET", "/api/v1/namespaces", token=granted)[0] == 200, 30)
    assert controlplane.api("GET", "/api/v1/secrets", token=granted)[0] == 403
    assert controlplane.api("GET", "/api/v1/namespaces", token=other)[0] == 403


def test_kubeconfigs_are_for_the_owner_alone_and_verify_the_server(controlplane: ControlPlane) -> None:
    for user in ("admin", *LIMITED):
        path = controlplane.kubeconfig_for(user)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "certificate-authority" in path.read_text(encoding="utf-8")
        assert "insecure" not in path.read_text(encoding="utf-8")


def test_a_test_knows_no_cluster_but_its_own(controlplane: ControlPlane) -> None:
    assert not Path(os.environ["KUBECONFIG"]).exists()
    assert not (Path.home() / ".kube").exists()
    assert controlplane.environment["KUBECONFIG"] == str(controlplane.kubeconfig)


def test_the_api_server_goes_away_and_comes_back_with_its_objects(controlplane: ControlPlane) -> None:
    controlplane.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}")
    controlplane.stop_apiserver()
    with pytest.raises(urllib3.exceptions.HTTPError):
        controlplane.api("GET", "/readyz")
    controlplane.start_apiserver()
    assert controlplane.api("GET", "/api/v1/namespaces/default/configmaps/kept")[0] == 200


def test_controllers_make_the_children_of_a_workload(live_controlplane: ControlPlane) -> None:
    live_controlplane.apply(WORKLOAD)

    def pods() -> int:
        return len(live_controlplane.api("GET", "/api/v1/namespaces/shop/pods")[1]["items"])

    wait_for("two pods", lambda: pods() == 2)
    assert live_controlplane.api("GET", "/api/v1/namespaces/shop/serviceaccounts/default")[0] == 200


def test_as_a_command_it_stops_with_the_exit_code_of_what_it_ran(pytestconfig: pytest.Config) -> None:
    script = pytestconfig.rootpath / "tests" / "support" / "controlplane.py"
    command = [sys.executable, "-c", "import os, sys; print(os.environ['KUBECONFIG']); sys.exit(7)"]
    answer = subprocess.run(
        [sys.executable, str(script), "--", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 7, answer.stderr
    assert not Path(answer.stdout.strip()).parent.exists()
