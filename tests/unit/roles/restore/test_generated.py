# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated files say what the module's documentation and the code say: whoever changes that runs `make generate`."""

from __future__ import annotations

from pathlib import Path

import generate
import pytest


@pytest.fixture(scope="module")
def files() -> dict[Path, str]:
    return generate.generated()


def test_no_generated_file_is_stale(files: dict[Path, str]) -> None:
    stale = [str(path) for path in generate.stale(files)]
    assert stale == [], f"the module's documentation says otherwise; run `{generate.COMMAND}` and commit what it writes"


def test_the_role_the_rooms_of_the_house_and_the_codes_are_generated(files: dict[Path, str]) -> None:
    made = {"README.md", "defaults/main.yml", "meta/argument_specs.yml", "tasks/find.yml", "tasks/main.yml"}
    made |= {"tasks/namespace.yml", "tasks/workloads.yml"}
    pages = {"docs/architecture.md", "docs/troubleshooting.md"}
    awx = {str(path) for path in files if path.is_relative_to("extensions/awx/aap_configuration")}
    assert {str(path) for path in files} == pages | awx | {f"roles/restore/{name}" for name in made}


def test_each_generated_file_names_the_command_that_makes_it(files: dict[Path, str]) -> None:
    assert [path for path, text in files.items() if f"`{generate.COMMAND}`" not in text] == []
