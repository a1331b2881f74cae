# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deletion sends, and what its answer comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.deletes import delete
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import PruneExemptions
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    ClusterError,
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Comparison,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import OLD_LABELS, Body, config_map, executor, live
from scripted_target import GONE, ScriptedTarget, failing

KEY = ObjectKey("", "ConfigMap", "shop", "app")
DELETE, TRY, GET = (f"{verb} configmaps shop/app" for verb in ("delete", "dry-run delete", "get"))
DELETED = ObjectResult(Outcome.DELETED)


def planned(version: str = "v1", label: str | None = None) -> Change:
    """The deletion of a ConfigMap that a prune has found."""
    found = Comparison("7", uid="u1", labels=(label, None))
    return Change(ObjectRef(KEY, "configmaps", version), Action.DELETE, comparison=found)


def after(target: ScriptedTarget, dry_run: bool = False, version: str = "v1", **more: Any) -> Change | ObjectResult:
    """The result of it, or the deletion to go on with."""
    outcome = delete(executor(target, dry_run=dry_run, **more), planned(version))
    assert target.requests == target.script
    return outcome


@pytest.mark.parametrize("dry_run", [False, True])
def test_only_the_object_that_was_found_is_deleted_and_its_dependents_go_by_themselves(dry_run):
    request = TRY if dry_run else DELETE
    target = ScriptedTarget((request, GONE))
    assert after(target, dry_run) == DELETED
    assert target.body(request) == {"uid": "u1", "version": "7", "propagation": "Background"}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    "metadata",
    [{}, {"deletionTimestamp": "x", "deletionGracePeriodSeconds": 0}, {"finalizers": []}, {"finalizers": "odd"}],
)
def test_what_nothing_holds_is_gone_though_the_answer_is_the_object(metadata, dry_run):
    """As of Services, StorageClasses and others."""
    request = TRY if dry_run else DELETE
    assert after(ScriptedTarget((request, live(config_map(), metadata=metadata))), dry_run) == DELETED


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("metadata", "detail"),
    [
        ({"finalizers": ["example.org/hold", "example.org/more"]}, "it is held by: example.org/hold, example.org/more"),
        ({"deletionGracePeriodSeconds": 30}, "it has 30 s to end"),
    ],
    ids=["finalizers", "a Pod that ends"],
)
def test_an_object_that_is_not_gone_at_once_is_being_deleted_and_says_what_holds_it(metadata, detail, dry_run):
    answer = live(config_map(), metadata={"deletionTimestamp": "2026-11-24T03:00:00Z", **metadata})
    held = ObjectResult(Outcome.DELETING, Reason.DELETION_BLOCKED, detail)
    assert after(ScriptedTarget((TRY if dry_run else DELETE, answer)), dry_run) == held


