# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object that was deleted in order to be recreated, and is refused, is put back: what is sent, and what is said."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.rollback import (
    mark_of,
    roll_back,
    roll_back_earlier,
)
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    MalformedAnswer,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import (
    SELECTOR,
    rollback_copy,
    secret_of,
    signature,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import UNSIGNED, Seal
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._records.rollback_copies import RollbackCopies
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from executing import DISCOVERY, LABELS, STATE, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import GONE, ScriptedTarget, failing, stored

WANTED = config_map(size="3")
ITEM = item_of(WANTED)
OLD = live(config_map(size="1", metadata={"annotations": {"note": "n"}, "finalizers": ["example.org/hold"]}))
CREATE = "create configmaps shop/app"
REFUSAL = failing(Invalid, "why")

SECRET = stored("s1")(secret_of(ITEM, OLD, "v1", LABELS, STATE))
COPY = rollback_copy(SECRET)
GET_SECRET, MARK_SECRET, DROP_SECRET = (f"{verb} secrets {STATE}/{COPY.secret}" for verb in ("get", "patch", "delete"))
CAUSES = [
    (failing(Invalid, "why"), True),
    (failing(Forbidden, "why", by_admission=True), True),
    (failing(Forbidden, "why"), False),
    (failing(AbsenceUnproven, "why"), False),
    (failing(Conflict, "why"), False),
    (failing(Throttled, "why"), False),
    (failing(MalformedAnswer, "why"), False),
    (failing(Unreachable, "why"), False),
]
"""What a creation was answered, and whether it speaks of the object itself."""
KEPT = f"its body as it was is kept in Secret {STATE}/{COPY.secret}"


# At once


@pytest.mark.parametrize(
    ("answer", "reason", "said", "is_certain"),
    [
        (stored(), Reason.ROLLED_BACK, "why", True),
        (
            failing(AlreadyExists),
            Reason.ROLLED_BACK,
            "why; another writer made it anew, or its answer was lost",
            False,
        ),
        (failing(Forbidden, "no"), Reason.ROLLBACK_FAILED, "why; and when it was put back: no", True),
        (failing(MalformedAnswer, "{}"), Reason.ROLLBACK_FAILED, "why; and when it was put back: {}", False),
        (failing(Unreachable, "no route"), Reason.ROLLBACK_FAILED, "why; and when it was put back: no route", False),
        (failing(LockLost, "lost"), Reason.ROLLBACK_FAILED, "why; and when it was put back: lost", False),
    ],
)
def test_what_was_deleted_is_created_as_it_was(answer, reason, said, is_certain):
    target = ScriptedTarget((CREATE, answer))
    assert roll_back(executor(target), ITEM, OLD, REFUSAL) == (reason, said, is_certain)
    assert target.requests == target.script
    as_it_was = {name: value for name, value in OLD["metadata"].items() if name not in ("uid", "resourceVersion")}
    assert target.body(CREATE) == {**OLD, "metadata": as_it_was}


def test_a_job_is_put_back_without_what_names_the_uid_that_it_had():
    template = {"metadata": {"labels": {"controller-uid": "old", "a": "b"}}, "spec": {}}
    job = live(body_of("Job", "migrate", spec={"selector": {"matchLabels": {}}, "template": template}))
    target = ScriptedTarget(("create jobs.batch shop/migrate", stored()))
    assert roll_back(executor(target), item_of(job), job, REFUSAL) == (Reason.ROLLED_BACK, "why", True)
    assert target.sent[0].body["spec"] == {"template": {"metadata": {"labels": {"a": "b"}}, "spec": {}}}


# By a later run


def put_back(
    *script: tuple[str, object],
    error: ClusterError = REFUSAL,
    dry_run: bool = False,
    known: bool = True,
    policy: str = "recreate",
) -> ObjectResult | None:
    target = ScriptedTarget(*script)
    running = executor(target, WANTED, dry_run=dry_run, policy=policy)
    running.copies.earlier = {ITEM.key: COPY} if known else {}
    result = roll_back_earlier(running, change_of(running, WANTED), error)
    assert target.requests == target.script
    if result and result.stored:
        assert target.body(CREATE)["data"] == {"size": "1"}
        assert "uid" not in target.body(CREATE)["metadata"]
    return result


def test_what_an_earlier_run_has_left_is_put_back_and_its_copy_stays_as_a_brake():
    result = put_back((GET_SECRET, SECRET), (CREATE, stored()), (MARK_SECRET, SECRET))
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLED_BACK, f"why; {KEPT}", stored=True)


