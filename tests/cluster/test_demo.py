# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that the README offers beside the tests: they work, and the demo notices when it shows a failure."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_run", ROOT / "demo" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, timeout=600)


def test_the_demo_comes_out_as_promised() -> None:
    ended = run(str(ROOT / "demo" / "run.py"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.findall(r"standby-a .*changed=(\d+) .*failed=(\d+)", ended.stdout) == [
        ("1", "1"),
        ("1", "0"),
        ("0", "0"),
        ("1", "0"),
        ("0", "1"),
        ("1", "0"),
        ("1", "0"),
        ("0", "0"),
    ]
    page = Path(ended.stdout.split()[-1])
    assert page.name == "standby.html"
    assert page.exists()


def test_a_new_object_is_one_line_and_what_differs_is_shown_whole(demo: ModuleType) -> None:
    new = ["--- before: Pod shop/a\n", "+++ after: Pod shop/a\n", "@@ -0,0 +1,2 @@\n", "+kind: Pod\n", "+x: y\n", "\n"]
    other = ["--- before: Pod shop/b\n", "+++ after: Pod shop/b\n", "@@ -1 +1 @@\n", "-x: y\n", "+x: z\n", "\n"]
    coloured = [f"\x1b[32m{line[:-1]}\x1b[0m\n" for line in new]
    line = "+ Pod shop/a (2 lines)\n"
    assert list(demo.shortened([*new, *other, *coloured, *new, "ok\n"])) == [line, *other, line, line, "ok\n"]


def test_an_act_that_breaks_its_promise_ends_the_demo(demo: ModuleType) -> None:
    act = demo.Act("Act", "Says.", {"changed": False, "counts.failed": 0})
    demo.check(act, {"changed": False, "counts": {"failed": 0}})
    with pytest.raises(demo.Broken, match=re.escape("counts.failed is 1 and not 0")):
        demo.check(act, {"changed": False, "counts": {"failed": 1}})


def test_a_restore_that_fails_ends_the_demo(demo: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "ACTS", (demo.Act("Act", "Says.", {}, variables={"restore_max_backup_age": ""}),))
    assert demo.main() == 1


def test_the_benchmark_measures() -> None:
    ended = run(str(ROOT / "tests" / "bench" / "bench.py"), "--objects", "40", "--rounds", "1")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "first updated=4 relabelled=36; second unchanged=40" in ended.stdout
    assert re.search(r"second run +0 writes", ended.stdout)
