# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restore on one screen: backup -> select -> prepare -> compare -> decide -> apply -> prune -> report.

Before it is decided, the guards have to let the backup through; what the target owes is written down before the first
write and after the last one. Check mode is the same without lock and state, each write a dry run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial

from ._apply.keeping import forget_restored, forget_untouched, kept_bodies
from ._apply.lock import Lock, held, this_holder
from ._apply.prune import prune
from ._apply.remember import Memory
from ._apply.run import apply
from ._apply.work import Work
from ._backup.catalogue import Catalogue
from ._backup.volumes import read_volume_info
from ._cluster.client import Client
from ._cluster.discovery import Discovery, discover
from ._cluster.namespaces import namespaces_of, wait_until_gone
from ._cluster.openapi import OpenApi
from ._compare.comparer import Comparer
from ._compare.ignored import resolved as resolved_fields
from ._compare.ignored import unmatched as unmatched_fields
from ._compare.replicas import scale_targets
from ._decide.decide import Decider
from ._decide.order import CRDS
from ._decide.policies import Choices, Clash, choose_all
from ._decide.policies import resolved as resolved_policies
from ._decide.policies import unmatched as unmatched_rules
from ._decide.privileged import guarded
from ._delta.delta import Candidate, candidates, candidates_of_previous, previous_of, unproven
from ._delta.live import Guards
from ._delta.prune import decide
from ._delta.prune import resolved as resolved_pruning
from ._delta.reasons import StopReason
from ._delta.terms import Terms
from ._desired import Preparation
from ._errors import GuardError, RestoreError
from ._guards import Limits, refusals
from ._landing import land, namespaces_in, unfit
from ._left_over import left_over, run_facts
from ._options import Settings
from ._owing import kept, promised, selection_of
from ._plan import Plan, Target, make_plan, missing_namespaces, servable, storage_classes, superfluous_tokens
from ._prepare.labels import restore_labels
from ._prepare.mapping import mapped
from ._report.delta import DeltaReport
from ._report.diffs import Diffs
from ._report.file import check_writable, write
from ._report.privileged import Privileged
from ._report.run import Run
from ._results import done, unrestored
from ._select.filters import resolved, unmatched
from ._select.globs import Patterns
from ._select.resources import resolver
from ._select.select import Selection, select
from ._source import Source, opened
from ._state.merge import settle, union
from ._values import Action, BackupFacts, Change, ObjectKey, ObjectResult, Outcome, Reason, State

TLS_WARNING = (
    "the API server's certificate is not verified (validate_certs is off): whoever is on the way can read every Secret"
)
NEVER_PRUNES = (StopReason.NO_METADATA, StopReason.NO_SCHEDULE)
"""What stops a prune every night: told also when there is nothing to prune."""
HPAS = "horizontalpodautoscalers.autoscaling"


@dataclass(frozen=True)
class _Scene:
    """What a restore knows once it has looked at the backup and the target, before it compares."""

    settings: Settings
    source: Source
    selection: Selection
    desired: Preparation
    target: Target
    clashes: Mapping[ObjectKey, Clash]
    decider: Decider
    terms: Terms
    """Of this restore."""


@dataclass(frozen=True)
class _LeftOver:
    """What is left over of earlier backups, and what became of it."""

    report: DeltaReport | None = None
    results: tuple[ObjectResult, ...] = ()
    gone: frozenset[ObjectKey] = frozenset()


@dataclass(frozen=True)
class _Outcome:
    """What became of a plan."""

    passed: Sequence[Change]
    """What was carried out, and what came of it."""
    applied: Sequence[ObjectResult]
    changes: Sequence[Change]
    """With those that privileged_objects held back."""
    results: Sequence[ObjectResult]
    settled: Sequence[ObjectResult]
    """Of what the plan itself could not go on with."""
    work: Work
    left: _LeftOver
    problems: tuple[str, ...]
    """Of the restore as such."""


