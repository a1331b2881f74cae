# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AnsibleModule, whose failures show no password that stands in an address, from its very start.

It checks the options while it is being made, before anybody could tell it what is secret in them; a wrong one is told
together with all others, `host: https://user:password@…` among them.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._kubernetes_core import MISSING
from ._memory import collect_seldom
from ._options.target import passwords_in


class Module(AnsibleModule):  # type: ignore[misc]  # ansible-core tells no types
    """Where nothing fails, no more than an AnsibleModule."""

    no_log_values: set[str]
    """What Ansible masks in the result."""

    def __init__(self, **options: Any) -> None:
        """Without kubernetes.core there are no connection options, and each of them would be told as an unknown one."""
        collect_seldom()
        super().__init__(**options)
        if MISSING:
            self.fail_json(MISSING)

    def fail_json(self, msg: str, **result: Any) -> None:
        """Whatever the option is called that holds an address: a slip in its name is one of the failures."""
        if MISSING:  # and none of the values is known as a secret
            self.params: dict[str, Any] = {}
            super().fail_json(MISSING)
        self.no_log_values = self.no_log_values | passwords_in(self.params)
        super().fail_json(msg, **result)
