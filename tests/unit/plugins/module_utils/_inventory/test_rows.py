# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows are dealt out to shards by their keys, and each shard fits a Secret."""

from __future__ import annotations

import json
import random
import uuid
from base64 import b64decode

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory import rows as module
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry, Lacking
from ansible_collections.standby.velero.plugins.module_utils._inventory.packed import secret_of
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import MOST
from ansible_collections.standby.velero.plugins.module_utils._inventory.rows import (
    MOST_FIELD,
    MOST_ROWS,
    fit,
    read,
    shards,
    tables_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey

TABLE = ["s", "apps", "Deployment", "shop", "store", ["web"], ["u1"], ["p1"]]


def key_of(number, namespace="shop"):
    return ObjectKey("", "ConfigMap", namespace, f"c{number}")


def objects_of(numbers, namespace="shop"):
    return {key_of(number, namespace): InventoryEntry(f"u{number}", f"p{number}", namespace) for number in numbers}


def texts_of(objects):
    return dict(shards(tables_of("s", objects)))


def unpacked_size(text):
    return len(b64decode(secret_of("s", text, "n")["data"]["state"]))


def test_a_shard_is_a_list_of_tables_with_columns():
    objects = {
        ObjectKey("apps", "Deployment", "shop", "web"): InventoryEntry("u1", "p1", "store"),
        ObjectKey("apps", "Deployment", "shop", "api"): InventoryEntry("u2", "", "store"),
        ObjectKey("", "Namespace", "", "shop"): InventoryEntry("", "p3", ""),
    }
    [(text, count)] = shards(tables_of("s", objects))
    assert count == 3
    assert json.loads(text) == [
        ["s", "", "Namespace", "", "", "", "", "", "", ["shop"], [""], ["p3"]],
        ["s", "apps", "Deployment", "shop", "store", "", "", "", "", ["api", "web"], ["u2", "u1"], ["", "p1"]],
    ]


def test_no_rows_take_no_shard():
    assert list(shards([])) == []


def test_the_order_of_the_objects_does_not_matter():
    objects = objects_of(range(3 * MOST_ROWS))
    turned = dict(reversed(objects.items()))
    assert texts_of(turned) == texts_of(objects)


def test_a_changed_row_changes_one_shard():
    old = objects_of(range(5 * MOST_ROWS))
    new = {**old, key_of(7): InventoryEntry("another", "p7", "shop")}
    before, after = texts_of(old), texts_of(new)
    assert len(before) == len(after) >= 5
    assert len(after.keys() - before.keys()) == 1


def test_a_full_shard_is_split_and_the_others_stay():
    old = objects_of(range(5 * MOST_ROWS))
    crowd = {f"d{number}" for number in range(MOST_ROWS)}
    new = {**old, **{ObjectKey("", "Secret", "blog", name): InventoryEntry("u", "p", "blog") for name in crowd}}
    before, after = texts_of(old), texts_of(new)
    assert sum(after.values()) == len(new)
    assert len(before.keys() & after.keys()) >= len(before) - 1


def test_a_namespace_stays_together():
    objects = {}
    for number in range(100):
        objects.update(objects_of(range(100), f"team-{number}"))
    holding = [{table[3] for table in json.loads(text)} for text in texts_of(objects)]
    assert sum(map(len, holding)) == 100


def test_rows_of_made_up_names_with_the_same_hash_are_split_too(monkeypatch):
    monkeypatch.setattr(module, "crc32", lambda _text: 7)
    objects = objects_of(range(3 * MOST_ROWS))
    texts = texts_of(objects)
    assert sum(texts.values()) == len(objects)
    assert max(texts.values()) <= MOST_ROWS
    assert texts_of(dict(reversed(objects.items()))) == texts


@pytest.mark.parametrize("letters", ["abcdef0123456789", "".join(map(chr, range(33, 127))), "\N{HAMMER}é\x00€"])
def test_the_largest_rows_of_random_text_keep_every_secret_below_its_bound(letters):
    made = random.Random(5)

    def text(length):
        return "".join(made.choices(letters, k=length))

    def key():
        return ObjectKey(text(253), text(63), text(63), text(MOST_FIELD))

    objects = {key(): InventoryEntry(text(MOST_FIELD), text(MOST_FIELD), text(63)) for number in range(300)}
    texts = texts_of(objects)
    assert sum(texts.values()) == len(objects)
    assert max(map(unpacked_size, texts)) <= MOST == 900_000


def test_full_shards_of_real_sizes_stay_far_below_the_bound():
    objects = {
        ObjectKey("", "Secret", "shop", f"s-{uuid.uuid4()}"): InventoryEntry(
            str(uuid.uuid4()), str(uuid.uuid4()), "shop"
        )
        for number in range(MOST_ROWS)
    }
    [(text, count)] = shards(tables_of("s", objects))
    assert count == MOST_ROWS
    assert unpacked_size(text) < MOST / 2


@pytest.mark.parametrize(
    ("key", "entry", "expected"),
    [
        (key_of(1), InventoryEntry("", "", ""), True),
        (
            ObjectKey("rbac.authorization.k8s.io", "ClusterRole", "", "é: [§] " * 100),
            InventoryEntry("u", "p", ""),
            True,
        ),
        (ObjectKey("", "ConfigMap", "shop", "c" * (MOST_FIELD + 1)), InventoryEntry("u", "p", "shop"), False),
        (key_of(1), InventoryEntry("u", "p" * (MOST_FIELD + 1), "shop"), False),
        (key_of(1), InventoryEntry("u", "p", "shop", Lacking(1, "s" * (MOST_FIELD + 1))), False),
        (key_of(1), InventoryEntry("u", "p", "shop", Lacking(1, "2026-11-24T02:00:00Z")), True),
        (ObjectKey("", "ConfigMap", "shop", "\ud800"), InventoryEntry("u", "p", "shop"), False),
        (key_of(1), InventoryEntry("u", "\ud83d\ude00", "shop"), False),
    ],
)
def test_only_what_an_api_server_may_have_is_fit(key, entry, expected):
    assert fit(key, entry) is expected
    if not expected:
        with pytest.raises(ValueError, match=r"surrogates|too long"):
            texts_of({key: entry})


def test_a_shard_is_read_into_its_part_of_the_inventory():
    parts = {"s": {}, "t": {}}
    assert read(json.dumps([TABLE]).encode(), parts) == 1
    assert parts == {
        "s": {ObjectKey("apps", "Deployment", "shop", "web"): InventoryEntry("u1", "p1", "store")},
        "t": {},
    }
    key, entry = next(iter(parts["s"].items()))
    assert (type(key), type(entry)) == (ObjectKey, InventoryEntry)


AWAY = [*TABLE[:5], "3", "2026-11-24T02:00:00Z", *TABLE[5:]]
AWAY_NOW = [*AWAY[:7], "", "", *AWAY[7:]]
"""Since there are labels in it."""


def test_what_was_written_before_there_were_labels_is_read():
    parts = {"s": {}}
    assert read(json.dumps([AWAY]).encode(), parts, {"s": ("b", "r")}) == 1
    entry = parts["s"].popitem()[1]
    assert (entry.lacking, entry.labels) == (Lacking(3, "2026-11-24T02:00:00Z"), ("", ""))


@pytest.mark.parametrize(
    ("labels", "said"),
    [(("b", "r"), ["=", "="]), (("a", "r"), ["a", "r"]), (("", ""), ["", ""])],
    ids=["of its restore", "of an earlier one", "none"],
)
def test_labels_are_those_of_its_restore_where_they_are(labels, said):
    """So a newer backup changes no row."""
    key = ObjectKey("apps", "Deployment", "shop", "web")
    objects = {key: InventoryEntry("u1", "p1", "store", labels=labels)}
    [(text, _count)] = shards(tables_of("s", objects, ("b", "r")))
    assert json.loads(text) == [[*TABLE[:5], "", "", *said, *TABLE[5:]]]
    parts = {"s": {}}
    assert (read(text, parts, {"s": ("b", "r")}), parts["s"]) == (1, objects)


def test_what_backups_lack_says_how_many_have_lacked_it():
    key, entry = ObjectKey("apps", "Deployment", "shop", "web"), InventoryEntry("u1", "p1", "store")
    lacking = {key: entry._replace(lacking=Lacking(3, "2026-11-24T02:00:00Z"))}
    [(text, _count)] = shards(tables_of("s", lacking))
    assert json.loads(text) == [AWAY_NOW]
    parts = {"s": {}}
    assert (read(text, parts), parts["s"]) == (1, lacking)


def test_a_row_that_is_there_already_is_not_counted():
    assert read(json.dumps([TABLE, TABLE]).encode(), {"s": {}}) == 1


def changed(position, value):
    return [[*TABLE[:position], value, *TABLE[position + 1 :]]]


@pytest.mark.parametrize(
    "tables",
    [
        None,
        7,
        {},
        "text",
        [None],
        ["12345678"],
        [TABLE[:-1]],
        [AWAY[:-1]],
        *([[*AWAY[:5], number, *AWAY[6:]]] for number in ("", "0", "-1", "x", "٣", "1" * 10, 1, None)),
        [[*AWAY[:6], 7, *AWAY[7:]]],
        [[*TABLE, []]],
        changed(0, "unknown"),
        changed(0, ["s"]),
        changed(1, 1),
        changed(2, None),
        changed(3, {}),
        changed(4, True),
        changed(5, "w"),
        changed(5, {"web": 1}),
        changed(5, []),
        changed(5, ["web", "api"]),
        changed(5, [1]),
        changed(5, [["web"]]),
        changed(5, ["\ud800"]),
        changed(5, ["w" * (MOST_FIELD + 1)]),
        changed(6, []),
        changed(6, [None]),
        changed(7, ["p1", "p2"]),
        changed(7, [2]),
    ],
)
def test_what_is_no_shard_is_refused(tables):
    with pytest.raises((ValueError, KeyError, TypeError)):
        read(json.dumps(tables).encode(), {"s": {}})


@pytest.mark.parametrize("text", [b"", b"[", b"\xff", b"[" * 100_000, b"1" * 10_000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises((ValueError, RecursionError)):
        read(text, {"s": {}})


# What sleeps, and what is the target's own

HELD = '{"spec":{"replicas":3}}'


@pytest.mark.parametrize(
    ("entry", "rest"),
    [
        (InventoryEntry("u1", "p1", "store", held=HELD), ["", "", "", "", HELD, ""]),
        (InventoryEntry("u1", "p1", "store", own=True), ["", "", "", "", "", "own"]),
        (
            InventoryEntry("u1", "p1", "store", Lacking(2, "t"), ("b", "r"), HELD, True),
            ["2", "t", "b", "r", HELD, "own"],
        ),
    ],
)
def test_what_sleeps_says_what_production_has(entry, rest):
    objects = {ObjectKey("apps", "Deployment", "shop", "web"): entry}
    [(text, _count)] = shards(tables_of("s", objects))
    assert json.loads(text) == [[*TABLE[:5], *rest, *TABLE[5:]]]
    parts = {"s": {}}
    assert read(text, parts) == 1
    assert parts["s"] == objects


@pytest.mark.parametrize(
    "rest",
    [["", "", "", "", "", ""], ["", "", "", "", HELD, "mine"], ["x", "", "", "", HELD, ""], ["", "", "", "", HELD]],
)
def test_a_row_that_nobody_writes_is_refused(rest):
    with pytest.raises(ValueError, match=r"no |neither"):
        read(json.dumps([[*TABLE[:5], *rest, *TABLE[5:]]]).encode(), {"s": {}})


def test_a_row_with_too_much_is_not_fit():
    key = ObjectKey("apps", "Deployment", "shop", "web")
    assert not fit(key, InventoryEntry("u1", "p1", "shop", held="x" * (MOST_FIELD + 1)))
