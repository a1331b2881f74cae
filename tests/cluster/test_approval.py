# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan that somebody approves, and the run that carries out just that one, on a real API server."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.plan import approvable
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from controlplane import ControlPlane
from nightly import Corner
from restoring import BACKUP_02, BACKUP_03, by_place, run_restore
from scenes import Body, drift, settled

KEYS = ["the first key of the standby's state", "another key of the standby's state"]


@pytest.fixture
def corner(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(controlplane, tmp_path, request.node.name)


def plan_of(run: Run) -> Body:
    assert run.plan is not None
    return approvable(run.plan)


def namespace(corner: Corner) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": corner.namespace, "uid": corner.namespace}}


def secret(corner: Corner, value: str) -> Body:
    data = {"password": base64.b64encode(value.encode()).decode()}
    metadata = {"name": "login", "namespace": corner.namespace, "uid": f"{corner.namespace}-login"}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data}


def of(corner: Corner, version: str, *names: str) -> list[Body]:
    """ConfigMaps of this version; that called `fixed` may not be patched."""
    bodies = [{**corner.config_map(name), "data": {"version": version}} for name in names]
    return [{**body, "immutable": True} if body["metadata"]["name"] == "fixed" else body for body in bodies]


def first(corner: Corner, **told: Any) -> Path:
    objects = of(corner, "1", "changed", "fixed", "gone", "same")
    return corner.backup(2, namespace(corner), secret(corner, "1"), *objects, **told)


def second(corner: Corner, version: str = "2", **told: Any) -> Path:
    changed, same = of(corner, version, "changed", "fixed", "new"), of(corner, "1", "same")
    return corner.backup(3, namespace(corner), secret(corner, version), *changed, *same, **told)


EVERYTHING: dict[str, Any] = {"existing_resource_policy": "recreate", "delta": "prune", "label_unchanged": False}
DONE = {
    "changed": Outcome.UPDATED,
    "fixed": Outcome.RECREATED,
    "gone": Outcome.DELETED,
    "login": Outcome.UPDATED,
    "new": Outcome.CREATED,
    "same": Outcome.UNCHANGED,
}


def outcomes(run: Run) -> dict[str, Outcome]:
    return {name: view.outcome for (kind, _space, name), view in by_place(run).items() if kind != "Namespace"}


# The same plan, the same hash


@pytest.mark.parametrize("keys", [[], KEYS], ids=["without state_key", "with state_key"])
def test_check_mode_and_the_run_after_it_have_one_hash_on_the_first_night_and_on_the_next(corner, keys):
    options = {**EVERYTHING, "state_key": keys}
    backup = first(corner)
    planned = plan_of(corner.restore(backup, check=True, **options))
    assert plan_of(corner.restore(backup, approved_plan=planned, **options)) == planned
    backup = second(corner)
    planned = plan_of(corner.restore(backup, check=True, **options))
    assert planned["parts"].keys() == {
        "key",
        "backup",
        f"{corner.namespace}/ConfigMap",
        f"{corner.namespace}/Secret",
    }
    done = corner.restore(backup, approved_plan=planned, **options)
    assert plan_of(done) == planned
    assert outcomes(done) == DONE


@pytest.mark.parametrize("policy", ["none", "update", "recreate"])
@pytest.mark.parametrize("drifted", [False, True], ids=["an empty cluster", "a standby"])
def test_the_recorded_backups_have_one_hash_in_check_mode_and_in_the_run(policy, drifted):
    with ControlPlane() as standby:
        if drifted:
            drift(standby)
        settled(standby)
        for backup in (BACKUP_02, BACKUP_03):
            options = {"existing_resource_policy": policy, "delta": "prune"}
            planned = plan_of(run_restore(standby.kubeconfig, backup, check=True, **options))
            again = plan_of(run_restore(standby.kubeconfig, backup, check=True, restore_name="other", **options))
            done = plan_of(run_restore(standby.kubeconfig, backup, approved_plan=planned, **options))
            assert planned == again == done


def test_another_name_of_the_restore_is_the_same_plan(corner):
    planned = plan_of(corner.restore(first(corner), check=True, restore_name="at-2"))
    done = corner.restore(first(corner), approved_plan=planned, restore_name="at-3")
    assert set(outcomes(done).values()) == {Outcome.CREATED}