def test_a_mark_that_cannot_be_written_is_told():
    result = put_back((GET_SECRET, SECRET), (CREATE, stored()), (MARK_SECRET, failing(Forbidden, "no")))
    unmarked = f"Secret {STATE}/{COPY.secret} could not be marked, so that the next run tries again: no"
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLED_BACK, f"why; {unmarked}; {KEPT}", stored=True)


@pytest.mark.parametrize(("error", "is_of_the_object"), CAUSES)
def test_the_copy_is_a_brake_only_after_a_refusal_of_the_object_itself(error, is_of_the_object):
    last = (MARK_SECRET, SECRET) if is_of_the_object else (DROP_SECRET, GONE)
    result = put_back((GET_SECRET, SECRET), (CREATE, stored()), last, error=error)
    detail = f"why; {KEPT}" if is_of_the_object else "why"
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLED_BACK, detail, stored=True)


def test_a_copy_that_is_needed_no_more_and_cannot_be_removed_is_told():
    script = (GET_SECRET, SECRET), (CREATE, stored()), (DROP_SECRET, failing(Forbidden, "no"))
    result = put_back(*script, error=failing(Throttled, "why"))
    detail = f"why; Secret {STATE}/{COPY.secret} with its old body could not be removed: no"
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLED_BACK, detail, stored=True)


def test_the_mark_stands_for_what_the_backup_has():
    other = config_map(size="4")
    assert mark_of(ITEM, WANTED) == mark_of(ITEM, {**WANTED, "status": {}}) != mark_of(ITEM, other)


@pytest.mark.parametrize(
    ("script", "second"),
    [
        ([(GET_SECRET, SECRET), (CREATE, failing(Forbidden, "no"))], "no"),
        ([(GET_SECRET, SECRET), (CREATE, failing(AlreadyExists, "it exists"))], "it exists"),
        ([(GET_SECRET, failing(NotFound, "no such Secret"))], "no such Secret"),
        ([(GET_SECRET, {**SECRET, "data": {"body": "%%%"}})], "the body that is kept is damaged"),
    ],
    ids=["refused", "another's", "no copy", "damaged"],
)
def test_when_that_fails_it_is_said_where_the_body_is(script, second):
    result = put_back(*script)
    detail = f"why; and when it was put back: {second}; {KEPT}"
    assert result == ObjectResult(Outcome.FAILED, Reason.ROLLBACK_FAILED, detail)


@pytest.mark.parametrize(("dry_run", "known"), [(False, False), (True, True)], ids=["no copy", "dry run"])
def test_without_a_copy_and_in_a_dry_run_nothing_is_put_back(dry_run, known):
    assert put_back(dry_run=dry_run, known=known) is None


def test_nobody_has_approved_that_a_copy_of_an_earlier_run_is_put_back():
    target = ScriptedTarget()
    running = executor(target, WANTED, policy="recreate", only_planned=True)
    running.copies.earlier = {ITEM.key: COPY}
    assert roll_back_earlier(running, change_of(running, WANTED), REFUSAL) == ObjectResult(
        Outcome.FAILED, Reason.REFUSED, f"why; {KEPT}, and nobody has approved that it is put back"
    )
    assert target.requests == []


# What somebody else may have written


def kept_as(wanted: Body, body: Body) -> Body:
    """The Secret that keeps a body as that of an object, as whoever may write Secrets can make it."""
    found = secret_of(item_of(wanted), live(body), "", LABELS, STATE)
    version = DISCOVERY.types[item_of(wanted).resource][0].api_version
    packed = gzip.compress(json.dumps({"apiVersion": version, **body}).encode())
    return stored("s1")({**found, "data": {**found["data"], "body": base64.b64encode(packed).decode()}})


