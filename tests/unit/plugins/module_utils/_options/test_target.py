# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of whatever talks to a target: what of a kubeconfig is no secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.target import open_words, url_secrets


def test_names_in_a_kubeconfig_are_no_secrets_and_its_credentials_are() -> None:
    kubeconfig = {
        "apiVersion": "v1",
        "current-context": "standby",
        "clusters": [{"name": "standby", "cluster": {"server": "https://s", "certificate-authority-data": "Q0E="}}],
        "contexts": [{"name": "standby", "context": {"cluster": "standby", "user": "robot"}}],
        "users": [{"name": "robot", "user": {"token": "xyz", "password": "the-robot-knows"}}],
    }
    others = {"api_key": None, "password": None, "proxy_headers": None}
    assert open_words({"kubeconfig": kubeconfig, **others}) == {"v1", "standby", "https://s"}  # "robot" is in a secret
    assert open_words({"kubeconfig": kubeconfig, **others, "password": "standby"}) == {"v1", "https://s"}
    assert open_words({"kubeconfig": "/path", **others}) == set()


def in_a_kubeconfig(server: str) -> dict[str, Any]:
    return {"clusters": [{"name": "standby", "cluster": {"server": server, "proxy-url": "http://proxy.example.org"}}]}


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("https://user:hunter2@api.example.org:6443", {"hunter2"}),
        ("https://user:a%2Fb%40c@api.example.org/k8s", {"a%2Fb%40c", "a/b@c"}),
        ("https://user:a/b@c@api.example.org", {"a/b@c"}),
        ("https://user:a:b@api.example.org", {"a:b"}),
        ("https://user@api.example.org", set()),
        ("https://api.example.org/a:b", set()),
        ("admin@standby", set()),
        ("", set()),
        (None, set()),
        (7, set()),
    ],
)
def test_a_password_in_an_address_is_a_secret(address: Any, secrets: set[str]) -> None:
    nothing = {"host": None, "proxy": None, "kubeconfig": None}
    for given in ({"host": address}, {"proxy": address}, {"kubeconfig": in_a_kubeconfig(address)}):
        assert url_secrets({**nothing, **given}) == secrets


def test_an_address_with_a_password_is_no_open_word_and_a_word_in_the_password_is_none() -> None:
    kubeconfig = in_a_kubeconfig("https://user:standby-7@api.example.org")
    params = {"kubeconfig": kubeconfig, "api_key": None, "password": None, "proxy_headers": None}
    assert open_words(params) == set()


def test_a_context_with_an_at_sign_is_a_name() -> None:
    params = {
        "kubeconfig": {"current-context": "admin@standby"},
        "api_key": None,
        "password": None,
        "proxy_headers": None,
    }
    assert open_words(params) == {"admin@standby"}
