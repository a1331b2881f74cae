# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the backup is young enough: what production did since then is lost to the standby."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .._text import span
from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby


def backup_age(question: Question, standby: Standby) -> Iterator[Finding]:
    """By the API server's clock; without a bound nothing is asked."""
    backup, most = question.backup, question.max_age
    if most is None:
        return
    taken = backup.started or backup.completed
    if not taken:
        yield Finding(ReadinessReason.BACKUP_AGE_UNKNOWN, f"Backup {backup.name}", "it has no metadata")
        return
    age = standby.now() - datetime.fromisoformat(taken.replace("Z", "+00:00")).timestamp()
    if age > most:
        said = f"it is of {taken}, {span(age)} ago, and may be {span(most)} old"
        yield Finding(ReadinessReason.BACKUP_TOO_OLD, f"Backup {backup.name}", said)
    elif -age > most:
        said = f"it is of {taken}, {span(-age)} ahead of the standby's clock"
        yield Finding(ReadinessReason.BACKUP_AGE_UNKNOWN, f"Backup {backup.name}", said)
