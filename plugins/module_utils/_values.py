# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The values that travel from the backup to the report; imports nothing of this collection.

backup -> BackupItem -> Comparison -> Change (in order: the Plan) -> ObjectResult -> report.
Bodies inside a value are never edited in place: a room that changes one returns a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

Body = dict[str, Any]
"""A Kubernetes object, or a part of one, as JSON has it."""

Path = tuple[str, ...]
"""Where in a body: ('spec', 'ports')."""

BACKUP_LABEL = "velero.io/backup-name"
RESTORE_LABEL = "velero.io/restore-name"


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
    KEEP = "keep"
    SKIP = "skip"
    DELETE = "delete"


class Outcome(str, Enum):
    """What was done to one object (in check mode: would be); they sum to the total."""

    CREATED = "created"
    UPDATED = "updated"
    RELABELLED = "relabelled"
    RECREATED = "recreated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


CHANGED = frozenset((Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED, Outcome.RECREATED, Outcome.DELETED))
"""The outcomes for which something was stored."""


class Reason(str, Enum):
    """Why an object was skipped, kept or failed: tests ask for the code, people read SENTENCES[code]."""

    # left out on purpose
    PROTECTED = "protected"
    CONTROLLER_MADE = "controller_made"
    CONTROLLED = "controlled"
    MIRROR_POD = "mirror_pod"
    TOKEN_SECRET = "token_secret"
    PROVISIONED_ANEW = "provisioned_anew"
    DUPLICATE = "duplicate"
    # the policy's doing
    EXISTS_DIFFERENT = "exists_different"
    # equal all the same
    KEPT_BY_TARGET = "kept_by_target"
    AS_ADMITTED = "as_admitted"
    # stored, with a reservation
    UNPROVEN = "unproven"
    CHANGED_MEANWHILE = "changed_meanwhile"
    # failed
    BAD_OBJECT = "bad_object"
    CLASH = "clash"
    POLICY_CLASH = "policy_clash"
    PRIVILEGED = "privileged"
    MODIFIER_FAILED = "modifier_failed"
    STORAGE_CLASS_MISSING = "storage_class_missing"
    NOT_SERVED = "not_served"
    GROUP_INCOMPLETE = "group_incomplete"
    READ_REFUSED = "read_refused"
    NAMESPACE_MISSING = "namespace_missing"
    NAMESPACE_TERMINATING = "namespace_terminating"
    TERMINATING = "terminating"
    REFUSED = "refused"
    STATUS_REFUSED = "status_refused"
    CONFLICT = "conflict"
    NOT_RECREATED = "not_recreated"
    FINALIZER_HOLDS = "finalizer_holds"
    PUT_BACK = "put_back"
    GONE = "gone"
    LOCK_LOST = "lock_lost"
    UNREACHABLE = "unreachable"


SENTENCES: dict[Reason, str] = {
    Reason.PROTECTED: "belongs to the target's control plane or its operator",
    Reason.CONTROLLER_MADE: "is made by a controller of the target",
    Reason.CONTROLLED: "belongs to its controlling owner, which is in the backup too",
    Reason.MIRROR_POD: "is the mirror of a static pod",
    Reason.TOKEN_SECRET: "is the token of a service account that exists on the target",
    Reason.PROVISIONED_ANEW: "is provisioned anew: its data is not in the backup of the objects",
    Reason.DUPLICATE: "is the same as another object that the namespace mapping brings there",
    Reason.EXISTS_DIFFERENT: "exists and differs; the policy leaves it alone",
    Reason.KEPT_BY_TARGET: "the target keeps its own values; the patch changed nothing",
    Reason.AS_ADMITTED: "equals what the target makes of the backup's object on admission",
    Reason.UNPROVEN: "cannot be proven by a dry run",
    Reason.CHANGED_MEANWHILE: "another writer changed other fields meanwhile; it differs from the backup in them",
    Reason.BAD_OBJECT: "is not a usable object in the backup",
    Reason.CLASH: "would land on another object",
    Reason.POLICY_CLASH: "is matched by rules of different policies",
    Reason.PRIVILEGED: "gives rights, or says who may do what, and privileged_objects does not let it through",
    Reason.MODIFIER_FAILED: "is not restored without its modifications",
    Reason.STORAGE_CLASS_MISSING: "is mapped to a storage class that the target does not have",
    Reason.NOT_SERVED: "is of a type that the target does not serve",
    Reason.GROUP_INCOMPLETE: "is of an API group that did not answer",
    Reason.READ_REFUSED: "could not be read on the target",
    Reason.NAMESPACE_MISSING: "its namespace could not be created",
    Reason.NAMESPACE_TERMINATING: "its namespace is being deleted",
    Reason.TERMINATING: "is being deleted on the target",
    Reason.REFUSED: "was refused by the target",
    Reason.STATUS_REFUSED: "is there, but its status was refused by the target",
    Reason.CONFLICT: "was changed by another writer meanwhile",
    Reason.NOT_RECREATED: "cannot be patched, and is not recreated",
    Reason.FINALIZER_HOLDS: "was deleted in order to be recreated, and a finalizer holds it",
    Reason.PUT_BACK: "was deleted, was refused when it was created anew, and stands again as it was",
    Reason.GONE: "was deleted, was refused when it was created anew, and could not be put back",
    Reason.LOCK_LOST: "was not written: the run no longer holds its lock",
    Reason.UNREACHABLE: "the target could not be reached",
}
"""What people read for each code, as the end of a sentence that starts with the object."""


