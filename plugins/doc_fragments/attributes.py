# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of this collection supports; ansible.builtin.action_common_attributes says what the words mean.

A module says the rest itself: whether it shows a diff, and what is particular to its check mode.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible looks for this name."""

    DOCUMENTATION = r"""
attributes:
  action_group:
    description:
      - The action group of which the module is a part, so that C(module_defaults) sets its options.
    support: full
    membership:
      - standby.velero.velero
  check_mode:
    support: full
  idempotent:
    description:
      - When it is run again with the same options, and nothing has changed in between, it changes nothing.
    support: full
  platform:
    platforms: posix
    support: full
"""
