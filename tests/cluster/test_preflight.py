# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the wrong night, on a real API server: refused before anything is written, and let through when asked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    EmptySelectionError,
    PreflightError,
    SettingsError,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from backups import Backup
from nightly import Corner, failed, stale, stops
from passing import Passing
from restoring import views
from scenes import Body, connection, versions

HOUR = 3600


Told = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A backup that comes after one of 02:00 with three ConfigMaps."""

    says: str
    through: str
    """The option that lets it through."""
    names: tuple[str, ...] = ("app", "new", "web")
    told: Told = field(default_factory=dict)
    """What is special of the backup."""
    before: Told = field(default_factory=dict)
    """Of the one before."""


CASES = {
    "older": Case(
        "backup nightly-03 is of 2026-11-24T01:59:59Z, older than nightly-02 of 2026-11-24T02:00:00Z",
        "allow_older",
        told={"started": "2026-11-24T01:59:59Z"},
    ),
    "older, of another time zone": Case(
        "backup nightly-03 is of 2026-11-24T01:30:00Z, older than nightly-02",
        "allow_older",
        told={"started": "2026-11-24T03:30:00+02:00"},
    ),
    "of another cluster": Case(
        "backup nightly-03 is of the cluster production-2",
        "allow_other_source",
        told={"source": "production-2"},
    ),
    "of another cluster and schedule": Case(
        "backup nightly-03 is of the cluster production-2",
        "allow_other_source",
        told={"source": "production-2", "schedule": "weekly"},
    ),
    "of a cluster that it does not tell": Case(
        "backup nightly-03 does not tell which cluster it is of",
        "allow_other_source",
        told={"source": ""},
    ),
    "shrunken": Case(
        "backup nightly-03 has 1 objects, nightly-02, which was restored before, had 4: less than half",
        "allow_shrunk",
        names=(),
    ),
}


def names_of(corner: Corner, *names: str) -> list[Body]:
    return [corner.config_map(name) for name in names]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_a_backup_of_the_wrong_night_is_refused_before_anything_is_written(corner, case, check):
    corner.restore(corner.backup(2, *names_of(corner, "app", "old", "web"), **case.before))
    backup = corner.backup(3, *names_of(corner, *case.names), **case.told)
    before = versions(corner.target)
    with pytest.raises(PreflightError) as caught:
        corner.restore(backup, check=check, delta="prune")
    assert versions(corner.target) == before
    assert case.says in str(caught.value)
    assert f"{case.through} lets it through" in str(caught.value)
    assert failed(corner.restore(backup, check=check, **{case.through: True})) == []
    assert (versions(corner.target) == before) is check


def test_an_empty_backup_is_refused(corner):
    """Of some namespaces, so that it does not tell its cluster: what production wants is not nothing."""
    corner.restore(corner.backup(2, *names_of(corner, "app", "web"), source=""))
    empty = corner.backup(3, source="")
    before = versions(corner.target)
    with pytest.raises(BackupError, match="is not a Velero backup, or one of nothing at all"):
        corner.restore(empty, delta="prune", allow_shrunk=True)
    Backup().folder("resources/").write(empty)
    with pytest.raises(PreflightError, match="nightly-03 has 0 objects, nightly-02, which was restored before, had 2"):
        corner.restore(empty, delta="prune")
    assert versions(corner.target) == before
    with pytest.raises(EmptySelectionError, match="holds no object at all"):
        corner.restore(empty, delta="prune", allow_shrunk=True)
    assert versions(corner.target) == before
    run = corner.restore(empty, delta="prune", allow_shrunk=True, allow_empty=True)
    assert views(run) == []
    assert len(stale(run)) == 3
    assert stops(run) == ["unknown_source", "nothing_selected", "over_percent"]
    assert sorted(corner.config_maps()) == ["app", "web"]


def test_all_that_speaks_against_a_backup_is_said_at_once(corner):
    corner.restore(corner.backup(2, *names_of(corner, "app", "web", "db")))
    backup = corner.backup(3, started="2026-11-23T02:00:00Z", source="production-2")
    with pytest.raises(PreflightError) as caught:
        corner.restore(backup, max_backup_age="1h")
    for option in ("max_backup_age", "allow_older", "allow_other_source", "allow_shrunk"):
        assert option in str(caught.value)


def test_a_backup_of_another_schedule_is_neither_older_nor_shrunken(corner):
    corner.restore(corner.backup(2, *names_of(corner, "app", "web", "db")))
    weekly = corner.backup(3, corner.config_map("app"), schedule="weekly", started="2026-11-23T02:00:00Z")
    assert failed(corner.restore(weekly)) == []


def test_the_same_backup_may_be_restored_again(corner):
    backup = corner.backup(2, *names_of(corner, "app", "web"))
    corner.restore(backup)
    assert {view.outcome for view in views(corner.restore(backup))} == {Outcome.UNCHANGED, Outcome.SKIPPED}


def test_an_older_backup_that_was_let_through_is_the_last_one_from_then_on(corner):
    backups = [corner.backup(hour, *names_of(corner, "app", "web")) for hour in (2, 3, 4)]
    corner.restore(backups[2])
    corner.restore(backups[0], allow_older=True)
    assert failed(corner.restore(backups[1])) == []


# Age


def ago(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


@pytest.mark.parametrize("age", ["2h30m", "150m", "2h29m59.9s", "9000000ms"])
def test_a_backup_is_refused_when_it_is_older_than_a_duration_as_velero_writes_it(corner, age):
    before = versions(corner.target)
    with pytest.raises(PreflightError, match=r"2h3\dm ago: older than max_backup_age \(2h(30|29)m\)"):
        corner.restore(corner.backup(2, corner.config_map("app"), started=ago(2.55 * HOUR)), max_backup_age=age)
    assert versions(corner.target).keys() - before.keys() <= {namespace_uid(corner)}
    young = corner.backup(3, corner.config_map("app"), started=ago(2.4 * HOUR))
    assert failed(corner.restore(young, max_backup_age=age)) == []


def namespace_uid(corner: Corner) -> str:
    """Of the namespace in which the lock lies: the first run makes it."""
    return corner.target.api("GET", f"/api/v1/namespaces/{corner.state_namespace}")[1]["metadata"]["uid"]


def test_a_backup_whose_age_nobody_knows_is_refused(corner):
    unknown = corner.backup(2, corner.config_map("app"), metadata=False)
    with pytest.raises(PreflightError, match="its age is not known"):
        corner.restore(unknown, max_backup_age="1h")
    assert failed(corner.restore(unknown)) == []


@pytest.mark.parametrize("age", ["1", "1d", "-1h", "0s", "soon"])
def test_a_duration_that_is_none_is_a_problem_of_the_options(corner, age):
    with pytest.raises(SettingsError, match="max_backup_age"):
        corner.restore(corner.backup(2, corner.config_map("app")), max_backup_age=age)


class Ahead(Passing):
    """A connection to a server whose clock is not ours."""

    def __init__(self, connection: Any, seconds: float) -> None:
        super().__init__(connection)
        self._seconds = seconds

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        """Passes a request on, and the server's time with the difference."""
        answer = super().send(method, path, body, **how)
        return replace(answer, date=answer.date + self._seconds)


@pytest.mark.parametrize(("ahead", "refused"), [(HOUR, True), (-HOUR, False), (0, False)])
def test_it_is_the_server_s_clock_that_counts(corner, ahead, refused):
    """A server that is an hour off from ours: whose clock is wrong cannot be told, and two runs must see the same."""
    backup = corner.backup(2, corner.config_map("app"), started=ago(HOUR / 2))
    server = Ahead(connection({"kubeconfig": str(corner.target.kubeconfig)}), ahead)
    if refused:
        with pytest.raises(PreflightError, match=r"1h(29|30)m ago"):
            corner.watch(server, backup, max_backup_age="1h")
    else:
        assert failed(corner.watch(server, backup, max_backup_age="1h")) == []
