# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON patches of a rule: how values are typed, what each operation does, what a missing path means."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.standby.velero.plugins.module_utils._modify.json_patch import (
    JsonPatch,
    Operation,
    parts_of,
    typed,
)
from ansible_collections.standby.velero.plugins.module_utils._modify.modifiers import no_schemas
from ansible_collections.standby.velero.plugins.module_utils._modify.patch import PatchError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("null", None),
        ("Null", "Null"),
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("3", 3),
        ("-3", -3),
        ("1.5", 1.5),
        ("2.0", 2),
        ("1e3", 1000),
        ("1e999", "1e999"),  # out of Go's range: a string
        ("0x10", "0x10"),
        ("1.2.3", "1.2.3"),
        (" 3", " 3"),
        ("10Gi", "10Gi"),
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("[]", []),
        ('"true"', "true"),
        ('"3"', "3"),
        ('"null"', "null"),
        ('"{}"', "{}"),
        ('""', ""),
        ('"', ""),
        ("plain", "plain"),
        ("line\\nline", "line\nline"),  # what is escaped in the text is escaped in JSON
        ("say \\\"hi\\\"", 'say "hi"'),
    ],
)  # fmt: skip
def test_a_value_is_typed_by_its_look(text, value):
    assert typed(text) == value
    assert type(typed(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["True", "FALSE", "+1", ".5", "5.", "05", "1_000", "NaN", "inf", "-Infinity", "0x1p4", "{", "{a: 1}", "[1,]",
     'say "hi"', "two\nlines", "C:\\dir", '[NaN]', '{"a": 1, "a": 2}'],
)  # fmt: skip
def test_a_value_that_velero_makes_broken_json_of_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        typed(text)


@pytest.mark.parametrize(
    "text", ["1" * 10_000 + "x", "1_" * 10_000 + "x", "." + "1" * 10_000 + "x", "0x" + "_" * 10_000 + "x"]
)
def test_a_long_text_that_begins_as_a_number_is_a_text_and_takes_no_time(text):
    assert typed(text) == text


@given(st.text())
def test_no_text_breaks_the_typing(text):
    try:
        typed(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("pointer", "parts"),
    [("/spec/a", ("spec", "a")), ("/metadata/labels/a~1b~0c", ("metadata", "labels", "a/b~c")), ("/", ("",))],
)
def test_a_pointer_is_parted(pointer, parts):
    assert parts_of(pointer) == parts


@pytest.mark.parametrize("pointer", ["spec", "spec/a", "/a~2b", "/a~"])
def test_a_pointer_that_is_none_is_refused(pointer):
    with pytest.raises(ValueError, match=r"."):
        parts_of(pointer)


def operation(name, pointer, value=None, source=""):
    return Operation(name, parts_of(pointer), pointer, parts_of(source) if source else (), value)


BODY = {"spec": {"replicas": 3, "list": [1, 2, 3], "none": None, "map": {"a/b": "x"}}, "text": "abc"}


def changed(**spec):
    """The body with these in its spec; None is for what is gone."""
    merged = {**BODY["spec"], **spec}
    return {**BODY, "spec": {name: value for name, value in merged.items() if name == "none" or value is not None}}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([("replace", "/spec/replicas", 0)], changed(replicas=0)),
        ([("add", "/spec/new", {"a": 1})], changed(new={"a": 1})),
        ([("add", "/spec/replicas", 1)], changed(replicas=1)),
        ([("remove", "/spec/replicas")], changed(replicas=None)),
        ([("remove", "/spec/map/a~1b")], changed(map={})),
        ([("add", "/spec/list/1", 9)], changed(list=[1, 9, 2, 3])),
        ([("add", "/spec/list/3", 9)], changed(list=[1, 2, 3, 9])),
        ([("add", "/spec/list/-", 9)], changed(list=[1, 2, 3, 9])),
        ([("add", "/spec/list/-1", 9)], changed(list=[1, 2, 3, 9])),
        ([("add", "/spec/list/-2", 9)], changed(list=[1, 2, 9, 3])),
        ([("remove", "/spec/list/-1")], changed(list=[1, 2])),
        ([("replace", "/spec/list/0", 9)], changed(list=[9, 2, 3])),
        ([("copy", "/spec/copy", None, "/spec/map")], changed(copy={"a/b": "x"})),
        ([("move", "/spec/moved", None, "/spec/map")], changed(map=None, moved={"a/b": "x"})),
        ([("move", "/spec/list/2", None, "/spec/list/0")], changed(list=[2, 3, 1])),
        ([("move", "/spec/list", None, "/spec/list")], BODY),
        ([("copy", "/spec/copy", None, "/spec/map"), ("add", "/spec/copy/c", 1)],
         changed(copy={"a/b": "x", "c": 1})),
        ([("add", "/spec/new", {}), ("add", "/spec/new/a", 1)], changed(new={"a": 1})),
        # a test that holds lets the others be, one that fails leaves the object as it was
        ([("test", "/spec/replicas", 3), ("replace", "/spec/replicas", 0)], changed(replicas=0)),
        ([("replace", "/spec/replicas", 0), ("test", "/spec/list", [1])], BODY),
        ([("test", "/spec/replicas", "3"), ("replace", "/spec/replicas", 0)], BODY),
        ([("test", "/spec/replicas", True), ("replace", "/spec/replicas", 0)], BODY),
        ([("test", "/spec/none", None), ("replace", "/spec/replicas", 0)], changed(replicas=0)),
        ([("test", "/spec/gone", None), ("replace", "/spec/replicas", 0)], changed(replicas=0)),
        ([("test", "/spec/gone", 1), ("replace", "/spec/replicas", 0)], BODY),
    ],
)  # fmt: skip
def test_the_operations_change_a_copy(operations, result):
    before = copy.deepcopy(BODY)
    patch = JsonPatch(tuple(operation(*one) for one in operations))
    assert patch.apply(BODY, no_schemas) == result
    assert patch.apply(BODY, no_schemas) == result, "the rule itself is not changed either"
    assert before == BODY


