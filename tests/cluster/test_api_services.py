# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""APIServices of a sleeping standby: kept as copies in the state namespace, created by an activation alone."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ApprovalError
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import (
    SELECTOR,
    key_of,
    secret_name,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import build_workloads, fails_workloads
from controlplane import LIMITED
from nightly import deleted, inventory_of
from restoring import views
from scenes import Body, edit, live, put, remove, unlock, watch
from workloads import Killed, Standby, active_since, answering, granted, outcomes, rouse

GENEROUS = {"prune_max_count": 100, "prune_max_percent": 100}
BINDING = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding"}
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: shop}
spec: {ports: [{port: 443}]}
"""


def packed(body: Body) -> str:
    """As a copy holds a body."""
    return base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()


class Served:
    """A standby whose production has an APIService."""

    def __init__(self, standby: Standby) -> None:
        self.standby = standby
        self.target = standby.corner.target
        self.namespace = standby.corner.namespace
        standby.add(SERVICE)
        group = f"metrics-{self.namespace}.example"
        self.body: Body = {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"v1beta1.{group}", "uid": f"{group}-1", "labels": {"app": "metrics"}},
            "spec": {
                "group": group,
                "version": "v1beta1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "insecureSkipTLSVerify": True,
                "service": {"namespace": self.namespace, "name": "metrics", "port": 443},
            },
        }
        self.named = f"APIService {self.body['metadata']['name']}"

    @property
    def live(self) -> Body | None:
        return live(self.target, self.body)

    @property
    def copies(self) -> list[Body]:
        path = f"/api/v1/namespaces/{self.standby.corner.state_namespace}/secrets?labelSelector={SELECTOR}"
        return [{"apiVersion": "v1", "kind": "Secret", **one} for one in self.target.api("GET", path)[1]["items"]]

    @property
    def row(self) -> object:
        inventory = inventory_of(self.target, self.standby.corner.state_namespace)
        return next((part.entries[key_of(self.body)] for part in inventory if key_of(self.body) in part.entries), None)

    def sync(self, hour: int, *more: Body, **options: object) -> object:
        bodies = (self.body, *more) if options.pop("has", True) else more
        return self.standby.sync(hour, *bodies, include_cluster_resources=True, **options)

    def told(self, run: object) -> str:
        """Outcome and reason of the APIService in a restore."""
        (view,) = (one for one in views(run) if one.key == key_of(self.body))
        return f"{view.outcome.value} {view.reason.value if view.reason else ''}".strip()

    def answering(self) -> None:
        answering(self.standby, "metrics")

    def hold(self, **options: object) -> object:
        return rouse(self.standby, "held", confirm=active_since(self.standby), **options)


@pytest.fixture
def served(standby: Standby) -> Iterator[Served]:
    made = Served(standby)
    yield made
    if made.live:
        remove(made.target, made.body)


def is_production(served: Served) -> bool:
    there = served.live
    return there is not None and there["spec"] == served.body["spec"]


def test_it_is_not_created_and_its_copy_follows_production(served):
    run = served.sync(1)
    assert (served.told(run), served.live) == ("skipped kept_as_copy", None)
    assert in_sync(run.done, check_mode=False)
    (first,) = served.copies
    assert first["metadata"]["name"] == secret_name(key_of(served.body))
    assert served.row.uid == first["metadata"]["uid"]
    served.body["spec"]["versionPriority"] = 200
    served.sync(2)
    (second,) = served.copies
    assert second["metadata"]["uid"] == first["metadata"]["uid"]
    assert second["data"] != first["data"]
    served.answering()
    rouse(served.standby)
    assert is_production(served)


def test_a_second_sync_writes_nothing(served):
    served.sync(1)
    before = (served.copies, served.row)
    run = served.sync(1, label_unchanged=False)
    assert not changed(run.done)
    assert (served.copies, served.row) == before
    served.sync(2)
    assert served.copies == before[0]


def test_check_mode_keeps_no_copy(served):
    run = served.sync(1, check=True)
    assert served.told(run) == "skipped kept_as_copy"
    assert served.copies == []


def test_an_activation_creates_it_once_somebody_answers(served):
    served.sync(1)
    run = rouse(served.standby)
    assert outcomes(run)[served.named] == "failed api_unanswered"
    assert "is not created yet" in str(fails_workloads(run))
    assert served.live is None
    served.answering()
    again = rouse(served.standby, diff=True)
    assert (outcomes(again)[served.named], fails_workloads(again)) == ("created", None)
    assert is_production(served)
    assert served.row.uid == served.live["metadata"]["uid"]
    told = build_workloads(again)
    assert told["counts"]["created"] == 1
    assert "kind: APIService" in told["diff"][0]["after"]
    third = rouse(served.standby)
    assert outcomes(third)[served.named] == "unchanged"


def test_a_check_of_the_activation_tells_of_it_and_creates_nothing(served):
    served.sync(1)
    assert outcomes(rouse(served.standby, check=True))[served.named] == "created"
    assert served.live is None


def test_one_that_stands_is_left_by_sync_and_activation_and_named(served):
    own = {**served.body, "metadata": {"name": served.body["metadata"]["name"]}}
    own["spec"] = {**own["spec"], "versionPriority": 7}
    put(served.target, own)
    run = served.sync(1)
    assert served.told(run) == "skipped left_standing"
    assert in_sync(run.done, check_mode=False)
    assert served.copies == []
    remove(served.target, own)
    served.sync(2)
    put(served.target, own)
    served.answering()
    assert outcomes(rouse(served.standby))[served.named] == "skipped left_standing"
    assert served.live["spec"]["versionPriority"] == 7
    assert served.hold() is not None
    assert served.live["spec"]["versionPriority"] == 7


def test_what_hold_except_names_is_restored_as_ever(served):
    served.sync(1)
    run = served.sync(2, hold_except=["apiservices"])
    assert served.told(run) == "created"
    assert (is_production(served), served.copies) == (True, [])


def test_it_comes_with_the_namespace_of_who_answers_for_it(served):
    served.sync(1)
    served.answering()
    assert served.named not in outcomes(rouse(served.standby, namespaces=["elsewhere"]))
    assert served.live is None


def test_an_activation_that_was_killed_ends_the_same_when_it_is_repeated(served):
    served.sync(1)
    served.answering()
    created: list[str] = []

    def ending(method: str, path: str, _body: object) -> None:
        if created:
            raise Killed
        if method == "POST" and path.endswith("/apiservices"):
            created.append(path)

    with pytest.raises(Killed):
        rouse(served.standby, watched=watch(served.target.kubeconfig, ending))
    unlock(served.target, served.standby.corner.state_namespace)
    assert is_production(served)
    assert served.row.uid != served.live["metadata"]["uid"]
    again = rouse(served.standby)
    assert (outcomes(again)[served.named], fails_workloads(again)) == ("unchanged", None)
    assert served.row.uid == served.live["metadata"]["uid"]


def test_a_hold_takes_away_what_an_activation_created_and_keeps_it_for_the_next(served):
    served.sync(1)
    served.answering()
    rouse(served.standby)
    run = served.hold()
    assert outcomes(run)[served.named] == "deleted"
    assert served.live is None
    (copy,) = served.copies
    assert served.row.uid == copy["metadata"]["uid"]
    assert not changed(served.sync(1, label_unchanged=False).done)
    rouse(served.standby)
    assert is_production(served)


def test_a_hold_keeps_a_copy_first_where_somebody_deleted_it(served):
    served.sync(1)
    served.answering()
    rouse(served.standby)
    remove(served.target, served.copies[0])
    assert outcomes(served.hold())[served.named] == "deleted"
    assert len(served.copies) == 1
    rouse(served.standby)
    assert is_production(served)


def test_a_hold_leaves_one_that_another_took_the_place_of(served):
    served.sync(1)
    served.answering()
    rouse(served.standby)
    remove(served.target, served.live)
    put(served.target, {**served.body, "metadata": {"name": served.body["metadata"]["name"]}})
    assert outcomes(served.hold())[served.named] == "skipped left_standing"
    assert is_production(served)


def test_a_hold_leaves_one_that_a_restore_made_awake(served):
    served.sync(1, workloads="restore")
    assert served.told(served.sync(2)) == "unchanged left_standing"
    assert served.named not in outcomes(served.hold())
    assert is_production(served)


def test_its_copy_goes_once_production_has_it_no_more_and_a_prune_may_delete(served):
    served.sync(1)
    served.sync(2, has=False)
    assert len(served.copies) == 1
    served.answering()
    assert outcomes(rouse(served.standby))[served.named] == "skipped not_in_production"
    assert served.live is None
    served.hold()
    run = served.sync(3, has=False, delta="prune", **GENEROUS)
    assert f"APIService.apiregistration.k8s.io {served.body['metadata']['name']}" in deleted(run)
    assert (served.copies, served.row) == ([], None)


def test_a_prune_that_is_stopped_keeps_the_copy(served):
    served.sync(1)
    run = served.sync(2, has=False, delta="prune", prune_max_count=0)
    assert deleted(run) == []
    assert len(served.copies) == 1


def test_one_that_a_restore_without_hold_creates_needs_no_copy_any_more(served):
    served.sync(1)
    run = served.sync(2, workloads="restore")
    assert served.told(run) == "created"
    assert served.copies == []
    assert served.row.held == ""


def test_without_hold_it_waits_for_who_answers_for_it(served):
    options = {"workloads": "restore", "webhooks": "when_ready"}
    assert served.told(served.sync(1, **options)) == "skipped kept_as_copy"
    assert served.live is None
    served.answering()
    assert served.told(served.sync(2, **options)) == "created"
    assert (is_production(served), served.copies) == (True, [])


def test_one_that_may_not_be_restored_is_not_kept_either(served):
    served.sync(1)
    run = served.sync(2, privileged_objects="skip")
    assert served.told(run) == "skipped privileged"
    assert served.copies == []


def test_nothing_is_created_from_what_no_run_has_signed(served):
    key = "a key that is long enough to be one"
    served.sync(1, state_key=[key])
    (copy,) = served.copies
    planted = secret_of({**served.body, "spec": {**served.body["spec"], "versionPriority": 1}}, "any")
    edit(served.target, copy, {"data": {"body": planted["data"]["body"]}})
    served.answering()
    run = rouse(served.standby, state_key=[key])
    said = outcomes(run)[f"Secret {copy['metadata']['name']}"]
    assert said == "failed copy_refused"
    assert "is not signed with any state_key" in str(fails_workloads(run))
    assert served.live is None
    served.sync(2, state_key=[key], allow_active=active_since(served.standby))
    rouse(served.standby, state_key=[key])
    assert is_production(served)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1"},
            "something else than an APIService",
        ),
        ({"metadata": {"name": "v1.other.example"}}, "another APIService than the one that it is called after"),
    ],
)
def test_a_copy_of_anything_else_is_refused_and_named(served, change, why):
    served.sync(1)
    (copy,) = served.copies
    edit(served.target, copy, {"data": {"body": packed({**served.body, **change})}})
    served.answering()
    run = rouse(served.standby)
    assert outcomes(run)[f"Secret {copy['metadata']['name']}"] == "failed copy_refused"
    assert why in str(fails_workloads(run))
    assert served.live is None


def test_an_approved_plan_is_of_the_copies_too(served):
    planned = build(served.sync(1, check=True))["plan"]
    served.body["spec"]["versionPriority"] = 200
    with pytest.raises(ApprovalError):
        served.sync(1, approved_plan=planned)
    assert served.copies == []
    served.body["spec"]["versionPriority"] = 100
    served.sync(1, approved_plan=planned)
    assert len(served.copies) == 1


def test_the_rights_of_the_guide_are_enough(served):
    served.sync(1)
    served.answering()
    user = LIMITED[2]
    with granted(served.standby, user):
        kubeconfig = str(served.target.kubeconfig_for(user))
        assert outcomes(rouse(served.standby, kubeconfig=kubeconfig))[served.named] == "created"
        assert outcomes(served.hold(kubeconfig=kubeconfig))[served.named] == "deleted"


def test_of_a_copy_nothing_is_created_but_labels_annotations_and_spec(served):
    served.sync(1)
    (copy,) = served.copies
    odd = {**served.body, "status": {"conditions": []}}
    odd["metadata"] = {**odd["metadata"], "finalizers": ["example.org/stay"], "ownerReferences": []}
    edit(served.target, copy, {"data": {"body": packed(odd)}})
    served.answering()
    rouse(served.standby)
    assert "finalizers" not in served.live["metadata"]
