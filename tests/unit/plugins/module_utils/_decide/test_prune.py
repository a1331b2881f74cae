"""Whether a prune runs, what it deletes and in which order, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import LiveObject
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import Pruning, RunHealth, decide, resolved
from ansible_collections.standby.velero.plugins.module_utils._decide.stale import Candidate, Delta, StaleObject
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry, RestoreScope
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import (
    KEEP_SENTENCES,
    STOP_SENTENCES,
    KeepReason,
    StopReason,
)

OLD = BackupInfo("b1", "hourly", "2026-11-24T02:00:00Z", "", "Completed", 0, "all", "c1", 100)
NEW = replace(OLD, name="b2", started="2026-11-24T03:00:00Z")
EARLIER, THIS = RestoreScope(OLD, "all", 100), RestoreScope(NEW, "all", 90)
WELL = RunHealth(failed=0, unproven=0, incomplete=())
BOUNDS = Pruning()

CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")


def left(place, terms=EARLIER, guard=None, label="", live_label="", read=True, **candidate):
    """`resource[.group]/namespace/name` with the kind that places need."""
    resource, namespace, name = place.split("/")
    plural, _dot, group = resource.partition(".")
    kind = {"namespaces": "Namespace", "customresourcedefinitions": CRD[1]}.get(plural, plural)
    key = ObjectKey(group, kind, namespace, name)
    uid = "" if label else f"uid of {name}"
    live = LiveObject(
        BackupItem(key, resource, "v1"), f"uid of {name}", guard, guard and KEEP_SENTENCES[guard], live_label
    )
    found = Candidate(key, InventoryEntry(uid, "p", namespace), terms, label=label, **candidate)
    return StaleObject(found, live if read else None)


def plan(*objects, previous=EARLIER, this=THIS, run=WELL, pruning=BOUNDS):
    return decide(Delta(objects), previous, this, run, pruning)


def reasons(found):
    return [stop.reason.value for stop in found.stops]


def deleted(found):
    return ["/".join(filter(None, (verdict.item.resource, *verdict.key[2:]))) for verdict in found.deletions]


def many(number):
    return [left(f"configmaps/shop/{name}") for name in range(number)]


@pytest.mark.parametrize(
    ("number", "selected", "pruning", "expected"),
    [
        (10, 100, Pruning(), []),
        (11, 1000, Pruning(), ["over_count"]),
        (10, 99, Pruning(), ["over_percent"]),
        (11, 100, Pruning(), ["over_count", "over_percent"]),
        (1, 10, Pruning(), []),
        (1, 9, Pruning(), ["over_percent"]),
        (1, 9, Pruning(max_percent=11), ["over_percent"]),
        (1, 9, Pruning(max_percent=12), []),
        (1, 100, Pruning(max_count=0), ["over_count"]),
        (1, 100, Pruning(max_percent=0), ["over_percent"]),
        (0, 100, Pruning(max_count=0, max_percent=0), []),
        (3, 3, Pruning(max_percent=100), []),
        (1, 0, Pruning(max_percent=100), ["nothing_selected", "over_percent"]),
    ],
)
def test_over_either_bound_nothing_is_deleted(number, selected, pruning, expected):
    found = plan(*many(number), previous=EARLIER._replace(selected=selected), pruning=pruning)
    assert reasons(found) == expected
    assert len(found.deletions) == (0 if expected else number)
    assert len(found.objects) == number


def test_the_bounds_count_what_is_kept_too():
    guarded = [left(f"namespaces//{number}", guard=KeepReason.NOT_NAMED) for number in range(10)]
    assert reasons(plan(left("configmaps/shop/a"), *guarded)) == ["over_count", "over_percent"]


@pytest.mark.parametrize(
    ("run", "detail"),
    [
        (RunHealth(2, 0, ()), "objects failed in this run: 2"),
        (RunHealth(0, 3, ()), "objects are unproven in this run: 3"),
        (RunHealth(0, 0, ("b.example.com", "a.example.com")), "a.example.com, b.example.com"),
    ],
)
def test_a_run_that_did_not_go_well_deletes_nothing(run, detail):
    found = plan(left("configmaps/shop/a"), run=run)
    [stop] = found.stops
    assert detail in str(stop)
    assert found.deletions == ()


def test_an_object_that_could_not_be_read_stops_it_all():
    found = plan(left("configmaps/shop/a"), left("configmaps/shop/b", read=False))
    assert reasons(found) == ["incomplete"]
    assert [verdict.guard for verdict in found.objects] == [None, KeepReason.UNREAD]
    assert found.objects[1].item is None


def test_all_that_stands_in_the_way_is_told_at_once():
    found = plan(
        *many(30), previous=EARLIER._replace(selection="part"), run=RunHealth(1, 1, ("g",)), pruning=Pruning(1, 1)
    )
    assert reasons(found) == [
        "other_selection",
        "failed",
        "unproven",
        "incomplete",
        "over_count",
        "over_percent",
    ]


def test_without_an_earlier_backup_there_is_nothing_to_compare_with():
    assert reasons(plan(previous=None)) == ["no_previous"]


@pytest.mark.parametrize(
    ("found", "guard"),
    [
        (left("configmaps/shop/a"), None),
        (left("configmaps/shop/a", guard=KeepReason.HAS_CONTROLLER), KeepReason.HAS_CONTROLLER),
        (left("configmaps/shop/a", guard=KeepReason.PROTECTED), KeepReason.PROTECTED),
        (left("configmaps/shop/a", guard=KeepReason.TERMINATING), KeepReason.TERMINATING),
        (left("configmaps/shop/a", label="b1", live_label="b1"), None),
        (left("configmaps/shop/a", label="b1", live_label="b0"), KeepReason.NOT_LABELLED),
        (left("configmaps/shop/a", label="b1"), KeepReason.NOT_LABELLED),
        (left("configmaps/shop/a", label="b1", live_label="b1", doubtful=True), KeepReason.DOUBTFUL),
        (left("configmaps/shop/a", EARLIER._replace(selection="part")), KeepReason.OTHER_TERMS),
        (
            left("configmaps/shop/a", RestoreScope(replace(OLD, phase="PartiallyFailed"), "all", 100)),
            KeepReason.OTHER_TERMS,
        ),
        (
            left("configmaps/shop/a", RestoreScope(replace(OLD, started="2026-11-24T04:00:00Z"), "all", 9)),
            KeepReason.OTHER_TERMS,
        ),
        (left("namespaces//shop"), None),
        (left("namespaces//shop", holding=True), KeepReason.HOLDS),
    ],
)
def test_one_object_is_kept_for_a_reason_of_its_own(found, guard):
    decided = plan(found, left("secrets/other/b"))
    assert not decided.stops
    verdict = next(one for one in decided.objects if one.key == found.candidate.key)
    assert verdict.guard is guard
    assert bool(verdict.why) is bool(guard)
    assert set(deleted(decided)) == {"secrets/other/b", *deleted(plan(found))}
    assert len(decided.deletions) == (1 if guard else 2)


def test_an_older_backup_is_judged_by_itself_and_says_what_is_wrong():
    [verdict] = plan(left("configmaps/shop/a", RestoreScope(replace(OLD, name="b0", errors=2), "part", 100))).objects
    assert "these backups have errors: b0; selection or mappings" in verdict.why


@pytest.mark.parametrize(
    ("inside", "held"),
    [
        (left("configmaps/shop/a"), False),
        (left("configmaps/shop/a", guard=KeepReason.HAS_CONTROLLER), True),
        (left("persistentvolumeclaims/shop/a", guard=KeepReason.NOT_NAMED), True),
        (left("configmaps/store/a", guard=KeepReason.HAS_CONTROLLER), False),
    ],
)
def test_a_namespace_stays_with_what_is_kept_in_it(inside, held):
    namespace = next(one for one in plan(left("namespaces//shop"), inside).objects if one.key.kind == "Namespace")
    assert (namespace.guard is KeepReason.HOLDS) is held


def test_a_definition_stays_with_what_is_kept_of_its_group():
    definition = left("customresourcedefinitions.apiextensions.k8s.io//widgets.example.com")
    found = plan(left("widgets.example.com/shop/a", guard=KeepReason.HAS_CONTROLLER), definition)
    assert [verdict.guard for verdict in found.objects if verdict.key.kind == CRD[1]] == [KeepReason.HOLDS]


def test_deletions_go_in_the_reverse_order_of_a_restore():
    places = [
        "configmaps/shop/a",
        "configmaps/shop/b",
        "customresourcedefinitions.apiextensions.k8s.io//widgets.example.com",
        "deployments.apps/shop/web",
        "namespaces//shop",
        "validatingwebhookconfigurations.admissionregistration.k8s.io//guard",
        "services/shop/web",
    ]
    found = plan(*map(left, places))
    assert deleted(found) == [
        "validatingwebhookconfigurations.admissionregistration.k8s.io/guard",
        "deployments.apps/shop/web",
        "services/shop/web",
        "configmaps/shop/b",
        "configmaps/shop/a",
        "namespaces/shop",
        "customresourcedefinitions.apiextensions.k8s.io/widgets.example.com",
    ]
    assert [verdict.uid for verdict in found.deletions][2] == "uid of web"


def test_what_may_be_deleted_is_named_in_full_once_the_target_is_known():
    words = {"ns": "namespaces", "pvc": "persistentvolumeclaims"}
    given = Pruning(1, 2, ("ns/shop", "pvc/shop/data", "*", "pvc"))
    assert resolved(given, lambda word: words.get(word, word)) == Pruning(
        1, 2, ("namespaces/shop", "persistentvolumeclaims/shop/data", "*", "persistentvolumeclaims")
    )


def test_every_reason_has_its_sentence():
    assert STOP_SENTENCES.keys() == set(StopReason)
    assert KEEP_SENTENCES.keys() == set(KeepReason)
    for sentence in (*STOP_SENTENCES.values(), *KEEP_SENTENCES.values()):
        assert sentence[0].islower()
        assert not sentence.endswith(".")
