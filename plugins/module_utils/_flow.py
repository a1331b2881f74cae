# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restore on one screen: backup -> select -> prepare -> compare -> decide -> apply -> report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial

from ._apply.keeping import forget_restored, forget_untouched, kept_bodies
from ._apply.run import apply
from ._apply.work import Work
from ._backup.catalogue import Catalogue
from ._backup.file import open_backup
from ._backup.volumes import read_volume_info
from ._cluster.client import Client
from ._cluster.discovery import Discovery, discover
from ._cluster.namespaces import namespaces_of, wait_until_gone
from ._cluster.openapi import OpenApi
from ._decide.decide import Decider
from ._decide.order import CRDS
from ._decide.policies import Choices, Clash, choose_all
from ._decide.policies import resolved as resolved_policies
from ._desired import Preparation
from ._errors import RestoreError
from ._landing import land, namespaces_in, unfit
from ._options import Settings
from ._plan import Plan, Target, make_plan, missing_namespaces, servable, storage_classes, superfluous_tokens
from ._prepare.labels import restore_labels
from ._report.diffs import Diffs
from ._report.file import check_writable, write
from ._report.run import Run
from ._results import done, unrestored
from ._select.filters import resolved, unmatched
from ._select.globs import Patterns
from ._select.resources import resolver
from ._select.select import Selection, select
from ._values import Action, Change, ObjectKey, ObjectResult, Outcome, Reason

TLS_WARNING = (
    "the API server's certificate is not verified (validate_certs is off): whoever is on the way can read every Secret"
)


def restore(settings: Settings, client: Client, tmpdir: str) -> Run:
    """Runs a whole restore, report file included.

    Objects that fail are part of the run. Raises a RestoreError when the restore as such cannot go on.
    """
    started = _now()
    if settings.report_path:
        check_writable(settings.report_path)
    with open_backup(settings.backup_file, tmpdir) as backup:
        discovery = discover(client)
        settings = _resolved(settings, discovery, backup)
        selection = select(backup, settings, read_volume_info(settings.backup_file))
        desired = _preparation(settings, client, backup, selection)
        selection = land(selection, desired)
        target = Target(client, discovery, _namespaces(settings, client, selection))
        choices, clashes = choose_all(settings.policies, selection.items, backup.body)
        decider = _decider(settings, selection, choices)
        plan = _planned(backup, _unclashed(selection, clashes), target, decider, desired)
        plan.settled += [
            unrestored(item, Reason.POLICY_CLASH, str(clashes[item.key]))
            for item in selection.items
            if item.key in clashes
        ]
        changes = plan.ordered()
        work = _work(settings, target, desired, decider, changes)
        applied = apply(work, changes, settings.concurrency)
        results = _governed([*plan.settled, *applied], choices)
        run = Run(
            restore_name=settings.restore_name,
            backup_name=settings.backup_name,
            policy=settings.policies.summary,
            results=[*selection.skips, *results],
            started=started,
            completed=_now(),
            check_mode=settings.dry_run,
            report_path=settings.report_path,
            velero_warnings=_warnings(settings, backup, selection, client),
            warnings=(*(() if client.verifies_tls else (TLS_WARNING,)), *forget_restored(work, results)),
        )
        diffs = Diffs(changes, applied, desired, decider.labels) if settings.diff else None
        run = _reported(run, diffs)
        return replace(run, diff=diffs.shown(settings.report_path)) if diffs else run


def _reported(run: Run, diffs: Diffs | None) -> Run:
    """Leaves the report file; when that fails, after all is written, the result must not be lost with it."""
    if not run.report_path:
        return run
    try:
        write(run.report_path, run, diffs.entries() if diffs else None)
    except RestoreError as error:
        return replace(run, velero_errors=(*run.velero_errors, str(error)))
    return run


def _resolved(settings: Settings, discovery: Discovery, backup: Catalogue) -> Settings:
    """The settings with every resource name in full: short names and singulars are the target's to know."""
    resolve = resolver(discovery.served(), backup)
    status = settings.status_included
    return replace(
        settings,
        filters=resolved(settings.filters, resolve),
        policies=resolved_policies(settings.policies, resolve),
        status_included=None if status is None else tuple(map(resolve, status)),
        status_excluded=tuple(map(resolve, settings.status_excluded)),
    )


