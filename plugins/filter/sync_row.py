# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of one standby -> its row of the table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sync_row
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Sum up what a sync has done to one standby
description:
  - Makes the row of P(standby.velero.sync_table#filter) for one inventory host.
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
    description: The result of M(standby.velero.velero_restore); empty when the restore did not take place.
    type: dict
    default: {}
  problem:
    description: Why the host is red; empty when it is not.
    type: str
    default: ''
  left:
    description: What a verification found, as P(standby.velero.sync_left#filter) says it.
    type: list
    elements: str
    default: []
  stage:
    description: The stage, V(plan) or V(apply), when there are two.
    type: str
    default: ''
  drift:
    description: How far the standby is from the backup, as P(standby.velero.sync_drift#filter) says it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Sum up
  ansible.builtin.set_fact:
    sync_result: "{{ inventory_hostname | standby.velero.sync_row(run=restore_result) }}"
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
    in_sync:
      description: Whether the standby is what the backup says; null where that is not known.
      type: bool
    changed:
      description: Objects that were written or deleted, in check mode would be; null when no restore took place.
      type: int
    failed:
      description: Objects that failed; null as RV(_value.changed).
      type: int
    problem:
      description: Why the host is red; empty when it is not.
      type: str
    todo:
      description: What a person has to do.
      type: str
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._sync.rows import row_of


def sync_row(
    host: str,
    backup: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    problem: str = "",
    left: Sequence[str] = (),
    stage: str = "",
    drift: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The row."""
    return row_of(host, backup or {}, run or {}, time.time(), problem=problem, left=left, stage=stage, drift=drift)


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """The one filter."""
        return {"sync_row": sync_row}
