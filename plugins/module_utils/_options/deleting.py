# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of what deletes objects: recreate and prune."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._decide.prune import Pruning
from .._decide.recreatable import Recreation
from .texts import texts_of


def recreation_of(params: Mapping[str, Any]) -> Recreation:
    return Recreation(
        allow=texts_of(params["recreate_allow"]),
        propagation=params["recreate_propagation"],
        timeout=params["recreate_timeout"],
    )


def pruning_of(params: Mapping[str, Any]) -> Pruning:
    return Pruning(
        max_count=params["prune_max_count"],
        max_percent=params["prune_max_percent"],
        allow=texts_of(params["prune_allow"]),
        after=params["prune_after"],
        signed=any(texts_of(params["state_key"])),
    )
