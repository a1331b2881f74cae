# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hourly job as a platform team runs it: playbook sync over an inventory, out of a bucket, onto a real API server.

Every start of ansible-playbook takes seconds, so one standby goes through the nights of a story, and many tests look at
what each left.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from controlplane import ControlPlane
from hourly import API_KEY, BRACES, SECRET_KEY, Standby, changed, contents, hourly, standby_of, table
from playing import Played

GENEROUS = {"restore_prune_max_percent": 100}
"""Small backups would hardly ever lack less than the default share of their objects."""

HOUR_2 = hourly(2, contents(app="production", old="production", braces=BRACES))
HOUR_3 = hourly(3, contents(app="production at three", new="production", braces=BRACES))


@pytest.fixture(scope="module")
def standby(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        yield standby


# Two standbys, one of which does not answer


@pytest.fixture(scope="module")
def first(standby: Standby) -> Played:
    """02:00, onto an empty standby and one that cannot be reached."""
    standby.s3.put(HOUR_2)
    return standby.sync(hosts=("standby-a", "standby-b"))


def test_a_standby_that_cannot_be_reached_does_not_stop_the_other(first: Played) -> None:
    assert first.code == 2
    assert re.search(r"standby-a .*failed=0 .*rescued=0", first.output)
    assert re.search(r"standby-b .*failed=1 .*rescued=1", first.output)
    assert "created: ConfigMap shop/app" in first.output


def test_the_table_in_the_end_says_of_each_what_it_is_and_what_to_do(first: Played) -> None:
    head, one, other = table(first)
    assert head.split("  ")[0] == "host"
    assert re.fullmatch(r"standby-a  hourly-02  7h(\d+m)?  +yes      5        0       nothing", one)
    assert re.match(r"standby-b  hourly-02  7h(\d+m)?  +-        -        -       .*127.0.0.1", other)


def test_what_was_restored_is_verified_after_a_while(first: Played) -> None:
    assert "Nothing has undone the restore" in first.output
    assert re.search(r"check mode: nothing was written", first.output)


def test_no_secret_is_anywhere_and_nothing_of_a_backup_is_a_template(first: Played, standby: Standby) -> None:
    for secret in (SECRET_KEY, API_KEY, "canary-value", "Y2FuYXJ5LXZhbHVl"):
        assert secret not in first.everything
    assert standby_value(standby, "braces") == BRACES
    assert "uid=" not in first.everything


def standby_value(standby: Standby, name: str) -> str:
    return standby.config_maps()[name]


# An hour without a new backup, and the next one


@pytest.fixture(scope="module")
def again(first: Played, standby: Standby) -> Played:
    """An hour later: the one backup that is newer is being made still."""
    assert first
    standby.s3.put(hourly(3, b"", phase="InProgress"))
    return standby.sync()


def test_nothing_new_is_green_and_changes_nothing(again: Played) -> None:
    assert (again.code, changed(again)) == (0, 0)
    assert "nothing was written" in again.output
    assert re.fullmatch(r"standby-a  hourly-02 .*yes      0        0       nothing", table(again)[1])


def test_a_newer_backup_that_is_not_complete_yet_is_told_and_not_red(again: Played) -> None:
    assert "passed over: hourly-03 is InProgress" in again.output


@pytest.fixture(scope="module")
def third(again: Played, standby: Standby) -> Played:
    """03:00 is complete: one object changed, one is new, one is gone."""
    assert again
    standby.s3.put(HOUR_3)
    return standby.sync("--diff")


def test_the_next_backup_is_restored_and_what_production_lost_is_told(third: Played, standby: Standby) -> None:
    assert third.code == 0, third.output
    assert "since hourly-02 was restored: delete 1, update 1, create 1" in third.output
    assert "delete: ConfigMap shop/old (restored from hourly-02): kept" in third.output
    assert standby.config_maps() == {
        "app": "production at three",
        "old": "production",
        "new": "production",
        "braces": BRACES,
    }


# Prune, when it is asked for


@pytest.fixture(scope="module")
def pruned(third: Played, standby: Standby) -> list[Played]:
    """The same backup, which is the first that lacks it; then the one of 04:00, which is the second."""
    assert third
    played = [standby.sync(restore_delta="prune", **GENEROUS)]
    standby.s3.put(hourly(4, contents(app="production at three", new="production", braces=BRACES)))
    return [*played, standby.sync(restore_delta="prune", **GENEROUS)]


def test_what_production_lost_goes_once_two_backups_have_lacked_it(pruned: list[Played], standby: Standby) -> None:
    early, late = pruned
    assert (early.code, late.code) == (0, 0), late.output
    assert "not_yet" in early.output
    assert "delete: ConfigMap shop/old (restored from hourly-02): deleted" in late.output
    assert "old" not in standby.config_maps()


# A stale backup


@pytest.fixture(scope="module")
def stale(pruned: list[Played], standby: Standby) -> Played:
    """No backup has come for longer than the job allows."""
    assert pruned
    return standby.sync(restore_max_backup_age="1h")


def test_a_stale_backup_is_red_with_words(stale: Played) -> None:
    assert (stale.code, changed(stale)) == (2, 0)
    assert re.search(r"backup hourly-04 is of .* 5h\d+m ago: older than max_backup_age \(1h0m\)", table(stale)[1])


@pytest.fixture(scope="module")
def demands(stale: Played, standby: Standby) -> dict[str, Played]:
    """What cannot be meant, and an hour in which production has no backup at all."""
    assert stale
    return {
        "age": standby.sync(restore_max_backup_age=""),
        "misspelt": standby.sync(restore_exclude_namespaces="shop"),
        "schedule": standby.sync(restore_schedule_name="daily"),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("age", "restore_max_backup_age is not set: without it the job would stay green although no new backup comes"),
        ("misspelt", r"restore_exclude_namespaces is no variable .*did you mean restore_excluded_namespaces"),
        ("schedule", r"has no usable backup of schedule daily"),
    ],
)
def test_a_job_that_cannot_be_meant_is_red_and_says_why(demands: dict[str, Played], name: str, words: str) -> None:
    played = demands[name]
    assert played.code == 2
    assert re.search(words, played.output)
    assert "TASK [standby.velero.restore : Restore the backup]" not in played.output


