# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether certificate authorities follow the backup's: only where the Secret that holds them stands already."""

from __future__ import annotations

from dataclasses import replace

from .._values import Change
from .._vocabulary import Action, Reason
from .executor import Executor
from .requests import comparison_of


def with_authorities(executor: Executor, change: Change) -> Change:
    """The change with the backup's bundles, or without them and with the reason; with nothing left to do a NOOP."""
    comparison = comparison_of(change)
    trust = comparison.trust
    if trust is None:
        return change
    if trust.holders and all(executor.standing & holders for holders in trust.holders):
        return replace(change, comparison=replace(comparison, patch=trust.patch, before=trust.before, trust=None))
    kept = replace(comparison, trust=None)
    due = not kept.equal or executor.decider.labels_due(change.item, kept)
    action = change.action if due else Action.NOOP
    return replace(change, action=action, reason=Reason.CA_BUNDLE_KEPT, comparison=kept)
