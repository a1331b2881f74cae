# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an object whose patch the target refuses."""

from __future__ import annotations

import re

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.admission import Admission
from ansible_collections.standby.velero.plugins.module_utils._apply.refusals import ignored, refused
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import CONFLICTS
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from executing import LABELS, OLD_LABELS, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import ScriptedTarget, failing, patched, stored

WANTED = config_map(size="3")
FOUND = live(config_map(size="1"))
GET, PATCH = "get configmaps shop/app", "patch configmaps shop/app"
ADMIT = "dry-run create configmaps shop/app-*"
LABEL_PATCH = {"metadata": {"labels": LABELS, "resourceVersion": "7"}}

INVALID = failing(Invalid, "Invalid: data (field is immutable)", fields=("data",))
FORBIDDEN = failing(Forbidden, "Forbidden: no right")


def after(
    target: ScriptedTarget, error: ClusterError, wanted: Body = WANTED, found: Body = FOUND, **how: object
) -> ObjectResult:
    """The result of an object whose patch was answered with the error."""
    running = executor(target, wanted, **how)
    result = refused(Admission(running, change_of(running, wanted, found)), error)
    assert target.requests == target.script
    return result


NOT_ADMITTED = [(ADMIT, stored("of no object"))]
"""A new object would come out as the backup has it: the live one is different, and not for admission's sake."""


# Equal after admission


def as_admitted(labels: Body | None) -> Body:
    """What the target makes of the backup's object, on which it sets another value."""
    return live(config_map(size="1"), labels)


def test_whether_admission_makes_the_difference_is_asked_under_a_generated_name():
    wanted = config_map("n" * 38 + "-.long", size="3")
    item = item_of(wanted)
    admit = f"dry-run create configmaps shop/{'n' * 38}-*"
    target = ScriptedTarget((admit, stored()), (f"patch configmaps shop/{item.key.name}", patched(FOUND)))
    after(target, INVALID, wanted, live(config_map(item.key.name, size="1")))
    sent = target.body(admit)
    name = sent["metadata"].pop("name")
    assert re.fullmatch("n{38}-[a-z0-9]{5}", name), "policies ask for a name, and the API server makes it up too late"
    assert sent == {**wanted, "metadata": {"namespace": "shop", "generateName": f"{'n' * 38}-"}}


JOB_NAMES = {"batch.kubernetes.io/job-name": "app", "job-name": "app", "app": "web"}


@pytest.mark.parametrize(
    ("manual", "asked"), [({}, {"app": "web"}), ({"manualSelector": True}, JOB_NAMES)], ids=["generated", "manual"]
)
def test_another_job_is_asked_for_without_the_name_of_the_first_in_its_pods_labels(manual, asked):
    template = {"metadata": {"labels": JOB_NAMES}}
    wanted = body_of("Job", "app", spec={"managedBy": "example.org/x", "template": template, **manual})
    found = live(body_of("Job", "app", spec={"template": template, **manual}), LABELS)
    admit = "dry-run create jobs.batch shop/app-*"
    target = ScriptedTarget((admit, stored(spec={"managedBy": None})))
    result = after(target, INVALID, wanted, found)
    assert result == ObjectResult(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    assert target.body(admit)["spec"]["template"]["metadata"]["labels"] == asked


@pytest.mark.parametrize("labels", [LABELS, OLD_LABELS, None], ids=["ours", "old", "none"])
@pytest.mark.parametrize("label_unchanged", [True, False])
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_object_that_equals_what_the_target_makes_of_the_backup_s_gets_at_most_labels(
    labels, label_unchanged, dry_run
):
    found = as_admitted(labels)
    due = label_unchanged and labels is not LABELS
    request = f"dry-run {PATCH}" if dry_run else PATCH
    script = [(ADMIT, stored(data={"size": "1"})), *[(request, patched(found))] * due]
    target = ScriptedTarget(*script)
    outcome = Outcome.RELABELLED if due else Outcome.UNCHANGED
    result = after(target, INVALID, found=found, label_unchanged=label_unchanged, dry_run=dry_run)
    assert result == ObjectResult(outcome, Reason.EQUAL_AFTER_ADMISSION)
    assert [body for sent, body in target.sent if sent == request] == [LABEL_PATCH] * due


@pytest.mark.parametrize(
    ("wanted", "policy"),
    [
        (body_of("Namespace", "shop", {"labels": {"team": "shop"}}), "update"),
        (body_of("ServiceAccount", "robot", {"annotations": {"from": "production"}}), "none"),
    ],
    ids=["a Namespace", "under none"],
)
def test_what_gets_no_labels_gets_none_now(wanted, policy):
    item = item_of(wanted)
    place = f"{item.key.namespace}/{item.key.name}" if item.key.namespace else item.key.name
    found = live(body_of(wanted["kind"], item.key.name), None)
    kept = dict.fromkeys(("labels", "annotations"))
    target = ScriptedTarget((f"dry-run create {item.resource} {place}-*", stored(metadata=kept)))
    result = after(target, INVALID, wanted, found, policy=policy)
    assert result == ObjectResult(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)


def test_labels_that_are_refused_on_an_object_that_is_equal_are_its_failure():
    target = ScriptedTarget((ADMIT, stored(data={"size": "1"})), (PATCH, failing(Forbidden, "frozen")))
    result = after(target, INVALID)
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, "frozen", label_refusal="frozen")


