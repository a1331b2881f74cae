# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of this collection: what is asked for, what is done, what comes of it and why.

Every word is a code, which automation reads and tests ask for, with a sentence, which people read.
"""

from __future__ import annotations

from enum import Enum
from typing import Union

from ._prune_words import KEEP_SENTENCES, STOP_SENTENCES, KeepReason, StopReason
from ._waking_words import WAKING_SENTENCES, WakingReason


class Policy(str, Enum):
    """What happens to an object that exists already, in Velero's words."""

    NONE = "none"
    UPDATE = "update"
    RECREATE = "recreate"


class Action(str, Enum):
    """What the plan does with one object."""

    CREATE = "create"
    UPDATE = "update"
    RELABEL = "relabel"
    NOOP = "noop"
    SKIP = "skip"
    FAIL = "fail"
    """It cannot be restored, which is known before anything is written."""
    DELETE = "delete"
    COPY = "copy"
    """It is kept as a copy in the state namespace, and not created."""


class Outcome(str, Enum):
    """What was done to one object (in check mode: would be); they sum to the total."""

    CREATED = "created"
    UPDATED = "updated"
    RELABELLED = "relabelled"
    RECREATED = "recreated"
    DELETED = "deleted"
    DELETING = "deleting"
    """Its deletion has begun, and something holds it: it is there still."""
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


CHANGED = frozenset(Outcome) - {Outcome.UNCHANGED, Outcome.SKIPPED, Outcome.FAILED}
"""The outcomes for which something was stored."""
STANDS = CHANGED | {Outcome.UNCHANGED}
"""Those of an object that is as it was to be."""


class Reason(str, Enum):
    """Why an object was skipped, kept or failed: tests ask for the code, people read SENTENCES[code]."""

    # left out on purpose
    PROTECTED = "protected"
    EXCLUDED_FROM_BACKUP = "excluded_from_backup"
    CONTROLLER_GENERATED = "controller_generated"
    HAS_CONTROLLER = "has_controller"
    MIRROR_POD = "mirror_pod"
    SERVICE_ACCOUNT_TOKEN = "service_account_token"
    DYNAMICALLY_PROVISIONED = "dynamically_provisioned"
    DUPLICATE = "duplicate"
    VOLUME_RELEASED = "volume_released"
    BARE_POD = "bare_pod"
    ACTIVE = "active"
    KEPT_AS_COPY = "kept_as_copy"
    LEFT_STANDING = "left_standing"
    # the policy's doing
    EXISTS_DIFFERENT = "exists_different"
    # equal all the same
    NO_EFFECT = "no_effect"
    EQUAL_AFTER_ADMISSION = "equal_after_admission"
    # without what the user does not let through
    WITHHELD = "withheld"
    # equal but for what the target keeps
    NOT_OVERWRITTEN = "not_overwritten"
    CA_BUNDLE_KEPT = "ca_bundle_kept"
    # stored, with a reservation
    SOURCE_MISSING = "source_missing"
    UNVERIFIED = "unverified"
    CHANGED_MEANWHILE = "changed_meanwhile"
    # failed
    INVALID_OBJECT = "invalid_object"
    NAME_COLLISION = "name_collision"
    POLICY_CONFLICT = "policy_conflict"
    PRIVILEGED = "privileged"
    MODIFIER_FAILED = "modifier_failed"
    STORAGE_CLASS_MISSING = "storage_class_missing"
    NOT_SERVED = "not_served"
    DISCOVERY_INCOMPLETE = "discovery_incomplete"
    READ_FAILED = "read_failed"
    NAMESPACE_MISSING = "namespace_missing"
    NAMESPACE_TERMINATING = "namespace_terminating"
    TERMINATING = "terminating"
    REFUSED = "refused"
    STATUS_REFUSED = "status_refused"
    IGNORED_BY_TARGET = "ignored_by_target"
    CONFLICT = "conflict"
    NOT_APPROVED = "not_approved"
    RECREATE_NOT_ALLOWED = "recreate_not_allowed"
    DELETE_REFUSED = "delete_refused"
    DELETION_BLOCKED = "deletion_blocked"
    DELETED_BEFORE = "deleted_before"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"
    LOCK_LOST = "lock_lost"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    RUN_TIMEOUT = "run_timeout"
    FAULT = "fault"


