# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Velero's results and phases."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from itertools import product
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    RestoreError,
    SettingsError,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.velero_results import (
    error_of,
    phase,
    phase_of,
    shortened,
    velero_results,
    warning_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import (
    SENTENCES,
    Action,
    Code,
    Outcome,
    Reason,
    sentence,
)
from outcomes import done_of

NOW = datetime(2026, 11, 24, 2, tzinfo=timezone.utc)


def a_run(*done: Done, **more: Any) -> Run:
    return Run("r", "b", "update", done, NOW, NOW, **more)


def refused(namespace: str, name: str, warning: str = "", error: str = "") -> Done:
    """A patch that the target refused, which Velero warns of, and the patch of the labels, which is an error there."""
    key = ObjectKey("", "ConfigMap", namespace, name)
    if warning:
        return done_of(key, Outcome.FAILED, Reason.REFUSED, warning, label_refusal=error)
    return done_of(key, Outcome.FAILED, Reason.REFUSED, error, action=Action.RELABEL)


def test_texts_are_sorted_into_velero_cluster_and_namespaces() -> None:
    run = a_run(
        refused("shop", "a", "w-a", "e-a"),
        refused("", "b", "w-b"),
        refused("shop", "c", "w-c"),
        refused("bank", "d", error="e-d"),
        done_of(ObjectKey("", "ConfigMap", "bank", "e"), Outcome.CREATED),
        velero_warnings=("w",),
        velero_errors=("e\x1b",),
    )
    expected = {
        "warnings": {"velero": ["w"], "cluster": ["w-b"], "namespaces": {"shop": ["w-a", "w-c"]}},
        "errors": {"velero": [r"e\x1b"], "cluster": [], "namespaces": {"shop": ["e-a"], "bank": ["e-d"]}},
    }
    assert velero_results(run) == expected
    assert shortened(run, 10_000) == expected


@pytest.mark.parametrize("budget", [1_000, 5_000, 32_000])
def test_the_short_form_keeps_its_budget_and_says_how_many_are_missing(budget: int) -> None:
    results = [refused(f"ns-{number % 7}", str(number), "wé" * 40, "e" * 30) for number in range(2_000)]
    run = a_run(*results, report_path="/reports/r.json")
    short = shortened(run, budget)
    assert len(json.dumps(short)) <= budget
    for section in short.values():
        last = section["velero"][-1]
        shown = sum(map(len, section["namespaces"].values()))
        assert last == f"{2_000 - shown} more in report_path"


def test_errors_are_kept_before_warnings() -> None:
    results = [refused("shop", str(number), "w" * 100) for number in range(1_000)]
    short = shortened(a_run(*results, refused("shop", "last", error="the error")), 2_000)
    assert short["errors"]["namespaces"] == {"shop": ["the error"]}
    assert short["warnings"]["velero"][-1].endswith("more (report_path was not set)")


WEB = ObjectKey("", "ConfigMap", "shop", "web")


@pytest.mark.parametrize(
    ("done", "more", "expected"),
    [
        ([], {}, "Completed"),
        ([done_of(WEB, Outcome.UPDATED)], {}, "Completed"),
        ([done_of(WEB, Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)], {}, "Completed"),
        ([done_of(WEB, Outcome.CREATED, Reason.STATUS_REFUSED, "Invalid")], {}, "Completed"),
        ([], {"velero_warnings": ("w",)}, "Completed"),
        ([], {"velero_errors": ("e",)}, "PartiallyFailed"),
        ([refused("shop", "a", error="e")], {}, "PartiallyFailed"),
        ([refused("shop", "a", "refused")], {}, "PartiallyFailed"),
    ],
)
def test_phase_is_never_completed_when_an_object_failed(done: list[Done], more: dict[str, Any], expected: str) -> None:
    assert phase(a_run(*done, **more)) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SettingsError(["concurrency: 0 is not between 1 and 256"]), "FailedValidation"),
        (BackupError("b.tar.gz: not gzip"), "Failed"),
        (Unreachable("no answer"), "Failed"),
    ],
)
def test_a_restore_that_could_not_run_has_velero_s_phase(error: RestoreError, expected: str) -> None:
    assert phase_of(error) == expected


# What Velero says of one object

EXISTS = (
    'could not restore, ConfigMap "web" already exists. '
    "Warning: the in-cluster version is different than the backed-up version"
)
RESTORING = "error restoring configmaps/shop/web: "


