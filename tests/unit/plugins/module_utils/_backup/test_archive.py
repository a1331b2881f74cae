# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tar archives as tools write them, and as nobody should."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.archive import Member, read_archive
from ansible_collections.standby.velero.plugins.module_utils._backup.unzip import DEFAULT_LIMITS, Limits
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from backups import Backup, zipped

LONG = "resources/configmaps/namespaces/shop/" + "long-" * 50 + "name.json"
"""Longer than a ustar header holds."""

MOST = Limits(members=3)


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Member]:
    return list(read_archive(io.BufferedReader(io.BytesIO(data)), "b.tar.gz", limits))


def plain(tar_format: int = tarfile.USTAR_FORMAT) -> Backup:
    return Backup(None, tar_format)


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 300_000])
def test_files_and_directories_are_read_in_order(tar_format: int, size: int) -> None:
    backup = plain(tar_format).folder("resources").file("resources/a", b"x" * size).file("b", b"last")
    assert read(backup.bytes()) == [Member("resources", None), Member("resources/a", b"x" * size), Member("b", b"last")]


@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("path", [LONG, "süß/" + LONG])
def test_long_names_and_names_beyond_ascii_are_read(tar_format: int, path: str) -> None:
    assert read(plain(tar_format).file(path, b"{}").file("b").bytes()) == [Member(path, b"{}"), Member("b", b"")]


def test_a_name_that_ustar_has_split_in_two_is_read_whole() -> None:
    path = "a" * 90 + "/" + "b" * 90
    assert read(plain().file(path).bytes()) == [Member(path, b"")]


def test_a_leading_dot_and_the_root_are_fine() -> None:
    backup = plain().folder("./").folder(".").folder("./resources/").file("./resources/a")
    assert [member.path for member in read(backup.bytes())] == ["", "", "resources", "resources/a"]


def test_an_archive_padded_with_zeros_is_fine() -> None:
    assert len(read(zipped(plain().file("a").tar() + bytes(9216)))) == 1


def header(**fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo("a")
    for name, value in fields.items():
        setattr(info, name, value)
    return info


def pax(records: bytes) -> bytes:
    """An archive whose first member has these PAX records."""
    return zipped(plain().member(header(type=tarfile.XHDTYPE, name="p"), records).file("a", b"data").tar())


TAR = plain().file("first", b"x" * 700).file("second", b"y" * 700).tar()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (plain().special("a", tarfile.SYMTYPE, "/etc/passwd").bytes(), "member a is a symbolic link"),
        (plain().special("a", tarfile.LNKTYPE, "b").bytes(), "member a is a hard link"),
        (plain().special("a", tarfile.CHRTYPE).bytes(), "member a is a character device"),
        (plain().special("a", tarfile.BLKTYPE).bytes(), "member a is a block device"),
        (plain().special("a", tarfile.FIFOTYPE).bytes(), "member a is a fifo"),
        (plain().special("a", tarfile.GNUTYPE_SPARSE).bytes(), "member a is a sparse file"),
        (plain().special("a", b"Z").bytes(), "member a is neither a file nor a directory"),
        (plain().special("a", tarfile.XGLTYPE).bytes(), "member a is neither a file nor a directory"),
        (plain(tarfile.GNU_FORMAT).special("a", tarfile.SYMTYPE, "b" * 200).bytes(), "member a is a symbolic link"),
        (pax(b"22 GNU.sparse.major=1\n"), "member a is a sparse file"),
        (plain().member(header(type=tarfile.DIRTYPE), b"data").bytes(), "member a is a directory with content"),
        (plain().file("/etc/passwd").bytes(), "member /etc/passwd has an absolute name"),
        (plain().folder("/").bytes(), "member / has an absolute name"),
        (plain().file("../a").bytes(), r"member \.\./a has '\.\.' in its name"),
        (plain().file("a//b").bytes(), "member a//b has an empty"),
        (plain().file("a/").bytes(), "member a/ has an empty"),
        (plain(tarfile.PAX_FORMAT).file("/\x1b[2J").bytes(), r"member /\\x1b\[2J has an absolute name"),
        (plain(tarfile.PAX_FORMAT).file("../" + LONG).bytes(), r"has '\.\.' in its name"),
        (pax(b"14 path=../b\n"), "is damaged"),
        (pax(b"13 path=../b\n"), r"member \.\./b has '\.\.' in its name"),
        (pax(b"0 a=b\n"), "is damaged"),
        (pax(b"999 a=b\n"), "is damaged"),
        (pax(b"no record\n"), "is damaged"),
        (pax(b"11 size=-1\n"), "is damaged"),
        (pax(b"12 size=abc\n"), "is damaged"),
        (pax(b"20 size=99999999999\n"), "member a is larger than"),
        (plain().member(header(type=tarfile.XHDTYPE), b"").bytes(), "is damaged"),
        (plain(tarfile.GNU_FORMAT).file("a/" * 40_000 + "a").bytes(), "name of absurd length"),
        (plain().file("a", bytes(DEFAULT_LIMITS.member + 1)).bytes(), "member a is larger than"),
        (zipped(TAR[:0]), "is truncated: the tar archive stops after its start"),
        (zipped(TAR[:300]), "is truncated: the tar archive stops after its start"),
        (zipped(TAR[:1000]), "is truncated: the tar archive stops after first"),
        (zipped(TAR[:1536]), "is truncated: the tar archive stops after first"),
        (zipped(TAR[:1700]), "is truncated: the tar archive stops after first"),
        (zipped(TAR[:-1024]), "is truncated: the tar archive stops after second"),
        (zipped(TAR[:-512]), "is truncated: the tar archive has no end after second"),
        (zipped(TAR + TAR), "is damaged: there is data after the end"),
        (zipped(TAR + bytes(4096) + b"x"), "is damaged: there is data after the end"),
        (zipped(b"x" + TAR[1:]), "is damaged: no tar header after its start"),
        (zipped(TAR[:1536] + b"x" + TAR[1537:]), "is damaged: no tar header after first"),
        (zipped(b"just some text, not a tar archive, " * 100), "is damaged: no tar header after its start"),
        (gzip.compress(TAR)[:-5], "is truncated: the gzip data"),
    ],
)
def test_a_strange_archive_is_refused_and_named(data: bytes, problem: str) -> None:
    with pytest.raises(BackupError, match=f"^b.tar.gz: .*{problem}"):
        read(data)


