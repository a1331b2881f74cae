# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a patch sends, what its answer comes to, and what becomes of it when another writer was there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.creates import as_new
from ansible_collections.standby.velero.plugins.module_utils._apply.executor import SCHEMA_PAUSES
from ansible_collections.standby.velero.plugins.module_utils._apply.patches import patch
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    Conflict,
    Forbidden,
    LockLost,
    NotFound,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Change, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import LABELS, OLD_LABELS, SERVING, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import ScriptedTarget, failing, patched, stored

WANTED = config_map(size="3", color="red")
FOUND = live(config_map(size="1", color="red"), None)
BEARING = live(config_map(size="1", color="red"), LABELS)
GET, PATCH, TRY = (f"{verb} configmaps shop/app" for verb in ("get", "patch", "dry-run patch"))

ADMIT = "dry-run create configmaps shop/app-*"
REWRITTEN = (ADMIT, stored(data={"size": "1"}))
"""A new object would get the live one's value too: a webhook sets it."""

UPDATED, RELABELLED = ObjectResult(Outcome.UPDATED), ObjectResult(Outcome.RELABELLED)
NO_EFFECT = ObjectResult(Outcome.UNCHANGED, Reason.NO_EFFECT)


def tried(target: ScriptedTarget, wanted: Body, found: Body, **how: object) -> tuple[Change, Change | ObjectResult]:
    """The Change of the plan and what its first step comes to; just what was scripted must have been asked for."""
    running = executor(target, wanted, **how)
    change = change_of(running, wanted, found)
    outcome = patch(running, change)
    assert target.requests == target.script
    return change, outcome


# What is sent