def test_a_namespace_is_held_by_what_lies_in_it():
    key = ObjectKey("", "Namespace", "", "shop")
    change = Change(ObjectRef(key, "namespaces", "v1"), Action.DELETE, comparison=Comparison("7", uid="u1"))
    answer = {"kind": "Namespace", "metadata": {"deletionTimestamp": "x"}, "spec": {"finalizers": ["kubernetes"]}}
    held = ObjectResult(Outcome.DELETING, Reason.DELETION_BLOCKED, "it is held by: kubernetes")
    assert delete(executor(ScriptedTarget(("delete namespaces shop", answer))), change) == held


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("error", "result"),
    [
        (failing(NotFound), ObjectResult(Outcome.UNCHANGED, Reason.DELETED_BEFORE)),
        (failing(Forbidden, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(Invalid, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(Throttled, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(AbsenceUnproven, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
    ],
    ids=["gone", "Forbidden", "Invalid", "Throttled", "a 404 of whomever"],
)
def test_a_deletion_that_is_not_carried_out_says_why(error: ClusterError, result, dry_run):
    assert after(ScriptedTarget((TRY if dry_run else DELETE, error)), dry_run) == result


def test_a_deletion_whose_answer_was_lost_is_ours():
    assert after(ScriptedTarget((DELETE, failing(NotFound, repeated=True)))) == DELETED


# An object that was written meanwhile


def now(**metadata: Any) -> Body:
    return live(config_map(), OLD_LABELS, version="8", uid="u1", metadata=metadata)


def met(answer: Body | ClusterError, repeated: bool = False, **more: Any) -> Change | ObjectResult:
    """What becomes of a deletion that meets another writer, when the object is this by then."""
    target = ScriptedTarget((DELETE, failing(Conflict, repeated=repeated)), (GET, answer))
    return after(target, **more)


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize(
    "metadata", [{}, {"annotations": {"seen": "yes"}}, {"finalizers": ["example.org/hold"]}, {"labels": None}]
)
def test_where_nothing_keeps_it_still_it_is_deleted_as_it_is_now(metadata, repeated):
    found = replace(planned().comparison, resource_version="8")
    assert met(now(**metadata), repeated) == replace(planned(), comparison=found)


def test_for_a_diff_the_body_is_that_which_goes():
    outcome = met(now(annotations={"seen": "yes"}), exemptions=PruneExemptions(with_bodies=True))
    assert outcome.comparison.before == now(annotations={"seen": "yes"})


OWNED = {"ownerReferences": [{"uid": "o", "controller": True}]}


@pytest.mark.parametrize(
    ("metadata", "keep"),
    [
        (OWNED, KeepReason.HAS_CONTROLLER),
        ({"deletionTimestamp": "2026-11-24T03:00:00Z"}, KeepReason.TERMINATING),
        ({"labels": {"kubernetes.io/bootstrapping": "x"}}, KeepReason.PROTECTED),
    ],
)
def test_what_keeps_it_since_it_was_planned_keeps_it(metadata, keep):
    outcome = met(now(**metadata))
    assert (outcome.outcome, outcome.reason, outcome.stored) == (Outcome.SKIPPED, keep, False)


def test_the_user_s_word_counts_as_it_did_in_the_plan():
    protected = {"labels": {"kubernetes.io/bootstrapping": "x"}}
    outcome = met(now(**protected), exemptions=PruneExemptions(protect_except=("configmaps/shop/app",)))
    assert isinstance(outcome, Change)


@pytest.mark.parametrize("label", ["nightly", "another"])
def test_where_a_label_had_to_prove_who_made_it_it_has_to_still(label):
    target = ScriptedTarget((DELETE, failing(Conflict)), (GET, now()))
    outcome = delete(executor(target), planned(label=label))
    kept = ObjectResult(Outcome.SKIPPED, KeepReason.NOT_LABELLED)
    assert outcome == kept if label == "another" else isinstance(outcome, Change)


def test_another_object_of_the_name_is_not_deleted():
    outcome = met(live(config_map(), uid="u2"))
    assert outcome == ObjectResult(Outcome.FAILED, Reason.CONFLICT, "another object of the name took its place")


@pytest.mark.parametrize("repeated", [False, True])
def test_one_that_is_gone_by_then_is_gone(repeated):
    outcome = met(failing(NotFound), repeated)
    assert outcome == (DELETED if repeated else ObjectResult(Outcome.UNCHANGED, Reason.DELETED_BEFORE))


def test_one_that_goes_since_a_deletion_whose_answer_was_lost_is_ours():
    going = now(deletionTimestamp="2026-11-24T03:00:00Z", finalizers=["example.org/hold"])
    detail = "it is held by: example.org/hold"
    assert met(going, repeated=True) == ObjectResult(Outcome.DELETING, Reason.DELETION_BLOCKED, detail)


@pytest.mark.parametrize("kind", [AbsenceUnproven, Forbidden, Throttled])
def test_one_that_cannot_be_read_by_then_is_told_as_every_read(kind):
    with pytest.raises(kind):
        met(failing(kind))


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_not_the_object_s_fault(kind):
    with pytest.raises(kind):
        after(ScriptedTarget((DELETE, failing(kind))))


def test_of_a_type_that_is_served_no_more_nobody_knows_whether_objects_are_left():
    why = "the target does not serve configmaps at version v2"
    assert after(ScriptedTarget(), version="v2") == ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, why)
