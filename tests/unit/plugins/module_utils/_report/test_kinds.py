# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects of each kind had which outcome."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._report.kinds import by_kind
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from outcomes import done_of


def test_kinds_are_sorted_by_group_and_outcomes_that_none_had_are_left_out() -> None:
    rows = (
        ("apps", "Deployment", Outcome.UPDATED),
        ("", "Pod", Outcome.FAILED),
        ("", "Pod", Outcome.CREATED),
        ("", "Pod", Outcome.CREATED),
        ("example.org", "Pod\x1b", Outcome.DELETED),
    )
    done = [done_of(ObjectKey(group, kind, "shop", "x"), outcome) for group, kind, outcome in rows]
    assert by_kind(done) == [
        {"group": "", "kind": "Pod", "counts": {"created": 2, "failed": 1}},
        {"group": "apps", "kind": "Deployment", "counts": {"updated": 1}},
        {"group": "example.org", "kind": "Pod\\x1b", "counts": {"deleted": 1}},
    ]
    assert by_kind([]) == []
