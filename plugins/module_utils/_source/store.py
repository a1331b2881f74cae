# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets, by obstore: the sole import of that package, and late, for whoever reads files needs none of it.

obstore repeats nothing by itself here: every attempt is `download.py`'s. It follows redirects of the store, without the
credentials where they lead to another host; a file has to have the size that the list said.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any, TypeVar

from .._errors import SourceBroken, SourceError
from .._text import shown
from .download import ATTEMPTS, Part, Tell, download, pause
from .files import SourceFile
from .places import StorePlace
from .spool import check_space, spooled
from .store_config import client_options_of, config_of, credential_of, endpoint_of, is_plain
from .store_errors import NoRanges, source_error
from .stored import StoredFile

OLDEST = (0, 11)
PAGE = 1000
_CHUNK = 1 << 20
_T = TypeVar("_T")
_Said = Callable[[Callable[[], _T], str], _T]


class BucketStore:
    """A bucket, read below its prefix; from as many threads as one likes."""

    def __init__(self, place: StorePlace, sleep: Callable[[float], None] = time.sleep) -> None:
        self.where = place.where
        self.warnings = tuple(_warnings(place))
        self._store, self._exceptions = _opened(place)
        self._sleep = sleep

    def listed(self, folder: str) -> Iterator[StoredFile]:
        """Every file below, page by page; taken up again after the last one when the connection breaks."""
        last, broken = "", 0
        while True:
            try:
                for file in self._files(folder, last):
                    last, broken = file.key, 0
                    yield file
                return
            except SourceBroken as error:
                broken += 1
                if broken == ATTEMPTS:
                    raise
                self._sleep(pause(broken, error.wait))

    @contextmanager
    def fetched(self, file: StoredFile, tmpdir: str, tell: Tell) -> Iterator[SourceFile]:
        """The whole file on this machine, for as long as the `with` statement lasts."""
        remote = _BucketFile(self._store, self._said, file.key, self._named(file.key), file.size)
        with spooled(tmpdir) as (spool, path):
            download(
                remote,
                spool,
                check=partial(check_space, tmpdir, where=remote.where),
                tell=tell,
                sleep=self._sleep,
            )
            yield SourceFile(path, remote.where)

    def read(self, key: str, most: int) -> bytes:
        """A small file; a BackupError when it has more bytes than `most`."""
        remote = _BucketFile(self._store, self._said, key, self._named(key))
        memory = BytesIO()
        download(remote, memory, most=most, sleep=self._sleep)
        return memory.getvalue()

    def _files(self, folder: str, after: str) -> Iterator[StoredFile]:
        where = self._named(folder)
        pages = self._said(lambda: self._store.list(folder, offset=after or None, chunk_size=PAGE), where)
        while page := self._said(lambda: next(pages, None), where):
            for one in page:
                yield StoredFile(one["path"], one["size"], one["last_modified"].timestamp())

    def _said(self, call: Callable[[], _T], where: str) -> _T:
        try:
            return call()
        except self._exceptions as error:
            raise source_error(error, where) from None

    def _named(self, key: str) -> str:
        return shown(f"{self.where}/{key}")


@dataclass(frozen=True)
class _BucketFile:
    """One file of a bucket."""

    store: Any
    said: _Said[Any]
    key: str
    where: str
    size: int | None = None
    """As it was listed; None when it was not."""

    def part(self, start: int, tag: str) -> Part:
        """The rest of it."""
        try:
            answer = self._answer({"range": {"offset": start}, "if_match": tag or None} if start else {})
        except NoRanges:
            answer = self._answer({})
        size: int = answer.meta["size"]
        if self.size not in (None, size):
            raise SourceError(f"{self.where}: has {size} bytes, and the store listed {self.size}; run again")
        return Part(answer.range[0], size, answer.meta["e_tag"] or "", self._chunks(answer))

    def _answer(self, options: dict[str, Any]) -> Any:
        return self.said(lambda: self.store.get(self.key, options=options), self.where)

    def _chunks(self, answer: Any) -> Iterator[bytes]:
        stream = answer.stream(min_chunk_size=_CHUNK)
        while chunk := self.said(lambda: next(stream, None), self.where):
            yield bytes(chunk)


def _opened(place: StorePlace) -> tuple[Any, tuple[type[Exception], ...]]:
    """The store, and what it raises; nothing is sent yet."""
    try:
        import obstore
        from obstore import exceptions, store
    except ImportError as error:
        raise SourceError(_missing(place, "which cannot be imported")) from error
    version = tuple(int(number) for number in re.findall(r"\d+", obstore.__version__)[:2])
    if version < OLDEST:
        raise SourceError(_missing(place, f"and {obstore.__version__} is installed"))
    kinds: dict[str, Any] = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}
    credential = credential_of(place)
    keys = {"credential_provider": lambda: credential} if credential else {}
    try:
        opened = kinds[place.scheme](
            place.bucket,
            prefix=place.prefix or None,
            config=config_of(place, os.environ),
            client_options=client_options_of(place, os.environ),
            retry_config={"max_retries": 0, "retry_timeout": timedelta(minutes=1)},
            **keys,
        )
    except (exceptions.BaseError, ValueError) as error:
        raise source_error(error, place.where) from None
    return opened, (exceptions.BaseError, OSError, ValueError)


def _missing(place: StorePlace, why: str) -> str:
    needed = ".".join(map(str, OLDEST))
    return (
        f"backup_store {place.where} needs the Python package obstore {needed} or newer on the host that runs the"
        f" module, {why}; install it there, or give backup_file or backup_location, which need no further package"
    )


def _warnings(place: StorePlace) -> Iterator[str]:
    endpoint = endpoint_of(place, os.environ)
    if is_plain(endpoint):
        yield f"{place.where} is read by plain HTTP: whoever is between can read the backup and change it"
    elif not place.validate_certs:
        yield f"{place.where}: its TLS certificate is not verified (validate_certs: false)"