@pytest.mark.parametrize(
    ("action", "outcome", "reason", "detail", "warning", "error"),
    [
        # what was restored, or left out on purpose, is not spoken of
        (Action.CREATE, Outcome.CREATED, None, "", "", ""),
        (Action.CREATE, Outcome.CREATED, Reason.UNVERIFIED, "Forbidden", "", ""),
        (Action.UPDATE, Outcome.UPDATED, Reason.CHANGED_MEANWHILE, "", "", ""),
        (Action.UPDATE, Outcome.RECREATED, None, "Invalid: spec", "", ""),
        (Action.UPDATE, Outcome.UNCHANGED, Reason.NO_EFFECT, "", "", ""),
        (Action.UPDATE, Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION, "", "", ""),
        (Action.RELABEL, Outcome.RELABELLED, None, "", "", ""),
        (Action.NOOP, Outcome.UNCHANGED, None, "", "", ""),
        (Action.SKIP, Outcome.SKIPPED, Reason.PROTECTED, "is the target's", "", ""),
        (Action.SKIP, Outcome.SKIPPED, Reason.HAS_CONTROLLER, "", "", ""),
        (Action.SKIP, Outcome.SKIPPED, Reason.PRIVILEGED, "", "", ""),
        # warnings
        (Action.SKIP, Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, "", EXISTS, ""),
        (Action.CREATE, Outcome.CREATED, Reason.STATUS_REFUSED, "Invalid: status", "Invalid: status", ""),
        (Action.UPDATE, Outcome.UPDATED, Reason.STATUS_REFUSED, "Invalid: status", "Invalid: status", ""),
        (Action.UPDATE, Outcome.FAILED, Reason.REFUSED, "Invalid: spec", "Invalid: spec", ""),
        (Action.UPDATE, Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED, "Invalid: spec; no", "Invalid: spec; no", ""),
        # errors: what could not be created, or is known not to be restorable
        (Action.CREATE, Outcome.FAILED, Reason.REFUSED, "Forbidden", "", f"{RESTORING}Forbidden"),
        (Action.CREATE, Outcome.FAILED, Reason.NAMESPACE_MISSING, "Invalid", "", f"{RESTORING}Invalid"),
        (Action.CREATE, Outcome.FAILED, Reason.UNREACHABLE, "no answer", "", f"{RESTORING}no answer"),
        (Action.CREATE, Outcome.FAILED, Reason.LOCK_LOST, "too late", "", f"{RESTORING}too late"),
        (Action.CREATE, Outcome.FAILED, Reason.TERMINATING, "it goes", "", f"{RESTORING}it goes"),
        (Action.CREATE, Outcome.FAILED, Reason.ROLLED_BACK, "Forbidden", "", f"{RESTORING}Forbidden"),
        (Action.FAIL, Outcome.FAILED, Reason.INVALID_OBJECT, "its kind is Pod", "", f"{RESTORING}its kind is Pod"),
        (Action.FAIL, Outcome.FAILED, Reason.NAME_COLLISION, "a and b", "", f"{RESTORING}a and b"),
        (Action.FAIL, Outcome.FAILED, Reason.POLICY_CONFLICT, "a and b", "", f"{RESTORING}a and b"),
        (Action.FAIL, Outcome.FAILED, Reason.MODIFIER_FAILED, "rule 1", "", f"{RESTORING}rule 1"),
        (Action.FAIL, Outcome.FAILED, Reason.STORAGE_CLASS_MISSING, "gold", "", f"{RESTORING}gold"),
        (Action.FAIL, Outcome.FAILED, Reason.NOT_SERVED, "no v2", "", f"{RESTORING}no v2"),
        (Action.FAIL, Outcome.FAILED, Reason.READ_FAILED, "Forbidden", "", f"{RESTORING}Forbidden"),
        (Action.FAIL, Outcome.FAILED, Reason.PRIVILEGED, "it is fail", "", f"{RESTORING}it is fail"),
        # errors: labels, for which Velero has the bare answer
        (Action.RELABEL, Outcome.FAILED, Reason.REFUSED, "Forbidden: patch", "", "Forbidden: patch"),
        # errors: an object that exists and was not written for another reason, in our words
        (Action.UPDATE, Outcome.FAILED, Reason.CONFLICT, "data.size", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.TERMINATING, "it goes", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.READ_FAILED, "Forbidden", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.UNREACHABLE, "no answer", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.LOCK_LOST, "too late", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.DELETE_REFUSED, "Forbidden", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.DELETION_BLOCKED, "held by: x/y", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.ROLLED_BACK, "Invalid", "", None),
        (Action.UPDATE, Outcome.FAILED, Reason.ROLLBACK_FAILED, "Invalid", "", None),
        (Action.RELABEL, Outcome.FAILED, Reason.CONFLICT, "another writer kept changing it", "", None),
        (Action.RELABEL, Outcome.FAILED, Reason.UNREACHABLE, "no answer", "", None),
        (Action.RELABEL, Outcome.FAILED, Reason.LOCK_LOST, "too late", "", None),
    ],
)
def test_velero_says_of_an_object(
    action: Action, outcome: Outcome, reason: Reason | None, detail: str, warning: str, error: str | None
) -> None:
    """An error of None is the object's own message."""
    done = done_of(WEB, outcome, reason, detail, action=action)
    expected = sentence(WEB, reason, detail) if error is None else error
    assert (warning_of(done), error_of(done)) == (warning, expected)


