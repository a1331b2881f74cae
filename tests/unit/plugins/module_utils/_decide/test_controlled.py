# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which missing children of workloads are left to the controllers of the target."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.controlled import (
    left_to_controllers,
    owners_of,
    standing_in,
    workloads_in,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Comparison, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

THERE = Comparison("1")
WORKLOADS = ["replicasets.apps", "statefulsets.apps", "daemonsets.apps", "deployments.apps", "replicationcontrollers"]


def item(resource: str, owner: str = "") -> BackupItem:
    plural, _dot, group = resource.partition(".")
    return BackupItem(ObjectKey(group, plural, "ns", "a"), resource, "v1", uid=f"uid-{resource}", owner=owner)


def on_target(resource: str, action: Action, owner: str = "") -> Change:
    comparison = None if action in (Action.CREATE, Action.FAIL) else THERE
    return Change(item(resource, owner), action, comparison=comparison)


def pod_of(owner: str) -> Change:
    return Change(item("pods", owner and f"uid-{owner}"), Action.CREATE)


def left(*changes: Change) -> list[Change]:
    """What is left of a plan for these objects, all of which the backup has."""
    workloads = workloads_in(change.item for change in changes)
    return left_to_controllers(changes, workloads, standing_in(changes))


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize(
    ("of_workload", "action", "reason"),
    [
        (Action.CREATE, Action.CREATE, None),
        (Action.NOOP, Action.SKIP, Reason.HAS_CONTROLLER),
        (Action.UPDATE, Action.SKIP, Reason.HAS_CONTROLLER),
        (Action.RELABEL, Action.SKIP, Reason.HAS_CONTROLLER),
        (Action.SKIP, Action.SKIP, Reason.HAS_CONTROLLER),
        (Action.FAIL, Action.SKIP, Reason.HAS_CONTROLLER),
    ],
    ids=["it is new", "equal", "different", "unlabelled", "left alone", "it could not be read"],
)
def test_a_missing_pod_is_made_along_with_a_workload_that_is_new_and_with_no_other(
    workload, of_workload, action, reason
):
    pod = left(pod_of(workload), on_target(workload, of_workload))[0]
    assert (pod.action, pod.reason) == (action, reason)


@pytest.mark.parametrize("labels", [(None, None), ("nightly", "before")])
def test_no_label_of_the_workload_s_tells(labels):
    workload = Change(item("replicasets.apps"), Action.NOOP, comparison=Comparison("1", labels=labels))
    assert left(pod_of("replicasets.apps"), workload)[0].action is Action.SKIP


def test_a_standing_workload_need_not_be_the_direct_owner():
    deployment = on_target("deployments.apps", Action.NOOP)
    replica_set = on_target("replicasets.apps", Action.CREATE, "uid-deployments.apps")
    found = left(pod_of("replicasets.apps"), replica_set, deployment)
    assert [change.action for change in found] == [Action.SKIP, Action.SKIP, Action.NOOP]


def test_a_workload_that_is_not_selected_may_stand_all_the_same():
    pods = [pod_of("replicasets.apps"), pod_of("statefulsets.apps")]
    workloads = workloads_in([item("replicasets.apps"), item("statefulsets.apps")])
    found = left_to_controllers(pods, workloads, {"uid-replicasets.apps"})
    assert [change.action for change in found] == [Action.SKIP, Action.CREATE]


@pytest.mark.parametrize("owner", ["", "kafkas.kafka.example.org", "gone.example.org"])
def test_what_no_workload_of_every_cluster_controls_is_made_when_missing(owner):
    """An operator's objects may be on a target without their operator."""
    assert left(pod_of(owner), on_target("kafkas.kafka.example.org", Action.NOOP))[0].action is Action.CREATE


@pytest.mark.parametrize("action", [Action.NOOP, Action.UPDATE, Action.RELABEL])
def test_what_is_there_is_decided_elsewhere(action):
    there = Change(item("pods", "uid-replicasets.apps"), action, comparison=THERE)
    assert left(there, on_target("replicasets.apps", Action.NOOP))[0] is there


def test_owners_that_go_round_in_circles_end():
    changes = [
        on_target("replicasets.apps", Action.CREATE, "uid-deployments.apps"),
        on_target("deployments.apps", Action.CREATE, "uid-replicasets.apps"),
    ]
    assert left(*changes) == changes
    assert len(list(owners_of(changes[0].item, workloads_in(change.item for change in changes)))) == 4


def test_the_owners_of_an_object_are_told_nearest_first():
    workloads = workloads_in([item("replicasets.apps", "uid-deployments.apps"), item("deployments.apps")])
    pod = item("pods", "uid-replicasets.apps")
    assert list(owners_of(pod, workloads)) == ["uid-replicasets.apps", "uid-deployments.apps"]
