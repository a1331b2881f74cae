# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates that wait for what the API server's admission, behind its caches, does not see yet."""

from __future__ import annotations

from .._errors import ClusterError, Forbidden, Invalid, NotFound
from .._values import BackupItem, Body
from .cures import cure
from .work import Work

LAG_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between creates that wait for the API server's caches."""

_LAGGING = (
    "no PriorityClass with name",
    "error looking up service account",
    "attempting to grant RBAC permissions not currently held",
)
_RELEASING = ("provided IP is already allocated", "provided port is already allocated")
"""What a Service that was deleted a moment before still holds."""


def create_patiently(work: Work, item: BackupItem, body: Body, after_deletion: bool = False) -> Body:
    """A create; once more for what the API server's admission, behind its caches, does not see yet.

    Seen on 1.36: a Pod is refused for want of the PriorityClass that was stored a moment before.
    """
    work.resource(item)  # for a type that is not served no waiting helps
    for pause in LAG_PAUSES:
        try:
            return work.create(item, body)
        except (NotFound, Forbidden) as error:
            if work.dry_run or not _lags(error) or cure(item, body, work.promised) is None:
                raise
        except Invalid as error:
            if not after_deletion or not any(phrase in str(error) for phrase in _RELEASING):
                raise
        work.sleep(pause)
    return work.create(item, body)


def _lags(error: ClusterError) -> bool:
    return isinstance(error, NotFound) or any(phrase in str(error) for phrase in _LAGGING)
