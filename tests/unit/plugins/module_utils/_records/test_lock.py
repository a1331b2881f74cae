# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A holder's name and clock; how a lock is taken, kept and lost is shown on a real API server."""

from __future__ import annotations

import os
import time

from ansible_collections.standby.velero.plugins.module_utils._records.lock import running_clock, this_holder


def test_a_holder_tells_host_and_process_and_is_no_other(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "standby-awx-1")
    names = {this_holder() for _run in range(50)}
    assert len(names) == 50
    assert all(name.startswith(f"standby-awx-1/{os.getpid()}/") for name in names)


def test_a_host_name_that_cannot_be_shown_is_made_so(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "stand\u202eby\n")
    assert this_holder().startswith("stand\\u202eby\\n/")
    monkeypatch.setattr("socket.gethostname", lambda: "")
    assert this_holder().startswith("unknown/")


def test_the_clock_of_a_lock_runs_whatever_the_machine_says_the_time_is(monkeypatch):
    before = running_clock()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= running_clock() - before < 5
