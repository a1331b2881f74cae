# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes and creates an object that the target does not let change, after proof that the create would be taken.

Proof: the refusal names fields that the API itself does not let change (or a new object would have what the target
ignores in a patch), and a dry-run create of the new body under the
same name is answered AlreadyExists, which comes after admission and validation (seen on 1.36). Then, in this order: the
old body is stored, the object is deleted (that very one, as it was compared), waited for until it is gone, and created.
A create that is refused all the same puts the old body back. Each step that fails has a reason of its own, and
whatever ends the run in between, the stored body outlives it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from .._compare.normalise import digest, strip
from .._compare.rebase import rebase
from .._decide.recreatable import spared
from .._errors import AlreadyExists, ClusterError, Conflict, NotFound, StateError, Unreachable
from .._inventory.rollback_copy import RollbackCopy, creatable
from .._kinds import SERVICES
from .._prepare.labels import with_labels
from .._stopping import TO_SETTLE
from .._unstructured import as_map, as_maps, each, without
from .._values import EMPTY, BackupItem, Body, Change, ObjectResult
from .._vocabulary import Outcome, Reason
from .creates import create_patiently
from .executor import Executor, uid_of
from .requests import CONFLICTS, comparison_of
from .results import done, failed, said
from .rollback import RolledBack, mark_of, roll_back, rolled_back
from .status import with_status

_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


@dataclass(frozen=True)
class _Recreation:
    """One object on its way."""

    executor: Executor
    item: BackupItem
    live: Body
    wanted: Body
    body: Body
    """The new one, as it is sent."""
    why: str
    copy: RollbackCopy

    @property
    def uid(self) -> str:
        return str(self.live["metadata"]["uid"])

    def failed(self, reason: Reason, detail: str) -> ObjectResult:
        """A failure that names the Secret with the old body."""
        detail = f"{detail}; its body as it was is kept in {self.executor.copies.place(self.copy)}"
        return failed(reason, detail, stored=reason is not Reason.DELETE_REFUSED)


def recreate(executor: Executor, change: Change, why: str) -> ObjectResult | str:
    """The result, or why the object is not to be recreated, as the end of a sentence; then nothing was written."""
    item = change.item
    live, wanted = executor.get(item), executor.desired.body(item)
    found = comparison_of(change)
    if digest(strip(live, item.resource)) != found.digest or uid_of(live) != found.uid:
        return failed(Reason.CONFLICT, "it changed before it could be recreated")
    if live["metadata"].get("deletionTimestamp"):
        return failed(Reason.TERMINATING, "its deletion began meanwhile")
    problem = _never(executor, item, live, wanted)
    if problem:
        return problem
    body = with_labels(_body(executor, item, live, wanted), executor.labels)
    answer = _proof(executor, item, live, body)
    if isinstance(answer, AlreadyExists):
        if executor.dry_run:
            return done(Outcome.RECREATED, None, f"{why}; a dry run of its create passed")
        return _carried_out(executor, item, live, wanted, body, why)
    if executor.unverified(item, body, answer):
        return done(Outcome.RECREATED, Reason.UNVERIFIED, str(answer))
    return f"a dry run of its create was answered: {answer}"


def _never(executor: Executor, item: BackupItem, live: Body, wanted: Body) -> str:
    return _braked(executor, item, live, wanted) or spared(item, live, wanted, executor.recreation.allow)


def _braked(executor: Executor, item: BackupItem, live: Body, wanted: Body) -> str:
    """Why the body that an earlier run has left forbids another try; nothing when it is needed no more."""
    copy = executor.copies.earlier.get(item.key)
    if copy is None:
        return ""
    where = executor.copies.place(copy)
    if copy.refused and copy.refused != mark_of(item, wanted):
        return ""
    if copy.refused:
        return (
            f"an earlier run deleted it, was refused just this new one and put it back; {where} keeps its body. Change"
            " it in the backup or with a modifier, or delete that Secret to have it tried again"
        )
    if _stands_as(executor, item, live, copy):
        return ""
    return f"{where} still keeps its body from an earlier run that did not end; deal with that one first"


