# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a create sends, and what its answer comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.creates import (
    LAG_PAUSES,
    as_new,
    create,
    create_patiently,
)
from ansible_collections.standby.velero.plugins.module_utils._apply.executor import Executor
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import PrivilegedObjects
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
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import rollback_copy, secret_of
from ansible_collections.standby.velero.plugins.module_utils._values import Change, ObjectKey, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import (
    LABELS,
    OLD_LABELS,
    STATE,
    Body,
    body_of,
    change_of,
    config_map,
    executor,
    item_of,
    live,
)
from scripted_target import ScriptedTarget, failing, patched, stored

WANTED = config_map(size="3")
NAMESPACE = body_of("Namespace", "shop", {"labels": {"team": "shop"}})
POD = body_of("Pod", "web", spec={"priorityClassName": "top", "serviceAccountName": "robot"})
ROLE = body_of("ClusterRole", "reader")
SERVICE = body_of("Service", "web", spec={"ports": [{"port": 80, "nodePort": 30080}], "type": "NodePort"})

GET, CREATE, TRY = (f"{verb} configmaps shop/app" for verb in ("get", "create", "dry-run create"))
CREATED = ObjectResult(Outcome.CREATED, uid="new")


def created(target: ScriptedTarget, wanted: Body, **how: object) -> Change | ObjectResult:
    """What the first step of a create comes to; all that was scripted must have been asked for, and nothing else."""
    running = executor(target, wanted, **how)
    outcome = create(running, change_of(running, wanted))
    assert target.requests == target.script
    return outcome


def with_labels(body: Body, labels: Body = LABELS) -> Body:
    metadata = body["metadata"]
    return {**body, "metadata": {**metadata, "labels": {**metadata.get("labels", {}), **labels}}}


# Taken


def test_an_object_is_created_with_the_two_labels_of_the_restore():
    target = ScriptedTarget((CREATE, stored("new")))
    assert created(target, WANTED) == CREATED
    assert target.body(CREATE) == with_labels(WANTED)


def test_a_namespace_is_created_without_them():
    target = ScriptedTarget(("create namespaces shop", stored("new")))
    assert created(target, NAMESPACE) == CREATED
    assert target.body("create namespaces shop") == NAMESPACE


def test_a_dry_run_asks_and_claims_no_uid():
    target = ScriptedTarget((TRY, stored("of no object")))
    assert created(target, WANTED, dry_run=True) == ObjectResult(Outcome.CREATED)
    assert target.body(TRY) == with_labels(WANTED)


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_the_plan_says_of_a_create_is_said_of_what_it_made(dry_run):
    target = ScriptedTarget((TRY if dry_run else CREATE, stored()))
    running = executor(target, WANTED, dry_run=dry_run)
    said = replace(change_of(running, WANTED), reason=Reason.SOURCE_MISSING, detail="why")
    assert create(running, said) == ObjectResult(
        Outcome.CREATED, Reason.SOURCE_MISSING, "why", uid="" if dry_run else "new"
    )


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_body_is_held_no_longer_than_until_it_is_created(dry_run):
    target = ScriptedTarget((TRY if dry_run else CREATE, stored()))
    running = executor(target, WANTED, dry_run=dry_run)
    item, held = item_of(WANTED), config_map(size="held")
    running.desired.hold(item, held)
    create(running, change_of(running, WANTED))
    assert list(target.sent[0].body["data"].values()) == ["held"]
    assert running.desired.body(item) == WANTED


JOB = body_of("Job", "migrate", spec={}, status={"succeeded": 1})
CREATE_JOB, JOB_STATUS = "create jobs.batch shop/migrate", "patch jobs.batch/status shop/migrate"


def test_a_status_is_restored_after_the_object_since_a_create_drops_it():
    target = ScriptedTarget((CREATE_JOB, stored("new", "5", status=None)), (JOB_STATUS, stored()))
    assert created(target, JOB, status=True) == CREATED
    assert target.body(JOB_STATUS) == {"metadata": {"resourceVersion": "5"}, "status": {"succeeded": 1}}


def test_a_type_that_has_no_separate_status_has_it_by_the_create():
    assert created(ScriptedTarget((CREATE_JOB, stored("new"))), JOB, status=True) == CREATED


def test_a_status_is_not_asked_for_in_a_dry_run_which_made_no_object():
    target = ScriptedTarget((f"dry-run {CREATE_JOB}", stored(status=None)))
    assert created(target, JOB, status=True, dry_run=True) == ObjectResult(Outcome.CREATED)


# Refused


