# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery documents of every shape: what cannot be read is an error or an incomplete group, never "not served".

What a real API server answers is read in tests/cluster/test_discovery.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery, discover
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    Forbidden,
    MalformedAnswer,
    NotFound,
    Throttled,
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Resource

Body = dict[str, Any]
VERBS = ["create", "delete", "get", "list", "patch", "watch"]


class Answering:
    """Answers each path with what stands in the table."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def get_json(self, path: str, accept: str = "") -> Body:  # noqa: ARG002 - the client's own signature
        found = self.answers.get(path, NotFound(path, status=404))
        if isinstance(found, ClusterError):
            raise found
        return found


def found_in(answers: dict[str, Any]) -> Discovery:
    return discover(Answering(answers))  # type: ignore[arg-type]


def entry(plural: Any = "pods", kind: Any = "Pod", **more: Any) -> Body:
    response = {"responseKind": {"kind": kind}}
    return {"resource": plural, **response, "scope": "Namespaced", "verbs": VERBS, **more}


def aggregated(*items: Any) -> Body:
    return {"kind": "APIGroupDiscoveryList", "items": list(items)}


def group(name: Any, *versions: Any) -> Body:
    return {"metadata": {"name": name} if name else {}, "versions": list(versions)}


def version(name: Any, *resources: Any, **more: Any) -> Body:
    return {"version": name, "resources": list(resources), "freshness": "Current", **more}


CORE = aggregated(group("", version("v1", entry())))
NONE = aggregated()
PODS = Resource("", "v1", "pods", "Pod", True)


# The aggregated form


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"kind": "Status", "status": "Success"},
        {"kind": "APIGroupDiscoveryList"},
        {"kind": "APIGroupDiscoveryList", "items": None},
        {"kind": "APIGroupDiscoveryList", "items": {}},
        aggregated(7),
        aggregated([]),
        aggregated(group("../../api", version("v1", entry()))),
        aggregated(group("a/b", version("v1", entry()))),
        aggregated({"metadata": {"name": "apps"}}),
        aggregated({"metadata": {"name": "apps"}, "versions": {}}),
        aggregated(group("apps", "v1")),
        aggregated(group("apps?x", version("v1"))),
    ],
    ids=lambda document: str(document)[:70],
)
def test_a_document_of_another_shape_is_an_error_and_does_not_read_as_nothing_is_served(document: Body) -> None:
    with pytest.raises(MalformedAnswer, match="/apis does not tell what is served"):
        found_in({"/api": CORE, "/apis": document})


@pytest.mark.parametrize(
    "document", [{}, aggregated(group("apps", version("v1", entry())))], ids=["nothing", "a group"]
)
def test_below_api_lies_the_core_group_and_no_other(document: Body) -> None:
    with pytest.raises(MalformedAnswer, match="/api does not tell what is served"):
        found_in({"/api": document, "/apis": NONE})


@pytest.mark.parametrize(
    "broken",
    [
        version("v1", entry(plural="")),
        version("v1", entry(plural=None)),
        version("v1", entry(plural=["a"])),
        version("v1", entry(plural="../secrets")),
        version("v1", entry(plural="pods/status")),
        version("v1", entry(plural="Pods")),
        version("v1", entry(kind="a b")),
        version("v1", entry(kind="K" * 64)),
        version("../v1", entry()),
        version("", entry()),
        version(None, entry()),
        version("v1", 7),
        version("v1", [entry()]),
        version("v1", entry(), freshness="Stale"),
    ],
    ids=lambda one: str(one)[:90],
)
def test_a_group_with_an_entry_that_cannot_be_used_is_incomplete_and_the_others_stay(broken: Body) -> None:
    good = group("apps", version("v1", entry("deployments", "Deployment")))
    found = found_in({"/api": CORE, "/apis": aggregated(group("example.org", broken), good)})
    assert found.incomplete == {"example.org"}
    assert not found.lacks("widgets.example.org")
    assert found.find("deployments.apps", "v1") is not None
    assert found.find("pods", "v1") == PODS
    assert all(resource.plural.isalnum() for versions in found.types.values() for resource in versions)


@pytest.mark.parametrize(
    "silent",
    [
        entry(verbs=["get"]),
        entry(verbs=None),
        entry(verbs="list"),
        {"resource": "pods", "verbs": None, "subresources": [{"subresource": "scale"}]},
        entry(kind=None, verbs=None),
        {},
    ],
    ids=lambda one: str(one)[:70],
)
def test_what_cannot_be_listed_is_no_type_and_no_problem(silent: Body) -> None:
    found = found_in({"/api": CORE, "/apis": aggregated(group("example.org", version("v1", silent)))})
    assert (list(found.types), found.incomplete) == (["pods"], frozenset())


# Group by group, as a server before 1.26 answers

VERSIONS = {"kind": "APIVersions", "versions": ["v1"]}
GROUPS = {"kind": "APIGroupList", "groups": [{"name": "apps", "versions": [{"version": "v1"}]}]}
LISTED = {"resources": [{"name": "pods", "kind": "Pod", "namespaced": True, "verbs": VERBS}]}
LEGACY = {"/api": VERSIONS, "/api/v1": LISTED, "/apis": GROUPS, "/apis/apps/v1": {"resources": []}}


def test_the_older_form_tells_the_same() -> None:
    found = found_in(LEGACY)
    assert (found.types, found.incomplete) == ({"pods": (PODS,)}, frozenset())


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/api", {"kind": "APIVersions"}),
        ("/api", {"kind": "APIVersions", "versions": []}),
        ("/api", {"kind": "APIVersions", "versions": {}}),
        ("/api", {"kind": "APIVersions", "versions": [7]}),
        ("/api", {"kind": "APIVersions", "versions": ["../v1"]}),
        ("/apis", {"kind": "APIGroupList"}),
        ("/apis", {"kind": "APIGroupList", "groups": {}}),
        ("/apis", {"kind": "APIGroupList", "groups": [7]}),
        ("/apis", {"kind": "APIGroupList", "groups": [{}]}),
        ("/apis", {"kind": "APIGroupList", "groups": [{"name": ""}]}),
        ("/apis", {"kind": "APIGroupList", "groups": [{"name": "a/../b", "versions": []}]}),
        ("/apis", {"kind": "APIGroupList", "groups": [{"name": "apps", "versions": [{"version": ["v1"]}]}]}),
        ("/apis", {"kind": "APIGroupList", "groups": [{"name": "apps", "versions": [{}]}]}),
    ],
    ids=str,
)
def test_an_older_document_of_another_shape_is_an_error(path: str, document: Body) -> None:
    with pytest.raises(MalformedAnswer, match=f"{path} does not tell what is served"):
        found_in({**LEGACY, path: document})


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"resources": None},
        {"resources": {}},
        {"resources": [7]},
        {"resources": [{"name": "", "kind": "Pod", "verbs": VERBS}]},
        {"resources": [{"name": ["deployments"], "kind": "Pod", "verbs": VERBS}]},
        {"resources": [{"name": "deployments", "kind": {}, "verbs": VERBS}]},
        Throttled("503", status=503),
        NotFound("404", status=404),
        MalformedAnswer("no JSON", status=200),
    ],
    ids=str,
)
def test_an_older_group_that_cannot_be_read_is_incomplete(listed: Any) -> None:
    found = found_in({**LEGACY, "/apis/apps/v1": listed})
    assert (found.incomplete, list(found.types)) == ({"apps"}, ["pods"])


@pytest.mark.parametrize("error", [Forbidden("403", status=403), Unauthorized("401", status=401), Unreachable("away")])
def test_who_may_not_ask_or_gets_no_answer_does_not_take_that_for_a_broken_group(error: ClusterError) -> None:
    with pytest.raises(type(error)):
        found_in({**LEGACY, "/apis/apps/v1": error})


# Where a status is written


@pytest.mark.parametrize(
    ("subresources", "expected"),
    [
        ([{"subresource": "status"}], True),
        ([{"subresource": "scale"}, {"subresource": "status"}], True),
        ([{"subresource": "scale"}], False),
        ([], False),
        (None, False),
        ([None, {"subresource": ["status"]}], False),
    ],
)
def test_whether_a_type_has_a_status_of_its_own_is_told_with_it(subresources: Any, expected: bool) -> None:
    found = found_in({"/api": aggregated(group("", version("v1", entry(subresources=subresources)))), "/apis": NONE})
    assert found.types["pods"][0].has_status is expected


@pytest.mark.parametrize(
    ("names", "expected"), [(["pods/status"], True), (["pods/log", "services/status"], False), ([], False)]
)
def test_the_older_form_lists_it_beside_the_type(names: list[str], expected: bool) -> None:
    entries = [{"name": name, "kind": "Pod", "verbs": ["get"]} for name in names]
    pods = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": VERBS}
    answers = {"/api": {"versions": ["v1"]}, "/apis": {"groups": []}, "/api/v1": {"resources": [pods, *entries]}}
    assert found_in(answers).types["pods"][0].has_status is expected
