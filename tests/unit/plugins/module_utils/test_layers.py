# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house holds: arrows go down, the writers are known, files and functions stay small.

That nothing else is stored while a restore runs is shown on a real API server, in tests/cluster/test_writers.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import ansible_collections.standby.velero.plugins.module_utils._values as values
import pytest

ROOT = Path(values.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py")
PLUGINS = sorted(path for path in ROOT.parent.rglob("*.py") if path.name != "__init__.py")
MODULES = sorted((ROOT.parent / "modules").glob("*.py"))

ROOMS: dict[str, str] = {
    # the ground
    "_prune_words": "",
    "_waking_words": "",
    "_vocabulary": "_prune_words _waking_words",
    "_values": "_vocabulary",
    "_errors": "",
    "_kinds": "_values",
    "_text": "",
    "_deaf": "",
    "_unstructured": "_values",
    "_merge_patch": "_values",
    "_keyed_digest": "",
    "_progress": "_text _deaf",
    "_fault": "_errors",
    "_memory": "",
    "_json_text": "",
    "_stopping": "_vocabulary _errors",
    "_listener": "_deaf",
    "_python": "",
    "_version": "",
    "_kubernetes_core": "",
    # the rooms, in the order of the data
    "_match": "_values _errors _kinds _unstructured",
    "_cluster": "_deaf _fault _values _errors _kinds _memory _text _unstructured _stopping _kubernetes_core",
    "_source": "_values _errors _memory _text _cluster",
    "_backup": "_values _errors _kinds _memory _json_text _text _source",
    "_select": "_vocabulary _values _errors _kinds _unstructured _match",
    "_hold": "_waking_words _vocabulary _values _kinds _unstructured _merge_patch _match _select",
    "_prepare": "_values _errors _kinds _memory _unstructured _match",
    "_modify": "_values _errors _unstructured _merge_patch _match",
    "_compare": "_values _errors _kinds _unstructured _merge_patch _match _hold _prepare _modify",
    "_inventory": "_prune_words _vocabulary _values _errors _kinds _unstructured _memory _keyed_digest",
    "_decide": "_prune_words _vocabulary _values _errors _kinds _text _unstructured _merge_patch _keyed_digest _match"
    " _select _prepare _inventory",
    "_readiness": "_vocabulary _values _errors _kinds _text _unstructured _cluster _prepare _decide",
    "_options": "_values _errors _kinds _unstructured _keyed_digest _match _source _select _hold _prepare _modify"
    " _compare _decide _readiness _kubernetes_core",
    "_module": "_kubernetes_core _memory _options",
    "_plan": "_prune_words _waking_words _vocabulary _values _errors _kinds _text _unstructured _keyed_digest _progress"
    " _match _cluster _backup _select _hold _prepare _compare _inventory _decide _options",
    "_records": "_vocabulary _values _errors _kinds _text _unstructured _keyed_digest _cluster _inventory _deaf",
    "_apply": "_prune_words _waking_words _vocabulary _values _errors _kinds _memory _unstructured _merge_patch"
    " _progress _fault _deaf _stopping _cluster _hold _prepare _compare _inventory _decide _records",
    "_report": "_prune_words _vocabulary _values _errors _kinds _text _unstructured _merge_patch"
    " _fault _source _backup _hold _compare _inventory _decide _readiness _plan",
    "_views": "_vocabulary _values _errors _json_text _text _unstructured _report",
    "_sync": "_vocabulary _text _source _options",
    "_flows": "_vocabulary _values _errors _kinds _unstructured _progress _fault _stopping _cluster _source _backup"
    " _hold _inventory _decide _readiness _options _plan _records _apply _report _views _version",
}
"""Room, or file of the ground -> what it imports, all of it and nothing else; arrows point up in this table only."""

CLIENT_LIBRARIES = {"kubernetes", "urllib3"}
STORE_LIBRARY = "obstore"
WRITES = {"create", "patch", "delete"}
WRITERS = (
    "_apply/api_services.py",
    "_apply/executor.py",
    "_apply/workloads.py",
    "_records/",
    "_source/download_request.py",
)
"""Who calls these of a client."""

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 45
MOST_LINES_OF_MAIN = 25
MOST_NESTING = 3
EDGES = ("main", "_ended")
"""Of a module: `_ended` is where a fault becomes a message, so that none is pending when `main` ends the module."""
SHIELD = "shielded"
"""In _fault.py: where a fault becomes a sentence after the first write, so that no result is lost for it."""
DOCUMENTED = ("DOCUMENTATION", "EXAMPLES", "RETURN")
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT.parent).as_posix()).removeprefix("module_utils/")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Rooms of ours, and top-level names of others."""
    depth = len(path.relative_to(ROOT).parts)
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            found |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


def calls_of(path: Path) -> set[tuple[str, str]]:
    """(receiver, method) of every call of a method."""
    calls = (node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
    return {(ast.unparse(call.value), call.attr) for call in calls if isinstance(call, ast.Attribute)}


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef))


def lines_of(function: ast.FunctionDef) -> int:
    return function.end_lineno - function.lineno + 1


def nesting_of(node: ast.AST) -> int:
    """Blocks within one another; an elif is beside its if, a function within stands for itself."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, nesting_of(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest


