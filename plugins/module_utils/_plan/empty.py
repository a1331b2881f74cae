# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection that takes nothing of a backup: nearly always a misspelt name, or not the backup that is meant."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import EmptySelectionError
from .._options.settings import Settings
from .._text import shown
from .._values import BackupItem
from .context import RestoreContext

_NAMED = 10
"""Namespaces, and types, that the message names."""


def refuse_empty(context: RestoreContext) -> None:
    """Raises an EmptySelectionError, unless the user says that nothing may be meant."""
    selection, settings = context.selection, context.settings
    if not (settings.allow_empty or selection.items or selection.left_out):
        raise EmptySelectionError(_problem(settings, context.backup.content.items))


def _problem(settings: Settings, items: tuple[BackupItem, ...]) -> str:
    where = f"the backup {settings.backup_name}"
    if not items:
        return f"{where} holds no object at all; look whether it is the one that is meant, or set allow_empty"
    asked = [*settings.filters.said, *(["resource_policies"] if settings.filter_policies else [])]
    by = f" by {'; '.join(map(shown, asked))}" if asked else " that can be restored"
    namespaces, types = {item.key.namespace for item in items} - {""}, {item.resource for item in items}
    has = f"it has {len(items)} objects, in the namespaces {_some(namespaces)}, of the types {_some(types)}"
    return f"nothing of {where} is selected{by}; {has}. Correct the options, or set allow_empty if nothing may be meant"


def _some(names: Iterable[str]) -> str:
    """`bank, shop and 3 more`."""
    known = sorted(names)
    listed = ", ".join(map(shown, known[:_NAMED])) or "(none)"
    return f"{listed} and {len(known) - _NAMED} more" if len(known) > _NAMED else listed
