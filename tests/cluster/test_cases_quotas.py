# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas come before what needs them to grow, and after what needs them not to shrink yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from cases import Case, case, said_of, under
from controlplane import ControlPlane, wait_for
from restoring import views
from scenes import Body, put

SECONDS = 30
KEPT = "count/configmaps"


@pytest.fixture
def found(live_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Case:
    """A namespace with its account, and nothing else."""
    name = request.node.name.removeprefix("test_")[:20].strip("_").replace("_", "-")
    made = under(case("ephemeral-containers", live_controlplane, tmp_path), f"quota-{name}")
    made.create_live()
    path = f"/api/v1/namespaces/{made.space('shop')}"
    wait_for("the account", lambda: made.target.api("GET", f"{path}/serviceaccounts/default")[0] == 200, SECONDS)
    wait_for("the bundle", lambda: made.target.api("GET", f"{path}/configmaps/kube-root-ca.crt")[0] == 200, SECONDS)
    return made


def quota(found: Case, **limits: str) -> Body:
    hard = {name.replace("configmaps", KEPT): limit for name, limit in limits.items()}
    return complete("resourcequotas", found.space("shop"), "compute", {"kind": "ResourceQuota", "spec": {"hard": hard}})


def in_backup(found: Case, *bodies: tuple[str, Body]) -> None:
    found.objects = [one for one in found.objects if one[1]["kind"] in ("Namespace", "ServiceAccount")] + list(bodies)


def pods(found: Case, number: int) -> list[tuple[str, Body]]:
    """Copies of the case's Pod."""
    (pod,) = (body for _resource, body in found.objects if body["kind"] == "Pod")
    pod["spec"].pop("ephemeralContainers", None)
    metadata = pod["metadata"]
    return [
        ("pods", {**pod, "metadata": {**metadata, "name": f"api-{one}", "uid": f"{metadata['uid'][:-1]}{one}"}})
        for one in range(number)
    ]


def config_maps(found: Case, number: int) -> list[tuple[str, Body]]:
    space = found.space("shop")
    return [("configmaps", complete("configmaps", space, f"app-{one}", {"data": {"a": "b"}})) for one in range(number)]


def on_target(found: Case, body: Body) -> None:
    """A quota that its controller has taken note of."""
    put(found.target, body)
    path = found.target.path_of(body)

    def noted() -> bool:
        status = found.target.api("GET", path)[1].get("status", {})
        return bool(status.get("hard") == body["spec"]["hard"] and status.get("used"))

    wait_for("the quota's status", noted, SECONDS)


def failures(run: Run) -> dict[str, str]:
    return {view.key.name: view.message for view in views(run) if view.outcome is Outcome.FAILED}


def left_alone(found: Case) -> None:
    again = found.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


def test_a_quota_grows_before_what_it_counts(found: Case) -> None:
    on_target(found, quota(found, pods="1"))
    in_backup(found, ("resourcequotas", quota(found, pods="3")), *pods(found, 3))
    planned = found.run(check=True)
    assert failures(planned) == {}
    verified = [said_of(planned, "Pod", f"api-{one}").reason for one in range(3)]
    assert set(verified) <= {None, Reason.UNVERIFIED}
    first = found.run()
    assert failures(first) == {}
    assert said_of(first, "ResourceQuota", "compute").outcome is Outcome.UPDATED
    left_alone(found)


def test_full_quotas_prove_nothing_in_check_mode_when_they_are_to_grow(found: Case) -> None:
    on_target(found, quota(found, pods="0"))
    in_backup(found, ("resourcequotas", quota(found, pods="3")), *pods(found, 1))
    said = said_of(found.run(check=True), "Pod", "api-0")
    assert (said.outcome, said.reason) == (Outcome.CREATED, Reason.UNVERIFIED)
    assert failures(found.run()) == {}


def test_a_quota_that_does_not_grow_refuses_in_check_mode_as_in_a_run(found: Case) -> None:
    on_target(found, quota(found, pods="0"))
    in_backup(found, ("resourcequotas", quota(found, pods="0")), *pods(found, 1))
    for check in (True, False):
        assert "exceeded quota: compute" in failures(found.run(check=check))["api-0"]


def test_a_quota_shrinks_after_what_it_counts(found: Case) -> None:
    """What stands on the target and what comes are more than production lets in, and all of it comes."""
    on_target(found, quota(found, configmaps="10"))
    put(found.target, *(body for _resource, body in config_maps(found, 5)[3:]))
    in_backup(found, ("resourcequotas", quota(found, configmaps="3")), *config_maps(found, 3))
    first = found.run()
    assert failures(first) == {}
    assert said_of(first, "ResourceQuota", "compute").outcome is Outcome.UPDATED
    left_alone(found)


def test_a_new_quota_comes_after_what_it_counts(found: Case) -> None:
    """One whose use is not known yet refuses everything."""
    in_backup(
        found, ("resourcequotas", quota(found, pods="3", configmaps="9")), *pods(found, 3), *config_maps(found, 3)
    )
    first = found.run()
    assert failures(first) == {}
    left_alone(found)
