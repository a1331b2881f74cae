# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once, one that is killed, one that cannot renew, clocks that are wrong: of all of them one writes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any
from zlib import crc32

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._errors import LockError, Unauthorized, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._records.lease import (
    MOST_TRANSITIONS,
    lease_of,
    micro_time,
)
from ansible_collections.standby.velero.plugins.module_utils._records.lock import Lock, held, this_holder
from controlplane import LIMITED, ControlPlane, free_ports, wait_for
from faults import DROP, LOSE, PASS, Fault, FaultyProxy, answer
from scenes import Watched, connection

DURATION = 1.5
"""Seconds; a Lease has whole ones, so others see 2."""
SEEN = 2
HOUR = 3600.0
MERGE = "application/merge-patch+json"


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> str:
    """One for each test; it does not exist yet."""
    return f"lock-{crc32(request.node.nodeid.encode()):x}"


def client_of(options: dict[str, Any]) -> Client:
    """A client that does not wait long before it asks again."""
    hurried = connection(options)
    hurried._sleep = lambda seconds: time.sleep(min(seconds, 0.05))
    return Client(hurried)


@pytest.fixture(scope="module")
def controlplane(shared_controlplane: ControlPlane) -> ControlPlane:
    """Each test has a namespace of its own."""
    return shared_controlplane


@pytest.fixture
def client(controlplane: ControlPlane) -> Client:
    return client_of({"kubeconfig": str(controlplane.kubeconfig)})


def hold(
    client: Client, namespace: str, holder: str = "here/1/a", timeout: float = 0, duration: float = DURATION
) -> Any:
    return held(client, namespace, duration, timeout, holder)


def path_of(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/restore"


def lease(target: ControlPlane, namespace: str) -> dict[str, Any]:
    """Its body, as the administrator sees it."""
    status, body = target.api("GET", path_of(namespace))
    assert status == 200, body
    return body


def edit(target: ControlPlane, namespace: str, patch: dict[str, Any]) -> dict[str, Any]:
    status, body = target.api("PATCH", path_of(namespace), patch, MERGE)
    assert status == 200, body
    return body


def put(target: ControlPlane, namespace: str, **spec: Any) -> dict[str, Any]:
    """A Lease that somebody else left."""
    target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "restore"}, "spec": spec}
    status, stored = target.api("POST", path_of(namespace).rpartition("/")[0], body)
    assert status == 201, stored
    return stored


def spec_of(target: ControlPlane, namespace: str) -> dict[str, Any]:
    return lease(target, namespace)["spec"]


# One run


def test_a_lock_makes_its_namespace_and_lease_and_leaves_the_lease_without_a_holder(controlplane, client, namespace):
    with hold(client, namespace, "standby-awx-1/4711/3f9a2c") as lock:
        assert lock.valid
        assert lock.holder == "standby-awx-1/4711/3f9a2c"
        spec = spec_of(controlplane, namespace)
        assert spec["holderIdentity"] == "standby-awx-1/4711/3f9a2c"
        assert spec["leaseDurationSeconds"] == SEEN
        assert spec["acquireTime"] == spec["renewTime"]
        assert -2 < lease_of(lease(controlplane, namespace)).renewed - client.server_time() < 2
    assert not lock.valid
    assert lock.problem == ""
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""
    assert spec_of(controlplane, namespace)["leaseTransitions"] == 0


def test_a_lock_is_renewed_for_as_long_as_the_run_lasts(controlplane, client, namespace):
    with hold(client, namespace) as lock:
        seen = {lease(controlplane, namespace)["spec"]["renewTime"]}
        end = time.monotonic() + 2 * DURATION
        while time.monotonic() < end:
            assert lock.valid
            seen.add(spec_of(controlplane, namespace)["renewTime"])
            time.sleep(0.05)
        assert 5 <= len(seen) <= 8, "it is renewed at each third"
        assert spec_of(controlplane, namespace)["acquireTime"] in seen
    version = lease(controlplane, namespace)["metadata"]["resourceVersion"]
    time.sleep(DURATION)
    assert lease(controlplane, namespace)["metadata"]["resourceVersion"] == version, "renewed after the end"