def _preparation(settings: Settings, client: Client, backup: Catalogue, selection: Selection) -> Preparation:
    status = settings.status_included
    schemas = OpenApi(client).schema
    return Preparation(
        backup=backup,
        modify=partial(settings.modifiers.apply, schemas=schemas) if settings.modifiers.rules else None,
        facts=replace(settings.facts, provisioned_volumes=selection.provisioned_volumes),
        status_included=None if status is None else Patterns(status or ("*",)),
        status_excluded=Patterns(settings.status_excluded),
    )


def _namespaces(settings: Settings, client: Client, selection: Selection) -> dict[str, bool]:
    """The target's namespaces; a real run first waits for those that are being deleted."""
    if settings.dry_run:
        return namespaces_of(client, selection.namespaces)
    return wait_until_gone(client, selection.namespaces, settings.terminating_timeout)


def _decider(settings: Settings, selection: Selection, choices: Choices) -> Decider:
    labels = restore_labels(settings.backup_name, settings.restore_name)
    return Decider(choices, labels, settings.label_unchanged, selection.controlled)


def _unclashed(selection: Selection, clashes: Mapping[ObjectKey, Clash]) -> Selection:
    """The selection without the objects about which rules disagree."""
    return replace(selection, items=tuple(item for item in selection.items if item.key not in clashes))


def _governed(results: Sequence[ObjectResult], choices: Choices) -> list[ObjectResult]:
    """The results with the policy of each, and what chose it."""
    chosen = ((result, choices.of(result.key)) for result in results)
    return [replace(result, policy=choice.policy.value, rule=choice.rule) for result, choice in chosen]


def _work(
    settings: Settings, target: Target, desired: Preparation, decider: Decider, changes: Sequence[Change]
) -> Work:
    """All that the writes need; bodies of recreations that did not end are looked for, and needless ones removed."""
    work = Work(
        client=target.client,
        discovery=target.discovery,
        desired=desired,
        comparer=target.comparer,
        decider=decider,
        labels=decider.labels,
        dry_run=settings.dry_run,
        promised=_promised(changes),
        recreation=settings.recreation,
        state_namespace=settings.state_namespace,
        kept=kept_bodies(target.client, settings.state_namespace),
    )
    forget_untouched(work)
    return work


def _planned(backup: Catalogue, selection: Selection, target: Target, decider: Decider, desired: Preparation) -> Plan:
    """The plan for what was selected and for what that needs: its namespaces, definitions of its types."""
    items = [servable(item, desired.copies(item), target.discovery) for item in selection.items]
    tokens = superfluous_tokens(selection.tokens, items, target)
    unusable = dict(unfit(items, desired, lambda: storage_classes(items, target)))
    fit = [item for item in items if item.key not in tokens and item.key not in unusable]
    fit += missing_namespaces(selection.namespaces, target.namespaces, fit, namespaces_in(backup.items, desired.facts))
    fit += [item for item in selection.definitions if target.discovery.lacks(item.key.name)]
    plan = make_plan(fit, target, decider, desired)
    plan.settled += [done(item, Outcome.SKIPPED, Reason.TOKEN_SECRET) for item in items if item.key in tokens]
    plan.settled += [unrestored(item, *unusable[item.key]) for item in items if item.key in unusable]
    return plan


def _warnings(settings: Settings, backup: Catalogue, selection: Selection, client: Client) -> tuple[str, ...]:
    """What is to be said of the restore as such: names that match nothing, what items need and the backup lacks, and,
    once a type, not once an object, fields that a target of another version does not know and did not store."""
    dropped = [
        f"{resource}: the target does not know, and dropped: {', '.join(sorted(fields))}"
        for resource, fields in sorted(client.dropped_fields.items())
    ]
    return (*unmatched(settings.filters, backup.items), *(text for _key, text in selection.warnings), *dropped)


def _promised(changes: Sequence[Change]) -> frozenset[ObjectKey]:
    """What this run stores before it comes to what needs it; a definition updated may bring a new version."""
    return frozenset(
        change.item.key
        for change in changes
        if change.action is Action.CREATE or (change.action is Action.UPDATE and change.item.resource == CRDS)
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)