@pytest.mark.parametrize("error", [failing(Forbidden), failing(Invalid), failing(NotFound), failing(Throttled)])
def test_a_question_that_is_refused_proves_nothing(error):
    target = ScriptedTarget((ADMIT, error), (PATCH, patched(FOUND)))
    assert after(target, INVALID).reason is Reason.REFUSED


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_the_question_is_not_the_object_s_fault(kind):
    with pytest.raises(kind):
        after(ScriptedTarget((ADMIT, failing(kind))), INVALID)


# Refused


@pytest.mark.parametrize(
    ("error", "asked"),
    [(INVALID, NOT_ADMITTED), (FORBIDDEN, []), (failing(Throttled), []), (failing(AlreadyExists), [])],
    ids=["Invalid", "Forbidden", "Throttled", "odd"],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_object_that_is_refused_fails_and_gets_the_two_labels_all_the_same(error, asked, dry_run):
    request = f"dry-run {PATCH}" if dry_run else PATCH
    target = ScriptedTarget(*asked, (request, patched(FOUND)))
    result = after(target, error, dry_run=dry_run)
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(error), stored=True)
    assert target.body(request) == LABEL_PATCH


def test_labels_that_are_refused_too_are_told_beside_the_object_s_own_refusal():
    result = after(ScriptedTarget((PATCH, failing(Invalid, "frozen"))), FORBIDDEN)
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(FORBIDDEN), label_refusal="frozen")


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_to_the_labels_is_not_the_object_s_fault(kind):
    with pytest.raises(kind):
        after(ScriptedTarget((PATCH, failing(kind))), FORBIDDEN)


def test_labels_that_it_bears_are_not_written_once_more():
    result = after(ScriptedTarget(), FORBIDDEN, found=live(config_map(size="1"), LABELS))
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(FORBIDDEN))


def test_labels_are_due_on_a_refused_object_also_where_unchanged_ones_get_none():
    """As Velero patches them after a refusal; label_unchanged is about what needs no patch."""
    target = ScriptedTarget((PATCH, patched(FOUND)))
    assert after(target, FORBIDDEN, label_unchanged=False).stored


def test_under_none_a_refused_account_gets_no_labels():
    wanted = body_of("ServiceAccount", "robot", {"annotations": {"from": "production"}})
    found = live(body_of("ServiceAccount", "robot"), None)
    result = after(ScriptedTarget(), FORBIDDEN, wanted, found, policy="none")
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(FORBIDDEN))


