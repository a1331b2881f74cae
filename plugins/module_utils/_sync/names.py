# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of roles restore and sync, so that a misspelt one is refused: an exclusion that nobody reads would let
run on the standby what must not run twice."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from .._options.restore import ARGUMENT_SPEC

PREFIXES = ("restore_", "sync_", "drift_")
RESTORE = frozenset(
    ("restore_other_variables", *(name if name.startswith("restore_") else f"restore_{name}" for name in ARGUMENT_SPEC))
)
SYNC = frozenset(
    (
        "sync_fail_when_active",
        "sync_other_variables",
        "sync_plans",
        "sync_stage",
        "sync_verify",
        "sync_verify_delay",
        "sync_workloads",
    )
)
DRIFT = frozenset(("drift_fail", "drift_fail_age", "drift_fail_count"))
OTHERS = frozenset(("restore_run_on", "restore_result", "sync_hosts", "sync_serial", "sync_result", "sync_results"))
"""Of the playbooks, and what the roles and jobs before this one leave behind."""
KNOWN = RESTORE | SYNC | DRIFT | OTHERS


def unknown_variables(names: Iterable[str], others: Iterable[str] = ()) -> list[str]:
    """A sentence for each name that begins like one of ours and is none; `others` are the user's own."""
    suspects = {name for name in names if name.startswith(PREFIXES)} - KNOWN - set(others)
    return [_said(name) for name in sorted(suspects)]


def _said(name: str) -> str:
    role, _underscore, rest = name.partition("_")
    known = sorted(one.removeprefix(f"{role}_") for one in KNOWN if one.startswith(f"{role}_"))
    near = get_close_matches(rest, known, n=1)
    meant = f" (did you mean {role}_{near[0]}?)" if near else ""
    return f"{name} is no variable of this role{meant}"
