# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory goes into Secrets and comes out as it was; what is damaged is named, and never built upon."""

from __future__ import annotations

import gzip
import json
import random
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory import codec
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import MOST_HEAD, decode, encode, writes
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    NO_LABELS,
    NOT_LACKING,
    BackupInventory,
    InventoryEntry,
    Lacking,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import (
    HEAD,
    MOST_FACT,
    digest_of,
    shard_name,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.packed import secret_of
from ansible_collections.standby.velero.plugins.module_utils._inventory.rows import MOST_ROWS, MOST_TEXT
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from hypothesis import given, settings
from hypothesis import strategies as st

INFO = BackupInfo(
    name="nightly-20261124020000",
    schedule="nightly",
    started="2026-11-24T02:00:00Z",
    completed="2026-11-24T02:04:00Z",
    phase="Completed",
    errors=0,
    scope="c0ffee",
    source="11111111-2222-3333-4444-555555555555",
    objects=900,
)


def entries_of(*numbers):
    return {
        ObjectKey("", "ConfigMap", f"n{number % 50}", f"c{number}"): InventoryEntry(
            f"u{number}", f"p{number}", f"n{number % 50}"
        )
        for number in numbers
    }


def restored(name, entries, schedule="nightly", selection="all"):
    scope = RestoreScope(replace(INFO, name=name, schedule=schedule), selection, len(entries) + 5)
    return BackupInventory(scope, entries)


def stored(encoded):
    """The Secrets as an API server gives them back."""
    secrets = {name: encoded.secret(name, "standby-velero") for name in (HEAD, *encoded.shards)}
    secrets = json.loads(json.dumps(secrets))
    return secrets.pop(HEAD), secrets


def there_and_back(inventory):
    return decode(*stored(encode(inventory)))


INVENTORY = (
    restored("b1", entries_of(1, 2)),
    restored("other", entries_of(3), "weekly"),
    restored("b2", entries_of(*range(4, 99))),
)

# any inventory: keys in no two backups

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
words = st.sampled_from(["", "a", "b", "kube-system", "é"])
object_keys = st.builds(ObjectKey, words, words, words, texts)
plain = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=6)
lacking = st.just(NOT_LACKING) | st.builds(Lacking, st.integers(1, 1000), plain)
labels = st.just(NO_LABELS) | st.tuples(st.sampled_from("abc"), st.sampled_from("rs"))
some_entries = st.builds(InventoryEntry, texts, texts, words, lacking, labels)
numbers = st.integers(0, 1 << 40)
infos = st.builds(BackupInfo, plain, words, plain, plain, plain, numbers, plain, plain, numbers)


@st.composite
def inventories(draw):
    heads = draw(st.lists(st.tuples(infos, words, numbers, labels, st.booleans()), max_size=5))
    rows = draw(st.dictionaries(object_keys, some_entries, max_size=30)) if heads else {}
    owners = [draw(st.integers(0, len(heads) - 1)) for row in rows]
    return tuple(
        BackupInventory(
            RestoreScope(*head),
            {key: entry for (key, entry), owner in zip(rows.items(), owners, strict=True) if owner == at},
        )
        for at, head in enumerate(heads)
    )


@settings(max_examples=150, deadline=None)
@given(inventories())
def test_every_inventory_comes_back_as_it_was(inventory):
    assert there_and_back(inventory) == inventory


@settings(max_examples=100, deadline=None)
@given(inventories(), st.randoms())
def test_the_order_of_the_objects_does_not_matter(inventory, shuffler):
    mixed = []
    for part in inventory:
        rows = list(part.entries.items())
        shuffler.shuffle(rows)
        mixed.append(replace(part, entries=dict(rows)))
    assert encode(tuple(mixed)) == encode(inventory)


def test_a_large_inventory_comes_back_as_it_was():
    inventory = (restored("b1", entries_of(*range(500))), restored("b2", entries_of(*range(500, 30_000))))
    assert there_and_back(inventory) == inventory


def test_nothing_on_the_target_is_an_empty_inventory():
    assert decode(None, {}) == ()


def test_shards_without_a_head_are_what_a_run_left_that_ended_too_early():
    assert decode(None, stored(encode(INVENTORY))[1]) == ()


