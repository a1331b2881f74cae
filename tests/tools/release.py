# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make changelog` and `make release`: what has to hold of a release, and a rehearsal of what its users do with it.

    release.py changelog 1.2.0                         CHANGELOG.rst out of the fragments
    release.py release 1.2.0 <uv> <folder>             checks, builds, installs, restores; tags and publishes nothing

All that is wrong is told at once. The tarball is built of what git has, installed into an environment of its own, and
one real restore is run from there, beside a control plane that is built already.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
SEMVER = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
"""As semver.org has it, but for build metadata, which Galaxy does not order."""
BACKUP = ROOT / "tests/golden/store/backups/hourly-20261124030000/hourly-20261124030000.tar.gz"

SHIPPED = frozenset(
    (
        ".ansible-lint",  # the importer lints by it
        "CHANGELOG.rst",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "FILES.json",
        "LICENSE",
        "LICENSES",
        "MANIFEST.json",
        "README.md",
        "REUSE.toml",
        "SECURITY.md",
        "changelogs",
        "docs",
        "extensions",
        "meta",
        "playbooks",
        "plugins",
        "requirements.txt",
        "roles",
    )
)
"""What may lie at the top of the tarball; whatever is new has to be meant."""
NOT_SHIPPED = ("docs/site", "changelogs/.plugin-cache.yaml")
USED = ("meta/", "playbooks/", "plugins/", "roles/")
"""Below these every file has to be in the tarball."""


class ReleaseError(Exception):
    """What keeps the release from being made."""


def said_by(*command: str | Path, at: Path, env: Mapping[str, str] | None = None) -> str:
    """What a program prints; refused, with all that it says, when it does not end well."""
    ours = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=at, env=env or ours, capture_output=True, text=True, check=False)
    if done.returncode:
        told = f"{done.stdout}{done.stderr}".strip()
        raise ReleaseError(f"{Path(command[0]).name} {' '.join(map(str, command[1:3]))} fails:\n{told}")
    return done.stdout


# what has to hold


def problems(root: Path, version: str) -> list[str]:
    """Everything that speaks against a release of this version out of this working tree."""
    return [*of_version(root, version), *_of_git(root, version), *_of_changelog(root, version)]


def of_version(root: Path, version: str) -> Iterator[str]:
    """What is wrong with the version itself."""
    if not SEMVER.fullmatch(version):
        yield f"{version or 'VERSION'} is no version such as 1.2.0 or 1.2.0-rc.1 (semver.org): give VERSION=…"
    has = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    if has != version:
        yield f"galaxy.yml has version {has}: set it to {version}"


def of_tag(root: Path, version: str) -> Iterator[str]:
    """A version is released once."""
    if version in said_by("git", "tag", "--list", at=root).split():
        yield f"tag {version} is there already: that version has been released"


def _of_git(root: Path, version: str) -> Iterator[str]:
    yield from of_tag(root, version)
    branch = said_by("git", "rev-parse", "--abbrev-ref", "HEAD", at=root).strip()
    if branch != "main":
        yield f"the branch is {branch}: release from main"
    changed = said_by("git", "status", "--porcelain", at=root).splitlines()
    if changed:
        yield f"the tree is not clean: commit or remove {', '.join(line[3:] for line in changed[:5])}"


def _of_changelog(root: Path, version: str) -> Iterator[str]:
    changelog = yaml.safe_load((root / "changelogs/changelog.yaml").read_text(encoding="utf-8"))
    if version not in changelog["releases"]:
        yield f"changelogs/changelog.yaml has no {version}: run `make changelog VERSION={version}` and commit it"
    left = sorted(path.name for path in (root / "changelogs/fragments").glob("*.y*ml"))
    if left:
        yield f"changelogs/fragments still has {', '.join(left[:5])}: `make changelog VERSION={version}` takes them in"
    page = root / "CHANGELOG.rst"
    if not page.exists():
        yield f"there is no CHANGELOG.rst: run `make changelog VERSION={version}` and commit it"
    elif page.read_text(encoding="utf-8") != _changelog_page(root):
        yield "CHANGELOG.rst is not what changelogs/changelog.yaml makes: run `antsibull-changelog generate`"


def _changelog_page(root: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(root / "changelogs", copy / "changelogs")
        shutil.copy2(root / "galaxy.yml", copy)
        said_by(PROGRAMS / "antsibull-changelog", "generate", at=copy)
        return (copy / "CHANGELOG.rst").read_text(encoding="utf-8")


def write_changelog(root: Path, version: str) -> None:
    """Takes the fragments into changelogs/changelog.yaml and writes CHANGELOG.rst; again, until there is a tag."""
    wrong = [*of_version(root, version), *of_tag(root, version)]
    if wrong:
        raise ReleaseError("\n".join(wrong))
    said_by(PROGRAMS / "antsibull-changelog", "release", "--version", version, "--update-existing", at=root)


# the tarball


def exported(root: Path, place: Path) -> list[str]:
    """Lays out what git has of the tree, and what it would take; returns the names."""
    listing = said_by("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", at=root)
    names = sorted({name for name in listing.split("\0") if name and (root / name).is_file()})
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, place / name)
    return names


