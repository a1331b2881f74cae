# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What signs the records on a target: the user's keys, for just this cluster and namespace."""

from __future__ import annotations

from .._cluster.client import Client
from .._errors import AbsenceUnproven, Forbidden, NotFound, StateError
from .._inventory.seal import UNSIGNED, Seal
from .._keyed_digest import Keys
from .._kinds import NAMESPACE


def seal_for(client: Client, keys: Keys, namespace: str) -> Seal:
    """Nothing is asked without a key; a StateError when the target does not tell which cluster it is."""
    if not keys:
        return UNSIGNED
    try:
        system = client.get(NAMESPACE, "", "kube-system")
    except (Forbidden, NotFound, AbsenceUnproven) as error:
        raise StateError(
            "state_key: what is kept on the target is signed for just this cluster, which the UID of its Namespace"
            f" kube-system tells, and that cannot be read: {error}; docs/rights.md has a rule for it"
        ) from error
    return Seal(keys, str(system["metadata"]["uid"]), namespace)