def test_the_table_has_every_room():
    assert sorted(ROOMS) == sorted({room_of(path) for path in FILES})


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_just_what_the_table_says(room):
    imported = set().union(*(imports_of(path) for path in FILES if room_of(path) == room))
    assert sorted(imported & ROOMS.keys() - {room}) == sorted(ROOMS[room].split())


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_go_down(room):
    order = list(ROOMS)
    assert set(ROOMS[room].split()) <= set(order[: order.index(room)])


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_the_cluster_room_imports_the_client_library(path):
    assert room_of(path) == "_cluster" or not imports_of(path) & CLIENT_LIBRARIES


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_a_bucket_imports_the_store_library_and_late(path):
    early = {alias.name for node in tree_of(path).body if isinstance(node, ast.Import) for alias in node.names}
    assert STORE_LIBRARY not in early
    assert ids(path) == "_source/store.py" or STORE_LIBRARY not in imports_of(path)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_the_known_writers_call_what_a_client_writes_with(path):
    calls = {method for receiver, method in calls_of(path) if receiver.endswith("client")}
    assert ids(path).startswith(WRITERS) or not calls & WRITES


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_the_client_sends(path):
    sends = [receiver for receiver, method in calls_of(path) if method == "send"]
    assert ids(path) == "_cluster/client.py" or not sends


def test_the_known_writers_write():
    writing = {method for path in FILES for receiver, method in calls_of(path) if receiver.endswith("client")}
    assert writing >= WRITES


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_a_file_is_no_longer_than_can_be_read_at_once(path):
    """The documentation of a module apart."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) - documentation_of(path) <= MOST_LINES


def documentation_of(path: Path) -> int:
    """Lines of DOCUMENTATION, EXAMPLES and RETURN."""
    texts = (node for node in tree_of(path).body if isinstance(node, ast.Assign) and path in MODULES)
    return sum(node.end_lineno - node.lineno + 1 for node in texts if ast.unparse(node.targets[0]) in DOCUMENTED)


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_functions_stay_small(path):
    assert not [node.name for node in functions_of(path) if lines_of(node) > MOST_LINES_OF_A_FUNCTION]


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_the_main_of_a_module_only_hands_over(path):
    assert [lines_of(node) <= MOST_LINES_OF_MAIN for node in functions_of(path) if node.name == "main"] == [True]


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_functions_stay_flat(path):
    assert not [node.name for node in functions_of(path) if nesting_of(node) > MOST_NESTING]


@pytest.mark.parametrize(
    ("body", "nesting"),
    [
        ("pass", 0),
        ("if a: pass\nelif b: pass\nelse: pass", 1),
        ("if a: pass\nelse:\n  if b: pass\n  c()", 2),
        ("for a in b:\n  try:\n    c()\n  except D:\n    if e: raise", 3),
        ("with a:\n  def b():\n    if c: pass", 1),
    ],
)
def test_how_nesting_is_counted(body, nesting):
    assert nesting_of(ast.parse(body)) == nesting


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_no_assert(path):
    assert not [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assert)]


@pytest.mark.parametrize("path", PLUGINS, ids=ids)
def test_no_broad_except_but_at_the_edge(path):
    """In a module's main: an unexpected text could hold a value of some object."""
    main = {id(node) for function in functions_of(path) if is_edge(path, function) for node in ast.walk(function)}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler) and id(node) not in main:
            assert node.type is not None
            assert not {"Exception", "BaseException"} & caught(node.type)


def is_edge(path: Path, function: ast.FunctionDef) -> bool:
    return (path in MODULES and function.name in EDGES) or (path.name, function.name) == ("_fault.py", SHIELD)


def caught(types: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(types) if isinstance(node, ast.Name)}
