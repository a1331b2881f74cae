# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup through Velero: its types on a real API server, a controller that signs, moto's S3 behind a proxy."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, SourceError
from ansible_collections.standby.velero.plugins.module_utils._flows.backup_info import backup_info
from ansible_collections.standby.velero.plugins.module_utils._flows.restore import restore
from ansible_collections.standby.velero.plugins.module_utils._options.info import INFO_SPEC, info_settings_of
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import counts
from controlplane import ControlPlane, wait_for
from playing import Player
from restoring import Module
from scenes import watch
from stores import ACCESS_KEY, S3, SECRET_KEY, Proxy, content, cut, files_of, refused
from tls import authority, tls_server
from velero import GROUP, KINDS, NAMESPACE, SIGNATURE, Velero, backup, download_requests, install

BESIDE = {
    "backups/hourly-3/hourly-3-resource-list.json.gz": gzip.compress(b'{"v1/ConfigMap": ["shop/app"]}'),
    "backups/hourly-3/hourly-3-volumeinfo.json.gz": gzip.compress(b"[]"),
}
RIGHTS = Path(__file__).parents[2] / "docs/rights.md"
ROLE = "standby-velero-backups"
MERGE = "application/merge-patch+json"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with S3() as server:
        server.put(files_of("hourly-3", 3), files_of("hourly-2", 2), BESIDE)
        yield server


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    install(controlplane)
    for body in (
        backup("hourly-2", 2),
        backup("hourly-3", 3),
        backup("hourly-4", 4, phase="InProgress"),
        backup("daily-5", 5, schedule="daily"),
        backup("elsewhere", 6, at="other"),
    ):
        controlplane.apply(json.dumps(body))
    return controlplane


@pytest.fixture
def velero(target: ControlPlane, s3: S3) -> Iterator[Velero]:
    with Velero(target, s3.url) as running:
        yield running
        assert running.requests() == []


def fetch(watched: Any, tmpdir: Path, location: Any = "default", *, check: bool = False, **options: Any) -> Run:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_location": location, **options}
    return restore(settings_of(params, check, False), Client(watched), str(tmpdir))


# What comes, and what is asked for


def test_a_backup_comes_by_one_request_a_file_and_its_metadata_are_the_object_itself(target, velero, tmp_path):
    watched = watch(target.kubeconfig)
    run = fetch(watched, tmp_path, backup_name="hourly-3")
    assert run.backup is not None
    assert (run.backup_name, run.backup.schedule, run.backup.phase, run.backup.started) == (
        "hourly-3",
        "hourly",
        "Completed",
        "2026-11-24T03:00:00Z",
    )
    assert counts(run.done)["total"] >= 1
    assert sorted(velero.asked_for()) == sorted(KINDS)
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_the_requests_is_written_where_velero_runs(target, velero, tmp_path):
    watched = watch(target.kubeconfig)
    fetch(watched, tmp_path, backup_name="hourly-3", check=True)
    writes = [(method, path) for method, path in watched.writes if "dryRun" not in path]
    requests = f"{GROUP}/namespaces/{NAMESPACE}/downloadrequests"
    assert [method for method, _path in writes] == ["POST", "DELETE"] * 3
    assert all(path.startswith(requests) for _method, path in writes)
    assert len(velero.asked_for()) == 3


def test_check_mode_says_that_it_made_requests(target, velero, tmp_path):
    run = fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3", check=True)
    assert [said for said in run.warnings if said.startswith("DownloadRequests were created where Velero runs, and")]
    assert len(velero.asked_for()) == 3


def test_the_newest_completed_one_of_a_schedule_is_taken(target, velero, tmp_path):
    run = fetch(watch(target.kubeconfig), tmp_path, schedule_name="hourly", check=True)
    assert run.backup_name == "hourly-3"
    assert "backup hourly-4 is InProgress, not Completed: it was passed over" in run.warnings
    velero.asked_for()


def test_a_schedule_that_there_is_not_is_told_with_those_that_there_are(target, velero, tmp_path):
    with pytest.raises(SourceError) as caught:
        fetch(watch(target.kubeconfig), tmp_path, schedule_name="weekly")
    assert str(caught.value) == (
        "BackupStorageLocation velero/default: has no Completed backup of schedule weekly;"
        " schedules that it has backups of: daily, hourly"
    )
    assert velero.asked_for() == []


