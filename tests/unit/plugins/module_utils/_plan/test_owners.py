# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children are left to workloads that stand on the target, selected or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Forbidden, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import planned
from planning import backup_of, context_for, live
from scripted import Body, ScriptedClient, body_of

SHOP = live(body_of("Namespace", "shop"))
SETS = "/apis/apps/v1/replicasets"


def owned(kind: str, name: str, owner_kind: str = "", owner: str = "") -> Body:
    ref = {"apiVersion": "apps/v1", "kind": owner_kind, "name": owner, "uid": f"p-{owner}", "controller": True}
    return body_of(kind, name, metadata={"uid": f"p-{name}", **({"ownerReferences": [ref]} if owner else {})})


DEPLOYMENT = owned("Deployment", "web")
REPLICA_SET = owned("ReplicaSet", "web-1", "Deployment", "web")
POD = owned("Pod", "web-1-x", "ReplicaSet", "web-1")
BACKUP = (SHOP, DEPLOYMENT, REPLICA_SET, POD)


def actions_of(folder: Path, client: ScriptedClient, **options: object) -> dict[str, str]:
    with context_for(folder, backup_of(*BACKUP), client, **options) as context:
        return {change.key.name: change.action.value for change in planned(context, ()).changes}


def test_on_an_empty_target_children_come_with_their_workload(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP)
    actions = actions_of(tmp_path, client)
    assert (actions["web"], actions["web-1"], actions["web-1-x"]) == ("create", "create", "create")
    assert client.asked.count(SETS) == 1


@pytest.mark.parametrize("labels", [None, {"velero.io/restore-name": "before"}])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"label_unchanged": False},
        {"existing_resource_policy": "none"},
        {"excluded_resources": ["replicasets.apps"]},
        {"included_resources": ["pods"]},
    ],
    ids=["update", "without labels", "none", "its ReplicaSet excluded", "Pods alone"],
)
@pytest.mark.parametrize("there", [DEPLOYMENT, REPLICA_SET], ids=["its Deployment", "its ReplicaSet"])
def test_a_pod_is_left_to_any_workload_above_it_that_stands(
    tmp_path: Path, labels: dict[str, str] | None, options: dict[str, object], there: Body
) -> None:
    actions = actions_of(tmp_path, ScriptedClient(SHOP, live(there, labels)), **options)
    assert actions["web-1-x"] == "skip"


@pytest.mark.parametrize("answer", [None, Forbidden("no", status=403), ClusterError("busy", status=500)])
def test_a_workload_that_is_not_selected_and_cannot_be_read_keeps_no_pod_away(
    tmp_path: Path, answer: ClusterError | None
) -> None:
    failing = {path: answer for path in (SETS, "/apis/apps/v1/deployments") if answer}
    for name in ("replicasets/web-1", "deployments/web"):
        failing |= {f"/apis/apps/v1/namespaces/shop/{name}": answer} if answer else {}
    client = ScriptedClient(SHOP, answers=failing)
    assert actions_of(tmp_path, client, included_resources=["pods"])["web-1-x"] == "create"


def test_a_target_that_goes_away_meanwhile_ends_the_plan(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, answers={SETS: Unreachable("gone")})
    with pytest.raises(Unreachable):
        actions_of(tmp_path, client, included_resources=["pods"])


def test_workloads_are_looked_for_in_their_namespace_on_the_target(tmp_path: Path) -> None:
    there = live({**REPLICA_SET, "metadata": {**REPLICA_SET["metadata"], "namespace": "shop-dr"}})
    space = live(body_of("Namespace", "shop-dr"))
    options = {"namespace_mapping": {"shop": "shop-dr"}, "included_resources": ["pods"]}
    assert actions_of(tmp_path, ScriptedClient(space, there), **options)["web-1-x"] == "skip"
    assert actions_of(tmp_path, ScriptedClient(space, live(REPLICA_SET)), **options)["web-1-x"] == "create"


def test_nothing_more_is_read_when_no_child_is_missing(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, live(POD))
    assert actions_of(tmp_path, client, included_resources=["pods"])["web-1-x"] == "skip"
    assert SETS not in client.asked