def test_a_run_that_fails_leaves_no_holder_either(controlplane, client, namespace):
    with pytest.raises(KeyError), hold(client, namespace):
        raise KeyError("the run")
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""


def test_a_lease_of_an_earlier_run_is_taken_and_every_write_of_it_has_a_precondition(controlplane, namespace):
    bodies: list[Any] = []
    watched = Watched(
        connection({"kubeconfig": str(controlplane.kubeconfig)}),
        lambda method, path, body: bodies.append(body) if method == "PATCH" and path == path_of(namespace) else None,
    )
    for _run in range(2):
        with hold(Client(watched), namespace):
            time.sleep(DURATION / 2)
    assert len(bodies) >= 5, "a takeover, renewals and two releases"
    assert all(body["metadata"]["resourceVersion"] for body in bodies)
    assert spec_of(controlplane, namespace)["leaseTransitions"] == 1


# Two at once


def test_a_second_run_fails_at_once_and_says_who_is_there_and_what_to_do(controlplane, client, namespace):
    with hold(client, namespace, "standby-awx-1/4711/3f9a2c"):
        before = lease(controlplane, namespace)
        started = time.monotonic()
        with pytest.raises(LockError) as caught, hold(client, namespace, "other/1/b"):
            pass
        assert time.monotonic() - started < DURATION
        acquired = before["spec"]["acquireTime"][:19]
        text = str(caught.value)
        assert text.startswith(
            f"the lock (Lease {namespace}/restore) is held by another run: standby-awx-1/4711/3f9a2c"
        )
        assert f"since {acquired}Z and counts until 20" in text
        assert all(word in text for word in ("lock_timeout", "delete the Lease", "API server's clock"))
        assert spec_of(controlplane, namespace)["holderIdentity"] == "standby-awx-1/4711/3f9a2c"


def test_a_second_run_waits_for_the_first_to_end(client, namespace):
    ended: list[float] = []

    def first() -> None:
        with hold(client, namespace, "first/1/a"):
            ready.set()
            time.sleep(2 * DURATION)
            ended.append(time.monotonic())

    ready, thread = threading.Event(), threading.Thread(target=first)
    thread.start()
    assert ready.wait(10)
    with hold(client, namespace, "second/1/b", timeout=20):
        assert ended, "both held it"
    thread.join()


def test_a_second_run_gives_up_when_its_time_is_over(client, namespace):
    with hold(client, namespace, "first/1/a") as lock:
        started = time.monotonic()
        with (
            pytest.raises(LockError, match=r"^after 2 s of waiting the lock .* first/1/a"),
            hold(client, namespace, "second/1/b", timeout=2),
        ):
            pass
        assert 2 <= time.monotonic() - started < 4
        assert lock.valid


@pytest.mark.parametrize("left", ["nothing", "a namespace", "a Lease that ran out"])
def test_of_many_that_come_at_the_same_moment_one_gets_it(controlplane, namespace, left):
    if left == "a namespace":
        controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    if left == "a Lease that ran out":
        put(controlplane, namespace, holderIdentity="dead/1/f", leaseDurationSeconds=1, renewTime=micro_time(0))
    at_once, done = threading.Barrier(6), threading.Barrier(6)
    got, refused = [], []

    def run(number: int) -> None:
        mine = client_of({"kubeconfig": str(controlplane.kubeconfig)})
        mine.server_time()
        at_once.wait(20)
        with ExitStack() as stack:
            try:
                got.append(stack.enter_context(hold(mine, namespace, f"run/{number}/x", duration=30)))
            except LockError as error:
                refused.append(str(error))
            done.wait(20)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert len(refused) == 5
    assert all(got[0].holder in text for text in refused)


