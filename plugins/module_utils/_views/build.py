# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a report to what is shown of it. A report is not trusted: what is not of the expected shape shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .._text import cut
from .._unstructured import as_map, as_maps, as_text, as_texts, nested
from .._values import Body, ObjectKey
from .._vocabulary import CHANGED, NOT_IN_SYNC, Outcome
from .diff_lines import DiffLines, diff_lines
from .escapes import Own
from .history import Point
from .human import UNKNOWN, clock, counted, duration, moment_of, short_clock
from .page import Check, Fact, History, KindRow, Listed, Page, RunRow, ShownObject, Stale
from .plot import plot_of
from .reading import Bounded
from .values import LONGEST, boolean, key_of, name_of, number, real, short, whole, word
from .verdict import verdict_of

MEMBERS = (
    "version",
    "check_mode",
    "restore",
    "target",
    "error",
    "plan",
    "counts",
    "kinds",
    "warnings",
    "delta",
    "velero_results",
    "verification",
    "readiness",
)
"""Of a report, besides the lists that `Lists` bounds."""
MOST_SHOWN = 300
"""Objects under one heading."""
_MOST_DIFFS = 150
_MOST_LINES = 4_000
"""Of all diffs together."""
_MOST_RUNS = 30
_LONGEST_SIDE = 200_000
"""Characters of either side of a diff."""

FAILED, CHANGED_ONES, DIFFERENT, OTHER = "failed", "changed", "different", ""

_CHANGED = frozenset(outcome.value for outcome in CHANGED - {Outcome.RELABELLED})
_DIFFERENT = frozenset(reason.value for reason in NOT_IN_SYNC)
_WHERE = {
    "production": Own("changed in production"),
    "standby": Own("changed on the standby"),
    "both": Own("changed in production and on the standby"),
}

T = TypeVar("T")


class Lists:
    """The long lists of one report."""

    def __init__(self) -> None:
        self.objects = Bounded(MOST_SHOWN, _sort_of)
        self.diff = Bounded(_MOST_DIFFS, shorten=_short_diff)
        self.privileged = Bounded(MOST_SHOWN)
        self.by_name = {"objects": self.objects, "diff": self.diff, "privileged": self.privileged}


def _sort_of(entry: Body) -> str:
    """Under which heading an object stands; under none when all is well with it and nothing was done."""
    outcome = entry.get("outcome")
    if outcome == FAILED:
        return FAILED
    if outcome in _CHANGED:
        return CHANGED_ONES
    return DIFFERENT if entry.get("reason") in _DIFFERENT else OTHER


def _short_diff(entry: Body) -> Body:
    sides = {side: as_text(entry.get(side))[:_LONGEST_SIDE] for side in ("before", "after")}
    return {**entry, **sides}


def page_of(report: Body, lists: Lists, points: Sequence[Point], unread: int, cluster: str) -> Page:
    """`points` are the runs of the standby, oldest first; `unread` files of the history were no reports."""
    restore, backup = as_map(report.get("restore")), as_map(nested(report, "restore", "backup"))
    verification, readiness = as_map(report.get("verification")), as_map(report.get("readiness"))
    diffs = _diffs(lists.diff.kept[""])
    is_check = report.get("check_mode") is True
    return Page(
        cluster=cluster or short(nested(report, "target", "server")) or "standby",
        verdict=verdict_of(report, [*lists.objects.kept[FAILED], *lists.objects.kept[DIFFERENT]]),
        error=short(report.get("error")),
        is_check=is_check,
        backup=short(backup.get("name") or restore.get("backup_name")),
        taken=clock(moment_of(as_text(backup.get("taken")))),
        age=duration(real(backup.get("age"))),
        drift=UNKNOWN if whole(restore.get("drift")) is None else counted(number(restore.get("drift")), "object"),
        left=_left(restore, is_check),
        duration=duration(real(restore.get("duration"))),
        completed=clock(moment_of(as_text(restore.get("completed")))),
        failed=_listed(lists.objects, FAILED, _object),
        errors=_texts(as_texts(nested(report, "velero_results", "errors", "velero"))),
        ready=boolean(readiness.get("ready")),
        checks=[_check(check) for check in as_maps(readiness.get("checks"))[:MOST_SHOWN]],
        verified=boolean(verification.get("passed")),
        undone=_texts(as_texts(verification.get("left"))),
        different=_listed(lists.objects, DIFFERENT, _object),
        changed=_listed(lists.objects, CHANGED_ONES, lambda entry: _object(entry, diffs.get(key_of(entry)))),
        has_diffs=bool(lists.diff.totals[""]),
        relabelled=number(nested(report, "counts", "relabelled")),
        stale=_stale(as_map(report.get("delta"))),
        privileged=_listed(lists.privileged, "", _privileged),
        history=_history(points),
        kinds=_bounded(list(map(_kind, as_maps(report.get("kinds"))))),
        counts=_counts(report.get("counts")),
        total=number(nested(report, "counts", "total")),
        facts=_facts(report, restore, backup),
        warnings=_texts([*as_texts(report.get("warnings")), *_unread(unread)]),
    )


