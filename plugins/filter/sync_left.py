# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a run in check mode -> the objects that it would still write."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sync_left
author:
  - standby.velero contributors (@standby)
version_added: 0.1.0
short_description: Tell what a restore that was just made would still write
description:
  - Takes the result of M(standby.velero.velero_restore) in check mode and says of each object that would be created,
    updated or recreated, or that failed, what is wrong with it.
  - What the server's dry run answers with no effect is unchanged in the result, and is nothing here.
options:
  _input:
    description: The result.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail when the standby is not what was just restored
  ansible.builtin.assert:
    that: again | standby.velero.sync_left == []
"""

RETURN = r"""
_value:
  description: A sentence for each object, 20 at most, and then how many more there are.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._sync.left_over import left_over


def sync_left(result: Mapping[str, Any]) -> list[str]:
    """What is left."""
    return left_over(result)


class FilterModule:
    """Ansible looks for this name."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """The one filter."""
        return {"sync_left": sync_left}
