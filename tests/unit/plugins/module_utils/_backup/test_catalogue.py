# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole backup is read into."""

from __future__ import annotations

import io
import os
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._backup.catalogue import Catalogue, read_catalogue
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from backups import Backup, path_of, zipped
from hypothesis import given, settings
from hypothesis import strategies as st


def read(backup: Backup | bytes, tmpdir: str | None = None) -> Catalogue:
    data = backup if isinstance(backup, bytes) else backup.bytes()
    return read_catalogue(io.BufferedReader(io.BytesIO(data)), "b.tar.gz", tmpdir)


def shop() -> Backup:
    return (
        Backup()
        .add("secrets", "shop", "db", {"data": {"password": "czNjcjN0"}})
        .add("deployments.apps", "shop", "web")
        .add("configmaps", "shop", "app", {"data": {"greeting": "Grüß Gott"}})
        .add("namespaces", "", "shop")
        .add("pods", "shop", "web-1", {"metadata": {"ownerReferences": [{"uid": "rs", "controller": True}]}})
    )


def test_each_object_is_one_item_in_the_order_of_the_keys() -> None:
    with read(shop()) as catalogue:
        assert [str(item.key) for item in catalogue.items] == [
            "ConfigMap shop/app",
            "Namespace shop",
            "Pod shop/web-1",
            "Secret shop/db",
            "Deployment.apps shop/web",
        ]
        assert not any(item.problem for item in catalogue.items)


def test_the_order_of_the_archive_does_not_matter() -> None:
    names = [f"c{number}" for number in range(50)]
    forth, back = Backup(), Backup()
    for name in names:
        forth.add("configmaps", "shop", name)
    for name in reversed(names):
        back.add("configmaps", "shop", name)
    with read(forth) as one, read(back) as other:
        assert [item.key for item in one.items] == [item.key for item in other.items]


def test_a_body_is_what_was_backed_up() -> None:
    with read(shop()) as catalogue:
        bodies = {str(item.key): catalogue.body(item) for item in catalogue.items}
    assert bodies["ConfigMap shop/app"]["data"] == {"greeting": "Grüß Gott"}
    assert bodies["Deployment.apps shop/web"]["apiVersion"] == "apps/v1"


def test_bodies_are_read_by_many_threads_at_once() -> None:
    backup = Backup()
    for number in range(300):
        backup.add("configmaps", "shop", f"c{number}", {"data": {"n": "x" * number}})
    with read(backup) as catalogue, ThreadPoolExecutor(16) as pool:
        items = [*catalogue.items] * 5
        random.Random(1).shuffle(items)
        assert [body["metadata"]["name"] for body in pool.map(catalogue.body, items)] == [
            item.key.name for item in items
        ]


def test_the_uids_and_controlling_owners_are_known() -> None:
    with read(shop()) as catalogue:
        assert "uid-secrets-shop-db" in catalogue.uids
        assert len(catalogue.uids) == 5
        assert [item.owner for item in catalogue.items if item.key.kind == "Pod"] == ["rs"]


def test_the_versions_of_a_resource_come_with_the_preferred_one_first() -> None:
    backup = Backup().add("horizontalpodautoscalers.autoscaling", "shop", "web", {"apiVersion": "autoscaling/v2"})
    backup.add_version("horizontalpodautoscalers.autoscaling", "v1", "shop", "web").add("pods", "shop", "web")
    with read(backup) as catalogue:
        assert catalogue.versions == {"horizontalpodautoscalers.autoscaling": ("v2", "v1"), "pods": ("v1",)}
        assert [item.version for item in catalogue.items] == ["v1", "v2"]


def test_an_object_without_a_default_copy_is_an_item_with_a_problem() -> None:
    backup = Backup().add("pods", "shop", "there")
    backup.add_version("pods", "v1", "shop", "lost").add_version("pods", "v1-preferredversion", "shop", "lost")
    with read(backup) as catalogue:
        assert [(item.key, item.problem) for item in catalogue.items if item.problem] == [
            (
                ObjectKey("", "pods", "shop", "lost"),
                "lies in a version folder only, and what is restored is the copy outside of these",
            )
        ]


