# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the Python of a task is new enough: asked before anything is imported that an older one cannot read.

Each Python that ansible-core starts a module with must read this file, and the modules: 3.6 with ansible-core 2.16.
"""

import json
import sys

OLDEST = (3, 10)


def refuse_old_python() -> None:
    """Ends the task with a sentence; the first words would else be of a dataclass that knows no slots."""
    if sys.version_info < OLDEST:
        result = {"failed": True, "msg": f"{_told()}, with the packages kubernetes and jsonpatch"}
        sys.stdout.write(f"{json.dumps(result)}\n")
        raise SystemExit(1)


def _told() -> str:
    found = f"{sys.executable} is Python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"standby.velero needs Python 3.10 or newer, and {found}: set ansible_python_interpreter to a newer one"