class VolumeData(str, Enum):
    """How Velero saved the data of a PersistentVolume."""

    FILE_SYSTEM_BACKUP = "file_system_backup"
    CSI_SNAPSHOT = "csi_snapshot"
    DATA_UPLOAD = "data_upload"
    NATIVE_SNAPSHOT = "native_snapshot"
    SKIPPED = "skipped"


class ObjectKey(NamedTuple):
    """Identity of an object on a cluster: never its version. Sorts by group, kind, namespace, name."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """The one spelling in messages, results and headings: `Deployment.apps shop/web`."""
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        return f"{kind} {self.namespace}/{self.name}" if self.namespace else f"{kind} {self.name}"


@dataclass(frozen=True, slots=True)
class BackupItem:
    """One object of a backup and where its body lies; the body itself stays in the spooled archive."""

    key: ObjectKey
    resource: str
    """`<plural>[.<group>]`, the folder it has in the backup."""
    version: str
    """Of its apiVersion, without the group."""
    offset: int = 0
    size: int = 0
    """Bytes of JSON in the spool."""
    uid: str = ""
    owner: str = ""
    """UID (in production) of the owner that controls it; empty when nothing does."""
    source: ObjectKey | None = None
    """The key in the backup, when the namespace mapping gives it another one on the target."""
    problem: str = ""
    """Why the body is of no use (broken JSON, kind or name not that of its path); empty when it is fine."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A type as the target serves it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    """Empty where the server does not say: then it is the kind in lower case."""
    short_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`deployments.apps`, as a backup's folder is called."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


EMPTY: Body = {}
"""Shared by the many comparisons that have nothing to say; never edited."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a live object and the backup's differ, the two restore labels apart."""

    resource_version: str
    patch: Body = field(default_factory=lambda: EMPTY)
    """JSON merge patch from the stripped live object to the rebased desired one; empty when they are equal."""
    before: Body = field(default_factory=lambda: EMPTY)
    """The live values at the patch's leaves: what another writer must not have changed."""
    labels: tuple[str | None, str | None] = (None, None)
    """The live object's backup-name and restore-name labels."""
    digest: bytes = b""
    """Of the stripped live object, when it differs: tells whether the server's answer is any other."""
    status: Body = field(default_factory=lambda: EMPTY)
    """Merge patch of the status; empty unless the status is restored too and differs."""
    uid: str = ""
    """Of the live object."""
    changed_by: str = ""
    """Who changed it since the previous backup: production, standby or both; empty where that is not known."""
    merged: bool = False
    """A ServiceAccount that differs: merged whatever the policy, and not labelled."""
    terminating: bool = False

    @property
    def equal(self) -> bool:
        return not self.patch


@dataclass(frozen=True, slots=True)
class Change:
    """What the plan says of one object; check mode reports the same Changes that a run applies."""

    item: BackupItem
    action: Action
    reason: Reason | None = None
    message: str = ""
    comparison: Comparison | None = None
    """None when the object is not on the target."""


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What became of one object."""

    key: ObjectKey
    version: str
    outcome: Outcome
    reason: Reason | None = None
    message: str = ""
    """A sentence without any value out of the object."""
    warning: str = ""
    """What Velero would warn of, in its words."""
    error: str = ""
    """What Velero would call an error."""
    stored: bool = False
    """A failed object that got something all the same: its two labels."""
    different: bool = False
    """The object on the target is not what the backup says, and not on purpose: not in sync."""
    uid: str = ""
    """On the target, of an object that this run created."""
    policy: str = ""
    """That applied; empty where none was asked."""
    rule: str = ""
    """Name of the option or the rule that chose the policy."""
    changed_by: str = ""
    """Since the previous backup: production, standby or both; empty where there is none to compare with."""


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What is known of a backup beside its objects."""

    name: str
    schedule: str = ""
    """Empty for a backup of no schedule, and where nothing is known of it."""
    started: str = ""
    """As Velero writes it, in UTC: 2026-11-24T03:00:00Z. Empty without metadata."""
    completed: str = ""
    phase: str = ""
    """Velero's word; empty without metadata."""
    errors: int = 0
    scope: str = ""
    """Stands for the filters in the backup's spec: backups with the same one were to hold the same sort of objects."""
    source: str = ""
    """UID of the source cluster's Namespace kube-system; empty when it is not in the backup."""
    objects: int = 0
    """How many objects the backup holds."""


class Owed(NamedTuple):
    """One object of the target that a restore made or keeps, by its key on the target."""

    uid: str
    """On the target."""
    origin: str
    """UID in production, empty when the backup had none."""
    namespace: str
    """In the backup, which namespace_mapping may have changed; empty for a cluster-scoped object."""


@dataclass(frozen=True, slots=True)
class Owing:
    """What the target owes to one backup, restored with one selection."""

    backup: BackupFacts
    selection: str
    """Stands for the selection and the mappings of the restore."""
    selected: int
    """How many objects of the backup the selection took."""
    objects: dict[ObjectKey, Owed]


State = tuple[Owing, ...]
"""All that a target owes, the backup that was restored last at the end. No key stands in two of them."""
