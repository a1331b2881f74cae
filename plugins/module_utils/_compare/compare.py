# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a live object differs from the backup's.

Not seen, on purpose: what normalise strips, and what the table in rebase_rules gives to the target, with the further
rows (`extra`) of what this restore leaves to it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from .._kinds import NAMESPACES, SERVICE_ACCOUNTS
from .._merge_patch import diff, project, same
from .._unstructured import as_map, is_controlled
from .._values import BACKUP_LABEL, EMPTY, RESTORE_LABEL, Body, Comparison
from . import namespace, service_account
from .normalise import digest, strip
from .rebase import by_rows, rebase
from .rebase_rules import RebaseRules
from .trust import trust_of


def compare(resource: str, live: Body, desired: Body, extra: RebaseRules = ()) -> Comparison:
    """Compare the live object with the prepared one; `resource` is `<plural>[.<group>]`."""
    mine, theirs, meta = strip(live, resource), strip(desired, resource), as_map(live.get("metadata"))
    found = Comparison(
        resource_version=_text(meta.get("resourceVersion")) or "",
        labels=_restore_labels(meta),
        status=status_patch(live, desired),
        uid=_text(meta.get("uid")) or "",
        terminating=bool(meta.get("deletionTimestamp")),
    )
    if same(mine, theirs):  # nearly always, and no rebase could change it
        return found
    found = replace(found, controlled=is_controlled(live))
    found = replace(found, **_of_account(mine, theirs, extra)) if resource == SERVICE_ACCOUNTS else found
    rebased = wanted(resource, mine, theirs, extra)
    patch, trust = diff(mine, rebased), trust_of(resource, mine, theirs, rebased, extra)
    if not patch and trust is None:
        return found
    return replace(found, patch=patch, before=project(mine, patch), digest=digest(mine), trust=trust)


def _of_account(mine: Body, theirs: Body, extra: RebaseRules) -> dict[str, Any]:
    """One that differs is merged, and keeps what it has."""
    theirs = by_rows(extra, mine, theirs)
    return {"merged": not same(mine, theirs), "not_overwritten": service_account.not_merged(mine, theirs)}


def status_patch(live: Body, desired: Body) -> Body:
    """A prepared body carries a status only when it is to be restored."""
    wanted = desired.get("status")
    return diff(live.get("status") or EMPTY, wanted) if isinstance(wanted, dict) else EMPTY


def wanted(resource: str, mine: Body, theirs: Body, extra: RebaseRules = ()) -> Body:
    """What the live object is to become; both are stripped."""
    if resource == SERVICE_ACCOUNTS:
        return service_account.merge(mine, by_rows(extra, mine, theirs))
    if resource == NAMESPACES:
        return namespace.merge(mine, by_rows(extra, mine, theirs))
    return rebase(resource, mine, theirs, extra)


def _restore_labels(meta: Body) -> tuple[str | None, str | None]:
    labels = meta.get("labels")
    if not isinstance(labels, dict):
        return _pair(None, None)
    return _pair(_text(labels.get(BACKUP_LABEL)), _text(labels.get(RESTORE_LABEL)))


@lru_cache(maxsize=256)
def _pair(backup: str | None, restore: str | None) -> tuple[str | None, str | None]:
    """One tuple for the many objects of one restore: 100,000 comparisons stay small."""
    return backup, restore


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
