# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory before, during and after restores, as a table of runs and as rules that every history keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import encode, writes
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import HEAD
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import COPIED
from ansible_collections.standby.velero.plugins.module_utils._inventory.merge import (
    planned_keys,
    record_planned,
    record_restored,
    with_keys,
    with_production,
    with_uids,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from hypothesis import given, settings
from hypothesis import strategies as st


def part(backup, schedule="nightly", selection="all", **uids):
    """`web="u1"`: ConfigMap web, which the target has with this UID; an empty one where it is not known."""
    entries = {key_of(name): InventoryEntry(uid, f"p-{name}", "shop") for name, uid in uids.items()}
    return BackupInventory(RestoreScope(BackupInfo(backup, schedule), selection, 10), entries)


def key_of(name):
    return ObjectKey("", "ConfigMap", "shop", name)


def shown(inventory):
    """`b1: web=u1`, so that an inventory can be read."""
    return [
        " ".join(
            [f"{one.scope.backup.name}:", *sorted(f"{key.name}={entry.uid}" for key, entry in one.entries.items())]
        )
        for one in inventory
    ]


B1 = part("b1", web="u1", api="u2", old="u3")


@pytest.mark.parametrize(
    ("inventory", "planned", "expected"),
    [
        ((), part("b1", web="u1"), ["b1: web="]),
        ((), part("b1", web=""), ["b1: web="]),
        ((B1,), part("b2", web="", api="other", new="u9"), ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1,), part("b2", web="", api="", old=""), ["b1: api=u2 old=u3 web=u1", "b2:"]),
        ((B1,), part("b2"), ["b1: api=u2 old=u3 web=u1", "b2:"]),
        ((B1,), part("b1", web="", new=""), ["b1: api=u2 new= old=u3 web=u1"]),
        ((B1,), part("w1", "weekly", web="", new=""), ["b1: api=u2 old=u3 web=u1", "w1: new="]),
        ((B1,), part("b2", selection="part", web="", new=""), ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1, part("b2", new="")), part("b3", new="u9"), ["b1: api=u2 old=u3 web=u1", "b2: new=", "b3:"]),
        ((B1, part("b2", x="u8")), part("b1", web="", x=""), ["b2: x=u8", "b1: api=u2 old=u3 web=u1"]),
        ((B1, part("b2", x="u8", y="u9")), part("b1", x=""), ["b2: x=u8 y=u9", "b1: api=u2 old=u3 web=u1"]),
    ],
    ids=[
        "a first run names the keys and claims none",
        "a key to be created has no UID yet",
        "proven entries stay where they are until the run has ended",
        "also when the newer backup has them all",
        "an empty backup takes nothing away",
        "the same backup once more adds keys",
        "entries of another schedule stay where they are",
        "entries of another selection stay where they are",
        "a key without a UID stays without",
        "an older backup restored again is the last",
        "and what the newer one has stays there",
    ],
)
def test_what_is_planned_is_named_and_no_more_is_proven_than_before(inventory, planned, expected):
    assert shown(record_planned(inventory, planned)) == expected


@pytest.mark.parametrize(
    ("inventory", "restored", "gone", "expected"),
    [
        ((), part("b1", web="u1"), [], ["b1: web=u1"]),
        ((B1,), part("b2", web="u1", api="u2"), [], ["b1: old=u3", "b2: api=u2 web=u1"]),
        ((B1,), part("b2", web="u1", api="u2"), ["old"], ["b2: api=u2 web=u1"]),
        ((B1,), part("b2", web="u5", api="u2", old="u3"), [], ["b2: api=u2 old=u3 web=u5"]),
        ((B1,), part("b2", web="", api="u2"), [], ["b1: old=u3 web=u1", "b2: api=u2"]),
        ((B1,), part("b2", api="u2"), [], ["b1: old=u3 web=u1", "b2: api=u2"]),
        ((B1,), part("b2", new=""), [], ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1,), part("w1", "weekly", web="u1"), [], ["b1: api=u2 old=u3", "w1: web=u1"]),
        ((B1,), part("w1", "weekly", web=""), [], ["b1: api=u2 old=u3 web=u1", "w1:"]),
        ((B1,), part("b2", web="u1"), ["api", "old", "web", "never"], ["b2:"]),
        ((B1,), part("w1", "weekly"), ["api", "old", "web"], ["b1:", "w1:"]),
        ((part("b1", web=""),), part("b2", web="u1"), [], ["b2: web=u1"]),
    ],
    ids=[
        "a first run",
        "what the backup lacks stays under the one that had it",
        "unless it was pruned",
        "an object made anew has its new UID",
        "one that failed keeps its older entry",
        "one that was left out stays under its older backup",
        "one that failed and was never there is named still",
        "another schedule takes over what it restored",
        "but not what failed",
        "the last backup of its schedule and selection is remembered without entries",
        "each of them",
        "what a killed run had planned is proven by the next",
    ],
)
def test_what_is_recorded_in_the_end_is_what_is_on_the_target(inventory, restored, gone, expected):
    assert shown(record_restored(inventory, restored, [key_of(name) for name in gone])) == expected


