# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recreation, step by step: what is sent before what, and what stands after each step that fails."""

from __future__ import annotations

import random

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.creates import LAG_PAUSES
from ansible_collections.standby.velero.plugins.module_utils._apply.recreate import recreate
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import CONFLICTS
from ansible_collections.standby.velero.plugins.module_utils._apply.rollback import mark_of
from ansible_collections.standby.velero.plugins.module_utils._decide.recreatable import Recreation
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    LockLost,
    MalformedAnswer,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import (
    MOST,
    refused_mark,
    rollback_copy,
    secret_name,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import (
    body_of as body_in,
)
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from executing import LABELS, OLD_LABELS, STATE, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import GONE, ScriptedTarget, failing, patched, stored

WANTED = {**config_map(size="3"), "immutable": True}
FOUND = live({**config_map(size="1"), "immutable": True})
KEY = item_of(WANTED).key
SECRET = f"secrets {STATE}/{secret_name(KEY)}"
WHY = "Invalid: data (field is immutable)"
EXISTS = failing(AlreadyExists)

GET, CREATE, DELETE = (f"{verb} configmaps shop/app" for verb in ("get", "create", "delete"))
ADMIT = f"dry-run {CREATE}"
COPY, GET_COPY, DROP, MARK = (f"{verb} {SECRET}" for verb in ("create", "get", "delete", "patch"))

LOOK = [(GET, FOUND)]
PROOF = [*LOOK, (ADMIT, EXISTS)]
KEPT = [*PROOF, (COPY, stored("s1"))]
DELETED = [*KEPT, (DELETE, GONE)]
EMPTIED = [*DELETED, (GET, failing(NotFound))]
MADE = [*EMPTIED, (CREATE, stored("new"))]
WHERE = f"its body as it was is kept in Secret {STATE}/{secret_name(KEY)}"
"""Each list is the script up to one step."""

RECREATED = ObjectResult(Outcome.RECREATED, None, WHY, uid="new")


def moved(body: Body = FOUND, **more: object) -> Body:
    """The object after somebody wrote it."""
    return live(body, OLD_LABELS, "8", **more)


def recreated(
    *script: tuple[str, object],
    wanted: Body = WANTED,
    found: Body = FOUND,
    **how: object,
) -> tuple[ObjectResult | str, ScriptedTarget]:
    """What comes of it; just what is scripted must have been asked for, in that order."""
    target = ScriptedTarget(*script)
    running = executor(target, wanted, policy="recreate", **how)
    result = recreate(running, change_of(running, wanted, found), WHY)
    assert target.requests == target.script
    return result, target


# All goes well


def test_proof_then_copy_then_deletion_then_creation():
    result, target = recreated(*MADE, (DROP, GONE))
    assert result == RECREATED
    new = {**WANTED, "metadata": {**WANTED["metadata"], "labels": LABELS}}
    assert target.body(ADMIT) == target.body(CREATE) == new
    assert target.body(DELETE) == {"uid": "old", "version": "7", "propagation": "Background"}
    assert target.body(DROP) == {"uid": "s1", "version": "", "propagation": ""}


def test_the_old_body_is_stored_with_all_that_it_had():
    _result, target = recreated(*MADE, (DROP, GONE))
    secret = target.body(COPY)
    metadata = {name: value for name, value in FOUND["metadata"].items() if name not in ("uid", "resourceVersion")}
    assert body_in(secret) == {**FOUND, "metadata": metadata}
    assert rollback_copy(stored("s1")(secret)).uid == "old"


@pytest.mark.parametrize("propagation", ["background", "foreground", "orphan"])
def test_its_dependents_go_as_the_user_wants_it(propagation):
    _result, target = recreated(*MADE, (DROP, GONE), recreation=Recreation(propagation=propagation))
    assert target.body(DELETE)["propagation"] == propagation.capitalize()


def test_a_status_that_is_restored_too_follows_the_new_object():
    has, wants = body_of("Job", "migrate", spec={"a": 1}), body_of("Job", "migrate", spec={"a": 2}, status={"ready": 1})
    place, secret = "jobs.batch shop/migrate", f"secrets {STATE}/{secret_name(item_of(wants).key)}"
    found = live(has)
    found["spec"]["template"] = {"spec": {}}
    result, target = recreated(
        (f"get {place}", found),
        (f"dry-run create {place}", EXISTS),
        (f"create {secret}", stored("s1")),
        (f"delete {place}", GONE),
        (f"get {place}", failing(NotFound)),
        (f"create {place}", stored("new", "1", status=None)),
        (f"delete {secret}", GONE),
        ("patch jobs.batch/status shop/migrate", patched(has)),
        wanted=wants,
        found=found,
        status=True,
    )
    assert result == RECREATED
    assert target.sent[-1].body == {"metadata": {"resourceVersion": "1"}, "status": {"ready": 1}}


SERVICE = "services shop/web"
PORTS = [{"name": "web", "port": 80}]
ADDRESSES = {
    "clusterIP": "10.0.0.7",
    "clusterIPs": ["10.0.0.7"],
    "healthCheckNodePort": 30081,
    "ports": [{"name": "web", "port": 80, "nodePort": 30080}],
}


def of_service(spec: Body, *refused: tuple[str, object]) -> tuple[ObjectResult | str, ScriptedTarget]:
    """The recreation of a Service that has addresses, and a selector that the backup has not."""
    found = live(body_of("Service", "web", spec={**spec, **ADDRESSES, "selector": {"app": "a"}}))
    wants = body_of("Service", "web", spec={**spec, "ports": PORTS})
    secret = f"secrets {STATE}/{secret_name(item_of(wants).key)}"
    return recreated(
        (f"get {SERVICE}", found),
        (f"dry-run create {SERVICE}", EXISTS),
        (f"create {secret}", stored("s1")),
        (f"delete {SERVICE}", GONE),
        (f"get {SERVICE}", failing(NotFound)),
        *refused,
        (f"create {SERVICE}", stored("new")),
        (f"delete {secret}", GONE),
        wanted=wants,
        found=found,
        recreation=Recreation(allow=("services",)),
    )


def test_a_service_keeps_its_addresses_and_is_proven_without_them():
    result, target = of_service(spec := {"type": "LoadBalancer", "externalTrafficPolicy": "Local"})
    assert result == RECREATED
    assert target.body(f"dry-run create {SERVICE}")["spec"] == {**spec, "ports": PORTS}
    assert target.body(f"create {SERVICE}")["spec"] == {**spec, **ADDRESSES}


def test_a_headless_service_is_proven_as_one():
    spec = {"clusterIP": "None", "clusterIPs": ["None"], "type": "ClusterIP"}
    found = live(body_of("Service", "web", spec={"type": "ClusterIP", "ports": PORTS, "clusterIP": "10.0.0.7"}))
    wants = body_of("Service", "web", spec={**spec, "ports": PORTS})
    script = [(f"get {SERVICE}", found), (f"dry-run create {SERVICE}", EXISTS)]
    _result, target = recreated(*script, wanted=wants, found=found, dry_run=True)
    assert target.body(f"dry-run create {SERVICE}")["spec"]["clusterIP"] == "None"


def test_a_service_waits_for_the_address_that_it_held_itself():
    pauses = len(LAG_PAUSES)
    taken = failing(Invalid, "Invalid: spec.clusterIPs (provided IP is already allocated)")
    assert of_service({"type": "NodePort"}, *[(f"create {SERVICE}", taken)] * pauses)[0] == RECREATED


# A dry run


def test_a_dry_run_ends_with_the_proof():
    result, _target = recreated(*PROOF, dry_run=True)
    assert result == ObjectResult(Outcome.RECREATED, None, f"{WHY}; a dry run of its create passed")


@pytest.mark.parametrize(
    ("answer", "coming"),
    [(failing(DryRunUnsupported, "why"), []), (failing(Forbidden, "why"), [body_of("Namespace", "shop")])],
)
def test_a_proof_that_cannot_be_had_in_a_dry_run_is_unverified(answer, coming):
    keys = frozenset(item_of(body).key for body in coming)
    result, _target = recreated(*LOOK, (ADMIT, answer), dry_run=True, coming=keys)
    assert result == ObjectResult(Outcome.RECREATED, Reason.UNVERIFIED, "why")


# Never


@pytest.mark.parametrize(
    ("wants", "has", "why"),
    [
        (body_of("Namespace", "shop", {"labels": {"a": "b"}}), body_of("Namespace", "shop"), "takes all its objects"),
        (
            body_of("CustomResourceDefinition", "w", spec={"a": 1}),
            body_of("CustomResourceDefinition", "w", spec={"a": 2}),
            "takes all its objects along",
        ),
        (
            body_of("ServiceAccount", "robot", {"annotations": {"a": "b"}}),
            body_of("ServiceAccount", "robot"),
            "takes its tokens along",
        ),
        (
            body_of("Service", "web", spec={"type": "LoadBalancer"}),
            body_of("Service", "web", spec={"type": "ClusterIP"}),
            "may lose its address",
        ),
    ],
)
def test_what_takes_more_along_than_itself_is_spared_unless_it_is_named(wants, has, why):
    item, found = item_of(wants), live(has)
    place = f"{item.resource} {item.key.namespace}/{item.key.name}".replace(" /", " ")
    result, _target = recreated((f"get {place}", found), wanted=wants, found=found)
    assert why in result
    assert result.endswith("recreate_allow does not name it")
    script = [(f"get {place}", found), (f"dry-run create {place}", EXISTS)]
    allowed = Recreation(allow=(item.resource,))
    result, _target = recreated(*script, wanted=wants, found=found, recreation=allowed, dry_run=True)
    assert result.outcome is Outcome.RECREATED


def test_what_a_controller_of_the_target_owns_is_spared_even_when_it_is_named():
    owned = live(FOUND, metadata={"ownerReferences": [{"kind": "Widget", "name": "w", "controller": True}]})
    result, _target = recreated((GET, owned), found=owned, recreation=Recreation(allow=("configmaps",)))
    assert result == "it belongs to a controlling owner on the target"


def left_by_an_earlier_run(old: Body = FOUND, refused: str = "") -> Body:
    """The Secret with the body of an object, and the mark of the new one that was refused."""
    secret = stored("s0")(secret_of(item_of(WANTED), old, "v1", {}, STATE))
    return apply(secret, refused_mark(refused) if refused else {})


def with_earlier(secret: Body, *script: tuple[str, object]) -> ObjectResult | str:
    """What comes of a recreation where an earlier run has left this Secret."""
    target = ScriptedTarget(*script)
    running = executor(target, WANTED, policy="recreate")
    running.copies.earlier = {KEY: rollback_copy(secret)}
    result = recreate(running, change_of(running, WANTED, FOUND), WHY)
    assert target.requests == target.script
    return result


def test_what_was_refused_as_the_backup_has_it_is_not_deleted_once_more():
    secret = left_by_an_earlier_run(refused=mark_of(item_of(WANTED), WANTED))
    said = with_earlier(secret, *LOOK)
    assert said.startswith("an earlier run deleted it, was refused just this new one and put it back")
    assert f"Secret {STATE}/{secret_name(KEY)} keeps its body" in said


def test_a_copy_of_another_body_than_the_object_s_is_for_a_person_to_deal_with():
    secret = left_by_an_earlier_run(config_map(size="0"))
    said = with_earlier(secret, *LOOK, (GET_COPY, secret))
    assert said.startswith(f"Secret {STATE}/{secret_name(KEY)} still keeps its body")


@pytest.mark.parametrize("gone", [failing(Forbidden), {**left_by_an_earlier_run(), "data": {"body": "%"}}])
def test_a_copy_that_cannot_be_read_is_too(gone):
    assert "still keeps its body" in with_earlier(left_by_an_earlier_run(), *LOOK, (GET_COPY, gone))


ANEW = [(ADMIT, EXISTS), (DROP, GONE), (COPY, stored("s1")), *MADE[len(KEPT) :], (DROP, GONE)]


def test_the_backup_having_it_otherwise_by_now_lifts_the_brake():
    assert with_earlier(left_by_an_earlier_run(refused="another"), *LOOK, *ANEW) == RECREATED


def test_an_object_that_stands_again_as_its_copy_has_it_is_tried_again():
    secret = left_by_an_earlier_run()
    assert with_earlier(secret, *LOOK, (GET_COPY, secret), *ANEW) == RECREATED


def test_an_earlier_copy_that_cannot_be_removed_stays_the_only_one():
    said = with_earlier(left_by_an_earlier_run(refused="another"), *LOOK, (ADMIT, EXISTS), (DROP, failing(Forbidden)))
    assert said.endswith("with its old body could not be removed: Forbidden")


@pytest.mark.parametrize(
    ("now", "reason", "detail"),
    [
        (moved(data={"size": "2"}), Reason.CONFLICT, "it changed before it could be recreated"),
        (
            moved(metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"}),
            Reason.TERMINATING,
            "its deletion began meanwhile",
        ),
    ],
)
def test_an_object_that_is_no_more_the_one_that_was_compared_is_not_deleted(now, reason, detail):
    assert recreated((GET, now))[0] == ObjectResult(Outcome.FAILED, reason, detail)


@pytest.mark.parametrize(
    "answer",
    [
        failing(Invalid, "why"),
        failing(Forbidden, "why"),
        failing(NotFound, "why"),
        failing(Throttled, "why"),
        failing(DryRunUnsupported, "why"),
    ],
)
def test_without_proof_that_the_new_object_would_be_taken_nothing_is_deleted(answer):
    result, _target = recreated(*LOOK, (ADMIT, answer), coming=frozenset([item_of(body_of("Namespace", "shop")).key]))
    assert result == "a dry run of its create was answered: why"


def test_a_dry_run_that_is_taken_is_no_proof_for_the_object_was_gone():
    result, _target = recreated(*LOOK, (ADMIT, stored()))
    assert result == "a dry run of its create was answered: the object was not there any more"


# The copy


@pytest.mark.parametrize("kind", [Forbidden, Invalid, Throttled])
def test_an_object_whose_copy_cannot_be_stored_is_not_deleted(kind):
    assert recreated(*PROOF, (COPY, failing(kind, "why")))[0] == "its body cannot be kept in a Secret: why"


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_to_the_copy_is_not_the_object_s_fault(kind):
    with pytest.raises(kind):
        recreated(*PROOF, (COPY, failing(kind)))


def test_an_object_that_is_too_large_for_a_copy_is_not_deleted():
    noise = random.Random(1).randbytes(MOST).hex()
    found = live({**config_map(size=noise), "immutable": True})
    result, _target = recreated((GET, found), (ADMIT, EXISTS), found=found)
    assert result.startswith("its body cannot be kept in a Secret: its body takes")


# The deletion


@pytest.mark.parametrize(
    "answer",
    [failing(kind, "why") for kind in (AbsenceUnproven, Forbidden, LockLost, Throttled, Unreachable)],
)
def test_a_deletion_that_is_refused_leaves_the_object_and_says_where_its_copy_is(answer):
    result, _target = recreated(*KEPT, (DELETE, answer))
    assert result == ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, f"why; {WHERE}")


def test_an_object_that_is_gone_before_its_deletion_is_created():
    script = [*KEPT, (DELETE, failing(NotFound)), (GET, failing(NotFound)), (CREATE, stored("new")), (DROP, GONE)]
    assert recreated(*script)[0] == RECREATED


def test_an_object_that_is_gone_after_a_conflict_is_created():
    gone = [(GET, failing(NotFound))] * 2
    script = [*KEPT, (DELETE, failing(Conflict)), *gone, (CREATE, stored("new")), (DROP, GONE)]
    assert recreated(*script)[0] == RECREATED


def test_a_deletion_whose_answer_was_lost_goes_on_with_what_it_began():
    going = moved(metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"})
    script = [*KEPT, (DELETE, failing(Conflict, repeated=True)), (GET, going), *EMPTIED[len(DELETED) :]]
    assert recreated(*script, (CREATE, stored("new")), (DROP, GONE))[0] == RECREATED


def test_a_deletion_whose_lost_attempt_was_not_carried_out_is_sent_again():
    script = [*KEPT, (DELETE, failing(Conflict, repeated=True)), (GET, moved()), *MADE[len(KEPT) :], (DROP, GONE)]
    result, target = recreated(*script)
    assert result == RECREATED
    assert [sent.body["version"] for sent in target.sent if sent.request == DELETE] == ["7", "8"]


def test_another_object_that_is_being_deleted_is_not_taken_for_the_one_that_was():
    another = moved(metadata={"uid": "another", "deletionTimestamp": "2026-11-24T03:00:00Z"})
    script = [*KEPT, (DELETE, failing(Conflict, repeated=True)), (GET, another), (DROP, GONE)]
    assert recreated(*script)[0].reason is Reason.CONFLICT


@pytest.mark.parametrize("times", [1, CONFLICTS])
def test_a_status_that_moves_does_not_make_it_another_object(times):
    busy = [(DELETE, failing(Conflict)), (GET, moved(status={"seen": 1}))] * times
    result, target = recreated(*KEPT, *busy, *MADE[len(KEPT) :], (DROP, GONE))
    assert result == RECREATED
    versions = [sent.body["version"] for sent in target.sent if sent.request == DELETE]
    assert versions == ["7", *["8"] * times]


@pytest.mark.parametrize(
    "now",
    [
        moved(data={"size": "2"}),
        moved(metadata={"uid": "another"}),
        moved(metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"}),
    ],
    ids=["changed", "replaced", "somebody deletes it"],
)
@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        (GONE, ""),
        (
            failing(Forbidden, "no"),
            f"; Secret {STATE}/{secret_name(KEY)} with its old body could not be removed: no",
        ),
    ],
    ids=["", "its copy stays"],
)
def test_an_object_that_is_another_by_then_is_not_deleted_and_needs_no_copy(now, dropped, said):
    result, _target = recreated(*KEPT, (DELETE, failing(Conflict)), (GET, now), (DROP, dropped))
    detail = f"it was changed or replaced by another writer before it could be deleted{said}"
    assert result == ObjectResult(Outcome.FAILED, Reason.CONFLICT, detail)


def test_an_object_that_never_rests_is_not_deleted():
    busy = [(DELETE, failing(Conflict)), (GET, moved())] * (CONFLICTS + 1)
    assert recreated(*KEPT, *busy, (DROP, GONE))[0].reason is Reason.CONFLICT


@pytest.mark.parametrize("repeated", [False, True])
def test_the_copy_is_kept_where_nobody_knows_whether_the_object_still_stands(repeated):
    script = [*KEPT, (DELETE, failing(Conflict, "it moved", repeated=repeated)), (GET, failing(Throttled, "busy"))]
    result, _target = recreated(*script)
    detail = f"it moved; and what it is now was answered: busy; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.DELETE_REFUSED, detail)


# Until it is gone


def test_it_is_waited_for_until_it_is_gone_with_growing_pauses():
    pauses: list[float] = []
    script = [*DELETED, *[(GET, FOUND)] * 9, *MADE[len(DELETED) :], (DROP, GONE)]
    assert recreated(*script, sleep=pauses.append)[0] == RECREATED
    assert len(pauses) == 9
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.05, 1.0)


