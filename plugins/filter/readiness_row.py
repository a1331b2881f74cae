# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of one standby -> its row of the table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: readiness_row
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Sum up whether one standby could take over
description:
  - Makes the row of P(standby.velero.readiness_table#filter) for one inventory host.
options:
  _input:
    description: The inventory host.
    type: str
    required: true
  backup:
    description: The backup, as M(standby.velero.velero_backup_info) lists it; empty when none was found.
    type: dict
    default: {}
  run:
    description:
      - The result of M(standby.velero.velero_readiness_info), or of M(standby.velero.velero_restore) with
        O(standby.velero.velero_restore#module:readiness); empty when it came to none.
    type: dict
    default: {}
  problem:
    description: Why it came to none.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Sum up
  ansible.builtin.set_fact:
    readiness_result: "{{ inventory_hostname | standby.velero.readiness_row(run=asked) }}"
"""

RETURN = r"""
_value:
  description: The row.
  type: dict
  contains:
    host:
      description: The inventory host.
      type: str
    backup:
      description: Name of the backup; empty when none was found.
      type: str
    age:
      description: Seconds since it began; null where that is not known.
      type: int
    verdict:
      description: V(ready), V(not_ready) or V(unknown).
      type: str
    against:
      description: How many checks speak against a takeover, or could not tell; null when none took place.
      type: int
    problem:
      description: What they say; empty when the standby is ready.
      type: str
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._sync.readiness import readiness_row_of


def readiness_row(
    host: str, backup: Mapping[str, Any] | None = None, run: Mapping[str, Any] | None = None, problem: str = ""
) -> dict[str, Any]:
    """The row."""
    return readiness_row_of(host, backup or {}, run or {}, time.time(), problem)


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """The one filter."""
        return {"readiness_row": readiness_row}
