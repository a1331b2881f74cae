# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook drift: how far a standby is from the newest backup, in objects and in time, with nothing written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from controlplane import ControlPlane
from hourly import Standby, changed, contents, hourly, standby_of, table
from playing import Played


@pytest.fixture(scope="module")
def standby(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    """At 02:00 it was restored; then production went on, and somebody changed the standby."""
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        standby.s3.put(hourly(2, contents(app="production", mine="production", old="production")))
        played = standby.sync()
        assert played.code == 0, played.output
        standby.s3.put(hourly(3, contents(app="production at three", mine="production", new="production")))
        standby.write("mine", "the standby's")
        yield standby


VERDICTS = {
    "any": ({}, 2),
    "never": ({"drift_fail": "never", "drift_fail_count": 0}, 0),
    "few": ({"drift_fail_count": 3, "drift_fail_age": "2h"}, 0),
    "many": ({"drift_fail_count": 2}, 2),
    "late": ({"drift_fail_count": 3, "drift_fail_age": "59m"}, 2),
    "blank": ({"drift_fail": "", "drift_fail_count": "", "drift_fail_age": ""}, 2),
    "wrong": ({"drift_fail": "sometimes"}, 2),
}
"""What a job says is too far, and how it ends: three objects differ, and an hour lies between."""


@pytest.fixture(scope="module")
def before(standby: Standby) -> dict[str, Played]:
    return {name: standby.drift(**variables) for name, (variables, _code) in VERDICTS.items()}


@pytest.mark.parametrize("name", VERDICTS)
def test_what_is_too_far_is_what_the_job_says(before: dict[str, Played], name: str) -> None:
    assert before[name].code == VERDICTS[name][1], before[name].output


def test_the_distance_is_told_in_objects_and_in_time(before: dict[str, Played]) -> None:
    told = "3 of 4 objects differ (1 missing, 2 to update), 1 no longer in the backup"
    late = "hourly-02 was restored last, 1h behind hourly-03"
    for name in VERDICTS.keys() - {"wrong"}:
        assert f"hourly-03: {told}; {late}" in before[name].output
    assert re.search(rf"standby-a  hourly-03 .* no .*  the standby differs: {re.escape(told)}", table(before["any"])[1])


def test_a_red_job_says_which_limit_it_is(before: dict[str, Played]) -> None:
    assert "more objects differ than drift_fail_count (2)" in before["many"].output
    assert "the standby is further behind than drift_fail_age (59m)" in before["late"].output
    assert "value of drift_fail must be one of: , any, never, got: sometimes" in before["wrong"].output


def test_the_diff_is_shown_although_the_job_is_red(before: dict[str, Played]) -> None:
    assert "-  of: the standby's" in before["any"].output
    assert "+++ after: ConfigMap shop/new" in before["any"].output


def test_nothing_is_written_and_nothing_counts_as_changed_in_words(before: dict[str, Played], standby: Standby) -> None:
    assert "check mode: nothing was written" in before["any"].output
    assert standby.config_maps() == {"app": "production", "mine": "the standby's", "old": "production"}


@pytest.fixture(scope="module")
def after(before: dict[str, Played], standby: Standby) -> Played:
    assert before
    assert standby.sync().code == 0
    return standby.drift(hosts=("standby-a", "standby-b"))


def test_after_a_sync_there_is_none_and_what_cannot_be_asked_is_red(after: Played) -> None:
    assert (after.code, changed(after)) == (2, 0)
    assert "0 of 4 objects differ, 1 no longer in the backup" in after.output
    assert re.search(r"standby-a .*failed=0", after.output)
    assert re.search(r"standby-b .*failed=1", after.output)
    assert re.match(r"standby-b  hourly-03 .*127.0.0.1", table(after)[2])
