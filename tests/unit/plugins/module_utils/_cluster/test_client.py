# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths of requests, whatever the names in a backup look like."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import path_of
from ansible_collections.standby.velero.plugins.module_utils._values import Resource

PODS = Resource("", "v1", "pods", "Pod", True)
ROLES = Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "path"),
    [
        (PODS, "", "", "/api/v1/pods"),
        (PODS, "shop", "", "/api/v1/namespaces/shop/pods"),
        (PODS, "shop", "web", "/api/v1/namespaces/shop/pods/web"),
        (ROLES, "", "system:node", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"),
        (ROLES, "ignored", "a", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a"),
        (PODS, "../x", "?a=b", "/api/v1/namespaces/..%2Fx/pods/%3Fa%3Db"),
    ],
)
def test_a_path_holds_its_names_quoted(resource, namespace, name, path):
    assert path_of(resource, namespace, name) == path