def test_another_object_of_its_name_is_not_waited_for():
    another = moved(metadata={"uid": "another"}, data={"size": "2"})
    result, _target = recreated(*DELETED, (GET, another), (CREATE, EXISTS), (GET, another))
    detail = f"another writer made it anew meanwhile, and otherwise than the backup has it; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.CONFLICT, detail, stored=True)


@pytest.mark.parametrize(
    ("metadata", "holding"),
    [({"finalizers": ["example.org/hold", "x"]}, "example.org/hold, x"), ({}, "nothing that it says")],
)
def test_what_is_held_for_too_long_is_left_to_the_next_run(metadata, holding):
    result, _target = recreated(*DELETED, (GET, moved(metadata=metadata)), recreation=Recreation(timeout=0))
    detail = f"after 0 s it is held by: {holding}; once it is gone the next run creates it; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.DELETION_BLOCKED, detail, stored=True)


def test_a_404_of_whomever_is_no_proof_that_it_is_gone_and_no_reason_to_give_up():
    script = [*DELETED, *[(GET, failing(AbsenceUnproven))] * 3, (GET, FOUND), *MADE[len(DELETED) :], (DROP, GONE)]
    assert recreated(*script)[0] == RECREATED


@pytest.mark.parametrize("kind", [Forbidden, Throttled, Unreachable, AbsenceUnproven])
def test_when_nobody_knows_whether_it_is_gone_the_copy_is_kept(kind):
    result, _target = recreated(*DELETED, (GET, failing(kind, "why")), recreation=Recreation(timeout=0))
    detail = f"whether it is gone was answered: why; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.UNREACHABLE, detail, stored=True)


