# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory on the target: read whole, written in an order that leaves it whole whatever ends the run."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    Forbidden,
    LockLost,
    NotFound,
    StateError,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import decode, encode
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    Inventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import HEAD
from ansible_collections.standby.velero.plugins.module_utils._inventory.packed import secret_of
from ansible_collections.standby.velero.plugins.module_utils._inventory.rows import MOST_FIELD
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import Seal
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._records.counter import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._records.inventory_store import InventoryStore
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from executing import STATE, Body
from scripted_target import GONE, ScriptedTarget, failing, patched, stored

GET = f"get secrets {STATE}/{HEAD}"
LIST = f"list secrets {STATE} standby.velero/holds=state"
CREATE_HEAD, PATCH_HEAD = (f"{verb} secrets {STATE}/{HEAD}" for verb in ("create", "patch"))


def inventory(*names: str, uid: str = "u", backup: str = "nightly-1") -> Inventory:
    """The target has ConfigMaps of these names from one backup."""
    entries = {ObjectKey("", "ConfigMap", "shop", name): InventoryEntry(uid, "p", "shop") for name in names}
    return (BackupInventory(RestoreScope(BackupInfo(backup, "nightly"), "all", 7), entries),)


OLD, NEW = inventory("a", "b"), inventory("a", "b", "c")
SCOPE_ONLY = inventory("a", "b", backup="nightly-2")
"""The same objects, of the next backup."""


def shard(of: Inventory) -> str:
    """The name of its only shard."""
    (name,) = encode(of).shards
    return name


def at(verb: str, of: Inventory) -> str:
    return f"{verb} secrets {STATE}/{shard(of)}"


def secrets(of: Inventory, version: str = "7") -> list[Body]:
    """As the target has them, the head first."""
    encoded = encode(of)
    return [stored(f"uid-{name}", version)(encoded.secret(name, STATE)) for name in (HEAD, *encoded.shards)]


def loading(of: Inventory, *left: Body) -> list:
    """What is asked of a target that has this inventory, and more Secrets that earlier runs left."""
    head, *shards = secrets(of)
    return [(GET, head), (LIST, [[head, *shards], list(left)])]


def loaded(*script: tuple[str, object], of: Inventory = OLD, left: Iterable[Body] = ()) -> tuple:
    """A store that has read the target, whose further requests are answered as scripted."""
    target = ScriptedTarget(*loading(of, *left), *script)
    store = InventoryStore(target, STATE)
    assert store.load() == of
    return store, target


# Load


def test_a_target_that_has_nothing_has_an_empty_inventory():
    target = ScriptedTarget((GET, failing(NotFound)))
    assert InventoryStore(target, STATE).load() == ()
    assert target.requests == target.script


def test_an_inventory_is_read_whole():
    store, target = loaded()
    assert target.requests == target.script
    assert store.warnings == ()


def test_a_shard_that_a_run_left_which_ended_too_early_is_not_part_of_it():
    loaded(left=secrets(NEW)[1:])


def test_where_it_may_not_be_read_it_is_said_which_rights_a_run_needs():
    with pytest.raises(Forbidden, match=f"namespace {STATE} cannot be read: no; a run needs get, list"):
        InventoryStore(ScriptedTarget((GET, failing(Forbidden, "no"))), STATE).load()


def test_that_there_is_none_only_the_api_server_may_say():
    """Else the guards would have nothing to hold a backup against."""
    with pytest.raises(AbsenceUnproven, match=f"the state in namespace {STATE} cannot be read: who says so"):
        InventoryStore(ScriptedTarget((GET, failing(AbsenceUnproven, "who says so"))), STATE).load()


def test_a_damaged_inventory_is_not_built_upon():
    head, *_shards = secrets(OLD)
    with pytest.raises(StateError, match=shard(OLD)):
        InventoryStore(ScriptedTarget((GET, head), (LIST, [[head]])), STATE).load()


@pytest.mark.parametrize("kind", [Throttled, Unreachable])
def test_a_target_that_does_not_answer_is_told(kind):
    with pytest.raises(kind):
        InventoryStore(ScriptedTarget((GET, failing(kind))), STATE).load()


# Save