@pytest.mark.parametrize("kind", [Unauthorized, Forbidden, NotFound, Conflict, Invalid, Throttled, DryRunUnsupported])
def test_a_create_that_is_refused_fails_with_the_server_s_reason(kind):
    target = ScriptedTarget((CREATE, failing(kind, "why")))
    assert created(target, WANTED) == ObjectResult(Outcome.FAILED, Reason.REFUSED, "why")


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_not_the_object_s_fault(kind):
    running = executor(ScriptedTarget((CREATE, failing(kind))), WANTED)
    with pytest.raises(kind):
        create(running, change_of(running, WANTED))


@pytest.mark.parametrize(
    ("error", "coming", "unverified"),
    [
        (failing(NotFound), [NAMESPACE], True),
        (failing(Forbidden), [NAMESPACE], True),
        (failing(Invalid), [NAMESPACE], True),
        (failing(DryRunUnsupported), [], True),
        (failing(NotFound), [], False),
        (failing(Forbidden), [config_map("other")], False),
        (failing(Throttled), [NAMESPACE], False),
    ],
)
def test_a_dry_run_s_refusal_proves_nothing_where_the_plan_brings_what_is_wanting(error, coming, unverified):
    target = ScriptedTarget((TRY, error))
    result = created(target, WANTED, dry_run=True, coming=frozenset(item_of(body).key for body in coming))
    expected = (Outcome.CREATED, Reason.UNVERIFIED) if unverified else (Outcome.FAILED, Reason.REFUSED)
    assert result == ObjectResult(*expected, str(error))


def test_an_object_gone_in_an_earlier_recreation_and_refused_again_stands_as_it_was():
    """More of it in test_rollback."""
    old = live(config_map(size="1"), None)
    secret = stored("s1")(secret_of(item_of(WANTED), old, "v1", {}, STATE))
    place = f"get secrets {STATE}/{secret['metadata']['name']}"
    mark = f"patch secrets {STATE}/{secret['metadata']['name']}"
    target = ScriptedTarget((CREATE, failing(Invalid, "why")), (place, secret), (CREATE, stored()), (mark, secret))
    running = executor(target, WANTED, policy="recreate")
    running.copies.earlier = {item_of(WANTED).key: rollback_copy(secret)}
    result = create(running, change_of(running, WANTED))
    assert (result.outcome, result.reason, result.stored) == (Outcome.FAILED, Reason.ROLLED_BACK, True)
    assert target.requests == target.script
    assert target.sent[-2].body == config_map(size="1")


# There after all


