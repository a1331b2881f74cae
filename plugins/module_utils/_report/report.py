# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a restore, once its plan is carried out: views of what was planned and done. Sends no request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from .._decide.privileged import FAIL
from .._errors import RestoreError
from .._fault import shielded
from .._plan.context import RestoreContext
from .._plan.plan import Plan
from .._prune_words import StopReason
from .._source.places import REQUESTED
from .._values import BackupItem, Body, Done
from .._vocabulary import CHANGED, Reason
from .delta import DeltaReport
from .diffs import Diffs
from .file import write
from .filtered import kept_out
from .guards import GuardReport, guard_report
from .held import held_report
from .objects import message_of
from .privileged import Privileged
from .run import Run

TLS_WARNING = (
    "the API server's certificate is not verified (validate_certs is off): whoever is on the way can read every Secret"
)
_MOST_FIELDS = 20
"""Of a type in one line."""

NEVER_PRUNES = (StopReason.NO_METADATA, StopReason.NO_SCHEDULE, StopReason.DISCOVERY_UNPROVEN)
"""What stops a prune every night: told also when there is nothing to prune."""


def run_of(
    context: RestoreContext,
    plan: Plan,
    done: Sequence[Done],
    started: datetime,
    problems: tuple[str, ...],
    warnings: tuple[str, ...],
) -> Run:
    """The run as it ended; `problems` and `warnings` are what the records said.

    All is written by now: a fault in what is said beside the results is told, and they are not lost with it.
    """
    bare = _bare(context, done, started)
    nothing: tuple[str, ...] = ()
    withheld, first = shielded(lambda: tuple(_withheld_where_refused(context, done)), nothing)
    run, second = shielded(lambda: _with_views(bare, context, plan), bare)
    return run.saying((*problems, *withheld, *first, *second), warnings)


def report(context: RestoreContext, run: Run) -> Run:
    """The run with what is shown of it, its report file left where one is asked for."""
    shown, problems = shielded(lambda: _shown(context, run), None)
    return shown or _written(run.saying(problems), None, ())


def _shown(context: RestoreContext, run: Run) -> Run:
    desired, labels = context.desired.body, context.decider.labels
    settings = context.settings
    diffs = Diffs(run.done, desired, labels, settings.hidden) if settings.diff else None
    privileged = Privileged(run.done, settings.privileged, context.desired.whole().body, settings.hidden)
    run = _written(run, diffs, privileged.entries())
    return replace(
        run,
        privileged=privileged.shown(),
        privileged_total=len(privileged),
        privileged_velero=privileged.veleros,
        diff=diffs.shown(run.elsewhere) if diffs else None,
    )


def _written(run: Run, diffs: Diffs | None, privileged: Iterable[Body]) -> Run:
    """Leaves the report file; when that fails, after all is written, the result must not be lost with it."""
    if not run.report_path:
        return run
    try:
        write(run.report_path, run, diffs.described() if diffs else None, privileged)
    except RestoreError as error:
        return replace(run, report_path="", report_lost=True).saying((str(error),))
    return run


def _with_views(bare: Run, context: RestoreContext, plan: Plan) -> Run:
    """All that is said of a restore whose plan was carried out."""
    settings, done, unmatched = context.settings, bare.done, tuple(_unmatched(context))
    delta = None
    if plan.delta is not None:
        deletions = tuple(one for one in done if not isinstance(one.change.ref, BackupItem))
        delta = DeltaReport(settings.delta, plan.delta, deletions)
    return replace(
        bare,
        unmatched=unmatched,
        velero_warnings=(*unmatched, *_velero_warnings(context)),
        warnings=(*unmatched, *_warnings(context), *_prune_warnings(delta, settings.dry_run)),
        taken=context.backup.taken,
        plan=plan.digest,
        delta=delta,
        filtered=kept_out(context.selection.filtered, done) if settings.filter_policies else None,
        held=held_report(done, context.hold) if context.hold.on else None,
        guards=_guards(context, done) if context.hold.on or context.hold.webhooks else None,
    )


