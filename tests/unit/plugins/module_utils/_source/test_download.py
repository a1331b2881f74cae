# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file from far away, whatever its source does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    SourceBroken,
    SourceError,
    SourceNotFound,
)
from ansible_collections.standby.velero.plugins.module_utils._source import download as room
from ansible_collections.standby.velero.plugins.module_utils._source.download import (
    ATTEMPTS,
    Part,
    download,
    pause,
)
from hypothesis import given
from hypothesis import strategies as st

DATA = bytes(range(256)) * 40


class Scripted:
    """A source that answers each request as the script says; the last line of it counts for all that follow."""

    where = "s3://bucket/x"

    def __init__(self, *script: Callable[[int], Part]) -> None:
        self._script = script
        self.asked: list[tuple[int, str]] = []

    def part(self, start: int, tag: str) -> Part:
        self.asked.append((start, tag))
        return self._script[min(len(self.asked), len(self._script)) - 1](start)


def chunks(data: bytes, breaks: bool = False, size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
    if breaks:
        raise SourceBroken("s3://bucket/x: the connection broke")


def whole(start: int) -> Part:
    return Part(start, len(DATA), "tag", chunks(DATA[start:]))


def until(end: int) -> Callable[[int], Part]:
    """The connection breaks there."""
    return lambda start: Part(start, len(DATA), "tag", chunks(DATA[start:end], breaks=True))


def ended(end: int) -> Callable[[int], Part]:
    """It ends there, as if that were all."""
    return lambda start: Part(start, len(DATA), "tag", chunks(DATA[start:end]))


def broken(wait: float = 0.0) -> Callable[[int], Part]:
    def answer(_start: int) -> Part:
        raise SourceBroken("s3://bucket/x: the store is busy", wait=wait)

    return answer


def loaded(*script: Callable[[int], Part], **how: Any) -> tuple[bytes, Scripted, list[float]]:
    remote, file, slept = Scripted(*script), BytesIO(), []  # type: ignore[var-annotated]
    download(remote, file, sleep=slept.append, **how)
    return file.read(), remote, slept


def test_a_file_is_written_and_rewound():
    data, remote, slept = loaded(whole)
    assert (data, remote.asked, slept) == (DATA, [(0, "")], [])


def test_an_empty_file_is_one():
    assert loaded(lambda start: Part(start, 0, "tag", iter(())))[0] == b""


def test_it_is_taken_up_where_the_connection_broke_and_only_of_the_same_file():
    data, remote, slept = loaded(until(3000), until(7000), whole)
    assert data == DATA
    assert remote.asked == [(0, ""), (3000, "tag"), (7000, "tag")]
    assert len(slept) == 2


def test_one_that_ends_too_early_is_taken_up_too():
    data, remote, _slept = loaded(ended(3000), whole)
    assert (data, remote.asked[1]) == (DATA, (3000, "tag"))


def test_one_that_always_ends_too_early_is_refused_with_both_lengths():
    with pytest.raises(SourceBroken, match=f"ended after 3000 of {len(DATA)} bytes"):
        loaded(ended(3000))


def test_a_source_without_ranges_is_read_anew():
    data, _remote, _slept = loaded(until(3000), lambda _start: whole(0))
    assert data == DATA


@given(st.lists(st.integers(0, len(DATA) - 1), max_size=4))
def test_wherever_it_breaks_the_bytes_are_the_same(breaks):
    assert loaded(*(until(end) for end in sorted(breaks)), whole)[0] == DATA


@pytest.mark.parametrize(
    "second",
    [
        lambda start: Part(start, len(DATA), "other", chunks(DATA[start:])),
        lambda start: Part(start, len(DATA) + 1, "tag", chunks(DATA[start:])),
        lambda _start: Part(0, len(DATA), "other", chunks(DATA)),
    ],
    ids=["tag", "size", "without ranges"],
)
def test_a_file_that_changes_meanwhile_is_refused(second):
    with pytest.raises(SourceError, match="s3://bucket/x: changed while it was read; run again"):
        loaded(until(3000), second)


def test_an_answer_to_another_range_is_refused():
    with pytest.raises(SourceError, match="answered with byte 2000 when asked for byte 3000"):
        loaded(until(3000), lambda _start: Part(2000, len(DATA), "tag", chunks(DATA[2000:])))


def test_more_bytes_than_were_said_are_refused():
    with pytest.raises(SourceError, match="has more than the 5 bytes that its source says"):
        loaded(lambda start: Part(start, 5, "tag", chunks(DATA)))


@pytest.mark.parametrize("size", [len(DATA), None])
def test_a_small_file_that_is_large_is_refused(size):
    with pytest.raises(BackupError, match="has more than the 5000 bytes that such a file may have"):
        loaded(lambda start: Part(start, size, "tag", chunks(DATA)), most=5000)


def test_a_source_that_says_no_length_is_read_to_its_end():
    assert loaded(lambda start: Part(start, None, "", chunks(DATA)))[0] == DATA


def test_attempts_in_a_row_are_bounded():
    remote = Scripted(broken())
    with pytest.raises(SourceBroken, match="the store is busy"):
        download(remote, BytesIO(), sleep=lambda _seconds: None)
    assert len(remote.asked) == ATTEMPTS


def test_attempts_that_bring_something_begin_to_count_anew(monkeypatch):
    monkeypatch.setattr(room, "PROGRESS", 1000)
    data, remote, _slept = loaded(*(until(end) for end in range(1000, 10_000, 1000)), whole)
    assert data == DATA
    assert len(remote.asked) == 10


def test_what_the_server_asks_to_wait_is_waited():
    assert loaded(broken(wait=7), broken(wait=11), whole)[2] == [7, 11]


def test_a_server_that_asks_to_wait_for_long_is_not_waited_for():
    with pytest.raises(SourceBroken, match="the store is busy"):
        loaded(broken(wait=3600), whole)


def test_pauses_grow_and_are_never_the_same():
    for attempt in range(1, 6):
        assert 0.25 * 2 ** (attempt - 1) <= pause(attempt, 0) <= 0.75 * 2 ** (attempt - 1)
    assert pause(50, 0) <= 45
    assert len({pause(1, 0) for _time in range(10)}) > 1


def test_what_is_refused_is_not_tried_again():
    def absent(_start: int) -> Part:
        raise SourceNotFound("s3://bucket/x: the store does not have it")

    remote = Scripted(absent)
    with pytest.raises(SourceNotFound):
        download(remote, BytesIO())
    assert len(remote.asked) == 1


def test_the_size_is_asked_about_before_the_first_byte_is_written():
    def check(size: int) -> None:
        raise SourceError(f"no room for {size}")

    file = BytesIO()
    with pytest.raises(SourceError, match=f"no room for {len(DATA)}"):
        download(Scripted(whole), file, check=check)
    assert file.getvalue() == b""


def test_a_full_disk_is_told():
    with (
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(SourceError, match="x: cannot be kept in a temporary file: No sp"),
    ):
        download(Scripted(whole), full)


def test_each_chunk_is_told():
    told: list[tuple[int, int]] = []
    loaded(until(3000), whole, tell=lambda done, size: told.append((done, size)))
    assert told[:4] == [(1000, len(DATA)), (2000, len(DATA)), (3000, len(DATA)), (4000, len(DATA))]
    assert told[-1] == (len(DATA), len(DATA))


class Clock:
    """Goes on by itself, as far as a script says at each look."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += self._step
        return self._now

    def sleep(self, _seconds: float) -> None:
        raise AssertionError("nobody sleeps")


@pytest.mark.parametrize(("step", "drips"), [(100.0, True), (0.1, False)])
def test_a_source_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, step: float, drips: bool) -> None:
    """1,000 bytes in 100 s, which no timeout of a connection ends."""
    monkeypatch.setattr(room, "time", Clock(step))
    file = BytesIO()
    if not drips:
        download(Scripted(whole), file, sleep=[].append)
        assert file.getvalue() == DATA
        return
    source = Scripted(lambda start: Part(start, 100_000, "tag", chunks(bytes(100_000)[start:])))
    with pytest.raises(SourceBroken, match=r"^s3://bucket/x: brought less than 4096 bytes a second for 300 s$"):
        download(source, file, sleep=[].append)
    assert len(source.asked) == ATTEMPTS
