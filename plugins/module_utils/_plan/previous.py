# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An earlier backup beside the one that is restored: who changed an object since, and what it had."""

from __future__ import annotations

from collections.abc import Callable

from .._backup.opened import Backup
from .._errors import ModifierError
from .._options.settings import Settings
from .._prepare.desired import DesiredState
from .._select.select import select
from .._values import BackupItem, Body, ObjectKey
from .remap import remap


def previous_items(previous: Backup, settings: Settings, desired: DesiredState) -> tuple[BackupItem, ...]:
    """What the restore's selection takes of it, under the keys on the target."""
    selection = select(previous.content, settings, previous.volumes)
    return remap(selection, desired.of(previous.content)).items


def previous_bodies(previous: Backup, desired: DesiredState) -> Callable[[BackupItem], Body | None]:
    """The desired body that an item of the restored backup has in this one; None when it has none of use."""
    known: dict[ObjectKey, BackupItem] = {item.key: item for item in previous.content.items if not item.problem}
    before = desired.of(previous.content)

    def body(item: BackupItem) -> Body | None:
        found = known.get(item.source or item.key)
        if found is None:
            return None
        try:
            return before.body(found.under(item))
        except ModifierError:
            return None

    return body
