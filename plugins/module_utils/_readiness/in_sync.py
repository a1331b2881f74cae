# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
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