def _stands_as(executor: Executor, item: BackupItem, live: Body, copy: RollbackCopy) -> bool:
    """Whether the object stands as the copy has it: the run that kept it came to put it back."""
    try:
        kept = executor.copies.load(copy)
    except (ClusterError, StateError):
        return False
    now = creatable(item.resource, live)
    return digest(strip(now, item.resource)) == digest(strip(kept, item.resource))


def _body(executor: Executor, item: BackupItem, live: Body, wanted: Body) -> Body:
    """With what is left to the target; a Service keeps its addresses and node ports: others know it by them."""
    body = executor.comparer.kept_in(item, live, wanted)
    return rebase(item.resource, live, body) if item.resource == SERVICES else body


def _proof(executor: Executor, item: BackupItem, live: Body, body: Body) -> ClusterError:
    """The answer to a dry-run create beside the object that is still there, which holds its own addresses."""
    if item.resource == SERVICES:
        body = _without_what_it_holds(body, live)
    try:
        executor.admit(item, body)
    except ClusterError as error:
        return error
    return NotFound("the object was not there any more")


def _without_what_it_holds(service: Body, live: Body) -> Body:
    """Without the addresses and ports of the live Service, which its deletion sets free; those of others are taken."""
    spec, held = dict(as_map(service.get("spec"))), as_map(live.get("spec"))
    if spec.get("clusterIP") not in (None, "None") and spec["clusterIP"] == held.get("clusterIP"):
        spec = {name: value for name, value in spec.items() if name not in ("clusterIP", "clusterIPs")}
    own = {held.get("healthCheckNodePort"), *(port.get("nodePort") for port in as_maps(held.get("ports")))} - {None}
    if spec.get("healthCheckNodePort") in own:
        del spec["healthCheckNodePort"]
    bare = {**service, "spec": spec}
    return each(
        bare, ("spec", "ports"), lambda port: without(port, (), ("nodePort",)) if port.get("nodePort") in own else port
    )


def _carried_out(
    executor: Executor, item: BackupItem, live: Body, wanted: Body, body: Body, why: str
) -> ObjectResult | str:
    if executor.stopping.why:  # what was begun comes to an end, and this was not
        return failed(executor.stopping.why, "")
    earlier = executor.copies.earlier.get(item.key)
    problem = executor.copies.forget(earlier) if earlier else ""
    if problem:
        return problem
    try:
        copy = executor.copies.save(item, executor.resource(item), live, executor.labels)
    except Unreachable:
        raise
    except (ClusterError, StateError) as error:
        return f"its body cannot be kept in a Secret: {error}"
    this = _Recreation(executor, item, live, wanted, body, why, copy)
    return _not_deleted(this) or _not_gone(this) or _created(this)


def _not_deleted(this: _Recreation) -> ObjectResult | None:
    """Deletes the object that was compared; what became of it when that failed.

    A controller that writes its status in between moves the resourceVersion and changes nothing that was compared.
    """
    metadata = this.live["metadata"]
    for _attempt in range(CONFLICTS + 1):
        try:
            version, propagation = metadata["resourceVersion"], this.executor.recreation.propagation
            this.executor.delete(this.item, this.uid, version, propagation)
        except NotFound:
            return None
        except Conflict as error:
            now = _as_it_is(this)
            if isinstance(now, NotFound):
                return None
            if isinstance(now, ClusterError):  # the first of two deletions may have been carried out
                return this.failed(Reason.DELETE_REFUSED, f"{error}; and what it is now was answered: {now}")
            if error.repeated and _is_going(this, now):
                return None
            if not _is_same(this, now):
                break
            metadata = now["metadata"]
        except ClusterError as error:
            return this.failed(Reason.DELETE_REFUSED, str(error))
        else:
            return None
    problem = this.executor.copies.drop(this.copy)
    detail = said("it was changed or replaced by another writer before it could be deleted", problem)
    return failed(Reason.CONFLICT, detail)


def _as_it_is(this: _Recreation) -> Body | ClusterError:
    try:
        return this.executor.get(this.item)
    except ClusterError as error:
        return error


