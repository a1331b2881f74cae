# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A production with nearly every kind of object on a standby of the same version; of other versions: tests/matrix."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from controlplane import ControlPlane
from production import restore, stored, take_backup, told
from restoring import views
from scenes import settled, watch


def test_the_same_version_drops_and_fills_in_nothing_and_is_in_sync_after_one_run(tmp_path):
    backup = take_backup(tmp_path / "all.tar.gz")
    with ControlPlane(controller_manager=True) as standby:
        settled(standby)
        first = restore(watch(standby.kubeconfig), backup, set())
        assert not [one for one in views(first) if one.outcome is Outcome.FAILED]
        assert in_sync(first.done, False)
        settled(standby)
        watched = watch(standby.kubeconfig)
        second = restore(watched, backup, set())
        assert stored(watched) == []
        assert not changed(second.done)
        assert in_sync(second.done, False)
    for one in (first, second):
        assert told(one, "dropped") == told(one, "filled in") == set()