def test_the_entries_of_the_restored_backup_are_taken_whole():
    moved = replace(part("b2"), entries={key_of("web"): InventoryEntry("u1", "p-new", "store")})
    [_older, last] = record_restored((B1,), moved, ())
    assert last.entries == {key_of("web"): InventoryEntry("u1", "p-new", "store")}


def test_a_killed_run_proves_nothing_of_what_it_created():
    """It has created `new`. Whoever made the object that the target has by that name, it is not proven to be ours."""
    killed = record_planned((B1,), part("b2", web="", api="", new=""))
    uids = {key.name: entry.uid for key, entry in by_key(killed).items()}
    assert uids == {"web": "u1", "api": "u2", "old": "u3", "new": ""}
    again = record_restored(
        record_planned(killed, part("b2", web="", api="", new="")), part("b2", web="u1", api="u2", new="u9"), ()
    )
    assert again == record_restored(
        record_planned((B1,), part("b2", web="", api="", new="")), part("b2", web="u1", api="u2", new="u9"), ()
    )
    assert shown(again) == ["b1: old=u3", "b2: api=u2 new=u9 web=u1"]


def test_a_backup_with_the_same_objects_needs_one_write_of_the_head():
    def secrets(inventory):
        encoded = encode(inventory)
        return encoded.secret(HEAD, "n"), {name: encoded.secret(name, "n") for name in encoded.shards}

    newer = replace(B1, scope=part("b2").scope)
    planned = record_planned((B1,), newer)
    restored = record_restored(planned, newer, ())
    assert restored == (newer,)
    for before, after in (((B1,), planned), (planned, restored)):
        needed = writes(encode(after), *secrets(before))
        assert (needed.shards, needed.head, needed.obsolete) == ((), True, ())
    assert record_planned(restored, newer) == restored


def test_what_is_planned_is_written_to_a_shard_of_its_own_and_leaves_the_others():
    newer = part("b2", web="", api="", new="")
    before, after = encode((B1,)), encode(record_planned((B1,), newer))
    assert before.shards.items() < after.shards.items()
    assert len(after.shards) == len(before.shards) + 1


# rules of every history

names = st.sampled_from("abcdef")
uids = st.sampled_from(["", "u1", "u2", "u3"])
backups = st.builds(
    lambda number, schedule, selection, found: part(f"b{number}", schedule, selection, **found),
    st.integers(1, 4),
    st.sampled_from(["", "nightly", "weekly"]),
    st.sampled_from(["all", "part"]),
    st.dictionaries(names, uids, max_size=6),
)
runs = st.tuples(backups, st.sets(names, max_size=2), st.booleans(), st.dictionaries(names, uids, max_size=6))


@st.composite
def histories(draw):
    """An inventory after some runs, each of them killed or carried to its end."""
    inventory = ()
    for planned, gone, killed, found in draw(st.lists(runs, max_size=6)):
        inventory = record_planned(inventory, planned)
        if not killed:
            known = {key: entry._replace(uid=found.get(key.name, entry.uid)) for key, entry in planned.entries.items()}
            inventory = record_restored(inventory, replace(planned, entries=known), {key_of(name) for name in gone})
    return inventory


def by_key(inventory):
    return {key: entry for one in inventory for key, entry in one.entries.items()}


def proven(inventory):
    return {key: entry for key, entry in by_key(inventory).items() if entry.uid}


def restore_of(one):
    """Which backup was restored with which selection."""
    return one.scope.backup, one.scope.selection


def is_sound(inventory, last):
    count = sum(len(one.entries) for one in inventory)
    lines = [(one.scope.backup.schedule, one.scope.selection) for one in inventory]
    newest = {line: at for at, line in enumerate(lines)}
    return (
        count == len(planned_keys(inventory))
        and restore_of(inventory[-1]) == restore_of(last)
        and len(set(map(restore_of, inventory))) == len(inventory)
        and all(one.entries or newest[lines[at]] == at for at, one in enumerate(inventory))
    )


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_recording_a_plan_loses_nothing_and_proves_nothing_new(inventory, planned):
    merged = record_planned(inventory, planned)
    assert is_sound(merged, planned)
    assert planned_keys(merged) == planned_keys(inventory) | planned.entries.keys()
    assert proven(merged) == proven(inventory)
    assert record_planned(merged, planned) == merged


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_recording_a_plan_leaves_other_schedules_and_selections_alone(inventory, planned):
    def others(inventory):
        return [one for one in inventory if one.scope.line != planned.scope.line]

    assert others(record_planned(inventory, planned)) == others(inventory)


@settings(max_examples=200, deadline=None)
@given(histories(), backups, st.sets(names, max_size=3))
def test_the_inventory_in_the_end_lacks_what_is_gone_and_no_more(inventory, restored, gone):
    missing = {key_of(name) for name in gone}
    ended = record_restored(inventory, restored, missing)
    assert is_sound(ended, restored)
    assert planned_keys(ended) == (planned_keys(inventory) | restored.entries.keys()) - missing
    before, after = by_key(inventory), by_key(ended)
    for key, entry in restored.entries.items() - {(key, restored.entries.get(key)) for key in missing}:
        if entry.uid:
            assert ended[-1].entries[key] == entry
        elif key in before and before[key].uid:
            assert after[key] == before[key]
    assert all(after[key] == before[key] for key in before.keys() - restored.entries.keys() - missing)
    assert record_restored(ended, restored, missing) == ended


