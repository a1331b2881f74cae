# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets, on moto's S3 with a proxy before it that does harm."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import obstore
import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    SourceBroken,
    SourceError,
    SourceNotFound,
)
from ansible_collections.standby.velero.plugins.module_utils._options.store import store_place
from ansible_collections.standby.velero.plugins.module_utils._source import store as room
from ansible_collections.standby.velero.plugins.module_utils._source import store_config
from ansible_collections.standby.velero.plugins.module_utils._source.download import ATTEMPTS, quietly
from ansible_collections.standby.velero.plugins.module_utils._source.store import BucketStore
from ansible_collections.standby.velero.plugins.module_utils._source.stored import StoredFile
from stores import (
    ACCESS_KEY,
    S3,
    SECRET_KEY,
    Fault,
    Proxy,
    Reply,
    cut,
    dropped,
    files_of,
    option,
    refused,
    shortened,
    slow,
    stalled,
    tagged,
    without_ranges,
)
from tls import authority, tls_server

KEY = "backups/big/big.tar.gz"
DATA = bytes(range(256)) * 8_000
FILE = StoredFile(KEY, len(DATA), 0.0)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with S3() as server:
        server.put({KEY: DATA}, files_of("hourly-1", 1), files_of("hourly-2", 2))
        yield server


def store_at(url: str, slept: list[float] | None = None, **more: Any) -> BucketStore:
    place, problems = store_place(option(url, **more))
    assert problems == []
    assert place is not None
    return BucketStore(place, (slept if slept is not None else []).append)


def first(*faults: Fault) -> Callable[[str, int], Fault | None]:
    """The first requests for the file go wrong, one after the other."""

    def fault(path: str, times: int) -> Fault | None:
        return faults[times] if path.endswith("big.tar.gz") and times < len(faults) else None

    return fault


def always(fault: Fault, ending: str = "big.tar.gz") -> Callable[[str, int], Fault | None]:
    return lambda path, _times: fault if path.endswith(ending) else None


def fetched(store: BucketStore, tmpdir: Path, file: StoredFile = FILE) -> bytes:
    with store.fetched(file, str(tmpdir), quietly) as (path, where):
        assert where == f"s3://velero/cluster-1/{file.key}"
        assert list(tmpdir.iterdir()) == []
        return Path(path).read_bytes()


def test_a_bucket_is_listed_below_its_prefix(s3):
    store = store_at(s3.url)
    keys = {file.key: file.size for file in store.listed("backups")}
    assert keys[KEY] == len(DATA)
    assert sorted(keys) == [
        KEY,
        *(f"backups/hourly-{n}/{file}" for n in (1, 2) for file in (f"hourly-{n}.tar.gz", "velero-backup.json")),
    ]
    assert [file.key for file in store.listed("backups/hourly-1")] == sorted(keys)[1:3]
    assert all(abs(file.modified - time.time()) < 600 for file in store.listed("backups"))


def test_a_bucket_is_listed_page_by_page_and_taken_up_where_a_page_broke(s3, monkeypatch):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "100")
    monkeypatch.setattr(room, "PAGE", 100)
    many = {f"many/{number:04}": b"" for number in range(230)}
    s3.put(many, prefix="pages/backups")
    place, _problems = store_place({**option(s3.url), "url": "s3://velero/pages"})
    assert place is not None
    broken = iter([None, refused(500), None, cut(1_000)])
    with Proxy(s3.url, lambda _path, _times: next(broken, None)) as proxy:
        store = BucketStore(replace(place, endpoint=proxy.url), lambda _seconds: None)
        keys = [file.key for file in store.listed("backups")]
    assert keys == sorted(f"backups/{key}" for key in many)
    assert len(proxy.requests) == 5


def test_a_small_file_is_read_and_a_large_one_is_refused(s3):
    store = store_at(s3.url)
    assert store.read("backups/hourly-1/velero-backup.json", 4096).startswith(b"{")
    with pytest.raises(BackupError, match=f"s3://velero/cluster-1/{KEY}: has more than the 4096 bytes"):
        store.read(KEY, 4096)


