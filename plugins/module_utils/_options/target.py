# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of whatever talks to a target: its connection, and where this collection keeps its records there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC

MOST_CONNECTIONS = 256
SHORTEST_LOCK, LONGEST_LOCK = 2, 3600
"""Seconds; a short one is lost to a slow answer."""
STATE_NAMESPACE = "standby-velero"

TARGET_SPEC: dict[str, dict[str, Any]] = {
    "state_namespace": {"type": "str", "default": STATE_NAMESPACE},
    "lock_duration": {"type": "int", "default": 60},
    "lock_timeout": {"type": "int", "default": 0},
    "concurrency": {"type": "int", "default": 16},
    **AUTH_ARG_SPEC,
}
"""Described by plugins/doc_fragments/target.py, the connection by kubernetes.core.k8s_auth_options."""

_OPEN_WORDS = frozenset(
    ("apiVersion", "cluster", "context", "current-context", "kind", "name", "namespace", "server", "user")
)

_ADDRESSES = ("server", "proxy-url")
"""Of a kubeconfig's clusters."""


def open_words(params: Mapping[str, Any]) -> set[str]:
    """The words of a kubeconfig that are no secret, and none of which is part of a secret too.

    As a dictionary it is no_log as a whole in kubernetes.core's specification, and Ansible would mask each of its words
    ("v1", "default", a user's name) wherever it stands in the result.
    """
    words: set[str] = set()
    secrets: set[str] = set()
    _sort_words(params["kubeconfig"], False, words, secrets)
    _sort_words([params["api_key"], params["password"], params["proxy_headers"]], False, words, secrets)
    return {word for word in words if not any(word in secret for secret in secrets)}


def url_secrets(params: Mapping[str, Any]) -> set[str]:
    """Passwords in the addresses of API server and proxy (`https://user:password@…`), as written and decoded.

    They stand in no option of their own that Ansible would mask.
    """
    urls = [params["host"], params["proxy"], *_urls_of(params["kubeconfig"])]
    found = {_password_of(url) for url in urls if isinstance(url, str)} - {""}
    return found | {unquote(password) for password in found}


def _urls_of(value: Any) -> Iterator[Any]:
    """The addresses in a kubeconfig that is given as a dictionary."""
    if isinstance(value, dict):
        yield from (value[name] for name in _ADDRESSES if name in value)
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _urls_of(part)


def _password_of(url: str) -> str:
    """Up to the last @: in a password that is not encoded any letter may stand."""
    userinfo = url.partition("://")[2].rpartition("@")[0] if "://" in url else ""
    return userinfo.partition(":")[2]


def _sort_words(value: Any, is_open: bool, words: set[str], secrets: set[str]) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _sort_words(part, name in _OPEN_WORDS, words, secrets)
    elif isinstance(value, list):
        for part in value:
            _sort_words(part, is_open, words, secrets)
    elif isinstance(value, str):
        password = _password_of(value)
        (words if is_open and not password else secrets).add(password or value)