def _left(restore: Body, is_check: bool) -> Own:
    left = whole(restore.get("out_of_sync"))
    if left is None:
        return Own("what was written is not known")
    if is_check:
        return Own("nothing was written: this was a check")
    return Own(f"{left:,} still not in sync") if left else Own("all in sync now")


def _object(entry: Body, diff: DiffLines | None = None) -> ShownObject:
    where = _WHERE.get(as_text(entry.get("changed_by")))
    return ShownObject(
        name=name_of(entry),
        outcome=word(entry.get("outcome")),
        reason=word(entry.get("reason")),
        message=short(entry.get("message")),
        notes=(where,) if where else (),
        diff=diff,
    )


def _privileged(entry: Body) -> ShownObject:
    notes = [short(text) for text in as_texts(entry.get("new"))[:MOST_SHOWN]]
    return ShownObject(name_of(entry), word(entry.get("outcome")), word(entry.get("reason")), notes=notes)


def _stale(delta: Body) -> Stale | None:
    if not delta:
        return None
    stops = [short(stop.get("message")) for stop in as_maps(delta.get("stopped_by"))]
    objects = as_maps(delta.get("objects"))
    return Stale(short(delta.get("previous_backup")), stops, _bounded(list(map(_stale_object, objects))))


def _stale_object(entry: Body) -> ShownObject:
    origin = short(entry.get("restored_by"))
    return ShownObject(
        name=name_of(entry),
        outcome=word(entry.get("action")),
        reason=word(entry.get("reason")),
        message=short(entry.get("message")),
        notes=(f"restored from {origin}",) if origin else (),
    )


def _check(check: Body) -> Check:
    return Check(short(check.get("name")), boolean(check.get("passed")), short(check.get("message")))


def _kind(row: Body) -> KindRow:
    group, kind = as_text(row.get("group")), as_text(row.get("kind"))
    return KindRow(cut(f"{kind}.{group}" if group else kind, LONGEST), _counts(row.get("counts")))


def _counts(value: Any) -> dict[str, int]:
    """In the order of the outcomes."""
    counts = as_map(value)
    return {Own(one.value): number(counts[one.value]) for one in Outcome if number(counts.get(one.value))}


def _facts(report: Body, restore: Body, backup: Body) -> list[Fact]:
    target = as_map(report.get("target"))
    rows: tuple[tuple[str, str], ...] = (
        ("Restore", short(restore.get("name"))),
        ("Backup", short(backup.get("name") or restore.get("backup_name"))),
        ("Schedule", short(backup.get("schedule"))),
        ("Backup's phase", short(backup.get("phase"))),
        ("Production (UID of kube-system)", short(backup.get("source"))),
        ("Standby", short(target.get("server"))),
        ("Context", short(target.get("context"))),
        ("Policy for what exists", short(restore.get("existing_resource_policy"))),
        ("Phase", short(restore.get("phase"))),
        ("Plan", short(nested(report, "plan", "hash"))),
        ("Began", clock(moment_of(as_text(restore.get("started"))))),
        ("Ended", clock(moment_of(as_text(restore.get("completed"))))),
    )
    return [(Own(label), text) for label, text in rows if text]


def _diffs(entries: Iterable[Body]) -> dict[ObjectKey, DiffLines]:
    """As many as there is room for, by object; those that lose something come first."""
    room, found = _MOST_LINES, {}
    for entry in entries:
        made = diff_lines(as_text(entry.get("before")), as_text(entry.get("after")))
        room -= len(made.lines)
        if room < 0:
            break
        found[key_of(entry)] = made
    return found


def _history(points: Sequence[Point]) -> History:
    plots = (
        plot_of(Own("Drift"), points, lambda point: point.drift, lambda value: counted(int(value), "object")),
        plot_of(Own("Duration"), points, lambda point: point.duration, duration),
        plot_of(Own("Age of the backup"), points, lambda point: point.age, duration),
    )
    return History(
        plots=[plot for plot in plots if plot],
        since=short_clock(points[0].time if points else None),
        until=short_clock(points[-1].time if points else None),
        rows=[_run(point) for point in points[::-1][:_MOST_RUNS]],
    )


def _run(point: Point) -> RunRow:
    good = Own("check: in sync" if point.is_check else "good")
    bad = Own("check: differs" if point.is_check else "not good")
    drift = UNKNOWN if point.drift is None else Own(f"{point.drift:,}")
    return RunRow(
        clock(point.time), good if point.is_good else bad, drift, duration(point.duration), duration(point.age)
    )


def _unread(count: int) -> list[str]:
    return [f"{counted(count, 'file')} in history_path no reports of this version, and passed over"] if count else []


def _texts(texts: Sequence[str]) -> Listed[str]:
    return Listed([cut(text, LONGEST) for text in texts[:MOST_SHOWN]], len(texts))


def _bounded(items: Sequence[T]) -> Listed[T]:
    return Listed(items[:MOST_SHOWN], len(items))


def _listed(bounded: Bounded, sort: str, shown: Callable[[Body], ShownObject]) -> Listed[ShownObject]:
    return Listed(list(map(shown, bounded.kept[sort])), bounded.totals[sort])
