# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diff entries: what people see of a change, and what nobody may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.normalise import strip
from ansible_collections.standby.velero.plugins.module_utils._report.diff import (
    Entry,
    create_entry,
    delete_entry,
    entry,
    relabel_entry,
    update_entry,
    within,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    EMPTY,
    RESTORE_LABEL,
    BackupItem,
    Body,
    Change,
    Comparison,
    ObjectKey,
    ObjectRef,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action
from hypothesis import given
from hypothesis import strategies as st

CONFIG_MAP = ObjectKey("", "ConfigMap", "shop", "web")
SECRET = ObjectKey("", "Secret", "shop", "creds")
CANARY = "c2VjcmV0LWNhbmFyeQ=="


def change(key: ObjectKey, live: Any, desired: Any) -> Change:
    resource = f"{key.kind.lower()}s"
    return Change(BackupItem(key, resource, "v1"), Action.UPDATE, comparison=compare(resource, live, desired))


def updated(key: ObjectKey, live: Any, desired: Any, labels: tuple[str, str] | None = None) -> Entry:
    return update_entry(change(key, live, desired), strip(desired), labels)


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (ObjectKey("apps", "Deployment", "shop", "web"), "Deployment.apps shop/web"),
        (ObjectKey("", "Namespace", "", "shop"), "Namespace shop"),
        (ObjectKey("", "Pod", "shop", "a\x1b[2Jb"), "Pod shop/a\\x1b[2Jb"),
    ],
)
def test_an_entry_is_headed_by_kind_group_and_name(key: ObjectKey, header: str) -> None:
    found = entry(key, None, {"a": 1})
    assert (found["before_header"], found["after_header"]) == (header, header)


def test_an_update_shows_what_changes_in_its_context() -> None:
    live = {"data": {"level": "3", "gone": "x", "same": "s"}, "metadata": {"labels": {"app": "web"}}}
    found = updated(CONFIG_MAP, live, {"data": {"level": "4", "new": "n", "same": "s"}, "metadata": live["metadata"]})
    assert found["before"] == "data:\n  gone: x\n  level: '3'\n"
    assert found["after"] == "data:\n  level: '4'\n  new: n\n"


def test_a_field_that_appears_has_no_ancestors_before() -> None:
    assert updated(CONFIG_MAP, {}, {"data": {"a": "1"}})["before"] == ""
    assert updated(CONFIG_MAP, {}, {"data": {}})["after"] == "data: {}\n"


def test_an_update_shows_the_restore_labels_that_are_written_too() -> None:
    live = {"metadata": {"labels": {BACKUP_LABEL: "b", RESTORE_LABEL: "old"}}, "data": {"a": "1"}}
    found = updated(CONFIG_MAP, live, {"data": {"a": "2"}}, ("b", "new"))
    assert found["before"] == "data:\n  a: '1'\nmetadata:\n  labels:\n    velero.io/restore-name: old\n"
    assert found["after"] == "data:\n  a: '2'\nmetadata:\n  labels:\n    velero.io/restore-name: new\n"


def test_a_relabel_shows_the_labels_alone() -> None:
    found = relabel_entry(change(CONFIG_MAP, {"data": {"a": "1"}}, {"data": {"a": "1"}}), ("b", "r"))
    assert found["before"] == ""
    assert found["after"] == "metadata:\n  labels:\n    velero.io/backup-name: b\n    velero.io/restore-name: r\n"


def test_a_create_shows_the_whole_object_but_its_status() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web"},
        "data": {"a": "1"},
        "status": {"b": 1},
    }
    found = create_entry(CONFIG_MAP, body)
    assert found["before"] == ""
    assert yaml.safe_load(found["after"]) == {key: value for key, value in body.items() if key != "status"}


def deletion(key: ObjectKey, live: Body) -> Change:
    ref = ObjectRef(key, f"{key.kind.lower()}s", "v1")
    return Change(ref, Action.DELETE, comparison=Comparison("", before=live, uid="u1"))


def live_object(**fields: Any) -> Body:
    """An object as a server gives it."""
    metadata = {
        "name": "web",
        "namespace": "shop",
        "labels": {BACKUP_LABEL: "b1"},
        "annotations": {"example.org/seen": "yes"},
        "uid": "u1",
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": "2026-11-24T03:00:00Z",
        "managedFields": [{"manager": "kubectl"}],
        "ownerReferences": [{"uid": "u0"}],
        "finalizers": ["example.org/held"],
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "status": {"phase": "Bound"}, **fields}


def test_a_deletion_shows_the_body_that_goes_without_what_the_server_keeps_in_it() -> None:
    found = delete_entry(deletion(CONFIG_MAP, live_object(data={"a": "1"})))
    assert (found["before_header"], found["after"]) == ("ConfigMap shop/web", "")
    assert yaml.safe_load(found["before"]) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "labels": {BACKUP_LABEL: "b1"},
            "annotations": {"example.org/seen": "yes"},
        },
        "data": {"a": "1"},
    }