def test_a_bad_object_fails_alone_and_has_no_body() -> None:
    backup = shop().add_text("configmaps", "shop", "bad", '{"kind": "ConfigMap"').add("configmaps", "shop", "after")
    with read(backup) as catalogue:
        bad = [item for item in catalogue.items if item.problem]
        assert [(str(item.key), item.problem) for item in bad] == [("configmaps shop/bad", "is not valid JSON")]
        assert all(catalogue.body(item) for item in catalogue.items if not item.problem)
        with pytest.raises(BackupError, match="configmaps shop/bad is not valid JSON"):
            catalogue.body(bad[0])


def test_a_backup_without_objects_is_empty_when_it_has_the_folder() -> None:
    with read(Backup().folder("resources")) as catalogue:
        assert (catalogue.items, catalogue.uids, catalogue.versions) == ((), frozenset(), {})


def test_the_folders_on_the_way_may_be_members() -> None:
    backup = Backup(None).folder("./").folder("./metadata").file("./metadata/version", b"1")
    backup.folder("./resources").folder("./resources/pods").folder("./resources/pods/namespaces")
    with read(backup) as catalogue:
        assert catalogue.items == ()


PODS = path_of("pods", "shop", "web")


@pytest.mark.parametrize(
    ("backup", "problem"),
    [
        (Backup(), "is not a Velero backup, or one of nothing at all: it has no resources/"),
        (Backup(None), "is not a Velero backup: it has no metadata/version"),
        (Backup(None).add("pods", "shop", "web"), "is not a Velero backup: it has no metadata/version"),
        (Backup("2.0.0\n"), "member metadata/version names the unknown format version '2.0.0'"),
        (Backup("\x1b[2J"), r"unknown format version '\\\\x1b\[2J'"),
        (Backup().file("metadata/version", b"1.1.0\n"), "member metadata/version is there twice"),
        (Backup().add("pods", "shop", "web").add("pods", "shop", "web"), f"member {PODS} is there twice"),
        (Backup().file(PODS, b"{}").file("./" + PODS, b"{}"), f"member {PODS} is there twice"),
        (Backup().file("resources", b"{}"), "member resources is not where a Velero backup has files"),
        (Backup().file("resources/pods/web.json"), "member resources/pods/web.json is not where"),
        (Backup().file("etc/passwd"), "member etc/passwd is not where a Velero backup has files"),
        (Backup().folder("home"), "member home is not where a Velero backup has files"),
        (Backup().folder("resources2"), "member resources2 is not where a Velero backup has files"),
    ],
)
def test_what_is_no_backup_is_refused_and_named(backup: Backup, problem: str) -> None:
    with pytest.raises(BackupError, match=f"^b.tar.gz: .*{problem}"):
        read(backup)


@pytest.mark.parametrize(("name", "count"), [("hourly-20261124020000", 273), ("hourly-20261124030000", 271)])
def test_a_backup_that_velero_has_written_has_no_problem(name: str, count: int) -> None:
    data = (recorded.BACKUP.parent.parent / name / f"{name}.tar.gz").read_bytes()
    with read(data) as catalogue:
        assert [item.problem for item in catalogue.items] == [""] * count
        assert [catalogue.body(item)["metadata"]["uid"] for item in catalogue.items] == [
            item.uid for item in catalogue.items
        ]