def test_the_first_inventory_is_written_with_its_head_last():
    target = ScriptedTarget((GET, failing(NotFound)), (at("create", OLD), stored()), (CREATE_HEAD, stored()))
    store = InventoryStore(target, STATE)
    store.load()
    store.save(OLD)
    assert target.requests == target.script
    assert decode(target.body(CREATE_HEAD), {shard(OLD): target.body(at("create", OLD))}) == OLD


def test_the_first_inventory_may_be_empty():
    target = ScriptedTarget((GET, failing(NotFound)), (CREATE_HEAD, stored()))
    store = InventoryStore(target, STATE)
    store.load()
    store.save(())
    store.save(())
    assert target.requests == target.script


def test_new_shards_come_before_the_head_that_names_them_and_obsolete_ones_go_after_it():
    head = secrets(OLD)[0]
    store, target = loaded((at("create", NEW), stored()), (PATCH_HEAD, patched(head)), (at("delete", OLD), GONE))
    store.save(NEW)
    assert target.requests == target.script
    assert target.body(PATCH_HEAD)["metadata"] == {"resourceVersion": "7"}
    assert target.body(at("delete", OLD))["uid"] == f"uid-{shard(OLD)}"
    assert decode({**head, **target.body(PATCH_HEAD)}, {shard(NEW): target.body(at("create", NEW))}) == NEW


def test_what_has_not_changed_is_not_written():
    store, target = loaded()
    store.save(inventory("a", "b"))
    assert target.requests == target.script


def test_the_same_objects_of_the_next_backup_change_the_head_alone():
    store, target = loaded((PATCH_HEAD, patched(secrets(OLD)[0])))
    store.save(SCOPE_ONLY)
    assert target.requests == target.script


def test_a_second_save_knows_what_the_first_one_wrote():
    """The versions of its answers are the preconditions."""
    head = secrets(OLD)[0]
    store, target = loaded(
        (at("create", NEW), stored("uid-new")),
        (PATCH_HEAD, patched(head, "8")),
        (at("delete", OLD), GONE),
        (at("create", OLD), stored()),
        (PATCH_HEAD, patched(head, "9")),
        (at("delete", NEW), GONE),
    )
    store.save(NEW)
    store.save(OLD)
    assert target.requests == target.script
    assert [body["metadata"]["resourceVersion"] for request, body in target.sent if request == PATCH_HEAD] == ["7", "8"]
    assert target.body(at("delete", NEW))["uid"] == "uid-new"


def test_a_shard_that_an_earlier_run_left_is_taken_over_or_removed():
    left = secrets(NEW)[1]
    head = secrets(OLD)[0]
    store, target = loaded((PATCH_HEAD, patched(head)), (at("delete", OLD), GONE), left=[left])
    store.save(NEW)
    assert target.requests == target.script
    store, target = loaded((PATCH_HEAD, patched(head)), (at("delete", NEW), GONE), left=[left])
    store.save(SCOPE_ONLY)
    assert target.requests == target.script


def test_a_damaged_shard_that_an_earlier_run_left_is_replaced():
    left = {**secrets(NEW, "3")[1], "data": {"state": "%%%"}}
    head = secrets(OLD)[0]
    script = [(at("patch", NEW), patched(left)), (PATCH_HEAD, patched(head)), (at("delete", OLD), GONE)]
    store, target = loaded(*script, left=[left])
    store.save(NEW)
    assert target.requests == target.script
    whole = encode(NEW).secret(shard(NEW), STATE)["data"]
    assert target.body(at("patch", NEW)) == {"metadata": {"resourceVersion": "3"}, "data": whole}


def test_an_obsolete_shard_that_is_gone_is_fine():
    store, target = loaded(
        (at("create", NEW), stored()), (PATCH_HEAD, patched(secrets(OLD)[0])), (at("delete", OLD), failing(NotFound))
    )
    store.save(NEW)
    assert target.requests == target.script


# A lost answer


def of_next(name: str) -> Body:
    return stored("uid-new", "8")(encode(NEW).secret(name, STATE, counter=1))


