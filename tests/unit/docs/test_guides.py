# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides show can be used as it stands: links lead somewhere, options exist, modifiers compile."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from docs_site import headings

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "plugins/modules/velero_restore.py"
GUIDES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")])
TASK = "standby.velero.velero_restore"
VARIABLES = {name if name.startswith("restore_") else f"restore_{name}": name for name in ARGUMENT_SPEC}
"""Of the role, and the option that each is."""


def documentation(name: str) -> Any:
    """One of the module's texts."""
    tree = ast.parse(MODULE.read_text(encoding="utf-8"))
    texts = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return yaml.safe_load(texts[name])


def blocks(guide: Path) -> list[Any]:
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)]


def shown() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every set of options that the module's examples or a guide show, with where."""
    for task in documentation("EXAMPLES"):
        yield f"EXAMPLES: {task['name']}", task[TASK]
    for guide in GUIDES:
        for block in blocks(guide):
            if isinstance(block, list):
                yield from ((guide.name, task[TASK]) for task in block if TASK in task)
            elif isinstance(block, dict) and block.keys() <= ARGUMENT_SPEC.keys():
                yield guide.name, {"backup_file": "b.tar.gz", **block}
            elif isinstance(block, dict) and block.keys() <= VARIABLES.keys():
                yield guide.name, {"backup_file": "b.tar.gz", **{VARIABLES[name]: block[name] for name in block}}


SHOWN = list(shown())


@pytest.mark.parametrize("options", [options for _where, options in SHOWN], ids=[where for where, _options in SHOWN])
def test_options_that_are_shown_exist_and_can_be_meant_together(options):
    assert options.keys() <= ARGUMENT_SPEC.keys()
    text = {name: value for name, value in options.items() if "{{" not in str(value)}
    if "approved_plan" in options:  # the plan of another task, mostly
        text["approved_plan"] = "0" * 64
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    if "restore_status" in text:
        text["restore_status"] = {"included_resources": [], "excluded_resources": [], **text["restore_status"]}
    settings_of({**defaults, **text}, check_mode=False, diff_mode=False)


def test_claims_lose_the_names_of_their_volumes_by_the_rule_that_is_shown():
    (rules,) = [block for block in blocks(ROOT / "docs/volumes.md") if "resource_modifiers" in block]
    claim = {"kind": "PersistentVolumeClaim", "spec": {"volumeName": "pv-1", "accessModes": ["ReadWriteOnce"]}}
    modified = compile_modifiers(rules["resource_modifiers"]).apply("persistentvolumeclaims", "shop", claim)
    assert modified == {"kind": "PersistentVolumeClaim", "spec": {"accessModes": ["ReadWriteOnce"]}}


@pytest.mark.parametrize("guide", GUIDES, ids=[str(guide.relative_to(ROOT)) for guide in GUIDES])
def test_links_lead_to_files_and_headings_of_the_project(guide):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", guide.read_text(encoding="utf-8")):
        path, _hash, anchor = target.partition("#")
        page = guide.parent / path if path else guide
        assert page.exists(), target
        assert not anchor or anchor in headings(page.read_text(encoding="utf-8")), target


def test_the_site_has_every_guide_in_its_contents():
    contents = (ROOT / "docs/site/index.md").read_text(encoding="utf-8").splitlines()
    assert [guide.name for guide in ROOT.glob("docs/*.md") if guide.stem not in contents] == []


def test_the_first_commands_of_the_readme_are_those_of_the_first_ten_minutes_which_are_run():
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[1]
    guide = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
    commands = re.findall(r"ansible-playbook (?:[^`]*)", first)
    assert len(commands) == 2
    assert [command for command in commands if command not in guide] == []
