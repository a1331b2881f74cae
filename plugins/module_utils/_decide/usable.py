# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a backup may be restored at all, by how it ended; asked before anything is read of the target.

Velero's main branch of August 2026, pkg/controller/restore_controller.go (validateAndComplete). One that is still being
written, was given up or is being deleted lacks objects that production has, and nothing in it tells which.
"""

from __future__ import annotations

from .._values import BackupInfo

USABLE = ("Completed", "PartiallyFailed")
"""Phases, as Velero names them."""


def phase_problem(info: BackupInfo) -> str:
    """What is wrong with the phase of a backup; empty also without metadata, for then nothing is known of it."""
    if not info.phase or info.phase in USABLE:
        return ""
    return (
        f"backup {info.name} is in phase {info.phase}, and only one that is {' or '.join(USABLE)} can be restored; take"
        " another backup, or wait until this one has ended"
    )
