# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ignore_fields`: what is refused and why, and that the target keeps these fields in compare, patch and dry run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.admitted import admitted
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.ignored import (
    OPTION,
    Ignored,
    compile_ignored,
)
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply

DEPLOYMENTS = "deployments.apps"
SEEN = "/metadata/annotations/example.org~1seen"


def problems(value: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        compile_ignored(value)
    return caught.value.problems


@pytest.mark.parametrize("value", [None, "", {}, {DEPLOYMENTS: None}, {DEPLOYMENTS: ""}, {DEPLOYMENTS: []}])
def test_what_is_empty_ignores_nothing(value: Any) -> None:
    ignored = compile_ignored(value)
    assert ignored == Ignored()
    assert ignored.rows(DEPLOYMENTS) == ()


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/spec/replicas", ("spec", "replicas")),
        (SEEN, ("metadata", "annotations", "example.org/seen")),
        ("/data/a~0b~01", ("data", "a~b~1")),
        ("/metadata/labels", ("metadata", "labels")),
        ("/metadata/annotations", ("metadata", "annotations")),
        ("/spec/template/spec/containers/0/image", ("spec", "template", "spec", "containers", "0", "image")),
        ("/spec/ports/name=http/nodePort", ("spec", "ports", "name=http", "nodePort")),
        ("/", ("",)),
        ("/spec/status", ("spec", "status")),
        ("/statuses", ("statuses",)),
        ("/spec/template/metadata/name", ("spec", "template", "metadata", "name")),
    ],
)
def test_a_pointer_is_read_as_rfc_6901_has_it(pointer: str, path: Any) -> None:
    assert compile_ignored({" things ": [pointer]}).fields == (("things", path),)


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        ("", "'' is the whole object; to leave that to the target, exclude it from the restore"),
        ("spec/replicas", "'spec/replicas': path must start with /"),
        ("#/spec", "'#/spec': path must start with /"),
        ("/a~b", "'/a~b': in a path, ~ stands only in ~0 (for ~) and ~1 (for /)"),
        ("/apiVersion", "'/apiVersion' is part of what the object is"),
        ("/kind", "'/kind' is part of what the object is"),
        ("/metadata/name", "'/metadata/name' is part of what the object is"),
        ("/metadata/namespace", "'/metadata/namespace' is part of what the object is"),
        ("/metadata", "'/metadata' is too much: give /metadata/labels or /metadata/annotations"),
        ("/metadata/finalizers/0", "'/metadata/finalizers/0' is the target's anyway: of metadata only labels and"),
        ("/metadata/annotations/example.org/seen", "'/metadata/annotations/example.org/seen' leads into a text: a /"),
        ("/metadata/labels/velero.io~1restore-name", "'/metadata/labels/velero.io~1restore-name' is written by every"),
        ("/status", "'/status' is the target's unless restore_status asks for it"),
        ("/status/phase", "'/status/phase' is the target's unless restore_status asks for it"),
        (7, "7 is not a JSON Pointer"),
        (None, "None is not a JSON Pointer"),
    ],
)
def test_a_pointer_that_cannot_be_meant_is_refused_with_the_reason(pointer: Any, said: str) -> None:
    (problem,) = problems({DEPLOYMENTS: ["/spec/replicas", pointer]})
    assert problem.startswith(f"{OPTION}.{DEPLOYMENTS}: {said}")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "ignore_fields: is not a dictionary from a resource to a list of JSON Pointers"),
        ("deployments", "ignore_fields: is not a dictionary from a resource to a list of JSON Pointers"),
        (0, "ignore_fields: is not a dictionary from a resource to a list of JSON Pointers"),
        ({DEPLOYMENTS: "/spec"}, "ignore_fields.deployments.apps: is not a list of JSON Pointers"),
        ({DEPLOYMENTS: {}}, "ignore_fields.deployments.apps: is not a list of JSON Pointers"),
        ({DEPLOYMENTS: 0}, "ignore_fields.deployments.apps: is not a list of JSON Pointers"),
        ({"": ["/spec"]}, "ignore_fields: '': is not the name of a resource"),
        ({1: ["/spec"]}, "ignore_fields: 1: is not the name of a resource"),
        ({"a{b": ["/spec"]}, "ignore_fields: 'a{b': wildcard pattern contains unsupported characters: "),
    ],
)
def test_a_malformed_option_is_refused(value: Any, said: str) -> None:
    (problem,) = problems(value)
    assert problem.startswith(said)