SENTENCES: dict[Reason, str] = {
    Reason.PROTECTED: "belongs to the target's control plane or its operator",
    Reason.EXCLUDED_FROM_BACKUP: "is labelled velero.io/exclude-from-backup, and so is never restored",
    Reason.CONTROLLER_GENERATED: "is made by a controller of the target",
    Reason.HAS_CONTROLLER: "belongs to its controlling owner, which is in the backup too",
    Reason.MIRROR_POD: "is the mirror of a static pod",
    Reason.SERVICE_ACCOUNT_TOKEN: "is the token of a service account that exists on the target",
    Reason.DYNAMICALLY_PROVISIONED: "is provisioned anew: its data is not in the backup of the objects",
    Reason.DUPLICATE: "is the same as another object that the namespace mapping brings there",
    Reason.VOLUME_RELEASED: "is not bound again after it lost its claim on the target",
    Reason.BARE_POD: "is a Pod without a controller, which cannot be held asleep",
    Reason.ACTIVE: "belongs to what is active, and so serves as production",
    Reason.KEPT_AS_COPY: "is not created while nobody answers for it: its body is kept for an activation",
    Reason.LEFT_STANDING: "is on the target already, and is left as it is",
    Reason.EXISTS_DIFFERENT: "exists and differs; the policy leaves it alone",
    Reason.NO_EFFECT: "keeps the target's own values; the patch changed nothing",
    Reason.EQUAL_AFTER_ADMISSION: "equals what the target makes of the backup's object on admission",
    Reason.WITHHELD: "is restored without labels or annotations that give rights",
    Reason.NOT_OVERWRITTEN: "keeps values of its own that differ from the backup's, for a merge overwrites none",
    Reason.CA_BUNDLE_KEPT: "keeps the target's caBundle, for no Secret that holds the backup's was restored before it",
    Reason.SOURCE_MISSING: "is created without what it was made from, which is neither restored nor on the target",
    Reason.UNVERIFIED: "cannot be proven by a dry run",
    Reason.CHANGED_MEANWHILE: "differs from the backup in other fields, which another writer changed meanwhile",
    Reason.INVALID_OBJECT: "is not a usable object in the backup",
    Reason.NAME_COLLISION: "would land on another object",
    Reason.POLICY_CONFLICT: "is matched by rules of different policies",
    Reason.PRIVILEGED: "gives rights, or says who may do what, and privileged_objects does not let it through",
    Reason.MODIFIER_FAILED: "is not restored without its modifications",
    Reason.STORAGE_CLASS_MISSING: "is mapped to a storage class that the target does not have",
    Reason.NOT_SERVED: "is of a type that the target does not serve",
    Reason.DISCOVERY_INCOMPLETE: "is of an API group that did not answer",
    Reason.READ_FAILED: "could not be read on the target",
    Reason.NAMESPACE_MISSING: "lies in a namespace that could not be created",
    Reason.NAMESPACE_TERMINATING: "lies in a namespace that is being deleted",
    Reason.TERMINATING: "is being deleted on the target",
    Reason.REFUSED: "was refused by the target",
    Reason.STATUS_REFUSED: "is there, but its status was refused by the target",
    Reason.IGNORED_BY_TARGET: "was patched, and the target ignored what a new object would have",
    Reason.CONFLICT: "was changed by another writer meanwhile",
    Reason.NOT_APPROVED: "was changed after the plan was approved",
    Reason.RECREATE_NOT_ALLOWED: "cannot be patched, and is not recreated",
    Reason.DELETE_REFUSED: "was to be deleted, which the target refused",
    Reason.DELETION_BLOCKED: "is being deleted, and not gone yet",
    Reason.DELETED_BEFORE: "was gone already",
    Reason.ROLLED_BACK: "was deleted, was refused when it was created anew, and stands again as it was",
    Reason.ROLLBACK_FAILED: "was deleted, was refused when it was created anew, and could not be put back",
    Reason.LOCK_LOST: "was not written: the run no longer holds its lock",
    Reason.UNREACHABLE: "needs the target, which could not be reached",
    Reason.CANCELLED: "was not reached before the run was cancelled",
    Reason.RUN_TIMEOUT: "was not reached within run_timeout",
    Reason.FAULT: "could not be carried to its end",
}
"""What people read for each code, as the end of a sentence that starts with the object."""


Code = Union[Reason, StopReason, KeepReason, WakingReason]  # noqa: UP007 - pylint takes the other form for a sum of classes
"""Whatever says why: a result has it as `reason`."""

NOT_IN_SYNC = frozenset(
    (
        Reason.CA_BUNDLE_KEPT,
        Reason.CHANGED_MEANWHILE,
        Reason.EXISTS_DIFFERENT,
        Reason.NOT_APPROVED,
        Reason.NOT_OVERWRITTEN,
        Reason.STATUS_REFUSED,
        Reason.UNVERIFIED,
        Reason.VOLUME_RELEASED,
    )
)
"""With these an object is not what the backup says, and not on purpose, whatever its outcome."""

_OWN_WORDS = frozenset((Reason.PROTECTED, KeepReason.PROTECTED))  # the rule's own sentence is better: the detail


def sentence(subject: object, reason: Code | None, detail: str = "") -> str:
    """What people read of an object: `Pod shop/web was refused by the target: Forbidden`; nothing without a reason."""
    if reason is None:
        return detail
    if reason in _OWN_WORDS and detail:
        return f"{subject} {detail}"
    said = f"{subject} {_said(reason)}"
    return f"{said}: {detail}" if detail else said


def _said(reason: Code) -> str:
    if isinstance(reason, StopReason):
        return f"is not deleted: {STOP_SENTENCES[reason]}"
    if isinstance(reason, WakingReason):
        return WAKING_SENTENCES[reason]
    return KEEP_SENTENCES[reason] if isinstance(reason, KeepReason) else SENTENCES[reason]
