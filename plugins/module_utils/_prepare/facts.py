# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rewrite must know besides the object itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """The same for every object of one restore."""

    provisioned_volumes: frozenset[str] = frozenset()
    """PersistentVolumes left out of this restore because they are provisioned anew."""
