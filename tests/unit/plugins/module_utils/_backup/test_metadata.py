# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero says of a backup, and what is refused."""

from __future__ import annotations

import json
import os
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._backup.metadata import info_of, read_metadata
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey
from heavy import SHAPES

NAME = "hourly-1"
STORE = recorded.BACKUP.parent.parent
Body = dict[str, Any]


def backup_with(**parts: Any) -> Body:
    """A Backup; what is given replaces a whole part, None takes it away."""
    whole = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": NAME, "labels": {"velero.io/schedule-name": "hourly"}},
        "spec": {"includedNamespaces": ["*"]},
        "status": {
            "phase": "Completed",
            "startTimestamp": "2026-11-24T03:00:00Z",
            "completionTimestamp": "2026-11-24T03:00:07Z",
        },
        **parts,
    }
    return {field: value for field, value in whole.items() if value is not None}


def written(folder: Path, content: Body | bytes | str) -> tuple[str, str]:
    """Paths of a backup's content and of what Velero says of it."""
    path = folder / "velero-backup.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(folder / f"{NAME}.tar.gz"), str(path)


def read(folder: Path, content: Body | bytes | str) -> BackupInfo:
    content_file, _path = written(folder, content)
    info, warning = read_metadata(content_file, "", NAME)
    assert not warning
    assert info is not None
    return info


def problem(folder: Path, content: Body | bytes | str) -> str:
    """Of a file that is refused, whether somebody named it or not."""
    content_file, path = written(folder, content)
    texts = set()
    for named in ("", path):
        with pytest.raises(BackupError) as caught:
            read_metadata(content_file, named, NAME)
        texts.add(str(caught.value))
    (text,) = texts
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


# What is read


@pytest.mark.parametrize(
    ("name", "started", "completed", "objects"),
    [
        ("hourly-20261124020000", "2026-11-24T02:11:20Z", "2026-11-24T02:11:20Z", 273),
        ("hourly-20261124030000", "2026-11-24T02:40:06Z", "2026-11-24T02:40:07Z", 271),
    ],
)
def test_a_recorded_backup_tells_what_it_is(name, started, completed, objects):
    content = str(STORE / name / f"{name}.tar.gz")
    metadata, warning = read_metadata(content, "", name)
    assert not warning
    with opened(files_of(content, name, ""), None) as backup:
        info = info_of(metadata, name, backup.content.items)
    assert (info.name, info.schedule, info.phase, info.errors) == (name, "hourly", "Completed", 0)
    assert (info.started, info.completed) == (started, completed)
    assert info.objects == objects
    assert info.source == recorded.body("namespaces", "", "kube-system")["metadata"]["uid"]


def test_the_recorded_backups_have_the_same_filters():
    scopes = set()
    for folder in STORE.iterdir():
        info, _warning = read_metadata(str(folder / "content.tar.gz"), "", folder.name)
        assert info is not None
        scopes.add(info.scope)
    assert len(scopes) == 1
    assert scopes != {""}


STATUS = {"phase": "PartiallyFailed", "errors": 3, "warnings": 5, "validationErrors": ["a", "b"]}


