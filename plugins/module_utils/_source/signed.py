# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file by the signed URL that Velero gives for it. The URL is a credential: nothing of it but the host is ever shown.

No netrc, no redirect, no transparent decompression: what is signed is one file, as it lies in the store. A URL that
has expired while the file was read is asked for once more.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from ansible.module_utils.urls import open_url

from .._errors import SourceBroken, SourceError, SourceNotFound
from .._text import shown
from .download import Part

READ_SECONDS = 60
_CHUNK = 1 << 18
_BUSY = frozenset((408, 429, 500, 502, 503, 504))
_REFUSED = (
    "the store refuses the signed URL: it has expired, Velero's credentials may not get the file, or the clocks of"
    " Velero and of the store differ"
)


class SignedFile:
    """One file of a store; `ask` gives a signed URL for it."""

    def __init__(self, ask: Callable[[], str], where: str, ca_path: str = "") -> None:
        self.where = where
        self._ask = ask
        self._ca_path = ca_path
        self._url = ""
        self._used = False

    @property
    def is_plain(self) -> bool:
        """Whether whoever sits between read along."""
        return urlsplit(self._url).scheme == "http"

    def part(self, start: int, tag: str) -> Part:
        """The rest of it."""
        self._url = self._url or self._ask()
        try:
            return self._part(start, tag)
        except _Expired as error:
            if not self._used:
                raise SourceError(str(error)) from None
        self._url, self._used = self._ask(), False
        try:
            return self._part(start, tag)
        except _Expired as error:
            raise SourceError(str(error)) from None

    def _part(self, start: int, tag: str) -> Part:
        answer = self._opened(_range(start, tag))
        self._used = True
        first, size = _extent(answer)
        return Part(first, size, answer.headers.get("ETag") or "", self._chunks(answer))

    def _opened(self, headers: dict[str, str]) -> Any:
        try:
            if urlsplit(self._url).scheme not in ("http", "https"):  # file: would be read here, and taken for a backup
                raise ValueError
            return open_url(
                self._url,
                method="GET",
                headers=headers,
                timeout=READ_SECONDS,
                http_agent="standby.velero",
                follow_redirects="none",
                ca_path=self._ca_path or None,
                decompress=False,
                use_netrc=False,
            )
        except HTTPError as error:
            error.close()
            raise self._refusal(error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise self._failure(error) from None

    def _chunks(self, answer: Any) -> Iterator[bytes]:
        with answer:
            try:
                while chunk := answer.read1(_CHUNK):
                    yield chunk
            except (OSError, HTTPException) as error:
                raise self._failure(error) from None

    def _refusal(self, error: HTTPError) -> SourceError:
        at = f"{self.where}, at {self._host}"
        if error.code in _BUSY:
            wait = _retry_after(error.headers.get("Retry-After") or "")
            return SourceBroken(
                f"{at}: the store is busy or has a fault (HTTP {error.code}), after every attempt", wait=wait
            )
        if error.code == 404:
            return SourceNotFound(f"{at}: the store does not have it")
        if error.code in (401, 403):
            return _Expired(f"{at}: {_REFUSED} (HTTP {error.code})")
        if error.code in (412, 416):
            return SourceError(f"{at}: changed while it was read; run again")
        if 300 <= error.code < 400:
            return SourceError(f"{at}: the signed URL leads elsewhere (HTTP {error.code}), which is not followed")
        return SourceError(f"{at}: the store refuses (HTTP {error.code})")

    def _failure(self, error: Exception) -> SourceError:
        at = f"{self.where}, at {self._host}"
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SourceError(f"{at}: the store's TLS certificate does not verify; see caCert of the location")
        if isinstance(error, ValueError):
            return SourceError(f"{at}: Velero gave no URL that can be used")
        return SourceBroken(
            f"{at}: the store cannot be reached or broke the connection ({type(cause).__name__}), after every attempt;"
            " the URL is the one that Velero gives to its own clients: is that host to be reached from here?"
        )

    @property
    def _host(self) -> str:
        try:
            return shown(urlsplit(self._url).netloc.rpartition("@")[2]) or "no host"
        except ValueError:
            return "no host"


class _Expired(SourceError):
    """The URL is not, or no longer, good for the file."""


def _range(start: int, tag: str) -> dict[str, str]:
    if not start:
        return {}
    strong = tag and not tag.startswith("W/")
    return {"Range": f"bytes={start}-", **({"If-Match": tag} if strong else {})}


def _extent(answer: Any) -> tuple[int, int | None]:
    """The first byte of the answer, and the size of the whole file; None where the store does not say."""
    if answer.status == 206:
        said = answer.headers.get("Content-Range") or ""
        first, _dash, rest = said.removeprefix("bytes ").partition("-")
        total = rest.rpartition("/")[2]
        if first.isdigit() and total.isdigit():
            return int(first), int(total)
        return -1, None
    length = answer.headers.get("Content-Length") or ""
    return 0, int(length) if length.isdigit() else None


def _retry_after(said: str) -> float:
    """Seconds; 0 where it is not said."""
    if said.isdigit():
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return 0.0