def test_a_write_whose_first_answer_was_lost_is_done_when_it_is_there():
    store, target = loaded(
        (at("create", NEW), failing(AlreadyExists)),
        (at("get", NEW), of_next(shard(NEW))),
        (PATCH_HEAD, failing(Conflict)),
        (GET, of_next(HEAD)),
        (at("delete", OLD), GONE),
    )
    store.save(NEW)
    assert target.requests == target.script


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([(at("create", NEW), failing(AlreadyExists, "it exists")), (at("get", NEW), secrets(OLD)[1])], "it exists"),
        (
            [(at("create", NEW), stored()), (PATCH_HEAD, failing(Conflict, "it moved")), (GET, secrets(OLD, "9")[0])],
            "it moved",
        ),
        (
            [(at("create", NEW), failing(AlreadyExists, "it exists")), (at("get", NEW), failing(NotFound, "gone"))],
            "gone",
        ),
    ],
    ids=["a shard", "the head", "a shard that comes and goes"],
)
def test_what_another_writer_wrote_is_not_overwritten(script, said):
    store, target = loaded(*script)
    with pytest.raises(ClusterError, match=f"the state in namespace {STATE} cannot be written: .*{said}"):
        store.save(NEW)
    assert target.requests == target.script


# Refused


STEPS = [at("create", NEW), PATCH_HEAD, at("delete", OLD)]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_whichever_write_is_refused_nothing_comes_after_it_and_the_rights_are_named(step):
    fine = [(at("create", NEW), stored()), (PATCH_HEAD, patched(secrets(OLD)[0]))][:step]
    store, target = loaded(*fine, (STEPS[step], failing(Forbidden, "no", status=403)))
    with pytest.raises(ClusterError, match=f"namespace {STATE} cannot be written: no; a run needs get, list") as raised:
        store.save(NEW)
    assert (type(raised.value), raised.value.status) == (ClusterError, 403)
    assert target.requests == target.script


def test_an_inventory_that_was_not_written_is_due_again():
    store, target = loaded(
        (at("create", NEW), failing(Throttled)),
        (at("create", NEW), stored()),
        (PATCH_HEAD, patched(secrets(OLD)[0])),
        (at("delete", OLD), GONE),
    )
    with pytest.raises(ClusterError):
        store.save(NEW)
    store.save(NEW)
    assert target.requests == target.script


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_no_refusal(kind):
    store, _target = loaded((at("create", NEW), failing(kind)))
    with pytest.raises(kind):
        store.save(NEW)


# What there is no room for


def test_objects_that_cannot_be_kept_are_counted_in_a_warning():
    endless = inventory("a", "n" * (MOST_FIELD + 1))
    target = ScriptedTarget((GET, failing(NotFound)), (at("create", inventory("a")), stored()), (CREATE_HEAD, stored()))
    store = InventoryStore(target, STATE)
    store.load()
    store.save(endless)
    assert target.requests == target.script
    assert [key.name for key in store.forgotten] == ["n" * (MOST_FIELD + 1)]
    assert store.warnings == ("1 objects cannot be kept in the inventory of the target: they are never pruned",)


# What is answered to a write


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        (stored(data={"state": "another"}), 0),
        (stored(data=None), 0),
        (patched(secrets(OLD)[0], data={"state": "another"}), 1),
        (patched({**secrets(OLD)[0], "metadata": {**secrets(OLD)[0]["metadata"], "uid": "another"}}), 1),
    ],
    ids=["another text", "no text", "another head", "another object"],
)
def test_no_head_names_a_shard_of_which_nobody_knows_whether_it_is_there(answer: object, step: int) -> None:
    script = [(at("create", NEW), stored()), (PATCH_HEAD, patched(secrets(OLD)[0]))][:step]
    store, target = loaded(*script, (STEPS[step], answer))
    with pytest.raises(ClusterError, match="did not come out as it was sent"):
        store.save(NEW)
    assert target.requests == target.script


def test_of_many_secrets_that_no_head_names_only_names_are_kept() -> None:
    """Whoever may plant them must not exhaust the run's memory."""
    planted = [
        {"metadata": {"name": f"state-{number:012x}", "uid": "p", "resourceVersion": "1"}, "data": {"state": "x"}}
        for number in range(100)
    ]
    store, _target = loaded(left=planted)
    assert sum("data" in secret for secret in store._shards.values()) <= 33