@settings(max_examples=200, deadline=None)
@given(histories(), backups, st.sets(names, max_size=3))
def test_a_run_that_follows_a_killed_one_ends_where_that_would_have(inventory, restored, gone):
    missing = {key_of(name) for name in gone}
    assert record_restored(record_planned(inventory, restored), restored, missing) == record_restored(
        inventory, restored, missing
    )


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_older_backups_keep_their_order(inventory, planned):
    before = list(map(restore_of, inventory))
    after = list(map(restore_of, record_planned(inventory, planned)[:-1]))
    assert after == [one for one in before if one in after]


OTHER, OWN = ("b1", "again"), ("b1", "first")


@pytest.mark.parametrize(("written", "kept"), [(OWN, OWN), (OTHER, OTHER)], ids=["none", "some"])
def test_a_restore_that_labels_nothing_leaves_the_labels_of_the_one_before(written, kept):
    """Else the next run of the same backup under another name would write an inventory that says nothing new."""
    before = part("b1", web="u1")
    rows = {key: entry._replace(labels=OWN) for key, entry in before.entries.items()}
    before = replace(before, scope=before.scope._replace(labels=OWN), entries=rows)
    done = {key: entry._replace(labels=written) for key, entry in rows.items()}
    (after,) = record_restored((before,), replace(before, scope=before.scope._replace(labels=OTHER), entries=done), ())
    assert after.scope.labels == kept
    assert (after == before) is (written == OWN)


# What production has of what sleeps


def with_held(one, **held):
    entries = {key: entry._replace(held=held.get(key.name, entry.held)) for key, entry in one.entries.items()}
    return replace(one, entries=entries)


def held_in(inventory):
    return {key.name: entry.held for one in inventory for key, entry in one.entries.items() if entry.held}


@pytest.mark.parametrize("planned", ["b1", "b2"])
def test_what_production_has_by_now_is_known_before_the_first_write(planned):
    before = with_held(B1, web="3", api="1")
    found = record_planned((before,), with_held(part(planned, web=""), web="5"))
    assert held_in(found) == {"web": "5", "api": "1"}
    assert {key.name: entry.uid for key, entry in found[0].entries.items()} == {"web": "u1", "api": "u2", "old": "u3"}


def test_what_is_planned_awake_is_remembered_until_it_is():
    before = with_held(B1, web="3")
    assert held_in(record_planned((before,), part("b2", web=""))) == {"web": "3"}
    assert not held_in(record_restored((before,), part("b2", web="u1"), ()))


def test_what_failed_keeps_what_was_known_last():
    planned = record_planned((with_held(B1, web="3"),), with_held(part("b2", web=""), web="5"))
    assert held_in(record_restored(planned, part("b2", api="u2"), ())) == {"web": "5"}


def test_what_is_woken_is_forgotten_and_what_is_put_to_sleep_is_known():
    before = (with_held(B1, web="3"), part("b2", new="u9", unproven=""))
    found = with_production(before, {key_of("web"): "", key_of("new"): "4", key_of("unproven"): "5", key_of("x"): "6"})
    assert held_in(found) == {"new": "4"}
    assert with_production(found, {}) == found


def test_what_is_put_to_sleep_is_the_target_s_own_no_more():
    own = replace(B1, entries={key: entry._replace(own=True) for key, entry in B1.entries.items()})
    (found,) = with_production((own,), {key_of("web"): "3"})
    assert {key.name for key, entry in found.entries.items() if not entry.own} == {"web"}


def test_what_an_activation_made_of_a_copy_has_its_uid_and_no_other_row_changes():
    (plain,) = (part("b1", web="u1", copied="s1"),)
    rows = {key_of("copied"): plain.entries[key_of("copied")]._replace(held=COPIED)}
    before = (replace(plain, entries={**plain.entries, **rows}),)
    found = with_uids(before, {key_of("copied"): "made", key_of("web"): "u2", key_of("unknown"): "u3"})
    assert shown(found) == ["b1: copied=made web=u1"]
    assert with_uids(before, {key_of("copied"): ""}) == with_uids(before, {key_of("copied"): "s1"}) == before


def test_a_key_that_is_known_elsewhere_is_the_same_one():
    web, gone = key_of("web"), key_of("gone")
    (found,) = with_keys((B1,), [web, gone])
    assert found == B1
    assert list(found.entries) == list(B1.entries)
    assert next(key for key in found.entries if key == web) is web
    assert gone not in found.entries


def test_an_inventory_of_which_all_is_restored_copies_nothing():
    restored = part("b1", web="u1", api="u2", old="u3")
    *_older, last = record_restored((B1,), restored, ())
    assert last.entries is restored.entries
