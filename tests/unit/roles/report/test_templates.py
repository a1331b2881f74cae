# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What page, summary and metrics say, read by real parsers, of reports in which every name and value is hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from ansible_collections.standby.velero.plugins.module_utils._flows.report import make_views
from ansible_collections.standby.velero.plugins.module_utils._options.views import VIEWS, VIEWS_SPEC, view_settings_of
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from markdown_it import MarkdownIt
from outcomes import done_of
from prometheus_client.parser import text_string_to_metric_families
from reporting import BAD_NIGHT, DIFFS, RIGHTS, TEMPLATES, a_delta, a_run, key, written

Body = dict[str, Any]

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% for a in b %}{{ lookup('pipe', 'id') }}",
    "line\nend\r\n# heading\n- item",
    "\"quotes\" 'and' `ticks``` | pipes",
    "\x1b[2J\x1b]0;title\x07",
    "\u202eright to left\u2066",
    "[link](javascript:alert(1)) ![image](https://example.org/x.png) https://example.org www.example.org @team",
    '&lt;b&gt; &amp; \\" } 1\nstandby_velero_in_sync{cluster="other"} 1',
    "\ud800",
    "--> ]]> <!-- <![CDATA[",
)
READY = {
    "ready": False,
    "checks": [{"name": "a", "passed": False, "message": "x"}, {"name": "b", "passed": None, "message": ""}],
}


def hostile(text: str) -> Callable[[Any], Any]:
    """Puts the text into every name and every value of a report that people may have chosen."""

    def spoiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: part if name in KEPT else spoiled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [spoiled(part) for part in value]
        return text if isinstance(value, str) else value

    return spoiled


KEPT = {"outcome", "action", "reason", "phase", "started", "completed", "taken", "mode", "changed_by", "policy"}
"""Of a closed set of words, or times."""


def rendered(folder: Path, text: str = "", cluster: str = "standby-east", **members: Any) -> dict[str, str]:
    """The three views of a bad night, of which every text is this one when there is one."""
    path = folder / "r.json"
    verification = {"passed": False, "left": ["Deployment.apps shop/web: updated"]}
    run = a_run(BAD_NIGHT, delta=a_delta(), warnings=("TLS is not verified",), velero_errors=("no inventory",))
    report = written(path, run, DIFFS, RIGHTS, verification=verification, readiness=READY) | members
    if text:
        path.write_text(json.dumps(hostile(text)(report)), encoding="utf-8")
    paths = {f"{view}_path": str(folder / f"r.{view}") for view in VIEWS}
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()} | paths
    params |= {"report_path": str(path), "cluster": text or cluster, "templates": TEMPLATES}
    make_views(view_settings_of(params))
    return {view: (folder / f"r.{view}").read_text(encoding="utf-8") for view in VIEWS}


