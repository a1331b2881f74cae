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
import re
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._errors import ClusterError, LockLost, MalformedAnswer, Throttled, Unreachable
from .answers import error_of
from .content import LARGEST_ANSWER, content_of, limited
from .credentials import Credentials

try:
    import kubernetes.client
    import urllib3
    from urllib3.exceptions import HTTPError, LocationValueError, MaxRetryError, ReadTimeoutError, SSLError
except ImportError:  # the module's edge says which package is missing
    HAS_KUBERNETES = False
else:
    HAS_KUBERNETES = True

JSON_TYPE = "application/json"
ATTEMPTS = 6
CONNECT_SECONDS = 15.0
READ_SECONDS = 90.0  # an API server ends a request of its own after 60 s
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
_TRIES = {"tls": 1, "timeout": 2}
"""Attempts at what repeating does not mend, or only after minutes."""
_LASTING_TRIES = 2
TOO_MANY_REQUESTS = 429
_RETRIED = frozenset((TOO_MANY_REQUESTS, 500, 502, 503, 504))
_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
"""To the last @: in a password that is not encoded any letter may stand, a slash too."""
_WHOLE_SECONDS = re.compile(r"[0-9]{1,9}")


class _Raw(NamedTuple):
    """What came, read to its end."""

    status: int
    headers: Any
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said to a request that it carried out."""

    status: int
    body: Any
    """JSON as it came."""
    warnings: tuple[str, ...] = ()
    """Of its Warning headers, each as it came."""
    date: float | None = None
    """Seconds since 1970 by the server's clock; None when it does not say."""


class Connection:
    """Sends one request at a time a thread; retries what is worth it and raises a ClusterError otherwise."""

    def __init__(
        self, configuration: Any, headers: Mapping[str, Any], size: int, sleep: Callable[[float], None] = time.sleep
    ):
        configuration.connection_pool_maxsize = size
        configuration.retries = False
        host = configuration.host.rstrip("/")
        self.server = without_userinfo(host)
        manager = limited(kubernetes.client.ApiClient(configuration).rest_client.pool_manager)
        self._pool, self._root = _pool(manager, host)
        self._credentials = Credentials(configuration, headers)
        self._sleep = sleep
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._may_send: Callable[[], bool] | None = None
        self.verifies_tls = bool(configuration.verify_ssl) or not host.startswith("https:")

    def guarded(self, may_send: Callable[[], bool]) -> Connection:
        """The same connection, whose requests other than GET are not sent any more once `may_send` says no."""
        view = copy(self)
        view._may_send = may_send
        return view

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON_TYPE,
        accept: str = JSON_TYPE,
        largest: int = LARGEST_ANSWER,
    ) -> Answer:
        """The answer to a request that was carried out. `path` starts at the server's root and carries its query.

        One of more bytes than `largest` is an AnswerTooLarge.
        429 and 5xx are retried with the server's Retry-After, else with growing pauses; so is a connection that breaks.
        What time does not mend (see ClusterError.lasting) is tried once more only.
        A create that was stored although its answer got lost comes back as AlreadyExists, a patch as Conflict: the
        error is then marked as `repeated`.
        """
        repeated = False
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        for attempt in range(ATTEMPTS):
            self._refuse_unless_allowed(method)
            try:
                answer = self._once(method, path, data, content_type, accept, largest)
            except Unreachable as error:
                failure: ClusterError = error
                tries, retry_after = _TRIES.get(error.reason, ATTEMPTS), ""
            else:
                if answer.status < 300:
                    return self._read(answer, path)
                failure = error_of(answer.status, answer.data, path)
                failure.repeated = repeated
                tries, retry_after = _tries(failure), answer.headers.get("Retry-After", "")
            if attempt >= tries - 1:
                raise failure
            repeated = repeated or failure.status != TOO_MANY_REQUESTS  # which is said before anything is done
            self._sleep(_pause(attempt, retry_after))
        raise Throttled("no answer")  # not reached: the last attempt returns or raises

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of the answer to a GET, whatever it is; repeated only when there is none."""
        for attempt in range(ATTEMPTS):
            try:
                answer = self._once("GET", path, None, JSON_TYPE, "*/*", LARGEST_ANSWER)
            except Unreachable as error:
                if attempt >= _TRIES.get(error.reason, ATTEMPTS) - 1:
                    raise
                self._sleep(_pause(attempt, ""))
            else:
                return answer.status, answer.data.decode(errors="replace")
        raise Throttled("no answer")  # not reached: the last attempt returns or raises

    def _refuse_unless_allowed(self, method: str) -> None:
        """Asked before each attempt: much may happen while a request waits to be repeated."""
        if method != "GET" and self._may_send and not self._may_send():
            raise LockLost("another run may write by now; this one could not renew its lock in time")

    def _once(self, method: str, path: str, data: bytes | None, content_type: str, accept: str, largest: int) -> _Raw:
        headers = self._credentials.headers().copy()
        headers["Accept"] = accept
        if data is not None:
            headers["Content-Type"] = content_type
        try:
            answer = self._pool.request(
                method,
                self._root + path,
                body=data,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return _Raw(answer.status, answer.headers, content_of(answer, largest))
        except (HTTPError, LocationValueError, OSError) as error:
            raise _unreachable(self.server, error) from error

    def _read(self, answer: _Raw, path: str) -> Answer:
        try:
            body = json.loads(answer.data)
        except (ValueError, RecursionError) as error:
            raise MalformedAnswer(
                f"{self.server}{path.partition('?')[0]} did not answer with JSON: is this a Kubernetes API server?",
                status=answer.status,
            ) from error
        headers = answer.headers
        return Answer(answer.status, body, tuple(headers.getlist("Warning")), _seconds(headers.get("Date") or ""))


def without_userinfo(url: str) -> str:
    """An address as it may be shown: `user:password@` before the host is left out, whatever stands in it."""
    return _USERINFO.sub(r"\1", url)


def _pool(manager: Any, host: str) -> tuple[Any, str]:
    """What sends the requests, and what precedes their paths: the one pool that matters, not looked up each time.

    Through a proxy, and without TLS, the manager knows best which form of the URL is due.
    """
    if isinstance(manager, urllib3.ProxyManager) or not host.startswith("https:"):
        return manager, host
    return manager.connection_from_url(host), urlsplit(host).path


def _tries(failure: ClusterError) -> int:
    if failure.status not in _RETRIED:
        return 1
    return _LASTING_TRIES if failure.lasting else ATTEMPTS


@lru_cache(maxsize=4)  # many answers a second have the same date
def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):  # none, or none that can be read
        return None


def _pause(attempt: int, retry_after: str) -> float:
    """Seconds to wait; with jitter, so that parallel requests do not come back as one wave."""
    if _WHOLE_SECONDS.fullmatch(retry_after):
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