@pytest.mark.parametrize(
    ("wanted", "found", "sent"),
    [
        (WANTED, FOUND, {"data": {"size": "3"}, "metadata": {"labels": LABELS, "resourceVersion": "7"}}),
        (
            WANTED,
            live(config_map(size="3", color="red", old="x"), OLD_LABELS),
            {"data": {"old": None}, "metadata": {"labels": LABELS, "resourceVersion": "7"}},
        ),
        (
            config_map(metadata={"labels": {"team": "shop"}, "annotations": {"note": "n"}}),
            live(config_map(metadata={"labels": {"tier": "web"}}), None),
            {
                "metadata": {
                    "labels": {"team": "shop", "tier": None, **LABELS},
                    "annotations": {"note": "n"},
                    "resourceVersion": "7",
                }
            },
        ),
        (WANTED, live(WANTED, None), {"metadata": {"labels": LABELS, "resourceVersion": "7"}}),
        (
            body_of("ServiceAccount", "robot", {"annotations": {"from": "production"}}),
            live(body_of("ServiceAccount", "robot", {"annotations": {"by": "them"}}), None),
            {"metadata": {"annotations": {"from": "production"}, "resourceVersion": "7"}},
        ),
        (
            body_of("Namespace", "shop", {"labels": {"team": "shop"}}),
            live(body_of("Namespace", "shop"), None),
            {"metadata": {"labels": {"team": "shop"}, "resourceVersion": "7"}},
        ),
    ],
    ids=["a value", "a value goes", "labels", "the two labels alone", "a merged account", "a Namespace"],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_patch_is_what_differs_with_the_two_labels_where_they_go_and_the_version(wanted, found, sent, dry_run):
    item = item_of(wanted)
    place = f"{item.resource} {item.key.namespace}/{item.key.name}".replace(" /", " ")
    request = f"dry-run patch {place}" if dry_run else f"patch {place}"
    asked = [(f"dry-run create {place}-*", stored())] * ("None" in str(sent))
    target = ScriptedTarget(*asked, (request, patched(found)))
    change, result = tried(target, wanted, found, dry_run=dry_run)
    assert result == (RELABELLED if change.action is Action.RELABEL else UPDATED)
    assert target.body(request) == sent


def test_a_body_is_held_no_longer_than_until_its_patch_is_stored():
    target = ScriptedTarget((PATCH, failing(Conflict)), (PATCH, patched(FOUND)), (GET, FOUND))
    running = executor(target, WANTED)
    item, change = item_of(WANTED), change_of(running, WANTED, FOUND)
    held = config_map(size="3", color="red", held="yes")
    running.desired.hold(item, held)
    patch(running, change)
    assert running.desired.body(item) is held
    patch(running, change)
    assert running.desired.body(item) == WANTED


# What the answer comes to


def with_metadata(body: Body, **metadata: object) -> Body:
    return {**body, "metadata": {**body["metadata"], **metadata}}


KEPT = with_metadata(FOUND, resourceVersion="8")


@pytest.mark.parametrize(
    ("found", "answer", "result", "asked"),
    [
        (FOUND, patched(FOUND), UPDATED, False),
        (FOUND, patched(FOUND, region="standby"), UPDATED, False),
        (FOUND, FOUND, NO_EFFECT, True),
        (FOUND, with_metadata(KEPT, labels=LABELS), ObjectResult(Outcome.RELABELLED, Reason.NO_EFFECT), True),
        (FOUND, KEPT, NO_EFFECT, True),
        (live(WANTED), live(WANTED, LABELS, "8"), RELABELLED, False),
        (live(WANTED), live(WANTED), NO_EFFECT, False),
    ],
    ids=[
        "the patch is in it",
        "and more",
        "its version has not moved",
        "the target keeps its values, and takes the labels",
        "the target keeps its values, and takes no labels",
        "the labels are in it",
        "the labels are not taken",
    ],
)
def test_the_answer_to_a_patch_says_what_it_came_to(found, answer, result, asked):
    """Of one without effect it is asked whether admission is why, or the target ignores the change."""
    assert tried(ScriptedTarget((PATCH, answer), *[REWRITTEN] * asked), WANTED, found)[1] == result


@pytest.mark.parametrize(
    ("found", "answer", "result", "asked"),
    [
        (FOUND, patched(FOUND, version="7"), UPDATED, False),
        (FOUND, with_metadata(FOUND, labels=LABELS), ObjectResult(Outcome.RELABELLED, Reason.NO_EFFECT), True),
        (FOUND, FOUND, NO_EFFECT, True),
        (BEARING, BEARING, NO_EFFECT, True),
        (live(WANTED), live(WANTED, LABELS), RELABELLED, False),
    ],
)
def test_in_a_dry_run_the_version_does_not_move_and_the_content_alone_tells(found, answer, result, asked):
    assert tried(ScriptedTarget((TRY, answer), *[REWRITTEN] * asked), WANTED, found, dry_run=True)[1] == result


# Whether the target would keep its own values is asked first, where a patch would be stored for that


def test_what_the_target_would_keep_is_not_patched_on_an_object_that_bears_the_labels():
    target = ScriptedTarget((TRY, BEARING), REWRITTEN)
    assert tried(target, WANTED, BEARING)[1] == NO_EFFECT
    assert target.body(TRY) == {"data": {"size": "3"}, "metadata": {"resourceVersion": "7"}}


def test_what_the_target_would_take_is_patched_after_it_was_asked():
    target = ScriptedTarget((TRY, patched(BEARING, "7")), (PATCH, patched(BEARING)))
    assert tried(target, WANTED, BEARING)[1] == UPDATED
    assert [sent.body["data"] for sent in target.sent] == [{"size": "3"}] * 2


@pytest.mark.parametrize(
    ("labels", "label_unchanged", "dry_run", "asked"),
    [
        (LABELS, True, False, True),
        (LABELS, False, False, True),
        # the labels are written anyway
        (OLD_LABELS, True, False, False),
        (OLD_LABELS, False, False, True),
        # no restore has ever had it
        (None, True, False, False),
        (None, False, False, False),
        # the patch itself is a dry run
        (LABELS, True, True, False),
        (OLD_LABELS, True, True, False),
    ],
)
def test_it_is_asked_only_where_a_patch_without_effect_would_be_stored(labels, label_unchanged, dry_run, asked):
    found = live(config_map(size="1", color="red"), labels)
    answer = patched(found)
    target = ScriptedTarget(*[(TRY, answer)] * asked, (TRY if dry_run else PATCH, answer))
    outcome = tried(target, WANTED, found, label_unchanged=label_unchanged, dry_run=dry_run)[1]
    assert outcome == UPDATED


def test_a_merged_account_is_not_asked_for():
    wanted = body_of("ServiceAccount", "robot", {"annotations": {"from": "production"}})
    found = live(body_of("ServiceAccount", "robot"), LABELS)
    assert tried(ScriptedTarget(("patch serviceaccounts shop/robot", patched(found))), wanted, found)[1] == UPDATED


@pytest.mark.parametrize(("error", "action"), [(failing(NotFound), Action.CREATE), (failing(Conflict), Action.UPDATE)])
def test_an_answer_to_the_question_is_as_good_as_one_to_the_patch(error, action):
    reads = [(GET, live(BEARING, LABELS, "8"))] if isinstance(error, Conflict) else []
    change = tried(ScriptedTarget((TRY, error), *reads), WANTED, BEARING)[1]
    assert change.action is action


# Not taken


def test_an_object_that_is_gone_is_to_be_created():
    planned, change = tried(ScriptedTarget((PATCH, failing(NotFound))), WANTED, FOUND)
    assert change == as_new(planned)


def test_a_refusal_is_the_object_s_failure():
    """More of it in test_refusals."""
    target = ScriptedTarget((PATCH, failing(Forbidden, "why")), (PATCH, patched(FOUND)))
    outcome = tried(target, WANTED, FOUND)[1]
    assert outcome == ObjectResult(Outcome.FAILED, Reason.REFUSED, "why", stored=True)
    assert target.sent[1].body == {"metadata": {"labels": LABELS, "resourceVersion": "7"}}


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_not_the_object_s_fault(kind):
    running = executor(ScriptedTarget((PATCH, failing(kind))), WANTED)
    with pytest.raises(kind):
        patch(running, change_of(running, WANTED, FOUND))


# Another writer was there


def conflicting(now: Body, found: Body = FOUND, wanted: Body = WANTED, repeated: bool = False, **how: object):
    """What the plan said, and what it says after a conflict, where the object now is this."""
    item = item_of(wanted)
    place = f"{item.resource} {item.key.namespace}/{item.key.name}"
    request = f"dry-run patch {place}" if how.get("dry_run") else f"patch {place}"
    target = ScriptedTarget((request, failing(Conflict, repeated=repeated)), (f"get {place}", now))
    return tried(target, wanted, found, **how)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"metadata": {"finalizers": ["example.org/hold"]}, "status": {"seen": 1}}, None),
        ({"data": {"color": "blue"}}, Reason.CHANGED_MEANWHILE),
        ({"data": {"theirs": "yes"}}, Reason.CHANGED_MEANWHILE),
        ({"metadata": {"annotations": {"note": "theirs"}}}, Reason.CHANGED_MEANWHILE),
        ({"metadata": {"labels": OLD_LABELS}}, None),
    ],
    ids=["what is not compared", "another field", "a new field", "an annotation", "the two labels"],
)
@pytest.mark.parametrize("found", [FOUND, live(WANTED)], ids=["update", "relabel"])
def test_a_change_whose_fields_nobody_touched_still_holds_on_the_new_version(edit, reason, found):
    now = live(found, None, "8", "another", **edit)
    planned, change = conflicting(now, found)
    if found is not FOUND and reason is None:  # it is still equal: what is due then is decided anew
        assert change.action is Action.RELABEL
        return
    assert (change.action, change.reason, change.choice) == (planned.action, reason, planned.choice)
    before, after = planned.comparison, change.comparison
    assert (after.patch, after.before) == (before.patch, before.before)
    assert (after.resource_version, after.uid) == ("8", "another")


