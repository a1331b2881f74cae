# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup taken on one version of Kubernetes, restored onto another, older or newer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from build import versions
from controlplane import ControlPlane
from production import DEFAULTED, KINDS, between, dropped_by, restore, stored, take_backup, told
from restoring import views
from scenes import settled, watch

CONTROLLED = frozenset(("replicasets.apps", "pods"))
"""What was made along with its workload is its controller's from then on, and not looked at again."""


def still(fields: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of objects that are looked at in each run."""
    return {one for one in fields if one[0] not in CONTROLLED}


@pytest.fixture(scope="session")
def backup_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The backup of production on a version, taken once."""
    taken: dict[str, Path] = {}

    def backup(version: str) -> Path:
        if version not in taken:
            taken[version] = take_backup(tmp_path_factory.mktemp("backup") / "all.tar.gz", version)
        return taken[version]

    return backup


@pytest.mark.parametrize(("source", "target"), tuple(permutations(versions(), 2)))
def test_it_is_in_sync_after_the_first_run_and_not_written_again(backup_of, source, target, record_across):
    backup = backup_of(source)
    dropped, filled = dropped_by(target, source), between(DEFAULTED, source, target)
    missing = dict(between(KINDS, target, source))
    with ControlPlane(controller_manager=True, kubernetes=target) as standby:
        assert standby.api("GET", "/version")[1]["gitVersion"] == f"v{target}"
        settled(standby)

        checked = restore(watch(standby.kubeconfig), backup, set(), check=True)
        unserved = [one for one in views(checked) if one.reason is Reason.NOT_SERVED]
        assert {one.key.kind for one in unserved} == set(missing.values())
        assert all(f"{target}" in one.message and "excluded_resources" in one.message for one in unserved)

        first = restore(watch(standby.kubeconfig), backup, missing)
        assert not [one for one in views(first) if one.outcome is Outcome.FAILED]
        assert in_sync(first.done, False)
        assert told(first, "dropped") == dropped
        assert told(first, "filled in") == filled

        settled(standby)
        watched = watch(standby.kubeconfig)
        second = restore(watched, backup, missing)
        assert stored(watched) == []
        assert not changed(second.done)
        assert in_sync(second.done, False)
        assert still(told(second, "dropped")) == still(dropped)
        assert told(second, "filled in") == filled
    created = sum(one.outcome is Outcome.CREATED for one in views(first))
    record_across(source, target, created, len(missing), len(dropped), len(filled), len(stored(watched)))
