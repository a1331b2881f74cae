# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A field that is the target's altogether, through maps and lists, its absence too."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.copy_live import copied_live, may_enter_list
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import same
from hypothesis import given, settings
from hypothesis import strategies as st

WEB, PROXY, DB = {"name": "web", "image": "w:1"}, {"name": "proxy", "image": "p:1"}, {"name": "db", "image": "d:1"}
WEB_2 = {"name": "web", "image": "w:2"}

# path, live, desired, and what is taken
MAPS: list[Any] = [
    (("a",), {"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
    (("a",), {"a": 1}, {"b": 3}, {"a": 1, "b": 3}),
    (("a",), {}, {"a": 2, "b": 3}, {"b": 3}),
    (("a",), {"a": None}, {"a": 2, "b": 3}, {"b": 3}),
    (("a",), {"a": False}, {"a": 2}, {"a": False}),
    (("a",), {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1}}),  # a whole map
    (("a", "x"), {"a": {"x": 1}}, {"a": {"x": 2, "y": 2}}, {"a": {"x": 1, "y": 2}}),
    (("a", "x"), {"a": {"x": 1, "z": 3}}, {"b": 3}, {"a": {"x": 1}, "b": 3}),  # the map comes with it
    (("a", "x"), {"a": {}}, {"a": {"x": 2}}, {"a": {}}),
    (("a", "x"), {}, {"a": {"x": 2}, "b": 3}, {"b": 3}),  # no map is made that the target lacks
    (("a", "x"), {}, {"a": {"x": 2, "y": 2}}, {"a": {"y": 2}}),
    (("a", "x", "y"), {"a": {}}, {"a": {"x": {"y": 1}}}, {"a": {}}),
    (("a", "x"), {}, {"a": {}}, {"a": {}}),  # what was empty in the backup is
    (("a", "x"), {}, {"b": 3}, {"b": 3}),
    (("a", "x"), {"a": "text"}, {"a": {"x": 2, "y": 2}}, {"a": {"y": 2}}),
    (("a", "x"), {"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
    (("example.org/seen",), {"example.org/seen": "t"}, {}, {"example.org/seen": "t"}),
    (("",), {"": 1}, {"": 2}, {"": 1}),
    (("0",), {"0": 1}, {"0": 2}, {"0": 1}),  # a number is a name in a map
    (("name=web",), {"name=web": 1}, {}, {"name=web": 1}),
]

LISTS: list[Any] = [
    # by place
    (("0", "image"), [WEB], [WEB_2], [WEB]),
    (("1", "image"), [PROXY, WEB], [DB, WEB_2, DB], [DB, WEB, DB]),
    (("1", "image"), [WEB], [WEB_2, DB], [WEB_2, DB]),  # the element is new
    (("1", "image"), [WEB, DB], [WEB_2], [WEB_2]),  # and here it goes
    (("0", "image"), [{"name": "web"}], [WEB_2], [{"name": "web"}]),
    (("0",), [WEB, DB], [WEB_2], [WEB]),
    (("1",), ["a", "b"], ["c"], ["c"]),
    (("1",), ["a"], ["c", "d"], ["c", "d"]),
    (("0",), [], ["c"], ["c"]),
    (("0",), [None], ["c"], ["c"]),
    (("01",), ["a", "b"], ["c", "d"], ["c", "d"]),  # no place in RFC 6901
    (("-1",), ["a"], ["c"], ["c"]),
    (("-",), ["a", "b"], ["c"], ["c"]),  # behind the last, where nothing is
    (("99999999999999999999",), ["a"], ["c"], ["c"]),
    # by name
    (("name=web", "image"), [PROXY, WEB], [WEB_2, DB], [WEB, DB]),
    (("name=web", "image"), [PROXY], [WEB_2], [WEB_2]),
    (("name=web", "image"), [WEB], [DB], [DB]),
    (("name=web", "image"), [WEB], None, None),
    (("name=proxy",), [PROXY, WEB], [WEB_2], [PROXY, WEB_2]),  # a sidecar of the target's
    (("name=proxy",), [WEB, PROXY], [WEB_2], [WEB_2, PROXY]),
    (("name=proxy",), [WEB, DB, PROXY], [WEB_2], [WEB_2, PROXY]),
    (("name=proxy",), [WEB], [WEB_2, PROXY, DB], [WEB_2, DB]),
    (("name=proxy",), [WEB], [PROXY], []),
    (("name=proxy",), [PROXY], None, [PROXY]),
    (("name=proxy",), [PROXY], [{**PROXY, "image": "p:2"}, WEB], [PROXY, WEB]),
    (("port=80", "nodePort"), [{"port": 80, "nodePort": 1}], [{"port": 80}], [{"port": 80, "nodePort": 1}]),
    (("port=80", "nodePort"), [{"port": 80}], [{"port": 80, "nodePort": 1}], [{"port": 80}]),
    (("port=1", "x"), [{"port": True, "x": 1}], [{"port": True, "x": 2}], [{"port": True, "x": 2}]),
    (("name=a=b", "x"), [{"name": "a=b", "x": 1}], [{"name": "a=b", "x": 2}], [{"name": "a=b", "x": 1}]),
    (("name=web", "image"), ["web", None, WEB], [3, WEB_2], [3, WEB]),
    (("name", "image"), [WEB], [WEB_2], [WEB_2]),
]


@pytest.mark.parametrize(("path", "live", "desired", "result"), MAPS)
def test_in_maps(path: Any, live: Any, desired: Any, result: Any) -> None:
    kept = copy.deepcopy((live, desired))
    assert copied_live(live, desired, path) == result
    assert (live, desired) == kept, "an input was edited"


@pytest.mark.parametrize(("path", "live", "desired", "result"), LISTS)
def test_in_lists(path: Any, live: Any, desired: Any, result: Any) -> None:
    given_live, given_desired = {"list": live}, {} if desired is None else {"list": desired}
    kept = copy.deepcopy((given_live, given_desired))
    assert copied_live(given_live, given_desired, ("list", *path)) == ({} if result is None else {"list": result})
    assert (given_live, given_desired) == kept, "an input was edited"


def test_a_list_that_the_target_lacks_is_not_left_empty() -> None:
    assert copied_live({}, {"list": [PROXY]}, ("list", "name=proxy")) == {}
    assert copied_live({}, {"list": [PROXY, WEB]}, ("list", "name=proxy")) == {"list": [WEB]}


@pytest.mark.parametrize(
    ("path", "may"), [(("spec", "replicas"), False), (("a", "0"), True), (("a", "k=v"), True), (("a", "-"), False)]
)
def test_which_paths_may_enter_a_list(path: Any, may: bool) -> None:
    assert may_enter_list(path) is may


STEPS = st.sampled_from(["a", "b", "name", "0", "1", "name=a", "name=b"])
PATHS = st.lists(STEPS, min_size=1, max_size=4).map(tuple)
VALUES = st.recursive(
    st.sampled_from([True, 0, 1, "", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "name", "0"]), inner),
    max_leaves=15,
)
BODIES = st.dictionaries(st.sampled_from(["a", "b", "name", "0"]), VALUES)


@settings(max_examples=150)
@given(PATHS, BODIES, BODIES)
def test_a_second_time_changes_nothing(path: Any, live: Any, desired: Any) -> None:
    once = copied_live(live, desired, path)
    assert copied_live(live, once, path) is once or same(copied_live(live, once, path), once)


@settings(max_examples=150)
@given(PATHS, BODIES, BODIES)
def test_what_was_written_so_is_taken_so_again(path: Any, live: Any, desired: Any) -> None:
    written = copied_live(live, desired, path)
    assert same(copied_live(written, desired, path), written), "a second run would write again"


@settings(max_examples=100)
@given(PATHS, BODIES)
def test_an_equal_body_stays_equal(path: Any, body: Any) -> None:
    assert same(copied_live(body, copy.deepcopy(body), path), body)