RUN = """
import sys, time
kubeconfig, namespace, offset, seconds, timeout, duration, rounds = sys.argv[1:]
real = time.time
time.time = lambda: real() + float(offset)
from ansible_collections.standby.velero.plugins.module_utils._records.lock import held, this_holder
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from scenes import connection
client = Client(connection({"kubeconfig": kubeconfig}))
for _round in range(int(rounds)):
    with held(client, namespace, float(duration), float(timeout), this_holder()) as lock:
        begun, end, valid = time.monotonic(), time.monotonic() + float(seconds), True
        print(lock.holder, flush=True)
        while time.monotonic() < end:
            valid = valid and lock.valid
            time.sleep(0.02)
        print(begun, time.monotonic(), valid, flush=True)
"""


def process(
    target: ControlPlane, namespace: str, *, offset: float, seconds: float, timeout: float = 0, rounds: int = 1
) -> subprocess.Popen[str]:
    """A run on a machine whose clock is off by so many seconds."""
    numbers = (offset, seconds, timeout, DURATION, rounds)
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(target.kubeconfig), namespace, *map(str, numbers)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_whose_clocks_are_two_hours_apart_never_hold_it_at_once(controlplane, namespace):
    """Each holds it for longer than it lasts without renewal; the other's clock says that it ran out long ago."""
    runs = [
        process(controlplane, namespace, offset=offset, seconds=1.5 * DURATION, timeout=60, rounds=2)
        for offset in (HOUR, -HOUR)
    ]
    said = [run.communicate(timeout=90)[0].splitlines() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    spans = sorted(tuple(line.split()) for lines in said for line in lines[1::2])
    assert len(spans) == 4
    assert all(valid == "True" for _begun, _end, valid in spans)
    times = sorted((float(begun), float(end)) for begun, end, _valid in spans)
    assert all(before[1] < after[0] for before, after in pairwise(times))


def test_a_run_that_was_killed_is_followed_once_its_time_is_over(controlplane, client, namespace):
    run = process(controlplane, namespace, offset=0, seconds=60)
    holder = run.stdout.readline().strip()
    run.kill()
    run.wait()
    with pytest.raises(LockError, match=holder), hold(client, namespace):
        pass
    left = lease_of(lease(controlplane, namespace))
    with hold(client, namespace, timeout=20) as lock:
        assert client.server_time() >= left.until
        assert lock.valid
        spec = spec_of(controlplane, namespace)
        assert (spec["holderIdentity"], spec["leaseTransitions"]) == ("here/1/a", 1)


# Renewals that fail


@contextmanager
def faulty(target: ControlPlane, fault: Callable[[str, str], Fault | None]) -> Iterator[Client]:
    """A client behind a proxy that does what it is told just then; the rest passes."""
    with FaultyProxy(target, lambda method, path, _times: fault(method, path) or PASS) as proxy:
        yield client_of(proxy.options)


class Switch:
    """A network that fails when it is told to."""

    def __init__(self, fault: Fault = DROP) -> None:
        self.fault: Fault | None = None
        self._failing = fault

    def __call__(self, _method: str, _path: str) -> Fault | None:
        return self.fault

    def off(self) -> None:
        self.fault = self._failing

    def on(self) -> None:
        self.fault = None


@pytest.mark.parametrize("fault", [DROP, answer(503), answer(429, Retry_After="1"), answer(403), answer(401)])
def test_without_renewal_the_run_stops_writing_after_two_thirds_and_goes_on_when_it_is_renewed(
    controlplane, client, namespace, fault
):
    network = Switch(fault)
    with faulty(controlplane, network) as behind, hold(behind, namespace, duration=3) as lock:
        network.off()
        last = lease_of(lease(controlplane, namespace)).renewed
        started = time.monotonic()
        assert lock.valid
        wait_for("the lock to run out", lambda: not lock.valid, 10)
        assert time.monotonic() - started < 2.1
        until = lease_of(lease(controlplane, namespace)).until
        assert client.server_time() < until, "others may begin while this one still writes"
        with pytest.raises(LockError), hold(client, namespace, "other/1/b"):
            pass
        assert lock.problem
        network.on()
        wait_for("a renewal", lambda: lock.valid, 10)
        assert lock.problem == ""
        assert lease_of(lease(controlplane, namespace)).renewed > last
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""


def test_a_lock_that_another_run_took_over_is_lost_for_good(controlplane, client, namespace):
    network = Switch()
    with faulty(controlplane, network) as behind, hold(behind, namespace, "paused/1/a") as lock:
        network.off()
        with hold(client, namespace, "second/1/b", timeout=20):
            assert not lock.valid
            network.on()
            wait_for("the first run to see it", lambda: "second/1/b" in lock.problem, 10)
            assert not lock.valid
            assert spec_of(controlplane, namespace)["holderIdentity"] == "second/1/b"
        before = lease(controlplane, namespace)
        time.sleep(DURATION)
        assert not lock.valid, "it came back when the other run had ended"
    assert lease(controlplane, namespace) == before
    assert "has another holder, second/1/b since 20" in lock.problem


def test_a_lock_that_is_taken_over_while_renewals_work_is_lost_at_the_next_one(controlplane, client, namespace):
    with hold(client, namespace) as lock:
        edit(controlplane, namespace, {"spec": {"holderIdentity": "somebody"}})
        wait_for("the run to see it", lambda: not lock.valid, DURATION)
        wait_for("the run to know who", lambda: "another holder, somebody" in lock.problem, DURATION)
    assert spec_of(controlplane, namespace)["holderIdentity"] == "somebody"


def test_a_lease_that_is_deleted_is_lost_for_good(controlplane, client, namespace):
    """That is how people end the lock of a run which they take for dead."""
    with hold(client, namespace) as lock:
        assert controlplane.api("DELETE", path_of(namespace))[0] == 200
        wait_for("the run to see it", lambda: "deleted" in lock.problem, DURATION)
        assert not lock.valid
        with hold(client, namespace, "second/1/b") as second:
            time.sleep(DURATION / 2)
            assert second.valid
            assert not lock.valid
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""


def test_an_editor_of_the_lease_who_takes_nothing_does_no_harm(controlplane, client, namespace):
    with hold(client, namespace) as lock:
        end = time.monotonic() + 2 * DURATION
        while time.monotonic() < end:
            edit(controlplane, namespace, {"metadata": {"labels": {"seen": f"{time.monotonic():.2f}"}}})
            time.sleep(DURATION / 4)
            assert lock.valid
        edit(controlplane, namespace, {"metadata": {"labels": {"seen": "last"}}})
    body = lease(controlplane, namespace)
    assert body["spec"]["holderIdentity"] == ""
    assert body["metadata"]["labels"]["seen"] == "last"


def test_answers_that_get_lost_cost_nothing(controlplane, namespace):
    """The first answer to every request that writes: to the create, to renewals and to the release."""
    count = iter(range(1000))

    def lose(method: str, _path: str) -> Fault | None:
        return LOSE if method != "GET" and next(count) % 2 == 0 else None

    for transitions in range(2):
        with faulty(controlplane, lose) as behind, hold(behind, namespace) as lock:
            end = time.monotonic() + 1.5 * DURATION
            while time.monotonic() < end:
                assert lock.valid
                time.sleep(0.02)
            assert spec_of(controlplane, namespace)["leaseTransitions"] == transitions
        assert spec_of(controlplane, namespace)["holderIdentity"] == ""
        assert lock.problem == ""


def test_a_lease_that_a_load_balancer_does_not_know_is_not_deleted(controlplane, namespace):
    """Lost once, it is lost for good: a 404 of whomever must not end a run."""
    missed: list[str] = []

    def miss(method: str, _path: str) -> Fault | None:
        if not lock_taken.is_set() or len(missed) == 2:
            return None
        missed.append(method)
        return answer(404)

    lock_taken = threading.Event()
    with faulty(controlplane, miss) as behind, hold(behind, namespace) as lock:
        lock_taken.set()
        wait_for("a renewal that nobody knows", lambda: len(missed) == 2, DURATION)
        wait_for("the next one", lambda: lock.problem == "", DURATION)
        assert lock.valid
    assert missed == ["PATCH", "PATCH"]
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""


def test_a_server_that_goes_away_ends_the_lock_and_its_release_without_an_exception(namespace):
    with ControlPlane() as target:
        mine = client_of({"kubeconfig": str(target.kubeconfig)})
        with hold(mine, namespace) as lock:
            target.stop_apiserver()
            wait_for("the lock to run out", lambda: not lock.valid, DURATION)
            started = time.monotonic()
        assert time.monotonic() - started < 5
        assert "cannot be reached" in lock.problem


# Clocks


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_machine_s_clock_that_is_an_hour_off_changes_nothing(controlplane, client, namespace, monkeypatch, off):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + off)
    with hold(client, namespace, "first/1/a"):
        renewed = lease_of(lease(controlplane, namespace)).renewed
        assert -2 < renewed - client.server_time() < 2
        assert abs(renewed - real()) < 60, "the server of these tests has the real time"
        with pytest.raises(LockError, match="first/1/a"), hold(client, namespace, "second/1/b"):
            pass
    now = client.server_time()
    put(controlplane, f"{namespace}-b", holderIdentity="a", leaseDurationSeconds=60, renewTime=micro_time(now - 55))
    with pytest.raises(LockError), hold(client, f"{namespace}-b"):
        pass
    edit(controlplane, f"{namespace}-b", {"spec": {"renewTime": micro_time(now - 70)}})
    with hold(client, f"{namespace}-b") as lock:
        assert lock.valid


