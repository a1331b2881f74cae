# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby has what the backup says, as the restore or its plan has found."""

from __future__ import annotations

from collections.abc import Iterator

from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby


def in_sync(question: Question, _standby: Standby) -> Iterator[Finding]:
    """Nothing is read: that is done already."""
    is_so, detail = question.sync
    if not is_so:
        reason = ReadinessReason.SYNC_UNKNOWN if is_so is None else ReadinessReason.OUT_OF_SYNC
        yield Finding(reason, f"Backup {question.backup.name}", detail)