def test_a_damaged_inventory_says_what_to_do_and_what_is_lost() -> None:
    head, *_shards = secrets(OLD)
    with pytest.raises(StateError) as told:
        InventoryStore(ScriptedTarget((GET, head), (LIST, [[head]])), STATE).load()
    said = str(told.value)
    assert f"kubectl --namespace {STATE} delete secrets,leases --selector standby.velero/holds=state" in said
    for word in ("allow_older", "allow_other_source", "allow_shrunk", "state_rebuild", "not pruned"):
        assert word in said


# Signed

SEAL = Seal(Keys("n" * 32), "cluster", STATE)
ROTATED = Seal(Keys("n" * 32, "o" * 32), "cluster", STATE)
BEFORE = Seal(Keys("o" * 32), "cluster", STATE)
LEASE = f"leases.coordination.k8s.io {STATE}/state"
GET_LEASE, CREATE_LEASE, PATCH_LEASE = (f"{verb} {LEASE}" for verb in ("get", "create", "patch"))


def lease(number: int) -> Body:
    return {"metadata": {"name": "state", "annotations": {ANNOTATION: str(number)}}}


def signed(of: Inventory, seal: Seal = SEAL, number: int = 4) -> list[Body]:
    """As a run wrote them, the head first."""
    encoded = encode(of)
    made = (encoded.secret(name, STATE, seal, number) for name in (HEAD, *encoded.shards))
    return [stored(f"uid-{secret['metadata']['name']}", "7")(secret) for secret in made]


def opened(found: list[Body], *script: tuple[str, object], known: int = 4, seal: Seal = SEAL, **options: bool) -> tuple:
    reads = [(GET_LEASE, lease(known) if known else failing(NotFound)), (GET, found[0])]
    target = ScriptedTarget(*reads, (LIST, [found]), *script)
    return InventoryStore(target, STATE, seal, **options), target


def test_what_is_signed_is_read_and_written_signed_with_the_next_number() -> None:
    head = signed(OLD)[0]
    store, target = opened(
        signed(OLD),
        (at("create", NEW), stored()),
        (PATCH_HEAD, patched(head)),
        (PATCH_LEASE, patched(lease(4))),
        (at("delete", OLD), GONE),
    )
    assert store.load() == OLD
    store.save(NEW)
    assert target.requests == target.script
    assert target.body(PATCH_LEASE) == lease(5) | {"metadata": {"annotations": {ANNOTATION: "5"}}}
    written = {**head, **target.body(PATCH_HEAD)}
    assert decode(written, {shard(NEW): target.body(at("create", NEW))}, SEAL) == NEW


def test_the_first_signed_inventory_has_number_one() -> None:
    target = ScriptedTarget(
        (GET_LEASE, failing(NotFound)),
        (GET, failing(NotFound)),
        (at("create", OLD), stored()),
        (CREATE_HEAD, stored()),
        (CREATE_LEASE, stored()),
    )
    store = InventoryStore(target, STATE, SEAL)
    assert store.load() == ()
    store.save(OLD)
    assert target.requests == target.script
    assert target.body(CREATE_LEASE)["metadata"]["annotations"] == {ANNOTATION: "1"}


def test_a_quiet_run_writes_nothing() -> None:
    store, target = opened(signed(OLD))
    store.load()
    store.save(OLD)
    assert target.requests == target.script


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (secrets(OLD), "Secret state is not signed"),
        (signed(OLD, BEFORE), "Secret state is not signed with any state_key"),
        (signed(OLD, Seal(SEAL.keys, "another cluster", STATE)), "Secret state is not signed with any state_key"),
        (
            [{**signed(OLD)[0], "data": {**signed(NEW)[0]["data"], "signature": "x"}}],
            "is not signed with any state_key",
        ),
        (
            [{**signed(OLD)[0], "data": {**signed(NEW)[0]["data"], "signature": signed(OLD)[0]["data"]["signature"]}}],
            "is not signed with any state_key",
        ),
        ([signed(OLD)[0]], "is missing, and Secret state names it"),
        ([signed(OLD)[0], {**signed(NEW)[1], "metadata": signed(OLD)[1]["metadata"]}], "is damaged"),
    ],
    ids=["unsigned", "another key", "another cluster", "no signature", "another's", "no shard", "another shard"],
)
def test_what_is_not_signed_is_refused_by_name(found: list[Body], said: str) -> None:
    store, _target = opened(found)
    with pytest.raises(StateError, match=said):
        store.load()