@pytest.mark.parametrize(
    ("outcome", "reason", "detail", "error"),
    [
        (Outcome.DELETED, None, "", ""),
        (Outcome.DELETING, Reason.DELETION_BLOCKED, "", ""),
        (Outcome.UNCHANGED, Reason.DELETED_BEFORE, "", ""),
        (Outcome.SKIPPED, StopReason.OBJECTS_FAILED, "2", ""),
        (Outcome.SKIPPED, StopReason.INTERRUPTED, "", ""),
        (Outcome.SKIPPED, Reason.PRIVILEGED, "", ""),
        (Outcome.FAILED, Reason.CONFLICT, "replaced", "was changed by another writer meanwhile: replaced"),
        (Outcome.FAILED, Reason.DELETE_REFUSED, "Forbidden", "was to be deleted, which the target refused: Forbidden"),
        (Outcome.FAILED, Reason.LOCK_LOST, "too late", "was not written: the run no longer holds its lock: too late"),
    ],
)
def test_a_deletion_that_fails_is_an_error_in_our_words_for_velero_has_no_deletions(
    outcome: Outcome, reason: Code | None, detail: str, error: str
) -> None:
    done = done_of(WEB, outcome, reason, detail, action=Action.DELETE)
    assert (warning_of(done), error_of(done)) == ("", f"ConfigMap shop/web {error}" if error else "")


def test_a_deletion_that_privileged_objects_does_not_let_through_is_no_restore_that_failed() -> None:
    change = Change(ObjectRef(WEB, "configmaps", "v1"), Action.FAIL, Reason.PRIVILEGED, "privileged_objects is fail")
    done = Done(change, ObjectResult(Outcome.FAILED, change.reason, change.detail))
    assert error_of(done) == f"ConfigMap shop/web {SENTENCES[Reason.PRIVILEGED]}: privileged_objects is fail"


def test_labels_that_are_refused_besides_are_an_error_beside_the_warning() -> None:
    done = done_of(WEB, Outcome.FAILED, Reason.REFUSED, "Invalid: spec", label_refusal="Forbidden: patch")
    assert (warning_of(done), error_of(done)) == ("Invalid: spec", "Forbidden: patch")


@pytest.mark.parametrize(
    ("outcome", "action", "reason"),
    [
        (Outcome.CREATED, Action.CREATE, Reason.SOURCE_MISSING),
        (Outcome.SKIPPED, Action.SKIP, Reason.VOLUME_RELEASED),
    ],
)
def test_what_velero_does_not_see_is_warned_of_in_our_words(outcome: Outcome, action: Action, reason: Reason) -> None:
    done = done_of(WEB, outcome, reason, "detail", action=action)
    assert (warning_of(done), error_of(done)) == (f"ConfigMap shop/web {SENTENCES[reason]}: detail", "")


def test_velero_says_nothing_of_a_namespace_that_exists() -> None:
    key = ObjectKey("", "Namespace", "", "shop")
    assert warning_of(done_of(key, Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, resource="namespaces")) == ""


@pytest.mark.parametrize(
    ("key", "source", "path"),
    [
        (WEB, None, "resources/configmaps/namespaces/shop/web.json"),
        (WEB, WEB._replace(namespace="store"), "resources/configmaps/namespaces/store/web.json"),
        (ObjectKey("", "ConfigMap", "", "web"), None, "resources/configmaps/cluster/web.json"),
    ],
)
def test_an_object_of_no_use_is_named_by_its_path_in_the_backup(
    key: ObjectKey, source: ObjectKey | None, path: str
) -> None:
    item = BackupItem(key, "configmaps", "v1", source=source, problem="is not valid JSON")
    change = Change(item, Action.FAIL, Reason.INVALID_OBJECT, item.problem)
    done = Done(change, ObjectResult(Outcome.FAILED, change.reason, change.detail))
    assert (warning_of(done), error_of(done)) == ("", f'error decoding "{path}": is not valid JSON')


@pytest.mark.parametrize("reason", [None, *Reason])
def test_no_failure_is_passed_over_and_nothing_else_is_an_error(reason: Reason | None) -> None:
    for action, outcome in product(Action, Outcome):
        done = done_of(WEB, outcome, reason, "detail", action=action)
        said = (bool(error_of(done)), bool(error_of(done) or warning_of(done)))
        assert said[0] <= (outcome is Outcome.FAILED) <= said[1], (action, outcome)
