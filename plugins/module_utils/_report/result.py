# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's return value, and when a run counts as failed.

AWX replaces a task result of over 700,000 characters by nothing, so the whole stays under 300 kB of JSON, the diff
(at most 150 kB, cut by `diff.within`) and the failure's message included. The report file has everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from itertools import islice

from .._source.index import moment
from .._text import printable
from .._values import BackupInfo, Body, Done
from .._vocabulary import Outcome
from . import filtered, readiness, since, summary
from .delta import shortened as shortened_delta
from .guards import shortened_guards
from .held import shortened_held
from .objects import message_of, ordered, truncated
from .plan import approvable
from .run import Run
from .text import cut, fitting, json_size
from .velero_results import error_lines, phase, shortened

RESULT_BYTES = 260_000
"""Of what `build` returns; the rest of the 300 kB is for warnings, the message and what Ansible adds."""
OBJECTS_BYTES = 80_000
VELERO_RESULTS_BYTES = 32_000
WARNINGS_BYTES = 8_000
UNMATCHED_BYTES = 4_000
READINESS_BYTES = 24_000

_NAMED = 5
"""Objects that a failure's message names."""
_NAMED_LENGTH = 400
_NO_REPORT = "set report_path to have all in a file"


def head(run: Run) -> Body:
    """What is said of the run as a whole, short however large it was."""
    return {
        "changed": summary.changed(run.done),
        "restore": {
            "name": run.restore_name,
            "backup_name": run.backup_name,
            **({"backup": {**_info(run.backup), "taken": run.taken, "age": _age(run)}} if run.backup else {}),
            "existing_resource_policy": run.policy,
            "phase": phase(run),
            "in_sync": summary.in_sync(run.done, run.check_mode),
            "started": stamp(run.started),
            "completed": stamp(run.completed),
            "duration": round((run.completed - run.started).total_seconds(), 3),
            "drift": summary.drift(run.done),
            "out_of_sync": summary.still_different(run.done, run.check_mode),
            "record": run.record,
            "compare": "full" if run.known is None else "fast",
            "known": run.known or 0,
        },
        "target": {"server": printable(run.server), "context": printable(run.context)},
        "cluster": {name: printable(getattr(run, name)) for name in ("server", "uid", "version")},
        "counts": summary.counts(run.done),
        "skips": summary.skips(run.done),
    }


def _info(backup: BackupInfo) -> Body:
    shown = ("name", "schedule", "started", "completed", "phase", "source")
    return {name: printable(getattr(backup, name)) for name in shown}


def _age(run: Run) -> int | None:
    """Seconds from when the backup was taken to the end of the run: by so much the target is behind."""
    return int(run.completed.timestamp() - moment(run.taken)) if run.taken else None


def build(run: Run) -> Body:
    """The module's return value; objects take what the others leave of the budget."""
    result = head(run)
    result["restore"]["check_mode"] = run.check_mode
    result["report_path"] = printable(run.report_path)
    if run.plan is not None:
        result["plan"] = approvable(run.plan)
    result["unmatched"] = fitting(run.unmatched, UNMATCHED_BYTES)
    result["velero_results"] = shortened(run, VELERO_RESULTS_BYTES)
    result["privileged"], result["privileged_total"] = list(run.privileged), run.privileged_total
    result["privileged_velero"] = run.privileged_velero
    if run.delta is not None:
        result["delta"] = shortened_delta(run.delta)
    if since.is_told(run):
        result["since_last_backup"] = since.shortened(run)
    if run.filtered is not None:
        result["filtered"], result["filtered_total"] = filtered.shortened(run.filtered), sum(run.filtered.values())
    if run.held is not None:
        result["workloads"] = shortened_held(run.held)
    if run.guards is not None:
        result["guards"] = shortened_guards(run.guards)
    if run.readiness is not None:
        result["readiness"] = readiness.shortened(run.readiness, READINESS_BYTES)
    if run.diff is not None:
        result["diff"] = list(run.diff)
    left = RESULT_BYTES - json_size(result)
    result["objects"], result["objects_truncated"] = truncated(run.done, min(OBJECTS_BYTES, left))
    return result


def task_warnings(run: Run) -> list[str]:
    """For AnsibleModule.warn, as ansible-core wants warnings to be given."""
    return fitting(run.warnings, WARNINGS_BYTES)


def stamp(time: datetime) -> str:
    """In UTC, to the millisecond."""
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fails(fail_on: str, run: Run) -> str | None:
    """The message of a run that counts as failed under `fail_on`; None when it does not."""
    measure = _MEASURES[fail_on]
    if measure is None:
        return None
    return measure(run) or _restore_wide(run)


def _restore_wide(run: Run) -> str | None:
    """What went wrong with the restore as such (a report that could not be written) fails whatever is measured."""
    texts = list(run.velero_errors)
    return _sentence(run, "the restore as such failed", len(texts), texts[:_NAMED]) if texts else None


def _any_failed(run: Run) -> str | None:
    return _message(run, "failed", (one for one in run.done if one.result.outcome is Outcome.FAILED))


def _any_out_of_sync(run: Run) -> str | None:
    return _message(
        run,
        "are not in sync",
        (one for one in run.done if summary.out_of_sync(one, run.check_mode)),
    )


def _any_error(run: Run) -> str | None:
    texts = [text for place, text in error_lines(run)]
    if not texts:
        return None
    return _sentence(run, f"{len(texts)} errors in Velero's sense", len(texts), texts[:_NAMED])


_MEASURES: dict[str, Callable[[Run], str | None] | None] = {
    "never": None,
    "failed": _any_failed,
    "errors": _any_error,
    "out_of_sync": _any_out_of_sync,
}


def _message(run: Run, what: str, done: Iterable[Done]) -> str | None:
    found = list(done)
    if not found:
        return None
    named = [_named(one) for one in islice(ordered(found), _NAMED)]
    return _sentence(run, f"{len(found)} of {len(run.done)} objects {what}", len(found), named)


def _named(done: Done) -> str:
    """`Pod shop/web: refused: …`, or its outcome where there is no reason (in check mode: created, updated)."""
    change, result = done
    code = result.reason.value if result.reason else result.outcome.value
    return ": ".join(filter(None, (printable(str(change.key)), code, message_of(done))))


def _sentence(run: Run, beginning: str, total: int, named: list[str]) -> str:
    more = f"; and {total - len(named)} more" if total > len(named) else ""
    tally = ", ".join(f"{name} {number}" for name, number in summary.counts(run.done).items() if number)
    shown = "; ".join(cut(text, _NAMED_LENGTH) for text in named)
    return f"{beginning} (restore {run.restore_name}): {shown}{more}. Counts: {tally}; {_whereabouts(run)}."


def _whereabouts(run: Run) -> str:
    if run.report_path:
        return f"all are in {printable(run.report_path)}"
    return "the report, which would have all, could not be written" if run.report_lost else _NO_REPORT
