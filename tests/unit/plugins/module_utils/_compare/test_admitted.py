# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of a patch when the target has said what it would make of a new object."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.admitted import Admitted, admitted, removes
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.normalise import strip
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import NULL, apply, diff
from hypothesis import given, settings
from hypothesis import strategies as st

WIDGETS = "widgets.example.org"


def judged(live: Any, desired: Any, answer: Any, resource: str = "ingresses.networking.k8s.io", keep: bool = True):
    """Of a restore without options."""
    return admitted(resource, compare(resource, live, desired), desired, answer, keep=keep)


def spec(**fields: Any) -> Any:
    return {"spec": fields}


def metadata(**fields: Any) -> Any:
    return {"metadata": fields}


def containers(*elements: Any) -> Any:
    return spec(containers=list(elements))


MAIN, MAIN_2 = {"name": "main", "image": "a:1"}, {"name": "main", "image": "a:2"}
PROXY, PROXY_2 = {"name": "proxy", "image": "p:1"}, {"name": "proxy", "image": "p:2"}
LIMITED = {**MAIN, "resources": {"limits": {"cpu": "1"}}}


# A new object would come out as the live one is


@pytest.mark.parametrize(
    ("live", "desired", "answer"),
    [
        (spec(ingressClassName="nginx"), spec(), spec(ingressClassName="nginx")),
        (
            metadata(labels={"team": "a", "by": "policy"}),
            metadata(labels={"team": "a"}),
            metadata(labels={"by": "policy"}),
        ),
        (spec(cpu="1"), spec(cpu="1000m"), spec(cpu="1")),
        (spec(image="mirror/a"), spec(image="a"), spec(image="mirror/a")),
        (spec(), spec(unknown=1), spec()),
        (spec(policy={"whenDeleted": "Retain"}), spec(), spec(policy={"whenDeleted": "Retain"})),
        (containers(PROXY, MAIN), containers(MAIN), containers(MAIN, PROXY)),
        (containers(LIMITED), containers(MAIN), containers(LIMITED)),
        (
            spec(rules=[{"host": "a", "kind": "x"}]),
            spec(rules=[{"host": "a"}]),
            spec(rules=[{"host": "a", "kind": "x"}]),
        ),
        (spec(args=["-a", "-injected"]), spec(args=["-a"]), spec(args=["-a", "-injected"])),
        (spec(finalizers=["x"]), spec(), spec(finalizers=["x"])),
    ],
    ids=[
        "a default",
        "a label",
        "another spelling",
        "a rewritten value",
        "a field that is dropped",
        "a default map",
        "a sidecar",
        "a field in a named element",
        "a field in an element without a name",
        "an element without a name",
        "a list",
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_what_a_new_object_would_have_as_the_live_one_has_it_is_not_written(live, desired, answer, keep):
    assert compare("ingresses.networking.k8s.io", live, desired).patch
    assert judged(live, desired, answer, keep=keep) == Admitted({}, ())


# Where a real change comes with it


@pytest.mark.parametrize(
    ("live", "desired", "answer", "patch"),
    [
        (spec(cls="nginx", host="a"), spec(host="b"), spec(cls="nginx", host="b"), spec(host="b")),
        (spec(cls="nginx", old="x"), spec(), spec(cls="nginx"), spec(old=None)),
        (
            metadata(labels={"by": "policy", "old": "x"}),
            metadata(labels={"team": "a"}),
            metadata(labels={"by": "policy", "team": "a"}),
            metadata(labels={"old": None, "team": "a"}),
        ),
        (
            containers(PROXY, MAIN),
            containers(MAIN_2),
            containers(MAIN_2, PROXY),
            containers(PROXY, MAIN_2),
        ),
        (
            containers(LIMITED),
            containers(MAIN_2),
            containers({**LIMITED, "image": "a:2"}),
            containers({**LIMITED, "image": "a:2"}),
        ),
        (containers(PROXY, MAIN), containers(MAIN), containers(MAIN), containers(MAIN)),
        (containers(MAIN), containers(MAIN, PROXY), containers(MAIN, PROXY), containers(MAIN, PROXY)),
        (spec(args=["-a", "-i"]), spec(args=["-b"]), spec(args=["-b", "-i"]), spec(args=["-b", "-i"])),
        (
            spec(rules=[{"host": "a", "kind": "x"}]),
            spec(rules=[{"host": "b"}]),
            spec(rules=[{"host": "b", "kind": "x"}]),
            spec(rules=[{"host": "b", "kind": "x"}]),
        ),
        (spec(map={"a": 1, "by": 2, "old": 3}), spec(), spec(map={"by": 2}), spec(map={"a": None, "old": None})),
        (spec(map={"old": 3}), spec(), spec(), spec(map=None)),
        (spec(map={"old": 3}), spec(), spec(map={"new": 1}), spec(map=None)),
        (spec(), spec(podSelector={}), spec(podSelector={}), spec(podSelector={})),
        (spec(kind="x"), spec(kind=["x"]), spec(kind=["x"]), spec(kind=["x"])),
        (spec(cpu="2"), spec(cpu="1000m"), spec(cpu="1"), spec(cpu="1000m")),
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_only_the_change_is_written_and_nothing_that_admission_would_add_again_is_taken_away(
    live, desired, answer, patch, keep
):
    assert judged(live, desired, answer, keep=keep).patch == patch


@pytest.mark.parametrize(
    ("live", "desired", "answer", "reset"),
    [
        (spec(cls="traefik"), spec(), spec(cls="nginx"), spec(cls=None)),
        (containers(PROXY, MAIN), containers(MAIN), containers(MAIN, PROXY_2), containers(MAIN)),
        (
            metadata(annotations={"at": "1"}),
            metadata(),
            metadata(annotations={"at": "2"}),
            metadata(annotations={"at": None}),
        ),
    ],
)
def test_what_admission_would_give_another_value_is_kept_or_taken_away_as_one_asks(live, desired, answer, reset):
    assert judged(live, desired, answer).patch == {}
    assert judged(live, desired, answer, keep=False).patch == reset


# What the target allocates anew is no word of it


PORT = {"port": 80, "nodePort": 30080}


@pytest.mark.parametrize(
    ("live", "desired", "answer", "patch"),
    [
        # headless, and to have an address
        (spec(clusterIP="None"), spec(), spec(clusterIP="10.0.0.9"), spec(clusterIP=None)),
        (spec(type="NodePort", ports=[PORT]), spec(type="NodePort", ports=[{"port": 80}], a=1), spec(a=1), spec(a=1)),
        (
            spec(type="NodePort", ports=[{**PORT, "by": "policy"}]),
            spec(type="NodePort", ports=[{"port": 80}]),
            spec(type="NodePort", ports=[{"port": 80, "nodePort": 31111, "by": "policy"}]),
            {},
        ),
        (
            spec(type="NodePort", ports=[PORT]),
            spec(type="NodePort", ports=[{"port": 80, "nodePort": 30090}]),
            spec(type="NodePort", ports=[{"port": 80, "nodePort": 30090}]),
            spec(ports=[{"port": 80, "nodePort": 30090}]),
        ),
        (
            spec(type="LoadBalancer", ports=[PORT]),
            spec(type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=[{"port": 80}]),
            spec(type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=[{"port": 80}]),
            spec(allocateLoadBalancerNodePorts=False, ports=[{"port": 80}]),
        ),
    ],
)
def test_an_address_or_a_port_that_nobody_asked_for_is_not_kept(live, desired, answer, patch):
    assert judged(live, desired, answer, "services").patch == patch


# What would arrive on a new object


@pytest.mark.parametrize(
    ("live", "desired", "answer", "arriving"),
    [
        (spec(a=1, b=1), spec(a=2, b=2), spec(a=2, b=1), ("spec.a",)),
        (spec(image="x"), spec(image="a"), spec(image="mirror/a"), ()),
        (spec(a=1), spec(), spec(), ("spec.a",)),
        (spec(a={"b": 1}), spec(a={"b": 2}), spec(a={"b": 2}), ("spec.a.b",)),
        (containers(MAIN), containers(MAIN_2), containers(MAIN_2), ("spec.containers",)),
        (containers(MAIN), containers(MAIN_2), containers({**MAIN_2, "by": "policy"}), ()),
        (metadata(labels={"a": "1"}), metadata(labels={"a": "2"}), metadata(labels={"a": "2"}), ()),
        ({"data": {"a/b": "1"}}, {"data": {"a/b": "2"}}, {"data": {"a/b": "2"}}, ("data[a/b]",)),
    ],
)
def test_fields_that_a_new_object_would_have_as_the_backup_says(live, desired, answer, arriving):
    assert judged(live, desired, answer).arriving == arriving


def test_a_headless_service_that_is_to_have_an_address_would_get_one_when_it_is_new():
    live = spec(clusterIP="None", clusterIPs=["None"])
    answer = spec(clusterIP="10.0.0.9", clusterIPs=["10.0.0.9"])
    assert judged(live, spec(), answer, "services").arriving == ("spec.clusterIP", "spec.clusterIPs")


def test_a_null_of_a_custom_resource_is_a_value_here_too():
    live, desired = spec(a=1, by="policy"), spec(a=None)
    found = judged(live, desired, spec(a=None, by="policy"), WIDGETS)
    assert found == Admitted(spec(a=NULL), ("spec.a",))


# Whether anything goes


@pytest.mark.parametrize(
    ("live", "desired", "goes"),
    [
        (spec(a=1), spec(a=2), False),
        (spec(a=1), spec(a=1, b=2), False),
        (spec(a=1, b=2), spec(a=1), True),
        (spec(a={"b": 1, "c": 1}), spec(a={"b": 2}), True),
        (spec(a={"b": 1}), spec(a="b"), False),
        (metadata(labels={"a": "b"}), metadata(labels={"a": "c"}), False),
        (metadata(labels={"a": "b"}), metadata(), True),
        (containers(MAIN), containers(MAIN_2), False),
        (containers(MAIN), containers(MAIN_2, PROXY), False),
        (containers(MAIN, PROXY), containers(MAIN), True),
        (containers(MAIN), containers(PROXY), True),
        (containers(LIMITED), containers(MAIN), True),
        (spec(args=["-a"]), spec(args=["-b"]), False),
        (spec(args=["-a", "-b"]), spec(args=["-a"]), True),
        (spec(rules=[{"host": "a", "kind": "x"}]), spec(rules=[{"host": "b"}]), True),
    ],
)
def test_a_patch_that_takes_something_away_is_known(live, desired, goes):
    assert removes(compare("ingresses.networking.k8s.io", live, desired)) is goes


# Whatever the bodies are

LEAVES = st.sampled_from([None, True, 0, 1, "", "x", "main"])
NAMES = st.sampled_from(["a", "b", "name", "ports", "nodePort", "port", "containers"])
NONSENSE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
BODIES = st.fixed_dictionaries({"spec": NONSENSE, "metadata": st.just({})})
RESOURCES = st.sampled_from(["services", "pods", WIDGETS])


@settings(max_examples=150)
@given(RESOURCES, BODIES, BODIES, BODIES)
def test_malformed_bodies_are_tolerated_and_never_edited(resource, live, desired, answer):
    kept = copy.deepcopy((live, desired, answer))
    for keep in (True, False):
        judged(live, desired, answer, resource, keep)
    assert (live, desired, answer) == kept


@settings(max_examples=150)
@given(BODIES, BODIES)
def test_a_new_object_that_would_be_the_live_one_leaves_nothing_to_write(live, desired):
    assert judged(live, desired, live, WIDGETS) == Admitted({}, ())


@settings(max_examples=150)
@given(BODIES, BODIES)
def test_a_new_object_that_would_be_as_the_backup_says_leaves_the_patch_as_it_is(live, desired):
    comparison = compare(WIDGETS, live, desired)
    found = admitted(WIDGETS, comparison, desired, desired)
    mine = strip(live, WIDGETS)
    assert diff(apply(mine, found.patch), apply(mine, comparison.patch)) == {}


def test_of_very_long_lists_nothing_is_known_to_be_kept_and_no_time_is_spent_on_them():
    """Each beside each other one, this many would take hours."""
    live, desired, answer = (
        {"args": [f"{who}-{number}" for number in range(count)]}
        for who, count in (("live", 100_000), ("desired", 100_001), ("answer", 100_002))
    )
    found = judged({"spec": live}, {"spec": desired}, {"spec": answer})
    assert found.patch == {"spec": desired}
