# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a prune runs, what it deletes and in which order, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import LiveObject
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import PrivilegedObjects
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import (
    PrunePlan,
    Pruning,
    RunHealth,
    let_through,
    plan_prune,
    stop_of_run,
)
from ansible_collections.standby.velero.plugins.module_utils._decide.stale import Candidate, Delta, StaleObject
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    NO_LABELS,
    NOT_LACKING,
    InventoryEntry,
    Lacking,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._prune_words import (
    KEEP_SENTENCES,
    STOP_SENTENCES,
    KeepReason,
    Stop,
    StopReason,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupInfo,
    BackupItem,
    Body,
    Change,
    Comparison,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason, sentence

OLD = BackupInfo("b1", "hourly", "2026-11-24T02:00:00Z", "", "Completed", 0, "all", "c1", 100)
NEW = replace(OLD, name="b2", started="2026-11-24T03:00:00Z")
EARLIER, THIS = RestoreScope(OLD, "all", 100), RestoreScope(NEW, "all", 90)
WELL = RunHealth(failed=0, unverified=0, incomplete=())
BOUNDS = Pruning()
LABELS = ("b1", "r1")
"""Of the restore that made what is stale, unless told."""

CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")


def stale(place, scope=EARLIER, keep=None, label="", live_labels=LABELS, read=True, labels=LABELS, **candidate):
    """`resource[.group]/namespace/name` with the kind that places need."""
    resource, namespace, name = place.split("/")
    plural, _dot, group = resource.partition(".")
    kind = {"namespaces": "Namespace", "customresourcedefinitions": CRD[1]}.get(plural, plural)
    key = ObjectKey(group, kind, namespace, name)
    uid = "" if label else f"uid of {name}"
    live = LiveObject(ObjectRef(key, resource, "v1"), f"uid of {name}", keep, labels=live_labels)
    entry = InventoryEntry(uid, "p", namespace, labels=NO_LABELS if label else labels)
    found = Candidate(key, entry, scope, label=label, **candidate)
    return StaleObject(found, live if read else None)


def plan(*objects, previous=EARLIER, this=THIS, run=WELL, pruning=BOUNDS):
    return plan_prune(Delta(objects), previous, this, run, pruning)


def said(decision):
    """What people read of it."""
    return sentence("It", decision.keep, decision.detail)


def reasons(found):
    return [stop.reason.value for stop in found.stops]


def deleted(found):
    return ["/".join(filter(None, (change.ref.resource, *change.key[2:]))) for change in found.deletions]


def many(number):
    return [stale(f"configmaps/shop/{name}") for name in range(number)]


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
    kept = [stale(f"namespaces//{number}", keep=KeepReason.NOT_NAMED) for number in range(10)]
    assert reasons(plan(stale("configmaps/shop/a"), *kept)) == ["over_count", "over_percent"]


@pytest.mark.parametrize(
    ("run", "detail"),
    [
        (RunHealth(2, 0, ()), "objects failed in this run: 2"),
        (RunHealth(0, 3, ()), "objects could not be verified in this run: 3"),
        (RunHealth(0, 0, ("b.example.com", "a.example.com")), "a.example.com, b.example.com"),
        (RunHealth(unproven="no list"), "cannot be checked, so that none is known to be gone: no list"),
    ],
)
def test_a_run_that_did_not_go_well_deletes_nothing(run, detail):
    found = plan(stale("configmaps/shop/a"), run=run)
    [stop] = found.stops
    assert detail in str(stop)
    assert found.deletions == ()


def test_an_object_that_could_not_be_read_stops_it_all():
    found = plan(stale("configmaps/shop/a"), stale("configmaps/shop/b", read=False))
    assert reasons(found) == ["incomplete"]
    assert [decision.keep for decision in found.objects] == [None, KeepReason.UNREAD]
    assert found.objects[1].ref is None


def test_all_that_stands_in_the_way_is_told_at_once():
    found = plan(
        *many(30),
        previous=EARLIER._replace(selection="part"),
        run=RunHealth(1, 1, ("g",), "no list"),
        pruning=Pruning(1, 1),
    )
    assert reasons(found) == [
        "other_selection",
        "objects_failed",
        "objects_unverified",
        "incomplete",
        "discovery_unproven",
        "over_count",
        "over_percent",
    ]


def test_without_an_earlier_backup_there_is_nothing_to_compare_with():
    assert reasons(plan(previous=None)) == ["no_previous"]


@pytest.mark.parametrize(
    ("found", "keep"),
    [
        (stale("configmaps/shop/a"), None),
        (stale("configmaps/shop/a", keep=KeepReason.HAS_CONTROLLER), KeepReason.HAS_CONTROLLER),
        (stale("configmaps/shop/a", keep=KeepReason.PROTECTED), KeepReason.PROTECTED),
        (stale("configmaps/shop/a", keep=KeepReason.TERMINATING), KeepReason.TERMINATING),
        (stale("configmaps/shop/a", label="b1", live_labels=("b1", "any")), None),
        (stale("configmaps/shop/a", label="b1", live_labels=("b0", "r1")), KeepReason.NOT_LABELLED),
        (stale("configmaps/shop/a", label="b1", live_labels=NO_LABELS), KeepReason.NOT_LABELLED),
        (stale("configmaps/shop/a", label="b1", doubtful=True), KeepReason.DOUBTFUL),
        (stale("configmaps/shop/a", live_labels=NO_LABELS), KeepReason.NOT_LABELLED),
        (stale("configmaps/shop/a", live_labels=("b1", "r2")), KeepReason.NOT_LABELLED),
        (stale("configmaps/shop/a", live_labels=("b2", "r1")), KeepReason.NOT_LABELLED),
        (stale("configmaps/shop/a", labels=NO_LABELS, live_labels=NO_LABELS), KeepReason.UNSIGNED),
        (stale("configmaps/shop/a", labels=NO_LABELS), KeepReason.UNSIGNED),
        (stale("configmaps/shop/a", scope=EARLIER._replace(rebuilt=True)), KeepReason.REBUILT),
        (stale("configmaps/shop/a", EARLIER._replace(selection="part")), KeepReason.NOT_COMPARABLE),
        (
            stale("configmaps/shop/a", RestoreScope(replace(OLD, phase="PartiallyFailed"), "all", 100)),
            KeepReason.NOT_COMPARABLE,
        ),
        (
            stale("configmaps/shop/a", RestoreScope(replace(OLD, started="2026-11-24T04:00:00Z"), "all", 9)),
            KeepReason.NOT_COMPARABLE,
        ),
        (stale("namespaces//shop"), None),
        (stale("namespaces//shop", holding=True), KeepReason.HOLDS),
    ],
)
def test_one_object_is_kept_for_a_reason_of_its_own(found, keep):
    planned = plan(found, stale("secrets/other/b"))
    assert not planned.stops
    decision = next(one for one in planned.objects if one.key == found.candidate.key)
    assert decision.keep is keep
    assert bool(said(decision)) is bool(keep)
    assert set(deleted(planned)) == {"secrets/other/b", *deleted(plan(found))}
    assert len(planned.deletions) == (1 if keep else 2)


@pytest.mark.parametrize(
    ("lacking", "needed", "number", "keep"),
    [
        (NOT_LACKING, 1, 1, None),
        (NOT_LACKING, 2, 1, KeepReason.NOT_YET),
        (Lacking(1, "2026-11-24T02:30:00Z"), 2, 2, None),
        (Lacking(1, "2026-11-24T03:00:00Z"), 2, 1, KeepReason.NOT_YET),
        (Lacking(1, "2026-11-24T02:30:00Z"), 3, 2, KeepReason.NOT_YET),
        (Lacking(5, "2026-11-24T03:00:00Z"), 3, 5, None),
    ],
)
def test_an_object_goes_once_enough_backups_have_lacked_it(lacking, needed, number, keep):
    one = stale("configmaps/shop/a")
    one = replace(one, candidate=replace(one.candidate, entry=one.candidate.entry._replace(lacking=lacking)))
    found = plan(one, pruning=Pruning(after=needed))
    [decision] = found.objects
    assert (decision.keep, decision.lacking_for, found.stops) == (keep, number, ())
    assert len(found.deletions) == (keep is None)
    if keep:
        assert said(decision) == f"It {KEEP_SENTENCES[keep]}: {number} of {needed}"


def test_a_namespace_waits_for_what_lies_in_it():
    namespace, inside = stale("namespaces//shop"), stale("configmaps/shop/a")
    away = replace(
        namespace,
        candidate=replace(namespace.candidate, entry=InventoryEntry("u", "p", "shop", Lacking(9, "x"), LABELS)),
    )
    found = plan(away, inside, pruning=Pruning(after=2))
    assert [one.keep for one in found.objects] == [KeepReason.HOLDS, KeepReason.NOT_YET]


def test_what_weighs_more_is_told_before_it():
    kept = stale("configmaps/shop/a", keep=KeepReason.HAS_CONTROLLER)
    assert [one.keep for one in plan(kept, pruning=Pruning(after=9)).objects] == [KeepReason.HAS_CONTROLLER]


def test_an_older_backup_is_judged_by_itself_and_says_what_is_wrong():
    [decision] = plan(stale("configmaps/shop/a", RestoreScope(replace(OLD, name="b0", errors=2), "part", 100))).objects
    assert "these backups have errors: b0; selection or mappings" in said(decision)


@pytest.mark.parametrize(
    ("inside", "held"),
    [
        (stale("configmaps/shop/a"), False),
        (stale("configmaps/shop/a", keep=KeepReason.HAS_CONTROLLER), True),
        (stale("persistentvolumeclaims/shop/a", keep=KeepReason.NOT_NAMED), True),
        (stale("configmaps/store/a", keep=KeepReason.HAS_CONTROLLER), False),
    ],
)
def test_a_namespace_stays_with_what_is_kept_in_it(inside, held):
    namespace = next(one for one in plan(stale("namespaces//shop"), inside).objects if one.key.kind == "Namespace")
    assert (namespace.keep is KeepReason.HOLDS) is held


def test_a_definition_stays_with_what_is_kept_of_its_group():
    definition = stale("customresourcedefinitions.apiextensions.k8s.io//widgets.example.com")
    found = plan(stale("widgets.example.com/shop/a", keep=KeepReason.HAS_CONTROLLER), definition)
    assert [decision.keep for decision in found.objects if decision.key.kind == CRD[1]] == [KeepReason.HOLDS]


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
    found = plan(*map(stale, places))
    assert deleted(found) == [
        "validatingwebhookconfigurations.admissionregistration.k8s.io/guard",
        "deployments.apps/shop/web",
        "services/shop/web",
        "configmaps/shop/b",
        "configmaps/shop/a",
        "namespaces/shop",
        "customresourcedefinitions.apiextensions.k8s.io/widgets.example.com",
    ]
    assert [change.comparison.uid for change in found.deletions][2] == "uid of web"


ROLE_BINDING = "rolebindings.rbac.authorization.k8s.io/shop/web"


def no_body(_item: BackupItem) -> Body:
    raise AssertionError("the backup does not have what is deleted")


@pytest.mark.parametrize(
    ("mode", "places", "expected"),
    [
        ("restore", [ROLE_BINDING, "namespaces//shop"], ["delete", "delete"]),
        ("skip", [ROLE_BINDING, "namespaces//shop"], ["skip privileged", "skip holds"]),
        ("skip", [ROLE_BINDING, "namespaces//other"], ["skip privileged", "delete"]),
        ("skip", [ROLE_BINDING, "configmaps/shop/a"], ["delete", "skip privileged"]),
        ("skip", ["configmaps/shop/a", "namespaces//shop"], ["delete", "delete"]),
        ("fail", ["configmaps/shop/a", "namespaces//shop"], ["delete", "delete"]),
    ],
    ids=["let through", "skipped", "another namespace", "beside it", "nothing to skip", "nothing to fail"],
)
def test_what_is_held_back_of_the_deletions_does_not_go_with_its_namespace(mode, places, expected):
    planned = plan(*map(stale, places))
    found, changes = let_through(planned, lambda change: PrivilegedObjects(mode).held_back(change, no_body))
    assert found == planned
    assert [change.ref for change in changes] == [change.ref for change in planned.deletions]
    assert [" ".join(filter(None, (one.action.value, one.reason and one.reason.value))) for one in changes] == expected


def test_a_deletion_that_fails_in_the_plan_stops_all_others_and_the_plan_says_so():
    """In a run too a failed object forbids them: that is no news which only the run may bring."""
    planned = plan(stale("configmaps/shop/a"), stale(ROLE_BINDING), stale("namespaces//shop"))
    found, changes = let_through(planned, lambda change: PrivilegedObjects("fail").held_back(change, no_body))
    assert [(change.ref.resource, change.action) for change in changes] == [
        ("rolebindings.rbac.authorization.k8s.io", Action.FAIL)
    ]
    assert found.objects == planned.objects
    assert [str(stop) for stop in found.stops] == [
        "objects failed in this run: 1 of the deletions, which privileged_objects refuses"
    ]
    assert found.deletions == ()


def test_a_prune_that_is_stopped_has_no_deletions_to_hold_back():
    planned = plan(stale(ROLE_BINDING), run=RunHealth(failed=1))
    assert let_through(planned, lambda change: PrivilegedObjects("fail").held_back(change, no_body)) == (planned, [])


def test_a_deletion_is_a_change_of_that_very_object_with_its_body_for_a_diff():
    found = stale("configmaps/shop/a")
    body = {"metadata": {"name": "a"}, "data": {"a": "1"}}
    [bare] = plan(found).deletions
    [shown] = plan(replace(found, live=found.live._replace(body=body, resource_version="7"))).deletions
    key = ObjectKey("", "configmaps", "shop", "a")
    assert bare == Change(
        ObjectRef(key, "configmaps", "v1"), Action.DELETE, comparison=Comparison("", labels=LABELS, uid="uid of a")
    )
    assert shown == replace(bare, comparison=Comparison("7", before=body, labels=LABELS, uid="uid of a"))
    with pytest.raises(TypeError, match="the backup does not have configmaps shop/a"):
        _item = bare.item


def test_where_a_label_has_to_prove_who_made_it_the_deletion_knows_that():
    [change] = plan(stale("configmaps/shop/a", label="b1")).deletions
    assert change.comparison.labels == ("b1", None)


def test_what_may_be_deleted_is_named_in_full_once_the_target_is_known():
    words = {"ns": "namespaces", "pvc": "persistentvolumeclaims"}
    given = Pruning(1, 2, ("ns/shop", "pvc/shop/data", "*", "pvc"))
    assert given.resolved(lambda word: words.get(word, word)) == Pruning(
        1, 2, ("namespaces/shop", "persistentvolumeclaims/shop/data", "*", "persistentvolumeclaims")
    )


# what the run itself brings


def done(outcome, reason=None):
    item = BackupItem(ObjectKey("", "ConfigMap", "shop", "a"), "configmaps", "v1")
    return Done(Change(item, Action.UPDATE), ObjectResult(outcome, reason))


FINE = [
    done(Outcome.CREATED),
    done(Outcome.UPDATED),
    done(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
    done(Outcome.RECREATED),
    done(Outcome.UNCHANGED, Reason.NO_EFFECT),
    done(Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
    done(Outcome.SKIPPED, Reason.PRIVILEGED),
]
FAILED = done(Outcome.FAILED, Reason.REFUSED)
UNVERIFIED = done(Outcome.CREATED, Reason.UNVERIFIED)


@pytest.mark.parametrize(
    ("results", "stop"),
    [
        ([], None),
        (FINE, None),
        ([*FINE, FAILED], Stop(StopReason.OBJECTS_FAILED, "1")),
        ([FAILED, *FINE, done(Outcome.FAILED, Reason.LOCK_LOST)], Stop(StopReason.OBJECTS_FAILED, "2")),
        ([done(Outcome.FAILED, Reason.PRIVILEGED)], Stop(StopReason.OBJECTS_FAILED, "1")),
        ([*FINE, UNVERIFIED, UNVERIFIED, UNVERIFIED], Stop(StopReason.OBJECTS_UNVERIFIED, "3")),
        ([UNVERIFIED, FAILED], Stop(StopReason.OBJECTS_FAILED, "1")),
        ([done(Outcome.FAILED, Reason.UNVERIFIED)], Stop(StopReason.OBJECTS_FAILED, "1")),
    ],
    ids=[
        "nothing was restored",
        "all went well",
        "one failed",
        "two failed",
        "held back as a failure",
        "what a dry run cannot show",
        "failures are told first",
        "one that is both",
    ],
)
def test_what_became_of_the_other_objects_may_forbid_the_deletions(results, stop):
    assert stop_of_run(iter(results)) == stop


def test_a_plan_that_has_nothing_to_prune_has_nothing_to_delete():
    assert PrunePlan() == PrunePlan((), ())
    assert PrunePlan().deletions == ()


def test_every_reason_has_its_sentence():
    assert STOP_SENTENCES.keys() == set(StopReason)
    assert KEEP_SENTENCES.keys() == set(KeepReason)
    for text in (*STOP_SENTENCES.values(), *KEEP_SENTENCES.values()):
        assert text[0].islower()
        assert not text.endswith(".")


# What an inventory proves that is signed


@pytest.mark.parametrize(
    ("labels", "live_labels", "keep"),
    [
        (NO_LABELS, NO_LABELS, None),
        (NO_LABELS, ("b9", "r9"), None),
        (LABELS, LABELS, None),
        (LABELS, NO_LABELS, KeepReason.NOT_LABELLED),
        (LABELS, ("b1", "r2"), KeepReason.NOT_LABELLED),
    ],
)
def test_an_object_without_labels_is_pruned_on_the_word_of_a_signed_inventory(labels, live_labels, keep):
    """One that got labels must have them still, whatever the inventory proves: somebody may have taken it over."""
    found = plan(stale("configmaps/shop/a", labels=labels, live_labels=live_labels), pruning=Pruning(signed=True))
    assert [decision.keep for decision in found.objects] == [keep]
    assert len(found.deletions) == (keep is None)


def test_a_signed_inventory_prunes_nothing_that_was_rebuilt():
    found = plan(stale("configmaps/shop/a", scope=EARLIER._replace(rebuilt=True)), pruning=Pruning(signed=True))
    assert [decision.keep for decision in found.objects] == [KeepReason.REBUILT]


def test_a_deletion_says_which_labels_its_object_must_have():
    [change] = plan(stale("configmaps/shop/a")).deletions
    assert change.comparison.labels == LABELS
