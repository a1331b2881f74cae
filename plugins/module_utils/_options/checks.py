# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that cannot be meant together: every problem there is, found before anything is read or written."""

from __future__ import annotations

from .._match.entries import entry_problem
from .._match.validation import namespace_problems
from .._select.protected import SYSTEM_NAMESPACES
from .._source.keys import is_backup_name
from .settings import Settings
from .target import LONGEST_LOCK, MOST_CONNECTIONS, SHORTEST_LOCK


def problems_of(settings: Settings) -> list[str]:
    found = [*_name_problems(settings), *_number_problems(settings), *_entry_problems(settings)]
    found.extend(settings.hold.problems)
    if settings.protect:
        found.extend(
            f"namespace_mapping: {target} belongs to the target's control plane (protect_cluster_objects is on)"
            for target in sorted(SYSTEM_NAMESPACES & set(settings.prepare.namespace_mapping.values()))
        )
    found.extend(settings.recording.problems())
    if settings.state_adopt and not settings.state_keys:
        found.append("state_adopt: there is no state_key to sign with")
    found.extend(f"readiness_accept: {problem}" for problem in settings.readiness_accepted.problems())
    if settings.approved_report and settings.approved_report == settings.report_path:
        found.append("report_path: is that of the approved plan; give this run's report a name of its own")
    found.extend(f"state_namespace: {problem}" for problem in _state_problems(settings))
    return found


def _name_problems(settings: Settings) -> list[str]:
    return [
        f"{option}: {name!r} is not a name that Velero could have given (lower case, digits, '-' and '.')"
        for option, name in (("backup_name", settings.backup_name), ("restore_name", settings.restore_name))
        if name and name != settings.source.backup_name and not is_backup_name(name)
    ]


def _number_problems(settings: Settings) -> list[str]:
    bounds: tuple[tuple[str, int, int, int], ...] = (
        ("concurrency", settings.concurrency, 1, MOST_CONNECTIONS),
        ("lock_duration", settings.lock_duration, SHORTEST_LOCK, LONGEST_LOCK),
    )
    found = [
        f"{option}: {number} is not between {least} and {most}"
        for option, number, least, most in bounds
        if not least <= number <= most
    ]
    for option, seconds in (
        ("terminating_timeout", settings.terminating_timeout),
        ("recreate_timeout", settings.recreation.timeout),
        ("lock_timeout", settings.lock_timeout),
    ):
        if seconds < 0:
            found.append(f"{option}: {seconds} is less than 0 seconds")
    for option, number, least in (
        ("prune_max_count", settings.pruning.max_count, 0),
        ("prune_max_percent", settings.pruning.max_percent, 0),
        ("prune_after", settings.pruning.after, 1),
    ):
        if number < least:
            found.append(f"{option}: {number} is less than {least}")
    return found


def _entry_problems(settings: Settings) -> list[str]:
    return [
        f"{option}: {entry!r} {problem}"
        for option, entries in (
            ("protect_except", settings.protect_except),
            ("recreate_allow", settings.recreation.allow),
            ("prune_allow", settings.pruning.allow),
            ("hold_except", settings.hold.exceptions),
            ("hold_existing", settings.hold.existing),
        )
        for entry in entries
        if (problem := entry_problem(entry))
    ]


def _state_problems(settings: Settings) -> list[str]:
    """The namespace of our own Secrets is no place to restore into."""
    found = [f"{settings.state_namespace!r}: {problem}" for problem in namespace_problems(settings.state_namespace)]
    if settings.state_namespace in settings.prepare.namespace_mapping.values():
        found.append(f"namespace_mapping restores into {settings.state_namespace}, which keeps the target's own state")
    return found
