# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's connection options to a Client: kubernetes.core's reading of options, environment and kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import ClusterError
from .._kubernetes_core import AUTH_ARG_MAP, core
from .client import Client
from .connection import HAS_KUBERNETES, Connection, without_userinfo
from .unusable import host_problem, is_content, why_unusable

try:
    from kubernetes.config import ConfigException
    from yaml import YAMLError
except ImportError:
    pass  # see missing_package


_IMPERSONATION = {"impersonate_user": "Impersonate-User", "impersonate_groups": "Impersonate-Group"}


def missing_package() -> str:
    """The required Python package that cannot be imported; empty when all are there."""
    return "" if HAS_KUBERNETES else "kubernetes"


def connect(module: Any, connections: int) -> Client:
    """A client with room for `connections` requests at a time; no request is sent yet.

    Raises ClusterError where the options lead to no cluster: which of them, why, and what to do.
    """
    auth: dict[str, Any] = {}
    try:
        auth = core._create_auth_spec(module)
        connection = _connection(auth, core._create_headers(module), connections)
        return Client(connection, auth.get("context") or "")
    except (ConfigException, YAMLError, OSError, ValueError, KeyError, TypeError) as error:
        raise ClusterError(why_unusable(auth, error)) from error


def connect_to(options: Mapping[str, Any], connections: int) -> Client:
    """A client by these options alone: a variable of the environment, meant for another cluster, must not join them."""
    auth = {name: options[option] for name, option in AUTH_ARG_MAP.items() if options.get(option) is not None}
    headers = {name: options[option] for option, name in _IMPERSONATION.items() if options.get(option)}
    try:
        return Client(_connection(auth, headers, connections))
    except (ConfigException, YAMLError, OSError, ValueError, KeyError, TypeError) as error:
        raise ClusterError(why_unusable(auth, error)) from error


def _connection(auth: dict[str, Any], headers: Mapping[str, str], connections: int) -> Connection:
    """The address may be an option's, a variable's or the kubeconfig's: it is looked at where it is used."""
    if is_content(auth.get("kubeconfig") or ""):
        raise ValueError("the text of a kubeconfig")
    configuration = core._create_configuration(auth)
    problem = host_problem(without_userinfo(configuration.host))
    if problem:
        raise ClusterError(problem)
    return Connection(configuration, headers, connections)