@pytest.mark.parametrize(
    ("policy", "found", "action", "reason"),
    [
        ("none", live(WANTED), Action.NOOP, None),
        ("none", live(config_map(size="1")), Action.SKIP, Reason.EXISTS_DIFFERENT),
        ("update", live(WANTED, LABELS), Action.NOOP, None),
        ("update", live(WANTED, OLD_LABELS), Action.RELABEL, None),
        ("update", live(WANTED, None), Action.RELABEL, None),
        ("update", live(config_map(size="1"), LABELS), Action.UPDATE, None),
        ("recreate", live(WANTED, LABELS), Action.NOOP, None),
        ("recreate", live(WANTED), Action.RELABEL, None),
        ("recreate", live(config_map(size="1")), Action.UPDATE, None),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_object_that_is_there_after_all_becomes_what_its_policy_says(policy, found, action, reason, dry_run):
    target = ScriptedTarget((TRY if dry_run else CREATE, failing(AlreadyExists)), (GET, found))
    change = created(target, WANTED, policy=policy, dry_run=dry_run)
    assert (change.action, change.reason, change.policy.value) == (action, reason, policy)
    assert (change.comparison.uid, change.comparison.resource_version) == ("old", "7")


def test_one_that_is_being_deleted_fails_and_is_not_touched():
    found = live(WANTED, metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"})
    target = ScriptedTarget((CREATE, failing(AlreadyExists)), (GET, found))
    assert created(target, WANTED) == ObjectResult(Outcome.FAILED, Reason.TERMINATING, "its deletion has begun")


def test_one_that_is_gone_again_fails():
    target = ScriptedTarget((CREATE, failing(AlreadyExists)), (GET, failing(NotFound)))
    result = created(target, WANTED)
    assert result == ObjectResult(Outcome.FAILED, Reason.CONFLICT, "another writer creates and deletes it")


REPEATED = failing(AlreadyExists, repeated=True)


@pytest.mark.parametrize(
    ("wanted", "found", "ours"),
    [
        (WANTED, live(WANTED, LABELS), True),
        # admission has changed it on the way
        (WANTED, live(config_map(size="3", region="standby"), LABELS), True),
        (WANTED, live(WANTED, OLD_LABELS), False),
        (WANTED, live(WANTED, None), False),
        # no labels tell: only a Namespace just as it was sent may be ours
        (NAMESPACE, live(NAMESPACE, None), True),
        (NAMESPACE, live(body_of("Namespace", "shop"), None), False),
    ],
)
def test_after_a_lost_answer_the_object_may_be_the_one_that_the_first_attempt_made(wanted, found, ours):
    place = "namespaces shop" if wanted is NAMESPACE else "configmaps shop/app"
    target = ScriptedTarget((f"create {place}", REPEATED), (f"get {place}", found))
    outcome = created(target, wanted)
    assert outcome == ObjectResult(Outcome.CREATED, uid="old") if ours else isinstance(outcome, Change)


def test_after_a_lost_answer_the_status_is_restored_all_the_same():
    found = live(body_of("Job", "migrate", spec={}), LABELS)
    target = ScriptedTarget(
        (CREATE_JOB, REPEATED), ("get jobs.batch shop/migrate", found), (JOB_STATUS, patched(found))
    )
    assert created(target, JOB, status=True) == ObjectResult(Outcome.CREATED, uid="old")
    assert target.sent[-1].body["status"] == {"succeeded": 1}


def test_a_dry_run_has_made_nothing_whatever_answer_was_lost():
    target = ScriptedTarget((TRY, REPEATED), (GET, live(WANTED, LABELS)))
    assert created(target, WANTED, dry_run=True).action is Action.NOOP


def test_an_object_that_another_writer_made_is_not_ours_without_a_lost_answer():
    target = ScriptedTarget((CREATE, failing(AlreadyExists)), (GET, live(WANTED, LABELS)))
    assert created(target, WANTED).action is Action.NOOP


TAKEN = failing(Invalid, "Invalid: spec.ports[0].nodePort (provided port is already allocated)")


@pytest.mark.parametrize(("labels", "action"), [(LABELS, Action.NOOP), (OLD_LABELS, Action.RELABEL)])
def test_a_service_whose_node_port_is_taken_may_be_in_its_own_way(labels, action):
    found = live(SERVICE, labels)
    target = ScriptedTarget(
        ("create services shop/web", TAKEN), ("get services shop/web", found), ("get services shop/web", found)
    )
    assert created(target, SERVICE).action is action


def test_one_that_is_not_there_is_in_another_s_way():
    target = ScriptedTarget(("create services shop/web", TAKEN), ("get services shop/web", failing(NotFound)))
    assert created(target, SERVICE) == ObjectResult(Outcome.FAILED, Reason.REFUSED, str(TAKEN))


def test_of_no_other_kind_is_it_asked():
    assert created(ScriptedTarget((CREATE, failing(Invalid))), WANTED).reason is Reason.REFUSED


# Privileged


@pytest.mark.parametrize(
    ("mode", "action", "detail"), [("skip", Action.SKIP, ""), ("fail", Action.FAIL, "privileged_objects is fail")]
)
def test_a_privileged_object_that_went_while_only_its_labels_were_due_is_held_back(mode, action, detail):
    target = ScriptedTarget()
    running = executor(target, ROLE, privileged=PrivilegedObjects(mode))
    relabel = change_of(running, ROLE, live(ROLE))
    assert relabel.action is Action.RELABEL
    held = create(running, as_new(relabel))
    assert (held.action, held.reason, held.detail) == (action, Reason.PRIVILEGED, detail)
    assert target.requests == []


@pytest.mark.parametrize("wanted", [ROLE, WANTED])
def test_what_is_not_held_back_is_created(wanted):
    mode = "restore" if wanted is ROLE else "fail"
    place = "clusterroles.rbac.authorization.k8s.io reader" if wanted is ROLE else "configmaps shop/app"
    assert (
        created(ScriptedTarget((f"create {place}", stored("new"))), wanted, privileged=PrivilegedObjects(mode))
        == CREATED
    )


def test_a_change_as_new_keeps_the_item_and_its_policy_and_nothing_of_what_was_compared():
    running = executor(ScriptedTarget(), WANTED)
    before = replace(change_of(running, WANTED, live(config_map(size="1"))), reason=Reason.CHANGED_MEANWHILE)
    after = as_new(before)
    assert after == Change(before.ref, Action.CREATE, choice=before.choice)


# The API server's caches

PRIORITY = failing(Forbidden, "Forbidden: no PriorityClass with name")
ACCOUNT = failing(Forbidden, "Forbidden: error looking up service account")
GRANT = failing(Forbidden, "Forbidden: attempting to grant RBAC permissions not currently held")
BINDING = body_of("RoleBinding", "readers", roleRef={"kind": "ClusterRole", "name": "reader"})
WIDGET = body_of("Widget", "w")


def patient(target: ScriptedTarget, wanted: Body, **how: object) -> tuple[Executor, list[float]]:
    pauses: list[float] = []
    return executor(target, wanted, sleep=pauses.append, **how), pauses


@pytest.mark.parametrize(
    ("wanted", "error", "coming"),
    [
        (POD, PRIORITY, ObjectKey("scheduling.k8s.io", "PriorityClass", "", "top")),
        (POD, ACCOUNT, ObjectKey("", "ServiceAccount", "shop", "robot")),
        (POD, failing(NotFound, "NotFound: namespaces shop"), ObjectKey("", "Namespace", "", "shop")),
        (BINDING, GRANT, ObjectKey("rbac.authorization.k8s.io", "ClusterRole", "", "reader")),
        (
            WANTED,
            failing(NotFound),
            ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "configmaps"),
        ),
    ],
)
@pytest.mark.parametrize("times", [1, len(LAG_PAUSES)])
def test_what_admission_does_not_see_yet_is_waited_for(wanted, error, coming, times):
    item = item_of(wanted)
    request = f"create {item.resource} shop/{item.key.name}"
    target = ScriptedTarget(*[(request, error)] * times, (request, stored("new")))
    running, pauses = patient(target, wanted, coming=frozenset([coming]))
    assert create(running, change_of(running, wanted)) == CREATED
    assert target.requests == target.script
    assert pauses == list(LAG_PAUSES[:times])
    assert [sent.body for sent in target.sent] == [with_labels(wanted)] * (times + 1)


def test_it_is_not_waited_for_without_end():
    target = ScriptedTarget(*[("create pods shop/web", PRIORITY)] * (len(LAG_PAUSES) + 1))
    running, pauses = patient(
        target, POD, coming=frozenset([ObjectKey("scheduling.k8s.io", "PriorityClass", "", "top")])
    )
    assert create(running, change_of(running, POD)).reason is Reason.REFUSED
    assert target.requests == target.script
    assert pauses == list(LAG_PAUSES)


@pytest.mark.parametrize(
    ("error", "coming", "dry_run"),
    [
        (PRIORITY, ObjectKey("scheduling.k8s.io", "PriorityClass", "", "another"), False),
        (PRIORITY, ObjectKey("scheduling.k8s.io", "PriorityClass", "", "top"), True),
        (failing(Forbidden, "Forbidden: no right"), ObjectKey("", "Namespace", "", "shop"), False),
        (failing(Invalid, "no PriorityClass with name"), ObjectKey("", "Namespace", "", "shop"), False),
        (failing(Throttled), ObjectKey("", "Namespace", "", "shop"), False),
    ],
    ids=["not planned", "dry run", "of rights", "of the object", "of the server"],
)
def test_any_other_refusal_is_believed_at_once(error, coming, dry_run):
    verb = "dry-run create" if dry_run else "create"
    target = ScriptedTarget((f"{verb} pods shop/web", error))
    running, pauses = patient(target, POD, coming=frozenset([coming]), dry_run=dry_run)
    with pytest.raises(ClusterError) as raised:
        create_patiently(running, item_of(POD), POD)
    assert raised.value is error
    assert (target.requests, pauses) == (target.script, [])


@pytest.mark.parametrize("after_deletion", [True, False])
@pytest.mark.parametrize("phrase", ["provided IP is already allocated", "provided port is already allocated"])
def test_a_service_waits_for_what_it_held_itself_when_it_was_deleted(after_deletion, phrase):
    request = "create services shop/web"
    taken = failing(Invalid, f"Invalid: spec ({phrase})")
    target = ScriptedTarget((request, taken), *([(request, stored("new"))] if after_deletion else []))
    running, pauses = patient(target, SERVICE)
    if after_deletion:
        made = create_patiently(running, item_of(SERVICE), SERVICE, after_deletion)
        assert made["metadata"]["uid"] == "new"
    else:
        with pytest.raises(Invalid):
            create_patiently(running, item_of(SERVICE), SERVICE)
    assert (target.requests, len(pauses)) == (target.script, int(after_deletion))


def test_for_a_type_that_is_not_served_no_waiting_helps():
    coming = frozenset([ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.org")])
    target = ScriptedTarget()
    running, pauses = patient(target, WIDGET, coming=coming)
    result = create(running, change_of(running, WIDGET))
    assert (result.reason, target.requests, pauses) == (Reason.REFUSED, [], [])
