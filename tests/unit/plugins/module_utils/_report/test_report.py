# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a restore: what is said of it as such, and that nothing is asked of the target for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._compare.comparer import Comparer
from ansible_collections.standby.velero.plugins.module_utils._decide.decide import Decider
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import everything
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PruneDecision, PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import RestoreScope
from ansible_collections.standby.velero.plugins.module_utils._plan.context import Cluster, RestoreContext
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import Plan
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import DeltaPlan
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import DesiredState
from ansible_collections.standby.velero.plugins.module_utils._prepare.labels import restore_labels
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, Stop, StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.report import TLS_WARNING, report, run_of
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._select.select import select
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import Done, ObjectKey, ObjectRef, Resource
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Policy
from backups import Backup
from options import settings
from outcomes import done_of
from reports import read_report

STARTED = datetime(2026, 11, 24, 3, tzinfo=timezone.utc)
APP, OLD = ObjectKey("", "ConfigMap", "shop", "app"), ObjectKey("", "ConfigMap", "shop", "old")
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap", namespaced=True)


@dataclass
class Silent:
    """A connection over which nothing may be asked."""

    verifies_tls: bool = True
    server: str = "https://standby.example.org:6443"

    def send(self, method: str, path: str, *_arguments: Any, **_more: Any) -> None:
        raise AssertionError(f"the report asks the target: {method} {path}")


def a_backup(folder: Path, name: str, phase: str = "", of: str = "") -> str:
    """With metadata when there is a phase, which may be those of another backup."""
    (folder / name).mkdir()
    if phase:
        body = {"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": of or name}}
        (folder / name / "velero-backup.json").write_text(json.dumps({**body, "status": {"phase": phase}}))
    pod = {"spec": {"priorityClassName": "high"}}
    backup = Backup().add("configmaps", "shop", "app", {"data": {"a": "1"}}).add("pods", "shop", "web", pod)
    return str(backup.write(folder / name / f"{name}.tar.gz"))


@contextmanager
def restoring(
    folder: Path, phase: str = "", previous: tuple[str, str] | None = None, verifies_tls: bool = True, **options: Any
) -> Iterator[RestoreContext]:
    """A context as it is once the plan was carried out; `previous` is the earlier backup's phase, and whose it is."""
    made = settings(backup_file=a_backup(folder, "b2", phase), **options)
    with ExitStack() as stack:
        backup = stack.enter_context(opened(files_of(made.source.file, "b2", ""), None))
        earlier = None
        if previous is not None:
            earlier = stack.enter_context(opened(files_of(a_backup(folder, "b1", *previous), "b1", ""), None))
        selection = select(backup.content, made)
        yield RestoreContext(
            settings=made,
            backup=backup,
            previous=earlier,
            selection=selection,
            desired=DesiredState(backup.content, PrepareContext()),
            cluster=Cluster(Client(Silent(verifies_tls)), Discovery({"configmaps": (CONFIG_MAPS,)}, frozenset()), {}),
            comparer=Comparer(),
            before=None,
            conflicts={},
            decider=Decider(everything(Policy.UPDATE), restore_labels("b2", "again"), True, frozenset()),
            scope=RestoreScope(backup.info, "selection", len(selection.items)),
        )


CREATED = done_of(APP, Outcome.CREATED)
NEEDED = "Pod shop/web needs priorityclasses.scheduling.k8s.io/high, which is not in the backup"


