# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as far as it is asked for, and a copy of it with further sections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views import reading
from ansible_collections.standby.velero.plugins.module_utils._views.parts import Part
from ansible_collections.standby.velero.plugins.module_utils._views.reading import (
    Bounded,
    ReportError,
    read_head,
    read_report,
    with_sections,
)
from reporting import written
from reports import validated


def objects(count: int) -> list[dict[str, Any]]:
    return [{"name": str(number), "outcome": "failed" if number % 3 else "created"} for number in range(count)]


def report(path: Path, **members: Any) -> str:
    path.write_text(json.dumps({"version": 1, "restore": {"name": "r"}, **members}))
    return str(path)


def test_of_a_list_as_many_of_each_sort_are_kept_as_there_is_room_for_and_all_are_counted(tmp_path: Path) -> None:
    bounded = Bounded(2, lambda entry: entry["outcome"], lambda entry: {"name": entry["name"]})
    path = report(tmp_path / "r.json", objects=[*objects(9), None, "x"], counts={"a": 1}, other=[1])
    found = read_report(path, ("version", "restore", "counts"), {"objects": bounded})
    assert found == {"version": 1, "restore": {"name": "r"}, "counts": {"a": 1}}
    assert bounded.kept == {"created": [{"name": "0"}, {"name": "3"}], "failed": [{"name": "1"}, {"name": "2"}]}
    assert bounded.totals == {"created": 3, "failed": 6}


def test_of_the_head_no_more_is_read_than_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Part] = []
    parts_of = reading.parts_of
    monkeypatch.setattr(reading, "parts_of", lambda file: (seen.append(part) or part for part in parts_of(file)))
    path = report(tmp_path / "r.json", warnings=["w"], objects=objects(50_000))
    assert read_head(path, ("version", "restore", "warnings")) == {
        "version": 1,
        "restore": {"name": "r"},
        "warnings": ["w"],
    }
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no report of a restore: it is damaged, or no JSON"),
        ("\x00\xff", "no report of a restore: it is damaged, or no JSON"),
        ("[" * 100_000, "no report of a restore: it is damaged, or no JSON"),
        ('{"version": 1, "restore": ' + "[" * 100_000, "no report of a restore: it is damaged, or no JSON"),
        ("{}", "is no report of a restore"),
        ('{"version": 1}', "is no report of a restore"),
        ('{"version": "1", "restore": {"name": "r"}}', "is no report of a restore"),
        ('{"version": 2, "restore": {"name": "r"}}', "is of version 2, and this collection reads version 1"),
    ],
)
def test_what_is_no_report_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(text.encode("latin-1"))
    for read in (
        lambda: read_report(str(path), ("version", "restore"), {}),
        lambda: read_head(str(path), ("version", "restore")),
    ):
        with pytest.raises(ReportError, match=f"r.json.* {why}"):
            read()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"^cannot read .*gone\.json: No such file"):
        read_report(str(tmp_path / "gone.json"), (), {})


def test_sections_stand_at_the_end_in_place_of_earlier_ones_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    before = written(path)
    section = {"passed": False, "left": ["ConfigMap shop/é{{ 1 }}"]}
    for verification in ({"passed": True, "left": []}, section):
        path.write_text("".join(with_sections(str(path), {"verification": verification})))
    after = validated(json.loads(path.read_text()))
    assert after == {**before, "verification": section}
    assert list(after)[-1] == "verification"
    assert path.read_text().count('"verification"') == 1


def test_an_empty_report_takes_sections_too(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("{}")
    assert json.loads("".join(with_sections(str(path), {"a": {}}))) == {"a": {}}


def test_a_long_list_takes_no_more_than_its_bound(tmp_path: Path) -> None:
    """Read in parts: thousands of entries of a few kilobytes leave as many as were asked for."""
    body = "x" * 4_000
    path = report(tmp_path / "r.json", diff=[{"name": str(number), "before": body} for number in range(5_000)])
    bounded = Bounded(3)
    read_report(path, ("version", "restore"), {"diff": bounded})
    assert (len(bounded.kept[""]), bounded.totals[""]) == (3, 5_000)