def test_a_refused_namespace_gets_no_labels():
    wanted = body_of("Namespace", "shop", {"labels": {"team": "shop"}})
    result = after(ScriptedTarget(), FORBIDDEN, wanted, live(body_of("Namespace", "shop"), None))
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(FORBIDDEN))


def test_labels_that_are_refused_where_nothing_else_was_due_are_the_whole_failure():
    result = after(ScriptedTarget(), INVALID, found=live(WANTED))
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(INVALID))


@pytest.mark.parametrize("times", [CONFLICTS, CONFLICTS + 1])
def test_labels_that_meet_another_writer_are_sent_again_and_in_the_end_given_up(times):
    moved = [(PATCH, failing(Conflict, "it moved")), (GET, live(config_map(size="1"), version="8"))] * times
    target = ScriptedTarget(*moved, *[(PATCH, patched(FOUND))] * (times == CONFLICTS))
    result = after(target, FORBIDDEN)
    refusal = "" if times == CONFLICTS else "it moved"
    assert (result.stored, result.label_refusal) == (not refusal, refusal)
    versions = [body["metadata"]["resourceVersion"] for request, body in target.sent if request == PATCH]
    assert versions == ["7", *["8"] * CONFLICTS]


# A dry run


@pytest.mark.parametrize(
    ("found", "outcome"), [(FOUND, Outcome.UPDATED), (live(WANTED), Outcome.RELABELLED)], ids=["update", "relabel"]
)
@pytest.mark.parametrize(
    ("error", "coming"),
    [
        (failing(DryRunUnsupported, "why"), []),
        (failing(Invalid, "why"), [body_of("Namespace", "shop")]),
        (failing(Forbidden, "why"), [body_of("Namespace", "shop")]),
    ],
)
def test_a_dry_run_s_refusal_that_proves_nothing_leaves_what_was_planned(found, outcome, error, coming):
    keys = frozenset(item_of(body).key for body in coming)
    result = after(ScriptedTarget(), error, found=found, dry_run=True, coming=keys)
    assert result == ObjectResult(outcome, Reason.UNVERIFIED, "why")


def test_in_a_run_it_is_believed():
    keys = frozenset([item_of(body_of("Namespace", "shop")).key])
    assert after(ScriptedTarget((PATCH, patched(FOUND))), FORBIDDEN, coming=keys).reason is Reason.REFUSED


# Under recreate


def test_an_object_whose_field_is_immutable_is_recreated():
    """Step by step in test_recreate."""
    exists = failing(AlreadyExists)
    target = ScriptedTarget(*NOT_ADMITTED, (GET, FOUND), ("dry-run create configmaps shop/app", exists))
    result = after(target, INVALID, policy="recreate", dry_run=True)
    assert result == ObjectResult(Outcome.RECREATED, None, f"{INVALID}; a dry run of its create passed")


def test_one_that_equals_what_the_target_makes_of_the_backup_s_is_not_recreated():
    found = as_admitted(LABELS)
    target = ScriptedTarget((ADMIT, stored(data={"size": "1"})))
    result = after(target, INVALID, found=found, policy="recreate")
    assert result == ObjectResult(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)


def test_a_refusal_that_is_not_of_the_object_recreates_nothing():
    target = ScriptedTarget((PATCH, patched(FOUND)))
    result = after(target, FORBIDDEN, policy="recreate")
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (failing(Invalid, "Invalid: denied", by_admission=True, fields=("data",)), "an admission policy or webhook"),
        (failing(Invalid, "Invalid: odd"), "no field of it is immutable"),
        (failing(Invalid, "data (provided port is already allocated)", fields=("data",)), "a port or address"),
    ],
)
@pytest.mark.parametrize("labels_taken", [True, False])
def test_one_that_is_not_to_be_recreated_fails_with_the_reason_and_gets_the_labels(error, why, labels_taken):
    answer = patched(FOUND) if labels_taken else failing(Forbidden, "frozen")
    target = ScriptedTarget(*NOT_ADMITTED, (PATCH, answer))
    result = after(target, error, policy="recreate")
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
    assert result.detail.startswith(f"{error}; {why}")
    assert (result.stored, result.label_refusal) == (labels_taken, "" if labels_taken else "frozen")
    assert target.body(PATCH) == LABEL_PATCH