def test_a_deletion_of_a_secret_shows_its_keys_and_no_value() -> None:
    last = "kubectl.kubernetes.io/last-applied-configuration"
    body = live_object(kind="Secret", type="Opaque", data={"password": CANARY}, stringData={"user": CANARY})
    body["metadata"]["annotations"] = {last: CANARY}
    found = delete_entry(deletion(SECRET, body))
    assert CANARY not in json.dumps(found)
    before = yaml.safe_load(found["before"])
    assert (before["type"], set(before["data"]), set(before["stringData"])) == ("Opaque", {"password"}, {"user"})
    assert set(before["metadata"]["annotations"]) == {last}
    assert found["after"] == ""


@pytest.mark.parametrize("body", [EMPTY, {"metadata": "x"}, {"metadata": None, "status": {"a": 1}}])
def test_a_deletion_whose_body_is_not_known_is_an_entry_all_the_same(body: Body) -> None:
    found = delete_entry(deletion(CONFIG_MAP, body))
    assert (found["before_header"], found["before"], found["after"]) == ("ConfigMap shop/web", "", "")


def test_every_key_of_a_secret_shows_whether_it_changes() -> None:
    last = "kubectl.kubernetes.io/last-applied-configuration"
    live = {"data": {"same": CANARY, "moved": CANARY, "gone": CANARY}, "metadata": {"annotations": {last: CANARY}}}
    desired = {"data": {"same": CANARY, "moved": f"x{CANARY}", "new": CANARY}, "metadata": live["metadata"]}
    found = updated(SECRET, live, desired)
    before, after = yaml.safe_load(found["before"]), yaml.safe_load(found["after"])
    assert set(before["data"]) == {"same", "moved", "gone"}
    assert set(after["data"]) == {"same", "moved", "new"}
    assert before["data"]["same"] == after["data"]["same"] == "(unchanged)"
    assert before["data"]["moved"] != after["data"]["moved"]
    assert after["metadata"]["annotations"][last] == "(unchanged)"


VALUES = st.sampled_from([CANARY, f"x{CANARY}", ""])
MAPS = st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3)
SECRETS = st.fixed_dictionaries(
    {}, optional={"data": MAPS, "stringData": MAPS, "metadata": st.fixed_dictionaries({"annotations": MAPS})}
)


@given(SECRETS, SECRETS)
def test_no_value_of_a_secret_reaches_a_text(live: Any, desired: Any) -> None:
    entries = [
        updated(SECRET, live, desired, ("b", "r")),
        create_entry(SECRET, desired),
        delete_entry(deletion(SECRET, live)),
        entry(SECRET, live, desired),
    ]
    assert CANARY not in json.dumps(entries)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J",
        "a\x07b",
        "a\u009bb",
        "a\x85b",
        "a\u2028b",
        "safe\u202etxt.exe",
        "a\rb",
        "\ud800",
        "x\x00",
        "a\n\x1b]0;t\x07",
    ],
)
def test_nothing_in_a_value_or_a_key_can_steer_a_terminal(text: str) -> None:
    found = entry(CONFIG_MAP, None, {"data": {f"k{text}": text, "list": [text]}})["after"]
    assert found.replace("\n", "").isprintable()
    if text.isprintable() or "\ud800" not in text:
        assert yaml.safe_load(found) == {"data": {f"k{text}": text, "list": [text]}}


def test_letters_of_any_script_stay_readable() -> None:
    assert "grüße 世界" in entry(CONFIG_MAP, None, {"data": {"a": "grüße 世界"}})["after"]


def test_a_text_of_several_lines_is_shown_line_by_line() -> None:
    assert entry(CONFIG_MAP, None, {"data": {"a": "one\ntwo\n"}})["after"] == "data:\n  a: |\n    one\n    two\n"


def test_parts_that_bodies_share_have_no_anchors() -> None:
    shared = {"cpu": "1"}
    assert "&" not in entry(CONFIG_MAP, None, {"a": shared, "b": shared})["after"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=3))
def test_the_text_is_yaml_of_the_values_and_safe_to_print(values: Any) -> None:
    found = entry(CONFIG_MAP, None, {"list": values})["after"]
    assert yaml.safe_load(found) == {"list": values}
    assert found.replace("\n", "").isprintable()


def entries(count: int, asked: list[int] | None = None) -> Iterator[Entry]:
    for number in range(count):
        if asked is not None:
            asked.append(number)
        yield {"before": "", "after": "x" * 100}


SIZE = len(json.dumps(next(entries(1))))


@pytest.mark.parametrize(
    ("count", "limit", "kept", "more"),
    [(0, 10, 0, 0), (3, 3 * SIZE, 3, 0), (3, 3 * SIZE - 1, 2, 1), (5, SIZE, 1, 4), (5, SIZE - 1, 0, 5)],
)
def test_only_whole_entries_are_kept_and_the_rest_is_counted(count: int, limit: int, kept: int, more: int) -> None:
    found, rest = within(entries(count), limit)
    assert (len(found), rest) == (kept, more)
    assert within(entries(count), limit, count) == (found, rest)


def test_what_is_not_shown_is_not_rendered_when_the_total_is_known() -> None:
    asked: list[int] = []
    assert within(entries(1000, asked), SIZE, 1000)[1] == 999
    assert asked == [0, 1]
