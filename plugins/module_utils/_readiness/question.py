# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a standby: may it take over, from this backup, for these needs."""

from __future__ import annotations

from typing import NamedTuple

from .._values import BackupInfo
from .finding import NOTHING_ACCEPTED, Accepted
from .needs import Needs


class Sync(NamedTuple):
    """Whether the standby has what the backup says."""

    is_so: bool | None
    """None where that is not known."""
    detail: str = ""


class Question(NamedTuple):
    """All that the checks know beside the standby itself."""

    backup: BackupInfo
    needs: Needs
    sync: Sync
    max_age: float | None = None
    """Seconds that the backup may be old; None for any."""
    accepted: Accepted = NOTHING_ACCEPTED
