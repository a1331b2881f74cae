# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run makes the target owe to its backup: what it may write, and what stands there in the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ._decide.decide import carries_labels
from ._delta.delta import owed_of
from ._delta.terms import Terms
from ._options import Settings
from ._values import (
    Action,
    Change,
    ObjectResult,
    Outcome,
    Owing,
)

_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.RELABEL))
_MADE = frozenset((Outcome.CREATED, Outcome.RECREATED))
_TAKEN = frozenset((Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED))


def selection_of(settings: Settings) -> str:
    """Stands for what a restore selects and where it puts it, in the words of the user; equal for equal options."""
    filters = settings.filters
    said = {
        "included_namespaces": sorted(filters.included_namespaces),
        "excluded_namespaces": sorted(filters.excluded_namespaces),
        "included_resources": sorted(filters.included_resources),
        "excluded_resources": sorted(filters.excluded_resources),
        "include_cluster_resources": filters.include_cluster_resources,
        "label_selector": filters.label_selector or None,
        "or_label_selectors": filters.or_label_selectors or None,
        "namespace_mapping": settings.facts.namespace_mapping,
        "protect": [settings.protect, sorted(settings.protect_except)],
        "skip_controlled": settings.skip_controlled,
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def promised(terms: Terms, changes: Iterable[Change]) -> Owing:
    """What the run may write; without UIDs, for nothing is proven before it is done."""
    return Owing(*terms, {change.item.key: owed_of(change.item) for change in changes if _may_be_owed(change)})


def _may_be_owed(change: Change) -> bool:
    """Not what exists and gets no labels of ours: a merged ServiceAccount, a Namespace."""
    if change.action not in _WRITES:
        return False
    found = change.comparison
    return found is None or (not found.merged and carries_labels(change.item))


def kept(terms: Terms, changes: Sequence[Change], results: Sequence[ObjectResult]) -> Owing:
    """What the target has of the backup through this run or an earlier one, each with its UID there."""
    both = zip(changes, results, strict=True)
    uids = ((change.item, _uid(change, result)) for change, result in both)
    return Owing(*terms, {item.key: owed_of(item, uid) for item, uid in uids if uid})


def _uid(change: Change, result: ObjectResult) -> str:
    """Of an object that is owed. One that merely is as the backup says, and no restore ever labelled, is somebody's."""
    if result.uid or result.outcome in _MADE:
        return result.uid
    found = change.comparison
    if found is None or result.outcome not in _TAKEN or found.merged or not carries_labels(change.item):
        return ""
    if result.outcome is Outcome.UNCHANGED and found.labels[1] is None:
        return ""
    return found.uid
