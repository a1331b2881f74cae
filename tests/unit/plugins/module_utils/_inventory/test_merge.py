"""What is owed before, during and after restores, as a table of runs and as rules that every history keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import HEAD, encode, writes
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import BackupInventory, InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._inventory.merge import (
    keys,
    last_of_schedule,
    last_restored,
    proves,
    record_planned,
    record_restored,
    rows,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from hypothesis import given, settings
from hypothesis import strategies as st


def owing(backup, schedule="nightly", selection="all", **objects):
    """`web="u1"`: ConfigMap web, which the target has with this UID; an empty one where it is not known."""
    found = {key_of(name): InventoryEntry(uid, f"p-{name}", "shop") for name, uid in objects.items()}
    return BackupInventory(BackupInfo(backup, schedule), selection, 10, found)


def key_of(name):
    return ObjectKey("", "ConfigMap", "shop", name)


def shown(state):
    """`b1: web=u1`, so that a state can be read."""
    return [
        " ".join([f"{part.backup.name}:", *sorted(f"{key.name}={owed.uid}" for key, owed in part.objects.items())])
        for part in state
    ]


B1 = owing("b1", web="u1", api="u2", old="u3")


@pytest.mark.parametrize(
    ("state", "planned", "expected"),
    [
        ((), owing("b1", web="u1"), ["b1: web="]),
        ((), owing("b1", web=""), ["b1: web="]),
        ((B1,), owing("b2", web="", api="other", new="u9"), ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1,), owing("b2", web="", api="", old=""), ["b1: api=u2 old=u3 web=u1", "b2:"]),
        ((B1,), owing("b2"), ["b1: api=u2 old=u3 web=u1", "b2:"]),
        ((B1,), owing("b1", web="", new=""), ["b1: api=u2 new= old=u3 web=u1"]),
        ((B1,), owing("w1", "weekly", web="", new=""), ["b1: api=u2 old=u3 web=u1", "w1: new="]),
        ((B1,), owing("b2", selection="part", web="", new=""), ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1, owing("b2", new="")), owing("b3", new="u9"), ["b1: api=u2 old=u3 web=u1", "b2: new=", "b3:"]),
        ((B1, owing("b2", x="u8")), owing("b1", web="", x=""), ["b2: x=u8", "b1: api=u2 old=u3 web=u1"]),
        ((B1, owing("b2", x="u8", y="u9")), owing("b1", x=""), ["b2: x=u8 y=u9", "b1: api=u2 old=u3 web=u1"]),
    ],
    ids=[
        "a first run names the keys and claims none",
        "a key to be created has no UID yet",
        "proven rows stay where they are until the run has settled",
        "also when the newer backup has them all",
        "an empty backup takes nothing away",
        "the same backup once more adds keys",
        "rows of another schedule stay where they are",
        "rows of another selection stay where they are",
        "a key without a UID stays without",
        "an older backup restored again is the last",
        "and what the newer one has stays there",
    ],
)
def test_the_union_names_what_is_planned_and_proves_no_more_than_before(state, planned, expected):
    assert shown(record_planned(state, planned)) == expected


@pytest.mark.parametrize(
    ("state", "restored", "gone", "expected"),
    [
        ((), owing("b1", web="u1"), [], ["b1: web=u1"]),
        ((B1,), owing("b2", web="u1", api="u2"), [], ["b1: old=u3", "b2: api=u2 web=u1"]),
        ((B1,), owing("b2", web="u1", api="u2"), ["old"], ["b2: api=u2 web=u1"]),
        ((B1,), owing("b2", web="u5", api="u2", old="u3"), [], ["b2: api=u2 old=u3 web=u5"]),
        ((B1,), owing("b2", web="", api="u2"), [], ["b1: old=u3 web=u1", "b2: api=u2"]),
        ((B1,), owing("b2", api="u2"), [], ["b1: old=u3 web=u1", "b2: api=u2"]),
        ((B1,), owing("b2", new=""), [], ["b1: api=u2 old=u3 web=u1", "b2: new="]),
        ((B1,), owing("w1", "weekly", web="u1"), [], ["b1: api=u2 old=u3", "w1: web=u1"]),
        ((B1,), owing("w1", "weekly", web=""), [], ["b1: api=u2 old=u3 web=u1", "w1:"]),
        ((B1,), owing("b2", web="u1"), ["api", "old", "web", "never"], ["b2:"]),
        ((B1,), owing("w1", "weekly"), ["api", "old", "web"], ["b1:", "w1:"]),
        ((owing("b1", web=""),), owing("b2", web="u1"), [], ["b2: web=u1"]),
    ],
    ids=[
        "a first run",
        "what the backup lacks stays under the one that had it",
        "unless it was pruned",
        "an object made anew has its new UID",
        "one that failed keeps its older row",
        "one that was left out stays under its older backup",
        "one that failed and was never there is named still",
        "another schedule takes over what it restored",
        "but not what failed",
        "the last backup of its schedule and selection is remembered without rows",
        "each of them",
        "what a killed run had planned is proven by the next",
    ],
)
def test_the_settled_state_is_what_is_on_the_target(state, restored, gone, expected):
    assert shown(record_restored(state, restored, [key_of(name) for name in gone])) == expected


def test_the_rows_of_the_restored_backup_are_taken_whole():
    moved = replace(
        B1, backup=BackupInfo("b2", "nightly"), objects={key_of("web"): InventoryEntry("u1", "p-new", "store")}
    )
    [_older, last] = record_restored((B1,), moved, ())
    assert last.objects == {key_of("web"): InventoryEntry("u1", "p-new", "store")}


def test_a_killed_run_proves_nothing_of_what_it_created():
    """It has created `new`. Whoever made the object that the target has by that name, it is not proven to be ours."""
    killed = record_planned((B1,), owing("b2", web="", api="", new=""))
    claims = {key.name: owed for _owing, key, owed in rows(killed)}
    assert not proves(claims["new"], "u9")
    assert not proves(claims["new"], "")
    assert proves(claims["old"], "u3")
    assert proves(claims["web"], "u1")
    again = record_restored(
        record_planned(killed, owing("b2", web="", api="", new="")), owing("b2", web="u1", api="u2", new="u9"), ()
    )
    assert again == record_restored(
        record_planned((B1,), owing("b2", web="", api="", new="")), owing("b2", web="u1", api="u2", new="u9"), ()
    )
    assert shown(again) == ["b1: old=u3", "b2: api=u2 new=u9 web=u1"]


def test_a_backup_with_the_same_objects_needs_one_write_of_the_head():
    def secrets(state):
        encoded = encode(state)
        return encoded.secret(HEAD, "n"), {name: encoded.secret(name, "n") for name in encoded.shards}

    newer = replace(B1, backup=BackupInfo("b2", "nightly"))
    planned = record_planned((B1,), newer)
    settled = record_restored(planned, newer, ())
    assert settled == (newer,)
    for before, after in (((B1,), planned), (planned, settled)):
        needed = writes(encode(after), *secrets(before))
        assert (needed.shards, needed.head, needed.obsolete) == ((), True, ())
    assert record_planned(settled, newer) == settled


def test_a_promise_writes_a_shard_of_its_own_and_leaves_the_others():
    newer = owing("b2", web="", api="", new="")
    before, after = encode((B1,)), encode(record_planned((B1,), newer))
    assert before.shards.items() < after.shards.items()
    assert len(after.shards) == len(before.shards) + 1


def test_guards_ask_for_the_backup_restored_last():
    state = (owing("b1"), owing("b2"), owing("w1", "weekly"), owing("hand", ""))
    assert last_restored(()) is None
    assert last_restored(state) is state[3]
    assert last_of_schedule(state, "nightly") is state[1]
    assert last_of_schedule(state, "weekly") is state[2]
    assert last_of_schedule(state, "hourly") is None
    assert last_of_schedule(state, "") is None


# rules of every history

names = st.sampled_from("abcdef")
uids = st.sampled_from(["", "u1", "u2", "u3"])
backups = st.builds(
    lambda number, schedule, selection, objects: owing(f"b{number}", schedule, selection, **objects),
    st.integers(1, 4),
    st.sampled_from(["", "nightly", "weekly"]),
    st.sampled_from(["all", "part"]),
    st.dictionaries(names, uids, max_size=6),
)
runs = st.tuples(backups, st.sets(names, max_size=2), st.booleans(), st.dictionaries(names, uids, max_size=6))


@st.composite
def histories(draw):
    """A state after some runs, each of them killed or settled."""
    state = ()
    for planned, gone, killed, found in draw(st.lists(runs, max_size=6)):
        state = record_planned(state, planned)
        if not killed:
            known = {key: owed._replace(uid=found.get(key.name, owed.uid)) for key, owed in planned.objects.items()}
            state = record_restored(state, replace(planned, objects=known), {key_of(name) for name in gone})
    return state


def by_key(state):
    return {key: owed for _owing, key, owed in rows(state)}


def proven(state):
    return {key: owed for key, owed in by_key(state).items() if owed.uid}


def is_sound(state, last):
    count = sum(len(part.objects) for part in state)
    lines = [(part.backup.schedule, part.selection) for part in state]
    newest = {line: at for at, line in enumerate(lines)}
    return (
        count == len(keys(state))
        and (state[-1].backup, state[-1].selection) == (last.backup, last.selection)
        and len({(part.backup, part.selection) for part in state}) == len(state)
        and all(part.objects or newest[lines[at]] == at for at, part in enumerate(state))
    )


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_a_union_loses_nothing_and_proves_nothing_new(state, planned):
    merged = record_planned(state, planned)
    assert is_sound(merged, planned)
    assert keys(merged) == keys(state) | planned.objects.keys()
    assert proven(merged) == proven(state)
    assert record_planned(merged, planned) == merged


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_a_union_leaves_other_schedules_and_selections_alone(state, planned):
    def others(state):
        line = (planned.backup.schedule, planned.selection)
        return [part for part in state if (part.backup.schedule, part.selection) != line]

    assert others(record_planned(state, planned)) == others(state)


@settings(max_examples=200, deadline=None)
@given(histories(), backups, st.sets(names, max_size=3))
def test_a_settled_state_lacks_what_is_gone_and_no_more(state, restored, gone):
    missing = {key_of(name) for name in gone}
    settled = record_restored(state, restored, missing)
    assert is_sound(settled, restored)
    assert keys(settled) == (keys(state) | restored.objects.keys()) - missing
    before, after = by_key(state), by_key(settled)
    for key, owed in restored.objects.items() - {(key, restored.objects.get(key)) for key in missing}:
        if owed.uid:
            assert settled[-1].objects[key] == owed
        elif key in before and before[key].uid:
            assert after[key] == before[key]
    assert all(after[key] == before[key] for key in before.keys() - restored.objects.keys() - missing)
    assert record_restored(settled, restored, missing) == settled


@settings(max_examples=200, deadline=None)
@given(histories(), backups, st.sets(names, max_size=3))
def test_a_run_that_follows_a_killed_one_ends_where_that_would_have(state, restored, gone):
    missing = {key_of(name) for name in gone}
    assert record_restored(record_planned(state, restored), restored, missing) == record_restored(
        state, restored, missing
    )


@settings(max_examples=200, deadline=None)
@given(histories(), backups)
def test_older_backups_keep_their_order(state, planned):
    before = [(part.backup, part.selection) for part in state]
    after = [(part.backup, part.selection) for part in record_planned(state, planned)[:-1]]
    assert after == [part for part in before if part in after]