def test_all_problems_are_told_at_once() -> None:
    found = problems({DEPLOYMENTS: ["", "/kind"], "secrets": "x", "": []})
    assert len(found) == 4
    assert all(problem.startswith(OPTION) for problem in found)


def test_resources_are_those_of_the_target_and_several_entries_add_up() -> None:
    ignored = compile_ignored({"deploy": ["/a"], DEPLOYMENTS: ["/a", "/b"], "*.apps": ["/c"], "*": ["/d"]})
    full = ignored.resolved(lambda word: {"deploy": DEPLOYMENTS}.get(word, word))
    assert [len(full.rows(name)) for name in (DEPLOYMENTS, "statefulsets.apps", "configmaps")] == [4, 2, 1]
    assert full.rows(DEPLOYMENTS) is full.rows(DEPLOYMENTS)


def test_a_name_that_matches_nothing_is_told() -> None:
    ignored = compile_ignored({"deploymets": ["/a", "/b"], "*.app": ["/a"], "*": ["/a"], "secrets": ["/a"]})
    assert ignored.unmatched({"secrets", DEPLOYMENTS}) == [
        "ignore_fields: 'deploymets' matches nothing in the backup",
        "ignore_fields: '*.app' matches nothing in the backup",
    ]


def annotated(**annotations: str) -> Any:
    return {"metadata": {"annotations": {f"example.org/{name}": value for name, value in annotations.items()}}}


def pod(*containers: Any, **spec: Any) -> Any:
    return {"spec": {"containers": list(containers), **spec}}


TOKEN_VOLUME = {"name": "kube-api-access-x", "projected": {}}
WEB, WEB_2 = {"name": "web", "image": "w:1"}, {"name": "web", "image": "w:2"}
BALANCER = {"type": "LoadBalancer", "ports": [{"port": 80}]}

# (resource, pointers, live, desired, the patch that is left)
KEPT: list[Any] = [
    (DEPLOYMENTS, ["/spec/replicas"], {"spec": {"replicas": 5}}, {"spec": {"replicas": 2}}, {}),
    (DEPLOYMENTS, ["/spec/replicas"], {"spec": {}}, {"spec": {"replicas": 2}}, {}),
    (
        DEPLOYMENTS,
        ["/spec/replicas"],
        {"spec": {"replicas": 5, "paused": True}},
        {"spec": {"replicas": 2}},
        {"spec": {"paused": None}},
    ),
    ("configmaps", ["/data/region"], {"data": {"region": "b"}}, {"data": {"region": "a"}}, {}),
    ("configmaps", ["/data/region"], {"data": {"region": "b"}}, {}, {}),
    ("configmaps", ["/data/region"], {}, {"data": {"region": "a"}}, {}),
    ("configmaps", ["/data/region"], {}, {"data": {"region": "a", "x": "y"}}, {"data": {"x": "y"}}),
    ("configmaps", ["/data"], {"data": {"a": "1"}}, {"data": {"b": "2"}, "immutable": True}, {"immutable": True}),
    ("configmaps", [SEEN], annotated(seen="now", by="a"), annotated(seen="then", by="b"), annotated(by="b")),
    ("configmaps", [SEEN], annotated(), annotated(seen="then"), {}),
    (
        "configmaps",
        ["/metadata/labels"],
        {"metadata": {"labels": {"a": "1"}}},
        {"metadata": {"labels": {"b": "2"}}},
        {},
    ),
    # Secrets
    ("secrets", ["/data/password"], {"data": {"password": "bA=="}}, {"data": {"password": "cA=="}}, {}),
    ("secrets", ["/data/password"], {"data": {}}, {"data": {"password": "cA=="}}, {}),
    (
        "secrets",
        ["/data/password"],
        {"data": {"password": "bA==", "user": "YQ=="}},
        {"data": {"password": "cA==", "user": "Yg=="}},
        {"data": {"user": "Yg=="}},
    ),
    # through lists
    (DEPLOYMENTS, ["/spec/containers/name=web/image"], pod(WEB), pod(WEB_2), {}),
    (DEPLOYMENTS, ["/spec/containers/0/image"], pod(WEB), pod(WEB_2), {}),
    (
        DEPLOYMENTS,
        ["/spec/containers/name=web/image"],
        pod(WEB),
        pod({**WEB_2, "tty": True}),
        pod({**WEB, "tty": True}),
    ),
    # before the table: its conditions see the target's value
    (
        "services",
        ["/spec/type"],
        {"spec": {**BALANCER, "ports": [{"port": 80, "nodePort": 30080}]}},
        {"spec": {**BALANCER, "type": "ClusterIP"}},
        {},
    ),
    # after the table: places are those of the target
    (
        "pods",
        ["/spec/volumes/2/emptyDir"],
        {"spec": {"volumes": [{"name": "a"}, TOKEN_VOLUME, {"name": "b", "emptyDir": {"sizeLimit": "1"}}]}},
        {"spec": {"volumes": [{"name": "a"}, {"name": "b", "emptyDir": {"sizeLimit": "2"}}]}},
        {},
    ),
    # Namespaces: merged, so that only what the backup would set is at stake
    ("namespaces", [SEEN], annotated(seen="now"), annotated(seen="then"), {}),
    ("namespaces", [SEEN], annotated(by="a"), annotated(seen="then", by="b"), annotated(by="b")),
    ("namespaces", ["/metadata/annotations"], annotated(seen="now"), annotated(by="b"), {}),
    # so are ServiceAccounts
    ("serviceaccounts", [SEEN], annotated(), annotated(seen="then"), {}),
    ("serviceaccounts", [SEEN], annotated(), annotated(seen="then", by="b"), annotated(by="b")),
    ("serviceaccounts", ["/imagePullSecrets"], {}, {"imagePullSecrets": [{"name": "r"}]}, {}),
    (
        "serviceaccounts",
        ["/imagePullSecrets/name=r"],
        {},
        {"imagePullSecrets": [{"name": "r"}, {"name": "s"}]},
        {"imagePullSecrets": [{"name": "s"}]},
    ),
]


