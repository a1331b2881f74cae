# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of all standbys -> the lines of one table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sync_table
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Show what became of many standbys as one table
description:
  - One line for each standby, with host, backup, its age, whether it is in sync, how many objects changed and failed,
    and what a person has to do.
options:
  _input:
    description: Rows, as P(standby.velero.sync_row#filter) makes them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show all
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | map('extract', hostvars, 'sync_result') | standby.velero.sync_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines, the first of which is the head.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._sync.rows import table_of


def sync_table(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The lines."""
    return table_of(list(rows))


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """The one filter."""
        return {"sync_table": sync_table}