def test_the_change_itself_says_under_which_policy_it_was_made():
    """A rule may have another policy for the object than the one that the restore has for most."""
    target = ScriptedTarget(*NOT_ADMITTED, (PATCH, patched(FOUND)))
    planned = change_of(executor(target, WANTED, policy="update"), WANTED, FOUND)
    result = refused(Admission(executor(target, WANTED, policy="recreate"), planned), INVALID)
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(INVALID), stored=True)
    assert target.requests == target.script


# Taken, and not carried out, though a new object would have it

SERVICE = body_of("Service", "peers", spec={"ports": [{"port": 80}]})
HEADLESS = live({**SERVICE, "spec": {**SERVICE["spec"], "clusterIP": "None"}})
WHY = "the target ignores a change of spec.clusterIP"


def not_carried_out(*script: tuple[str, object], wanted: Body = SERVICE, found: Body = HEADLESS, **how: object):
    target = ScriptedTarget(*script)
    running = executor(target, wanted, **how)
    result = ignored(Admission(running, change_of(running, wanted, found)), ("spec.clusterIP",), stored=True)
    assert target.requests == target.script
    return result


def test_under_update_it_fails_with_the_names_of_the_fields():
    assert not_carried_out() == ObjectResult(Outcome.FAILED, Reason.IGNORED_BY_TARGET, "spec.clusterIP", stored=True)


def test_under_recreate_it_is_recreated_as_a_refused_one_is():
    exists = failing(AlreadyExists)
    place = "services shop/peers"
    result = not_carried_out(
        (f"get {place}", HEADLESS), (f"dry-run create {place}", exists), policy="recreate", dry_run=True
    )
    said = f"{WHY}; a dry run of its create passed"
    assert result == ObjectResult(Outcome.RECREATED, None, said, stored=True)


def test_one_that_is_not_to_be_recreated_fails_with_the_reason_too():
    place = "services shop/peers"
    result = not_carried_out(
        (f"get {place}", HEADLESS), (f"dry-run create {place}", failing(Forbidden, "no")), policy="recreate"
    )
    detail = f"{WHY}; a dry run of its create was answered: no"
    assert result == ObjectResult(Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED, detail, stored=True)


def test_where_only_a_policy_or_webhook_can_have_done_it_nothing_is_recreated():
    result = not_carried_out(wanted=WANTED, found=FOUND, policy="recreate")
    detail = f"{WHY}; an admission policy or webhook guards it"
    assert result == ObjectResult(Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED, detail, stored=True)


# Where the plan was approved

ACCOUNT = body_of("ServiceAccount", "robot", secrets=[{"name": "one"}])
PATCH_ACCOUNT = "patch serviceaccounts shop/robot"


@pytest.mark.parametrize("approved", [False, True])
def test_a_merged_account_gets_labels_after_a_refusal_only_where_nobody_had_to_approve_them(approved):
    script = [] if approved else [(PATCH_ACCOUNT, patched(live(body_of("ServiceAccount", "robot"))))]
    found = live(body_of("ServiceAccount", "robot"))
    result = after(ScriptedTarget(*script), FORBIDDEN, ACCOUNT, found, only_planned=approved)
    assert (result.reason, result.stored) == (Reason.REFUSED, not approved)


def test_an_approved_update_that_is_refused_gets_its_labels_all_the_same():
    result = after(ScriptedTarget((PATCH, patched(FOUND))), FORBIDDEN, only_planned=True)
    assert (result.reason, result.stored) == (Reason.REFUSED, True)
