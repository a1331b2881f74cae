# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the target has anything that runs Pods."""

from __future__ import annotations

from .._errors import ClusterError, Unauthorized, Unreachable
from .._kinds import NODE
from .client import METADATA_TYPE, Client


def has_nodes(client: Client) -> bool:
    """Whether there is a Node; where they may not be listed there may be some."""
    try:
        return any(client.pages(NODE, accept=METADATA_TYPE))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError:
        return True