def test_an_older_inventory_that_somebody_put_back_is_refused() -> None:
    store, _target = opened(signed(OLD, number=3), known=4)
    with pytest.raises(
        StateError, match=r"an older inventory, number 3, than the last that was signed, number 4 by Lease"
    ):
        store.load()


def test_one_that_a_killed_run_wrote_without_its_lease_passes() -> None:
    store, _target = opened(signed(OLD, number=5), known=4)
    assert store.load() == OLD


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_signed_inventory_that_is_gone_is_refused_unless_it_is_to_be_made_anew(rebuild: bool) -> None:
    target = ScriptedTarget(
        (GET_LEASE, lease(4)),
        (GET, failing(NotFound)),
        *[(at("create", OLD), stored()), (CREATE_HEAD, stored()), (PATCH_LEASE, patched(lease(4)))] * rebuild,
    )
    store = InventoryStore(target, STATE, SEAL, rebuild=rebuild)
    if not rebuild:
        with pytest.raises(StateError, match="is missing, and Lease standby-velero/state says"):
            store.load()
        return
    assert store.load() == ()
    store.save(OLD)
    assert target.body(PATCH_LEASE)["metadata"]["annotations"] == {ANNOTATION: "5"}


def test_one_that_is_not_signed_yet_is_signed_once_when_it_is_to_be_adopted() -> None:
    head = secrets(OLD)[0]
    store, target = opened(secrets(OLD), (PATCH_HEAD, patched(head)), (CREATE_LEASE, stored()), known=0, adopt=True)
    assert (store.load(), store.adopted) == (OLD, True)
    store.save(OLD)
    store.save(OLD)
    assert target.requests == target.script
    written = {**head, **target.body(PATCH_HEAD)}
    assert decode(written, {shard(OLD): secrets(OLD)[1]}, SEAL) == OLD


def test_what_was_signed_before_is_never_adopted_unsigned() -> None:
    store, _target = opened(secrets(OLD), known=4, adopt=True)
    with pytest.raises(StateError, match="is not signed"):
        store.load()


def test_after_a_new_key_it_is_signed_anew() -> None:
    head = signed(OLD, BEFORE)[0]
    store, target = opened(
        signed(OLD, BEFORE), (PATCH_HEAD, patched(head)), (PATCH_LEASE, patched(lease(4))), seal=ROTATED
    )
    assert (store.load(), store.adopted) == (OLD, False)
    store.save(OLD)
    assert target.requests == target.script
    assert decode({**head, **target.body(PATCH_HEAD)}, {shard(OLD): signed(OLD)[1]}, SEAL) == OLD


def test_without_the_key_a_signed_inventory_is_refused() -> None:
    found = signed(OLD)
    with pytest.raises(StateError, match="is signed, and no state_key is given"):
        InventoryStore(ScriptedTarget((GET, found[0]), (LIST, [found])), STATE).load()


def test_where_the_lease_may_not_be_read_it_is_told_and_the_signature_counts() -> None:
    found = signed(OLD)
    target = ScriptedTarget((GET_LEASE, failing(Forbidden, "no")), (GET, found[0]), (LIST, [found]))
    store = InventoryStore(target, STATE, SEAL)
    assert store.load() == OLD
    [told] = store.warnings
    assert "cannot be known: Lease state cannot be read: no" in told


@pytest.mark.parametrize("number", [5, 900])
def test_an_inventory_of_a_newer_format_is_refused_by_name(number: int) -> None:
    head = secrets(OLD)[0]
    text = json.dumps({"format": number, "anything": []}).encode()
    newer = {**head, "data": secret_of(HEAD, text, STATE)["data"]}
    with pytest.raises(StateError, match=f"of format {number}, which a newer version of this collection has written"):
        InventoryStore(ScriptedTarget((GET, newer)), STATE).load()