@pytest.mark.parametrize(
    ("name", "pointer", "source"),
    [
        ("replace", "/spec/gone", ""),
        ("remove", "/spec/gone", ""),
        ("add", "/gone/a", ""),
        ("add", "/text/a", ""),
        ("add", "/text/0", ""),
        ("remove", "/text/0", ""),
        ("add", "/spec/none/a", ""),
        ("add", "/spec/list/4", ""),
        ("add", "/spec/list/-5", ""),
        ("add", "/spec/list/01", ""),
        ("add", "/spec/list/x", ""),
        ("add", "/spec/list/99999999999999999999", ""),
        ("remove", "/spec/list/-", ""),
        ("replace", "/spec/list/3", ""),
        ("test", "/gone/a", ""),
        ("test", "/spec/list/3", ""),
        ("copy", "/spec/new", "/spec/gone"),
        ("move", "/spec/new", "/spec/list/3"),
        ("move", "/spec/map/inner", "/spec/map"),
    ],
)
def test_a_path_that_is_not_there_is_an_error_that_names_it(name, pointer, source):
    with pytest.raises(PatchError, match=f"^{name} {pointer}: the object has no such path$"):
        JsonPatch((operation(name, pointer, 1, source),)).apply(BODY, no_schemas)


def test_copies_that_double_an_object_come_to_an_end():
    doubling = tuple(Operation("copy", ("data", f"x{number}"), f"/data/x{number}", ("data",)) for number in range(22))
    with pytest.raises(PatchError, match=r"^copy /data/x[0-9]+: the rule copies more than 3 MiB$"):
        JsonPatch(doubling).apply({"data": {"a": "b"}}, no_schemas)


def test_copies_of_what_an_object_may_hold_are_made():
    body = {"data": {"a": "b" * (1 << 20)}}
    twice = (Operation("copy", ("data", "b"), "/data/b", ("data", "a")),) * 2
    assert JsonPatch(twice).apply(body, no_schemas)["data"]["b"] == body["data"]["a"]
