# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports for tests of what is made of them: a night with a bit of everything, as velero_restore writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PruneDecision, PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import DeltaPlan
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason
from ansible_collections.standby.velero.plugins.module_utils._report.delta import DeltaReport
from ansible_collections.standby.velero.plugins.module_utils._report.document import document
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupInfo,
    Body,
    Comparison,
    Done,
    ObjectKey,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from outcomes import done_of
from reports import validated

ENDED = datetime(2026, 11, 24, 4, 0, 12, tzinfo=timezone.utc)
ROLE = Path(__file__).resolve().parents[2] / "roles/report"
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROLE / "templates").iterdir())}


def key(kind: str, name: str, namespace: str = "shop", group: str = "") -> ObjectKey:
    return ObjectKey(group, kind, namespace, name)


def equal(count: int) -> list[Done]:
    return [done_of(key("ConfigMap", f"settings-{number}"), Outcome.UNCHANGED) for number in range(count)]


GOOD_NIGHT = (
    done_of(
        key("Deployment", "web", group="apps"),
        Outcome.UPDATED,
        change={"comparison": Comparison("7", changed_by="production")},
    ),
    done_of(key("ConfigMap", "prices"), Outcome.UPDATED),
    done_of(key("Job", "migrate-42", group="batch"), Outcome.CREATED),
    *equal(151),
)
BAD_NIGHT = (
    done_of(
        key("Deployment", "checkout", group="apps"),
        Outcome.FAILED,
        Reason.REFUSED,
        "Forbidden: ValidatingAdmissionPolicy 'signed-images' denied the request",
    ),
    done_of(key("Kafka", "orders", "bus", "kafka.strimzi.io"), Outcome.FAILED, Reason.NOT_SERVED),
    done_of(key("Ingress", "web", group="networking.k8s.io"), Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
    done_of(key("StatefulSet", "cache", group="apps"), Outcome.RECREATED),
    *GOOD_NIGHT,
)
DEPLOYMENT = """spec:
  replicas: {replicas}
  template:
    spec:
      containers:
      - image: {image}
        name: web
"""
DIFFS = (
    (
        key("StatefulSet", "cache", group="apps"),
        "recreated",
        "spec:\n  podManagementPolicy: OrderedReady\n",
        "spec:\n  podManagementPolicy: Parallel\n",
    ),
    (
        key("ConfigMap", "prices"),
        "updated",
        "data:\n  currency: EUR\n  vat: '19'\n",
        "data:\n  currency: EUR\n  vat: '21'\n",
    ),
    (
        key("Deployment", "web", group="apps"),
        "updated",
        DEPLOYMENT.format(replicas=3, image="registry.example.org/web:1.8"),
        DEPLOYMENT.format(replicas=4, image="registry.example.org/web:1.9"),
    ),
    (
        key("Job", "migrate-42", group="batch"),
        "created",
        "",
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate-42\n  namespace: shop\nspec:\n  backoffLimit: 3\n",
    ),
)
RIGHTS: tuple[Body, ...] = (
    {
        **key("ClusterRoleBinding", "deployers", "", "rbac.authorization.k8s.io")._asdict(),
        "outcome": "updated",
        "reason": "",
        "new": ["Group deployers", "ServiceAccount ci/runner"],
    },
)


def a_delta() -> DeltaReport:
    gone = (
        PruneDecision(key("Ingress", "promotion", group="networking.k8s.io"), None, "u1", lacking_for=1),
        PruneDecision(key("PersistentVolumeClaim", "uploads"), None, "u2", KeepReason.NOT_NAMED, lacking_for=3),
    )
    restored_by = {decision.key: "hourly-20261124020000" for decision in gone}
    return DeltaReport("report", DeltaPlan("hourly-20261124020000", PrunePlan((), gone), frozenset(), restored_by))


def a_run(done: Iterable[Done] = GOOD_NIGHT, ended: datetime = ENDED, **more: Any) -> Run:
    """`more` are further fields of the run."""
    taken = ended.replace(minute=0, second=0) - timedelta(hours=1)
    told = {
        name: f"{taken + timedelta(seconds=after):%Y-%m-%dT%H:%M:%SZ}"
        for name, after in (("started", 0), ("completed", 41))
    }
    backup = BackupInfo(f"hourly-{taken:%Y%m%d%H%M%S}", schedule="hourly", phase="Completed", source="0b7c5a52", **told)
    run = Run(
        restore_name=backup.name,
        backup_name=backup.name,
        policy="update",
        done=tuple(done),
        started=ended - timedelta(seconds=12),
        completed=ended,
        server="https://standby-east.example.org:6443",
        backup=backup,
        taken=told["started"],
    )
    return Run(**{name: getattr(run, name) for name in Run.__slots__} | more)


def written(
    path: Path,
    run: Run | None = None,
    diffs: Iterable[tuple[ObjectKey, str, str, str]] | None = DIFFS,
    privileged: Iterable[Body] = (),
    **sections: Body,
) -> dict[str, Any]:
    """The report of the run at this path, and what is in it."""
    diff = (
        None
        if diffs is None
        else [
            {**of._asdict(), "outcome": outcome, "before": before, "after": after}
            for of, outcome, before, after in diffs
        ]
    )
    report = json.loads("".join(document(run or a_run(), diff, privileged))) | sections
    path.write_text(json.dumps(validated(report)), encoding="utf-8")
    return report
