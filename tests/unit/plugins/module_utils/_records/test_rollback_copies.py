# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of objects under recreation on the target: when they are written, and when they may go."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    StateError,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import (
    MOST,
    RollbackCopy,
    body_of,
    rollback_copy,
    secret_name,
    secret_of,
    signature,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import Seal
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._records.rollback_copies import RollbackCopies
from ansible_collections.standby.velero.plugins.module_utils._values import Change, Done, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import NOT_IN_SYNC, Action, Outcome, Reason
from executing import DISCOVERY, LABELS, STATE, Body, config_map, item_of, live
from executing import body_of as object_of
from scripted_target import GONE, ScriptedTarget, failing, patched, stored

BODY = config_map(size="1")
LIVE = live(BODY)
ITEM = item_of(BODY)
KEY = ITEM.key
CONFIG_MAPS = DISCOVERY.types["configmaps"][0]
NAME = secret_name(KEY)
LIST = f"list secrets {STATE} standby.velero/holds=body"
CREATE, GET, DELETE = (f"{verb} secrets {STATE}/{NAME}" for verb in ("create", "get", "delete"))
GET_OBJECT = "get configmaps shop/app"


def secret(body: Body = LIVE, uid: str = "s1") -> Body:
    """As the target has it."""
    resource = DISCOVERY.types[item_of(body).resource][0]
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    return stored(uid)(secret_of(item_of(body), body, version, LABELS, STATE))


COPY = rollback_copy(secret())


def copies(target: ScriptedTarget, *earlier: RollbackCopy, dry_run: bool = False) -> RollbackCopies:
    """With these of earlier runs."""
    made = RollbackCopies(target, STATE, dry_run)
    made.earlier = {copy.key: copy for copy in earlier}
    return made


# What earlier runs have left


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_earlier_runs_have_left_is_found_on_every_page(dry_run):
    other = live(config_map("other"), uid="o")
    target = ScriptedTarget((LIST, [[secret()], [secret(other, "s2")]]))
    found = copies(target, dry_run=dry_run)
    found.read()
    assert found.earlier == {KEY: COPY, item_of(other).key: rollback_copy(secret(other, "s2"))}
    assert target.requests == target.script


def test_a_secret_that_this_collection_has_not_written_is_none_of_ours():
    odd = {"metadata": {"name": "body-odd", "uid": "s3"}, "data": {"object": "%%%"}}
    found = copies(ScriptedTarget((LIST, [[odd, secret()]])))
    found.read()
    assert found.earlier == {KEY: COPY}
    assert found.warnings == (
        f"Secret {STATE}/body-odd is labelled standby.velero/holds=body, but holds no body that a run kept:"
        " it is passed over; delete it",
    )


def test_of_many_such_secrets_ten_are_named():
    odd = [{"metadata": {"name": f"odd-{number}", "uid": "s3"}, "data": None} for number in range(25)]
    found = copies(ScriptedTarget((LIST, [odd[:20], odd[20:]])))
    found.read()
    assert len(found.warnings) == 11
    assert found.warnings[-1] == f"15 more Secrets of namespace {STATE} with this label are passed over"


def test_where_the_secrets_may_not_be_read_there_are_none():
    found = copies(ScriptedTarget((LIST, failing(Forbidden))))
    found.read()
    assert found.earlier == {}


@pytest.mark.parametrize("kind", [Throttled, Unreachable, AbsenceUnproven])
def test_a_target_that_does_not_answer_is_told(kind):
    with pytest.raises(kind):
        copies(ScriptedTarget((LIST, failing(kind)))).read()


def test_a_person_finds_a_copy_by_its_place():
    assert copies(ScriptedTarget()).place(COPY) == f"Secret {STATE}/{NAME}"


# Save and load


def test_a_copy_is_stored_whole_and_says_whose_it_is():
    target = ScriptedTarget((CREATE, stored("s1")))
    assert copies(target).save(ITEM, CONFIG_MAPS, LIVE, LABELS) == COPY
    assert (COPY.key, COPY.uid, COPY.secret, COPY.secret_uid) == (KEY, "old", NAME, "s1")
    assert target.requests == target.script
    kept = body_of(target.body(CREATE))
    assert (kept["data"], kept["apiVersion"], kept["kind"]) == ({"size": "1"}, "v1", "ConfigMap")


def test_the_version_is_that_at_which_the_object_was_read():
    job = live(object_of("Job", "migrate", spec={"template": {}}))
    item = item_of(job)
    target = ScriptedTarget((f"create secrets {STATE}/{secret_name(item.key)}", stored("s1")))
    copies(target).save(item, DISCOVERY.types["jobs.batch"][0], {**job, "apiVersion": ""}, LABELS)
    assert body_of(target.sent[0].body)["apiVersion"] == "batch/v1"


