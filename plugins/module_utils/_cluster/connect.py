# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's connection options to a Client: kubernetes.core's reading of options, environment and kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_MAP
from ansible_collections.kubernetes.core.plugins.module_utils.k8s import client as core

from .._errors import ClusterError
from .client import Client
from .connection import HAS_KUBERNETES, Connection

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

    Raises ClusterError for a kubeconfig that cannot be read or used, naming the options that could be given instead.
    """
    try:
        auth = core._create_auth_spec(module)
        connection = Connection(core._create_configuration(auth), core._create_headers(module), connections)
        return Client(connection, auth.get("context") or "")
    except (ConfigException, YAMLError, OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(error) from error


def connect_to(options: Mapping[str, Any], connections: int) -> Client:
    """A client by these options alone: a variable of the environment, meant for another cluster, must not join them."""
    auth = {name: options[option] for name, option in AUTH_ARG_MAP.items() if options.get(option) is not None}
    headers = {name: options[option] for option, name in _IMPERSONATION.items() if options.get(option)}
    try:
        return Client(Connection(core._create_configuration(auth), headers, connections))
    except (ConfigException, YAMLError, OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> ClusterError:
    return ClusterError(
        f"no usable connection options ({type(error).__name__}): give kubeconfig (and context), or host with"
        " api_key or client_cert and client_key; each can come from its K8S_AUTH_* variable too"
    )