def refused(wanted: Body, body: Body, *created: object, policy: str = "recreate", signed: bool = False) -> str:
    """What is said of an object whose create was refused, beside this body; `created` answers its being put back."""
    seal = Seal(Keys("k" * 32), "cluster", STATE) if signed else UNSIGNED
    secret = kept_as(wanted, body)
    secret = {**secret, "data": {**secret["data"], **signature(secret, seal)}}
    copy = rollback_copy(secret)
    resource, metadata = item_of(wanted).resource, wanted["metadata"]
    place = "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
    marks = [(f"patch secrets {STATE}/{copy.secret}", secret)] if created else []
    creates = ((f"create {resource} {place}", one) for one in created)
    target = ScriptedTarget((f"get secrets {STATE}/{copy.secret}", secret), *creates, *marks)
    running = executor(target, wanted, policy=policy, copies=RollbackCopies(target, STATE, seal=seal))
    running.copies.earlier = {copy.key: copy}
    result = roll_back_earlier(running, change_of(running, wanted), REFUSAL)
    assert target.requests == target.script
    return result.detail


BINDING = body_of("RoleBinding", "viewers", roleRef={"name": "view"})
ADMIN = body_of("RoleBinding", "viewers", roleRef={"name": "cluster-admin"})
POD = body_of("Pod", "web", spec={"containers": [{"name": "main"}]})
ON_THE_HOST = body_of("Pod", "web", spec={"hostNetwork": True, "containers": [{"name": "main"}]})
ANOTHERS = "the body that is kept is another object's"
RIGHTS = "it may give rights that the backup does not give, and without state_key nothing proves who wrote it"


@pytest.mark.parametrize(
    ("wanted", "body", "why"),
    [
        (BINDING, {**ADMIN, "metadata": {**ADMIN["metadata"], "name": "mine"}}, ANOTHERS),
        (BINDING, {**ADMIN, "metadata": {**ADMIN["metadata"], "namespace": "mine"}}, ANOTHERS),
        (BINDING, {**ADMIN, "metadata": {"generateName": "viewers", "namespace": "shop"}}, ANOTHERS),
        (BINDING, {**ADMIN, "kind": "Role"}, ANOTHERS),
        (BINDING, {**ADMIN, "apiVersion": "example.org/v1"}, ANOTHERS),
        (BINDING, {**ADMIN, "apiVersion": 7}, ANOTHERS),
        (BINDING, {**ADMIN, "apiVersion": "rbac.authorization.k8s.io/v1beta1"}, "it is of another version of the type"),
        (BINDING, ADMIN, RIGHTS),
        (BINDING, BINDING, RIGHTS),
        (POD, ON_THE_HOST, RIGHTS),
    ],
    ids=["name", "namespace", "no name", "kind", "group", "no version", "version", "a binding", "the same", "host"],
)
def test_a_body_that_may_be_forged_is_not_created(wanted: Body, body: Body, why: str) -> None:
    assert why in refused(wanted, body)


@pytest.mark.parametrize("policy", ["none", "update"])
def test_it_is_created_under_no_other_policy_than_the_one_it_was_kept_for(policy: str) -> None:
    assert refused(WANTED, WANTED, policy=policy).endswith("was kept by a recreate, and the policy now is another one")


def test_a_copy_of_an_object_that_was_replaced_since_is_not_created() -> None:
    entry = InventoryEntry("new", "p", "shop")
    inventory = (BackupInventory(RestoreScope(BackupInfo("b"), "s", 1), {ITEM.key: entry}),)
    target = ScriptedTarget((f"list secrets {STATE} {SELECTOR}", [[SECRET]]), (GET_SECRET, SECRET))
    running = executor(target, WANTED, policy="recreate")
    running.copies.read(inventory)
    result = roll_back_earlier(running, change_of(running, WANTED), REFUSAL)
    assert result.detail.endswith("it is of an earlier object of the name than the one that was restored last")


def test_what_a_run_is_known_to_have_kept_is_put_back_whatever_it_gives() -> None:
    assert refused(BINDING, ADMIN, stored(), signed=True).startswith("why; its body as it was is kept in")


def test_a_body_without_rights_is_put_back() -> None:
    assert refused(POD, {**POD, "metadata": {**POD["metadata"], "labels": {"a": "b"}}}, stored()).startswith("why; its")