def test_a_copy_whose_first_answer_was_lost_is_the_one_that_is_there():
    target = ScriptedTarget((CREATE, failing(AlreadyExists, repeated=True)), (GET, secret()))
    assert copies(target).save(ITEM, CONFIG_MAPS, LIVE, LABELS) == COPY
    assert target.requests == target.script


@pytest.mark.parametrize(
    ("repeated", "there"),
    [(False, secret()), (True, secret(live(config_map(size="0"))))],
    ids=["no answer was lost", "of another body"],
)
def test_a_copy_that_somebody_else_made_is_not_taken_for_this_one(repeated, there):
    target = ScriptedTarget((CREATE, failing(AlreadyExists, repeated=repeated)), (GET, there))
    with pytest.raises(AlreadyExists):
        copies(target).save(ITEM, CONFIG_MAPS, LIVE, LABELS)


@pytest.mark.parametrize("kind", [Forbidden, Invalid, Unreachable, LockLost])
def test_a_copy_that_cannot_be_stored_is_told(kind):
    with pytest.raises(kind):
        copies(ScriptedTarget((CREATE, failing(kind)))).save(ITEM, CONFIG_MAPS, LIVE, LABELS)


def test_a_copy_that_the_target_has_changed_on_its_way_is_none():
    target = ScriptedTarget((CREATE, stored("s1", data={"object": "bm90IG91cnM="})))
    with pytest.raises(ClusterError, match=f"Secret {STATE}/{NAME} did not come out as it was sent"):
        copies(target).save(ITEM, CONFIG_MAPS, LIVE, LABELS)


def test_a_body_that_is_too_large_is_not_sent():
    large = live(config_map(size=random.Random(1).randbytes(MOST).hex()))
    target = ScriptedTarget()
    with pytest.raises(StateError, match="bytes gzipped"):
        copies(target).save(ITEM, CONFIG_MAPS, large, LABELS)
    assert target.requests == []


def test_a_copy_comes_back_as_an_object_that_can_be_created():
    target = ScriptedTarget((GET, secret()))
    loaded = copies(target).load(COPY)
    assert (loaded["data"], loaded["metadata"]["name"]) == ({"size": "1"}, "app")
    assert "uid" not in loaded["metadata"]
    assert target.requests == target.script


def test_a_damaged_copy_is_told():
    with pytest.raises(StateError):
        copies(ScriptedTarget((GET, {**secret(), "data": {"body": ""}}))).load(COPY)


# Drop


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (GONE, ""),
        (failing(NotFound), ""),
        (failing(Forbidden, "no"), f"Secret {STATE}/{NAME} with its old body could not be removed: no"),
        (failing(Conflict, "another"), f"Secret {STATE}/{NAME} with its old body could not be removed: another"),
        (failing(LockLost, "lost"), f"Secret {STATE}/{NAME} with its old body could not be removed: lost"),
    ],
)
def test_only_that_very_secret_is_removed_and_a_failure_is_a_sentence(answer, problem):
    target = ScriptedTarget((DELETE, answer))
    assert copies(target).drop(COPY) == problem
    assert target.body(DELETE)["uid"] == "s1"


# Objects that stand as they did


