# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certification looks at beside ansible-test; run with the Python of an environment of requirements-certify.txt.

    certify.py <copy of the collection below ansible_collections/>

The importer of Galaxy and Automation Hub takes the tarball as a server would, which has no other collection: what it
cannot render there, nobody can read there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

IMPORTER = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
OFFLINE_ANSIBLE_LINT = True
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = True
"""
OPTIONAL = "obstore>=0.11"
PROGRAMS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}


def ran(*command: str | Path, at: Path, **variables: str) -> tuple[bool, str]:
    """Whether a program ends well, and all that it says."""
    env = {**ENVIRONMENT, **variables}
    done = subprocess.run(
        command, cwd=at, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode == 0, done.stdout


def imported(collection: Path) -> list[str]:
    """The importer's complaints, and the modules and roles that it could not render."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "importer.cfg").write_text(IMPORTER, encoding="utf-8")
        good, said = ran("ansible-galaxy", "collection", "build", "--output-path", at, at=collection)
        tarballs = list(at.glob("*.tar.gz"))
        if not good or len(tarballs) != 1:
            return [said]
        importer = (PROGRAMS / "python", "-m", "galaxy_importer.main", tarballs[0])
        good, said = ran(*importer, at=at, GALAXY_IMPORTER_CONFIG=str(at / "importer.cfg"))
        if not good:
            return [said]
        result = json.loads((at / "importer_result.json").read_text(encoding="utf-8"))
    return [*complaints(said), *unrendered(result, collection)]


def complaints(said: str) -> list[str]:
    """Lines that are no news of what goes on."""
    marks = ("WARNING", "ERROR", "CRITICAL", "violation")
    return [line for line in said.splitlines() if any(mark in line for mark in marks)]


def unrendered(result: dict[str, object], collection: Path) -> list[str]:
    """Each module of the folder has to have its documentation in what a server would show."""
    shown = json.loads(json.dumps(result["docs_blob"]))["contents"]
    rendered = {one["content_name"] for one in shown if one["content_type"] == "module" and one["doc_strings"]}
    modules = {path.stem for path in collection.glob("plugins/modules/*.py") if path.stem != "__init__"}
    return [f"the importer shows no documentation of module {name}" for name in sorted(modules - rendered)]


def documented(collection: Path) -> list[str]:
    """antsibull-docs finds links to what is not there, and markup that does not parse."""
    root = str(collection.parents[2])
    command = ("antsibull-docs", "lint-collection-docs", ".", "--plugin-docs", "--skip-rstcheck")
    good, said = ran(*command, at=collection, ANSIBLE_COLLECTIONS_PATH=root)
    return [] if good and not said.strip() else [said]


def tidy(collection: Path) -> list[str]:
    """YAML as .yamllint has it."""
    good, said = ran("yamllint", "--strict", ".", at=collection)
    return [] if good else [said]


def licensed(collection: Path) -> list[str]:
    """Each file says whose it is and under which licence; REUSE.toml says it for those that have no head."""
    good, said = ran("reuse", "lint", "--lines", at=collection)
    return [] if good else [said]


def built_upon(collection: Path) -> list[str]:
    """ansible-builder finds what an execution environment needs."""
    good, said = ran("ansible-builder", "introspect", collection.parents[2], at=collection)
    wanted = (collection / "requirements.txt").read_text(encoding="utf-8").split()
    missing = [name for name in wanted if f"{name}  # from collection standby.velero" not in said]
    return [] if good and not missing else [f"ansible-builder does not find {', '.join(missing) or 'anything'}:", said]


def described(collection: Path) -> list[str]:
    """The context that ansible-builder makes of the execution environment has just what the collection can use."""
    definition = collection / "docs" / "execution-environment.yml"
    wanted = yaml.safe_load(definition.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        command = ("ansible-builder", "create", "--file", definition, "--context", folder)
        good, said = ran(*command, "--output-filename", "Containerfile", at=collection)
        if not good:
            return [said]
        built = Path(folder) / "_build"
        python = (built / "requirements.txt").read_text(encoding="utf-8").split()
        galaxy = yaml.safe_load((built / "requirements.yml").read_text(encoding="utf-8"))
        container = (Path(folder) / "Containerfile").read_text(encoding="utf-8")
    return list(_lacking(collection, wanted, python, galaxy, container))


def _lacking(
    collection: Path, wanted: dict[str, Any], python: list[str], galaxy: dict[str, Any], container: str
) -> Iterator[str]:
    """What the collection needs, each kind beside what the context has of it."""
    needed = (collection / "requirements.txt").read_text(encoding="utf-8").split()
    if not {*needed, OPTIONAL} <= set(python):
        yield f"the context has {python}, and not {needed} and {OPTIONAL}"
    depends = yaml.safe_load((collection / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    there = {one["name"]: one.get("version") for one in galaxy["collections"]}
    if there != {"standby.velero": None, **depends}:
        yield f"the context has {there}, and not standby.velero and {depends}"
    for word in (wanted["images"]["base_image"]["name"], wanted["dependencies"]["ansible_core"]["package_pip"]):
        if word not in container:
            yield f"the Containerfile does not have {word}"


CHECKS: dict[str, Callable[[Path], list[str]]] = {
    "galaxy-importer": imported,
    "antsibull-docs": documented,
    "yamllint": tidy,
    "reuse": licensed,
    "ansible-builder introspect": built_upon,
    "ansible-builder create": described,
}


def main(collection: str) -> int:
    """The number of checks that fail."""
    failed = 0
    for name, check in CHECKS.items():
        problems = check(Path(collection).absolute())
        failed += bool(problems)
        print("\n".join([f"{name}: {'FAILED' if problems else 'passed'}", *problems]), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
