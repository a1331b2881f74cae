# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan job, somebody who approves, an apply job: as AWX runs them, with one key of set_stats from job to job."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from controlplane import ControlPlane
from hourly import SECRET_KEY, Standby, contents, hourly, standby_of, table
from playing import Job
from stores import BUCKET, PREFIX

HOUR_2 = contents(app="production", mine="production")
HOUR_3 = contents(app="production at three", mine="production")


@pytest.fixture(scope="module")
def standby(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    """At 02:00 it was restored, and the backup of 03:00 is there."""
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        standby.s3.put(hourly(2, HOUR_2))
        assert standby.sync().code == 0
        standby.s3.put(hourly(3, HOUR_3))
        yield standby


def plan(standby: Standby, **variables: Any) -> Job:
    return standby.job(sync_stage="plan", **variables)


def report_of(standby: Standby, name: str) -> str:
    return str(standby.player.folder / f"{name}.json")


@pytest.fixture(scope="module")
def planned(standby: Standby) -> Job:
    return plan(standby, restore_report_path=report_of(standby, "plan"))


def test_a_plan_job_is_green_whatever_it_plans_and_writes_nothing(planned: Job, standby: Standby) -> None:
    assert planned.code == 0, planned.output
    assert standby.config_maps()["app"] == "production"
    assert table(planned)[1].endswith("look at the plan, and approve it")


def test_it_hands_on_a_plan_for_each_host(planned: Job) -> None:
    assert planned.artifacts.keys() == {"sync_plans", "sync_results"}  # the second is for notifications
    (found,) = planned.artifacts["sync_plans"].values()
    assert planned.artifacts["sync_plans"].keys() == {"standby-a"}
    assert found.keys() == {"backup", "hash", "parts"}
    assert found["backup"] == "hourly-03"
    assert len(json.dumps(found)) <= 8192
    assert SECRET_KEY not in json.dumps(planned.artifacts) + planned.output


@pytest.fixture(scope="module")
def changed_meanwhile(planned: Job, standby: Standby) -> list[Job]:
    """Somebody writes to the standby between plan and apply; the second apply job has the plan's report at hand."""
    standby.write("mine", "the standby's")
    report = report_of(standby, "plan")
    return [standby.job(**planned.artifacts), standby.job(**planned.artifacts, restore_approved_plan_report=report)]


def test_a_plan_is_refused_once_the_cluster_has_changed(changed_meanwhile: list[Job], standby: Standby) -> None:
    assert [job.code for job in changed_meanwhile] == [2, 2]
    blind, sighted = (" ".join(job.output.split()) for job in changed_meanwhile)
    assert "the plan is not the one that was approved, so nothing was written" in blind
    assert "ConfigMap in namespace shop" in blind
    assert "ConfigMap shop/mine (update is new)" in sighted
    assert standby.config_maps() == {"app": "production", "mine": "the standby's"}


@pytest.fixture(scope="module")
def applied(changed_meanwhile: list[Job], standby: Standby) -> Job:
    """Planned anew and approved; before it is applied, a newer backup comes."""
    assert changed_meanwhile
    found = plan(standby)
    standby.s3.put(hourly(4, contents(app="production at four")))
    return standby.job(sync_stage="apply", **found.artifacts)


def test_what_was_approved_is_restored_though_a_newer_backup_exists(applied: Job, standby: Standby) -> None:
    assert applied.code == 0, applied.output
    assert standby.config_maps() == {"app": "production at three", "mine": "production"}
    assert re.match(r"standby-a  hourly-03 .* yes      2        0       nothing", table(applied)[1])
    assert "Nothing has undone the restore" in applied.output


@pytest.fixture(scope="module")
def vanished(applied: Job, standby: Standby) -> dict[str, Job]:
    """Apply jobs that come too late, and ones for which nothing was approved."""
    assert applied
    found = plan(standby).artifacts
    stale = standby.job(**found, restore_max_backup_age="1h")
    for name in ("velero-backup.json", "hourly-04.tar.gz"):
        standby.s3.client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/backups/hourly-04/{name}")
    return {
        "stale": stale,
        "vanished": standby.job(**found),
        "without": standby.job(sync_stage="apply"),
        "other": standby.job(sync_plans={"standby-z": found["sync_plans"]["standby-a"]}),
        "no source": standby.job(sync_stage="plan", restore_schedule_name="daily"),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stale", "older than max_backup_age"),
        ("vanished", "hourly-04"),
        ("without", "sync_plans has no plan for standby-a"),
        ("other", "sync_plans has no plan for standby-a"),
        ("no source", "has no usable backup of schedule daily"),
    ],
)
def test_a_job_that_cannot_do_what_was_approved_is_red(vanished: dict[str, Job], name: str, words: str) -> None:
    assert vanished[name].code == 2
    assert words in " ".join(vanished[name].output.split())


def test_then_nothing_has_been_written(vanished: dict[str, Job], standby: Standby) -> None:
    assert vanished
    assert standby.config_maps() == {"app": "production at three", "mine": "production"}