@pytest.mark.parametrize(
    ("found", "goes"),
    [
        (LIVE, True),
        (live(config_map(size="2"), version="9"), True),
        (live(BODY, uid="another"), False),
        (live(BODY, metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"}), False),
        (failing(NotFound), False),
        (failing(Forbidden), False),
        (failing(Unreachable), False),
    ],
    ids=["as it was", "changed since", "another", "being deleted", "gone", "unread", "no answer"],
)
def test_a_copy_goes_when_its_object_was_never_deleted(found, goes):
    target = ScriptedTarget((GET_OBJECT, found), *[(DELETE, GONE)] * goes)
    held = copies(target, COPY)
    held.drop_untouched(DISCOVERY.served())
    assert held.earlier == ({} if goes else {KEY: COPY})
    assert target.requests == target.script


def test_one_that_cannot_be_removed_stays_known():
    target = ScriptedTarget((GET_OBJECT, LIVE), (DELETE, failing(Forbidden)))
    held = copies(target, COPY)
    held.drop_untouched(DISCOVERY.served())
    assert held.earlier == {KEY: COPY}


def test_one_of_a_type_that_is_served_no_more_stays():
    target = ScriptedTarget()
    held = copies(target, COPY)
    held.drop_untouched([])
    assert (held.earlier, target.requests) == ({KEY: COPY}, [])


# Objects that are what the backup says


def done(outcome: Outcome, reason: Reason | None = None, body: Body = BODY) -> Done:
    return Done(Change(item_of(body), Action.CREATE), ObjectResult(outcome, reason))


STANDS_AGAIN = f"{KEY}: an earlier run was stopped while it recreated it; it stands again"
STAYS = (
    f"{KEY}: an earlier run did not come to the end of recreating it; its body as it was is kept in Secret"
    f" {STATE}/{NAME}. Create it from there, or delete that Secret: until then the object is not recreated again"
)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("reason", [None, *sorted(NOT_IN_SYNC)])
def test_a_copy_goes_when_its_object_is_what_the_backup_says(outcome, reason):
    fine = reason is None and outcome not in (Outcome.FAILED, Outcome.SKIPPED, Outcome.DELETED, Outcome.DELETING)
    target = ScriptedTarget(*[(DELETE, GONE)] * fine)
    assert copies(target, COPY).drop_restored([done(outcome, reason)]) == (STANDS_AGAIN if fine else STAYS,)
    assert target.requests == target.script


def test_one_that_cannot_be_removed_is_told():
    target = ScriptedTarget((DELETE, failing(Forbidden, "no")))
    (said,) = copies(target, COPY).drop_restored([done(Outcome.CREATED)])
    assert said == f"Secret {STATE}/{NAME} with its old body could not be removed: no"


def test_one_whose_object_the_run_did_not_meet_stays():
    target = ScriptedTarget()
    assert copies(target, COPY).drop_restored([done(Outcome.CREATED, body=config_map("other"))]) == (STAYS,)
    assert target.requests == []


def test_without_copies_nothing_is_said():
    assert copies(ScriptedTarget()).drop_restored([done(Outcome.CREATED)]) == ()


# A dry run


def test_a_dry_run_removes_nothing_and_says_what_there_is():
    target = ScriptedTarget()
    held = copies(target, COPY, dry_run=True)
    held.drop_untouched(DISCOVERY.served())
    assert held.drop_restored([done(Outcome.CREATED)]) == (STAYS,)
    assert (held.earlier, target.requests) == ({KEY: COPY}, [])


# Signed

SEAL = Seal(Keys("n" * 32), "cluster", STATE)
BEFORE = Seal(Keys("o" * 32), "cluster", STATE)
ROTATED = Seal(Keys("n" * 32, "o" * 32), "cluster", STATE)
PATCH = f"patch secrets {STATE}/{NAME}"


def signed(seal: Seal = SEAL, **data: str) -> Body:
    plain = secret()
    found = {**plain, "data": {**plain["data"], **signature(plain, seal), **data}}
    return {**found, "metadata": {**found["metadata"], "resourceVersion": "9"}}


def sealed(target: ScriptedTarget, seal: Seal = SEAL, **options: Any) -> RollbackCopies:
    return RollbackCopies(target, STATE, seal=seal, **options)


def test_a_copy_is_saved_signed_and_found_again():
    target = ScriptedTarget((CREATE, stored("s1")), (LIST, [[signed()]]), (GET, signed()))
    held = sealed(target)
    assert held.save(ITEM, CONFIG_MAPS, LIVE, LABELS) == COPY
    assert target.body(CREATE)["data"] == signed()["data"]
    held.read()
    assert (held.earlier, held.warnings, held.signed) == ({KEY: COPY}, (), True)
    assert held.load(COPY)["data"] == {"size": "1"}


OTHERS = secret(live(config_map(size="666")))["data"]["body"]


@pytest.mark.parametrize(
    ("found", "how"),
    [
        (secret(), "is not signed"),
        (signed(BEFORE), "is not signed with any state_key that is given"),
        (signed(Seal(SEAL.keys, "another", STATE)), "is not signed with any state_key that is given"),
        (signed(body=OTHERS), "is not signed with any state_key that is given"),
        (signed(signature="%%%"), "is not signed with any state_key that is given"),
    ],
    ids=["unsigned", "another key", "another cluster", "another body", "no signature"],
)
def test_a_copy_that_is_not_signed_is_passed_over_by_name(found, how):
    held = sealed(ScriptedTarget((LIST, [[found]])))
    held.read()
    assert held.earlier == {}
    [told] = held.warnings
    assert told.startswith(f"Secret {STATE}/{NAME} is labelled standby.velero/holds=body, but {how}: it is passed over")


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_copy_that_is_not_signed_is_signed_when_it_is_to_be_adopted(dry_run):
    target = ScriptedTarget((LIST, [[secret()]]), *[(PATCH, patched(secret()))] * (not dry_run))
    held = sealed(target, dry_run=dry_run, adopt=lambda: True)
    held.read()
    assert (held.earlier, held.warnings) == ({KEY: COPY}, ())
    assert target.requests == target.script
    if not dry_run:
        assert target.body(PATCH)["data"] == signature(secret(), SEAL)


def test_a_copy_that_an_older_key_signed_is_signed_anew():
    target = ScriptedTarget((LIST, [[signed(BEFORE)]]), (PATCH, patched(signed(BEFORE))))
    held = sealed(target, ROTATED)
    held.read()
    assert held.earlier == {KEY: COPY}
    assert target.body(PATCH) == {"metadata": {"resourceVersion": "9"}, "data": signature(secret(), SEAL)}


def test_a_copy_that_was_changed_since_it_was_found_is_not_used():
    with pytest.raises(StateError, match="is not signed any more"):
        sealed(ScriptedTarget((GET, signed(body=OTHERS)))).load(COPY)
