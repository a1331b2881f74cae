# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which missing children of workloads are left to the controllers of the target."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.controlled import left_to_controllers
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Comparison, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

RESTORED = Comparison("1", labels=("nightly", "before"))
THE_TARGET_S_OWN = Comparison("1")


def item(resource: str, owner: str = "") -> BackupItem:
    plural, _dot, group = resource.partition(".")
    return BackupItem(ObjectKey(group, plural, "ns", "a"), resource, "v1", uid=f"uid-{resource}", owner=owner)


def on_target(resource: str, comparison: Comparison | None, owner: str = "") -> Change:
    action = Action.CREATE if comparison is None else Action.NOOP
    return Change(item(resource, owner), action, comparison=comparison)


def pod_of(owner: str) -> Change:
    return Change(item("pods", owner and f"uid-{owner}"), Action.CREATE)


@pytest.mark.parametrize("workload", ["replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch"])
@pytest.mark.parametrize(
    ("found", "action", "reason"),
    [
        (None, Action.CREATE, None),
        (THE_TARGET_S_OWN, Action.CREATE, None),
        (RESTORED, Action.SKIP, Reason.HAS_CONTROLLER),
    ],
)
def test_a_missing_pod_is_made_along_with_its_workload_alone(workload, found, action, reason):
    pod = left_to_controllers([pod_of(workload), on_target(workload, found)])[0]
    assert (pod.action, pod.reason) == (action, reason)


def test_a_workload_restored_before_need_not_be_the_direct_owner():
    deployment = on_target("deployments.apps", RESTORED)
    replica_set = on_target("replicasets.apps", None, "uid-deployments.apps")
    left = left_to_controllers([pod_of("replicasets.apps"), replica_set, deployment])
    assert [change.action for change in left] == [Action.SKIP, Action.SKIP, Action.NOOP]


@pytest.mark.parametrize("owner", ["", "kafkas.kafka.example.org", "gone.example.org"])
def test_what_no_workload_of_every_cluster_controls_is_made_when_missing(owner):
    """An operator's objects may be on a target without their operator."""
    changes = [pod_of(owner), on_target("kafkas.kafka.example.org", RESTORED)]
    assert left_to_controllers(changes)[0].action is Action.CREATE


@pytest.mark.parametrize("action", [Action.NOOP, Action.UPDATE, Action.RELABEL])
def test_what_is_there_is_decided_elsewhere(action):
    there = Change(item("pods", "uid-replicasets.apps"), action, comparison=THE_TARGET_S_OWN)
    assert left_to_controllers([there, on_target("replicasets.apps", RESTORED)])[0] is there


def test_owners_that_go_round_in_circles_end():
    changes = [
        on_target("replicasets.apps", None, "uid-deployments.apps"),
        on_target("deployments.apps", None, "uid-replicasets.apps"),
    ]
    assert left_to_controllers(changes) == changes
