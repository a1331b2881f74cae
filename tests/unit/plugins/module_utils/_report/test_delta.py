# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section on what is left over: what is in it, within which bounds, and that nothing in it steers a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PruneDecision, PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import DeltaPlan
from ansible_collections.standby.velero.plugins.module_utils._prune_words import (
    KEEP_SENTENCES,
    KeepReason,
    Stop,
    StopReason,
)
from ansible_collections.standby.velero.plugins.module_utils._report.delta import (
    DELTA_BYTES,
    DeltaReport,
    shortened,
    whole,
)
from ansible_collections.standby.velero.plugins.module_utils._report.text import LONGEST, json_size
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Body,
    Change,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import SENTENCES, Action, Outcome, Reason
from outcomes import done_of

INGRESS = ObjectKey("networking.k8s.io", "Ingress", "shop", "web")
NAMESPACE = ObjectKey("", "Namespace", "", "shop")
IDENTITY = {"group": "networking.k8s.io", "kind": "Ingress", "namespace": "shop", "name": "web"}
SAID = "Ingress.networking.k8s.io shop/web"

Section = Callable[[DeltaReport], Body]


def a_decision(key: ObjectKey = INGRESS, keep: KeepReason | None = None, detail: str = "") -> PruneDecision:
    return PruneDecision(key, ObjectRef(key, "x", "v1"), "u1", keep, detail, lacking_for=1)


def a_report(
    *decisions: PruneDecision,
    stops: Iterable[Stop] = (),
    done: Iterable[Done] = (),
    mode: str = "prune",
    previous: str = "b1",
    restored_by: str = "b0",
) -> DeltaReport:
    known = {decision.key: restored_by for decision in decisions}
    return DeltaReport(mode, DeltaPlan(previous, PrunePlan(tuple(stops), decisions), frozenset(), known), tuple(done))


def many(number: int) -> DeltaReport:
    keys = (INGRESS._replace(name=f"web-{one:05}") for one in range(number))
    return a_report(*(a_decision(key, KeepReason.HAS_CONTROLLER) for key in keys))


@pytest.mark.parametrize("section", [whole, shortened])
def test_an_empty_delta_is_a_section_too(section: Section) -> None:
    assert section(a_report(mode="report", previous="")) == {
        "mode": "report",
        "previous_backup": "",
        "previous_started": "",
        "objects": [],
        "total": 0,
        "truncated": False,
        "stopped_by": [],
    }


@pytest.mark.parametrize("section", [whole, shortened])
def test_the_section_tells_the_earlier_backup_what_is_stale_and_what_stands_in_the_way(section: Section) -> None:
    stops = [Stop(StopReason.NO_PREVIOUS), Stop(StopReason.OBJECTS_FAILED, "2")]
    found = section(a_report(a_decision(), a_decision(NAMESPACE, KeepReason.NOT_NAMED), stops=stops))
    assert (found["mode"], found["previous_backup"], found["total"], found["truncated"]) == ("prune", "b1", 2, False)
    assert found["stopped_by"] == [
        {"reason": "no_previous", "message": "no earlier backup of this schedule is known"},
        {"reason": "objects_failed", "message": "objects failed in this run: 2"},
    ]
    assert [entry["name"] for entry in found["objects"]] == ["web", "shop"]


@pytest.mark.parametrize(
    ("keep", "detail", "reason", "message"),
    [
        (None, "", "", ""),
        (
            KeepReason.HAS_CONTROLLER,
            "",
            "has_controller",
            f"{SAID} {KEEP_SENTENCES[KeepReason.HAS_CONTROLLER]}",
        ),
        (
            KeepReason.NOT_COMPARABLE,
            "these backups have errors",
            "not_comparable",
            f"{SAID} {KEEP_SENTENCES[KeepReason.NOT_COMPARABLE]}: these backups have errors",
        ),
        (KeepReason.PROTECTED, "is the target's own Lease", "protected", f"{SAID} is the target's own Lease"),
    ],
)
def test_what_is_kept_is_told_with_the_code_and_the_sentence_of_its_reason(
    keep: KeepReason | None, detail: str, reason: str, message: str
) -> None:
    [entry] = whole(a_report(a_decision(keep=keep, detail=detail)))["objects"]
    assert entry == {
        **IDENTITY,
        "action": "kept",
        "reason": reason,
        "message": message,
        "restored_by": "b0",
        "lacking_for": 1,
    }


