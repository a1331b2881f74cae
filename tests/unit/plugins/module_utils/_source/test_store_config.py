# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the option and the environment to obstore's configuration. No bucket of these providers is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import obstore.store
import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceError
from ansible_collections.standby.velero.plugins.module_utils._source.places import StorePlace
from ansible_collections.standby.velero.plugins.module_utils._source.store_config import (
    client_options_of,
    config_of,
    credential_of,
    endpoint_of,
)

KINDS: dict[str, Any] = {
    "s3": obstore.store.S3Store,
    "gs": obstore.store.GCSStore,
    "az": obstore.store.AzureStore,
}


def place(scheme: str, **options: Any) -> StorePlace:
    return StorePlace(scheme, bucket="velero", prefix="cluster-1", **options)


@pytest.mark.parametrize(
    ("scheme", "options", "environment", "config"),
    [
        ("s3", {}, {}, {}),
        ("s3", {"region": "eu-west-1"}, {}, {"region": "eu-west-1"}),
        ("s3", {"endpoint": "https://m:9000"}, {}, {"endpoint": "https://m:9000"}),
        ("s3", {"path_style": True}, {}, {"virtual_hosted_style_request": False}),
        ("s3", {"path_style": False}, {}, {"virtual_hosted_style_request": True}),
        (
            "s3",
            {"path_style": False, "endpoint": "https://m:9000"},
            {},
            {"virtual_hosted_style_request": True, "endpoint": "https://velero.m:9000"},
        ),
        (
            "s3",
            {"path_style": False},
            {"AWS_ENDPOINT_URL": "https://m"},
            {"virtual_hosted_style_request": True, "endpoint": "https://velero.m"},
        ),
        ("s3", {}, {"AWS_SECURITY_TOKEN": "token"}, {"session_token": "token"}),
        ("s3", {}, {"AWS_SECURITY_TOKEN": "old", "AWS_SESSION_TOKEN": "new"}, {}),
        ("gs", {"credentials_file": "/k.json"}, {}, {"service_account": "/k.json"}),
        ("gs", {"endpoint": "http://localhost:1"}, {}, {"base_url": "http://localhost:1"}),
        ("gs", {}, {"GCP_SERVICE_ACCOUNT_FILE": "/awx.json"}, {"service_account": "/awx.json"}),
        ("gs", {}, {"GCE_CREDENTIALS_FILE_PATH": "/awx.json"}, {"service_account": "/awx.json"}),
        ("gs", {}, {"GCP_SERVICE_ACCOUNT_FILE": "/awx.json", "GOOGLE_APPLICATION_CREDENTIALS": "/own.json"}, {}),
        (
            "gs",
            {"credentials_file": "/k.json"},
            {"GCP_SERVICE_ACCOUNT_FILE": "/awx.json"},
            {"service_account": "/k.json"},
        ),
        ("az", {"account": "acc"}, {}, {"account_name": "acc"}),
        (
            "az",
            {"account": "acc"},
            {"AZURE_CLIENT_ID": "id", "AZURE_TENANT": "tenant", "AZURE_SECRET": "secret"},
            {"account_name": "acc", "tenant_id": "tenant", "client_secret": "secret"},
        ),
        ("az", {}, {"AZURE_TENANT": "awx", "AZURE_TENANT_ID": "own"}, {}),
        ("az", {}, {"AZURE_STORAGE_ACCOUNT": "acc"}, {"account_name": "acc"}),
        ("az", {"account": "acc"}, {"AZURE_STORAGE_ACCOUNT": "env"}, {"account_name": "acc"}),
        (
            "az",
            {"account": "acc"},
            {"AZURE_STORAGE_ACCOUNT_ACCESS_KEY": "a2V5"},
            {"account_name": "acc", "account_key": "a2V5"},
        ),
        ("az", {"account": "acc", "endpoint": "https://e"}, {}, {"account_name": "acc", "endpoint": "https://e"}),
    ],
)
def test_options_go_before_the_environment_and_the_sdk_s_names_before_awx_s(scheme, options, environment, config):
    assert config_of(place(scheme, **options), environment) == config


@pytest.mark.parametrize(
    ("scheme", "options", "environment", "known"),
    [
        ("s3", {"region": "eu-west-1", "endpoint": "https://m"}, {}, {"region": "eu-west-1", "endpoint": "https://m"}),
        ("gs", {"endpoint": "https://e"}, {}, {"base_url": "https://e"}),
        (
            "az",
            {"account": "acc"},
            {"AZURE_TENANT": "t", "AZURE_SECRET": "s"},
            {"account_name": "acc", "tenant_id": "t", "client_secret": "s"},
        ),
    ],
)
def test_obstore_takes_the_configuration_as_it_is_meant(scheme, options, environment, known):
    where = place(scheme, **options)
    store = KINDS[scheme](
        where.bucket, config=config_of(where, environment), client_options=client_options_of(where, environment)
    )
    assert store.config.items() >= known.items()


def test_keys_of_the_option_stand_alone():
    keys = credential_of(place("s3", access_key="a", secret_key="s"))
    assert keys == {"access_key_id": "a", "secret_access_key": "s", "token": None, "expires_at": None}
    session = credential_of(place("s3", access_key="a", secret_key="s", session_token="t"))
    assert session is not None
    assert session["token"] == "t"
    assert credential_of(place("s3")) is None


@pytest.mark.parametrize(
    ("options", "environment", "plain"),
    [
        ({}, {}, False),
        ({"endpoint": "https://m"}, {}, False),
        ({"endpoint": "http://m"}, {}, True),
        ({}, {"AWS_ENDPOINT_URL": "http://m"}, True),
        ({"endpoint": "https://m"}, {"AWS_ENDPOINT_URL": "http://m"}, False),
        ({}, {"AWS_ALLOW_HTTP": "true"}, False),
    ],
)
def test_plain_http_takes_an_endpoint_that_says_so(options, environment, plain):
    assert client_options_of(place("s3", **options), environment)["allow_http"] is plain


def test_certificates_are_taken_as_a_path_and_as_text(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\n"
    (tmp_path / "ca.pem").write_text(pem)
    assert client_options_of(place("s3", ca_cert=pem), {})["root_certificate"] == pem.encode()
    found = client_options_of(place("s3", ca_cert=str(tmp_path / "ca.pem")), {})
    assert found["root_certificate"] == pem.encode()
    with pytest.raises(SourceError, match="ca_cert /none of backup_store: No such file"):
        client_options_of(place("s3", ca_cert="/none"), {})


def test_tls_is_verified_unless_told_otherwise():
    assert "allow_invalid_certificates" not in client_options_of(place("s3"), {})
    assert client_options_of(place("s3", validate_certs=False), {})["allow_invalid_certificates"] is True


@pytest.mark.parametrize("value", ["key\n", "k\0y", "ké"])
def test_a_variable_that_would_crash_the_package_is_named_without_its_value(value):
    with pytest.raises(SourceError, match=r"^the variable AWS_ACCESS_KEY_ID holds a line end") as caught:
        config_of(place("s3"), {"AWS_ACCESS_KEY_ID": value})
    assert value not in str(caught.value)


def test_an_endpoint_of_the_environment_that_is_none_is_refused():
    with pytest.raises(SourceError, match="s3://velero/cluster-1: its endpoint is no URL"):
        endpoint_of(place("s3"), {"AWS_ENDPOINT_URL": "minio:9000"})