def reported(
    context: RestoreContext,
    *done: Done,
    delta: DeltaPlan | None = None,
    problems: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Run:
    changes = tuple(one.change for one in done)
    return report(context, run_of(context, Plan(changes, delta), done, STARTED, problems, warnings))


def test_a_run_is_told_with_what_it_was_asked_for(tmp_path: Path) -> None:
    with restoring(tmp_path, "Completed", restore_name="again", existing_resource_policy="update") as context:
        run = reported(context, CREATED, problems=("the inventory was not written",), warnings=("a Secret stays",))
    assert (run.restore_name, run.backup_name, run.policy) == ("again", "b2", "update")
    assert (run.done, run.started, run.check_mode) == ((CREATED,), STARTED, False)
    assert run.completed.tzinfo is timezone.utc
    assert (run.velero_errors, run.warnings) == (("the inventory was not written",), ("a Secret stays",))
    assert (run.delta, run.diff, run.privileged, run.privileged_total) == (None, None, [], 0)


@pytest.mark.parametrize(
    ("more", "warnings"),
    [
        ({}, []),
        ({"phase": "Completed"}, []),
        ({"phase": "PartiallyFailed"}, ["backup b2 is PartiallyFailed, not Completed"]),
        ({"verifies_tls": False}, [TLS_WARNING]),
        ({"previous": ("Completed",)}, []),
        # how the earlier backup ended is for a prune to say; a file beside it that is of no use is told
        ({"previous": ("PartiallyFailed",)}, []),
        ({"previous": ("Completed", "b0")}, ["is of backup b0, not of b1: it is not used"]),
    ],
)
def test_who_reads_the_task_is_warned_of(tmp_path: Path, more: dict[str, Any], warnings: list[str]) -> None:
    with restoring(tmp_path, **more) as context:
        found = reported(context).warnings
    assert len(found) == len(warnings)
    assert all(text.endswith(end) for text, end in zip(found, warnings, strict=True))


def test_velero_warns_of_names_that_match_nothing_of_needs_and_of_dropped_fields(tmp_path: Path) -> None:
    with restoring(
        tmp_path, included_namespaces=["shop", "bank"], prune_allow=["configmaps/shop/old", "cm"]
    ) as context:
        context.cluster.client.dropped_fields["widgets.example.org"] = {"spec.size", "spec.colour"}
        run = reported(context)
    misspelt = (
        "included_namespaces: 'bank' matches nothing in the backup",
        "prune_allow: 'cm' matches nothing in the backup",
    )
    assert run.unmatched == run.warnings == misspelt
    assert run.velero_warnings == (
        *misspelt,
        NEEDED,
        "widgets.example.org: the target does not know, and dropped: spec.colour, spec.size",
    )


def test_what_the_target_makes_of_fields_is_told_once_a_type_and_no_line_grows_without_end(tmp_path: Path) -> None:
    with restoring(tmp_path) as context:
        context.cluster.client.dropped_fields["pods"] = {"spec.image"}
        fields = context.comparer.target_fields
        fields.dropped |= {"pods": {"spec.image.user", "spec.hostUsers"}, "jobs.batch": {"spec.managedBy"}}
        fields.filled["widgets.example.org"] = {f"spec.f{number:02}" for number in range(22)}
        _needed, *told = reported(context).velero_warnings
    switched_off = "the target did not store, for it has that switched off or takes it away"
    names = ", ".join(f"spec.f{number:02}" for number in range(20))
    assert told == [
        "pods: the target does not know, and dropped: spec.image",
        f"jobs.batch: {switched_off}: spec.managedBy",
        f"pods: {switched_off}: spec.hostUsers",
        f"widgets.example.org: the target filled in what the backup does not have: {names} and 2 more",
    ]


def test_mappings_and_rules_that_no_object_needs_are_told(tmp_path: Path) -> None:
    modifiers = {
        "version": "v1",
        "resourceModifierRules": [
            {"conditions": {"groupResource": kind}, "mergePatches": [{"patchData": "{data: {a: '1'}}"}]}
            for kind in ("configmaps", "configmapz")
        ],
    }
    options = {"storage_class_mapping": {"fastt": "slow"}, "image_mapping": ["a,b"], "resource_modifiers": modifiers}
    with restoring(tmp_path, **options) as context:
        desired = replace(context.desired, context=context.settings.prepare)
        found = reported(replace(context, desired=desired)).unmatched
    assert [text.partition(":")[0] for text in found] == [
        "storage_class_mapping",
        "image_mapping",
        "resource_modifiers",
    ]
    assert "configmapz" in found[-1]


def a_delta(*stops: Stop, keys: Iterable[ObjectKey] = (OLD,)) -> DeltaPlan:
    decisions = tuple(PruneDecision(key, ObjectRef(key, "configmaps", "v1"), "u1") for key in keys)
    return DeltaPlan("b1", PrunePlan(stops, decisions), frozenset())


NEVER, SOMETIMES = Stop(StopReason.NO_SCHEDULE), Stop(StopReason.OVER_COUNT, "9 of at most 1")


@pytest.mark.parametrize(
    ("mode", "delta", "warnings"),
    [
        ("prune", a_delta(), ()),
        ("prune", a_delta(NEVER, SOMETIMES), (f"nothing was pruned: {NEVER}", f"nothing was pruned: {SOMETIMES}")),
        ("prune", a_delta(NEVER, SOMETIMES, keys=()), (f"nothing was pruned: {NEVER}",)),
        ("report", a_delta(NEVER, SOMETIMES), ()),
    ],
)
def test_what_stops_a_prune_is_warned_of_where_one_was_asked_for(
    tmp_path: Path, mode: str, delta: DeltaPlan, warnings: tuple[str, ...]
) -> None:
    with restoring(tmp_path, delta=mode) as context:
        assert reported(context, delta=delta).warnings == warnings


def test_the_delta_gets_what_became_of_the_deletions_alone(tmp_path: Path) -> None:
    gone = done_of(OLD, Outcome.DELETED)
    with restoring(tmp_path, delta="prune") as context:
        run = reported(context, CREATED, gone, delta=a_delta())
    assert run.delta is not None
    assert (run.delta.mode, run.delta.done, run.done) == ("prune", (gone,), (CREATED, gone))


@pytest.mark.parametrize(("check", "warned"), [(True, True), (False, False)])
def test_deletions_that_only_dry_runs_held_back_are_told_to_whoever_approves_the_plan(
    tmp_path: Path, check: bool, warned: bool
) -> None:
    held = done_of(OLD, Outcome.SKIPPED, StopReason.OBJECTS_UNVERIFIED, "1", action=Action.DELETE)
    kept = done_of(OLD, Outcome.SKIPPED, KeepReason.HOLDS, action=Action.DELETE)
    with restoring(tmp_path, delta="prune") as context:
        asked = replace(context, settings=replace(context.settings, dry_run=check))
        warnings = reported(asked, CREATED, held, kept, delta=a_delta()).warnings
    text = "the plan has 1 deletions that this check held back: a run deletes, unless it is stopped alike"
    assert (text in warnings) is warned


def test_in_diff_mode_the_changes_are_shown_and_in_the_report_file_too(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with restoring(tmp_path, report_path=str(path)) as context:
        assert reported(context, CREATED).diff is None
        asked = replace(context, settings=replace(context.settings, diff=True))
        run = reported(asked, CREATED, done_of(OLD, Outcome.DELETED))
    assert [entry["after_header"] for entry in run.diff or ()] == ["ConfigMap shop/old", "ConfigMap shop/app"]
    written = read_report(path)
    assert [(entry["name"], entry["outcome"]) for entry in written["diff"]] == [("old", "deleted"), ("app", "created")]
    assert [entry["after"] for entry in written["diff"]] == [entry["after"] for entry in run.diff or ()]
    assert [(entry["name"], entry["outcome"]) for entry in written["objects"]] == [
        ("old", "deleted"),
        ("app", "created"),
    ]


def test_privileged_objects_are_counted_whatever_is_shown(tmp_path: Path) -> None:
    key = ObjectKey("rbac.authorization.k8s.io", "ClusterRoleBinding", "", "old")
    gone = done_of(key, Outcome.DELETED, action=Action.DELETE)
    with restoring(tmp_path) as context:
        run = reported(context, gone)
    assert ([entry["name"] for entry in run.privileged], run.privileged_total) == (["old"], 1)


def test_a_report_that_cannot_be_left_is_an_error_and_loses_nothing_of_the_result(tmp_path: Path) -> None:
    with restoring(tmp_path, report_path=str(tmp_path / "gone" / "report.json")) as context:
        run = reported(context, CREATED, problems=("the inventory was not written",))
    assert run.done == (CREATED,)
    assert run.velero_errors[0] == "the inventory was not written"
    assert run.velero_errors[1].startswith("report_path: cannot write")
    assert (run.report_path, run.report_lost) == ("", True)
