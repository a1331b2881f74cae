# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How this restore compares: the same for every object, whenever it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from .._values import BackupItem, Body, Comparison
from . import compare


@dataclass(frozen=True)
class Comparer:
    """Compares the live object of an item with its prepared body."""

    def __call__(self, item: BackupItem, live: Body, desired: Body) -> Comparison:
        return compare.compare(item.resource, live, desired)

    def same_as_admitted(self, item: BackupItem, live: Body, answer: Body, desired: Body) -> bool:
        """Whether the live object is what the target makes of the backup's, by a dry run's answer."""
        return compare.same_as_admitted(item.resource, live, answer, desired)