@pytest.mark.parametrize(("resource", "pointers", "live", "desired", "patch"), KEPT)
def test_an_ignored_field_is_neither_compared_nor_written(
    resource: str, pointers: list[str], live: Any, desired: Any, patch: Any
) -> None:
    rows = compile_ignored({resource: pointers}).rows(resource)
    assert compare(resource, live, desired).patch != patch, "the table would do without the option"
    found = compare(resource, live, desired, rows)
    assert found.patch == patch
    assert not compare(resource, apply(live, found.patch), desired, rows).patch, "a second run would write again"


@pytest.mark.parametrize(
    ("desired", "merged"), [(annotated(seen="then"), False), (annotated(seen="then", by="b"), True)]
)
def test_an_account_that_differs_in_ignored_fields_alone_is_an_equal_one(desired: Any, merged: bool) -> None:
    rows = compile_ignored({"serviceaccounts": [SEEN]}).rows("serviceaccounts")
    assert (
        compare("serviceaccounts", annotated(seen="now", by="a"), annotated(seen="then", by="a"), rows).merged is False
    )
    assert compare("serviceaccounts", annotated(), desired, rows).merged is merged


def test_a_value_of_the_target_s_stays_in_a_list_that_is_written_for_another_field() -> None:
    rows = compile_ignored({DEPLOYMENTS: ["/spec/containers/name=proxy"]}).rows(DEPLOYMENTS)
    proxy = {"name": "proxy", "image": "p"}
    assert compare(DEPLOYMENTS, pod(proxy, WEB), pod(WEB_2), rows).patch == pod(proxy, WEB_2)


@pytest.mark.parametrize(
    ("live", "answer", "desired", "left", "otherwise"),
    [
        # `a` is what admission adds
        ({"replicas": 5, "a": 1}, {"replicas": 2, "a": 1}, {"replicas": 2}, {}, {"replicas": 2}),
        ({"a": 1}, {"replicas": 2, "a": 1}, {"replicas": 2}, {}, {"replicas": 2}),
        ({"replicas": 5, "a": 1}, {"a": 1}, {}, {}, {"replicas": None}),
        ({"replicas": 5, "a": 1}, {"replicas": 2, "a": 2}, {"replicas": 2, "a": 3}, {"a": 3}, {"replicas": 2, "a": 3}),
    ],
)
def test_an_ignored_field_has_no_say_in_what_a_dry_run_shows(
    live: Any, answer: Any, desired: Any, left: Any, otherwise: Any
) -> None:
    bodies = ({"spec": desired}, {"spec": answer})
    for rows, patch in ((compile_ignored({DEPLOYMENTS: ["/spec/replicas"]}).rows(DEPLOYMENTS), left), ((), otherwise)):
        comparison = compare(DEPLOYMENTS, {"spec": live}, bodies[0], rows)
        assert admitted(DEPLOYMENTS, comparison, *bodies, rows).patch.get("spec", {}) == patch
