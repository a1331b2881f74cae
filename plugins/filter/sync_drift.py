# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a run in check mode -> how far the standby is from the backup."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sync_drift
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Tell how far a standby is from a backup, in objects and in time
description:
  - Takes the result of M(standby.velero.velero_restore) in check mode, and judges it.
options:
  _input:
    description: The result.
    type: dict
    required: true
  backup:
    description: The backup, as M(standby.velero.velero_backup_info) lists it.
    type: dict
    required: true
  fail:
    description:
      - Whether drift is a problem at all. With V(any) and neither O(count) nor O(age), any object that differs is.
    type: str
    choices: [any, never]
    default: any
  count:
    description: How many objects may differ.
    type: int
  age:
    description:
      - How far the standby may be behind, as Velero writes durations. One on which nothing was restored is too far.
    type: str
"""

EXAMPLES = r"""
- name: Tell how far the standby is
  ansible.builtin.debug:
    msg: "{{ (restore_result | standby.velero.sync_drift(backup=newest, age='2h')).text }}"
"""

RETURN = r"""
_value:
  description: How far it is.
  type: dict
  contains:
    objects:
      description: Objects that differ from the backup, are missing or could not be compared.
      type: int
    stale:
      description: Objects that an earlier backup brought and this one no longer has, and that would stay.
      type: int
    behind:
      description: Seconds from the backup that was restored last to this one; null where that is not known.
      type: int
    text:
      description: All that in a sentence.
      type: str
    problem:
      description: Why it is too far; empty when it is not.
      type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.standby.velero.plugins.module_utils._sync.drift import drift_of, limits_of


def sync_drift(
    run: Mapping[str, Any], backup: Mapping[str, Any], fail: Any = "any", count: Any = None, age: Any = None
) -> dict[str, Any]:
    """How far it is; an error names the variables of the playbook."""
    try:
        return drift_of(run, backup, limits_of(fail, count, age))
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """The one filter."""
        return {"sync_drift": sync_drift}