def test_a_change_that_still_holds_knows_what_the_object_is_now():
    """The answer to the next patch is judged by it, and so is whether the labels are due."""
    now = live(config_map(size="1", color="blue"), LABELS, "8")
    running = executor(ScriptedTarget(), WANTED)
    change = conflicting(now)[1]
    compared = running.compare(item_of(WANTED), now)
    assert (change.comparison.digest, change.comparison.labels) == (compared.digest, compared.labels)


@pytest.mark.parametrize(
    ("edit", "fields"),
    [
        ({"data": {"size": "2"}}, "data.size"),
        ({"data": {"size": None}}, "data.size"),
        ({"data": None}, "data.size"),
        ({"data": {"size": "2", "color": "blue"}}, "data.size"),
    ],
    ids=["its value", "it is gone", "its parent is gone", "and another"],
)
def test_a_field_that_another_writer_took_is_a_conflict_that_names_it(edit, fields):
    outcome = conflicting(live(FOUND, None, "8", **edit))[1]
    assert outcome == ObjectResult(Outcome.FAILED, Reason.CONFLICT, fields)


def test_all_fields_that_another_writer_took_are_named():
    wanted = config_map(size="3", metadata={"labels": {"app.kubernetes.io/name": "a"}})
    found = live(config_map(size="1"), None)
    now = live(config_map(size="2", metadata={"labels": {"app.kubernetes.io/name": "b"}}), None, "8")
    detail = conflicting(now, found, wanted)[1].detail
    assert sorted(detail.split(", ")) == ["data.size", "metadata.labels[app.kubernetes.io/name]"]