def built(root: Path, folder: Path) -> Path:
    """The tarball, whose content is what it should be."""
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    names = exported(root, source)
    command = (PROGRAMS / "ansible-galaxy", "collection", "build", "--force", "--output-path", folder)
    said_by(*command, at=source)
    galaxy = yaml.safe_load((source / "galaxy.yml").read_text(encoding="utf-8"))
    tarball = folder / "{namespace}-{name}-{version}.tar.gz".format(**galaxy)
    wrong = list(misplaced(content_of(tarball), names))
    if wrong:
        raise ReleaseError("\n".join(wrong))
    return tarball


def content_of(tarball: Path) -> list[str]:
    """Names of its files."""
    with tarfile.open(tarball) as archive:
        return [member.name.removeprefix("./") for member in archive if member.isfile()]


def misplaced(content: Sequence[str], tracked: Sequence[str]) -> Iterator[str]:
    """What is in the tarball and does not belong there, and what belongs there and is not in it."""
    for name in content:
        if name.split("/")[0] not in SHIPPED or name.startswith(NOT_SHIPPED):
            yield f"{name} is in the tarball: add it to build_ignore in galaxy.yml, or to what is shipped"
    for name in tracked:
        if name.startswith(USED) and name not in content:
            yield f"{name} is not in the tarball: see build_ignore in galaxy.yml"


# as its users have it


def installed(tarball: Path, uv: Path, folder: Path) -> Path:
    """Programs of a fresh environment with the collection, what it requires, and nothing of the working tree."""
    place, collections = folder / "environment", folder / "collections"
    shutil.rmtree(collections, ignore_errors=True)
    collections.joinpath("ansible_collections").mkdir(parents=True)
    said_by(uv, "venv", "--quiet", "--clear", "--python", PROGRAMS / "python", place, at=folder)
    with tarfile.open(tarball) as archive:
        wanted = archive.extractfile("requirements.txt")
        assert wanted is not None
        requirements = wanted.read().decode().split()
    said_by(uv, "pip", "install", "--quiet", "--python", place, "ansible-core", *requirements, at=folder)
    _bundled_kubernetes(collections)
    command = (place / "bin/ansible-galaxy", "collection", "install", tarball, "--no-deps", "--offline")
    said_by(*command, "--collections-path", collections, at=folder, env=_finding(collections, os.environ))
    return place / "bin"


def _finding(collections: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program of Ansible's that is to know these collections and no settings of anybody's."""
    kept = {name: value for name, value in environment.items() if not name.startswith("ANSIBLE_")}
    settings, home = collections.with_name("ansible.cfg"), collections.with_name("home")
    settings.write_text("[defaults]\n", encoding="utf-8")
    ours = {"COLLECTIONS_PATH": collections, "CONFIG": settings, "HOME": home}
    return kept | {f"ANSIBLE_{name}": str(path) for name, path in ours.items()}


def _bundled_kubernetes(collections: Path) -> None:
    """kubernetes.core as PyPI's package `ansible` brings it: the checks reach no Galaxy."""
    (found,) = PROGRAMS.parent.glob("lib/python3*/site-packages/ansible_collections/kubernetes")
    (collections / "ansible_collections/kubernetes").symlink_to(found)


def restored(programs: Path, folder: Path) -> None:
    """A backup of Velero's onto a control plane, by the installed playbook; the second run has to change nothing."""
    sys.path.insert(0, str(ROOT / "tests/support"))
    from controlplane import ControlPlane

    with ControlPlane() as target:
        report = target.folder / "report.json"
        variables = {"backup_file": BACKUP, "report_path": report, "kubeconfig": target.kubeconfig}
        options = [word for name, value in variables.items() for word in ("-e", f"restore_{name}={value}")]
        env = _finding(folder / "collections", target.environment)
        for changed in (True, False):
            report.unlink(missing_ok=True)
            command = (programs / "ansible-playbook", "standby.velero.restore", *options)
            said_by(*command, at=target.folder, env=env)
            told = json.loads(report.read_text(encoding="utf-8"))
            counts = told["counts"]
            if told["changed"] is not changed or counts["failed"] or not told["restore"]["in_sync"]:
                raise ReleaseError(f"the restore came out otherwise than it should: {counts}")


def release(root: Path, version: str, uv: Path, folder: Path) -> str:
    """Everything but the tag and the upload; returns what comes next."""
    wrong = problems(root, version)
    if wrong:
        raise ReleaseError("\n".join(wrong))
    folder.mkdir(parents=True, exist_ok=True)
    tarball = built(root, folder)
    print(f"built: {tarball}", flush=True)
    programs = installed(tarball, uv, folder)
    print("installed into a fresh environment", flush=True)
    restored(programs, folder)
    print("restored a backup from there; the second run changed nothing", flush=True)
    return (
        "Nothing was tagged or published. What comes next:\n"
        f"  git tag --annotate --message 'standby.velero {version}' {version}\n"
        f"  git push origin main {version}\n"
        f"  ansible-galaxy collection publish {tarball}"
    )


def main(what: str, version: str = "", uv: str = "", folder: str = "") -> int:
    """1 when something speaks against it."""
    try:
        if what == "changelog":
            write_changelog(ROOT, version)
            print("written: CHANGELOG.rst, changelogs/changelog.yaml. Look at them, and commit them with galaxy.yml.")
        else:
            print(release(ROOT, version, Path(uv).absolute(), Path(folder).absolute()))
    except ReleaseError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