@pytest.mark.parametrize(
    ("parts", "field", "value"),
    [
        ({}, "schedule", "hourly"),
        ({"metadata": {"name": NAME}}, "schedule", ""),
        ({"metadata": {"name": NAME, "labels": None}}, "schedule", ""),
        ({"metadata": {"name": NAME, "labels": {"velero.io/schedule-name": None}}}, "schedule", ""),
        ({}, "phase", "Completed"),
        ({"status": {}}, "phase", "New"),
        ({"status": None}, "phase", "New"),
        ({"status": {"phase": ""}}, "phase", "New"),
        ({"status": {"phase": 5}}, "phase", "New"),
        ({"status": STATUS}, "phase", "PartiallyFailed"),
        ({"status": STATUS}, "errors", 5),
        ({"status": {"errors": 3}}, "errors", 3),
        ({"status": {"errors": None, "validationErrors": None}}, "errors", 0),
        ({}, "errors", 0),
        ({"status": None}, "started", ""),
        ({"status": {"startTimestamp": None}}, "started", ""),
        ({"apiVersion": "velero.io/v2"}, "name", NAME),
        ({"spec": None}, "source", ""),
        ({}, "objects", 0),
    ],
)
def test_a_field_is_read(tmp_path, parts, field, value):
    assert getattr(read(tmp_path, backup_with(**parts)), field) == value


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2026-11-24T03:00:00Z", "2026-11-24T03:00:00Z"),
        ("2026-11-24T03:00:00+02:00", "2026-11-24T01:00:00Z"),
        ("2026-11-24T00:30:00+05:30", "2026-11-23T19:00:00Z"),
        ("2026-12-31T23:00:00-01:00", "2027-01-01T00:00:00Z"),
        ("2026-11-24T03:00:00.999999999Z", "2026-11-24T03:00:00Z"),
        ("2026-11-24T03:00:00.5-00:00", "2026-11-24T03:00:00Z"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_in_utc_to_the_second_and_sorts_as_text(tmp_path, time, utc):
    info = read(tmp_path, backup_with(status={"startTimestamp": time, "completionTimestamp": time}))
    assert (info.started, info.completed) == (utc, utc)


# What stands for the filters


def scope(folder: Path, **spec: Any) -> str:
    return read(folder, backup_with(spec=spec)).scope


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"includedNamespaces": ["*"]}),
        ({}, {"includedNamespaces": [], "excludedResources": None, "labelSelector": {}, "orLabelSelectors": []}),
        ({}, {"includedResources": ["*"]}),
        ({"includedNamespaces": ["a", "b"]}, {"includedNamespaces": ["b", "a"]}),
        ({"excludedNamespaces": ["a", "b"]}, {"excludedNamespaces": ["b", "a", "b"]}),
        (
            {"orLabelSelectors": [{"matchLabels": {"a": "1", "b": "2"}}, {"matchLabels": {"a": "0"}}]},
            {"orLabelSelectors": [{"matchLabels": {"a": "0"}}, {"matchLabels": {"b": "2", "a": "1"}}]},
        ),
        *(
            ({}, {field: value})
            for field, value in (
                ("ttl", "720h0m0s"),
                ("storageLocation", "default"),
                ("snapshotVolumes", False),
                ("hooks", {"resources": [{"name": "a"}]}),
                ("orderedResources", {"pods": "shop/a,shop/b"}),
                ("csiSnapshotTimeout", "10m0s"),
                ("metadata", {"labels": {"a": "b"}}),
            )
        ),
    ],
)
def test_backups_with_the_same_filters_have_the_same_scope(tmp_path, one, other):
    assert scope(tmp_path, **one) == scope(tmp_path, **other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ({}, {field: value})
            for field, value in (
                ("includedNamespaces", ["shop"]),
                ("excludedNamespaces", ["shop"]),
                ("includedResources", ["secrets"]),
                ("excludedResources", ["secrets"]),
                ("includedClusterScopedResources", ["*"]),
                ("includedClusterScopedResources", ["nodes"]),
                ("excludedClusterScopedResources", ["*"]),
                ("excludedClusterScopedResources", ["nodes"]),
                ("includedNamespaceScopedResources", ["pods"]),
                ("excludedNamespaceScopedResources", ["*"]),
                ("excludedNamespaceScopedResources", ["pods"]),
                ("includeClusterResources", True),
                ("includeClusterResources", False),
                ("labelSelector", {"matchLabels": {"a": "b"}}),
                ("orLabelSelectors", [{"matchLabels": {"a": "b"}}]),
                ("resourcePolicy", {"kind": "configmap", "name": "policies"}),
            )
        ),
        ({"includeClusterResources": True}, {"includeClusterResources": False}),
        ({"includedNamespaces": ["a"]}, {"excludedNamespaces": ["a"]}),
        ({"includedNamespaces": ["a"]}, {"includedNamespaces": ["a", "b"]}),
        ({"includedNamespaces": ["a", "b"]}, {"includedNamespaces": ["a,b"]}),
        ({"includedResources": ["a"]}, {"includedNamespaceScopedResources": ["a"]}),
        ({"labelSelector": {"matchLabels": {"a": "b"}}}, {"orLabelSelectors": [{"matchLabels": {"a": "b"}}]}),
    ],
)
def test_backups_with_other_filters_have_another_scope(tmp_path, one, other):
    assert scope(tmp_path, **one) != scope(tmp_path, **other)