def _guards(context: RestoreContext, done: Sequence[Done]) -> GuardReport:
    left = context.answering.left if context.answering else ()
    return guard_report(done, context.desired.body, context.held, left, context.sleeping_converters)


def _bare(context: RestoreContext, done: Sequence[Done], started: datetime) -> Run:
    """What is known of a run without a look at anything again."""
    settings = context.settings
    return Run(
        restore_name=settings.restore_name,
        backup_name=settings.backup_name,
        policy=settings.policies.summary,
        done=done,
        started=started,
        completed=datetime.now(timezone.utc),
        server=context.cluster.client.server,
        context=context.cluster.client.context,
        uid=context.cluster.identity.uid,
        version=context.cluster.identity.version,
        check_mode=settings.dry_run,
        report_path=settings.report_path,
        backup=context.backup.info,
        known=context.memory.objects if context.memory else None,
    )


def _withheld_where_refused(context: RestoreContext, done: Sequence[Done]) -> Iterator[str]:
    """What others need is restored without its rights: where these were to make it fail, the restore fails in part."""
    if context.settings.privileged.mode == FAIL:
        told = (one for one in done if one.result.reason is Reason.WITHHELD)
        yield from (f"privileged_objects is fail: {message_of(one)}" for one in told)


def _unmatched(context: RestoreContext) -> Iterator[str]:
    """Names that match nothing: what is misspelt is not restored, not left out, not changed, and unseen."""
    settings, items = context.settings, context.selection.items
    served = (resource.name for resource in context.cluster.discovery.served())
    yield from settings.unmatched(context.backup.content.items, served)
    yield from context.desired.unmatched(items)
    yield from settings.modifiers.unmatched(items, context.desired.unmodified().body)


def _velero_warnings(context: RestoreContext) -> Iterator[str]:
    """What else is to be said of the restore as such: names without effect, what items need and the backup lacks, and,
    once a type, not once an object, fields that a target of another version does not know or has of its own."""
    yield from context.settings.ineffective(context.backup.content.items, context.cluster.discovery.served())
    yield from (text for _key, text in context.selection.warnings)
    for resource, fields in sorted(context.cluster.client.dropped_fields.items()):
        yield f"{resource}: the target does not know, and dropped: {', '.join(sorted(fields))}"
    yield from _told_of_fields(context)


def _told_of_fields(context: RestoreContext) -> Iterator[str]:
    """What an API server says nothing of."""
    fields = context.comparer.target_fields
    for resource, names in fields.unknown(context.cluster.client.dropped_fields).items():
        yield f"{resource}: the target did not store, for it has that switched off or takes it away: {_few(names)}"
    for resource, filled in sorted(fields.filled.items()):
        yield f"{resource}: the target filled in what the backup does not have: {_few(sorted(filled))}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_FIELDS
    return ", ".join(names[:_MOST_FIELDS]) + (f" and {more} more" if more > 0 else "")


def _warnings(context: RestoreContext) -> Iterator[str]:
    """For whoever reads the output of the task; how an earlier backup ended is for a prune to say."""
    if not context.cluster.client.verifies_tls:
        yield TLS_WARNING
    yield from context.backup.warnings
    if context.backup.unfinished:
        yield context.backup.unfinished
    if context.settings.dry_run and context.settings.source.location:
        yield REQUESTED
    if context.previous is not None:
        yield from context.previous.warnings


def _prune_warnings(delta: DeltaReport | None, check_mode: bool) -> Iterator[str]:
    if delta is None or delta.mode != "prune":
        return
    pruned = any(result.outcome in CHANGED for _change, result in delta.done)
    for stop in delta.stops:
        if delta.plan.prune.objects or stop.reason in NEVER_PRUNES:
            yield f"{'not all' if pruned else 'nothing'} was pruned: {stop}"
    held = sum(isinstance(result.reason, StopReason) for _change, result in delta.done)
    if check_mode and held:  # for what dry runs were answered, which a plan does not know of
        yield f"the plan has {held} deletions that this check held back: a run deletes, unless it is stopped alike"
