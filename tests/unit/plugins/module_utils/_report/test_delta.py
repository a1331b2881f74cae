# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section on what is left over: what is in it, within which bounds, and that nothing in it steers a terminal."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PruneDecision, PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._report.delta import (
    DELTA_BYTES,
    DeltaReport,
    shortened,
    whole,
)
from ansible_collections.standby.velero.plugins.module_utils._report.text import LONGEST, json_size
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import (
    KEEP_SENTENCES,
    KeepReason,
    Outcome,
    Reason,
    Stop,
    StopReason,
)

INGRESS = ObjectKey("networking.k8s.io", "Ingress", "shop", "web")
NAMESPACE = ObjectKey("", "Namespace", "", "shop")
IDENTITY = {"group": "networking.k8s.io", "kind": "Ingress", "namespace": "shop", "name": "web"}


def a_verdict(key: ObjectKey = INGRESS, guard: KeepReason | None = None) -> PruneDecision:
    return PruneDecision(key, BackupItem(key, "x", "v1"), "u1", guard, KEEP_SENTENCES[guard] if guard else "")


def a_report(*verdicts, stops=(), results=(), mode="prune", previous="b1") -> DeltaReport:
    return DeltaReport(mode, previous, PrunePlan(tuple(stops), verdicts), tuple(results))


def many(number: int) -> DeltaReport:
    return a_report(
        *(a_verdict(INGRESS._replace(name=f"web-{one:05}"), KeepReason.HAS_CONTROLLER) for one in range(number))
    )


@pytest.mark.parametrize("section", [whole, shortened])
def test_an_empty_delta_is_a_section_too(section):
    assert section(a_report(mode="report", previous="")) == {
        "mode": "report",
        "previous_backup": "",
        "objects": [],
        "total": 0,
        "truncated": False,
        "stopped_by": [],
    }


@pytest.mark.parametrize("section", [whole, shortened])
def test_the_section_tells_the_earlier_backup_what_is_left_and_what_stands_in_the_way(section):
    stops = [Stop(StopReason.NO_PREVIOUS), Stop(StopReason.OBJECTS_FAILED, "2")]
    found = section(a_report(a_verdict(), a_verdict(NAMESPACE, KeepReason.NOT_NAMED), stops=stops))
    assert (found["mode"], found["previous_backup"], found["total"], found["truncated"]) == ("prune", "b1", 2, False)
    assert found["stopped_by"] == [
        "no earlier backup of this schedule is known",
        "objects failed in this run: 2",
    ]
    assert [entry["name"] for entry in found["objects"]] == ["web", "shop"]


@pytest.mark.parametrize(
    ("guard", "result", "action", "reason"),
    [
        (None, None, "kept", ""),
        (
            KeepReason.HAS_CONTROLLER,
            None,
            "kept",
            f"Ingress.networking.k8s.io shop/web {KEEP_SENTENCES[KeepReason.HAS_CONTROLLER]}",
        ),
        (None, (Outcome.DELETED, None, ""), "deleted", ""),
        (None, (Outcome.UNCHANGED, None, "was gone already"), "deleted", "was gone already"),
        (None, (Outcome.FAILED, Reason.REFUSED, "was refused"), "kept", "was refused"),
        (None, (Outcome.FAILED, Reason.LOCK_LOST, "lock lost"), "kept", "lock lost"),
    ],
)
def test_what_became_of_an_object_is_said_with_the_reason(guard, result, action, reason):
    results = [ObjectResult(INGRESS, "v1", result[0], result[1], result[2])] if result else []
    [entry] = whole(a_report(a_verdict(guard=guard), results=results))["objects"]
    assert entry == {**IDENTITY, "action": action, "reason": reason}


def test_a_result_belongs_to_its_own_object():
    other = INGRESS._replace(name="other")
    report = a_report(a_verdict(other), a_verdict(), results=[ObjectResult(INGRESS, "v1", Outcome.DELETED)])
    assert [(entry["name"], entry["action"]) for entry in whole(report)["objects"]] == [
        ("other", "kept"),
        ("web", "deleted"),
    ]


# Bounds


def test_a_long_delta_is_cut_in_the_result_and_whole_in_the_report_file():
    report = many(1000)
    found = shortened(report)
    assert found["total"] == len(whole(report)["objects"]) == 1000
    assert found["truncated"] is True
    assert whole(report)["truncated"] is False
    assert found["objects"] == whole(report)["objects"][: len(found["objects"])]
    assert 50 < len(found["objects"]) < 1000
    assert json_size(found["objects"]) <= DELTA_BYTES


def test_what_just_fits_is_not_cut():
    fitting = len(shortened(many(1000))["objects"])
    assert [shortened(many(number))["truncated"] for number in (fitting, fitting + 1)] == [False, True]


def test_a_long_text_is_cut_in_the_result_alone():
    long = "x" * 5000
    result = ObjectResult(INGRESS, "v1", Outcome.FAILED, message=long)
    report = a_report(a_verdict(), stops=[Stop(StopReason.INCOMPLETE, long)], results=[result], previous=long)
    found = shortened(report)
    assert [len(text) for text in (found["objects"][0]["reason"], *found["stopped_by"])] == [LONGEST, LONGEST]
    assert len(found["previous_backup"]) == LONGEST
    all_of_it = whole(report)
    assert all_of_it["objects"][0]["reason"] == long
    assert all_of_it["stopped_by"][0].endswith(long)


def test_the_section_is_bounded_whatever_names_there_are():
    """A letter beyond the basic plane is one character and twelve bytes of escaped JSON."""
    long = "\U0001d54f" * 5000
    key = ObjectKey(long, long, long, long)
    report = a_report(a_verdict(key), stops=[Stop(reason, long) for reason in StopReason], previous=long)
    found = shortened(report)
    assert json_size(found) < 3 * DELTA_BYTES
    assert (found["objects"], found["truncated"], found["total"]) == ([], True, 1)
    assert found["stopped_by"], "at least the first cause is told"
    assert len(whole(report)["stopped_by"]) == len(StopReason)


@pytest.mark.parametrize("section", [whole, shortened])
def test_nothing_in_it_steers_a_terminal_or_a_log(section):
    evil = "\x1b[31m\n\u202e\ud800"
    key = ObjectKey(evil, evil, evil, evil)
    result = ObjectResult(key, "v1", Outcome.FAILED, message=evil)
    found = section(
        a_report(a_verdict(key), stops=[Stop(StopReason.OBJECTS_FAILED, evil)], results=[result], previous=evil)
    )
    texts = [found["previous_backup"], *found["stopped_by"], *found["objects"][0].values()]
    assert all(text.isprintable() for text in texts)
    [guarded] = section(a_report(a_verdict(key, KeepReason.HAS_CONTROLLER)))["objects"]
    assert guarded["reason"].isprintable()
