# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the selected objects land on the target: from here on keys are the target's, not the backup's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from .._kinds import NAMESPACES
from .._prepare.desired import DesiredState
from .._prepare.mapping import Collisions, collisions, mapped, mapped_key
from .._select.select import Selection
from .._values import BackupItem, Change
from .._vocabulary import Action, Reason


def remap(selection: Selection, desired: DesiredState) -> Selection:
    """The selection under the names of the target; of objects that meet in one place none overwrites another."""
    mapping = desired.context.namespace_mapping
    if not mapping:
        return selection
    meeting = collisions(selection.items, mapping, desired.unmodified().body)
    apart = [item for item in selection.items if item.key not in meeting.duplicates and item.key not in meeting.clashes]
    renamed = (replace(change, ref=mapped(change.item, mapping)) for change in selection.left_out)
    left_out = [*renamed, *_met(selection.items, mapping, meeting)]
    return replace(
        selection,
        items=tuple(sorted((mapped(item, mapping) for item in apart), key=lambda item: (item.key, item.resource))),
        left_out=tuple(sorted(left_out, key=lambda change: change.key)),
        controlled=frozenset(mapped_key(key, mapping) for key in selection.controlled),
        tokens={mapped_key(key, mapping): account for key, account in selection.tokens.items()},
        namespaces=tuple(sorted({mapping.get(name, name) for name in selection.namespaces})),
    )


def namespaces_in(items: Iterable[BackupItem], mapping: Mapping[str, str]) -> list[BackupItem]:
    """The backup's Namespaces under their names on the target; where several become one, none speaks for it."""
    remapped = [mapped(item, mapping) for item in items if item.resource == NAMESPACES]
    count = Counter(item.key for item in remapped)
    return [item for item in remapped if count[item.key] == 1]


def _met(items: tuple[BackupItem, ...], mapping: Mapping[str, str], meeting: Collisions) -> Iterator[Change]:
    for item in items:
        if item.key in meeting.duplicates:
            yield Change(mapped(item, mapping), Action.SKIP, Reason.DUPLICATE)
        elif item.key in meeting.clashes:
            yield Change(mapped(item, mapping), Action.FAIL, Reason.NAME_COLLISION, meeting.clashes[item.key])
