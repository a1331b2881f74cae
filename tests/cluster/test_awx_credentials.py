# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them, with what the role's types of credentials inject, onto a real API server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx_described import GIVEN, of_the_role
from awx_injection import Injected, injected
from controlplane import ADMIN, ControlPlane
from hourly import NOW, Standby, contents, hourly, standby_of
from playing import Job
from stores import ACCESS_KEY, BUCKET, PREFIX, SECRET_KEY
from velero import Velero, backup, install

KEY = "a-key-of-these-tests-and-of-no-other"
ELSEWHERE = {"server": "https://127.0.0.1:1"}
"""Where the kubeconfig of all standbys leads by itself."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The role's objects for two standbys, whose hosts say which context is theirs."""
    standbys = {"awx_standbys": {"standby-a": {}, "standby-b": {}}}
    variables = {"restore_schedule_name": "hourly", "restore_max_backup_age": "24h", "sync_verify_delay": 1}
    variables["restore_excluded_namespaces"] = ["kube-system", "velero"]
    return of_the_role(tmp_path_factory.mktemp("described"), **{**GIVEN, **standbys, "awx_variables": variables})


@pytest.fixture(scope="module")
def standby(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        standby.s3.put(hourly(2, contents(app="production")))
        yield standby


def inventory(described: dict[str, Any], *names: str) -> dict[str, Any]:
    """Of these hosts, as AWX writes it for a job."""
    hosts = {one["name"]: one["variables"] for one in described["hosts"] if one["name"] in names}
    return {"all": {"hosts": hosts, "vars": described["inventories"][0]["variables"]}}


def credential(described: dict[str, Any], name: str, folder: Path, **inputs: str) -> Injected:
    (found,) = (one for one in described["credential_types"] if one["name"] == name)
    assert inputs.keys() <= {one["id"] for one in found["inputs"]["fields"]}
    assert set(found["inputs"]["required"]) <= inputs.keys()
    return injected(found, inputs, folder)


def job(standby: Standby, described: dict[str, Any], playbook: str, given: Injected) -> Job:
    standby.player.credentials = given.environment
    try:
        return standby.player.job(playbook, inventory(described, "standby-a"), **given.variables)
    finally:
        standby.player.credentials = {}


def bucket(described: dict[str, Any], standby: Standby, folder: Path) -> Injected:
    inputs = {"url": f"s3://{BUCKET}/{PREFIX}", "endpoint": standby.s3.url}
    keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "session_token": "", "service_account": ""}
    return credential(described, "Velero object store", folder, **inputs, **keys)


def test_nothing_is_injected_as_the_variables_that_any_other_credential_could_set(described: dict[str, Any]) -> None:
    names = {name for one in described["credential_types"] for name in one["injectors"].get("env", {})}
    assert names == {"AZURE_STORAGE_KEY"}


def test_a_kubeconfig_of_all_standbys_restores_each_by_the_context_of_its_host(
    standby: Standby, described: dict[str, Any], tmp_path: Path
) -> None:
    kubeconfig = yaml.safe_load(standby.target.kubeconfig.read_text(encoding="utf-8"))
    kubeconfig["clusters"].append({"name": "elsewhere", "cluster": ELSEWHERE})
    mine = {"name": "standby-a", "context": kubeconfig["contexts"][0]["context"]}
    other = {"name": "standby-b", "context": {"cluster": "elsewhere", "user": ADMIN}}
    kubeconfig |= {"contexts": [other, mine], "current-context": "standby-b"}
    given = credential(described, "Standby clusters", tmp_path, kubeconfig=yaml.safe_dump(kubeconfig))
    given += bucket(described, standby, tmp_path)
    given += credential(described, "Standby state key", tmp_path, key=KEY, previous_key="")
    done = job(standby, described, "sync", given)
    assert done.code == 0, done.output
    assert standby.config_maps() == {"app": "production"}
    for secret in (KEY, SECRET_KEY, standby.target.tokens[ADMIN]):
        assert secret not in done.output


def test_certificates_are_verified_though_the_environment_says_otherwise(
    standby: Standby, described: dict[str, Any], tmp_path: Path
) -> None:
    """AWX's own credential for Kubernetes switches that off where it has no certificate authority."""
    given = credential(
        described, "Standby cluster", tmp_path, host=standby.target.url, token=standby.target.tokens[ADMIN], ca_cert=""
    )
    given += bucket(described, standby, tmp_path) + Injected({"K8S_AUTH_VERIFY_SSL": "False"})
    done = job(standby, described, "drift", given)
    assert done.code == 2
    assert "certificate" in done.output


def test_a_standby_by_address_token_and_authority_and_production_by_a_kubeconfig_of_its_own(
    standby: Standby, described: dict[str, Any], tmp_path: Path
) -> None:
    """Both are the one control plane here; what leads to it are two credentials."""
    install(standby.target)
    standby.s3.put(hourly(9, contents(app="production at nine")))
    standby.target.apply(json.dumps(backup("hourly-09", NOW)))
    ca = standby.target.ca.read_text(encoding="utf-8")
    cluster = {"host": standby.target.url, "token": standby.target.tokens[ADMIN], "ca_cert": ca}
    given = credential(described, "Standby cluster", tmp_path, **cluster)
    given += credential(described, "Standby state key", tmp_path, key=KEY)
    production = standby.target.kubeconfig.read_text(encoding="utf-8")
    location = {"kubeconfig": production, "location": "default", "velero_namespace": "", "context": ""}
    given += credential(described, "Production cluster", tmp_path, **location)
    with Velero(standby.target, standby.s3.url):
        done = job(standby, described, "drift", given)
    assert re.search(r"hourly-09: \d+ of \d+ objects differ", done.output), done.output
    assert done.artifacts["sync_results"]["standby-a"]["backup"] == "hourly-09"
    for secret in (KEY, standby.target.tokens[ADMIN]):
        assert secret not in done.output