# Check mode


@pytest.fixture(scope="module")
def checked(demands: dict[str, Played], standby: Standby) -> Played:
    """The 05:00 backup in check mode."""
    assert demands
    standby.s3.put(hourly(5, contents(app="production at five", new="production", braces=BRACES)))
    return standby.sync("--check", restore_fail_on="failed")


def test_in_check_mode_nothing_is_written_or_verified_and_it_says_so(checked: Played, standby: Standby) -> None:
    assert checked.code == 0, checked.output
    assert "Nothing is verified: check mode has written nothing" in checked.output
    assert standby_value(standby, "app") == "production at three"
    assert table(checked)[1].endswith("run it without check mode")


# An operator that undoes what was restored


@contextmanager
def an_operator(target: ControlPlane, name: str, value: str) -> Iterator[None]:
    """Puts a ConfigMap back to that value as soon as it has another, until the end of the block."""
    ended = threading.Event()

    def reconcile() -> None:
        path = f"/api/v1/namespaces/shop/configmaps/{name}"
        while not ended.wait(0.1):
            _status, body = target.api("GET", path)
            if body["data"]["of"] != value:
                target.api("PATCH", path, {"data": {"of": value}}, "application/merge-patch+json")

    thread = threading.Thread(target=reconcile)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def undone(checked: Played, standby: Standby) -> Played:
    """05:00, with an operator that wants something else."""
    assert checked
    paths = {"restore_report_path": str(standby.player.report_path), "report_html_path": str(page_of(standby))}
    with an_operator(standby.target, "app", "the operator's"):
        return standby.sync("--diff", **paths)


def page_of(standby: Standby) -> Path:
    return standby.player.folder / "page.html"


def test_a_verification_finds_an_operator_that_undoes_the_restore(undone: Played) -> None:
    assert undone.code == 2
    assert "The restore does not hold: ConfigMap shop/app differs again" in undone.output
    assert re.search(r"standby-a  hourly-05 .* no       1        0       The restore does not hold", table(undone)[1])


def test_the_job_is_red_and_shows_what_was_undone_all_the_same(undone: Played) -> None:
    assert "-  of: the operator's" in undone.output
    assert "+  of: production at five" in undone.output


def test_report_and_page_of_a_red_job_say_what_was_undone(undone: Played, standby: Standby) -> None:
    assert undone.report is not None
    left = "ConfigMap shop/app differs again"
    assert undone.report["verification"] == {"passed": False, "left": [left]}
    assert left in page_of(standby).read_text(encoding="utf-8")