def restore(settings: Settings, client: Client, tmpdir: str) -> Run:
    """Runs a whole restore, report file included.

    Objects that fail are part of the run. Raises a RestoreError when the restore as such cannot go on.
    """
    started = _now()
    if settings.report_path:
        check_writable(settings.report_path)
    with ExitStack() as stack:
        source = opened(settings, tmpdir, stack)
        client, lock = stack.enter_context(_locked(settings, client))
        memory = Memory(client, settings.state_namespace)
        memory.recall()
        _check(source.facts, memory.state, client, settings.limits)
        scene = _scene(settings, client, source)
        outcome = _carried_out(scene, memory)
        diffs = Diffs(outcome.passed, outcome.applied, scene.desired, scene.decider.labels) if settings.diff else None
        privileged = Privileged(outcome.changes, outcome.results, scene.desired, outcome.left.results)
        run = _reported(_run(scene, memory, outcome, privileged, started), diffs, privileged)
        run = replace(run, diff=diffs.shown(settings.report_path)) if diffs else run
    return replace(run, warnings=(*run.warnings, lock.problem)) if lock and lock.problem else run


def _carried_out(scene: _Scene, memory: Memory) -> _Outcome:
    """plan -> promise -> apply -> prune -> settle."""
    plan = _planned(scene)
    passed, withheld = guarded(plan.ordered(), scene.settings.privileged)
    work = _work(scene, passed)
    known = memory.state
    _promise(memory, scene, passed)
    applied = apply(work, passed, scene.settings.concurrency)
    refused = [unrestored(change.item, Reason.PRIVILEGED, "privileged_objects is fail") for change in withheld]
    left = _left_over(scene, known, work, [*scene.selection.skips, *plan.settled, *applied, *refused])
    problems = _settle(memory, scene, passed, applied, left.gone)
    return _Outcome(passed, applied, [*passed, *withheld], [*applied, *refused], plan.settled, work, left, problems)


def _run(scene: _Scene, memory: Memory, outcome: _Outcome, privileged: Privileged, started: datetime) -> Run:
    """All that is said of the restore."""
    settings, left = scene.settings, outcome.left
    results = _annotated([*outcome.settled, *outcome.results], outcome.changes, scene.decider.choices)
    return Run(
        restore_name=settings.restore_name,
        backup_name=settings.backup_name,
        policy=settings.policies.summary,
        results=[*scene.selection.skips, *results, *left.results],
        started=started,
        completed=_now(),
        check_mode=settings.dry_run,
        report_path=settings.report_path,
        velero_warnings=_velero_warnings(scene),
        velero_errors=outcome.problems,
        warnings=(*_warnings(scene, memory, left), *forget_restored(outcome.work, results)),
        backup=scene.source.facts,
        taken=scene.source.taken,
        delta=left.report,
        privileged=privileged.shown(),
        privileged_total=len(privileged),
    )


def _reported(run: Run, diffs: Diffs | None, privileged: Privileged) -> Run:
    """Leaves the report file; when that fails, after all is written, the result must not be lost with it."""
    if not run.report_path:
        return run
    try:
        write(run.report_path, run, diffs.entries() if diffs else None, privileged.entries())
    except RestoreError as error:
        return replace(run, velero_errors=(*run.velero_errors, str(error)))
    return run


# Before anything is compared


@contextmanager
def _locked(settings: Settings, client: Client) -> Iterator[tuple[Client, Lock | None]]:
    """The client, which writes as long as the lock is held; check mode writes nothing and takes no lock."""
    if settings.dry_run:
        yield client, None
        return
    with held(client, settings.state_namespace, settings.lock_duration, settings.lock_timeout, this_holder()) as lock:
        yield client.under(lambda: lock.valid), lock


def _check(facts: BackupFacts, state: State, client: Client, limits: Limits) -> None:
    """Raises a GuardError with all that speaks against this backup; it is the API server's clock that counts."""
    now = 0.0 if limits.max_age is None else client.server_time()
    found = refusals(facts, state, now, limits)
    if found:
        raise GuardError(found)


def _scene(settings: Settings, client: Client, source: Source) -> _Scene:
    discovery = discover(client)
    selection_id = selection_of(settings)
    settings = _resolved(settings, discovery, source.backup)
    selection = select(source.backup, settings, read_volume_info(settings.backup_file))
    desired = _preparation(settings, client, source.backup, selection)
    selection = land(selection, desired)
    target = Target(
        client=client,
        discovery=discovery,
        namespaces=_namespaces(settings, client, selection),
        comparer=Comparer(settings.ignored, _scaled(settings, client, discovery, source.backup, desired)),
        previous=source.previous.bodies(desired) if source.previous else None,
    )
    needed = (*selection.definitions, *namespaces_in(source.backup.items, desired.facts))
    choices, clashes = choose_all(settings.policies, (*selection.items, *needed), source.backup.body)
    labels = restore_labels(settings.backup_name, settings.restore_name)
    decider = Decider(choices, labels, settings.label_unchanged, selection.controlled)
    terms = Terms(source.facts, selection_id, len(selection.items))
    return _Scene(settings, source, selection, desired, target, clashes, decider, terms)


