# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a bucket's place to what obstore takes: options first, then the environment.

obstore reads the names of the SDKs from the environment itself (`AWS_ACCESS_KEY_ID`, `GOOGLE_APPLICATION_CREDENTIALS`,
`AZURE_STORAGE_ACCOUNT_NAME` …), as well as workload identities and instance roles. Added here are the names that AWX's
credentials inject, each where the SDK's own name is not set. Refused is what obstore would take for a fault of its own
and crash on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._errors import SourceError
from .._text import shown
from .places import StorePlace, is_endpoint

CONNECT_SECONDS = 15
READ_SECONDS = 60
"""That no byte comes; a whole file may take as long as it takes."""

_INJECTED: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "s3": {
        "session_token": (("AWS_SESSION_TOKEN", "AWS_TOKEN"), ("AWS_SECURITY_TOKEN",)),
    },
    "gs": {
        "service_account": (
            ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"),
            ("GCP_SERVICE_ACCOUNT_FILE", "GCE_CREDENTIALS_FILE_PATH"),
        ),
    },
    "az": {
        "tenant_id": (("AZURE_TENANT_ID", "AZURE_STORAGE_TENANT_ID"), ("AZURE_TENANT",)),
        "client_secret": (("AZURE_CLIENT_SECRET", "AZURE_STORAGE_CLIENT_SECRET"), ("AZURE_SECRET",)),
        "account_key": (
            ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY"),
            ("AZURE_STORAGE_ACCOUNT_ACCESS_KEY", "AZURE_STORAGE_KEY"),
        ),
        "account_name": (("AZURE_STORAGE_ACCOUNT_NAME",), ("AZURE_STORAGE_ACCOUNT",)),
    },
}
"""By scheme and obstore's name: the variables that obstore reads, and those that stand in for them."""

_ONE_LINE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)
_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
_ENDPOINT_KEY = {"s3": "endpoint", "gs": "base_url", "az": "endpoint"}


def config_of(place: StorePlace, environment: Mapping[str, str]) -> dict[str, Any]:
    """obstore's configuration of the store: secrets among it, so that nobody may show it."""
    _refuse_unusable(environment)
    config: dict[str, Any] = {
        name: environment[found]
        for name, (own, injected) in _INJECTED[place.scheme].items()
        if not any(environment.get(one) for one in own)
        if (found := next((one for one in injected if environment.get(one)), ""))
    }
    config.update((name, value) for name, value in _given(place) if value)
    if place.scheme == "s3" and place.path_style is not None:
        config |= _addressing(place, endpoint_of(place, environment))
    return config


def credential_of(place: StorePlace) -> dict[str, Any] | None:
    """The keys of the options; what the environment has besides, a token of another session say, must not join them."""
    if not place.access_key:
        return None
    return {
        "access_key_id": place.access_key,
        "secret_access_key": place.secret_key,
        "token": place.session_token or None,
        "expires_at": None,
    }


def client_options_of(place: StorePlace, environment: Mapping[str, str]) -> dict[str, Any]:
    """obstore's options of the HTTP client; plain HTTP only where the endpoint says so."""
    options: dict[str, Any] = {
        "allow_http": is_plain(endpoint_of(place, environment)),
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "read_timeout": f"{READ_SECONDS}s",
        "timeout": "30days",
        "user_agent": "standby.velero",
    }
    if not place.validate_certs:
        options["allow_invalid_certificates"] = True
    if place.ca_cert:
        options["root_certificate"] = _certificates(place.ca_cert)
    return options


def endpoint_of(place: StorePlace, environment: Mapping[str, str]) -> str:
    """As the option or the environment names it; empty for the provider's own. A SourceError for what is none."""
    found = place.endpoint or next(
        (environment[name] for name in _ENDPOINTS[place.scheme] if environment.get(name)), ""
    )
    if found and not is_endpoint(found):
        raise SourceError(f"{place.where}: its endpoint is no URL such as https://minio.example.org:9000")
    return found


def is_plain(endpoint: str) -> bool:
    """Whether whoever sits between reads along."""
    return urlsplit(endpoint).scheme == "http"


def _given(place: StorePlace) -> Iterator[tuple[str, Any]]:
    yield _ENDPOINT_KEY[place.scheme], place.endpoint
    yield "region", place.region
    yield "account_name", place.account
    yield "service_account", place.credentials_file


def _addressing(place: StorePlace, endpoint: str) -> dict[str, Any]:
    """The bucket's name in the path, or before the host's."""
    if place.path_style or not endpoint:
        return {"virtual_hosted_style_request": not place.path_style}
    scheme, _slashes, host = endpoint.partition("://")
    return {"virtual_hosted_style_request": True, "endpoint": f"{scheme}://{place.bucket}.{host}"}


def _refuse_unusable(environment: Mapping[str, str]) -> None:
    for name in _ONE_LINE:
        value = environment.get(name, "")
        if not (value.isascii() and value.isprintable()):
            raise SourceError(f"the variable {name} holds a line end, or another character that no such value has")


def _certificates(given: str) -> bytes:
    if "-----BEGIN" in given:
        return given.encode()
    try:
        with open(os.path.expanduser(given), "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(f"ca_cert {shown(given)} of backup_store: {error.strerror or error}") from error
