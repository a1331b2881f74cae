# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_workloads, read once: the only file that knows how each is spelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._errors import SettingsError
from .._hold.hold import Hold
from .._keyed_digest import Keys
from .._match.entries import entry_problem
from .._match.globs import Patterns, is_pattern, pattern_problem
from .._match.selectors import Selector, compile_selector
from .._match.validation import namespace_problems
from .hold import HOLD, hold_of
from .state import compile_keys
from .target import LONGEST_LOCK, MOST_CONNECTIONS, SHORTEST_LOCK, STATE_NAMESPACE, TARGET_SPEC
from .texts import texts_of

ACTIVE, HELD = "active", "held"

WORKLOADS_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": [ACTIVE, HELD], "required": True},
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "waves": {"type": "list", "elements": "str", "default": []},
    "confirm": {"type": "str"},
    "rehearsal": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
    "hold_rules": {"type": "list", "elements": "dict", "default": []},
    "hold_except": {"type": "list", "elements": "str", "default": []},
    "hold_existing": {"type": "list", "elements": "str", "default": []},
    "protect_except": {"type": "list", "elements": "str", "default": []},
    **TARGET_SPEC,
}


@dataclass(frozen=True)
class WorkloadSettings:
    """What is asked for."""

    active: bool
    """Else they are to be held."""
    namespaces: tuple[str, ...]
    """Names or patterns; all of the target when there is none."""
    waves: tuple[Selector, ...]
    confirm: str
    """The time of the activation that a hold may end; empty for none."""
    rehearsal: bool
    """Whether the copy of a namespace is woken: nothing is active by it, and batch work sleeps."""
    wait: bool
    wait_timeout: int
    """Seconds, for each wave."""
    hold: Hold
    state_namespace: str
    state_keys: Keys
    lock_duration: int
    lock_timeout: int
    concurrency: int
    dry_run: bool
    diff: bool

    def resolved(self, resolve: Callable[[str], str]) -> WorkloadSettings:
        """With each type under its full name."""
        return replace(self, hold=self.hold.resolved(resolve))

    @property
    def exact_namespaces(self) -> tuple[str, ...]:
        """Those that can be read one by one; none where a pattern means others besides."""
        return () if any(map(is_pattern, self.namespaces)) else self.namespaces

    def means(self, namespace: str) -> bool:
        """Whether what lies in this namespace is meant; what lies in none is meant with the whole standby only."""
        return not self.namespaces or (bool(namespace) and Patterns(self.namespaces).match(namespace))


def workload_settings_of(params: Mapping[str, Any], check_mode: bool, diff_mode: bool) -> WorkloadSettings:
    """The settings, or a SettingsError with every problem there is."""
    hold = hold_of({**params, "workloads": HOLD})
    waves, problems_of_waves = _waves(texts_of(params["waves"]))
    state_keys, problems_of_keys = compile_keys(params["state_key"])
    settings = WorkloadSettings(
        active=params["state"] == ACTIVE,
        namespaces=texts_of(params["namespaces"]),
        waves=waves,
        confirm=params["confirm"] or "",
        rehearsal=params["rehearsal"],
        wait=params["wait"],
        wait_timeout=params["wait_timeout"],
        hold=hold,
        state_namespace=params["state_namespace"] or STATE_NAMESPACE,
        state_keys=state_keys,
        lock_duration=params["lock_duration"],
        lock_timeout=params["lock_timeout"],
        concurrency=params["concurrency"],
        dry_run=check_mode,
        diff=diff_mode,
    )
    found = [*_problems(settings), *hold.problems, *problems_of_waves, *problems_of_keys]
    if found:
        raise SettingsError(found)
    return settings


def _waves(texts: tuple[str, ...]) -> tuple[tuple[Selector, ...], list[str]]:
    selectors: list[Selector] = []
    found: list[str] = []
    for place, text in enumerate(texts):
        try:
            selectors.append(compile_selector(text))
        except SettingsError as error:
            found += [f"waves[{place}]: {problem}" for problem in error.problems]
    return tuple(selectors), found


def _problems(settings: WorkloadSettings) -> list[str]:
    bounds = (
        ("concurrency", settings.concurrency, 1, MOST_CONNECTIONS),
        ("lock_duration", settings.lock_duration, SHORTEST_LOCK, LONGEST_LOCK),
    )
    waits = (("lock_timeout", settings.lock_timeout), ("wait_timeout", settings.wait_timeout))
    hold = settings.hold
    entries = (
        ("hold_except", hold.exceptions),
        ("hold_existing", hold.existing),
        ("protect_except", hold.protect_except),
    )
    return [
        *_rehearsal_problems(settings),
        *(
            f"{name}: {value} is not between {least} and {most}"
            for name, value, least, most in bounds
            if not least <= value <= most
        ),
        *(f"{name}: {seconds} is less than 0 seconds" for name, seconds in waits if seconds < 0),
        *(f"namespaces: {name!r}: {problem}" for name in settings.namespaces if (problem := pattern_problem(name))),
        *(
            f"{name}: {entry!r} {problem}"
            for name, given in entries
            for entry in given
            if (problem := entry_problem(entry))
        ),
        *(f"state_namespace: {problem}" for problem in namespace_problems(settings.state_namespace)),
    ]


def _rehearsal_problems(settings: WorkloadSettings) -> list[str]:
    """A standby that is woken without being written down as active would be overwritten by the next sync."""
    if not settings.rehearsal or (settings.active and len(settings.exact_namespaces) == 1):
        return []
    return ["rehearsal: needs state active, and namespaces with the name of just the copy"]
