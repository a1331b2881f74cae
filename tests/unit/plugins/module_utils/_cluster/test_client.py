# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths of requests, whatever the names in a backup look like; what an answer must be to be taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import error_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client, path_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, ClusterError, NotFound
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


class Answering:
    """A connection with one answer to everything."""

    verifies_tls = True

    def __init__(self, status: int, body: Any) -> None:
        self._status, self._body = status, body

    def send(self, _method: str, _path: str, _body: Any = None, **_how: str) -> Answer:
        if self._status >= 400:
            raise error_of(self._status, self._body)
        return Answer(self._status, self._body)


REQUESTS = {
    "get": lambda client: client.get(PODS, "shop", "web"),
    "patch": lambda client: client.patch(PODS, "shop", "web", {}),
    "patch of its status": lambda client: client.patch(PODS, "shop", "web", {}, subresource="/status"),
    "delete": lambda client: client.delete(PODS, "shop", "web", "u1"),
}
CREATE = {"create": lambda client: client.create(PODS, "shop", {"metadata": {"name": "web"}})}


def status_of(kind: str, name: str) -> bytes:
    return json.dumps({"kind": "Status", "reason": "NotFound", "details": {"kind": kind, "name": name}}).encode()


@pytest.mark.parametrize("request_of", REQUESTS)
def test_an_object_is_gone_only_when_the_answer_names_it(request_of):
    with pytest.raises(NotFound):
        REQUESTS[request_of](Client(Answering(404, status_of("pods", "web"))))


@pytest.mark.parametrize("request_of", [*REQUESTS, *CREATE])
def test_of_a_namespace_that_is_gone_nothing_is_left(request_of):
    with pytest.raises(NotFound):
        {**REQUESTS, **CREATE}[request_of](Client(Answering(404, status_of("namespaces", "shop"))))


@pytest.mark.parametrize("request_of", [*REQUESTS, *CREATE])
@pytest.mark.parametrize("body", [b"default backend - 404", status_of("pods", "other")])
def test_a_404_that_names_nothing_or_another_proves_nothing(request_of, body):
    with pytest.raises(AbsenceUnproven, match="that does not name this object"):
        {**REQUESTS, **CREATE}[request_of](Client(Answering(404, body)))


@pytest.mark.parametrize("body", [{}, {"kind": "Status"}, {"kind": "PodList"}])
def test_an_answer_that_is_no_list_is_not_one_of_nothing(body):
    with pytest.raises(ClusterError, match="/api/v1/pods did not answer with a list"):
        list(Client(Answering(200, body)).pages(PODS))


@pytest.mark.parametrize("items", [None, []])
def test_a_list_of_nothing_may_be_written_as_null(items):
    assert list(Client(Answering(200, {"items": items, "metadata": {}})).pages(PODS)) == [[]]
