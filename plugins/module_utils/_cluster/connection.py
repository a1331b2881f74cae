# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the target: kubernetes.core's configuration, one urllib3 pool, one request at a time a thread.

kubernetes.core's own client is not used: its discovery keeps a cache in a shared temporary folder and takes an API
group that fails for one that does not exist. The pool is the one that the kubernetes package makes of the
configuration (proxies, client certificates, TLS server name), so that whatever works there works here.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._errors import ClusterError, LockLost, MalformedAnswer, NotReached, Throttled, Unreachable
from .._stopping import Stopping
from .answers import error_of
from .content import LARGEST_ANSWER, content_of, limited
from .credentials import Credentials
from .overload import SILENCE, Overload, type_in
from .retries import (
    ATTEMPTS,
    HURRIED_PAUSE,
    HURRIED_TRIES,
    LASTING_TRIES,
    TOO_MANY_REQUESTS,
    UNANSWERED_TRIES,
    pause_of,
    seconds_of_date,
    tries_of,
)
from .unreachable import CONNECT_SECONDS, READ_SECONDS, unreachable

try:
    import kubernetes.client
    import urllib3
    from urllib3.exceptions import HTTPError, LocationValueError
except ImportError:  # the module's edge says which package is missing
    HAS_KUBERNETES = False
else:
    HAS_KUBERNETES = True

JSON_TYPE = "application/json"
_LOOK = 0.05
"""Seconds between two looks for a connection that is free."""
_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
"""To the last @: in a password that is not encoded any letter may stand, a slash too."""


class _Raw(NamedTuple):
    """What came, read to its end."""

    status: int
    headers: Any
    data: bytes


class _Request(NamedTuple):
    """As it is sent, each time."""

    method: str
    path: str
    data: bytes | None = None
    content_type: str = JSON_TYPE
    accept: str = JSON_TYPE
    largest: int = LARGEST_ANSWER
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said to a request that it carried out."""

    status: int
    body: Any
    """JSON as it came; its bytes where they were asked for."""
    warnings: tuple[str, ...] = ()
    """Of its Warning headers, each as it came."""
    date: float | None = None
    """Seconds since 1970 by the server's clock; None when it does not say."""