# The creation


@pytest.mark.parametrize(
    ("second", "reason", "said"),
    [
        (stored(), Reason.ROLLED_BACK, "why"),
        (failing(Forbidden, "no"), Reason.ROLLBACK_FAILED, "why; and when it was put back: no"),
    ],
)
def test_a_creation_that_is_refused_puts_the_old_object_back_and_keeps_the_copy(second, reason, said):
    mark = [(MARK, stored("s1"))] if reason is Reason.ROLLED_BACK else []
    result, target = recreated(*EMPTIED, (CREATE, failing(Invalid, "why")), (CREATE, second), *mark)
    assert result == ObjectResult(Outcome.FAILED, reason, f"{said}; {WHERE}", stored=True)
    back = target.sent[len(EMPTIED) + 1]
    assert back.body["data"] == {"size": "1"}
    assert back.body["metadata"]["labels"] == OLD_LABELS


@pytest.mark.parametrize("kind", [Forbidden, AbsenceUnproven, Conflict, Throttled, MalformedAnswer])
def test_after_a_cause_that_passes_the_old_object_is_put_back_and_its_copy_is_no_brake(kind):
    result, _target = recreated(*EMPTIED, (CREATE, failing(kind, "why")), (CREATE, stored()), (DROP, GONE))
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLED_BACK, "why", stored=True)


