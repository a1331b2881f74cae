# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that travel from the backup to the report.

backup -> BackupItem -> Comparison -> Change (in order: the Plan) -> Done -> report.
Bodies inside a value are never edited in place: a room that changes one returns a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NamedTuple

from ._vocabulary import Action, Code, Outcome, Policy

Body = dict[str, Any]
"""A Kubernetes object, or a part of one, as JSON has it."""

Path = tuple[str, ...]
"""Where in a body: ('spec', 'ports')."""

BACKUP_LABEL = "velero.io/backup-name"
RESTORE_LABEL = "velero.io/restore-name"
MANAGED_BY = {"app.kubernetes.io/managed-by": "standby.velero"}
"""Label of whatever this collection keeps on a target for itself."""
RECORD_LABELS = {**MANAGED_BY, "standby.velero/holds": "restore"}
"""Labels of every Restore object by which Velero's command line shows a run of ours, and of no other."""


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
class ObjectRef:
    """An object by its key and its type: all that it takes to read it, or to delete it."""

    key: ObjectKey
    resource: str
    """`<plural>[.<group>]`, as a backup's folder is called."""
    version: str
    """Of its apiVersion, without the group."""


@dataclass(frozen=True, slots=True)
class BackupItem(ObjectRef):
    """One object of a backup and where its body lies; the body itself stays in the spooled archive."""

    number: int = 0
    """Of its body among those of the backup."""
    size: int = 0
    """Bytes of JSON; 0 without a body."""
    uid: str = ""
    owner: str = ""
    """UID (in production) of the owner that controls it; empty when nothing does."""
    source: ObjectKey | None = None
    """The key in the backup, when the namespace mapping gives it another one on the target."""
    problem: str = ""
    """Why the body is of no use (broken JSON, kind or name not that of its path); empty when it is fine."""

    def under(self, other: BackupItem) -> BackupItem:
        """The same body under the key that another item has, on the target and in its backup."""
        return replace(self, key=other.key, source=other.source)


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
    has_status: bool = False
    """Whether a status is written through /status; without it the status of an object is a field like any other."""

    @property
    def name(self) -> str:
        """`deployments.apps`, as a backup's folder is called."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """`apps/v1`, as a body has it."""
        return f"{self.group}/{self.version}" if self.group else self.version


Named = tuple[str, str]
"""(`labels` or `annotations`, name) in an object's metadata."""

EMPTY: Body = {}
"""Shared by the many comparisons that have nothing to say; never edited."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What else a patch does when certificate authorities (caBundle) follow the backup's."""

    patch: Body = field(repr=False)
    """The whole merge patch, with the backup's bundles."""
    before: Body = field(repr=False)
    authorities: frozenset[str] = field(repr=False)
    """The backup's bundles that are not on the target, as they stand in the object."""
    holders: tuple[frozenset[ObjectKey], ...] = ()
    """For each of them the Secrets of the backup that hold it: one must stand on the target first."""


class Held(NamedTuple):
    """A workload of the target, as `workloads: hold` sees it."""

    production: str = ""
    """What production has in the fields that make it sleep, as its annotation says; empty for the standby's own."""
    awake: bool = False
    """Whether it was found awake."""

    @property
    def own(self) -> bool:
        """It stood awake on the target before any restore, and stays so."""
        return not self.production


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a live object and the backup's differ, the two restore labels apart; its repr shows no value of either."""

    resource_version: str
    patch: Body = field(default_factory=lambda: EMPTY, repr=False)
    """JSON merge patch from the stripped live object to the rebased desired one; empty when they are equal."""
    before: Body = field(default_factory=lambda: EMPTY, repr=False)
    """The live values at the patch's leaves: what another writer must not have changed."""
    labels: tuple[str | None, str | None] = (None, None)
    """The live object's backup-name and restore-name labels."""
    digest: bytes = b""
    """Of the stripped live object, when it differs: tells whether the server's answer is any other."""
    status: Body = field(default_factory=lambda: EMPTY, repr=False)
    """Merge patch of the status; empty unless the status is restored too and differs."""
    uid: str = ""
    """Of the live object."""
    changed_by: str = ""
    """Who changed it since the previous backup: production, standby or both; empty where that is not known."""
    controlled: bool = False
    """The live object differs, and belongs to a controlling owner on the target."""
    merged: bool = False
    """A ServiceAccount that differs: merged whatever the policy, and not labelled."""
    terminating: bool = False
    not_overwritten: tuple[str, ...] = ()
    """Fields in which the live object keeps another value than the backup's: of a merged ServiceAccount."""
    trust: Trust | None = None
    """None unless a certificate authority is to follow the backup's."""
    withheld: tuple[Named, ...] = ()
    """What gives rights and is left as the target has it: no part of the patch."""
    held: Held | None = None
    """None unless it is a workload, and workloads are held."""
    known: bool = False
    """Equal, and as the inventory says: the UID is the one that stands there."""

    @property
    def equal(self) -> bool:
        return not self.patch


class Choice(NamedTuple):
    """The policy of an object, and what chose it, as the user would name it."""

    policy: Policy
    rule: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the plan says of one object; check mode reports the same Changes that a run carries out."""

    ref: ObjectRef
    """A BackupItem, but for a deletion: the backup does not have its object."""
    action: Action
    reason: Code | None = None
    detail: str = ""
    """What goes with the reason; free of values."""
    comparison: Comparison | None = None
    """None when the object is not on the target. Of a deletion: UID and version there, the label that has to prove who
    made it and, for a diff, its body (`before`)."""
    choice: Choice | None = None
    """None where no policy was asked for: of what is left out, or fails before."""

    @property
    def key(self) -> ObjectKey:
        return self.ref.key

    @property
    def item(self) -> BackupItem:
        """What the backup has of the object; to ask it of a deletion is a fault."""
        if not isinstance(self.ref, BackupItem):
            raise TypeError(f"the backup does not have {self.key}")
        return self.ref

    @property
    def policy(self) -> Policy:
        return self.choice.policy if self.choice else Policy.NONE


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What became of one object; what is said of it (message, Velero's warnings) are views of the report."""

    outcome: Outcome
    reason: Code | None = None
    detail: str = ""
    """What goes with the reason; free of values."""
    stored: bool = False
    """A failed object that got something all the same: its two labels, or its deletion."""
    uid: str = ""
    """On the target, of an object that this run created."""
    label_refusal: str = ""
    """Why the two labels alone were refused, after the object's own patch was."""


class Done(NamedTuple):
    """A Change and what became of it."""

    change: Change
    """As it was carried out: after a conflict with the comparison that was made then."""
    result: ObjectResult


@dataclass(frozen=True, slots=True)
class BackupInfo:
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


class VolumeData(str, Enum):
    """How Velero saved the data of a PersistentVolume."""

    FILE_SYSTEM_BACKUP = "file_system_backup"
    CSI_SNAPSHOT = "csi_snapshot"
    DATA_UPLOAD = "data_upload"
    NATIVE_SNAPSHOT = "native_snapshot"
    SKIPPED = "skipped"
