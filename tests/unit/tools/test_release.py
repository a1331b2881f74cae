# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a release: shown on a git repository that is fit for one, with one thing wrong at a time."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from release import ReleaseError, misplaced, of_version, problems, write_changelog

VERSION = "1.2.0"
GALAXY = f"""\
namespace: standby
name: velero
version: {VERSION}
readme: README.md
authors: [somebody]
"""
CONFIG = Path(__file__).parents[3] / "changelogs/config.yaml"


def git(root: Path, *command: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *command], cwd=root, check=True, capture_output=True)


def fragment(root: Path, name: str = "new.yml") -> None:
    (root / "changelogs/fragments" / name).write_text("---\nminor_changes:\n  - Something new.\n", encoding="utf-8")


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--message", "Something")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of which the release could be made."""
    tmp_path = tmp_path_factory.mktemp("made")
    git(tmp_path, "init", "--initial-branch", "main")
    (tmp_path / "changelogs/fragments").mkdir(parents=True)
    (tmp_path / "changelogs/config.yaml").write_bytes(CONFIG.read_bytes())
    (tmp_path / "changelogs/changelog.yaml").write_text("ancestor: null\nreleases: {}\n", encoding="utf-8")
    (tmp_path / "galaxy.yml").write_text(GALAXY, encoding="utf-8")
    (tmp_path / ".gitignore").write_text("/changelogs/.plugin-cache.yaml\n", encoding="utf-8")
    fragment(tmp_path)
    write_changelog(tmp_path, VERSION)
    commit(tmp_path)
    return tmp_path


@pytest.fixture
def fit(made: Path, tmp_path: Path) -> Path:
    """One of the test's own."""
    return Path(shutil.copytree(made, tmp_path / "fit"))


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new), encoding="utf-8")
        commit(root)

    return edit


def tagged(root: Path) -> None:
    git(root, "tag", VERSION)


def on_a_branch(root: Path) -> None:
    git(root, "switch", "--create", "topic")


def with_a_file(root: Path) -> None:
    (root / "left.txt").touch()


def with_a_fragment(root: Path) -> None:
    fragment(root, "later.yml")
    commit(root)


def without_page(root: Path) -> None:
    (root / "CHANGELOG.rst").unlink()
    commit(root)


def test_a_tree_that_is_fit_is_let_through_and_has_its_changelog(fit: Path) -> None:
    assert problems(fit, VERSION) == []
    page = (fit / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert f"v{VERSION}\n" in page
    assert "- Something new.\n" in page


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (edited("galaxy.yml", VERSION, "1.1.0"), "galaxy.yml has version 1.1.0: set it to 1.2.0"),
        (tagged, "tag 1.2.0 is there already: that version has been released"),
        (on_a_branch, "the branch is topic: release from main"),
        (with_a_file, "the tree is not clean: commit or remove left.txt"),
        (
            edited("changelogs/changelog.yaml", f"  {VERSION}:", "  1.1.0:"),
            "changelogs/changelog.yaml has no 1.2.0: run `make changelog VERSION=1.2.0` and commit it",
        ),
        (
            with_a_fragment,
            "changelogs/fragments still has later.yml: `make changelog VERSION=1.2.0` takes them in",
        ),
        (
            edited("CHANGELOG.rst", "Something new", "Something else"),
            "CHANGELOG.rst is not what changelogs/changelog.yaml makes: run `antsibull-changelog generate`",
        ),
        (without_page, "there is no CHANGELOG.rst: run `make changelog VERSION=1.2.0` and commit it"),
    ],
)
def test_each_thing_that_is_wrong_is_told_with_what_to_do(fit: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(fit)
    assert said in problems(fit, VERSION)


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.0", "1.02.0", "1.2.0-", "1.2.0+build", "1.2.0 "])
def test_what_is_no_semantic_version_is_refused(made: Path, version: str) -> None:
    assert "is no version such as 1.2.0" in next(of_version(made, version))


@pytest.mark.parametrize("version", ["0.1.0", "10.20.30", "1.2.0-rc.1", "1.2.0-alpha"])
def test_a_semantic_version_is_only_held_against_the_tree(made: Path, version: str) -> None:
    assert list(of_version(made, version)) == [f"galaxy.yml has version 1.2.0: set it to {version}"]


def test_all_that_is_wrong_is_told_at_once(fit: Path) -> None:
    for spoil in (tagged, on_a_branch, without_page, with_a_file):
        spoil(fit)
    told = " ".join(problems(fit, "1.3"))
    for word in ("is no version", "galaxy.yml", "the branch", "the tree", "changelog.yaml", "CHANGELOG.rst"):
        assert word in told


def test_a_changelog_of_another_version_than_galaxy_has_is_not_written(fit: Path) -> None:
    with pytest.raises(ReleaseError, match=r"galaxy\.yml has version 1\.2\.0: set it to 1\.3\.0"):
        write_changelog(fit, "1.3.0")


def test_what_comes_before_the_tag_is_taken_in_and_nothing_after_it(fit: Path) -> None:
    (fit / "changelogs/fragments/later.yml").write_text("---\nbugfixes:\n  - Something mended.\n", encoding="utf-8")
    write_changelog(fit, VERSION)
    page = (fit / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert "- Something new.\n" in page
    assert "- Something mended.\n" in page
    commit(fit)
    assert problems(fit, VERSION) == []
    tagged(fit)
    with pytest.raises(ReleaseError, match=r"tag 1\.2\.0 is there already"):
        write_changelog(fit, VERSION)


def test_the_tarball_has_what_is_used_and_nothing_of_the_workshop() -> None:
    tracked = ["README.md", "plugins/modules/one.py", "roles/sync/tasks/main.yml", "tests/conftest.py", "Makefile"]
    content = ["MANIFEST.json", "README.md", "plugins/modules/one.py", "tests/conftest.py", "docs/site/index.md"]
    assert list(misplaced(content, tracked)) == [
        "tests/conftest.py is in the tarball: add it to build_ignore in galaxy.yml, or to what is shipped",
        "docs/site/index.md is in the tarball: add it to build_ignore in galaxy.yml, or to what is shipped",
        "roles/sync/tasks/main.yml is not in the tarball: see build_ignore in galaxy.yml",
    ]