class Skewed(Watched):
    """A connection to a server of the control plane whose clock is off."""

    def __init__(self, inner: Any, off: float) -> None:
        super().__init__(inner)
        self._off = off

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        answer = super().send(method, path, body, **how)
        return replace(answer, date=answer.date + self._off)


@pytest.mark.parametrize("off", [-3.0, 3.0])
def test_servers_whose_clocks_differ_by_seconds_do_not_end_a_lock(controlplane, client, namespace, off):
    """Six seconds of lock: two of them are the holder's to be late in, and two more are the margin's."""
    there = Client(Skewed(connection({"kubeconfig": str(controlplane.kubeconfig)}), off))
    with hold(there, namespace, "there/1/a", duration=6) as lock:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with pytest.raises(LockError), hold(client, namespace, "second/1/b", duration=6):
                pass
            assert lock.valid
            time.sleep(0.1)


@pytest.mark.parametrize(
    "spec",
    [
        {"leaseDurationSeconds": SEEN, "renewTime": "ahead"},
        {"leaseDurationSeconds": SEEN},
        {"renewTime": "now"},
        {},
    ],
)
def test_a_lease_whose_times_tell_nothing_is_free_once_nobody_wrote_it_for_its_time(
    controlplane, client, namespace, spec
):
    times: dict[Any, str] = {"ahead": micro_time(time.time() + HOUR), "now": micro_time(time.time())}
    put(controlplane, namespace, holderIdentity="strange\u202e", **{name: times.get(v, v) for name, v in spec.items()})
    with pytest.raises(LockError, match=r"strange\\u202e since"), hold(client, namespace):
        pass
    started = time.monotonic()
    with hold(client, namespace, timeout=10):
        assert time.monotonic() - started >= DURATION + 2