NOT_BELIEVED = failing(MalformedAnswer, "is no ConfigMap")


@pytest.mark.parametrize(
    ("first", "second", "now", "outcome", "reason", "last"),
    [
        (NOT_BELIEVED, EXISTS, live(WANTED, LABELS, uid="n"), Outcome.RECREATED, None, DROP),
        (NOT_BELIEVED, EXISTS, live(FOUND, None, uid="n"), Outcome.FAILED, Reason.ROLLED_BACK, DROP),
        (NOT_BELIEVED, EXISTS, live(config_map(size="9"), None, uid="n"), Outcome.FAILED, Reason.CONFLICT, ""),
        (NOT_BELIEVED, NOT_BELIEVED, live(FOUND, None, uid="n"), Outcome.FAILED, Reason.ROLLED_BACK, DROP),
        (failing(Invalid), NOT_BELIEVED, live(FOUND, None, uid="n"), Outcome.FAILED, Reason.ROLLED_BACK, ""),
        (NOT_BELIEVED, failing(Unreachable), failing(Unreachable), Outcome.FAILED, Reason.ROLLBACK_FAILED, ""),
        (NOT_BELIEVED, NOT_BELIEVED, failing(NotFound), Outcome.FAILED, Reason.ROLLBACK_FAILED, ""),
    ],
)
def test_where_no_answer_tells_what_was_stored_the_object_itself_does(first, second, now, outcome, reason, last):
    mark = [(MARK, stored("s1"))] if isinstance(first, Invalid) else []
    ending = [(last, GONE)] if last else mark
    result, _target = recreated(*EMPTIED, (CREATE, first), (CREATE, second), (GET, now), *ending)
    assert (result.outcome, result.reason) == (outcome, reason)


