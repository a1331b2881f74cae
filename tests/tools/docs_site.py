# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make docs`: the site of documentation, out of docs/, docs/site and what antsibull-docs says of modules and roles.

    docs_site.py <copy of the collection below ansible_collections/> <folder of the site>

Run with the Python of an environment of requirements-docs.txt. A page that nobody can reach, a link to a page, heading,
file or option that is not there, and a page that is not well-formed are errors. No network is used: links to other
sites are not followed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

import yaml

REFERENCE = "collection"
"""The folder of the site where the pages of antsibull-docs lie."""
PROGRAMS = Path(sys.executable).parent
_LINK = re.compile(r"(?P<head>\]\()(?P<target>[^)\s]+)(?P<tail>\))")
_FENCED = re.compile(r"(?ms)^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$")
_ELSEWHERE = re.compile(r"[a-z]+:|#|/")
_PAGES = (
    (re.compile(r"roles/(\w+)/README\.md"), "{}_role.rst"),
    (re.compile(r"plugins/modules/(\w+)\.py"), "{}_module.rst"),
)
"""Files of the collection that have a page of their own on the site."""


class SiteError(Exception):
    """What keeps the site from being made; the text is what somebody has to mend."""


def linked(target: str, collection: Path, blob: str) -> str:
    """A link of a guide as it is to stand on the site: what lies outside of docs/ is in the reference or repository."""
    if _ELSEWHERE.match(target):
        return target
    path, mark, anchor = target.partition("#")
    file = PurePosixPath(os.path.normpath(PurePosixPath("docs", path)))
    if not (collection / file).exists():
        raise SiteError(f"there is no {file}, to which a link leads")
    if file.parts[0] == "docs":
        return target
    for pattern, page in _PAGES:
        if found := pattern.fullmatch(str(file)):
            return f"{REFERENCE}/{page.format(found[1])}{mark}{anchor}"
    if anchor and anchor not in headings((collection / file).read_text(encoding="utf-8")):
        raise SiteError(f"{file} has no heading #{anchor}, to which a link leads")
    return f"{blob}/{file}{mark}{anchor}"


def headings(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"(?m)^#+ (.*)$", _FENCED.sub("", text))
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def page(text: str, link: Callable[[str], str]) -> str:
    """A guide with its links as `link` has them; what is shown as code stays as it is."""
    pieces = []
    end = 0
    for code in _FENCED.finditer(text):
        pieces += [_with_links(text[end : code.start()], link), code[0]]
        end = code.end()
    return "".join([*pieces, _with_links(text[end:], link)])


def _with_links(text: str, link: Callable[[str], str]) -> str:
    return _LINK.sub(lambda found: f"{found['head']}{link(found['target'])}{found['tail']}", text)


def assembled(collection: Path, source: Path) -> list[str]:
    """Lays the pages together, and returns what is wrong with their links."""
    shutil.copytree(collection / "docs", source, ignore=shutil.ignore_patterns("site"))
    shutil.copytree(collection / "docs/site", source, dirs_exist_ok=True)
    shutil.copy2(collection / "galaxy.yml", source)
    blob = yaml.safe_load((collection / "galaxy.yml").read_text(encoding="utf-8"))["repository"] + "/blob/main"
    return [problem for path in sorted(source.glob("*.md")) for problem in _written(path, collection, blob)]


def _written(path: Path, collection: Path, blob: str) -> Iterator[str]:
    try:
        text = page(path.read_text(encoding="utf-8"), partial(linked, collection=collection, blob=blob))
    except SiteError as problem:
        yield f"{path.name}: {problem}"
    else:
        path.write_text(text, encoding="utf-8")


def ran(*command: str | Path, at: Path, **variables: str) -> list[str]:
    """What a program says when it does not end well."""
    env = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", **variables}
    done = subprocess.run(
        command, cwd=at, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return [] if done.returncode == 0 else [f"{Path(command[0]).name} ends with {done.returncode}", done.stdout]


def referenced(collection: Path, source: Path) -> list[str]:
    """A page of each module, plugin and role, by antsibull-docs; one that cannot be rendered is an error."""
    place = source / REFERENCE
    place.mkdir()
    name = f"{collection.parent.name}.{collection.name}"
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", place)
    command = (PROGRAMS / "antsibull-docs", "collection", *options, name)
    return ran(*command, at=collection, ANSIBLE_COLLECTIONS_PATH=str(collection.parents[2]))


def noted(collection: Path, source: Path) -> list[str]:
    """The release notes, the next release included, by antsibull-changelog; in a copy, since it takes fragments in."""
    root = source.with_name("notes") / "ansible_collections"
    copy = root / collection.parent.name / collection.name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(collection, copy, ignore=shutil.ignore_patterns("tests", ".git"))
    version = yaml.safe_load((copy / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    command = (PROGRAMS / "antsibull-changelog", "release", "--version", version, "--update-existing")
    # plugins are loaded for their descriptions, and those of other collections with them
    problems = ran(*command, at=copy, PYTHONPATH=str(collection.parents[2]))
    if not problems:
        shutil.copy2(copy / "CHANGELOG.rst", source / "changelog.rst")
    return problems


def rendered(source: Path, site: Path) -> list[str]:
    """HTML of all pages. Every warning is an error, and so is each reference that leads nowhere."""
    command = (PROGRAMS / "python", "-m", "sphinx", "--nitpicky", "--fail-on-warning", "--keep-going", "--quiet")
    return ran(*command, "--builder", "html", source, site, at=source)


def made(collection: Path, folder: Path) -> list[str]:
    """Makes the site anew in `<folder>/html`; returns what is wrong with it."""
    source, site = folder / "source", folder / "html"
    for old in (source, site):
        shutil.rmtree(old, ignore_errors=True)
    problems = [*assembled(collection, source), *referenced(collection, source), *noted(collection, source)]
    return problems or rendered(source, site)


def main(collection: str, folder: str) -> int:
    """1 when there is no site, or a wrong one."""
    problems = made(Path(collection).absolute(), Path(folder).absolute())
    print("\n".join(problems or [f"the site is made: {Path(folder) / 'html/index.html'}"]), flush=True)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
