# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why connection options lead to no cluster, in one sentence: which option or file, and what to do.

It is asked only once kubernetes.core has failed. Nothing of a kubeconfig is told but its path, line and column, and the
names of contexts, clusters and users: all else in it may be a secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .._text import shown
from .._unstructured import as_map, as_text

with suppress(ImportError):  # see missing_package in connect.py
    from yaml import YAMLError, safe_load

_MOST_NAMES = 10
_WAYS = (
    "give kubeconfig (and context), or host with api_key or client_cert and client_key; each can come from its"
    " K8S_AUTH_* variable too"
)


def why_unusable(auth: Mapping[str, Any], error: Exception) -> str:
    """`auth` is what kubernetes.core made of the options, by its names; `error` is what it raised."""
    given = auth.get("kubeconfig")
    if isinstance(given, Mapping):
        return _of_content("kubeconfig, which is given as a dictionary,", given, auth) or _otherwise(error)
    if is_content(given or ""):
        return "kubeconfig: takes a path or a dictionary, and is the text of one; give it through from_yaml"
    path = os.path.expanduser(str(given or _default_path()))
    return _of_file(path, bool(given), auth) or _otherwise(error)


def is_content(kubeconfig: object) -> bool:
    """Whether it is the text of a kubeconfig, where a path belongs: it must not be shown."""
    if isinstance(kubeconfig, Mapping):
        return False
    text = str(kubeconfig)
    return "\n" in text or text.lstrip().startswith("{")


def host_problem(host: str) -> str:
    """What is wrong with an address as it is to be used; empty when nothing is. It is without user and password."""
    if host.startswith(("https://", "http://")):
        return ""
    return f"host: {shown(host)} does not say how it is spoken to; give https://{shown(host)}"


def _default_path() -> str:
    """Where the client looks when nothing is given; of several files of KUBECONFIG the first one that is not there."""
    paths = os.environ.get("KUBECONFIG", "~/.kube/config").split(os.pathsep)
    return next((path for path in paths if not os.path.exists(os.path.expanduser(path))), paths[0])


def _of_file(path: str, is_given: bool, auth: Mapping[str, Any]) -> str:
    where = f"kubeconfig: {shown(path)}"
    if not os.path.lexists(path):
        if is_given:
            return f"{where} is not there; give the path of the kubeconfig of the standby"
        return f"no usable connection options: {_WAYS}. None is given, and there is no {shown(path)}"
    if os.path.isdir(path):
        return f"{where} is a folder; give the path of the file in it"
    try:
        with open(path, encoding="utf-8") as file:
            content = safe_load(file)
    except YAMLError as error:
        return f"{where} is no YAML{_place(error)}; mend it, or get it anew"
    except (OSError, ValueError) as error:
        return f"{where} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
    return _of_content(where, content, auth)


def _place(error: Exception) -> str:
    """Line and column, never the text: it may hold a token."""
    mark = getattr(error, "problem_mark", None)
    return f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _of_content(where: str, content: Any, auth: Mapping[str, Any]) -> str:
    if not content:
        return f"{where} is empty; get it anew"
    if not isinstance(content, Mapping):
        return f"{where} is no kubeconfig: it has no contexts, clusters and users; give the path of one"
    contexts = _named(content, "contexts")
    if not contexts:
        return f"{where} has no context; get it anew"
    asked = as_text(auth.get("context"))
    name = asked or as_text(content.get("current-context"))
    if not name:
        return f"context: {where} has no current-context; give one of {_listed(contexts)}"
    if name not in contexts:
        of = "" if asked else ", its current-context"
        return f"context: {where} has no context {shown(name)}{of}; it has {_listed(contexts)}"
    context = as_map(contexts[name].get("context"))
    for one, many in (("cluster", "clusters"), ("user", "users")):
        if as_text(context.get(one)) not in _named(content, many):
            return f"{where}: its context {shown(name)} names a {one} {shown(as_text(context.get(one)))} that it lacks"
    return ""


def _named(content: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    entries = content.get(part)
    maps = [as_map(entry) for entry in entries] if isinstance(entries, list) else []
    return {as_text(entry.get("name")): entry for entry in maps if as_text(entry.get("name"))}


def _listed(names: Mapping[str, Any]) -> str:
    some = ", ".join(shown(name, 60) for name in sorted(names)[:_MOST_NAMES])
    return f"{some} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else some


def _otherwise(error: Exception) -> str:
    return f"no usable connection options ({type(error).__name__}): {_WAYS}"