def test_a_recorded_body_is_read_as_it_was_written() -> None:
    with read(recorded.BACKUP.read_bytes()) as catalogue:
        for item in catalogue.items:
            assert catalogue.body(item) == recorded.body(item.resource, item.key.namespace, item.key.name)


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    with read(shop(), str(tmp_path)):
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(BackupError):
        read(shop().bytes()[:-9], str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_that_is_missing_is_named_as_the_cause(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^b.tar.gz: its objects cannot be kept in a temporary file: No such file"):
        read(shop(), str(tmp_path / "missing"))


def test_every_file_is_closed_also_after_a_failure() -> None:
    before = len(os.listdir("/proc/self/fd"))
    read(shop()).close()
    for bad in (Backup(), shop().bytes()[:-1], shop().file("x")):
        with pytest.raises(BackupError):
            read(bad)
    assert len(os.listdir("/proc/self/fd")) == before


TAR = shop().tar()
ZIPPED = shop().bytes()


def tried(data: bytes) -> None:
    """Reads all there is: what is wrong is a BackupError or a problem of one item."""
    message = ""
    try:
        with read(data) as catalogue:
            assert all(item.problem or catalogue.body(item) for item in catalogue.items)
    except BackupError as error:
        message = str(error)
    assert not message or message.startswith("b.tar.gz: ")
    assert message.isprintable()


def mutations(data: bytes) -> st.SearchStrategy[bytes]:
    """The data with a few bytes changed, cut out or put in."""
    edit = st.tuples(st.integers(0, len(data)), st.integers(0, 700), st.binary(max_size=8))

    def edited(edits: list[tuple[int, int, bytes]]) -> bytes:
        changed = data
        for at, gone, new in edits:
            changed = changed[:at] + new + changed[at + gone :]
        return changed

    flips = st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(1, 255)), min_size=1, max_size=4)

    def flipped(places: list[tuple[int, int]]) -> bytes:
        changed = bytearray(data)
        for at, bits in places:
            changed[at] ^= bits
        return bytes(changed)

    return st.one_of(st.lists(edit, min_size=1, max_size=3).map(edited), flips.map(flipped))


@settings(max_examples=150, deadline=None)
@given(mutations(ZIPPED))
def test_a_damaged_file_is_refused_whatever_the_damage(data: bytes) -> None:
    tried(data)


@settings(max_examples=300, deadline=None)
@given(mutations(TAR))
def test_a_damaged_archive_is_refused_or_has_bad_items_whatever_the_damage(data: bytes) -> None:
    tried(zipped(data))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_content_of_an_object_is_an_item(content: bytes) -> None:
    with read(Backup().add_text("pods", "shop", "web", content)) as catalogue:
        assert len(catalogue.items) == 1


def test_copies_at_other_versions_are_kept_beside_the_default_ones() -> None:
    v1 = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "gear", "namespace": "shop"}}
    v2 = {**v1, "apiVersion": "example.org/v2", "spec": {"new": True}}
    backup = Backup().add("widgets.example.org", "shop", "gear", v1)
    backup.add_version("widgets.example.org", "v2", "shop", "gear", v2)
    with read(backup) as catalogue:
        (item,) = catalogue.items
        (other,) = catalogue.others[item.key]
        assert (item.version, other.version) == ("v1", "v2")
        assert catalogue.body(other)["spec"] == {"new": True}


def dated(path: str, seconds: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.mtime = seconds
    info.type = kind
    return info


def test_the_newest_file_tells_when_the_backup_was_written() -> None:
    backup = Backup().member(dated(path_of("configmaps", "shop", "a"), 1795489203), b"{}")
    backup.member(dated(path_of("configmaps", "shop", "b", "v1-preferredversion"), 1795489207), b"{}")
    backup.member(dated(path_of("configmaps", "shop", "c"), 1795489205), b"{}")
    backup.member(dated("resources", 1795489999, tarfile.DIRTYPE), b"")
    with read(backup) as catalogue:
        assert catalogue.newest == 1795489207


def test_a_backup_without_times_has_no_newest_file() -> None:
    with read(shop()) as catalogue:
        assert catalogue.newest == 0


def test_the_recorded_backup_was_written_when_velero_says() -> None:
    completed = datetime(2026, 11, 24, 2, 11, 20, tzinfo=timezone.utc)
    with read(recorded.BACKUP.read_bytes()) as catalogue:
        assert abs(catalogue.newest - completed.timestamp()) <= 1  # Go rounds the one and cuts the other