def test_an_empty_inventory_is_a_head_without_shards():
    assert there_and_back(()) == ()
    assert encode(()).shards == {}


def test_the_format_is_this_one():
    """Whoever changes it, a field of BackupInfo included, gives it another number."""
    entries = {ObjectKey("", "ConfigMap", "shop", "app"): InventoryEntry("u1", "p1", "store", labels=("b", "r"))}
    encoded = encode((BackupInventory(RestoreScope(INFO, "all", 950, ("b", "r")), entries),))
    [(name, text)] = encoded.shards.items()
    assert name == "state-05ec765d1b23"
    row = ["d789002237d6b92e", "", "ConfigMap", "shop", "store", "", "", "=", "=", ["app"], ["u1"], ["p1"]]
    assert json.loads(text) == [row]
    assert json.loads(encoded.head(4)) == {
        "format": 4,
        "counter": 4,
        "backups": [
            {
                "slot": "d789002237d6b92e",
                "name": "nightly-20261124020000",
                "schedule": "nightly",
                "started": "2026-11-24T02:00:00Z",
                "completed": "2026-11-24T02:04:00Z",
                "phase": "Completed",
                "errors": 0,
                "scope": "c0ffee",
                "source": "11111111-2222-3333-4444-555555555555",
                "objects": 900,
                "selection": "all",
                "selected": 950,
                "backup_label": "b",
                "restore_label": "r",
                "rebuilt": 0,
            }
        ],
        "shards": {"state-05ec765d1b23": [1, sha256(text).hexdigest()]},
    }


@pytest.mark.parametrize("number", [1, 2])
def test_an_older_format_is_read_too(number):
    """It knew no labels, the first one besides not for how long backups have lacked an object."""
    row = [BACKUPS[0]["slot"], "", "ConfigMap", "shop", "shop", ["app"], ["u"], ["p"]]
    if number == 2:
        row[5:5] = ["3", "2026-11-24T02:00:00Z"]
    text = json.dumps([row]).encode()
    name = shard_name(digest_of(text))
    entry = {field: value for field, value in BACKUPS[0].items() if field not in SINCE_LABELS}
    head = {"format": number, "backups": [entry], "shards": {name: 1}}
    secrets = secret_of(HEAD, json.dumps(head).encode(), "n"), {name: secret_of(name, text, "n")}
    [part] = decode(*secrets)
    [found] = part.entries.values()
    assert (found.uid, found.labels, found.lacking.backups) == ("u", NO_LABELS, 3 if number == 2 else 0)
    assert (part.scope.labels, part.scope.rebuilt) == (NO_LABELS, False)


SINCE_LABELS = {"backup_label", "restore_label", "rebuilt"}


def test_what_is_of_a_restore_under_another_name_keeps_its_labels():
    """A newer restore of the same backup has labels of its own, and rows that an older one wrote."""
    labels = [("b", "r"), ("b", "older"), NO_LABELS]
    keys = entries_of(1, 2, 3)
    entries = {key: one._replace(labels=said) for (key, one), said in zip(keys.items(), labels, strict=True)}
    inventory = (BackupInventory(RestoreScope(INFO, "all", 9, ("b", "r")), entries),)
    assert there_and_back(inventory) == inventory


def test_a_newer_backup_leaves_the_rows_of_what_it_labels_as_they_are():
    def after(name):
        entries = {key: one._replace(labels=(name, "r")) for key, one in MANY.items()}
        scope = RestoreScope(replace(INFO, name=name), "all", 9, (name, "r"))
        return encode((BackupInventory(scope, entries),))

    needed = writes(after("b2"), *stored(after("b1")))
    assert (needed.shards, needed.head, needed.obsolete) == ((), True, ())


# what is written

MANY = entries_of(*range(5 * MOST_ROWS))


def test_a_run_that_changes_nothing_writes_nothing():
    nothing = writes(encode(INVENTORY), *stored(encode(INVENTORY)))
    assert (nothing.shards, nothing.head, nothing.obsolete) == ((), False, ())


