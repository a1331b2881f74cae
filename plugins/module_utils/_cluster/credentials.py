# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers that every request carries: who asks, as whom, and with which credentials; renewed before they expire."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

with suppress(ImportError):  # see connect.missing_package
    from urllib3._collections import HTTPHeaderDict  # urllib3.HTTPHeaderDict only since 2.0

USER_AGENT = "standby.velero/0.1.0"
RENEW_SECONDS = 10.0
"""How long credentials are taken as they are: the hook that renews them, minutes before they expire, is expensive."""


class Credentials:
    """Of one configuration, for as many threads as there are."""

    def __init__(self, configuration: Any, extra: Mapping[str, Any]) -> None:
        self._configuration = configuration
        self._base = _base_headers(extra)
        self._headers = self._base
        self._renew_at = 0.0
        self._lock = threading.Lock()

    def headers(self) -> Any:
        """Never edited, but copied."""
        with self._lock:  # credentials that expire are renewed by a hook, by one thread at a time
            if time.monotonic() >= self._renew_at:
                self._headers = self._renewed()
                self._renew_at = time.monotonic() + RENEW_SECONDS
            return self._headers

    def _renewed(self) -> Any:
        headers = self._base.copy()
        settings = self._configuration.auth_settings()
        for setting in settings.values():
            if setting["value"]:
                headers[setting["key"]] = setting["value"]
        if not settings and self._configuration.username:
            headers["authorization"] = self._configuration.get_basic_auth_token()
        return headers


def _base_headers(extra: Mapping[str, Any]) -> Any:
    """A header that stands more than once (Impersonate-Group) needs urllib3's own mapping."""
    if not extra:
        return {"User-Agent": USER_AGENT}
    headers = HTTPHeaderDict({"User-Agent": USER_AGENT})
    for name, value in extra.items():
        for one in value if isinstance(value, list) else [value]:
            headers.add(name, one)
    return headers
