# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the selected objects land on the target: from here on keys are the target's, not the backup's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ._desired import Preparation
from ._errors import ModifierError
from ._prepare.facts import Facts
from ._prepare.mapping import Collisions, collisions, mapped, mapped_key
from ._prepare.storage_classes import mapped_classes
from ._results import done, unrestored
from ._select.select import Selection
from ._values import BackupItem, ObjectKey, ObjectResult, Outcome, Reason


def land(selection: Selection, desired: Preparation) -> Selection:
    """The selection under the names of the target; of objects that meet in one place none overwrites another."""
    mapping = desired.facts.namespace_mapping
    if not mapping:
        return selection
    meeting = collisions(selection.items, mapping, replace(desired, modify=None))
    apart = [item for item in selection.items if item.key not in meeting.duplicates and item.key not in meeting.clashes]
    skips = [_renamed(skip, mapping) for skip in selection.skips] + _met(selection.items, mapping, meeting)
    return replace(
        selection,
        items=tuple(sorted((mapped(item, mapping) for item in apart), key=lambda item: (item.key, item.resource))),
        skips=tuple(sorted(skips, key=lambda skip: skip.key)),
        controlled=frozenset(mapped_key(key, mapping) for key in selection.controlled),
        tokens={mapped_key(key, mapping): account for key, account in selection.tokens.items()},
        namespaces=tuple(sorted({mapping.get(name, name) for name in selection.namespaces})),
    )


def unfit(
    items: Sequence[BackupItem], desired: Preparation, classes: Callable[[], frozenset[str]]
) -> Iterator[tuple[ObjectKey, tuple[Reason, str]]]:
    """Items that cannot be made what the user wants them to be, found before anything is written, and why.

    A modifier may be what makes an object safe on a standby: without it the object is not restored.
    """
    known = classes() if desired.facts.storage_class_mapping else frozenset()
    for item in items:
        if not item.size:
            continue
        if desired.facts.storage_class_mapping:
            for missing in sorted(mapped_classes(item.resource, desired.backup.body(item), desired.facts) - known):
                yield item.key, (Reason.STORAGE_CLASS_MISSING, f"StorageClass {missing}")
        if desired.modify:
            try:
                desired(item)
            except ModifierError as error:
                yield item.key, (Reason.MODIFIER_FAILED, str(error))


def namespaces_in(items: Iterable[BackupItem], facts: Facts) -> list[BackupItem]:
    """The backup's Namespaces under their names on the target; where several become one, none speaks for it."""
    landed = [mapped(item, facts.namespace_mapping) for item in items if item.resource == "namespaces"]
    count = Counter(item.key for item in landed)
    return [item for item in landed if count[item.key] == 1]


def _renamed(skip: ObjectResult, mapping: Mapping[str, str]) -> ObjectResult:
    key = mapped_key(skip.key, mapping)
    return skip if key is skip.key else replace(skip, key=key, message=skip.message.replace(str(skip.key), str(key), 1))


def _met(items: tuple[BackupItem, ...], mapping: Mapping[str, str], meeting: Collisions) -> list[ObjectResult]:
    duplicates = [item for item in items if item.key in meeting.duplicates]
    clashing = [item for item in items if item.key in meeting.clashes]
    return [
        *(done(mapped(item, mapping), Outcome.SKIPPED, Reason.DUPLICATE) for item in duplicates),
        *(unrestored(mapped(item, mapping), Reason.CLASH, meeting.clashes[item.key]) for item in clashing),
    ]
