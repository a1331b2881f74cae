"""The house holds: arrows go one way, one room writes, one file knows every room."""

from __future__ import annotations

import ast
from pathlib import Path

import ansible_collections.standby.velero.plugins.module_utils._values as values
import pytest

ROOT = Path(values.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py")

# A room may import itself and those to the left of it.
ROOMS = [
    "_values",
    "_errors",
    "_backup",
    "_select",
    "_prepare",
    "_modify",
    "_cluster",
    "_compare",
    "_decide",
    "_state",
    "_delta",
    "_apply",
    "_report",
]
ALLOWED = {
    "_values": set(),
    "_errors": set(),
    "_shapes": {"_values"},
    "_merge_patch": {"_values"},
    "_backup": {"_values", "_errors"},
    "_select": {"_values", "_errors", "_shapes"},
    "_prepare": {"_values", "_errors", "_shapes", "_select"},
    "_modify": {"_values", "_errors", "_shapes", "_merge_patch", "_select"},
    "_cluster": {"_values", "_errors"},
    "_compare": {"_values", "_errors", "_shapes", "_merge_patch", "_select", "_modify"},
    "_decide": {"_values", "_errors", "_shapes", "_select"},
    "_state": {"_values", "_errors"},
    "_delta": {"_values", "_shapes", "_select", "_prepare", "_decide"},
    "_apply": {
        "_values",
        "_errors",
        "_results",
        "_merge_patch",
        "_prepare",
        "_cluster",
        "_compare",
        "_decide",
        "_state",
    },
    "_report": {"_values", "_errors", "_shapes", "_merge_patch", "_compare", "_decide", "_delta"},
    "_guards": {"_values"},
    "_options": {
        "_values",
        "_errors",
        "_backup",
        "_select",
        "_prepare",
        "_modify",
        "_compare",
        "_decide",
        "_delta",
        "_guards",
    },
    "_results": {"_values"},
    "_desired": {"_values", "_errors", "_select", "_prepare", "_modify"},
    "_landing": {"_values", "_errors", "_results", "_select", "_prepare", "_desired"},
    "_source": {"_values", "_errors", "_backup", "_select", "_desired", "_landing", "_options"},
    "_owing": {"_values", "_decide", "_delta", "_options"},
    "_left_over": {"_values", "_errors", "_cluster", "_delta", "_plan"},
    "_plan": {"_values", "_errors", "_results", "_cluster", "_compare", "_decide"},
}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Rooms of ours, and top-level names of others."""
    depth = len(path.relative_to(ROOT).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            found |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_room_imports_only_the_rooms_before_it(path):
    room = room_of(path)
    ours = {name for name in imports_of(path) if (ROOT / name).exists() or (ROOT / f"{name}.py").exists()}
    if room != "_flow":
        assert ours - {room} <= ALLOWED[room]


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_only_the_cluster_room_imports_the_client_library(path):
    if room_of(path) != "_cluster":
        assert not imports_of(path) & {"kubernetes", "urllib3"}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_only_the_apply_room_writes_to_a_cluster(path):
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).endswith("client")
    }
    if room_of(path) != "_apply":
        assert not calls & {"create", "patch", "delete"}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_no_broad_except_and_no_assert(path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Assert)
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert "Exception" not in ast.unparse(node.type).split(".")


def test_only_the_flow_knows_every_room():
    """Others it reaches through these: the modifying one, say, through what is desired."""
    rooms = {
        "_backup",
        "_select",
        "_prepare",
        "_cluster",
        "_compare",
        "_decide",
        "_state",
        "_delta",
        "_apply",
        "_report",
    }
    knowing = [ids(path) for path in MODULES if rooms <= imports_of(path)]
    assert knowing == ["_flow.py"]


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_functions_stay_small(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, node.name
