# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options in module_utils/_options/target.py, for every module that talks to a target.

How it is reached is described by connection.py, which a module names beside this one: a fragment
cannot extend another.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible looks for this name."""

    DOCUMENTATION = r"""
options:
  state_namespace:
    description:
      - Namespace on the target for the Secrets and the Lease of this collection. It is created when it is missing.
      - They hold the inventory, that is, which objects were restored from which backup, by key and UID and without a
        body; the bodies of objects that are being recreated; and the lock of the run.
      - Nothing in it is ever selected, compared or restored into. A run needs rights there, see C(docs/rights.md) in
        this collection.
      - Velero has no such option; it keeps Restore objects in its own namespace.
    type: str
    default: standby-velero
  state_key:
    description:
      - Secret keys of at least 32 characters, out of a vault or an AWX credential, such as C(openssl rand -base64 32)
        makes one. They sign what is kept in O(state_namespace), and with them whatever is not signed there is refused.
        So whoever may write Secrets in that namespace cannot make a run create or delete objects.
      - The first one signs and each of them verifies. To change a key, put the new one first, and leave the old one out
        once a run that writes has succeeded on each target.
      - Without a key nothing is signed. C(docs/rights.md) in this collection says what rights in that namespace then
        amount to.
      - Velero has no such option.
    type: list
    elements: str
    default: []
  lock_duration:
    description:
      - Seconds that the lock of a run, a Lease in O(state_namespace), stays valid without being renewed.
      - It is renewed after each third of them. After two thirds without a renewal nothing more is written, and what is
        left fails with reason V(lock_lost).
      - Velero has no such option.
    type: int
    default: 60
  lock_timeout:
    description:
      - Seconds to wait for a lock that another run holds. Then the task fails and names the holder.
      - Velero has no such option.
    type: int
    default: 0
  concurrency:
    description:
      - How many connections write at the same time, from 1 to 256.
      - Velero writes one object at a time.
    type: int
    default: 16
requirements:
  - python >= 3.10
  - kubernetes >= 24.2.0
"""