def test_gzip_data_of_another_make_are_no_change():
    head, found = stored(encode(INVENTORY))
    text = gzip.decompress(b64decode(head["data"]["state"]))
    head["data"]["state"] = b64encode(gzip.compress(text, 9, mtime=1)).decode()
    assert not writes(encode(INVENTORY), head, found).head


@pytest.mark.parametrize("leftovers", [(), (restored("b0", entries_of(-1, -2)),)])
def test_a_newer_backup_with_the_same_objects_changes_the_head_alone(leftovers):
    before, after = (*leftovers, restored("b1", MANY)), (*leftovers, restored("b2", MANY))
    needed = writes(encode(after), *stored(encode(before)))
    assert (needed.shards, needed.head, needed.obsolete) == ((), True, ())


def test_each_backup_that_lacks_objects_changes_their_shard_alone():
    """Their number is counted; they have a shard of their own."""
    left = entries_of(-1, -2)

    def after(backups):
        counted = {key: entry._replace(lacking=Lacking(backups, f"b{backups}")) for key, entry in left.items()}
        return encode((restored("b0", counted), restored("b9", MANY)))

    needed = writes(after(2), *stored(after(1)))
    assert (len(needed.shards), needed.head, len(needed.obsolete)) == (1, True, 1)
    tables = json.loads(after(2).shards[needed.shards[0]])
    assert [table[3:7] for table in tables] == [["n48", "n48", "2", "b2"], ["n49", "n49", "2", "b2"]]


def test_two_schedules_in_turn_change_the_head_alone():
    one, other = restored("b1", MANY), restored("w1", entries_of(-1), "weekly")
    needed = writes(encode((one, other)), *stored(encode((other, one))))
    assert (needed.shards, needed.head, needed.obsolete) == ((), True, ())


def test_few_changes_change_few_shards():
    key = next(iter(MANY))
    less = {other: entry for other, entry in MANY.items() if other != key}
    after = (restored("b1", {key: MANY[key]}), restored("b2", less))
    needed = writes(encode(after), *stored(encode((restored("b1", MANY),))))
    assert needed.head
    assert len(needed.shards) == len(needed.obsolete) == 1
    assert len(encode(after).shards) >= 5


def test_the_first_inventory_writes_all():
    needed = writes(encode(INVENTORY), None, {})
    assert (needed.shards, needed.head, needed.obsolete) == (tuple(encode(INVENTORY).shards), True, ())


def test_what_a_killed_run_left_is_used_or_removed():
    """Its shards were written, its head was not."""
    before, after = encode((restored("b1", entries_of(1)),)), encode((restored("b1", entries_of(2)),))
    head, found = stored(before)
    found.update(stored(after)[1])
    assert decode(head, found) == (restored("b1", entries_of(1)),)
    assert writes(after, head, found).shards == ()
    assert writes(before, head, found).obsolete == tuple(after.shards)


def test_a_shard_that_is_there_but_damaged_is_written_anew_and_other_secrets_are_let_be():
    encoded = encode(INVENTORY)
    head, found = stored(encoded)
    [name] = found
    found = {name: {**found[name], "data": {}}, "state-of-the-art": {}}
    needed = writes(encoded, head, found)
    assert (needed.shards, needed.head, needed.obsolete) == ((name,), False, ())


# what cannot be kept


def test_a_row_that_no_api_server_has_is_forgotten_and_reported():
    bad = ObjectKey("", "ConfigMap", "shop", "\ud800")
    inventory = (restored("b1", {**entries_of(1), bad: InventoryEntry("u", "p", "shop")}),)
    encoded = encode(inventory)
    assert encoded.forgotten == (bad,)
    assert decode(*stored(encoded)) == (replace(inventory[0], entries=entries_of(1)),)


def test_the_oldest_backups_are_forgotten_when_there_are_too_many_for_one_secret():
    noise = random.Random(3)
    inventory = tuple(
        restored(f"{noise.getrandbits(4000):x}"[:MOST_FACT], entries_of(number)) for number in range(2500)
    )
    encoded = encode(inventory)
    head, found = stored(encoded)
    left = decode(head, found)
    assert len(b64decode(head["data"]["state"])) <= 900_000
    assert 1000 < len(left) < len(inventory)
    assert left == inventory[-len(left) :]
    assert set(encoded.forgotten) == {key for part in inventory[: -len(left)] for key in part.entries}


