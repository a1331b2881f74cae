# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python of a machine is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import pythons
import sanity
import yaml

ROOT = Path(__file__).parents[3]


def machine(tmp_path, monkeypatch, **said):
    """Each program and what it answers when it is asked for its version; those in pyenv lie below `versions`."""
    for place, answer in said.items():
        path = tmp_path / place.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{answer}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({"bin__python3_12": "echo 3.12"}, "bin/python3.12"),
        ({"bin__python3_12": "echo 3.12", "bin__python3_13": "echo 3.13"}, "bin/python3.13"),
        (
            {"bin__python3_13": "exit 127", "versions__3_13_0__bin__python3_13": "echo 3.13"},
            "versions/3.13.0/bin/python3.13",
        ),
        ({"bin__python3_13": "exit 1", "bin__python3_12": "echo 3.12"}, "bin/python3.12"),
    ],
    ids=[
        "the only one",
        "the first wish",
        "a stand-in of pyenv leads to the real one",
        "one without venv is passed over",
    ],
)
def test_the_first_that_can_make_environments_is_taken(tmp_path, monkeypatch, said, taken):
    machine(tmp_path, monkeypatch, **said)
    assert pythons.found(("3.13", "3.12")) == tmp_path / taken


def test_where_there_is_none_it_says_what_it_looked_at(tmp_path, monkeypatch):
    machine(tmp_path, monkeypatch, bin__python3_12="echo 3.11")
    with pytest.raises(SystemExit, match=r"no Python 3\.13 or 3\.12 with venv.*bin/python3\.12"):
        pythons.found(("3.13", "3.12"))


def test_sanity_begins_with_the_oldest_ansible_core_that_is_promised():
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    (cores,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("ANSIBLE_CORES :=")]
    named = cores.removeprefix("ANSIBLE_CORES :=").split()
    assert runtime["requires_ansible"] == f">={named[0]}.0"
    assert named == list(sanity.PYTHONS)