def _is_going(this: _Recreation, now: Body) -> bool:
    """Whether the first of two deletions was carried out although its answer got lost."""
    return now["metadata"].get("uid") == this.uid and bool(now["metadata"].get("deletionTimestamp"))


def _is_same(this: _Recreation, now: Body) -> bool:
    metadata = now["metadata"]
    if metadata.get("uid") != this.uid or metadata.get("deletionTimestamp"):
        return False
    return digest(strip(now, this.item.resource)) == digest(strip(this.live, this.item.resource))


def _not_gone(this: _Recreation) -> ObjectResult | None:
    """Waits until the object is gone, or another of its name stands there; what holds it when it takes too long.

    What is answered instead, a 404 that does not name it included, is no proof, and no reason to give up: what was
    deleted is to be created again.
    """
    end = time.monotonic() + this.executor.recreation.timeout
    pause = _PAUSE
    holding = "nothing that it says"
    while True:
        now = _as_it_is(this)
        over = time.monotonic() >= end or this.executor.stopping.left < TO_SETTLE
        if isinstance(now, NotFound):
            return None
        if isinstance(now, ClusterError) and (over or isinstance(now, Unreachable)):
            return this.failed(Reason.UNREACHABLE, f"whether it is gone was answered: {now}")
        if not isinstance(now, ClusterError):
            if now["metadata"].get("uid") != this.uid:
                return None
            holding = ", ".join(map(str, now["metadata"].get("finalizers") or ())) or holding
        if over:
            waited = f"{_waited(this)} it is held by: {holding}"
            return this.failed(Reason.DELETION_BLOCKED, f"{waited}; once it is gone the next run creates it")
        this.executor.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _waited(this: _Recreation) -> str:
    said = this.executor.stopping.said
    return f"when {said}" if said else f"after {this.executor.recreation.timeout} s"


def _created(this: _Recreation) -> ObjectResult:
    try:
        made = create_patiently(this.executor, this.item, this.body, after_deletion=True)
        this.executor.note(this.item, made)
    except AlreadyExists as error:
        return _made_by_another(this, _as_it_is(this), maybe_ours=error.repeated)
    except ClusterError as error:
        return _put_back(this, error)
    return with_status(this.executor, this.item, made, this.wanted, _recreated(this, made))


def _put_back(this: _Recreation, error: ClusterError) -> ObjectResult:
    back = roll_back(this.executor, this.item, this.live, error)
    if not back.is_certain:
        return _as_found(this, back, error)
    if back.reason is Reason.ROLLED_BACK:
        return rolled_back(this.executor, this.item, this.copy, error, back.detail)
    return this.failed(back.reason, back.detail)


def _as_found(this: _Recreation, back: RolledBack, error: ClusterError) -> ObjectResult:
    """What stands there, the new object or the old one, where no answer tells which of the creates was stored."""
    now = _as_it_is(this)
    if isinstance(now, ClusterError):
        return this.failed(Reason.ROLLBACK_FAILED, back.detail)
    if digest(strip(now, this.item.resource)) == digest(strip(this.live, this.item.resource)):
        return rolled_back(this.executor, this.item, this.copy, error, str(error))
    return _made_by_another(this, now, maybe_ours=True)


def _made_by_another(this: _Recreation, now: Body | ClusterError, maybe_ours: bool) -> ObjectResult:
    """Its operator, say, made it anew before this run could; that one stays, whatever it is."""
    if isinstance(now, ClusterError):
        return this.failed(Reason.CONFLICT, f"another writer made it anew meanwhile: {now}")
    executor, item = this.executor, this.item
    comparison = executor.compare(item, now)
    if maybe_ours and not executor.decider.labels_due(item, comparison):
        return _recreated(this, now)
    if comparison.equal:
        return _recreated(this, EMPTY)  # not ours: no entry of the inventory claims it
    return this.failed(Reason.CONFLICT, "another writer made it anew meanwhile, and otherwise than the backup has it")


def _recreated(this: _Recreation, made: Body) -> ObjectResult:
    """The new object stands: the old body is needed no more."""
    detail = said(this.why, this.executor.copies.drop(this.copy))
    return done(Outcome.RECREATED, None, detail, uid_of(made))
