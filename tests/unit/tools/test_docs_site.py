# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a guide's links on the site."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_site import SiteError, assembled, headings, linked, page

BLOB = "https://example.org/blob/main"
GALAXY = "repository: https://example.org\nversion: 1.2.3\n"


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    files = {
        "galaxy.yml": GALAXY,
        "README.md": "# Name\n\n## How it works\n",
        "docs/sync.md": "See [rights](rights.md#update) and [the start](../README.md#how-it-works).\n",
        "docs/rights.md": "# Rights\n\n## Update\n",
        "docs/site/index.md": "[the job](sync.md)\n",
        "docs/site/conf.py": "",
        "roles/sync/README.md": "",
        "plugins/modules/velero_restore.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "on_the_site"),
    [
        ("rights.md", "rights.md"),
        ("rights.md#update", "rights.md#update"),
        ("#here", "#here"),
        ("https://velero.io", "https://velero.io"),
        ("mailto:x@example.org", "mailto:x@example.org"),
        ("../roles/sync/README.md", "collection/sync_role.rst"),
        ("../plugins/modules/velero_restore.py", "collection/velero_restore_module.rst"),
        ("../README.md", f"{BLOB}/README.md"),
        ("../README.md#how-it-works", f"{BLOB}/README.md#how-it-works"),
    ],
)
def test_a_link_stays_on_the_site_where_there_is_a_page_and_leads_to_the_repository_elsewhere(
    collection: Path, target: str, on_the_site: str
) -> None:
    assert linked(target, collection, BLOB) == on_the_site


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("gone.md", "there is no docs/gone.md"),
        ("../gone.md", "there is no gone.md"),
        ("../README.md#gone", "README.md has no heading #gone"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(collection: Path, target: str, why: str) -> None:
    with pytest.raises(SiteError, match=why):
        linked(target, collection, BLOB)


def test_links_in_code_are_left_as_they_are() -> None:
    text = "[a](x)\n```md\n[b](x)\n```\n[c](x)\n~~~\n[d](x)\n~~~\n"
    assert page(text, lambda target: target.upper()) == text.replace("[a](x)", "[a](X)").replace("[c](x)", "[c](X)")


def test_headings_are_those_that_github_gives_and_none_out_of_code() -> None:
    text = "# A standby, asleep?\n```sh\n# a comment\n```\n## `make docs`: the site\n"
    assert headings(text) == {"a-standby-asleep", "make-docs-the-site"}


def test_the_pages_lie_together_with_what_sphinx_needs(collection: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    assert assembled(collection, source) == []
    assert {path.name for path in source.iterdir()} == {"conf.py", "galaxy.yml", "index.md", "rights.md", "sync.md"}
    assert "(https://example.org/blob/main/README.md#how-it-works)" in (source / "sync.md").read_text("utf-8")


def test_every_page_with_a_wrong_link_is_named(collection: Path, tmp_path: Path) -> None:
    for name in ("sync", "rights"):
        (collection / f"docs/{name}.md").write_text("[gone](../gone.md)", encoding="utf-8")
    assert assembled(collection, tmp_path / "source") == [
        "rights.md: there is no gone.md, to which a link leads",
        "sync.md: there is no gone.md, to which a link leads",
    ]