def test_a_file_is_streamed_into_one_without_a_name(s3, tmp_path):
    assert fetched(store_at(s3.url), tmp_path) == DATA


@pytest.mark.parametrize(
    "faults",
    [
        (cut(100_000),),
        (cut(1), cut(1_500_000), dropped, cut(10)),
        (refused(429, "SlowDown"), refused(503, "SlowDown"), refused(500, "InternalError")),
        (dropped,),
        (slow,),
        (cut(100_000), without_ranges),
    ],
    ids=["cut", "cut again and again", "busy", "no answer", "slow", "without ranges"],
)
def test_what_another_attempt_mends_is_mended(s3, tmp_path, faults):
    slept: list[float] = []
    with Proxy(s3.url, first(*faults)) as proxy:
        assert fetched(store_at(proxy.url, slept), tmp_path) == DATA
    assert len(slept) == sum(fault not in (slow, without_ranges) for fault in faults)


def test_a_broken_download_goes_on_where_it_broke_and_of_the_same_object_only(s3, tmp_path):
    with Proxy(s3.url, first(cut(1_500_000))) as proxy:
        assert fetched(store_at(proxy.url), tmp_path) == DATA
    begin, rest = proxy.asked_for("big.tar.gz")
    assert "Range" not in {name.title() for name in begin}
    asked = {name.title(): value for name, value in rest.items()}
    assert asked["Range"].startswith("bytes=1")
    assert asked["If-Match"]


def test_a_store_that_stalls_is_left_and_asked_again(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(store_config, "READ_SECONDS", 1)
    with Proxy(s3.url, first(stalled(100_000, 3))) as proxy:
        assert fetched(store_at(proxy.url), tmp_path) == DATA
    assert len(proxy.asked_for("big.tar.gz")) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (always(refused(403, "AccessDenied")), SourceError, "its credentials may not do that"),
        (always(refused(403, "SignatureDoesNotMatch")), SourceError, "is secret_key right"),
        (always(refused(403, "RequestTimeTooSkewed")), SourceError, "set the clocks right"),
        (always(refused(404, "NoSuchKey")), SourceNotFound, "the store does not have it"),
        (always(refused(404, "NoSuchBucket")), SourceError, "there is no such bucket"),
        (always(refused(301, "PermanentRedirect")), SourceError, "in another region or at another endpoint"),
        (always(refused(400, "AuthorizationHeaderMalformed")), SourceError, "its region is another one"),
        (always(refused(429, "SlowDown")), SourceBroken, "busy or has a fault (HTTP 429), after every attempt"),
        (always(refused(500)), SourceBroken, "busy or has a fault (HTTP 500)"),
        (always(dropped), SourceBroken, "broke the connection"),
        (always(shortened), SourceError, "has 1024000 bytes, and the store listed 2048000; run again"),
        (first(cut(1_500_000), refused(416)), SourceError, "changed while it was read; run again"),
        (first(cut(1_500_000), refused(412)), SourceError, "changed while it was read; run again"),
        (first(cut(1_500_000), tagged('"other"')), SourceError, "changed while it was read; run again"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nothing_mends_names_store_and_key_and_no_credential(s3, tmp_path, fault, kind, said):
    with Proxy(s3.url, fault) as proxy, pytest.raises(SourceError) as caught:
        fetched(store_at(proxy.url), tmp_path)
    assert caught.value.__class__ is kind
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"s3://velero/cluster-1/{KEY}: ")
    assert ACCESS_KEY not in str(caught.value)
    assert SECRET_KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(proxy.asked_for("big.tar.gz")) <= ATTEMPTS
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_elsewhere_brings_nothing_that_was_not_listed(s3, tmp_path):
    elsewhere = Reply(200, {"ETag": '"x"', "Last-Modified": "Tue, 24 Nov 2026 03:00:00 GMT"}, b"another's bytes")
    with Proxy(s3.url, lambda _path, _times: lambda _reply: elsewhere) as other:
        leading = refused(307, "TemporaryRedirect", Location=f"{other.url}/x")
        with Proxy(s3.url, always(leading)) as proxy, pytest.raises(SourceError, match="has 15 bytes, and the store"):
            fetched(store_at(proxy.url), tmp_path)
    ((_path, headers),) = other.requests
    assert "Authorization" not in {name.title() for name in headers}


def test_a_store_is_verified_by_the_authority_that_is_given(tmp_path):
    ours = authority(tmp_path)
    with tls_server(ours.chain, {"x": b"content"}) as url:
        assert store_at(url, ca_cert=ours.certificate).read("x", 100) == b"content"
        assert store_at(url, validate_certs=False).read("x", 100) == b"content"
        with pytest.raises(SourceError, match="TLS certificate does not verify; give its authority with ca_cert"):
            store_at(url).read("x", 100)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://nowhere", "s3://nowhere/backups: there is no such bucket"),
        ("s3://velero/other", ""),
    ],
)
def test_a_wrong_bucket_is_told_and_a_wrong_prefix_has_no_backups(s3, url, said):
    place, _problems = store_place({**option(s3.url), "url": url})
    assert place is not None
    store = BucketStore(place, lambda _seconds: None)
    if not said:
        assert list(store.listed("backups")) == []
        return
    with pytest.raises(SourceError, match=said):
        list(store.listed("backups"))


