# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a report to what is shown of it, bounded, and nothing of what is not of the expected shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._values import Done
from ansible_collections.standby.velero.plugins.module_utils._views.build import MEMBERS, MOST_SHOWN, Lists, page_of
from ansible_collections.standby.velero.plugins.module_utils._views.history import history
from ansible_collections.standby.velero.plugins.module_utils._views.page import Listed, Page
from ansible_collections.standby.velero.plugins.module_utils._views.reading import read_report
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from hypothesis import given
from hypothesis import strategies as st
from outcomes import done_of
from reporting import BAD_NIGHT, DIFFS, RIGHTS, a_delta, a_run, key, written
from reports import SCHEMA


def page(
    folder: Path, *done: Done, diffs: Any = DIFFS, cluster: str = "east", sections: Any = None, **run: Any
) -> Page:
    path = folder / "r.json"
    written(path, a_run(done or BAD_NIGHT, **run), diffs, RIGHTS, **(sections or {}))
    lists = Lists()
    report = read_report(str(path), MEMBERS, lists.by_name)
    return page_of(report, lists, *history("", report), cluster)


def test_each_object_stands_under_one_heading(tmp_path: Path) -> None:
    found = page(tmp_path, delta=a_delta())
    names = {
        heading: [one.name for one in getattr(found, heading).items]
        for heading in ("failed", "different", "changed", "privileged")
    }
    assert names == {
        "failed": ["Deployment.apps shop/checkout", "Kafka.kafka.strimzi.io bus/orders"],
        "different": ["Ingress.networking.k8s.io shop/web"],
        "changed": [
            "ConfigMap shop/prices",
            "Deployment.apps shop/web",
            "StatefulSet.apps shop/cache",
            "Job.batch shop/migrate-42",
        ],
        "privileged": ["ClusterRoleBinding.rbac.authorization.k8s.io deployers"],
    }
    assert found.stale is not None
    assert [one.name for one in found.stale.objects.items] == [
        "Ingress.networking.k8s.io shop/promotion",
        "PersistentVolumeClaim shop/uploads",
    ]
    assert (found.cluster, found.age, found.taken) == ("east", "1 h", "2026-11-24 03:00 UTC")
    assert (found.drift, found.left, found.total) == ("7 objects", "3 still not in sync", 158)


def test_a_change_has_its_diff_and_who_made_it(tmp_path: Path) -> None:
    prices, web, *_rest = page(tmp_path).changed.items
    assert prices.diff is not None
    assert prices.diff.lines[-2:] == (("-", "  vat: '19'"), ("+", "  vat: '21'"))
    assert web.notes == ("changed in production",)


def test_without_diffs_the_page_knows_it(tmp_path: Path) -> None:
    assert page(tmp_path).has_diffs
    found = page(tmp_path, diffs=None)
    assert not found.has_diffs
    assert {one.diff for one in found.changed.items} == {None}


def test_long_lists_are_cut_and_counted(tmp_path: Path) -> None:
    done = [
        done_of(key("ConfigMap", f"{sort}-{number:05}"), outcome, reason)
        for number in range(2_000)
        for sort, outcome, reason in (
            ("f", Outcome.FAILED, Reason.REFUSED),
            ("c", Outcome.CREATED, None),
            ("d", Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
        )
    ]
    long = [(one.change.key, "created", "", "x: 1\n" * 3_000) for one in done]
    found = page(tmp_path, *done, diffs=long)
    assert [(len(one.items), one.more) for one in (found.failed, found.changed, found.different)] == [
        (MOST_SHOWN, 2_000 - MOST_SHOWN)
    ] * 3
    assert 0 < sum(len(one.diff.lines) for one in found.changed.items if one.diff) <= 4_000


def test_a_report_of_a_run_that_did_not_end_is_a_page_too() -> None:
    report = {"version": 1, "check_mode": False, "restore": {"phase": "Failed"}, "error": "x" * 5_000}
    found = page_of(report, Lists(), (), 2, "")
    assert (found.cluster, found.age, found.drift, found.left) == (
        "standby",
        "unknown",
        "unknown",
        "what was written is not known",
    )
    assert len(found.error) == 600
    assert found.warnings.items == ["2 files in history_path no reports of this version, and passed over"]


NAMES = sorted({*SCHEMA["properties"], *SCHEMA["properties"]["restore"]["properties"], "taken", "age", "passed"})
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(NAMES), ODD))
def test_no_shape_of_a_report_stops_it(report: dict[str, Any]) -> None:
    lists = Lists()
    for name, bounded in lists.by_name.items():
        for entry in report.get(name) or () if isinstance(report.get(name), list) else ():
            bounded.add(entry)
    assert isinstance(page_of(report, lists, *history("", report), "east").verdict.title, str)


@pytest.mark.parametrize(("items", "total", "more"), [([1], 3, 2), ([1, 2], 2, 0), ([1], 0, 0)])
def test_what_is_left_out_is_no_less_than_nothing(items: list[int], total: int, more: int) -> None:
    assert Listed(items, total).more == more