def test_a_lease_until_after_the_last_year_is_an_error_that_says_how_to_clear_it(controlplane, client, namespace):
    last = "9999-12-31T23:59:59.999999Z"
    put(controlplane, namespace, holderIdentity="far/1/a", leaseDurationSeconds=60, acquireTime=last, renewTime=last)
    with pytest.raises(LockError) as raised, hold(client, namespace):
        pytest.fail("it was taken")
    assert "counts until after the year 9999" in str(raised.value)
    assert f"kubectl --namespace {namespace} delete lease restore" in str(raised.value)


def test_a_lease_that_cannot_count_any_further_is_an_error_that_says_how_to_clear_it(controlplane, client, namespace):
    stored = put(controlplane, namespace, holderIdentity="", leaseTransitions=MOST_TRANSITIONS)
    with pytest.raises(LockError) as raised, hold(client, namespace):
        pytest.fail("it was taken")
    assert str(MOST_TRANSITIONS) in str(raised.value)
    assert f"kubectl --namespace {namespace} delete lease restore" in str(raised.value)
    assert lease(controlplane, namespace) == stored
    assert controlplane.api("DELETE", path_of(namespace))[0] == 200
    with hold(client, namespace) as lock:
        assert lock.valid


def test_a_strange_lease_that_is_written_again_and_again_stays_its_holder_s(controlplane, client, namespace):
    put(controlplane, namespace, holderIdentity="strange")
    over = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not over.wait(0.5):
            number += 1
            edit(controlplane, namespace, {"metadata": {"labels": {"n": str(number)}}})

    thread = threading.Thread(target=keep_writing)
    thread.start()
    with pytest.raises(LockError), hold(client, namespace, timeout=DURATION + 4):
        pass
    over.set()
    thread.join()


