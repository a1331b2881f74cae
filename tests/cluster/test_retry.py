# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target that is slow, throttles, loses answers or goes away: the same results, or a clear word and a short end."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Unauthorized, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from controlplane import ControlPlane, free_ports
from faults import DROP, LOSE, PASS, Fault, FaultyProxy, answer
from restoring import by_place, views
from scenes import OLD_LABELS, Watched, backup_of, config_map, connection, labels_of, live, only, put, run, watch


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    return controlplane


def through(proxy: FaultyProxy, backup: Path, pauses: list[float], **options: Any) -> Run:
    """A restore that waits for nothing and notes how long it would have."""
    hurried = connection(proxy.options)
    hurried._sleep = pauses.append
    return run(hurried, backup, **options)


# Each write of a restore meets a fault once

FAULTS = {
    "429": answer(429, Retry_After="7"),
    "500": answer(500),
    "502": answer(502),
    "503": answer(503),
    "504": answer(504),
    "connection broken before": DROP,
    "answer lost": LOSE,
}
EXPECTED = {
    "new": Outcome.CREATED,
    "same": Outcome.UNCHANGED,
    "unlabelled": Outcome.RELABELLED,
    "other": Outcome.UPDATED,
    "robot": Outcome.UPDATED,
}


def scene(target: ControlPlane, namespace: str) -> list[dict[str, Any]]:
    """One object of each kind of write; the target lacks one namespace."""
    wanted = {name: config_map(name, {"a": "1"}, namespace) for name in ("new", "same", "unlabelled", "other")}
    robot = complete("serviceaccounts", namespace, "robot", {"metadata": {"annotations": {"from": "production"}}})
    target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
    put(target, config_map("same", {"a": "1"}, namespace, labels={**OLD_LABELS, "velero.io/restore-name": "again"}))
    put(target, wanted["unlabelled"], config_map("other", {"a": "2"}, namespace))
    put(target, complete("serviceaccounts", namespace, "robot", {}))
    return [*wanted.values(), robot, config_map("inside", {}, f"{namespace}-new")]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_leaves_the_results_as_undisturbed(target, tmp_path, fault):
    namespace = f"fault-{list(FAULTS).index(fault)}"
    wanted = scene(target, namespace)
    pauses: list[float] = []

    def once(method: str, _path: str, times: int) -> Fault:
        return FAULTS[fault] if method != "GET" and not times else PASS

    with FaultyProxy(target, once) as proxy:
        restored = through(proxy, backup_of(tmp_path, *wanted), pauses)
    results = by_place(restored)
    assert {key[2]: result.outcome for key, result in results.items() if key[1] == namespace} == EXPECTED
    assert results["Namespace", "", f"{namespace}-new"].outcome is Outcome.CREATED
    assert results["ConfigMap", f"{namespace}-new", "inside"].outcome is Outcome.CREATED
    assert not any(result.reason for result in views(restored))
    assert in_sync(restored.done, check_mode=False)
    assert all(live(target, body).get("data", {}) == body.get("data", {}) for body in wanted)
    assert len(pauses) >= 6, "lock and state meet it too"
    # A pause of another length may stand between them: the new namespace is not in admission's caches yet
    as_told = [pause for pause in pauses if 7 <= pause < 9]
    assert len(as_told) >= 6 if fault == "429" else not as_told


def test_reads_are_tried_again_too(target, tmp_path):
    wanted = config_map("read-again", {"a": "1"})
    put(target, wanted)
    pauses: list[float] = []

    def twice(method: str, _path: str, times: int) -> Fault:
        return PASS if method != "GET" or times > 1 else (DROP, answer(503))[times]

    with FaultyProxy(target, twice) as proxy:
        assert only(through(proxy, backup_of(tmp_path, wanted), pauses)).outcome is Outcome.RELABELLED
    assert len(pauses) >= 2 * len(("/api", "/apis", "namespaces", "configmaps"))


def test_a_dry_run_whose_answer_gets_lost_promises_the_same(target, tmp_path):
    wanted = [config_map("lost-new", {"a": "1"}), config_map("lost-other", {"a": "1"})]
    put(target, config_map("lost-other", {"a": "2"}))

    def lose(method: str, _path: str, times: int) -> Fault:
        return LOSE if method != "GET" and not times else PASS

    with FaultyProxy(target, lose) as proxy:
        restored = by_place(through(proxy, backup_of(tmp_path, *wanted), [], check=True))
    assert restored["ConfigMap", "shop", "lost-new"].outcome is Outcome.CREATED
    assert restored["ConfigMap", "shop", "lost-other"].outcome is Outcome.UPDATED
    assert live(target, wanted[0]) is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_fault_that_stays_fails_the_object_alone(target, tmp_path, status):
    wanted = [config_map(f"{name}-{status}", {"a": "1"}) for name in ("stuck", "free")]
    pauses: list[float] = []

    def always(method: str, path: str, _times: int) -> Fault:
        hit = method == "PATCH" and "stuck" in path
        return answer(status) if hit else PASS

    put(target, *({**body, "data": {"a": "2"}} for body in wanted))
    with FaultyProxy(target, always) as proxy:
        restored = by_place(through(proxy, backup_of(tmp_path, *wanted), pauses))
    stuck = restored["ConfigMap", "shop", f"stuck-{status}"]
    assert (stuck.outcome, stuck.reason) == (Outcome.FAILED, Reason.REFUSED)
    assert str(status) in stuck.message
    assert "own words" not in stuck.message
    assert restored["ConfigMap", "shop", f"free-{status}"].outcome is Outcome.UPDATED
    assert len(pauses) >= 5


