# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one file of a backup is read into, and what makes a body unusable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.item import MAX_NESTING, broken_item, item_of
from ansible_collections.standby.velero.plugins.module_utils._backup.layout import Place
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from heavy import SHAPES

WEB = Place("deployments.apps", "", "shop", "web")
METADATA = {"name": "web", "namespace": "shop"}


def read(place: Place = WEB, **fields: Any) -> BackupItem:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": METADATA, **fields}
    return item_of(place, json.dumps(body).encode(), 0)


def with_metadata(**fields: Any) -> BackupItem:
    return read(metadata={**METADATA, **fields})


def test_a_namespaced_object_is_known_by_group_kind_namespace_and_name() -> None:
    data = b'{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u1"}}'
    assert item_of(WEB, data, 17) == BackupItem(
        ObjectKey("apps", "Deployment", "shop", "web"), "deployments.apps", "v1", 17, len(data), "u1"
    )


def test_a_cluster_scoped_object_has_no_namespace() -> None:
    data = b'{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}'
    item = item_of(Place("namespaces", "", "", "shop"), data, 0)
    assert (item.key, item.version, item.uid, item.problem) == (ObjectKey("", "Namespace", "", "shop"), "v1", "", "")


@pytest.mark.parametrize(
    ("owners", "uid"),
    [
        (None, ""),
        ([], ""),
        ([{"uid": "u1"}], ""),
        ([{"uid": "u1", "controller": False}], ""),
        ([{"uid": "u1", "controller": "true"}], ""),
        ([{"uid": "u1"}, {"uid": "u2", "controller": True}], "u2"),
    ],
)
def test_the_owner_is_the_one_that_controls(owners: Any, uid: str) -> None:
    item = with_metadata(ownerReferences=owners)
    assert (item.owner, item.problem) == (uid, "")


def nested(levels: int) -> bytes:
    """An object with this many levels, its own included."""
    inside = "[" * (levels - 1) + "]" * (levels - 1)
    return (
        f'{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{json.dumps(METADATA)},"spec":' + inside + "}"
    ).encode()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"{}{}", "is not valid JSON"),
        (b"\xef\xbb\xbf{}", "is not valid JSON"),
        (b'{"a": ' + b"1" * 5000 + b"x}", "is not valid JSON"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        ('{"kind": "Pod"}'.encode("utf-16"), "is not UTF-8"),
        (b'{"a": NaN}', "has NaN or Infinity in its JSON"),
        (b'{"a": [-Infinity]}', "has NaN or Infinity in its JSON"),
        (b'{"a": 1e999}', "has NaN or Infinity in its JSON"),
        (b'{"kind": "Pod", "kind": "Secret"}', "has a key twice in its JSON"),
        (b'{"spec": {"a": 1, "b": 2, "\\u0061": 3}}', "has a key twice in its JSON"),
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'"text"', "is not a JSON object"),
        (nested(MAX_NESTING + 1), "is nested more than 200 levels deep"),
        (b'{"a":' * 100_000, "is nested more than 200 levels deep"),
    ],
)
def test_what_is_not_json_as_the_api_writes_it_is_a_problem(data: bytes, problem: str) -> None:
    item = item_of(WEB, data, 0)
    assert item == BackupItem(ObjectKey("apps", "deployments", "shop", "web"), "deployments.apps", "", problem=problem)


def test_nesting_up_to_the_limit_is_fine_however_many_braces_there_are() -> None:
    assert item_of(WEB, nested(MAX_NESTING), 0).problem == ""
    assert read(spec=[{}] * 1000).problem == ""


NO_KIND = "has no kind, or one that is not a name"
NO_VERSION = "has no apiVersion, or one that is not group/version"
OTHER_GROUP = "has an apiVersion whose group is not that of its folder"
OTHER_NAME = "has not the name that its path has"
OTHER_NAMESPACE = "has not the namespace that its path has"


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (read(kind=None), NO_KIND),
        (read(kind=""), NO_KIND),
        (read(kind=1), NO_KIND),
        (read(kind="\x1b[2J"), NO_KIND),
        (read(kind="Deployment\n"), NO_KIND),
        (read(apiVersion=None), NO_VERSION),
        (read(apiVersion=["apps/v1"]), NO_VERSION),
        (read(apiVersion="apps/"), NO_VERSION),
        (read(apiVersion="a/b/v1"), NO_VERSION),
        (read(apiVersion="v1"), OTHER_GROUP),
        (read(apiVersion="extensions/v1"), OTHER_GROUP),
        (read(Place("deployments", "", "shop", "web")), OTHER_GROUP),
        (read(metadata=None), "has no metadata"),
        (read(metadata=[]), "has no metadata"),
        (read(metadata={"namespace": "shop"}), OTHER_NAME),
        (with_metadata(name="other"), OTHER_NAME),
        (with_metadata(name=7), "has a metadata.name that is not text"),
        (with_metadata(namespace=None), OTHER_NAMESPACE),
        (with_metadata(namespace="other"), OTHER_NAMESPACE),
        (with_metadata(namespace={}), "has a metadata.namespace that is not text"),
        (read(Place("deployments.apps", "", "", "web")), OTHER_NAMESPACE),
        (with_metadata(uid=7), "has a metadata.uid that is not text, or too long for one"),
        (with_metadata(uid="u" * 254), "has a metadata.uid that is not text, or too long for one"),
        (with_metadata(labels=["a"]), "has metadata.labels that are not a map of texts"),
        (with_metadata(labels={"a": 1}), "has metadata.labels that are not a map of texts"),
        (with_metadata(annotations={"a": None}), "has metadata.annotations that are not a map of texts"),
        (with_metadata(ownerReferences={}), "has metadata.ownerReferences that are not a list of owners"),
        (with_metadata(ownerReferences=[{"uid": 1}]), "has metadata.ownerReferences that are not a list of owners"),
    ],
)
def test_an_object_that_is_not_the_one_of_its_path_is_a_problem(item: BackupItem, problem: str) -> None:
    assert item.problem == problem
    assert item.size == 0


def test_what_is_known_of_a_broken_object_is_kept() -> None:
    item = with_metadata(name="other")
    assert (item.key, item.version) == (ObjectKey("apps", "Deployment", "shop", "web"), "v1")


def test_the_plural_stands_for_a_kind_that_is_not_known() -> None:
    assert broken_item(WEB, "is lost").key == ObjectKey("apps", "deployments", "shop", "web")


TEXTS = ["one text", "one text with an emoji"]


def test_no_object_takes_more_memory_than_one_may() -> None:
    """Objects as large as a member of an archive may be, of what takes most: 16 MiB came to 764 MiB."""
    heavy = "would take more than 128 MiB of memory"
    for shape in set(SHAPES) - set(TEXTS):
        assert item_of(WEB, SHAPES[shape](16 << 20).encode(), 0).problem == heavy
    for shape in TEXTS:
        assert item_of(WEB, SHAPES[shape](8 << 20).encode(), 0).problem == "is not a JSON object"


@pytest.mark.parametrize(
    "shape", ["many fields", "many fields of lists", "numbers", "fractions", "short texts", *TEXTS]
)
def test_an_object_as_large_as_an_api_server_takes_is_not_too_heavy(shape: str) -> None:
    assert "memory" not in item_of(WEB, SHAPES[shape](3 << 20).encode(), 0).problem
