# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object can leave the backup without leaving production: prune_after gives a person time to see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report import summary
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from controlplane import ControlPlane
from nightly import Corner, deleted, failed, inventory_of, stops
from scenes import Body, watch


@pytest.fixture
def corner(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(controlplane, tmp_path, request.node.nodeid)


def begun(corner: Corner) -> tuple[Body, Body]:
    """What stays and what is missing from the backup of 03:00 on; both are restored from that of 02:00."""
    app, gone = corner.config_map("app"), corner.config_map("gone")
    assert failed(corner.restore(corner.backup(2, app, corner.config_map("web"), gone))) == []
    return app, gone


def night(corner: Corner, hour: int, *bodies: Body, **options: Any) -> Run:
    """The restore of the backup of that hour, which has these; with a prune after two that lack an object."""
    backup = corner.backup(hour, *bodies, corner.config_map("web"))
    return corner.restore(backup, **{"delta": "prune", "prune_after": 2, **options})


def told(run: Run) -> list[tuple[str, str, str, int]]:
    """Name, action, reason and number of backups of each object of the delta."""
    entries = build(run)["delta"]["objects"]
    return [(one["name"], one["action"], one["reason"], one["lacking_for"]) for one in entries]


NOT_YET = [("gone", "kept", "not_yet", 1)]
GOES = [("gone", "deleted", "", 2)]


def test_an_object_goes_when_the_second_backup_lacks_it(corner):
    app, gone = begun(corner)
    first = night(corner, 3, app)
    assert (told(first), deleted(first), stops(first)) == (NOT_YET, [], [])
    message = build(first)["delta"]["objects"][0]["message"]
    assert message == f"ConfigMap {corner.namespace}/gone is missing from fewer backups than prune_after says: 1 of 2"
    second = night(corner, 4, app)
    assert told(second) == GOES
    assert corner.live(gone) is None


def test_a_second_run_of_the_same_backup_does_not_count_and_writes_nothing(corner):
    app, gone = begun(corner)
    assert told(night(corner, 3, app)) == NOT_YET
    watched = watch(corner.target.kubeconfig)
    backup = corner.backup(3, app, corner.config_map("web"))
    again = corner.watch(watched, backup, delta="prune", prune_after=2)
    assert (told(again), summary.changed(again.done)) == (NOT_YET, False)
    assert not [path for method, path in watched.all_writes if "/leases" not in path], "not even the inventory"
    assert told(night(corner, 4, app)) == GOES
    assert corner.live(gone) is None


def test_a_run_without_a_prune_counts_and_check_mode_does_not(corner):
    app, _gone = begun(corner)
    for check in (True, True, False):
        assert told(night(corner, 3, app, check=check, delta="report")) == NOT_YET
    night(corner, 4, app, delta="ignore")
    assert told(night(corner, 5, app, check=True)) == [("gone", "deleted", "", 3)]
    assert told(night(corner, 5, app)) == [("gone", "deleted", "", 3)]


def test_an_object_that_comes_back_is_counted_anew(corner):
    app, gone = begun(corner)
    assert told(night(corner, 3, app)) == NOT_YET
    assert told(night(corner, 4, app, gone)) == []
    assert told(night(corner, 5, app)) == NOT_YET
    assert told(night(corner, 6, app)) == GOES


def test_an_older_backup_in_between_does_not_count(corner):
    app, gone = begun(corner)
    third = corner.backup(3, app, corner.config_map("web"))
    assert told(night(corner, 4, app)) == NOT_YET
    older = corner.restore(third, delta="report", prune_after=2, allow_older=True)
    assert told(older) == NOT_YET
    assert corner.live(gone)
    assert told(night(corner, 5, app)) == GOES


def test_a_backup_with_errors_does_not_count(corner):
    app, _gone = begun(corner)
    partial = corner.backup(3, app, corner.config_map("web"), phase="PartiallyFailed", errors=1)
    corner.restore(partial, delta="prune", prune_after=2)
    night(corner, 4, app)
    assert told(night(corner, 5, app)) == GOES
    entries = [entry for part in inventory_of(corner.target, corner.state_namespace) for entry in part.entries.values()]
    assert {entry.lacking.backups for entry in entries} == {0}


def test_without_the_option_the_first_backup_that_lacks_it_is_enough(corner):
    app, gone = begun(corner)
    run = corner.restore(corner.backup(3, app, corner.config_map("web")), delta="prune")
    assert told(run) == [("gone", "deleted", "", 1)]
    assert corner.live(gone) is None