@pytest.mark.parametrize(
    ("labels", "label_unchanged", "action"),
    [(LABELS, True, Action.NOOP), (None, True, Action.RELABEL), (None, False, Action.NOOP)],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_object_that_another_writer_made_equal_is_decided_anew(labels, label_unchanged, action, dry_run):
    now = live(WANTED, labels, "8")
    change = conflicting(now, label_unchanged=label_unchanged, dry_run=dry_run)[1]
    assert (change.action, change.comparison.resource_version) == (action, "8")


@pytest.mark.parametrize(
    ("found", "now", "dry_run", "outcome"),
    [
        (FOUND, live(WANTED, LABELS), False, UPDATED),
        (live(WANTED), live(WANTED, LABELS), False, RELABELLED),
        (FOUND, live(WANTED, OLD_LABELS), False, Action.RELABEL),
        (FOUND, live(WANTED, LABELS), True, Action.NOOP),
    ],
    ids=["updated", "relabelled", "without our labels", "a dry run stores nothing"],
)
def test_after_a_lost_answer_the_other_writer_may_have_been_this_one(found, now, dry_run, outcome):
    result = conflicting(now, found, repeated=True, dry_run=dry_run)[1]
    assert result == outcome if isinstance(outcome, ObjectResult) else result.action is outcome


def test_after_a_lost_answer_an_account_that_has_all_of_the_backup_s_was_merged():
    wanted = body_of("ServiceAccount", "robot", {"annotations": {"from": "production"}})
    found = live(body_of("ServiceAccount", "robot"), None)
    assert conflicting(live(wanted, None, "8"), found, wanted, repeated=True)[1] == UPDATED


def test_one_whose_deletion_began_meanwhile_fails():
    now = live(FOUND, None, "8", metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"})
    result = conflicting(now)[1]
    assert result == ObjectResult(Outcome.FAILED, Reason.TERMINATING, "its deletion began meanwhile")


def test_one_that_is_gone_meanwhile_is_to_be_created():
    planned, change = conflicting(failing(NotFound))
    assert change == as_new(planned)


# With the status

JOB = body_of("Job", "migrate", spec={"parallelism": 2}, status={"succeeded": 1})
GET_JOB, PATCH_JOB, TRY_JOB = (f"{verb} jobs.batch shop/migrate" for verb in ("get", "patch", "dry-run patch"))
ADMIT_JOB = "dry-run create jobs.batch shop/migrate-*"
PATCH_STATUS = "patch jobs.batch/status shop/migrate"


def job(parallelism: int, labels: Body | None, succeeded: int = 0, version: str = "7") -> Body:
    status = {"succeeded": succeeded} if succeeded else {}
    return live(body_of("Job", "migrate", spec={"parallelism": parallelism}, status=status), labels, version)


def status_sent(target: ScriptedTarget) -> list[Body]:
    return [body for request, body in target.sent if "/status" in request]


@pytest.mark.parametrize(
    ("answer", "result"),
    [(patched(job(2, LABELS)), UPDATED), (job(2, LABELS, version="8"), NO_EFFECT)],
    ids=["stored", "the target keeps its own"],
)
def test_an_object_whose_status_alone_is_due_gets_no_other_patch(answer, result):
    found = job(2, LABELS, version="8")
    target = ScriptedTarget((GET_JOB, found), (PATCH_STATUS, answer))
    assert tried(target, JOB, job(2, LABELS), status=True)[1] == result
    assert status_sent(target) == [{"metadata": {"resourceVersion": "8"}, "status": {"succeeded": 1}}]


def test_a_status_that_came_to_be_as_wanted_meanwhile_is_not_sent():
    target = ScriptedTarget((GET_JOB, job(2, LABELS, 1)))
    assert tried(target, JOB, job(2, LABELS), status=True)[1] == ObjectResult(Outcome.UNCHANGED)


@pytest.mark.parametrize(
    ("found", "answer", "stored_", "result"),
    [
        (job(1, None), patched(job(1, None)), True, UPDATED),
        (job(1, None), patched(job(1, None)), False, ObjectResult(Outcome.UPDATED, Reason.NO_EFFECT)),
        # the labels alone, and the status
        (job(2, None), patched(job(2, None)), True, UPDATED),
        (job(2, None), patched(job(2, None)), False, ObjectResult(Outcome.RELABELLED, Reason.NO_EFFECT)),
        # the target keeps the rest as it is
        (job(1, None), job(1, None), True, UPDATED),
        (job(1, None), job(1, None), False, NO_EFFECT),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_status_follows_its_object_s_patch_on_the_version_of_its_answer(found, answer, stored_, result, dry_run):
    after = answer({"metadata": {"labels": LABELS}, "spec": {"parallelism": 2}}) if callable(answer) else answer
    said = patched(after) if stored_ else after
    prefix = "dry-run " if dry_run else ""
    asked = [(ADMIT_JOB, stored(spec={"parallelism": 1}))] * (not callable(answer))
    target = ScriptedTarget((f"{prefix}{PATCH_JOB}", answer), *asked, (f"{prefix}{PATCH_STATUS}", said))
    assert tried(target, JOB, found, status=True, dry_run=dry_run)[1] == result
    version = after["metadata"]["resourceVersion"]
    assert status_sent(target) == [{"metadata": {"resourceVersion": version}, "status": {"succeeded": 1}}]


def test_what_the_target_would_keep_does_not_keep_the_status_from_being_restored():
    found = job(1, LABELS)
    rewritten = (ADMIT_JOB, stored(spec={"parallelism": 1}))
    target = ScriptedTarget((TRY_JOB, found), (GET_JOB, found), rewritten, (PATCH_STATUS, patched(found)))
    assert tried(target, JOB, found, status=True)[1] == UPDATED
    assert status_sent(target) == [{"metadata": {"resourceVersion": "7"}, "status": {"succeeded": 1}}]


def test_after_a_lost_answer_the_status_is_due_all_the_same():
    now = job(2, LABELS, version="8")
    change = conflicting(now, job(1, None), JOB, repeated=True, status=True)[1]
    assert (change.action, change.comparison.status) == (Action.UPDATE, {"succeeded": 1})


# What admission adds to new objects is not taken away

WITH_MORE = config_map(size="1", color="red", by="policy")
ADDED = live(WITH_MORE, LABELS)
ADDS = (ADMIT, stored(data={"by": "policy"}))
AS_ADMITTED = ObjectResult(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)


@pytest.mark.parametrize(
    ("labels", "label_unchanged", "sends_labels"),
    [(LABELS, True, False), (OLD_LABELS, True, True), (OLD_LABELS, False, False), (None, True, True)],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_object_that_a_new_one_would_come_out_like_gets_at_most_labels(
    labels, label_unchanged, sends_labels, dry_run
):
    wanted, found = config_map(size="1", color="red"), live(WITH_MORE, labels)
    request = TRY if dry_run else PATCH
    target = ScriptedTarget(ADDS, *[(request, patched(found))] * sends_labels)
    change, result = tried(target, wanted, found, label_unchanged=label_unchanged, dry_run=dry_run)
    expected = ObjectResult(Outcome.RELABELLED, Reason.EQUAL_AFTER_ADMISSION) if sends_labels else AS_ADMITTED
    assert result.result == expected
    assert result.change == replace(change, comparison=replace(change.comparison, patch={}, before={}))
    assert [sent.body for sent in target.sent[1:]] == [
        {"metadata": {"labels": LABELS, "resourceVersion": "7"}}
    ] * sends_labels


@pytest.mark.parametrize("dry_run", [False, True])
def test_with_a_real_change_only_that_is_written_and_shown(dry_run):
    tried_first = [(TRY, patched(ADDED))] * (not dry_run)
    target = ScriptedTarget(ADDS, *tried_first, (TRY if dry_run else PATCH, patched(ADDED)))
    _change, done = tried(target, WANTED, ADDED, dry_run=dry_run)
    assert done.result == UPDATED
    assert done.change.comparison.patch == {"data": {"size": "3"}}
    assert done.change.comparison.before == {"data": {"size": "1"}}
    assert {str(sent.body["data"]) for sent in target.sent[1:]} == {str({"size": "3"})}


def test_what_differs_beside_a_real_change_is_no_conflict_with_what_was_approved():
    """After a conflict the approved change is asked for anew: another writer may have changed what admission adds."""
    moved = live(WITH_MORE, OLD_LABELS, "8")
    target = ScriptedTarget(ADDS, (PATCH, failing(Conflict)), (GET, moved))
    planned, change = tried(target, WANTED, live(WITH_MORE, OLD_LABELS))
    assert (change.action, change.reason) == (Action.UPDATE, None)
    assert change.comparison.patch == planned.comparison.patch == {"data": {"size": "3", "by": None}}
    assert change.comparison.resource_version == "8"


NO = failing(Forbidden, "no right")


def test_where_the_target_does_not_say_the_patch_is_sent_as_it_is():
    target = ScriptedTarget((ADMIT, NO), (PATCH, patched(ADDED)))
    assert tried(target, WANTED, live(WITH_MORE, OLD_LABELS))[1] == UPDATED
    assert target.body(PATCH)["data"] == {"size": "3", "by": None}


OTHERWISE = (ADMIT, stored(data={"by": "another"}))


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (patched(ADDED), {"size": "3"}),  # it would be gone: admission adds it to new objects alone
        (patched(ADDED, data={"by": "another"}), {"size": "3", "by": None}),  # it comes back: a default, say
        (NO, {"size": "3"}),
    ],
    ids=["for good", "set back", "not told"],
)
def test_what_a_new_object_would_have_with_another_value_is_taken_away_only_where_it_comes_back(answer, sent):
    target = ScriptedTarget(OTHERWISE, (TRY, answer), (PATCH, patched(ADDED)))
    tried(target, WANTED, live(WITH_MORE, OLD_LABELS))
    assert target.body(PATCH)["data"] == sent


def test_ports_that_the_live_service_itself_has_do_not_keep_the_target_from_saying_it():
    """Nobody else may ask for them: a dry-run create with them is refused."""
    port = {"port": 80, "nodePort": 30080}
    wanted = body_of("Service", "web", spec={"type": "NodePort", "ports": [port], "healthCheckNodePort": 30081})
    found = live({**wanted, "spec": {**wanted["spec"], "internalTrafficPolicy": "Cluster"}}, LABELS)
    ask = "dry-run create services shop/web-*"
    target = ScriptedTarget((ask, stored(spec={"internalTrafficPolicy": "Cluster"})))
    assert tried(target, wanted, found)[1].result == AS_ADMITTED
    assert target.body(ask)["spec"] == {"type": "NodePort", "ports": [{"port": 80}]}


def test_a_status_that_is_due_goes_after_it():
    found = job(2, LABELS)
    found["spec"]["suspend"] = False
    adds = (ADMIT_JOB, stored(spec={"suspend": False}))
    target = ScriptedTarget(adds, (GET_JOB, found), (PATCH_STATUS, patched(found)))
    assert tried(target, JOB, found, status=True)[1].result.outcome is Outcome.UPDATED
    assert status_sent(target) == [{"metadata": {"resourceVersion": "7"}, "status": {"succeeded": 1}}]


# A change that the target takes and does not carry out


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("labels", [LABELS, OLD_LABELS])
def test_a_change_that_a_new_object_would_have_and_this_one_does_not_get_is_a_failure(labels, dry_run):
    found = live(config_map(size="1", color="red"), labels)
    request = TRY if dry_run or labels is LABELS else PATCH
    answer = live(config_map(size="1", color="red"), LABELS, "7" if request is TRY else "8")
    target = ScriptedTarget((request, answer), (ADMIT, stored()))
    result = tried(target, WANTED, found, dry_run=dry_run)[1]
    assert result == ObjectResult(Outcome.FAILED, Reason.IGNORED_BY_TARGET, "data.size", stored=labels is not LABELS)


def test_it_is_not_asked_twice_what_a_new_object_would_be():
    """The patch takes something away, and has no effect."""
    wanted, found = config_map(color="red"), live(config_map(size="1", color="red"), LABELS)
    target = ScriptedTarget((ADMIT, stored()), (TRY, found))
    result = tried(target, wanted, found)[1]
    assert result == ObjectResult(Outcome.FAILED, Reason.IGNORED_BY_TARGET, "data.size")


def test_why_an_object_is_not_what_the_backup_says_is_told_also_where_nothing_was_to_be_written():
    running = executor(ScriptedTarget((PATCH, FOUND), REWRITTEN), WANTED)
    change = replace(change_of(running, WANTED, FOUND), reason=Reason.CA_BUNDLE_KEPT, detail="the why")
    assert patch(running, change) == ObjectResult(Outcome.UNCHANGED, Reason.CA_BUNDLE_KEPT, "the why")


# A field that the definition gains in this run

WIDGET = body_of("Widget", "gear", spec={"size": 1, "region": "eu"})
OLD_WIDGET = live({**WIDGET, "spec": {"size": 1, "by": "policy"}}, LABELS)
GAINED = {("widgets.example.org", "v1"): (("spec", "region"),)}


def test_in_a_dry_run_a_field_that_the_definition_has_only_once_it_is_updated_proves_nothing():
    """Nor is anything else asked: what a new object would be is not known either."""
    target = ScriptedTarget(("dry-run patch widgets.example.org shop/gear", OLD_WIDGET))
    result = tried(target, WIDGET, OLD_WIDGET, dry_run=True, gained=GAINED, discovery=SERVING)[1]
    assert (result.outcome, result.reason) == (Outcome.UPDATED, Reason.UNVERIFIED)
    assert result.detail == "spec.region: its definition has that only once it is updated"


def test_a_field_that_an_api_server_drops_to_the_end_is_a_failure():
    request = "patch widgets.example.org shop/gear"
    target = ScriptedTarget(*[(request, OLD_WIDGET)] * (1 + len(SCHEMA_PAUSES)))
    result = tried(target, WIDGET, OLD_WIDGET, gained=GAINED, discovery=SERVING)[1]
    assert result == ObjectResult(Outcome.FAILED, Reason.IGNORED_BY_TARGET, "spec.region", stored=True)