def test_a_copy_that_cannot_be_removed_after_all_went_well_is_told():
    result, _target = recreated(*MADE, (DROP, failing(Forbidden, "no")))
    said = f"{WHY}; Secret {STATE}/{secret_name(KEY)} with its old body could not be removed: no"
    assert result == ObjectResult(Outcome.RECREATED, None, said, uid="new")


@pytest.mark.parametrize(
    ("repeated", "now", "uid"),
    [
        (True, live(WANTED, LABELS, uid="another"), "another"),
        (True, live({**WANTED, "data": {"size": "3", "region": "standby"}}, LABELS, uid="another"), "another"),
        (True, live(WANTED, None, uid="another"), ""),
        (False, live(WANTED, LABELS, uid="another"), ""),
        (False, live(WANTED, None, uid="another"), ""),
    ],
    ids=["ours", "ours, as admission made it", "an operator's", "another run's", "an operator's, at once"],
)
def test_one_that_stands_as_wanted_is_recreated_and_ours_only_after_a_lost_answer(repeated, now, uid):
    exists = failing(AlreadyExists, repeated=repeated)
    result, _target = recreated(*EMPTIED, (CREATE, exists), (GET, now), (DROP, GONE))
    assert result == ObjectResult(Outcome.RECREATED, None, WHY, uid=uid)


@pytest.mark.parametrize("repeated", [False, True])
def test_one_that_another_writer_made_otherwise_stays_and_the_copy_too(repeated):
    another = live({**WANTED, "data": {"size": "2"}}, None, uid="another")
    result, _target = recreated(*EMPTIED, (CREATE, failing(AlreadyExists, repeated=repeated)), (GET, another))
    detail = f"another writer made it anew meanwhile, and otherwise than the backup has it; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.CONFLICT, detail, stored=True)


def test_one_that_another_writer_made_and_nobody_can_read_keeps_the_copy():
    result, _target = recreated(*EMPTIED, (CREATE, EXISTS), (GET, failing(Forbidden, "no")))
    detail = f"another writer made it anew meanwhile: no; {WHERE}"
    assert result == ObjectResult(Outcome.FAILED, Reason.CONFLICT, detail, stored=True)