# What is refused


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"kind": "Backup"} x', b"\xff\xfe\xfa", b"[" * 200_000, b"\x1f\x8b\x08", b"9" * 5000 + b"x"],
)
def test_what_is_no_json_is_damaged(tmp_path, content):
    assert problem(tmp_path, content) == "is damaged: it is not valid JSON"


@pytest.mark.parametrize(
    "content",
    [
        *("Backup", {}, b"null", b"[]", b"5", b"NaN"),
        *(backup_with(kind=kind) for kind in ("Restore", "backup", "BackupList", ["Backup"], None)),
        *(
            backup_with(apiVersion=version)
            for version in ("v1", "velero.io", "postgresql.cnpg.io/v1", "x.velero.io/v1", ["velero.io/v1"], None)
        ),
    ],
)
def test_what_is_no_backup_of_velero_s_is_refused(tmp_path, content):
    assert problem(tmp_path, content) == "is no Backup of Velero's"


@pytest.mark.parametrize(
    "parts",
    [
        {"metadata": None},
        {"metadata": []},
        {"metadata": {"name": 5}},
        {"metadata": {"name": ""}},
        {"metadata": {"name": "a\x1b[2J"}},
        {"metadata": {"name": "a" * 254}},
        {"metadata": {"name": NAME, "labels": ["a"]}},
        {"metadata": {"name": NAME, "labels": {"velero.io/schedule-name": 5}}},
        {"metadata": {"name": NAME, "labels": {"velero.io/schedule-name": ["hourly"]}}},
        {"metadata": {"name": NAME, "labels": {"velero.io/schedule-name": "a\n"}}},
        {"metadata": {"name": NAME, "labels": {"velero.io/schedule-name": "a" * 254}}},
        {"spec": "everything"},
        {"spec": []},
        {"status": "Completed"},
        {"status": {"errors": -1}},
        {"status": {"errors": "0"}},
        {"status": {"errors": 1.5}},
        {"status": {"errors": True}},
        {"status": {"errors": 10**30}},
        {"status": {"validationErrors": "many"}},
        {"status": {"validationErrors": {"a": 1}}},
    ],
)
def test_a_backup_of_another_shape_is_damaged(tmp_path, parts):
    assert problem(tmp_path, backup_with(**parts)).startswith("is damaged: ")


@pytest.mark.parametrize("field", ["startTimestamp", "completionTimestamp"])
@pytest.mark.parametrize(
    "time",
    [
        *("", "yesterday", "2026-11-24", "2026-11-24T03:00:00", "2026-11-24 03:00:00Z", "2026-11-24T03:00Z"),
        *("2026-11-24t03:00:00z", "2026-11-24T03:00:00z", " 2026-11-24T03:00:00Z", "2026-11-24T03:00:00Z\n"),
        *("20261124T030000Z", "2026-11-24T03:00:00+0200", "2026-11-24T03:00:00+02", "2026-11-24T03:00:00+24:00"),
        *("2026-13-24T03:00:00Z", "2026-02-29T03:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T03:00:60Z"),
        *("2026-11-24T03:00:00.Z", "2026-11-24T03:00:00,5Z", "2026-11-24T03:00:00.0000000001Z"),
        *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "12026-11-24T03:00:00Z"),
        *("2026-11-24T03:00:0\u0661Z", 1795489200, True, ["2026-11-24T03:00:00Z"], {}),
    ],
)
def test_what_is_no_time_of_rfc_3339_is_damaged(tmp_path, field, time):
    assert problem(tmp_path, backup_with(status={field: time})) == "is damaged: it has a time that is none"


def test_a_file_that_is_too_large_is_refused(tmp_path):
    content_file, path = written(tmp_path, backup_with())
    os.truncate(path, 1 << 33)  # sparse: what is read of it is what counts
    with pytest.raises(BackupError, match=r"is larger than the [0-9]+ bytes that a Backup may have"):
        read_metadata(content_file, "", NAME)