def test_a_target_that_answers_no_json_is_told_from_a_kubernetes(target, tmp_path):
    with (
        FaultyProxy(target, lambda *_request: answer(200)) as proxy,
        pytest.raises(Exception, match="did not answer with JSON: is this a Kubernetes API server"),
    ):
        through(proxy, backup_of(tmp_path, config_map("x", {})), [])


# A target that goes away

SHORT = 20
"""Seconds that the lock of a run outlives it when it cannot be released."""


def test_a_server_that_goes_away_ends_the_run_soon_and_the_next_one_completes_it(target, tmp_path):
    wanted = [config_map(f"midway-{number:03}", {"a": "1"}) for number in range(200)]
    backup = backup_of(tmp_path, *wanted)
    count, lock = Counter[str](), threading.Lock()

    def stop_after_forty(method: str, path: str, _body: Any) -> None:
        with lock:
            count[method] += path.endswith("/configmaps")
            if method == "POST" and path.endswith("/configmaps") and count["POST"] == 40:
                target.stop_apiserver()

    hurried = connection({"kubeconfig": str(target.kubeconfig)})
    pauses: list[float] = []
    hurried._sleep = pauses.append
    try:
        restored = run(Watched(hurried, stop_after_forty), backup, lock_duration=SHORT)
    finally:
        target.start_apiserver()
    outcomes = Counter((result.outcome, result.reason) for result in views(restored))
    unreached = {(Outcome.FAILED, reason) for reason in (Reason.UNREACHABLE, Reason.LOCK_LOST)}
    assert outcomes.keys() <= {(Outcome.CREATED, None), *unreached}
    assert any("the inventory was not written" in error for error in restored.velero_errors)
    assert outcomes.total() == 200
    assert count["POST"] < 100, "the objects left were tried one by one"
    assert "cannot be reached" in "".join(result.message for result in views(restored))
    assert any("not tried" in result.message for result in views(restored))
    assert sum(pauses) < 16 * 15
    made = {result.key.name for result in views(restored) if result.outcome is Outcome.CREATED}
    assert all(live(target, body) for body in wanted if body["metadata"]["name"] in made)
    again = run(watch(target.kubeconfig), backup, lock_timeout=30)
    assert {result.outcome for result in views(again)} <= {Outcome.CREATED, Outcome.UNCHANGED}
    assert in_sync(again.done, check_mode=False)


# A target that was never there


def test_a_target_that_is_not_there_is_named_and_nothing_is_done(tmp_path):
    (port,) = free_ports(1)
    hurried = connection({"host": f"https://127.0.0.1:{port}", "api_key": "x"})
    hurried._sleep = [].append
    with pytest.raises(
        Unreachable, match=rf"https://127.0.0.1:{port} cannot be reached .* check host, proxy and network"
    ):
        run(hurried, backup_of(tmp_path, config_map("x", {})))


def test_a_certificate_that_does_not_verify_names_the_option_and_is_not_tried_again(target, tmp_path):
    unverified = connection({"host": target.url, "api_key": target.token, "validate_certs": True})
    pauses: list[float] = []
    unverified._sleep = pauses.append
    with pytest.raises(Unreachable, match="the TLS certificate does not verify; give its authority with ca_cert"):
        run(unverified, backup_of(tmp_path, config_map("x", {})))
    assert pauses == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_without_verification_the_run_goes_on_and_warns(target, tmp_path):
    unverified = connection({"host": target.url, "api_key": target.token, "validate_certs": False})
    restored = run(unverified, backup_of(tmp_path, config_map("unverified", {})))
    assert only(restored).outcome is Outcome.CREATED
    assert any("validate_certs is off" in warning for warning in restored.warnings)


def test_a_token_that_the_server_does_not_take_says_what_to_check(target, tmp_path):
    wrong = connection({"host": target.url, "api_key": "canary-token", "ca_cert": str(target.ca)})
    with pytest.raises(Unauthorized, match="does not take the credentials; check api_key") as caught:
        run(wrong, backup_of(tmp_path, config_map("x", {})))
    assert "canary" not in str(caught.value)


def test_labels_are_written_once_however_often_an_answer_is_lost(target, tmp_path):
    wanted = config_map("lost-twice", {"a": "1"})
    put(target, wanted)

    def lose(method: str, _path: str, times: int) -> Fault:
        return LOSE if method != "GET" and times < 2 else PASS

    with FaultyProxy(target, lose) as proxy:
        result = only(through(proxy, backup_of(tmp_path, wanted), []))
    assert (result.outcome, result.reason) == (Outcome.RELABELLED, None)
    assert labels_of(live(target, wanted))["velero.io/restore-name"] == "again"