class Connection:
    """Sends one request at a time a thread; retries what is worth it and raises a ClusterError otherwise."""

    def __init__(
        self,
        configuration: Any,
        headers: Mapping[str, Any],
        size: int,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        configuration.connection_pool_maxsize = size
        configuration.retries = False
        host = configuration.host.rstrip("/")
        self.server = without_userinfo(host)
        manager = limited(kubernetes.client.ApiClient(configuration).rest_client.pool_manager)
        self._pool, self._root = _pool(manager, host)
        self._credentials = Credentials(configuration, headers)
        self._sleep = sleep
        self._clock = clock
        self._overload = Overload(size, clock)
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._may_send: Callable[[], bool] | None = None
        self._stopping: Stopping | None = None
        self._settles = False
        self._lasting_tries = LASTING_TRIES
        self.verifies_tls = bool(configuration.verify_ssl) or not host.startswith("https:")

    def guarded(self, may_send: Callable[[], bool]) -> Connection:
        """The same connection, whose requests other than GET are not sent any more once `may_send` says no."""
        view = copy(self)
        view._may_send = may_send
        return view

    def until(self, stopping: Stopping, settles: bool) -> Connection:
        """The same for a run that may have to end. What `settles` it is sent all the same, without many repetitions,
        and waits for no connection: a lock is lost by that."""
        view = copy(self)
        view._stopping, view._settles = stopping, settles
        return view

    def once(self) -> Connection:
        """The same, which sends once only what time does not mend."""
        view = copy(self)
        view._lasting_tries = 1
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
        raw: bool = False,
    ) -> Answer:
        """The answer to a request that was carried out. `path` starts at the server's root and carries its query.

        One of more bytes than `largest` is an AnswerTooLarge; `raw` leaves it to be parsed.
        429 and 5xx are retried with the server's Retry-After, else with growing pauses; so is a connection that breaks.
        What time does not mend (see ClusterError.lasting) is tried once more only, and nothing for longer than SILENCE.
        A create that was stored although its answer got lost comes back as AlreadyExists, a patch as Conflict: the
        error is then marked as `repeated`.
        """
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        request = _Request(method, path, data, content_type, accept, largest, raw)
        kind = type_in(path)
        if self._settles:
            return self._tried(request, kind)
        while not self._overload.enter(kind):
            self._pause(_LOOK)
            self._refuse_unless_allowed(method)
        try:
            return self._tried(request, kind)
        finally:
            self._overload.leave()

    def _tried(self, request: _Request, kind: str) -> Answer:
        repeated = False
        end = self._clock() + SILENCE
        for attempt in range(ATTEMPTS):
            self._refuse_unless_allowed(request.method)
            sent = self._clock()
            try:
                answer = self._once(request)
            except Unreachable as error:
                failure: ClusterError = error
                tries, retry_after = UNANSWERED_TRIES.get(error.reason, ATTEMPTS), ""
            else:
                if answer.status < 300:
                    self._note(kind, None, sent)
                    return self._read(answer, request)
                failure = error_of(answer.status, answer.data, request.path)
                failure.repeated = repeated
                self._note(kind, failure, sent)
                tries, retry_after = self._tries(failure, sent), answer.headers.get("Retry-After", "")
            left = self._left(kind, end)
            if attempt >= tries - 1 or left <= 0:
                raise failure
            repeated = repeated or failure.status != TOO_MANY_REQUESTS  # which is said before anything is done
            self._pause(min(pause_of(attempt, retry_after), left))
        raise Throttled("no answer")  # not reached: the last attempt returns or raises

    def _note(self, kind: str, failure: ClusterError | None, sent: float) -> None:
        if self._settles:
            return
        if failure is None:
            self._overload.succeeded(kind)
        else:
            self._overload.failed(kind, failure, sent)

    def _left(self, kind: str, end: float) -> float:
        """Seconds in which the request may be repeated."""
        left = end - self._clock()
        return left if self._settles else min(left, self._overload.left(kind))

    def _tries(self, failure: ClusterError, sent: float) -> int:
        tries = tries_of(failure, self._clock() - sent, self._lasting_tries)
        is_hurried = self._settles and self._stopping and self._stopping.why
        return min(tries, HURRIED_TRIES) if is_hurried else tries

    def _pause(self, seconds: float) -> None:
        """A run that is to end does not wait for long."""
        stopping = self._stopping
        if stopping and stopping.why:
            seconds = min(seconds, HURRIED_PAUSE)
        if self._sleep:
            self._sleep(seconds)
        elif stopping:
            stopping.pause(seconds)
        else:
            time.sleep(seconds)

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of the answer to a GET, whatever it is; repeated only when there is none."""
        for attempt in range(ATTEMPTS):
            self._refuse_unless_allowed("GET")
            try:
                answer = self._once(_Request("GET", path, accept="*/*"))
            except Unreachable as error:
                if attempt >= UNANSWERED_TRIES.get(error.reason, ATTEMPTS) - 1:
                    raise
                self._pause(pause_of(attempt, ""))
            else:
                return answer.status, answer.data.decode(errors="replace")
        raise Throttled("no answer")  # not reached: the last attempt returns or raises

    def _refuse_unless_allowed(self, method: str) -> None:
        """Asked before each attempt: much may happen while a request waits to be repeated."""
        if self._stopping and not self._settles:
            self._stopping.check()
            if not self._stopping.may_send:
                raise NotReached(f"not sent: {self._stopping.said}")
        if method != "GET" and self._may_send and not self._may_send():
            raise LockLost("another run may write by now; this one could not renew its lock in time")

    def _once(self, request: _Request) -> _Raw:
        headers = self._credentials.headers().copy()
        headers["Accept"] = request.accept
        if request.data is not None:
            headers["Content-Type"] = request.content_type
        try:
            answer = self._pool.request(
                request.method,
                self._root + request.path,
                body=request.data,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return _Raw(answer.status, answer.headers, content_of(answer, request.largest))
        except (HTTPError, LocationValueError, OSError) as error:
            raise unreachable(self.server, error) from error

    def _read(self, answer: _Raw, request: _Request) -> Answer:
        try:
            body = answer.data if request.raw else json.loads(answer.data)
        except (ValueError, RecursionError) as error:
            place = f"{self.server}{request.path.partition('?')[0]}"
            raise MalformedAnswer(
                f"{place} did not answer with JSON: is this a Kubernetes API server?",
                status=answer.status,
            ) from error
        headers = answer.headers
        return Answer(
            answer.status, body, tuple(headers.getlist("Warning")), seconds_of_date(headers.get("Date") or "")
        )


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
