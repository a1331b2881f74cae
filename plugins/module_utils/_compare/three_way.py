# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who changed an object since the previous backup, by three bodies: the live one, this backup's and the previous one's.

Seen as compare sees them: what belongs to the target was changed by nobody.
"""

from __future__ import annotations

from enum import Enum

from .._merge_patch import same
from .._values import Body
from .compare import wanted
from .normalise import strip
from .rebase_rules import RebaseRules


class ChangedBy(str, Enum):
    """Where an object changed that is not as the backup has it."""

    PRODUCTION = "production"
    STANDBY = "standby"
    BOTH = "both"


def changed_by(
    resource: str,
    live: Body,
    desired: Body,
    previous_desired: Body,
    extra: RebaseRules = (),
    previous_extra: RebaseRules | None = None,
) -> ChangedBy:
    """For an object whose comparison differs; both desired bodies are prepared, for the same place on the target.

    `previous_extra` are the further rows for the previous one, where they are others.
    """
    mine = strip(live, resource)
    now = wanted(resource, mine, strip(desired, resource), extra)
    before = wanted(
        resource, mine, strip(previous_desired, resource), extra if previous_extra is None else previous_extra
    )
    if same(before, now):
        return ChangedBy.STANDBY
    return ChangedBy.PRODUCTION if same(mine, before) else ChangedBy.BOTH