# What may not be


def grant(target: ControlPlane, namespace: str, user: str, *verbs: str) -> None:
    target.apply(f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: lock, namespace: {namespace}}}
rules: [{{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [{", ".join(verbs)}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: lock, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: lock}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}]
""")
    path = path_of(namespace)
    wait_for("the right", lambda: target.api("GET", path, token=target.tokens[user])[0] != 403, 10)


@pytest.mark.parametrize(
    ("number", "verbs", "missing"),
    [(0, ("get", "create"), "cannot patch"), (1, ("get", "patch"), "cannot create"), (2, (), "cannot get")],
)
def test_a_missing_right_is_named(controlplane, namespace, number, verbs, missing):
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    if verbs:
        grant(controlplane, namespace, LIMITED[number], *verbs)
    if missing == "cannot patch":
        put(controlplane, namespace)
    limited = client_of({"kubeconfig": str(controlplane.kubeconfig_for(LIMITED[number]))})
    with pytest.raises(LockError) as caught, hold(limited, namespace):
        pass
    text = str(caught.value)
    assert f'{missing} resource "leases" in API group "coordination.k8s.io" in the namespace "{namespace}"' in text
    assert "get, create and patch on leases.coordination.k8s.io" in text
    assert "docs/rights.md" in text


def test_the_three_rights_in_an_existing_namespace_are_enough(controlplane, namespace):
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    grant(controlplane, namespace, LIMITED[3], "get", "create", "patch")
    limited = client_of({"kubeconfig": str(controlplane.kubeconfig_for(LIMITED[3]))})
    for _run in range(2):
        with hold(limited, namespace) as lock:
            time.sleep(DURATION)
            assert lock.valid
    assert spec_of(controlplane, namespace)["holderIdentity"] == ""


def test_a_namespace_that_may_not_be_created_is_named(controlplane, namespace):
    controlplane.apply(f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: all-leases}}
rules: [{{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, patch]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: all-leases}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all-leases}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {LIMITED[4]}}}]
""")
    limited = client_of({"kubeconfig": str(controlplane.kubeconfig_for(LIMITED[4]))})
    token = controlplane.tokens[LIMITED[4]]
    wait_for("the right", lambda: controlplane.api("GET", path_of("none"), token=token)[0] == 404, 10)
    with (
        pytest.raises(LockError, match=r'cannot create resource "namespaces".*create on namespaces when it is missing'),
        hold(limited, namespace),
    ):
        pass


def test_a_namespace_that_is_being_deleted_is_named(controlplane, client, namespace):
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    assert controlplane.api("DELETE", f"/api/v1/namespaces/{namespace}")[0] == 200
    with pytest.raises(LockError, match=f"namespace {namespace} is being deleted$"), hold(client, namespace):
        pass


def test_a_target_that_is_not_there_or_does_not_know_us_is_told_as_everywhere(controlplane):
    (port,) = free_ports(1)
    nowhere = client_of({"host": f"https://127.0.0.1:{port}", "api_key": "x"})
    with pytest.raises(Unreachable, match="cannot be reached"), hold(nowhere, "any"):
        pass
    unknown = client_of({"host": controlplane.url, "api_key": "wrong", "ca_cert": str(controlplane.ca)})
    with pytest.raises(Unauthorized), hold(unknown, "any"):
        pass


def test_a_lock_that_was_not_taken_allows_nothing(client, namespace):
    assert not Lock(client, namespace, DURATION, this_holder()).valid
