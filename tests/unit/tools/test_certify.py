# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a complaint of the importer."""

from __future__ import annotations

import certify


def collection(tmp_path, *modules):
    folder = tmp_path / "plugins/modules"
    folder.mkdir(parents=True)
    for name in modules:
        (folder / f"{name}.py").touch()
    return tmp_path


def shown(**docs):
    contents = [{"content_name": name, "content_type": "module", "doc_strings": said} for name, said in docs.items()]
    return {"docs_blob": {"contents": contents}}


def test_a_module_without_rendered_documentation_is_told(tmp_path):
    there = collection(tmp_path, "__init__", "one", "two", "three")
    assert certify.unrendered(shown(one={"doc": {}}, two={}), there) == [
        "the importer shows no documentation of module three",
        "the importer shows no documentation of module two",
    ]


def test_lines_that_say_what_goes_on_are_no_complaints():
    said = "Loading module_utils _errors\nWARNING: no changelog\nLoading role sync\nERROR: no README"
    assert certify.complaints(said) == ["WARNING: no changelog", "ERROR: no README"]
