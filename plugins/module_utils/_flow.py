# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restore on one screen: backup -> select -> prepare -> compare -> decide -> apply -> report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from ._apply.run import apply
from ._apply.work import Work
from ._backup.catalogue import Catalogue
from ._backup.file import open_backup
from ._cluster.client import Client
from ._cluster.discovery import discover
from ._cluster.namespaces import namespaces_of, wait_until_gone
from ._decide.decide import Decider
from ._decide.order import CRDS
from ._errors import RestoreError
from ._options import Settings
from ._plan import Plan, Target, make_plan, missing_namespaces, servable, skip_of, superfluous_tokens
from ._prepare.facts import Facts
from ._prepare.labels import restore_labels
from ._prepare.table import prepare
from ._report.diffs import Diffs
from ._report.file import check_writable, write
from ._report.run import Run
from ._select.select import Selection, select
from ._values import Action, BackupItem, Body, Change, ObjectKey, Reason

NAMESPACE_SECONDS = 600.0
"""How long Terminating namespaces are waited for, all together: Velero's resource terminating timeout."""

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
        selection = select(backup, settings)
        desired = _desired(backup, selection)
        decider = _decider(settings, selection)
        target = _look_at(client, selection, settings.dry_run)
        plan = _planned(backup, selection, target, decider, desired)
        changes = plan.ordered()
        work = Work(client, target.discovery, desired, decider, decider.labels, settings.dry_run, _promised(changes))
        applied = apply(work, changes, settings.concurrency)
        run = Run(
            restore_name=settings.restore_name,
            backup_name=settings.backup_name,
            policy=settings.policy,
            results=[*selection.skips, *plan.settled, *applied],
            started=started,
            completed=_now(),
            check_mode=settings.dry_run,
            report_path=settings.report_path,
            velero_warnings=(*(text for _key, text in selection.warnings), *_dropped(client)),
            warnings=() if client.verifies_tls else (TLS_WARNING,),
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


def _desired(backup: Catalogue, selection: Selection) -> Callable[[BackupItem], Body]:
    facts = Facts(provisioned_volumes=selection.provisioned_volumes)

    def desired(item: BackupItem) -> Body:
        if not item.size:  # a namespace that the backup does not have
            return {"apiVersion": "v1", "kind": item.key.kind, "metadata": {"name": item.key.name}}
        return prepare(item, backup.body(item), facts)

    return desired


def _decider(settings: Settings, selection: Selection) -> Decider:
    labels = restore_labels(settings.backup_name, settings.restore_name)
    return Decider(settings.policy, labels, settings.label_unchanged, selection.controlled)


def _look_at(client: Client, selection: Selection, dry_run: bool) -> Target:
    """Discovery, and the namespaces: a real run first waits for those that are being deleted."""
    discovery = discover(client)
    needed = selection.namespaces
    there = namespaces_of(client, needed) if dry_run else wait_until_gone(client, needed, NAMESPACE_SECONDS)
    return Target(client, discovery, there)


def _planned(
    backup: Catalogue, selection: Selection, target: Target, decider: Decider, desired: Callable[[BackupItem], Body]
) -> Plan:
    """The plan for what was selected and for what that needs: its namespaces, definitions of its types."""
    tokens = superfluous_tokens(selection.tokens, selection.items, target)
    items = [servable(item, backup.others, target.discovery) for item in selection.items if item.key not in tokens]
    items += missing_namespaces(selection.namespaces, target.namespaces, selection.items, backup.items)
    items += [item for item in selection.definitions if target.discovery.lacks(item.key.name)]
    plan = make_plan(items, target, decider, desired)
    plan.settled += [skip_of(item, Reason.TOKEN_SECRET) for item in selection.items if item.key in tokens]
    return plan


def _dropped(client: Client) -> Iterator[str]:
    """Once a type, not once an object: fields that a target of another version does not know and did not store."""
    for resource, fields in sorted(client.dropped_fields.items()):
        yield f"{resource}: the target does not know, and dropped: {', '.join(sorted(fields))}"


def _promised(changes: Sequence[Change]) -> frozenset[ObjectKey]:
    """What this run stores before it comes to what needs it; a definition updated may bring a new version."""
    return frozenset(
        change.item.key
        for change in changes
        if change.action is Action.CREATE or (change.action is Action.UPDATE and change.item.resource == CRDS)
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)
