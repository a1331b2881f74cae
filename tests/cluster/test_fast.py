# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`compare: fast` on a real API server: nothing to do costs no comparison, and whatever somebody changed is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import MERGE_PATCH, Client
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import HEAD
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, drift, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from backups import Backup
from controlplane import ControlPlane
from restoring import run_restore

MANY = 1_100
"""Three pages."""
SPACE = "fast"
MAPS = f"/api/v1/namespaces/{SPACE}/configmaps"
STATE = "/api/v1/namespaces/standby-velero/secrets"

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.fast.example.org"},
    "spec": {
        "group": "fast.example.org",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
            }
        ],
    },
}


def a_map(number: int, value: str = "1") -> dict[str, Any]:
    return {"data": {"number": str(number), "value": value}}


def a_deployment() -> dict[str, Any]:
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "example.org/web:1"}]}}
    return {"apiVersion": "apps/v1", "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}}


WEB = f"/apis/apps/v1/namespaces/{SPACE}/deployments/web"
DEFINITION = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CRD['metadata']['name']}"


def a_backup(value: str, deployment: dict[str, Any], definition: dict[str, Any]) -> Backup:
    """Maps on three pages, and one or two of other types; the value is that of one map in the middle."""
    backup = Backup().add("namespaces", "", SPACE)
    for number in range(MANY):
        backup.add("configmaps", SPACE, f"map-{number:05}", a_map(number, value if number == MANY // 2 else "1"))
    backup.add("secrets", SPACE, "login", {"type": "Opaque", "data": {"password": "aHVudGVy"}})
    backup.add("serviceaccounts", SPACE, "robot", {"automountServiceAccountToken": False})
    backup.add("deployments.apps", SPACE, "web", deployment)
    backup.add("customresourcedefinitions.apiextensions.k8s.io", "", CRD["metadata"]["name"], definition)
    widget = {"apiVersion": "fast.example.org/v1", "kind": "Widget", "spec": {"size": 3, "items": [{"kind": "x"}]}}
    return backup.add("widgets.fast.example.org", SPACE, "one", widget)


@dataclass
class Hourly:
    """The job: each run with a backup of its own name, as a schedule makes them."""

    cluster: ControlPlane
    folder: Path
    number: int = 0
    value: str = "1"
    deployment: dict[str, Any] = field(default_factory=a_deployment)
    definition: dict[str, Any] = field(default_factory=lambda: CRD)

    def complete(self) -> None:
        """From now on production's have what an API server adds to them."""
        self.deployment, self.definition = self._whole(WEB), self._whole(DEFINITION)

    def _whole(self, path: str) -> dict[str, Any]:
        body = self.cluster.api("GET", path)[1]
        place = {name: body["metadata"][name] for name in ("name", "namespace") if name in body["metadata"]}
        return {**body, "metadata": place}

    def run(self, check: bool = False, **options: Any) -> Run:
        self.number += 1
        name = f"hourly-{self.number:03}"
        path = a_backup(self.value, self.deployment, self.definition).write(self.folder / f"{name}.tar.gz")
        given = {"existing_resource_policy": "update", "label_unchanged": False, "compare": "fast"}
        return run_restore(self.cluster.kubeconfig, path, check=check, **{**given, **options})

    def versions(self) -> dict[str, str]:
        """resourceVersion of everything that a run could write, but of what says which backup was the last."""
        paths = (MAPS, f"/api/v1/namespaces/{SPACE}/secrets", f"/apis/apps/v1/namespaces/{SPACE}/deployments", STATE)
        found = (one["metadata"] for path in paths for one in self.cluster.api("GET", path)[1]["items"])
        return {f"{one['namespace']}/{one['name']}": one["resourceVersion"] for one in found if one["name"] != HEAD}


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hourly]:
    """A standby that has been synced until its runs pass over what has not changed."""
    with ControlPlane() as cluster:
        job = Hourly(cluster, tmp_path_factory.mktemp("backups"))
        first = job.run()
        job.complete()
        assert (first.known, job.run().known) == (None, None), "there is no key at first, and nothing is remembered"
        yield job


@pytest.fixture
def calm(hourly: Hourly) -> Iterator[Hourly]:
    """The same before and after each test: in sync, and with all remembered that can be."""
    for _run in range(4):
        before = hourly.run()
        if not changed(before.done) and (before.known or 0) > MANY:
            break
    assert in_sync(before.done, check_mode=False)
    assert (before.known or 0) > MANY
    yield hourly
    hourly.value = "1"


def test_a_run_with_nothing_to_do_compares_no_page_and_writes_nothing(calm: Hourly) -> None:
    before = calm.versions()
    run = calm.run()
    assert run.known == len([one for one in run.done if one.change.ref.resource in KNOWN])
    assert {one.result.outcome for one in run.done} == {Outcome.UNCHANGED}
    assert calm.versions() == before


KNOWN = (
    "configmaps",
    "secrets",
    "serviceaccounts",
    "deployments.apps",
    "widgets.fast.example.org",
    "customresourcedefinitions.apiextensions.k8s.io",
)


def patched(path: str, patch: dict[str, Any], subresource: str = "") -> Callable[[ControlPlane], None]:
    def edit(cluster: ControlPlane) -> None:
        status, answer = cluster.api("PATCH", f"{path}{subresource}", patch, MERGE_PATCH)
        assert status == 200, answer

    return edit


def deleted(path: str) -> Callable[[ControlPlane], None]:
    def edit(cluster: ControlPlane) -> None:
        status, answer = cluster.api("DELETE", path)
        assert status == 200, answer

    return edit


def replaced(path: str) -> Callable[[ControlPlane], None]:
    """Another object of the same name, with other data."""

    def edit(cluster: ControlPlane) -> None:
        deleted(path)(cluster)
        folder, _slash, name = path.rpartition("/")
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": "other"}}
        status, answer = cluster.api("POST", folder, body)
        assert status == 201, answer

    return edit


ONE = f"{MAPS}/map-00700"
WIDGET = f"/apis/fast.example.org/v1/namespaces/{SPACE}/widgets/one"
EDITS: dict[str, Callable[[ControlPlane], None]] = {
    "a value": patched(ONE, {"data": {"value": "2"}}),
    "a value more": patched(ONE, {"data": {"more": "2"}}),
    "a value less": patched(ONE, {"data": {"value": None}}),
    "binary data": patched(ONE, {"binaryData": {"blob": "aGk="}}),
    "a label": patched(ONE, {"metadata": {"labels": {"somebody": "else"}}}),
    "an annotation": patched(ONE, {"metadata": {"annotations": {"somebody": "else"}}}),
    "the first object": patched(f"{MAPS}/map-00000", {"data": {"value": "2"}}),
    "the last object of a page": patched(f"{MAPS}/map-00499", {"data": {"value": "2"}}),
    "the last object": patched(f"{MAPS}/map-{MANY - 1:05}", {"data": {"value": "2"}}),
    "a Secret": patched(f"/api/v1/namespaces/{SPACE}/secrets/login", {"data": {"password": "b3RoZXI="}}),
    "a ServiceAccount": patched(
        f"/api/v1/namespaces/{SPACE}/serviceaccounts/robot", {"imagePullSecrets": [{"name": "x"}]}
    ),
    "a field of a custom resource": patched(WIDGET, {"spec": {"size": 4}}),
    "a list of a custom resource": patched(WIDGET, {"spec": {"items": [{"kind": "y"}]}}),
    "replicas": patched(WEB, {"spec": {"replicas": 5}}, "/scale"),
    "a template": patched(WEB, {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}),
    "a deletion": deleted(ONE),
    "a replacement": replaced(ONE),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_what_somebody_changed_is_found_and_mended_as_a_full_comparison_would(
    calm: Hourly, edit: Callable[[ControlPlane], None]
) -> None:
    edit(calm.cluster)
    full = calm.run(check=True, compare="full")
    fast = calm.run()
    due = {one.change.key: (one.change.action, one.change.reason) for one in full.done}
    assert {one.change.key: (one.change.action, one.change.reason) for one in fast.done} == due
    assert fast.known is not None
    assert drift(fast.done) == drift(full.done)
    assert in_sync(calm.run(check=True).done, check_mode=True) or drift(full.done) == 0


def test_an_object_that_nobody_restored_shifts_pages_and_is_left_alone(calm: Hourly) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a-first-one"}, "data": {}}
    assert calm.cluster.api("POST", MAPS, body)[0] == 201
    shifted = calm.run()
    assert not changed(shifted.done)
    assert (shifted.known or 0) < MANY
    again = calm.run()
    assert (again.known or 0) > MANY
    assert calm.cluster.api("DELETE", f"{MAPS}/a-first-one")[0] == 200


def test_a_change_in_production_is_restored(calm: Hourly) -> None:
    calm.value = "changed"
    run = calm.run()
    assert [one.change.key.name for one in run.done if one.result.outcome is Outcome.UPDATED] == [f"map-{MANY // 2:05}"]
    assert calm.cluster.api("GET", f"{MAPS}/map-{MANY // 2:05}")[1]["data"]["value"] == "changed"


def test_other_settings_compare_everything_once(calm: Hourly) -> None:
    fields = {"configmaps": ["/data/more"]}
    assert calm.run(ignore_fields=fields).known == 0
    assert (calm.run(ignore_fields=fields).known or 0) > MANY


@pytest.mark.parametrize(
    "options",
    [
        {"compare": "full"},
        {"check": True},
        {"delta": "prune"},
        {"label_unchanged": True, "restore_name": "hourly-001"},
    ],
    ids=str,
)
def test_a_run_that_has_to_see_everything_compares_everything(calm: Hourly, options: dict[str, Any]) -> None:
    assert calm.run(**options).known is None


def known_pages(cluster: ControlPlane) -> list[dict[str, Any]]:
    found = cluster.api("GET", STATE)[1]["items"]
    return [one for one in found if one["metadata"]["name"].startswith("known-pages-")]


def test_what_is_remembered_shows_no_value_and_is_worth_nothing_when_changed(calm: Hourly) -> None:
    (secret,) = known_pages(calm.cluster)
    assert "aHVudGVy" not in json.dumps(secret)
    path = f"{STATE}/{secret['metadata']['name']}"
    status, _answer = calm.cluster.api("PATCH", path, {"data": {"signature": "AAAA"}}, MERGE_PATCH)
    assert status == 200
    assert calm.run().known is None
    assert (calm.run().known or 0) > MANY


def test_what_is_remembered_of_another_time_is_worth_nothing_for_what_was_changed_since(calm: Hourly) -> None:
    """Whoever may write Secrets in the state's namespace can put yesterday's back; it tells nothing wrong."""
    (secret,) = known_pages(calm.cluster)
    patched(ONE, {"data": {"value": "2"}})(calm.cluster)
    calm.run()
    patched(ONE, {"data": {"value": "3"}})(calm.cluster)
    path = f"{STATE}/{secret['metadata']['name']}"
    assert calm.cluster.api("PATCH", path, {"data": secret["data"]}, MERGE_PATCH)[0] == 200
    run = calm.run()
    assert [one.change.key.name for one in run.done if one.result.outcome is Outcome.UPDATED] == ["map-00700"]


def test_once_a_day_everything_is_compared(calm: Hourly, monkeypatch: pytest.MonkeyPatch) -> None:
    now = Client.server_time
    monkeypatch.setattr(Client, "server_time", lambda client: now(client) + 24 * 3600)
    run = calm.run()
    assert run.known is None
    assert not changed(run.done)
    assert (calm.run().known or 0) > MANY


def test_a_clock_that_was_put_back_compares_everything(calm: Hourly, monkeypatch: pytest.MonkeyPatch) -> None:
    now = Client.server_time
    monkeypatch.setattr(Client, "server_time", lambda client: now(client) - 7 * 24 * 3600)
    assert calm.run().known is None


def test_what_was_kept_for_another_selection_is_removed_a_week_later(
    calm: Hourly, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {one["metadata"]["name"] for one in known_pages(calm.cluster)}
    calm.run(excluded_resources=["secrets"])
    other = {one["metadata"]["name"] for one in known_pages(calm.cluster)} - before
    assert len(other) == 1
    now = Client.server_time
    monkeypatch.setattr(Client, "server_time", lambda client: now(client) + 6 * 24 * 3600)
    calm.run()
    assert other < {one["metadata"]["name"] for one in known_pages(calm.cluster)}
    monkeypatch.setattr(Client, "server_time", lambda client: now(client) + 8 * 24 * 3600)
    assert not changed(calm.run().done)
    assert {one["metadata"]["name"] for one in known_pages(calm.cluster)} == before
    assert (calm.run().known or 0) > MANY