def test_filters_nested_without_end_are_damaged_and_nothing_else(tmp_path):
    for depth in range(50, sys.getrecursionlimit() + 10, 37):
        nested = '{"a":' * depth + "1" + "}" * depth
        text = json.dumps(backup_with(spec={"labelSelector": "X"})).replace('"X"', nested)
        content_file, _path = written(tmp_path, text.encode())
        with suppress(BackupError):
            read_metadata(content_file, "", NAME)


def mutilated(dice: random.Random, value: Any) -> Any:
    """The value with one part of it replaced by something else."""
    strange = [None, [], {}, "", "\x00", "\ud800", 5, -1, 1.5, True, ["*"], [[]], {"a": None}, 10**400]
    if isinstance(value, dict) and value and dice.random() < 0.8:
        field = dice.choice(sorted(value))
        return {**value, field: mutilated(dice, value[field])}
    return dice.choice(strange)


def read_or_refused(content_file: str) -> tuple[BackupInfo | None, str]:
    """With what is warned of, or why it is refused."""
    try:
        return read_metadata(content_file, "", NAME)
    except BackupError as error:
        return None, str(error)


def test_whatever_a_file_says_it_is_read_or_refused(tmp_path):
    dice = random.Random(6)
    for _number in range(1500):
        content = backup_with()
        for _time in range(dice.randrange(1, 4)):
            content = mutilated(dice, content)
        content_file, _path = written(tmp_path, content)
        info, text = read_or_refused(content_file)
        assert text.isprintable()
        assert info is None or f"{info.name}{info.schedule}{info.phase}".isprintable()


# Which file


@pytest.mark.parametrize("content", ["hourly-1.tar.gz", "elsewhere/../hourly-1.tar.gz"])
def test_the_file_beside_the_content_is_read(tmp_path, content):
    (tmp_path / "elsewhere").mkdir()
    written(tmp_path, backup_with())
    info, warning = read_metadata(str(tmp_path / content), "", NAME)
    assert info is not None
    assert (info.name, warning) == (NAME, "")


def test_a_path_without_a_folder_means_this_one(tmp_path, monkeypatch):
    written(tmp_path, backup_with())
    monkeypatch.chdir(tmp_path)
    info, _warning = read_metadata(f"{NAME}.tar.gz", "", NAME)
    assert info is not None


def test_without_a_file_beside_the_content_nothing_is_known_and_nothing_wrong(tmp_path):
    assert read_metadata(str(tmp_path / f"{NAME}.tar.gz"), "", NAME) == (None, "")


def test_the_file_beside_the_content_is_not_used_when_it_is_another_backup_s(tmp_path):
    content_file, path = written(tmp_path, backup_with(metadata={"name": "hourly-2"}))
    info, warning = read_metadata(content_file, "", NAME)
    assert info is None
    assert warning == f"{path}: is of backup hourly-2, not of {NAME}: it is not used"


def test_a_file_that_was_named_is_read_wherever_it_is(tmp_path):
    _content, path = written(tmp_path, backup_with())
    info, warning = read_metadata("/backups/download.tar.gz", path, NAME)
    assert info is not None
    assert (info.name, warning) == (NAME, "")


def test_a_file_that_was_named_must_be_of_this_backup(tmp_path):
    _content, path = written(tmp_path, backup_with(metadata={"name": "hourly-2"}))
    with pytest.raises(BackupError, match=f"^{path}: is of backup hourly-2, not of {NAME}; see backup_metadata_file"):
        read_metadata("/backups/download.tar.gz", path, NAME)


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def linked(path: Path, to: str) -> Path:
    path.symlink_to(to)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "missing.json", "cannot be opened: No such file or directory"),
        (lambda folder: folder, "is not a regular file"),
        (lambda folder: fifo(folder / "fifo"), "is not a regular file"),
        (lambda folder: linked(folder / "zero", "/dev/zero"), "is not a regular file"),
        (lambda folder: f"{folder}/a\0b", "cannot be opened: it is no path"),
    ],
)
def test_a_file_that_was_named_must_be_there_and_a_regular_one(tmp_path, make, said):
    with pytest.raises(BackupError, match=said):
        read_metadata(str(tmp_path / f"{NAME}.tar.gz"), str(make(tmp_path)), NAME)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (fifo, "is not a regular file"),
        (lambda path: path.mkdir(), "is not a regular file"),
        (lambda path: linked(path, "nowhere"), "cannot be opened: No such file or directory"),
        (lambda path: linked(path, path.name), "cannot be opened: Too many levels of symbolic links"),
    ],
)
def test_one_beside_the_content_that_cannot_be_read_is_not_passed_over(tmp_path, make, said):
    make(tmp_path / "velero-backup.json")
    with pytest.raises(BackupError, match=said):
        read_metadata(str(tmp_path / f"{NAME}.tar.gz"), "", NAME)


