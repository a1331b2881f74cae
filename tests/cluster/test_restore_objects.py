# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Velero sees our runs: its type on a real API server, what is recorded there, and what must never be."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed
from controlplane import ControlPlane, wait_for
from nightly import Corner
from playing import Player
from scenes import Body, Watched, connection, put, watch
from velero import GROUP, restores

TYPE = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/restores.velero.io"
MERGE = "application/merge-patch+json"
RIGHTS = (Path(__file__).parents[2] / "docs/rights.md").read_text(encoding="utf-8")
ROLE = "standby-velero-records"
RBAC = "rbac.authorization.k8s.io"
CANARY = "canary-of-a-secret"


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply(json.dumps(restores()))
    return controlplane


class Site:
    """A corner of the cluster, and the namespace of its own Velero."""

    def __init__(self, corner: Corner) -> None:
        self.corner, self.target = corner, corner.target
        self.namespace = f"{corner.namespace}-velero"
        put(self.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        self.backup = corner.backup(3, corner.config_map("one"), corner.config_map("two"))

    def restore(self, **options: Any) -> Run:
        return self.corner.restore(self.backup, **{"velero_namespace": self.namespace, **options})

    def restore_by(self, watched: Watched, **options: Any) -> Run:
        return self.corner.watch(watched, self.backup, **{"velero_namespace": self.namespace, **options})

    @property
    def path(self) -> str:
        return f"{GROUP}/namespaces/{self.namespace}/restores"

    def records(self) -> list[Body]:
        """By name; a type that is changed is not served for a moment."""
        listed: list[Body] = []

        def told() -> bool:
            status, answer = self.target.api("GET", self.path)
            listed[:] = answer["items"] if status == 200 else []
            return status == 200

        wait_for("the Restores", told)
        return sorted(listed, key=lambda body: body["metadata"]["name"])

    def names(self) -> list[str]:
        return [body["metadata"]["name"] for body in self.records()]


@pytest.fixture
def site(target: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    return Site(Corner.of(target, tmp_path, request.node.name))


# What Velero sees


def test_a_run_is_one_complete_restore_object(site):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": site.corner.namespace}}
    secret["metadata"]["uid"] = f"{site.corner.namespace}-s"
    secret["data"] = {"a": CANARY}
    backup = site.corner.backup(3, site.corner.config_map("one"), secret)
    run = site.corner.restore(backup, velero_namespace=site.namespace, included_namespaces=[site.corner.namespace])
    (record,) = site.records()
    name = record["metadata"]["name"]
    assert run.record == f"{site.namespace}/{name}"
    assert build(run)["restore"]["record"] == run.record
    assert name == f"nightly-03-{run.started:%Y%m%d%H%M%S}"
    assert record["spec"] == {
        "backupName": "nightly-03",
        "scheduleName": "nightly",
        "includedNamespaces": [site.corner.namespace],
        "preserveNodePorts": False,
        "existingResourcePolicy": "update",
    }
    status = record["status"]
    assert (status["phase"], status["errors"]) == ("PartiallyFailed", 1)
    assert status["progress"] == {"totalItems": 3, "itemsRestored": 2}, "with the namespace"
    assert datetime.fromisoformat(status["startTimestamp"].replace("Z", "+00:00")) == run.started.replace(microsecond=0)
    assert CANARY not in json.dumps(record)
    assert record["metadata"]["labels"]["velero.io/backup-name"] == "nightly-03"


def test_a_second_run_changes_nothing_and_is_one_more(site):
    assert changed(site.restore(label_unchanged=False).done) is True
    run = site.restore(label_unchanged=False)
    assert changed(run.done) is False
    assert build(run)["changed"] is False
    assert len(site.names()) == 2
    found = [record["status"]["progress"] for record in site.records()]
    assert [one["itemsRestored"] - one["totalItems"] for one in found] == [-1, -1], "kube-system is skipped"


def test_a_name_that_another_run_has_gets_a_number(site):
    met: list[str] = []

    def meet(method: str, path: str, body: Any) -> None:
        if method == "POST" and "/restores" in path and not met:
            met.append(body["metadata"]["name"])
            put(site.target, body)

    run = site.restore_by(watch(site.target.kubeconfig, meet))
    assert run.record == f"{site.namespace}/{met[0]}-2"
    assert site.names() == [met[0], f"{met[0]}-2"]
    assert run.warnings == ()


@pytest.mark.parametrize("options", [{"check": True}, {"record_restore": False}], ids=["check mode", "switched off"])
def test_nothing_is_recorded_of(site, options):
    watched = watch(site.target.kubeconfig)
    run = site.restore_by(watched, **options)
    assert (run.record, run.warnings) == ("", ())
    assert site.names() == []
    assert not [path for _method, path in watched.requests if "/restores" in path]


def test_the_playbook_s_result_and_report_name_it(site, tmp_path):
    player = Player(site.target, tmp_path)
    options = {"backup_file": str(site.backup), "velero_namespace": site.namespace}
    tasks = player.module(
        "restored", **options, state_namespace=site.corner.state_namespace, report_path=str(player.report_path)
    )
    played = player.tasks(*tasks)
    (name,) = site.names()
    assert played.results["restored"]["restore"]["record"] == f"{site.namespace}/{name}"
    assert played.report["restore"]["record"] == f"{site.namespace}/{name}"


# How many stay


def test_older_ones_of_ours_go_and_velero_s_own_never(site):
    put(
        site.target,
        {
            "apiVersion": "velero.io/v1",
            "kind": "Restore",
            "metadata": {
                "name": "by-hand",
                "namespace": site.namespace,
                "labels": {"velero.io/restore-name": "nightly-03", "velero.io/backup-name": "nightly-03"},
            },
            "status": {"phase": "Completed"},
        },
    )
    runs = [site.restore(restore_history=2) for _number in range(4)]
    assert [run.warnings for run in runs] == [(), (), (), ()]
    left = site.names()
    assert len(left) == 3
    assert {"by-hand", runs[-1].record.split("/")[1]} <= set(left)


# What must never be


@pytest.fixture
def changed_type(target: ControlPlane) -> Iterator[Any]:
    """Changes the type for one test."""

    def change(definition: Body, known: Any) -> None:
        status, answer = target.api("PATCH", TYPE, {"spec": {"versions": definition["spec"]["versions"]}}, MERGE)
        assert status == 200, answer
        wait_for("the changed type", known)

    yield change
    plain = restores()["spec"]["versions"]
    plain[0]["subresources"] = None
    assert target.api("PATCH", TYPE, {"spec": {"versions": plain}}, MERGE)[0] == 200
    wait_for("the type as it was", lambda: not has_subresource(target))


def has_subresource(target: ControlPlane) -> bool:
    status, listed = target.api("GET", GROUP)
    return status == 200 and "restores/status" in [one["name"] for one in listed["resources"]]


def test_where_the_status_is_a_subresource_nothing_is_sent_and_that_is_told(site, changed_type):
    changed_type(restores(with_subresource=True), lambda: has_subresource(site.target))
    watched = watch(site.target.kubeconfig)
    run = site.restore_by(watched)
    assert not [path for _method, path in watched.requests if "/restores" in path]
    (warning,) = run.warnings
    assert "restores.velero.io has a status subresource on the target" in warning
    assert build(run)["restore"]["phase"] == "Completed"
    assert site.names() == []


class Upgraded(Watched):
    """Velero's type gets a status subresource after discovery was read."""

    def __init__(self, target: ControlPlane, change: Any, until: str) -> None:
        self._change, self._until = change, until
        super().__init__(connection({"kubeconfig": str(target.kubeconfig)}), self._upgrade)
        self._target = target

    def _upgrade(self, method: str, path: str, _body: Any) -> None:
        if method == "POST" and self._until in path and self._change:
            change, self._change = self._change, None
            change(restores(with_subresource=True), lambda: has_subresource(self._target))


def test_a_type_that_is_changed_during_the_run_is_found_out_by_the_dry_run(site, changed_type):
    run = site.restore_by(Upgraded(site.target, changed_type, "/configmaps"))
    (warning,) = run.warnings
    assert "the target does not keep the phase of a new Restore, and Velero would run it" in warning
    assert site.names() == []


def test_one_that_is_stored_without_its_phase_is_deleted_at_once(site, changed_type):
    class Late(Upgraded):
        def _upgrade(self, method: str, path: str, body: Any) -> None:
            if path.endswith("/restores"):  # the one that stores it
                super()._upgrade(method, path, body)

    watched = Late(site.target, changed_type, "/restores")
    run = site.restore_by(watched)
    (warning,) = run.warnings
    assert "was stored without its phase, and deleted at once" in warning
    assert site.names() == []
    assert [method for method, path in watched.requests if "/restores" in path] == ["POST", "POST", "DELETE"]


# What refuses


def test_a_type_that_does_not_take_the_phase_is_a_warning(site, changed_type):
    changed_type(restores(("New", "Failed")), lambda: refuses(site))
    run = site.restore()
    (warning,) = run.warnings
    assert warning.startswith(
        f"the run is not recorded as a Restore of Velero's in namespace {site.namespace}: Invalid"
    )
    assert "status.phase" in warning
    assert run.velero_errors == ()


def refuses(site: Site) -> bool:
    body = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": "a"},
        "status": {"phase": "Completed"},
    }
    return site.target.api("POST", f"{site.path}?dryRun=All", body)[0] == 422


def test_a_namespace_that_is_not_there_is_a_warning_that_names_it(site):
    run = site.restore(velero_namespace="nowhere")
    (warning,) = run.warnings
    assert warning.startswith("the run is not recorded as a Restore of Velero's in namespace nowhere: ")
    assert 'namespaces "nowhere" not found' in warning
    assert "record_restore: false" in warning


# Rights


def role(site: Site) -> Body:
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", RIGHTS, re.DOTALL)]
    (found,) = [block for block in blocks if block.get("metadata", {}).get("name") == ROLE]
    assert found["metadata"].pop("namespace") == "velero"
    found["metadata"]["namespace"] = site.namespace
    return found


def test_the_role_of_the_guide_is_what_it_takes(site):
    user = "limited-1"
    everything_else = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "all-but-velero"},
        "rules": [
            {"apiGroups": [""], "resources": ["*"], "verbs": ["*"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["*"], "verbs": ["*"]},
        ],
    }
    granted = role(site)
    bindings = [binding(everything_else, user), binding(granted, user, site.namespace)]
    for body in (everything_else, granted, *bindings):
        site.target.apply(json.dumps(body))
    verbs = granted["rules"][0]["verbs"]
    watched = watch(site.target.kubeconfig_for(user))
    until(site, user, dict.fromkeys(verbs, True))
    for _number in range(2):
        run = site.restore_by(watched, restore_history=1)
        assert run.warnings == ()
    assert len(site.names()) == 1
    for verb in ("create", "list", "delete"):
        less = copy.deepcopy(granted["rules"])
        less[0]["verbs"].remove(verb)
        path = f"/apis/{RBAC}/v1/namespaces/{site.namespace}/roles/{ROLE}"
        assert site.target.api("PATCH", path, {"rules": less}, MERGE)[0] == 200
        until(site, user, {other: other != verb for other in verbs})
        (warning,) = site.restore_by(watched, restore_history=1).warnings
        assert f'cannot {verb} resource "restores"' in warning
        assert "docs/rights.md has a Role" in warning


def binding(granted: Body, user: str, namespace: str = "") -> Body:
    name = granted["metadata"]["name"]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": RBAC, "kind": granted["kind"], "name": name},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }


def until(site: Site, user: str, wanted: dict[str, bool]) -> None:
    """The authorizer hears of a role a moment after it is stored."""

    def known() -> bool:
        return all(may(site, user, verb) is allowed for verb, allowed in wanted.items())

    wait_for("the rights", known)


def may(site: Site, user: str, verb: str) -> bool:
    where = {"namespace": site.namespace, "group": "velero.io", "resource": "restores", "verb": verb}
    spec = {"user": user, "groups": ["system:authenticated"], "resourceAttributes": where}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    answer = site.target.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)[1]
    return bool(answer["status"]["allowed"])
