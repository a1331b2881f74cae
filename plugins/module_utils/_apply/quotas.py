# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until quotas that have grown let more in: admission goes by what their controller has noted in their status.

kubernetes, staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go (checkRequest).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from .._decide.quotas import same_limits
from .._errors import ClusterError
from .._unstructured import as_map, nested
from .._values import Done, ObjectRef
from .._vocabulary import Outcome
from .executor import Executor

DEADLINE = 10.0
"""Seconds, for all of them together; a controller takes less than one."""
_PAUSE, _LONGEST = 0.05, 1.0


def wait_followed(executor: Executor, done: Sequence[Done], deadline: float = DEADLINE) -> None:
    """Returns when time is up, too: what then does not fit fails by itself."""
    end = time.monotonic() + deadline
    for one in done:
        if one.result.outcome is Outcome.UPDATED:
            _wait(executor, one.change.ref, end)


def _wait(executor: Executor, quota: ObjectRef, end: float) -> None:
    pause = _PAUSE
    while not _has_followed(executor, quota) and time.monotonic() < end and not executor.stopping.why:
        executor.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)


def _has_followed(executor: Executor, quota: ObjectRef) -> bool:
    """Where no controller has ever noted anything there is none to wait for; nor for what cannot be read."""
    try:
        live = executor.get(quota)
    except ClusterError:
        return True
    noted = as_map(nested(live, "status", "hard"))
    return not noted or same_limits(noted, as_map(nested(live, "spec", "hard")))