def page_of(text: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page: Element = parser.parse(text)
    return page


def shape(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes: what a text must not change."""
    return [(str(one.tag), tuple(sorted(map(str, one.keys())))) for one in page.iter()]


def text_of(page: Element) -> str:
    return "".join(page.itertext())


# The page


def test_the_page_is_valid_html_with_headings_in_order_and_every_link_inside(tmp_path: Path) -> None:
    page = page_of(rendered(tmp_path)["html"])
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    targets = [str(one.get("href")) for one in page.iter("a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    assert [str(one.tag) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag))][:2] == ["h1", "h2"]
    assert all(one.get("aria-labelledby", one.get("aria-label")) for one in page.iter("section"))


def test_the_page_says_in_its_first_lines_how_it_stands(tmp_path: Path) -> None:
    page = page_of(rendered(tmp_path)["html"])
    (header,) = page.iter("header")
    said = " ".join(text_of(header).split())
    assert said.startswith("Standby standby-east · restore of 2026-11-24 04:00 UTC Bad 2 objects failed")
    assert "What to do Read what refused it" in said
    assert "Age of the backup1 hproduction as of 2026-11-24 03:00 UTC" in said
    (title,) = page.iter("title")
    assert title.text == "Bad: standby standby-east, 2026-11-24 04:00 UTC"


def test_the_page_needs_no_script_and_no_network_and_forbids_both(tmp_path: Path) -> None:
    page = page_of(rendered(tmp_path)["html"])
    (policy,) = (one.get("content") for one in page.iter("meta") if one.get("http-equiv"))
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; form-action 'none'", str(policy)
    )
    tags = {str(one.tag) for one in page.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    attributes = {name for _tag, names in shape(page) for name in names}
    assert not attributes & {"style", "src", "srcset", "action"}
    assert not [name for name in attributes if name.startswith("on")]
    (style,) = page.iter("style")
    assert not re.search(r"url\(|@import|https?:", text_of(style))


def test_a_diff_is_shown_line_by_line(tmp_path: Path) -> None:
    page = page_of(rendered(tmp_path)["html"])
    lines = [(one.get("class"), text_of(one)) for pre in page.iter("pre") for one in pre.iter("span")]
    assert ("del", "-   vat: '19'") in lines
    assert ("add", "+   vat: '21'") in lines
    assert ("same", "  data:") in lines


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup_of_the_page(tmp_path: Path, text: str) -> None:
    plain, spoiled = (page_of(rendered(tmp_path, some)["html"]) for some in ("word", text))
    lines = text.count("\n")  # a diff has a line for each
    if not lines:
        assert shape(spoiled) == shape(plain)
    assert {tag for tag, _names in shape(spoiled)} <= {tag for tag, _names in shape(plain)}
    assert {name for _tag, names in shape(spoiled) for name in names} <= {
        name for _tag, names in shape(plain) for name in names
    }
    said = text_of(spoiled)
    assert all(letter.isprintable() or letter == "\n" for letter in said)
    if text.isprintable():
        assert text in said


def test_braces_are_not_evaluated(tmp_path: Path) -> None:
    for view, text in rendered(tmp_path, "{{ 7000*7001 }}").items():
        assert "49007000" not in text, view
        assert "{{ 7000*7001 }}" in text, view


# The summary


def outline(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every block and what is in it by sort, without the texts in code."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [(token.type, token.tag, tuple(child.type for child in token.children or ())) for token in tokens]


def codes(text: str) -> Iterator[str]:
    for token in MarkdownIt("commonmark").parse(text):
        yield from (child.content for child in token.children or () if child.type == "code_inline")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_structure_of_the_summary(tmp_path: Path, text: str) -> None:
    plain, spoiled = (rendered(tmp_path, some)["markdown"] for some in ("word", text))
    assert outline(spoiled) == outline(plain)
    assert all(line.isprintable() for line in spoiled.split("\n"))
    if text.isprintable():
        assert text in codes(spoiled)


def test_the_summary_has_its_sections(tmp_path: Path) -> None:
    text = rendered(tmp_path)["markdown"]
    assert re.findall(r"(?m)^#+ (.*)$", text) == [
        "Bad: 2 objects failed",
        "Failures",
        "Could it take over now? No",
        "Verification",
        "Left different from the backup",
        "What changed",
        "Gone from production since an earlier backup",
        "Objects that give rights",
        "Objects by kind",
        "Warnings",
    ]
    assert "- `failed` `Kafka.kafka.strimzi.io bus/orders`: `not_served`" in text
    assert "\n\n\n" not in text


# The metrics


def samples(text: str) -> dict[tuple[str, ...], float]:
    families = list(text_string_to_metric_families(text))
    assert all(family.type == "gauge" and family.documentation for family in families)
    return {
        (sample.name.removeprefix("standby_velero_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_metrics_are_those_of_the_run(tmp_path: Path) -> None:
    found = samples(rendered(tmp_path)["prometheus"])
    east = "standby-east"
    assert found[("in_sync", east)] == found[("last_run_completed", east)] == 0
    assert found[("drift_objects", east)] == 7
    assert found[("out_of_sync_objects", east)] == 3
    assert found[("stale_objects", east)] == 2
    assert found[("backup_age_seconds", east)] == 3612
    assert found[("last_run_duration_seconds", east)] == 12
    assert found[("last_run_timestamp_seconds", east)] == 1795492812
    outcomes = [name for name in found if name[0] == "objects"]
    assert sorted(name[2] for name in outcomes) == sorted(outcome.value for outcome in Outcome)
    assert found[("objects", east, "failed")] == 2
    assert ("last_success_timestamp_seconds", east) not in found


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_label(tmp_path: Path, text: str) -> None:
    found = samples(rendered(tmp_path, text)["prometheus"])
    plain = samples(rendered(tmp_path, "word")["prometheus"])
    assert [name[0] for name in found] == [name[0] for name in plain]
    assert list(found.values()) == list(plain.values())
    if text.isprintable():
        assert {name[1] for name in found} == {text}


# Of other nights


def test_a_good_night_has_no_section_that_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    written(path, a_run([done_of(key("ConfigMap", "a"), Outcome.UNCHANGED)]), None)
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()}
    params |= {"report_path": str(path), "html_path": str(tmp_path / "p"), "markdown_path": str(tmp_path / "m")}
    make_views(view_settings_of({**params, "templates": TEMPLATES}))
    page = page_of((tmp_path / "p").read_text())
    assert [one.get("id") for one in page.iter("h2")] == ["kinds", "about"]
    assert text_of(next(page.iter("strong"))) == "Good"
    assert re.findall(r"(?m)^## (.*)$", (tmp_path / "m").read_text()) == ["Objects by kind"]


def test_a_run_that_did_not_end_says_why_in_every_view(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(
        '{"version": 1, "check_mode": false, "error": "backup <b2> is too old", "restore": {"name": "b2",'
        ' "phase": "FailedValidation", "in_sync": false, "completed": "2026-11-24T04:00:00Z", "duration": 1.5}}'
    )
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()}
    params |= {f"{view}_path": str(tmp_path / view) for view in VIEWS}
    make_views(view_settings_of({**params, "report_path": str(path), "cluster": "east", "templates": TEMPLATES}))
    assert "backup <b2> is too old" in text_of(page_of((tmp_path / "html").read_text()))
    assert "`backup <b2> is too old`" in (tmp_path / "markdown").read_text()
    found = samples((tmp_path / "prometheus").read_text())
    assert found[("last_run_completed", "east")] == found[("in_sync", "east")] == 0
    assert not [name for name in found if name[0] == "objects"]


def test_a_reason_of_the_report_is_never_a_class_of_the_page(tmp_path: Path) -> None:
    done = done_of(key("ConfigMap", "a"), Outcome.FAILED, Reason.REFUSED)
    path = tmp_path / "r.json"
    report = written(path, a_run([done]), None)
    report["objects"][0] |= {"reason": '" onload="x', "outcome": "failed"}
    path.write_text(json.dumps(report))
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()}
    params |= {"report_path": str(path), "html_path": str(tmp_path / "p"), "templates": TEMPLATES}
    make_views(view_settings_of(params))
    assert "onload" not in (tmp_path / "p").read_text()
