# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever talks to a target: what of a kubeconfig is a secret, and masked wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.parameters import _list_no_log_values
from ansible_collections.standby.velero.plugins.module_utils._options.target import TARGET_SPEC, masked_words

EXEC = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/opt/credentials", "interactiveMode": "Never"}


def masked(**options: Any) -> set[str]:
    """What Ansible masks in the end, of what its own specification gives it."""
    params = dict.fromkeys(("kubeconfig", "api_key", "password", "proxy_headers", "host", "proxy")) | options
    return masked_words(set(_list_no_log_values(TARGET_SPEC, params)), params)


def kubeconfig(user: dict[str, Any], **cluster: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "standby",
        "clusters": [{"name": "standby", "cluster": {"server": "https://s:6443", **cluster}}],
        "contexts": [{"name": "standby", "context": {"cluster": "standby", "user": "robot", "namespace": "prod"}}],
        "users": [{"name": "robot", "user": user}],
    }


@pytest.mark.parametrize(
    ("user", "secrets"),
    [
        ({}, set()),
        ({"token": "xyz"}, {"xyz"}),
        ({"token": "xyz\n"}, {"xyz\n", "xyz"}),
        ({"tokenFile": "/run/token"}, set()),
        ({"username": "robot", "password": "the-robot-knows"}, {"the-robot-knows"}),
        ({"username": "prod", "password": 4711}, {"4711"}),
        ({"client-certificate": "/c.pem", "client-key": "/k.pem"}, set()),
        ({"client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ"}, {"Q0VSVA==", "S0VZ"}),
        ({"as": "admin", "as-groups": ["prod"]}, set()),
        (
            {
                "auth-provider": {
                    "name": "oidc",
                    "config": {
                        "client-id": "prod",
                        "client-secret": "c-s",
                        "id-token": "i-t",
                        "refresh-token": "r-t",
                        "access-token": "a-t",
                        "idp-certificate-authority-data": "Q0E=",
                        "idp-certificate-authority": "/ca.pem",
                        "idp-issuer-url": "https://id.example",
                    },
                }
            },
            {"c-s", "i-t", "r-t", "a-t", "Q0E="},
        ),
        ({"exec": {**EXEC, "args": ["--cluster", "prod", "get", "get-token"]}}, set()),
        ({"exec": {**EXEC, "args": ["--client-secret=c-s", "--password", "p-w", "-v"]}}, {"c-s", "p-w"}),
        ({"exec": {**EXEC, "args": ["--password=-p=w", "--use-token", "--profile", "prod"]}}, {"-p=w"}),
        ({"exec": {**EXEC, "args": ["--token-cache=false", "--token"]}}, set()),
        ({"exec": {**EXEC, "env": [{"name": "AWS_PROFILE", "value": "shop"}]}}, set()),
        ({"exec": {**EXEC, "env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "s-k"}]}}, {"s-k"}),
        ({"exec": {**EXEC, "env": [{"name": "db_password", "value": "d-p"}]}}, {"d-p"}),
        ({"exec": {**EXEC, "env": [{"name": "GITHUB_TOKEN", "value": "g-t"}]}}, {"g-t"}),
        ({"exec": {**EXEC, "env": [{"name": "USE_TOKEN_CACHE", "value": "1"}, {"name": "TOKEN"}]}}, set()),
        ({"exec": {**EXEC, "env": "shop", "args": "prod"}}, set()),
    ],
)
def test_of_a_kubeconfig_given_as_a_dictionary_its_secrets_alone_are_masked(
    user: dict[str, Any], secrets: set[str]
) -> None:
    assert masked(kubeconfig=kubeconfig(user)) == secrets


def test_passwords_in_urls_are_masked_and_the_urls_are_not() -> None:
    given = kubeconfig({}, **{"server": "https://robot:s3cret@s:6443", "proxy-url": "http://p:pr0xy@proxy:3128"})
    assert masked(kubeconfig=given) == {"s3cret", "pr0xy"}
    assert masked(host="https://robot:h0st@s", proxy="http://proxy:3128") == {"h0st"}
    assert masked(host="https://robot@s") == masked(host="https://[::1") == set()


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("https://user:a%2Fb%40c@api.example.org/k8s", {"a%2Fb%40c", "a/b@c"}),
        ("https://user:a/b@c@api.example.org", {"a/b@c"}),
        ("https://user:a:b@api.example.org", {"a:b"}),
        ("https://api.example.org/a:b", set()),
        ("admin@standby", set()),
    ],
)
def test_a_password_in_an_address_is_a_secret_however_it_is_written(address: str, secrets: set[str]) -> None:
    assert masked(host=address) == masked(proxy=address) == masked(kubeconfig={"server": address}) == secrets


def test_a_word_that_is_a_secret_elsewhere_stays_masked() -> None:
    assert masked(kubeconfig=kubeconfig({}), password="standby", api_key="v1") == {"standby", "v1"}
    assert masked(kubeconfig=kubeconfig({"password": "prod"})) == {"prod"}
    assert masked(kubeconfig=kubeconfig({}), proxy_headers={"basic_auth": "a:b"}) == {"a:b"}


def test_a_certificate_authority_is_masked() -> None:
    assert masked(kubeconfig=kubeconfig({}, **{"certificate-authority-data": "Q0E="})) == {"Q0E="}
    assert masked(kubeconfig=kubeconfig({}, **{"certificate-authority": "/ca.pem"})) == set()


def test_a_path_is_no_secret_and_the_text_of_a_file_is_one() -> None:
    assert masked(kubeconfig="/etc/standby/kubeconfig") == set()
    text = "apiVersion: v1\nusers: [{user: {token: xyz}}]\n"
    assert text in masked(kubeconfig=text)


@pytest.mark.parametrize("given", [None, "", {}, [], 7, {"users": None}, {"users": [None, "robot", {"user": "x"}]}])
def test_what_is_no_kubeconfig_hides_nothing(given: Any) -> None:
    assert masked(kubeconfig=given) == set()