def test_one_whose_content_cannot_be_read_is_refused(tmp_path):
    linked(tmp_path / "velero-backup.json", "/proc/self/mem")
    with pytest.raises(BackupError, match=r"velero-backup\.json: cannot be read: Input/output error"):
        read_metadata(str(tmp_path / f"{NAME}.tar.gz"), "", NAME)


def test_a_message_carries_no_terminal_escape_of_a_path(tmp_path):
    folder = tmp_path / "\x1b[31m\u202e"
    folder.mkdir()
    content_file, _path = written(folder, b"{")
    with pytest.raises(BackupError) as caught:
        read_metadata(content_file, "", NAME)
    assert str(caught.value).isprintable()


# What the content tells


def item(name: str, resource: str = "namespaces", uid: str = "u", namespace: str = "") -> BackupItem:
    group, kind = ("", "Namespace") if resource == "namespaces" else ("apps", "Deployment")
    return BackupItem(ObjectKey(group, kind, namespace, name), resource, "v1", uid=uid)


KNOWN = BackupInfo(NAME, schedule="hourly", started="2026-11-24T03:00:00Z", phase="Completed", scope="c0ffee")


@pytest.mark.parametrize("metadata", [None, KNOWN])
@pytest.mark.parametrize(
    ("items", "source", "objects"),
    [
        ([], "", 0),
        ([item("kube-system", uid="cluster-1")], "cluster-1", 1),
        ([item("default", uid="a"), item("kube-system", uid="cluster-1"), item("shop")], "cluster-1", 3),
        ([item("shop"), item("web", "deployments.apps", namespace="shop")], "", 2),
        ([item("kube-system", "deployments.apps", namespace="kube-system")], "", 1),
        ([item("kube-system", "namespaces.example.org", "foreign")], "", 1),
        ([item("kube-system", uid="")], "", 1),
        ([item("kube-system", uid="a\x1b[2J")], "", 1),
        ([item("kube-system", uid="a" * 300)], "", 1),
    ],
)
def test_the_content_tells_the_source_and_how_much_it_is(metadata, items, source, objects):
    info = info_of(metadata, NAME, iter(items))
    assert (info.name, info.source, info.objects) == (NAME, source, objects)
    known = metadata or BackupInfo(NAME)
    assert (info.schedule, info.started, info.scope) == (known.schedule, known.started, known.scope)


@pytest.mark.parametrize(
    ("resource", "key"),
    [
        ("configmaps", ObjectKey("", "Namespace", "", "kube-system")),  # the kind is what its body says
        ("namespaces", ObjectKey("", "ConfigMap", "", "kube-system")),
        ("namespaces", ObjectKey("", "Namespace", "shop", "kube-system")),
    ],
)
def test_what_only_looks_like_the_namespace_does_not_tell_the_source(resource, key):
    false = BackupItem(key, resource, "v1", uid="cluster-2")
    assert info_of(None, NAME, [item("kube-system", uid="cluster-1"), false]).source == "cluster-1"
    assert info_of(None, NAME, [false]).source == ""


@pytest.mark.parametrize("shape", ["empty maps", "maps within maps"])
def test_a_file_that_would_take_too_much_memory_is_refused(tmp_path, shape):
    text = '{"kind": "Backup", "apiVersion": "velero.io/v1", "spec": ' + SHAPES[shape](2 << 20) + "}"
    assert problem(tmp_path, text).endswith("would take more than the 32 MiB of memory that a Backup may take")
