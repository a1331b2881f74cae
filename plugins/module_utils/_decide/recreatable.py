# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is never deleted in order to be created anew, unless the user names it.

Deleting these takes something along that no backup of objects brings back: the objects of a namespace or a type, the
data of a volume, an address at a cloud provider, tokens in use (flux2#4392: an upgrade made every run delete a PVC).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .._errors import ClusterError, Invalid
from .._kinds import CLAIMS, CRDS, NAMESPACES, SERVICE_ACCOUNTS, SERVICES, STATEFUL_SETS, VOLUMES
from .._match.entries import in_full, is_named
from .._unstructured import as_text, is_controlled, nested
from .._values import BackupItem, Body

Covers = Callable[[BackupItem, Body, Body], bool]
"""(item, live, desired)"""


class Recreation(NamedTuple):
    """How the user wants objects recreated."""

    allow: tuple[str, ...] = ()
    """`resource`, `resource/name` or `resource/namespace/name` of what is spared otherwise."""
    propagation: str = "background"
    """What happens to the dependents: background, foreground or orphan."""
    timeout: int = 120
    """Seconds that a deleted object may take to be gone."""

    def resolved(self, resolve: Callable[[str], str]) -> Recreation:
        """With each resource under its full name."""
        return self._replace(allow=in_full(self.allow, resolve))


def _is(resource: str) -> Covers:
    return lambda item, _live, _desired: item.resource == resource


def _claims(item: BackupItem, live: Body, desired: Body) -> bool:
    return item.resource == STATEFUL_SETS and any(map(_claim_templates, (live, desired)))


def _claim_templates(body: Body) -> bool:
    return bool(nested(body, "spec", "volumeClaimTemplates"))


def _balances(item: BackupItem, live: Body, desired: Body) -> bool:
    return item.resource == SERVICES and "LoadBalancer" in (_type(live), _type(desired))


def _type(body: Body) -> str:
    return as_text(nested(body, "spec", "type"))


SPARED: tuple[tuple[Covers, str], ...] = (
    (_is(NAMESPACES), "a Namespace takes all its objects along"),
    (_is(CRDS), "a CustomResourceDefinition takes all its objects along"),
    (_is(VOLUMES), "a PersistentVolume may take its data along"),
    (_is(CLAIMS), "a PersistentVolumeClaim may take its data along"),
    (_claims, "a StatefulSet with claim templates has data"),
    (_balances, "a Service of type LoadBalancer may lose its address"),
    (_is(SERVICE_ACCOUNTS), "a ServiceAccount takes its tokens along"),
)


def spared(item: BackupItem, live: Body, desired: Body, allow: tuple[str, ...]) -> str:
    """Why the object is not to be deleted, as the end of a sentence; empty when it may be."""
    if is_controlled(live):
        return "it belongs to a controlling owner on the target"
    for covers, why in SPARED:
        if covers(item, live, desired) and not is_named(item, allow):
            return f"{why}; recreate_allow does not name it"
    return ""


TAKEN = ("provided IP is already allocated", "provided port is already allocated")
ALLOCATION = (*TAKEN, "is not in the valid range")
"""What the allocators of addresses and node ports say: of the target, not of the object."""


def not_immutable(refusal: ClusterError) -> str:
    """Why the refusal of a patch does not speak of a field that never changes; empty when it does.

    As far as the answer alone can tell. A policy or webhook that refuses the update guards the object: deleting it
    would get around the guard. A port or address that is another's stays another's.
    """
    if refusal.by_admission:
        return "an admission policy or webhook guards it"
    if any(phrase in str(refusal) for phrase in ALLOCATION):
        return "a port or address that the target does not give out is no immutable field"
    return "" if isinstance(refusal, Invalid) and refusal.fields else "no field of it is immutable"


_SETTING_BACK = frozenset((SERVICES,))


def not_ignored(resource: str) -> str:
    """Why a patch without effect speaks of a guard; empty where the API itself sets a change back without a word.

    A Service that was headless, and is to have an address, stays headless. Elsewhere a policy or webhook did it.
    """
    return "" if resource in _SETTING_BACK else "an admission policy or webhook guards it"