@pytest.mark.parametrize(
    "name", ["CORP\\admins", "ops\u00a0team", "zero\u200bwidth", "\x1b[2J", "\udcff", "grün-東京", "..."]
)
def test_a_name_that_leads_nowhere_is_a_name(name: str) -> None:
    assert [member.path for member in read(plain(tarfile.PAX_FORMAT).file(name).bytes())] == [name]


def test_the_members_are_counted() -> None:
    assert len(read(plain().file("a").file("b").file("c").bytes(), MOST)) == 3
    with pytest.raises(BackupError, match="more than 3 members"):
        read(plain().file("a").file("b").file("c").file("d").bytes(), MOST)


def test_zeros_after_the_end_are_a_bomb_too() -> None:
    with pytest.raises(BackupError, match="compressed more than"):
        read(zipped(TAR + bytes(10_000_000)), Limits(free=1 << 20))


def test_a_size_in_a_header_is_not_believed_before_the_data_has_come() -> None:
    info = tarfile.TarInfo("a")
    info.size = DEFAULT_LIMITS.member
    with pytest.raises(BackupError, match="is truncated"):
        read(zipped(info.tobuf(tarfile.USTAR_FORMAT) + b"x" * 2000))


def dated(seconds: float, tar_format: int = tarfile.USTAR_FORMAT) -> bytes:
    return plain(tar_format).member(header(mtime=seconds), b"x").bytes()


def with_time(field: bytes) -> bytes:
    """An archive whose member has this in its header's field for the time."""
    block = bytearray(header(size=0).tobuf(tarfile.USTAR_FORMAT))
    block[136:148] = field.ljust(12, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return zipped(bytes(block) + bytes(1024))


@pytest.mark.parametrize(
    ("data", "modified"),
    [
        (dated(0), 0),
        (dated(1795489200), 1795489200),
        (dated(8**11 - 1), 8**11 - 1),
        (dated(1795489200, tarfile.GNU_FORMAT), 1795489200),
        (dated(1795489200, tarfile.PAX_FORMAT), 1795489200),
        (dated(1795489200.25, tarfile.PAX_FORMAT), 1795489200),
        (pax(b"20 mtime=1795489200\n"), 1795489200),
        (pax(b"23 mtime=1795489200.99\n"), 1795489200),
        (with_time(b"15301200000"), 1795489792),
        (with_time(b" 15301200000"), 1795489792),
        (with_time(b"15301200000 "), 1795489792),
        # no times of use: nothing is refused for them
        (dated(-1, tarfile.PAX_FORMAT), 0),
        (dated(-1, tarfile.GNU_FORMAT), 0),
        (dated(8**11, tarfile.GNU_FORMAT), 0),
        (with_time(b"15301200008"), 0),
        (with_time(b"yesterday"), 0),
        (with_time(b""), 0),
        (with_time(b"\xff" * 12), 0),
        (pax(b"9 mtime=\n"), 0),
        (pax(b"12 mtime=-1\n"), 0),
        (pax(b"14 mtime=1e10\n"), 0),
        (pax(b"25 mtime=000253402300800\n"), 0),
        (pax(b"5011 mtime=" + b"9" * 4999 + b"\n"), 0),
    ],
)
def test_a_member_tells_when_it_was_written(data: bytes, modified: int) -> None:
    assert [member.modified for member in read(data)] == [modified]


def test_the_names_in_an_archive_have_a_bound_together() -> None:
    backup = plain(tarfile.PAX_FORMAT)
    for number in range(10):
        backup.file(f"resources/configmaps/namespaces/shop/{'x' * 1000}-{number}.json")
    with pytest.raises(
        BackupError, match=r"brings the names in it to more than 5000 bytes, which no backup should have"
    ):
        read(backup.bytes(), Limits(names=5000))
    assert len(read(backup.bytes(), Limits(names=20_000))) == 10
