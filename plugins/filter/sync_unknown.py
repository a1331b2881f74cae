# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables -> what is wrong with those that begin like one of the roles' and are none."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sync_unknown
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Tell which variables begin like those of the roles and are none
description:
  - Roles restore and sync refuse to run with a variable that begins with C(restore_), C(sync_) or C(drift_) and is none
    of theirs, for what is misspelt would be ignored.
positional: others
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
  others:
    description: Names that begin so and belong to somebody else.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Tell what is misspelt
  ansible.builtin.debug:
    msg: "{{ ['restore_delt'] | standby.velero.sync_unknown }}"
"""

RETURN = r"""
_value:
  description: A sentence for each.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable

from ansible_collections.standby.velero.plugins.module_utils._sync.names import unknown_variables


def sync_unknown(names: Iterable[str], others: Iterable[str] = ()) -> list[str]:
    """What is wrong."""
    return unknown_variables(map(str, names), map(str, others))


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """The one filter."""
        return {"sync_unknown": sync_unknown}
