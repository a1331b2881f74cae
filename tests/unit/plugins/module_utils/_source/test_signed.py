# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file by a signed URL, on a store with a proxy before it that does harm."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from email.utils import formatdate
from io import BytesIO
from time import time

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceBroken, SourceError, SourceNotFound
from ansible_collections.standby.velero.plugins.module_utils._source import signed
from ansible_collections.standby.velero.plugins.module_utils._source.download import ATTEMPTS, download
from ansible_collections.standby.velero.plugins.module_utils._source.signed import SignedFile
from stores import (
    S3,
    Fault,
    Proxy,
    Reply,
    cut,
    dropped,
    refused,
    shortened,
    slow,
    stalled,
    tagged,
    without_ranges,
)
from tls import authority, tls_server

KEY = "backups/b/b.tar.gz"
DATA = gzip.compress(os.urandom(600_000))
SIGNATURE = "canary-signature"
WHERE = "BackupStorageLocation velero/default: backup b, BackupContents"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with S3() as server:
        server.put({KEY: DATA})
        yield server


class Signer:
    """Velero, as far as URLs go: each has another signature."""

    def __init__(self, url: str, path: str = f"velero/cluster-1/{KEY}") -> None:
        self._url = f"{url}/{path}"
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"{self._url}?X-Amz-Signature={SIGNATURE}{self.given}"


def first(*faults: Fault) -> Callable[[str, int], Fault | None]:
    """The first requests go wrong, one after the other, whatever URL they come by."""
    rest = iter(faults)
    return lambda _path, _times: next(rest, None)


def always(fault: Fault) -> Callable[[str, int], Fault | None]:
    return lambda _path, _times: fault


def loaded(ask: Callable[[], str], slept: list[float] | None = None, ca_path: str = "") -> bytes:
    file = BytesIO()
    pauses = slept if slept is not None else []
    download(SignedFile(ask, WHERE, ca_path), file, sleep=pauses.append)
    return file.getvalue()


def test_a_file_comes_as_it_lies_in_the_store_though_it_is_said_to_be_encoded(s3):
    def encoded(reply: Reply) -> Reply:
        return Reply(reply.status, {**reply.headers, "Content-Encoding": "gzip"}, reply.body)

    with Proxy(s3.url, always(encoded)) as proxy:
        signer = Signer(proxy.url)
        assert loaded(signer) == DATA
    assert signer.given == 1


