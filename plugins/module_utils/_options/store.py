# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option backup_store: a URL, or a dictionary with one. Credentials have places of their own, never in the URL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ansible.module_utils.parsing.convert_bool import boolean

from .._source.places import StorePlace, is_endpoint

SECRETS = frozenset(("access_key", "secret_key", "session_token", "api_key", "password", "proxy_headers", "kubeconfig"))
"""Keys of store and location whose values nobody may see."""

_ALL = ("url", "ca_cert", "validate_certs")
_KEYS: dict[str, tuple[str, ...]] = {
    "file": ("url",),
    "s3": (*_ALL, "endpoint", "region", "path_style", "access_key", "secret_key", "session_token"),
    "gs": (*_ALL, "endpoint", "credentials_file"),
    "az": (*_ALL, "endpoint", "account"),
}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()@$+,;=& -]+(/[A-Za-z0-9!_.*'()@$+,;=& -]+)*")
_FORMS = "file:///path, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"


def store_place(value: Any) -> tuple[StorePlace | None, list[str]]:
    """The place, None when there is none or it has problems; and the problems. A blank counts as unset."""
    if not value:
        return None, []
    given = {"url": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return None, [f"backup_store: give a text such as {_FORMS}, or a dictionary with url"]
    given = {str(name): part for name, part in given.items() if part not in (None, "")}
    url = _split(given.get("url"))
    if url is None:
        return None, [f"backup_store: its url is none of {_FORMS}"]
    problems = [f"backup_store: {problem}" for problem in (*_url_problems(url), *_problems(given, url.scheme))]
    return (None, problems) if problems else (_place(given, url), [])


def _place(given: Mapping[str, Any], url: SplitResult) -> StorePlace:
    named = {name: str(given[name]) for name in given.keys() - {"url", "path_style", "validate_certs"}}
    if url.scheme == "file":
        return StorePlace("file", folder=unquote(url.path).rstrip("/") or "/")
    return StorePlace(
        url.scheme,
        bucket=url.netloc,
        prefix=url.path.strip("/"),
        path_style=boolean(given["path_style"]) if "path_style" in given else None,
        validate_certs=boolean(given.get("validate_certs", True)),
        **named,
    )


def _split(url: Any) -> SplitResult | None:
    try:
        found = urlsplit(url) if isinstance(url, str) and url.isprintable() else None
    except ValueError:
        return None
    return found if found and found.scheme in _KEYS else None


def _url_problems(url: SplitResult) -> Iterator[str]:
    """No value of the URL is repeated: whoever puts credentials there must not find them in a log."""
    if "@" in url.netloc or url.query or url.fragment:
        yield "its url has more than bucket and prefix; credentials have options of their own, or the environment"
    elif url.scheme == "file":
        if url.netloc not in ("", "localhost") or not url.path.startswith("/") or "\0" in unquote(url.path):
            yield "its url is no path of this machine; write file:///path"
    elif not _BUCKET.fullmatch(url.netloc):
        yield f"its url has no name of a bucket after {url.scheme}://"
    elif url.path.strip("/") and not _PREFIX.fullmatch(url.path.strip("/")):
        yield "the prefix in its url has a character that no prefix of Velero's should have"


def _problems(given: Mapping[str, Any], scheme: str) -> Iterator[str]:
    unknown = sorted(given.keys() - set(_KEYS[scheme]))
    if unknown:
        yield f"{', '.join(unknown)}: of no use for {scheme}://, which takes {', '.join(_KEYS[scheme])}"
    for name in sorted(given.keys() & {"path_style", "validate_certs"}):
        if not _is_boolean(given[name]):
            yield f"{name}: is neither true nor false"
    for name in sorted(given.keys() - {"path_style", "validate_certs", "ca_cert"}):
        if not isinstance(given[name], str) or not (given[name].isprintable() and given[name].isascii()):
            yield f"{name}: is no text of one line"
    if "endpoint" in given and not is_endpoint(str(given["endpoint"])):
        yield "endpoint: is no URL such as https://minio.example.org:9000"
    if ("access_key" in given) != ("secret_key" in given):
        yield "access_key and secret_key go together"
    if "session_token" in given and "access_key" not in given:
        yield "session_token: goes with access_key and secret_key"


def _is_boolean(value: Any) -> bool:
    try:
        boolean(value)
    except TypeError:
        return False
    return True
