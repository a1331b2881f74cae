# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed after each of its writes, one that is stopped for a while, two at once: each ends as one alone does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dying
import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import LockError
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from controlplane import wait_for
from dying import killed_after
from nightly import GENEROUS, Corner, deleted, failed, inventory_of, stale, stops
from restoring import views
from scenes import Body, Watched, edit, unlock, versions, watch

AFTER_DEATH = {"lock_duration": 2, "lock_timeout": 30}
NEVER = 1_000_000
"""More writes than any run has."""


# What is restored


def secret(corner: Corner) -> Body:
    metadata = {"name": "creds", "namespace": corner.namespace, "uid": f"{corner.namespace}-creds"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": {"key": "dmFsdWU="}}


def deployment(corner: Corner, replicas: int) -> Body:
    container = {"name": "main", "image": "registry.example.org/web:1"}
    metadata = {"name": "web", "namespace": corner.namespace, "uid": f"{corner.namespace}-web"}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def ingress(corner: Corner) -> Body:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": corner.namespace, "uid": f"{corner.namespace}-ingress"},
        "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    }


def earlier(corner: Corner) -> Path:
    """The backup of 02:00."""
    same, app, gone = (corner.config_map(name) for name in ("same", "app", "gone"))
    return corner.backup(2, same, app, gone, secret(corner), deployment(corner, 1), ingress(corner))


def newest(corner: Corner) -> Path:
    """An hour later: one more, others that differ, two less."""
    same, app, new = (corner.config_map(name) for name in ("same", "app", "new"))
    return corner.backup(3, same, {**app, "data": {"of": "another"}}, new, secret(corner), deployment(corner, 3))


def asked(corner: Corner, backup: Path) -> dict[str, Any]:
    """For a process of its own."""
    return {
        "kubeconfig": str(corner.target.kubeconfig),
        "backup_file": str(backup),
        "backup_name": None,
        "restore_name": None,
        "state_namespace": corner.state_namespace,
        "lock_duration": 2,
        "delta": "prune",
        **GENEROUS,
    }


# What comes of it

KINDS = (
    "api/v1/{}/configmaps",
    "api/v1/{}/secrets",
    "apis/apps/v1/{}/deployments",
    "apis/networking.k8s.io/v1/{}/ingresses",
)


def objects(corner: Corner) -> dict[tuple[str, str], Body]:
    """All that lies in the corner, as it is stored."""
    found = {}
    for path in KINDS:
        status, answer = corner.target.api("GET", "/" + path.format(f"namespaces/{corner.namespace}"))
        assert status == 200, answer
        found.update(((answer["kind"], body["metadata"]["name"]), body) for body in answer["items"])
    return found


def ended(corner: Corner) -> Any:
    """What two corners must have in common: objects, and the inventory, whose UIDs must be those of the objects.

    But for the Namespace: it bears no label, so that nothing proves that a killed run has made it.
    """
    there = objects(corner)
    inventory = inventory_of(corner.target, corner.state_namespace)
    rows = {(key.kind + "List", key.name): entry.uid for one in inventory for key, entry in one.entries.items()}
    rows.pop(("NamespaceList", corner.namespace))
    assert rows == {place: body["metadata"]["uid"] for place, body in there.items()}
    bodies = {place: [body.get("data"), body.get("spec"), body["metadata"]["labels"]] for place, body in there.items()}
    named = [(one.scope.backup.name, one.scope.selected, sorted(map(str, one.entries))) for one in inventory]
    return json.loads(json.dumps([sorted(bodies.items()), named]).replace(corner.namespace, "corner"))


@pytest.mark.parametrize("restored_before", [False, True], ids=["onto nothing", "onto an earlier backup"])
def test_a_run_killed_after_any_of_its_writes_is_made_good_by_the_next(shared_controlplane, tmp_path, restored_before):
    """First all die, then all are made good: by then nobody waits for the lock of a dead run."""

    def begun(name: str) -> Corner:
        corner = Corner.of(shared_controlplane, tmp_path / name, f"{restored_before} {name}")
        if restored_before:
            assert failed(corner.restore(earlier(corner))) == []
        return corner

    def dead(number: int) -> Corner:
        corner = begun(f"killed-{number}")
        assert killed_after(number, **asked(corner, newest(corner)))
        return corner

    alone = begun("alone")
    writes = writes_of(alone, watch(shared_controlplane.kubeconfig))
    wanted = ended(alone)
    assert len(writes) > 9
    with ThreadPoolExecutor(3) as pool:
        corners = list(pool.map(dead, range(1, len(writes) + 1)))
    for number, corner in enumerate(corners, 1):
        again = corner.restore(newest(corner), delta="prune", **AFTER_DEATH)
        assert failed(again) == []
        assert again.velero_errors == ()
        assert in_sync(again.done, check_mode=False)
        assert ended(corner) == wanted, f"after write {number}"


def writes_of(corner: Corner, watched: Watched) -> list[tuple[str, str]]:
    """All writes of an undisturbed run, as `killed_after` counts them."""
    assert failed(corner.watch(watched, newest(corner), delta="prune")) == []
    return [(method, path) for method, path in watched.all_writes if "/leases" not in path and "dryRun" not in path]


def test_what_a_killed_run_made_and_no_later_backup_has_is_never_deleted(corner):
    """Its UID was not yet written down, so that nothing proves who made it."""
    corner.restore(earlier(corner))
    backup, key = newest(corner), f"ConfigMap {corner.namespace}/new"
    number = 0
    while "new" not in corner.config_maps():
        number += 1
        assert killed_after(number, **asked(corner, backup))
        unlock(corner.target, corner.state_namespace)
    assert corner.recorded()[key] == ""
    fourth = corner.backup(4, corner.config_map("same"), corner.config_map("app"), secret(corner))
    pruned = corner.restore(fourth, delta="prune")
    assert failed(pruned) == []
    assert stops(pruned) == []
    assert key not in deleted(pruned)
    assert key not in stale(pruned)
    assert "new" in corner.config_maps()


def test_the_lock_of_a_killed_run_names_it_until_it_runs_out(corner):
    backup = earlier(corner)
    assert killed_after(5, **asked(corner, backup) | {"lock_duration": 3600})
    with pytest.raises(LockError) as caught:
        corner.restore(backup)
    assert os.uname().nodename in str(caught.value)


# Two at once

MANY = 400


def many(corner: Corner) -> Path:
    return corner.backup(2, *(corner.config_map(f"c-{number:03}") for number in range(MANY)))


@contextmanager
def running(corner: Corner, backup: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process of its own, which takes its time, and has begun to write."""
    options = {**asked(corner, backup), "lock_duration": 60, "concurrency": 1, **options}
    process = subprocess.Popen(
        [sys.executable, dying.__file__, json.dumps(options), str(NEVER)], stderr=subprocess.PIPE
    )
    try:
        wait_for("the run to write", lambda: process.poll() is not None or is_writing(corner))
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.communicate()


def is_writing(corner: Corner) -> bool:
    path = f"/api/v1/namespaces/{corner.namespace}/configmaps?limit=2"
    return len(corner.target.api("GET", path)[1].get("items") or []) == 2


def test_a_second_run_is_refused_and_told_who_is_at_it(corner):
    backup = many(corner)
    with running(corner, backup) as first:
        watched = watch(corner.target.kubeconfig)
        with pytest.raises(LockError) as caught:
            corner.watch(watched, backup)
        assert first.poll() is None
        assert f"{os.uname().nodename}/{first.pid}/" in str(caught.value)
        assert watched.all_writes == []
        assert first.wait(60) == 0
    assert len(corner.config_maps()) == MANY


def test_a_second_run_waits_when_it_may_and_writes_nothing_again(corner):
    backup = many(corner)
    with running(corner, backup) as first:
        watched = watch(corner.target.kubeconfig)
        second = corner.watch(watched, backup, lock_timeout=60)
        assert first.wait(60) == 0
    assert failed(second) == []
    assert not changed(second.done)
    assert [request for request in watched.all_writes if "/leases" not in request[1]] == []
    assert len(corner.config_maps()) == MANY


def test_check_mode_asks_for_no_lock(corner):
    backup = many(corner)
    with running(corner, backup) as first:
        tried = corner.restore(backup, check=True, delta="report")
        assert first.poll() is None
    assert len(views(tried)) == MANY + 1


def test_a_run_that_was_stopped_for_a_while_does_not_write_under_the_next_one_s_lock(corner):
    """A machine that sleeps, a container that is paused: the run wakes up when another has done its work."""
    backup = many(corner)
    with running(corner, backup, lock_duration=2) as first:
        first.send_signal(signal.SIGSTOP)
        second = corner.restore(backup, **AFTER_DEATH)
        assert failed(second) == []
        assert in_sync(second.done, check_mode=False)
        drifted = corner.config_map(f"c-{MANY - 1:03}")
        edit(corner.target, drifted, {"data": {"of": "somebody else"}})
        before = versions(corner.target)
        first.send_signal(signal.SIGCONT)
        assert first.wait(60) == 0
        assert versions(corner.target) == before
    unproven = [key for key, uid in corner.recorded().items() if not uid]
    assert unproven == [f"Namespace {corner.namespace}"], (
        "it bears no label, so that the second cannot tell who made it"
    )