def test_a_store_that_cannot_be_reached_is_named(tmp_path):
    with pytest.raises(SourceBroken, match=f"s3://velero/cluster-1/{KEY}: the store cannot be reached"):
        fetched(store_at("http://127.0.0.1:1"), tmp_path)


def test_keys_of_the_environment_serve_where_the_option_has_none(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ENVIRONMENTKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "awx-token")
    with Proxy(s3.url) as proxy:
        assert fetched(store_at(proxy.url, access_key="", secret_key=""), tmp_path) == DATA
        assert fetched(store_at(proxy.url), tmp_path) == DATA
    by_environment, by_option = ({name.title(): value for name, value in one.items()} for one in proxy.asked_for(KEY))
    assert "ENVIRONMENTKEY" in by_environment["Authorization"]
    assert by_environment["X-Amz-Security-Token"] == "awx-token"
    assert ACCESS_KEY in by_option["Authorization"]
    assert "X-Amz-Security-Token" not in by_option


def test_without_any_credentials_it_is_said_where_they_may_be(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://169.254.169.254")
    monkeypatch.setattr(store_config, "CONNECT_SECONDS", 1)
    with pytest.raises(SourceError, match="no credentials: none are in the options or in the environment"):
        fetched(store_at(s3.url, access_key="", secret_key=""), tmp_path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"endpoint": "http://m"}, ["s3://velero/cluster-1 is read by plain HTTP: whoever is between can read the"]),
        ({"endpoint": "https://m"}, []),
        (
            {"endpoint": "https://m", "validate_certs": False},
            ["s3://velero/cluster-1: its TLS certificate is not verif"],
        ),
    ],
)
def test_a_way_that_is_not_safe_is_warned_of(more, said):
    place, _problems = store_place({**option(""), **more})
    assert place is not None
    warnings = BucketStore(place).warnings
    assert len(warnings) == len(said)
    assert all(warning.startswith(start) for warning, start in zip(warnings, said, strict=True))


def test_without_the_package_it_is_named_with_the_way_around(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SourceError) as caught:
        store_at("https://m")
    assert str(caught.value) == (
        "backup_store s3://velero/cluster-1 needs the Python package obstore 0.11 or newer on the host that runs the"
        " module, which cannot be imported; install it there, or give backup_file or backup_location, which need no"
        " further package"
    )


def test_an_old_package_is_told_with_its_version(monkeypatch):
    monkeypatch.setattr(obstore, "__version__", "0.10.1")
    with pytest.raises(SourceError, match=r"obstore 0\.11 or newer .*, and 0\.10\.1 is installed"):
        store_at("https://m")


def test_nothing_but_a_bucket_imports_the_package():
    code = (
        "import sys; import ansible_collections.standby.velero.plugins.module_utils._source.table;"
        " print('obstore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.strip() == "False"


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(sys.path)}
