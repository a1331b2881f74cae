# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever talks to a target: its connection, and where this collection keeps its records there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from .._kubernetes_core import AUTH_ARG_SPEC

MOST_CONNECTIONS = 256
SHORTEST_LOCK, LONGEST_LOCK = 2, 3600
"""Seconds; a short one is lost to a slow answer."""
STATE_NAMESPACE = "standby-velero"

TARGET_SPEC: dict[str, dict[str, Any]] = {
    "state_namespace": {"type": "str", "default": STATE_NAMESPACE},
    "state_key": {"type": "list", "elements": "str", "default": [], "no_log": True},
    "lock_duration": {"type": "int", "default": 60},
    "lock_timeout": {"type": "int", "default": 0},
    "concurrency": {"type": "int", "default": 16},
    **AUTH_ARG_SPEC,
}
"""Described by plugins/doc_fragments/target.py, the connection by plugins/doc_fragments/connection.py."""

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible itself shows in place of a value that is not to be seen."""

_FLAGS = frozenset(("", "0", "1", "true", "false", "yes", "no", "on", "off"))
"""Values that tell nobody anything, whatever the name: an environment switches a TOKEN_CACHE on with `1`."""
_TELLING = re.compile(r"secret|token|passw|passphrase|credential|certificate|key", re.IGNORECASE)
"""In the name of a field, a variable or an option of a command: its value is a secret."""
_PATHS = frozenset(
    ("certificate-authority", "client-certificate", "client-key", "idp-certificate-authority", "tokenFile")
)
"""Fields of a kubeconfig that name a file."""


def masked_words(no_log: set[str], params: Mapping[str, Any]) -> set[str]:
    """What Ansible is to mask in the result: of a kubeconfig given as a dictionary its secrets, not each of its words.

    As kubernetes.core specifies it, `no_log` has all of them ("v1", "prod", a command's `get`), which would then be
    masked in the names of objects too.
    """
    return (no_log - open_words(params)) | secrets_in(params)


def open_words(params: Mapping[str, Any]) -> set[str]:
    """The words of a kubeconfig given as a dictionary that are no secret."""
    kubeconfig = params["kubeconfig"]
    if isinstance(kubeconfig, str) and "\n" in kubeconfig:  # a slip: one line is a path
        return set()
    others = _texts([params["api_key"], params["password"], params["proxy_headers"], params.get("state_key")])
    return set(_texts(kubeconfig)) - set(others) - secrets_in(params)


def secrets_in(params: Mapping[str, Any]) -> set[str]:
    """Of the connection options those that Ansible does not know as secrets: parts of a kubeconfig, of addresses."""
    found = {*_secrets(params["kubeconfig"]), *_url_passwords([params["host"], params["proxy"]])}
    return {form for secret in found for form in (secret, secret.strip()) if form}


def passwords_in(value: Any) -> set[str]:
    """All that stand in addresses, wherever in the value: of options that nobody has checked yet."""
    return set(_url_passwords(_texts(value)))


def _texts(value: Any) -> list[str]:
    """Every text and number in it, as a text."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _secrets(value: Any) -> Iterator[str]:
    """Of a kubeconfig, or a part of one: what stands under a name that tells, and the passwords in URLs."""
    if isinstance(value, list):
        for part in value:
            yield from _secrets(part)
        yield from _of_arguments(value)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part) if _tells(name) else _secrets(part)
        if _tells(value.get("name")):  # {name: AWS_SECRET_ACCESS_KEY, value: …} of a command's environment
            yield from _worth(value.get("value"))
    else:
        yield from _url_passwords([value])


def _of_arguments(arguments: list[Any]) -> Iterator[str]:
    """Of a command's, `--client-secret=…` and what follows `--client-secret`."""
    for argument, following in pairwise([*arguments, "-"]):
        option, given, value = str(argument).partition("=")
        if option.startswith("-") and _tells(option):
            follows = not given and not str(following).startswith("-")
            yield from _worth(following if follows else value)


def _worth(value: Any) -> Iterator[str]:
    return (text for text in _texts(value) if text.lower() not in _FLAGS)


def _tells(name: Any) -> bool:
    return isinstance(name, str) and name not in _PATHS and _TELLING.search(name) is not None


def _url_passwords(urls: list[Any]) -> Iterator[str]:
    """As written and decoded; up to the last @, for in a password that is not encoded any letter may stand."""
    for url in urls:
        if isinstance(url, str) and "://" in url:
            password = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
            yield from filter(None, (password, unquote(password)))