def test_one_that_is_being_deleted_is_passed_over_whatever_its_phase(target, velero, tmp_path):
    doomed = backup("hourly-9", 9)
    doomed["metadata"]["finalizers"] = ["velero.io/keep"]
    target.apply(json.dumps(doomed))
    path = f"{GROUP}/namespaces/{NAMESPACE}/backups/hourly-9"
    target.api("DELETE", path)
    try:
        run = fetch(watch(target.kubeconfig), tmp_path, schedule_name="hourly", check=True)
    finally:
        target.api("PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
    assert run.backup_name == "hourly-3"
    assert "backup hourly-9 is Deleting, not Completed: it was passed over" in run.warnings
    velero.asked_for()


def test_what_the_store_does_not_have_beside_the_content_is_done_without(target, velero, tmp_path):
    run = fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-2", check=True, allow_older=True)
    assert run.backup_name == "hourly-2"
    assert len(velero.asked_for()) == 3


def test_a_velero_that_does_not_know_a_kind_of_file_is_done_without_it(target, velero, tmp_path):
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/downloadrequests.velero.io"
    request = {"metadata": {"name": "x"}, "spec": {"target": {"kind": "BackupVolumeInfos", "name": "x"}}}
    request |= {"apiVersion": "velero.io/v1", "kind": "DownloadRequest"}

    def knows() -> int:
        return target.api("POST", f"{GROUP}/namespaces/{NAMESPACE}/downloadrequests?dryRun=All", request)[0]

    target.api("PATCH", path, {"spec": download_requests(KINDS[:2])["spec"]}, MERGE)
    try:
        wait_for("the older type", lambda: knows() == 422)
        assert fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3", check=True).backup_name == "hourly-3"
        assert sorted(velero.asked_for()) == ["BackupContents", "BackupResourceList"]
    finally:
        target.api("PATCH", path, {"spec": download_requests()["spec"]}, MERGE)
        wait_for("the newer type", lambda: knows() == 201)


def test_a_list_of_backups_takes_no_request_and_contents_take_one(target, velero, tmp_path):
    params = {name: spec.get("default") for name, spec in INFO_SPEC.items()} | {"kubeconfig": str(target.kubeconfig)}
    client = connect(Module(params), 1)
    found = backup_info(info_settings_of({**params, "backup_location": "default"}), lambda: client, str(tmp_path))
    assert [entry.name for entry in found.entries] == ["daily-5", "hourly-4", "hourly-3", "hourly-2"]
    assert {entry.size for entry in found.entries} == {None}
    assert velero.asked_for() == []
    asked = info_settings_of({**params, "backup_location": "default", "backup_name": "hourly-3", "contents": True})
    found = backup_info(asked, lambda: client, str(tmp_path))
    assert found.contents is not None
    assert found.contents.types == {"ConfigMap": 1}
    assert velero.asked_for() == ["BackupResourceList"]


# What goes wrong


def test_a_download_that_breaks_is_taken_up_and_an_expired_url_is_asked_for_anew(target, s3, velero, tmp_path):
    large = content(*(f"app-{number}" for number in range(2_000)))
    s3.put({"backups/hourly-3/hourly-3.tar.gz": large})
    faults = iter([cut(len(large) // 2), refused(403, "AccessDenied")])
    with Proxy(s3.url, lambda path, _times: next(faults, None) if path.endswith("hourly-3.tar.gz") else None) as proxy:
        velero.store = proxy.url
        run = fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3", check=True)
    assert counts(run.done)["total"] >= 2_000
    assert velero.asked_for().count("BackupContents") == 2
    s3.put(files_of("hourly-3", 3))


def test_nobody_answering_is_named_with_the_time_waited(target, velero, tmp_path):
    velero.answers = lambda _request: False
    with pytest.raises(SourceError) as caught:
        fetch(watch(target.kubeconfig), tmp_path, {"name": "default", "timeout": 1}, backup_name="hourly-3")
    assert re.match(
        r"BackupStorageLocation velero/default: Velero has not answered DownloadRequest velero/hourly-3-[0-9a-f-]{36}"
        r" within 1 s; is Velero running there",
        str(caught.value),
    )


@pytest.mark.parametrize(
    ("where", "name", "said"),
    [
        ("default", "none", "velero/default: has no backup none; velero_backup_info lists those that it has"),
        ("default", "elsewhere", "velero/default: backup elsewhere is in another location"),
        ("none", "hourly-3", "BackupStorageLocation velero/none is not there"),
        ({"name": "default", "namespace": "nowhere"}, "hourly-3", "BackupStorageLocation nowhere/default is not there"),
    ],
)
def test_what_is_not_there_is_named(target, velero, tmp_path, where, name, said):
    with pytest.raises(SourceError, match=said):
        fetch(watch(target.kubeconfig), tmp_path, where, backup_name=name)
    assert velero.asked_for() == []


def test_a_location_without_the_content_says_so(target, velero, tmp_path):
    with pytest.raises(
        SourceError, match=r"backup daily-5, BackupContents, at 127\.0\.0\.1:\d+: the store does not have it"
    ):
        fetch(watch(target.kubeconfig), tmp_path, backup_name="daily-5")
    velero.asked_for()


def test_a_cluster_without_velero_says_so(tmp_path):
    with ControlPlane() as bare, pytest.raises(SourceError, match="of a type that the cluster does not know"):
        fetch(watch(bare.kubeconfig), tmp_path, backup_name="hourly-3")


@pytest.fixture
def trusted_store(target: ControlPlane, velero: Velero, tmp_path: Path) -> Iterator[str]:
    """A store with a certificate of an authority that no system knows; the authority, as Kubernetes has it."""
    ours = authority(tmp_path)
    with tls_server(ours.chain, {"hourly-3.tar.gz": content()}) as url:
        velero.store = url
        yield base64.b64encode(ours.certificate.encode()).decode()
    path = f"{GROUP}/namespaces/{NAMESPACE}/backupstoragelocations/default"
    target.api("PATCH", path, {"spec": {"objectStorage": {"caCert": None, "caCertRef": None}}}, MERGE)
    velero.asked_for()


def trusting(target: ControlPlane, **storage: Any) -> None:
    path = f"{GROUP}/namespaces/{NAMESPACE}/backupstoragelocations/default"
    assert target.api("PATCH", path, {"spec": {"objectStorage": storage}}, MERGE)[0] == 200


def test_the_store_is_verified_by_the_authority_in_the_location(target, trusted_store, tmp_path):
    trusting(target, caCert=trusted_store)
    assert fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3", check=True).backup_name == "hourly-3"


def test_the_store_is_verified_by_the_authority_in_a_secret(target, trusted_store, tmp_path):
    secret = {"metadata": {"name": "store-ca", "namespace": NAMESPACE}, "data": {"ca.pem": trusted_store}}
    target.apply(json.dumps({"apiVersion": "v1", "kind": "Secret", **secret}))
    trusting(target, caCertRef={"name": "store-ca", "key": "ca.pem"})
    assert fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3", check=True).backup_name == "hourly-3"


@pytest.mark.usefixtures("trusted_store")
def test_a_store_that_cannot_be_verified_is_refused(target, tmp_path):
    with pytest.raises(SourceError, match="TLS certificate does not verify; see caCert of the location"):
        fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3")


@pytest.mark.usefixtures("trusted_store")
def test_an_authority_that_is_damaged_is_refused(target, tmp_path):
    trusting(target, caCert="no base64!")
    with pytest.raises(SourceError, match="BackupStorageLocation velero/default: its caCert is damaged"):
        fetch(watch(target.kubeconfig), tmp_path, backup_name="hourly-3")


# Where Velero runs


def test_a_connection_of_its_own_takes_nothing_of_the_environment(target, velero, tmp_path, monkeypatch):
    """Variables for the standby must not lead to production, nor the other way round."""
    with ControlPlane() as standby:
        watched = watch(standby.kubeconfig)
        monkeypatch.setenv("K8S_AUTH_HOST", "https://127.0.0.1:1")
        monkeypatch.setenv("K8S_AUTH_API_KEY", "nobody")
        monkeypatch.setenv("K8S_AUTH_CONTEXT", "none")
        where = {"name": "default", "kubeconfig": str(target.kubeconfig)}
        run = fetch(watched, tmp_path, where, backup_name="hourly-3", check=True)
    assert run.backup_name == "hourly-3"
    assert not [path for _method, path in watched.requests if GROUP in path]
    assert len(velero.asked_for()) == 3


def test_a_connection_that_cannot_be_used_names_the_option(target, tmp_path):
    with pytest.raises(ClusterError, match="kubeconfig: /none is not there"):
        fetch(watch(target.kubeconfig), tmp_path, {"name": "default", "kubeconfig": "/none"}, backup_name="hourly-3")


# Rights


def role() -> dict[str, Any]:
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", RIGHTS.read_text("utf-8"), re.DOTALL)]
    (found,) = [block for block in blocks if block.get("metadata", {}).get("name") == ROLE]
    return found


def each_right() -> list[tuple[int, str, str]]:
    """(rule, resource, verb) of all that the guide grants."""
    return [
        (at, resource, verb)
        for at, rule in enumerate(role()["rules"])
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


def grant(target: ControlPlane, user: str, granted: dict[str, Any]) -> None:
    """These rights in Velero's namespace, and all others on the standby, which is the same cluster here."""
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": ROLE, "namespace": NAMESPACE},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ROLE},
        "subjects": [subject],
    }
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/roles/{ROLE}"
    target.apply(json.dumps(granted))
    target.api("PATCH", path, {"rules": granted["rules"]}, MERGE)
    target.apply(json.dumps(binding))


def may(target: ControlPlane, user: str, verb: str, resource: str) -> bool:
    attributes = {"namespace": NAMESPACE, "verb": verb, "group": "velero.io", "resource": resource}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
    review["spec"] = {"resourceAttributes": attributes}  # type: ignore[assignment]
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = target.api("POST", path, review, token=target.tokens[user])[1]
    return bool(answer["status"]["allowed"])


def test_the_role_of_the_guide_is_enough(target, velero, tmp_path):
    grant(target, "limited-1", role())
    wait_for("the rights", lambda: all(may(target, "limited-1", verb, name) for _at, name, verb in each_right()))
    where = {"name": "default", "kubeconfig": str(target.kubeconfig_for("limited-1"))}
    for options in ({"schedule_name": "hourly"}, {"backup_name": "hourly-3"}):
        assert fetch(watch(target.kubeconfig), tmp_path, where, check=True, **options).backup_name == "hourly-3"
    velero.asked_for()


@pytest.mark.parametrize("right", each_right(), ids=lambda right: f"{right[2]} {right[1]}")
def test_each_right_of_the_guide_is_missed_by_name(target, velero, tmp_path, right):
    at, resource, verb = right
    less = copy.deepcopy(role())
    less["rules"][at]["verbs"].remove(verb)
    if not less["rules"][at]["verbs"]:
        del less["rules"][at]
    grant(target, "limited-2", less)
    others = [(name, other) for _at, name, other in each_right() if (name, other) != (resource, verb)]
    wait_for("less rights", lambda: not may(target, "limited-2", verb, resource))
    wait_for("the other rights", lambda: all(may(target, "limited-2", other, name) for name, other in others))
    where = {"name": "default", "kubeconfig": str(target.kubeconfig_for("limited-2")), "timeout": 3}
    try:
        run = fetch(watch(target.kubeconfig), tmp_path, where, check=True, schedule_name="hourly")
        said = " ".join(run.warnings)
    except SourceError as error:
        said = str(error)
    assert "Forbidden" in said
    assert f'cannot {verb} resource "{resource}"' in said
    for request in velero.requests():
        target.api("DELETE", f"{GROUP}/namespaces/{NAMESPACE}/downloadrequests/{request['metadata']['name']}")
    velero.asked_for()


# Signals, and who may see what


def module_args(**options: Any) -> str:
    return json.dumps({"ANSIBLE_MODULE_ARGS": options})


def test_sigterm_removes_the_request_that_nobody_has_answered(target, velero, tmp_path):
    velero.answers = lambda _request: False
    options = {"kubeconfig": str(target.kubeconfig), "backup_location": "default", "backup_name": "hourly-3"}
    code = (
        "import sys; sys.argv = ['x', sys.argv[1]]; import runpy;"
        " runpy.run_module('ansible_collections.standby.velero.plugins.modules.velero_restore', run_name='__main__')"
    )
    environment = {**target.environment, "PYTHONPATH": ":".join(sys.path)}
    child = subprocess.Popen(
        [sys.executable, "-c", code, module_args(**options, _ansible_remote_tmp=str(tmp_path))],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    velero.wait_until_asked()
    os.kill(child.pid, signal.SIGTERM)
    child.communicate(timeout=30)
    assert child.returncode == 128 + signal.SIGTERM
    assert velero.requests() == []


def test_signed_urls_and_keys_are_seen_nowhere(target, s3, velero, tmp_path):
    player = Player(target, tmp_path)
    gone = [
        player.module("gone", backup_location={"name": "default"}, backup_name="daily-5", fail_on="never"),
        player.module(
            "refused",
            backup_store={
                "url": "s3://nowhere/x",
                "endpoint": s3.url,
                "access_key": ACCESS_KEY,
                "secret_key": SECRET_KEY,
            },
            backup_name="hourly-3",
        ),
        player.module(
            "fetched",
            backup_location="default",
            backup_name="hourly-3",
            report_path=str(player.report_path),
            fail_on="never",
        ),
    ]
    played = player.tasks(*(task for tasks in gone for task in tasks), arguments=("-vvv", "--check", "--diff"))
    assert "there is no such bucket" in played.results["refused"]["msg"]
    assert "the store does not have it" in played.results["gone"]["msg"]
    assert played.results["fetched"]["restore"]["backup_name"] == "hourly-3"
    assert '"url": "s3://nowhere/x"' in played.output
    everywhere = played.everything + json.dumps(played.report) + json.dumps(played.results)
    for secret in (SIGNATURE, "X-Amz", SECRET_KEY, ACCESS_KEY):
        assert secret not in everywhere
    velero.asked_for()
