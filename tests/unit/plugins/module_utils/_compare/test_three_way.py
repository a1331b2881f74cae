# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who changed an object since the previous backup: a truth table of three bodies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.ignored import compile_ignored
from ansible_collections.standby.velero.plugins.module_utils._compare.replicas import KEPT
from ansible_collections.standby.velero.plugins.module_utils._compare.three_way import ChangedBy, changed_by

PRODUCTION, STANDBY, BOTH = ChangedBy.PRODUCTION, ChangedBy.STANDBY, ChangedBy.BOTH


def data(**values: str) -> Any:
    return {"data": values}


def annotated(**annotations: str) -> Any:
    return {"metadata": {"annotations": annotations}}


def spec(**fields: Any) -> Any:
    return {"spec": fields}


def revised(revision: str, **fields: Any) -> Any:
    """With the number of a rollout, which the target's controller counts."""
    return {**annotated(**{"deployment.kubernetes.io/revision": revision}), **spec(**fields)}


RESTORED = {"metadata": {"labels": {"velero.io/backup-name": "b"}}}

# (resource, live, this backup, the previous one, who)
TABLE: list[Any] = [
    ("configmaps", data(a="1"), data(a="2"), data(a="1"), PRODUCTION),
    ("configmaps", data(a="2"), data(a="1"), data(a="1"), STANDBY),
    ("configmaps", data(a="3"), data(a="2"), data(a="1"), BOTH),
    ("configmaps", data(a="1", b="2"), data(a="2", b="1"), data(a="1", b="1"), BOTH),  # one field each
    ("configmaps", data(a="1"), data(), data(a="1"), PRODUCTION),  # removed
    ("configmaps", data(), data(a="1"), data(a="1"), STANDBY),
    ("configmaps", data(a="1"), data(a="1", b="1"), data(a="1"), PRODUCTION),  # added
    ("configmaps", data(a="1", b="1"), data(a="1"), data(a="1"), STANDBY),
    ("configmaps", {**RESTORED, **data(a="1")}, data(a="2"), data(a="1"), PRODUCTION),
    ("secrets", data(a="MQ=="), data(a="Mg=="), data(a="MQ=="), PRODUCTION),
    # what the target keeps was changed by nobody
    ("deployments.apps", revised("7", a=1), revised("2", a=2), revised("1", a=1), PRODUCTION),
    ("deployments.apps", revised("7", a=2), revised("2", a=1), revised("1", a=1), STANDBY),
    ("services", spec(clusterIP="10.0.0.1", a=1), spec(a=2), spec(a=1), PRODUCTION),
    # merged kinds: a key that only the target has is no change
    ("namespaces", annotated(mine="m", a="1"), annotated(a="2"), annotated(a="1"), PRODUCTION),
    ("namespaces", annotated(mine="m", a="2"), annotated(a="1"), annotated(a="1"), STANDBY),
    ("namespaces", annotated(a="3"), annotated(a="2"), annotated(a="1"), BOTH),
    ("serviceaccounts", annotated(mine="m"), annotated(a="1"), annotated(), PRODUCTION),
    ("serviceaccounts", annotated(mine="m"), annotated(a="1"), annotated(a="1"), STANDBY),
    ("serviceaccounts", annotated(), annotated(a="1", b="1"), annotated(a="1"), BOTH),
]


@pytest.mark.parametrize(("resource", "live", "desired", "previous", "who"), TABLE)
def test_who_changed_it(resource: str, live: Any, desired: Any, previous: Any, who: ChangedBy) -> None:
    assert not compare(resource, live, desired).equal, "asked only for what differs"
    assert changed_by(resource, live, desired, previous) is who


@pytest.mark.parametrize(
    ("rows", "live", "desired", "previous", "who"),
    [
        (KEPT, spec(replicas=9, a=1), spec(replicas=3, a=2), spec(replicas=2, a=1), PRODUCTION),
        (KEPT, spec(replicas=9, a=2), spec(replicas=3, a=1), spec(replicas=2, a=1), STANDBY),
        (KEPT, spec(replicas=0, a=1), spec(replicas=2, a=1), spec(replicas=2, a=1), STANDBY),
        (KEPT, spec(replicas=0, a=1), spec(replicas=2, a=1), spec(replicas=0, a=1), PRODUCTION),
        (
            compile_ignored({"*": ["/spec/replicas"]}).rows("deployments.apps"),
            spec(a=1),
            spec(replicas=3, a=2),
            spec(replicas=2, a=1),
            PRODUCTION,
        ),
    ],
)
def test_what_is_left_to_the_target_was_changed_by_nobody(
    rows: Any, live: Any, desired: Any, previous: Any, who: ChangedBy
) -> None:
    assert changed_by("deployments.apps", live, desired, previous, rows) is who


def test_its_words_are_those_of_the_result() -> None:
    assert [word.value for word in ChangedBy] == ["production", "standby", "both"]