@pytest.mark.parametrize(
    ("outcome", "why", "detail", "action", "reason", "message"),
    [
        (Outcome.DELETED, None, "", "deleted", "", ""),
        (
            Outcome.DELETING,
            Reason.DELETION_BLOCKED,
            "it is held by: example.org/hold",
            "deleting",
            "deletion_blocked",
            f"{SAID} {SENTENCES[Reason.DELETION_BLOCKED]}: it is held by: example.org/hold",
        ),
        (Outcome.UNCHANGED, Reason.DELETED_BEFORE, "", "deleted", "deleted_before", f"{SAID} was gone already"),
        (
            Outcome.FAILED,
            Reason.DELETE_REFUSED,
            "Forbidden",
            "kept",
            "delete_refused",
            f"{SAID} {SENTENCES[Reason.DELETE_REFUSED]}: Forbidden",
        ),
        (
            Outcome.FAILED,
            Reason.LOCK_LOST,
            "too late",
            "kept",
            "lock_lost",
            f"{SAID} {SENTENCES[Reason.LOCK_LOST]}: too late",
        ),
        (
            Outcome.SKIPPED,
            StopReason.OBJECTS_FAILED,
            "1",
            "kept",
            "objects_failed",
            f"{SAID} is not deleted: objects failed in this run: 1",
        ),
        (Outcome.SKIPPED, Reason.PRIVILEGED, "", "kept", "privileged", f"{SAID} {SENTENCES[Reason.PRIVILEGED]}"),
    ],
)
def test_what_became_of_a_deletion_is_said_with_the_code_and_the_sentence_of_its_reason(
    outcome: Outcome, why: Reason | StopReason | None, detail: str, action: str, reason: str, message: str
) -> None:
    done = done_of(INGRESS, outcome, why, detail, action=Action.DELETE)
    [entry] = whole(a_report(a_decision(), done=[done]))["objects"]
    assert entry == {
        **IDENTITY,
        "action": action,
        "reason": reason,
        "message": message,
        "restored_by": "b0",
        "lacking_for": 1,
    }


def test_a_result_belongs_to_its_own_object() -> None:
    other = INGRESS._replace(name="other")
    report = a_report(a_decision(other), a_decision(), done=[done_of(INGRESS, Outcome.DELETED)])
    assert [(entry["name"], entry["action"]) for entry in whole(report)["objects"]] == [
        ("other", "kept"),
        ("web", "deleted"),
    ]


# Bounds


def test_a_long_delta_is_cut_in_the_result_and_whole_in_the_report_file() -> None:
    report = many(1000)
    found = shortened(report)
    assert found["total"] == len(whole(report)["objects"]) == 1000
    assert found["truncated"] is True
    assert whole(report)["truncated"] is False
    assert found["objects"] == whole(report)["objects"][: len(found["objects"])]
    assert 40 < len(found["objects"]) < 1000
    assert json_size(found["objects"]) <= DELTA_BYTES


def test_what_just_fits_is_not_cut() -> None:
    fitting = len(shortened(many(1000))["objects"])
    assert [shortened(many(number))["truncated"] for number in (fitting, fitting + 1)] == [False, True]


def test_a_long_text_is_cut_in_the_result_alone() -> None:
    long = "x" * 5000
    failed = done_of(INGRESS, Outcome.FAILED, Reason.DELETE_REFUSED, long, action=Action.DELETE)
    report = a_report(a_decision(), stops=[Stop(StopReason.INCOMPLETE, long)], done=[failed], previous=long)
    found, all_of_it = shortened(report), whole(report)
    for section in ("objects", "stopped_by"):
        assert len(found[section][0]["message"]) == LONGEST
        assert all_of_it[section][0]["message"].endswith(long)
    assert len(found["previous_backup"]) == LONGEST


def test_the_section_is_bounded_whatever_names_there_are() -> None:
    """A letter beyond the basic plane is one character and twelve bytes of escaped JSON."""
    long = "\U0001d54f" * 5000
    key = ObjectKey(long, long, long, long)
    report = a_report(a_decision(key), stops=[Stop(reason, long) for reason in StopReason], previous=long)
    found = shortened(report)
    assert json_size(found) < 3 * DELTA_BYTES
    assert (found["objects"], found["truncated"], found["total"]) == ([], True, 1)
    assert found["stopped_by"], "at least the first cause is told"
    assert len(whole(report)["stopped_by"]) == len(StopReason)


@pytest.mark.parametrize("section", [whole, shortened])
def test_nothing_in_it_steers_a_terminal_or_a_log(section: Section) -> None:
    evil = "\x1b[31m\n\u202e\ud800"
    key = ObjectKey(evil, evil, evil, evil)
    change = Change(ObjectRef(key, "x", "v1"), Action.DELETE)
    done = Done(change, ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, evil))
    stops = [Stop(StopReason.OBJECTS_FAILED, evil)]
    found = section(a_report(a_decision(key), stops=stops, done=[done], previous=evil, restored_by=evil))
    texts = [found["previous_backup"], *found["stopped_by"][0].values(), *found["objects"][0].values()]
    assert all(str(text).isprintable() for text in texts)
    [kept] = section(a_report(a_decision(key, KeepReason.HAS_CONTROLLER, evil)))["objects"]
    assert kept["message"].isprintable()