def test_a_year_of_hourly_backups_with_leftovers_fits():
    inventory = tuple(
        BackupInventory(
            RestoreScope(
                replace(INFO, name=f"hourly-{20260101000000 + number * 9973}", started=f"2026-01-01T{number}:00:00Z"),
                "5f" * 32,
                1000 + number,
            ),
            entries_of(number),
        )
        for number in range(8760)
    )
    encoded = encode(inventory)
    assert encoded.forgotten == ()
    assert decode(*stored(encoded)) == inventory


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "b" * (MOST_FACT + 1)),
        ("schedule", "line\nbreak"),
        ("source", "\ud800"),
        ("errors", -1),
        ("objects", 1 << 60),
        ("phase", None),
        ("errors", "0"),
        ("errors", True),
    ],
)
def test_facts_that_are_none_are_refused_before_anything_is_written(field, value):
    with pytest.raises(StateError, match=f"cannot be kept in Secret state: its {field} is no "):
        encode((BackupInventory(RestoreScope(replace(INFO, **{field: value}), "all", 1), {}),))


# what is damaged


def head_with(**changes):
    head = json.loads(encode(INVENTORY).head())
    return secret_of(HEAD, json.dumps({**head, **changes}).encode(), "standby-velero")


def entry_with(**changes):
    entries = json.loads(encode(INVENTORY).head())["backups"]
    return [{**entries[0], **changes}, *entries[1:]]


def without(body, field):
    return {name: value for name, value in body.items() if name != field}


BACKUPS = json.loads(encode(INVENTORY).head())["backups"]
[(SHARD, (_ROWS, DIGEST))] = encode(INVENTORY).known.items()


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (secret_of(HEAD, b"{", "n"), "Secret state is damaged"),
        (secret_of(HEAD, b"[]", "n"), "Secret state is damaged"),
        (secret_of(HEAD, b"{}", "n"), "Secret state is damaged"),
        (secret_of(HEAD, b"[" * 100_000, "n"), "Secret state is damaged"),
        (secret_of(HEAD, b" " * (MOST_HEAD + 1), "n"), "Secret state is damaged: it unzips to more"),
        ({**head_with(), "data": {}}, "Secret state is not a Secret of this collection's state"),
        ({**head_with(), "type": "Opaque"}, "Secret state is not of type standby.velero/state: it is somebody else's"),
        (head_with(format=5), "Secret state is of format 5, which a newer version of this collection has written"),
        *(
            (head_with(format=value), "Secret state is damaged")
            for value in (None, 0, -1, "3", 3.0, True, [], {}, float("inf"), 10**40)
        ),
        *((head_with(counter=value), "Secret state is damaged") for value in (None, -1, "1", True, 1.5, 10**40, [])),
        (head_with(backups={}), "Secret state is damaged"),
        (head_with(backups=[1]), "Secret state is damaged"),
        (head_with(backups=["slot"]), "Secret state is damaged"),
        (head_with(backups=[*BACKUPS, BACKUPS[0]]), "Secret state is damaged"),
        (head_with(backups=[without(BACKUPS[0], "name"), *BACKUPS[1:]]), "Secret state is damaged"),
        (head_with(backups=entry_with(more="x")), "Secret state is damaged"),
        (head_with(backups=entry_with(slot=[])), "Secret state is damaged"),
        (head_with(backups=entry_with(name=7)), "Secret state is damaged"),
        (head_with(backups=entry_with(name="n" * (MOST_FACT + 1))), "Secret state is damaged"),
        (head_with(backups=entry_with(selected="7")), "Secret state is damaged"),
        (head_with(backups=entry_with(selected=1.5)), "Secret state is damaged"),
        (head_with(backups=entry_with(errors=-1)), "Secret state is damaged"),
        (head_with(backups=entry_with(slot="0")), f"Secret {SHARD} is damaged: it does not hold what it should"),
        (head_with(shards=[]), "Secret state is damaged"),
        *(
            (head_with(shards={name: said}), "Secret state is damaged")
            for name, said in (
                ("kube-root", [98, DIGEST]),
                (SHARD, None),
                (SHARD, 98),
                (SHARD, []),
                (SHARD, [98]),
                (SHARD, [98, ""]),
                (SHARD, [98, None]),
                (SHARD, [98, "0" * 64]),
                (SHARD, [98, DIGEST, 1]),
                (SHARD, [-1, DIGEST]),
                (SHARD, ["98", DIGEST]),
                (SHARD, [True, DIGEST]),
                (SHARD, {"a": 1, "b": 2}),
            )
        ),
        (
            head_with(shards={SHARD: [97, DIGEST]}),
            f"Secret {SHARD} is damaged: it adds 98 objects, and Secret state says 97",
        ),
        (
            head_with(shards={"state-000000000000": [1, "0" * 64]}),
            "Secret state-000000000000 is missing, and Secret state names it",
        ),
    ],
)
def test_a_damaged_head_is_named(head, text):
    with pytest.raises(StateError) as caught:
        decode(json.loads(json.dumps(head)), stored(encode(INVENTORY))[1])
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{}", "is damaged: it is not called after what it holds"),
        (b" " * (MOST_TEXT + 1), "is damaged: it unzips to more than"),
    ],
)
def test_a_damaged_shard_is_named(text, message):
    head, found = stored(encode(INVENTORY))
    with pytest.raises(StateError, match=f"^Secret {SHARD} {message}"):
        decode(head, {**found, SHARD: secret_of(SHARD, text, "n")})