def test_nothing_of_a_netrc_is_sent_along(s3, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password canary\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    with Proxy(s3.url) as proxy:
        assert loaded(Signer(proxy.url)) == DATA
    ((_path, headers),) = proxy.requests
    assert "Authorization" not in {name.title() for name in headers}


@pytest.mark.parametrize(
    "faults",
    [
        (cut(100_000),),
        (cut(1), cut(400_000), dropped, cut(10)),
        (refused(429), refused(503), refused(500)),
        (slow,),
        (cut(100_000), without_ranges),
        (shortened,),
    ],
    ids=["cut", "cut again and again", "busy", "slow", "without ranges", "shortened"],
)
def test_what_another_attempt_mends_is_mended(s3, faults):
    shorter: tuple[Fault, ...] = tuple(_too_short if fault is shortened else fault for fault in faults)
    with Proxy(s3.url, first(*shorter)) as proxy:
        signer = Signer(proxy.url)
        assert loaded(signer) == DATA
    assert signer.given == 1


def _too_short(reply: Reply) -> Reply:
    """The length is right, and the body ends before it."""
    return cut(len(reply.body) // 2)(reply)


def test_a_broken_download_goes_on_where_it_broke_and_of_the_same_object_only(s3):
    with Proxy(s3.url, first(cut(100_000))) as proxy:
        assert loaded(Signer(proxy.url)) == DATA
    asked = {name.title(): value for name, value in proxy.requests[1][1].items()}
    assert asked["Range"] == "bytes=100000-"
    assert asked["If-Match"].startswith('"')


def test_a_store_that_stalls_is_left_and_asked_again(s3, monkeypatch):
    monkeypatch.setattr(signed, "READ_SECONDS", 1)
    with Proxy(s3.url, first(stalled(100_000, 3))) as proxy:
        assert loaded(Signer(proxy.url)) == DATA


@pytest.mark.parametrize("said", [lambda: "7", lambda: formatdate(time() + 7.9, usegmt=True)], ids=["number", "date"])
def test_a_store_that_says_when_to_come_again_is_taken_at_its_word(s3, said):
    slept: list[float] = []
    with Proxy(s3.url, first(refused(429, Retry_After=said()))) as proxy:
        assert loaded(Signer(proxy.url), slept) == DATA
    assert 5 < slept[0] <= 8


def test_a_url_that_has_expired_meanwhile_is_asked_for_anew(s3):
    with Proxy(s3.url, first(cut(100_000), refused(403, "AccessDenied"))) as proxy:
        signer = Signer(proxy.url)
        assert loaded(signer) == DATA
    assert signer.given == 2
    assert [path[-1] for path, _headers in proxy.requests] == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (always(refused(403, "AccessDenied")), SourceError, "refuses the signed URL: it has expired"),
        (always(refused(403, "RequestTimeTooSkewed")), SourceError, "or the clocks of Velero and of the store differ"),
        (first(cut(100_000), refused(403), refused(403)), SourceError, "refuses the signed URL"),
        (always(refused(404, "NoSuchKey")), SourceNotFound, "the store does not have it"),
        (always(refused(429)), SourceBroken, "busy or has a fault (HTTP 429), after every attempt"),
        (always(refused(429, Retry_After="7200")), SourceBroken, "busy or has a fault (HTTP 429)"),
        (always(refused(500)), SourceBroken, "busy or has a fault (HTTP 500)"),
        (always(dropped), SourceBroken, "cannot be reached or broke the connection"),
        (
            always(refused(302, Location="http://127.0.0.1:1/x")),
            SourceError,
            "leads elsewhere (HTTP 302), which is not",
        ),
        (always(refused(400)), SourceError, "the store refuses (HTTP 400)"),
        (first(cut(100_000), refused(416)), SourceError, "changed while it was read; run again"),
        (first(cut(100_000), tagged('"other"')), SourceError, "changed while it was read; run again"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nothing_mends_names_file_and_host_and_nothing_of_the_url(s3, fault, kind, said):
    with Proxy(s3.url, fault) as proxy, pytest.raises(SourceError) as caught:
        loaded(Signer(proxy.url))
    assert isinstance(caught.value, kind)
    assert said in str(caught.value)
    assert str(caught.value).startswith(WHERE)
    assert SIGNATURE not in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(proxy.requests) <= ATTEMPTS


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://127.0.0.1:1/x?sig={SIGNATURE}", "at 127.0.0.1:1: the store cannot be reached"),
        (f"http://user:{SIGNATURE}@127.0.0.1:1/x", "at 127.0.0.1:1: "),
        (f"ftp://127.0.0.1/{SIGNATURE}", "at 127.0.0.1: Velero gave no URL that can be used"),
        (f"file:///etc/hostname?{SIGNATURE}", "at no host: Velero gave no URL that can be used"),
        (f"no url {SIGNATURE}", "gave no URL that can be used"),
        (f"http://127.0.0.1:1/ {SIGNATURE}\n", "127.0.0.1:1: "),
        (f"http://[::1/{SIGNATURE}", "no host: "),
    ],
)
def test_a_url_that_leads_nowhere_is_told_by_its_host(url, said):
    with pytest.raises(SourceError) as caught:
        loaded(lambda: url)
    assert said in str(caught.value)
    assert SIGNATURE not in str(caught.value)


def test_the_store_is_verified_by_the_authority_that_is_given(tmp_path):
    ours = authority(tmp_path)
    trusted = tmp_path / "ca.pem"
    trusted.write_text(ours.certificate)
    with tls_server(ours.chain, {"x": b"content"}) as url:
        assert loaded(lambda: f"{url}/x", ca_path=str(trusted)) == b"content"
        with pytest.raises(SourceError, match="TLS certificate does not verify; see caCert of the location"):
            loaded(lambda: f"{url}/x")


@pytest.mark.parametrize(("url", "plain"), [("http://h/x", True), ("https://h/x", False)])
def test_it_is_known_whether_others_can_read_along(url, plain):
    file = SignedFile(lambda: url, WHERE)
    file._url = file._ask()
    assert file.is_plain is plain
