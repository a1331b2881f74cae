# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach the target: kubernetes.core's configuration, one urllib3 pool, one request at a time a thread.

kubernetes.core's own client is not used: its discovery keeps a cache in a shared temporary folder and takes an API
group that fails for one that does not exist. The pool is the one that the kubernetes package makes of the
configuration (proxies, client certificates, TLS server name), so that whatever works there works here.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from .._errors import ClusterError, LockLost, Throttled, Unreachable
from .answers import error_of

try:
    import kubernetes.client
    import urllib3
    from urllib3._collections import HTTPHeaderDict  # urllib3.HTTPHeaderDict only since 2.0
    from urllib3.exceptions import HTTPError, LocationValueError, MaxRetryError, ReadTimeoutError, SSLError
except ImportError:  # the module's edge says which package is missing
    HAS_KUBERNETES = False
else:
    HAS_KUBERNETES = True

USER_AGENT = "standby.velero/0.1.0"
ATTEMPTS = 6
CONNECT_SECONDS = 15.0
READ_SECONDS = 90.0  # an API server ends a request of its own after 60 s
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
RENEW_SECONDS = 10.0
"""How long credentials are taken as they are: the hook that renews them, minutes before they expire, is expensive."""
_TRIES = {"tls": 1, "timeout": 2}
"""Attempts at what repeating does not mend, or only after minutes."""
TOO_MANY_REQUESTS = 429
_RETRIED = frozenset((TOO_MANY_REQUESTS, 500, 502, 503, 504))


class Connection:
    """Sends one request and returns its JSON; retries what is worth it and raises a ClusterError otherwise."""

    def __init__(
        self, configuration: Any, headers: Mapping[str, Any], size: int, sleep: Callable[[float], None] = time.sleep
    ):
        configuration.connection_pool_maxsize = size
        configuration.retries = False
        self._configuration = configuration
        self._host = configuration.host.rstrip("/")
        self._pool, self._root = _pool(kubernetes.client.ApiClient(configuration).rest_client.pool_manager, self._host)
        self._base_headers = _base_headers(headers)
        self._headers = self._base_headers
        self._renew_at = 0.0
        self._auth_lock = threading.Lock()
        self._sleep = sleep
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)

    @property
    def verifies_tls(self) -> bool:
        return bool(self._configuration.verify_ssl) or not self._host.startswith("https:")

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        heard: Callable[[str], None] | None = None,
        dated: Callable[[float], None] | None = None,
        may_send: Callable[[], bool] | None = None,
    ) -> Any:
        """The answer's JSON. `path` starts at the server's root and carries its query.

        `heard` gets the answer's warnings, `dated` its date (seconds since 1970 by the server's clock) when it has one.
        `may_send` is asked before each attempt: a LockLost when it says no.
        429 and 5xx are retried with the server's Retry-After, else with growing pauses; so is a connection that breaks.
        A create that was stored although its answer got lost comes back as AlreadyExists, a patch as Conflict: the
        error is then marked as `repeated`.
        """
        repeated = False
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            if may_send and not may_send():
                raise LockLost("another run may write by now; this one could not renew its lock in time")
            try:
                answer = self._once(method, path, data, content_type, accept)
            except Unreachable as error:
                if attempt >= _TRIES.get(error.reason, ATTEMPTS) - 1:
                    raise
                repeated = True
                self._sleep(_pause(attempt, ""))
                continue
            if answer.status < 300:
                if heard:
                    for warning in answer.headers.getlist("Warning"):
                        heard(warning)
                if dated:
                    _tell_date(answer, dated)
                return self._json(answer, path)
            if answer.status not in _RETRIED or last:
                raise _error(answer, repeated)
            repeated = repeated or answer.status != TOO_MANY_REQUESTS  # which is said before anything is done
            self._sleep(_pause(attempt, answer.headers.get("Retry-After", "")))
        raise Throttled("no answer")  # not reached: the last attempt returns or raises

    def _once(self, method: str, path: str, data: bytes | None, content_type: str, accept: str) -> Any:
        headers = self._request_headers(accept)
        if data is not None:
            headers["Content-Type"] = content_type
        try:
            return self._pool.request(
                method,
                self._root + path,
                body=data,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,
            )
        except (HTTPError, LocationValueError, OSError) as error:
            raise _unreachable(self._host, error) from error

    def _request_headers(self, accept: str) -> Any:
        headers = self._authorized().copy()
        headers["Accept"] = accept
        return headers

    def _authorized(self) -> Any:
        """The headers of every request; never edited."""
        with self._auth_lock:  # credentials that expire are renewed by a hook, by one thread at a time
            if time.monotonic() >= self._renew_at:
                self._headers = self._renewed()
                self._renew_at = time.monotonic() + RENEW_SECONDS
            return self._headers

    def _renewed(self) -> Any:
        headers = self._base_headers.copy()
        settings = self._configuration.auth_settings()
        for setting in settings.values():
            if setting["value"]:
                headers[setting["key"]] = setting["value"]
        if not settings and self._configuration.username:
            headers["authorization"] = self._configuration.get_basic_auth_token()
        return headers

    def _json(self, answer: Any, path: str) -> Any:
        try:
            return json.loads(answer.data)
        except ValueError as error:
            raise ClusterError(
                f"{self._host}{path.partition('?')[0]} did not answer with JSON: is this a Kubernetes API server?",
                status=answer.status,
            ) from error


def _pool(manager: Any, host: str) -> tuple[Any, str]:
    """What sends the requests, and what precedes their paths: the one pool that matters, not looked up each time.

    Through a proxy, and without TLS, the manager knows best which form of the URL is due.
    """
    if isinstance(manager, urllib3.ProxyManager) or not host.startswith("https:"):
        return manager, host
    return manager.connection_from_url(host), urlsplit(host).path


def _base_headers(extra: Mapping[str, Any]) -> Any:
    """A header that stands more than once (Impersonate-Group) needs urllib3's own mapping."""
    if not extra:
        return {"User-Agent": USER_AGENT}
    headers = HTTPHeaderDict({"User-Agent": USER_AGENT})
    for name, value in extra.items():
        for one in value if isinstance(value, list) else [value]:
            headers.add(name, one)
    return headers


def _error(answer: Any, repeated: bool) -> ClusterError:
    error = error_of(answer.status, answer.data)
    error.repeated = repeated
    return error


def _tell_date(answer: Any, dated: Callable[[float], None]) -> None:
    try:
        dated(parsedate_to_datetime(answer.headers.get("Date") or "").timestamp())
    except (TypeError, ValueError):  # none, or none that can be read
        return


def _pause(attempt: int, retry_after: str) -> float:
    """Seconds to wait; with jitter, so that parallel requests do not come back as one wave."""
    if retry_after.isdigit():
        return min(float(retry_after), LONGEST_PAUSE) * (1 + random.random() / 4)
    return float(min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)) * (0.5 + random.random())


def _unreachable(host: str, error: Exception) -> Unreachable:
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, ReadTimeoutError):
        return Unreachable(f"{host} did not answer within {READ_SECONDS:.0f} s", reason="timeout")
    if isinstance(cause, SSLError):
        return Unreachable(
            f"{host}: the TLS certificate does not verify; give its authority with ca_cert (or in the kubeconfig)",
            reason="tls",
        )
    return Unreachable(
        f"{host} cannot be reached ({type(cause).__name__}); check host, proxy and network", reason="network"
    )
