# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors of a live Pod that its API server completed: no difference where they were written as the backup's."""

from __future__ import annotations

from typing import Any

from .._merge_patch import same
from .._prepare.label_keys import as_written
from .._unstructured import nested, replaced

_FIELDS = (("spec", "topologySpreadConstraints"), ("spec", "affinity"))


def completed_selectors(live: Any, desired: Any) -> Any:
    """A pick for whole bodies: the live value where, taken back to what was written, it is the desired one."""
    written = as_written(live)
    for path in _FIELDS:
        stood = nested(written, *path)
        if stood is not nested(live, *path) and same(stood, nested(desired, *path)):
            desired = replaced(desired, path, nested(live, *path))
    return desired