def _resolved(settings: Settings, discovery: Discovery, backup: Catalogue) -> Settings:
    """The settings with every resource name in full: short names and singulars are the target's to know."""
    resolve = resolver(discovery.served(), backup)
    status = settings.status_included
    return replace(
        settings,
        filters=resolved(settings.filters, resolve),
        policies=resolved_policies(settings.policies, resolve),
        recreation=settings.recreation.resolved(resolve),
        pruning=resolved_pruning(settings.pruning, resolve),
        ignored=resolved_fields(settings.ignored, resolve),
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


def _scaled(
    settings: Settings, client: Client, discovery: Discovery, backup: Catalogue, desired: Preparation
) -> frozenset[ObjectKey]:
    """What autoscalers of the backup or of the target scale, where their replicas are the target's to say."""
    if not settings.keep_hpa_replicas:
        return frozenset()
    mapping = settings.facts.namespace_mapping
    wanted = [mapped(item, mapping) for item in backup.items if item.resource == HPAS and not item.problem]
    found = scale_targets(map(replace(desired, modify=None), wanted))  # what a modifier fails on, fails by itself
    resource = next((served for served in discovery.served() if served.name == HPAS), None)
    if resource is not None:
        found |= scale_targets(body for page in client.pages(resource) for body in page)
    return found


# The plan


def _planned(scene: _Scene) -> Plan:
    """The plan for what was selected and for what that needs: its namespaces, definitions of its types."""
    selection, target, desired, backup = scene.selection, scene.target, scene.desired, scene.source.backup
    chosen = [item for item in selection.items if item.key not in scene.clashes]
    items = [servable(item, desired.copies(item), target.discovery) for item in chosen]
    tokens = superfluous_tokens(selection.tokens, items, target)
    unusable = dict(unfit(items, desired, lambda: storage_classes(items, target)))
    fit = [item for item in items if item.key not in tokens and item.key not in unusable]
    known = namespaces_in(backup.items, desired.facts)
    fit += missing_namespaces(selection.namespaces, target.namespaces, selection.items, known)
    fit += [item for item in selection.definitions if target.discovery.lacks(item.key.name)]
    clashing = [item for item in (*selection.items, *fit) if item.key in scene.clashes]
    fit = [item for item in fit if item.key not in scene.clashes]
    plan = make_plan(fit, target, scene.decider, desired)
    plan.settled += [done(item, Outcome.SKIPPED, Reason.TOKEN_SECRET) for item in items if item.key in tokens]
    plan.settled += [unrestored(item, *unusable[item.key]) for item in items if item.key in unusable]
    plan.settled += [unrestored(item, Reason.POLICY_CLASH, str(scene.clashes[item.key])) for item in clashing]
    return plan


def _work(scene: _Scene, changes: Sequence[Change]) -> Work:
    """All that the writes need; bodies of recreations that did not end are looked for, and needless ones removed."""
    settings, client = scene.settings, scene.target.client
    work = Work(
        client=client,
        discovery=scene.target.discovery,
        desired=scene.desired,
        comparer=scene.target.comparer,
        decider=scene.decider,
        labels=scene.decider.labels,
        dry_run=settings.dry_run,
        promised=_promised(changes),
        recreation=settings.recreation,
        privileged=settings.privileged,
        state_namespace=settings.state_namespace,
        kept=kept_bodies(client, settings.state_namespace),
    )
    forget_untouched(work)
    return work


def _promised(changes: Sequence[Change]) -> frozenset[ObjectKey]:
    """What this run stores before it comes to what needs it; a definition updated may bring a new version."""
    return frozenset(
        change.item.key
        for change in changes
        if change.action is Action.CREATE or (change.action is Action.UPDATE and change.item.resource == CRDS)
    )


# What the target owes, and what is left over


def _promise(memory: Memory, scene: _Scene, changes: Sequence[Change]) -> None:
    """Writes down what the run may write, before it does; nothing where it writes nothing."""
    owing = promised(scene.terms, changes)
    if owing.objects and not scene.settings.dry_run:
        memory.remember(union(memory.state, owing))


def _settle(
    memory: Memory,
    scene: _Scene,
    changes: Sequence[Change],
    results: Sequence[ObjectResult],
    gone: frozenset[ObjectKey],
) -> tuple[str, ...]:
    """Writes down what the target has now; a failure, after all is written, is an error of the restore as such."""
    if scene.settings.dry_run:
        return ()
    owing = kept(scene.terms, changes, results)
    try:
        memory.remember(settle(memory.state, owing, gone))
    except RestoreError as error:
        return (f"the state was not written at the end: {error}; the next run finds out itself what this one did",)
    return ()


def _left_over(scene: _Scene, known: State, work: Work, results: Sequence[ObjectResult]) -> _LeftOver:
    """What the target has of earlier backups and this one lacks; deleted when that is asked for and may be."""
    settings, terms, target = scene.settings, scene.terms, scene.target
    if settings.delta == "ignore":
        return _LeftOver()
    previous, found = _candidates(scene, known)
    guards = Guards(settings.state_namespace, settings.protect_except, settings.pruning.allow)
    delta, unread = left_over(found, target, guards)
    plan = decide(delta, previous, terms, run_facts(results, target, unread), settings.pruning)
    deletions = plan.deletions if settings.delta == "prune" else ()
    pruned, gone = prune(work, [(verdict.item, verdict.uid) for verdict in deletions if verdict.item])
    report = DeltaReport(settings.delta, previous.backup.name if previous else "", plan, tuple(pruned))
    return _LeftOver(report, tuple(pruned), gone | frozenset(delta.gone))


def _candidates(scene: _Scene, known: State) -> tuple[Terms | None, tuple[Candidate, ...]]:
    """The backup to compare with, and what this one lacks of it and of those before it.

    Where the target has no state of the schedule, an earlier backup that the user gives serves.
    """
    facts, mapping, earlier = scene.terms.backup, scene.settings.facts.namespace_mapping, scene.source.previous
    items = [mapped(item, mapping) for item in scene.source.backup.items]
    previous = previous_of(known, facts.schedule, scene.terms.selection)
    if previous is not None or earlier is None:
        return previous, (*candidates(known, facts.schedule, items), *unproven(known, facts.schedule, items))
    taken = earlier.items(scene.settings, scene.desired)
    found = candidates_of_previous(taken, earlier.facts, scene.terms.selection, items)
    return Terms(earlier.facts, scene.terms.selection, len(taken)), found


# For the report


def _annotated(results: Sequence[ObjectResult], changes: Sequence[Change], choices: Choices) -> list[ObjectResult]:
    """The results with the policy of each, what chose it, and who changed the object since the previous backup."""
    changed_by = {
        change.item.key: change.comparison.changed_by
        for change in changes
        if change.comparison is not None and change.comparison.changed_by
    }
    annotated = []
    for result in results:
        if result.reason is Reason.POLICY_CLASH:
            annotated.append(result)
            continue
        choice = choices.of(result.key)
        by = changed_by.get(result.key, "")
        annotated.append(replace(result, policy=choice.policy.value, rule=choice.rule, changed_by=by))
    return annotated


def _velero_warnings(scene: _Scene) -> tuple[str, ...]:
    """What is to be said of the restore as such: names that match nothing, what items need and the backup lacks, and,
    once a type, not once an object, fields that a target of another version does not know and did not store."""
    items = scene.source.backup.items
    dropped = [
        f"{resource}: the target does not know, and dropped: {', '.join(sorted(fields))}"
        for resource, fields in sorted(scene.target.client.dropped_fields.items())
    ]
    needed = (text for _key, text in scene.selection.warnings)
    fields = unmatched_fields(scene.settings.ignored, {item.resource for item in items})
    rules = unmatched_rules(scene.settings.policies, items)
    return (*unmatched(scene.settings.filters, items), *rules, *fields, *needed, *dropped)


def _warnings(scene: _Scene, memory: Memory, left: _LeftOver) -> Iterator[str]:
    """For whoever reads the output of the task."""
    if not scene.target.client.verifies_tls:
        yield TLS_WARNING
    yield from scene.source.warnings
    if memory.forgotten:
        yield f"{len(memory.forgotten)} objects cannot be kept in the state of the target: they are never pruned"
    plan = left.report.plan if left.report and left.report.mode == "prune" else None
    for stop in plan.stops if plan else ():
        if plan and (plan.objects or stop.reason in NEVER_PRUNES):
            yield f"nothing was pruned: {stop}"


def _now() -> datetime:
    return datetime.now(timezone.utc)
