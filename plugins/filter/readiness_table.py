# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of all standbys -> the lines of one table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: readiness_table
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Show which of many standbys could take over as one table
description:
  - One line for each standby, with host, backup, its age, the verdict, how many checks speak against a takeover, and
    what they say.
options:
  _input:
    description: Rows, as P(standby.velero.readiness_row#filter) makes them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show all
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | map('extract', hostvars, 'readiness_result') | standby.velero.readiness_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines, the head first.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._sync.readiness import readiness_table_of


def readiness_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines."""
    return readiness_table_of(list(rows))


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """The one filter."""
        return {"readiness_table": readiness_table}
