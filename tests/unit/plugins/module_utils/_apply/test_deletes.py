# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deletion sends, and what its answer comes to."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.deletes import delete
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
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Comparison,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import config_map, executor, live
from scripted_target import GONE, ScriptedTarget, failing

KEY = ObjectKey("", "ConfigMap", "shop", "app")
DELETE, TRY = "delete configmaps shop/app", "dry-run delete configmaps shop/app"
DELETED = ObjectResult(Outcome.DELETED)


def after(target: ScriptedTarget, dry_run: bool = False, version: str = "v1") -> ObjectResult:
    """The result of the deletion of a ConfigMap that a prune has found."""
    change = Change(ObjectRef(KEY, "configmaps", version), Action.DELETE, comparison=Comparison("", uid="u1"))
    result = delete(executor(target, dry_run=dry_run), change)
    assert target.requests == target.script
    return result


@pytest.mark.parametrize("dry_run", [False, True])
def test_only_the_object_that_was_found_is_deleted_and_its_dependents_go_by_themselves(dry_run):
    request = TRY if dry_run else DELETE
    target = ScriptedTarget((request, GONE))
    assert after(target, dry_run) == DELETED
    assert target.body(request) == {"uid": "u1", "version": "", "propagation": "Background"}


def test_a_dry_run_is_answered_with_the_object_which_stays_and_is_not_held():
    assert after(ScriptedTarget((TRY, live(config_map()))), dry_run=True) == DELETED


@pytest.mark.parametrize(
    ("metadata", "detail"),
    [
        ({"finalizers": ["example.org/hold", "example.org/more"]}, "it is held by: example.org/hold, example.org/more"),
        ({"deletionGracePeriodSeconds": 30}, ""),
        ({"finalizers": "odd"}, ""),
    ],
    ids=["finalizers", "a Pod that ends", "odd"],
)
def test_an_object_that_is_not_gone_at_once_says_what_holds_it(metadata, detail):
    answer = live(config_map(), metadata=metadata)
    assert after(ScriptedTarget((DELETE, answer))) == ObjectResult(Outcome.DELETED, Reason.DELETION_BLOCKED, detail)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("error", "result"),
    [
        (failing(NotFound), ObjectResult(Outcome.UNCHANGED, Reason.DELETED_BEFORE)),
        (
            failing(Conflict),
            ObjectResult(Outcome.FAILED, Reason.CONFLICT, "another object of the name took its place"),
        ),
        (failing(Forbidden, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(Invalid, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(Throttled, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
        (failing(AbsenceUnproven, "why"), ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, "why")),
    ],
    ids=["gone", "replaced", "Forbidden", "Invalid", "Throttled", "a 404 of whomever"],
)
def test_a_deletion_that_is_not_carried_out_says_why(error: ClusterError, result, dry_run):
    assert after(ScriptedTarget((TRY if dry_run else DELETE, error)), dry_run) == result


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_not_the_object_s_fault(kind):
    with pytest.raises(kind):
        after(ScriptedTarget((DELETE, failing(kind))))


def test_of_a_type_that_is_served_no_more_nobody_knows_whether_objects_are_left():
    why = "the target does not serve configmaps at version v2"
    assert after(ScriptedTarget(), version="v2") == ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, why)
