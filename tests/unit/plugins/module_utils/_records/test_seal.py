# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster a signature is for."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    ClusterError,
    Forbidden,
    NotFound,
    StateError,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import UNSIGNED, Seal
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import NO_KEYS, Keys
from ansible_collections.standby.velero.plugins.module_utils._records.seal import seal_for
from executing import STATE
from scripted_target import ScriptedTarget, failing

KEYS = Keys("k" * 32)
GET = "get namespaces kube-system"


def test_without_a_key_nothing_is_asked() -> None:
    target = ScriptedTarget()
    assert seal_for(target, NO_KEYS, STATE) is UNSIGNED
    assert target.requests == []


def test_it_is_the_uid_of_kube_system() -> None:
    target = ScriptedTarget((GET, {"metadata": {"uid": "the cluster"}}))
    assert seal_for(target, KEYS, STATE) == Seal(KEYS, "the cluster", STATE)


@pytest.mark.parametrize("kind", [Forbidden, NotFound, AbsenceUnproven])
def test_a_target_that_does_not_tell_it_is_an_error(kind: type[ClusterError]) -> None:
    with pytest.raises(StateError, match=r"^state_key: .* cannot be read: no; docs/rights.md has a rule for it"):
        seal_for(ScriptedTarget((GET, failing(kind, "no"))), KEYS, STATE)