def test_a_shard_of_the_right_name_and_another_digest_is_refused(monkeypatch):
    """Its name has twelve digits of it, which somebody could find another text for."""
    head, found = stored(encode(INVENTORY))
    monkeypatch.setattr(codec, "shard_name", lambda _digest: SHARD)
    other = secret_of(SHARD, b"[]", "n")
    with pytest.raises(StateError, match=f"^Secret {SHARD} is damaged: it is not called after what it holds"):
        decode(head, {**found, SHARD: other})


def made_up(tables, count):
    """An inventory that somebody wrote by hand, with names that fit."""
    text = json.dumps(tables).encode()
    name = shard_name(digest_of(text))
    return head_with(shards={name: [count, digest_of(text)]}), {name: secret_of(name, text, "n")}


def test_an_object_that_stands_under_two_backups_is_refused():
    row = ["", "ConfigMap", "shop", "shop", ["app"], ["u"], ["p"]]
    with pytest.raises(StateError, match="Secret state is damaged: an object stands under two backups"):
        decode(*made_up([[BACKUPS[0]["slot"], *row], [BACKUPS[2]["slot"], *row]], 2))


def test_an_object_that_stands_twice_under_one_backup_is_refused():
    row = [BACKUPS[0]["slot"], "", "ConfigMap", "shop", "shop", ["app", "app"], ["u", "v"], ["p", "p"]]
    with pytest.raises(StateError, match="is damaged: it adds 1 objects, and Secret state says 2"):
        decode(*made_up([row], 2))


def test_rows_that_are_malformed_are_refused():
    with pytest.raises(StateError, match=r"^Secret state-[0-9a-f]{12} is damaged: it does not hold what it should"):
        decode(*made_up([[BACKUPS[0]["slot"], "", "ConfigMap", "shop", "shop", ["app"], [7], ["p"]]], 1))


def test_all_shards_together_are_bounded(monkeypatch):
    encoded = encode((restored("b1", MANY),))
    monkeypatch.setattr(codec, "MOST_ALL", sum(map(len, encoded.shards.values())) - 1)
    with pytest.raises(StateError, match="unzips to more than"):
        decode(*stored(encoded))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(junk)
def test_junk_is_a_state_error_and_nothing_else(value):
    with pytest.raises(StateError):
        decode(secret_of(HEAD, json.dumps(value).encode(), "n"), {})
    for field in ("backups", "shards"):
        if value not in ([], {}):
            with pytest.raises(StateError):
                decode(head_with(**{field: value}), {})
    if value != []:
        with pytest.raises(StateError):
            decode(*made_up(value, 1))
