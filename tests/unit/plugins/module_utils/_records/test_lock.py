# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A holder's name and clock; how a lock is taken, kept and lost is shown on a real API server."""

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import LockError, NotFound
from ansible_collections.standby.velero.plugins.module_utils._records.lock import Lock, running_clock, this_holder
from executing import STATE
from scripted_target import ScriptedTarget, failing, stored


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


class Target(ScriptedTarget):
    """With a clock."""

    def server_time(self) -> float:
        return 1_800_000_000.0


PLACE = f"leases.coordination.k8s.io {STATE}/restore"
FREE = {"metadata": {"name": "restore", "uid": "l", "resourceVersion": "1"}, "spec": {}}


@pytest.mark.parametrize(
    "answer",
    [
        stored(spec=None),
        stored(spec={"holderIdentity": "another"}),
        stored(spec={"holderIdentity": None}),
        stored(spec="x"),
    ],
    ids=["no spec", "another holder", "no holder", "no spec that can be"],
)
def test_a_lock_is_held_only_when_the_answer_says_so(answer):
    created = Target((f"get {PLACE}", failing(NotFound)), (f"create {PLACE}", answer))
    patched = Target((f"get {PLACE}", FREE), (f"patch {PLACE}", answer))
    for target in (created, patched):
        lock = Lock(target, STATE, 60, "me")
        with pytest.raises(LockError, match="cannot be taken: the answer to its write names another holder"):
            lock.acquire(0, lambda _seconds: None)
        assert not lock.valid
        assert target.requests == target.script


def test_the_clock_of_a_lock_runs_whatever_the_machine_says_the_time_is(monkeypatch):
    before = running_clock()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= running_clock() - before < 5
