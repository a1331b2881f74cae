# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault at one request of a run: a sample of tests/faults, which `make faults` runs whole.

Every EVERYth case of a list whose order never changes. It is a prime, so that each fault meets each scene at either
concurrency; that it reaches them all is a test too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from controlplane import ControlPlane

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

EVERY = 29


@pytest.fixture(scope="module")
def ended(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> list:
    """What came of the sample."""
    import faulting

    folder = tmp_path_factory.mktemp("faults")
    chosen = list(faulting.cases(controlplane, folder))[::EVERY]
    return [faulting.run(controlplane, folder, case) for case in chosen]


def test_the_sample_has_each_fault_in_each_scene_at_either_concurrency(ended):
    import faulting

    met = {(one.case.fault, one.case.scene) for one in ended}
    assert met == {(fault, scene) for fault in faulting.FAULTS for scene in faulting.SCENES}
    assert {one.case.concurrency for one in ended} == set(faulting.CONCURRENCY)


def test_the_next_run_makes_good_whatever_one_fault_has_left(ended):
    assert [f"{one.case}: {one.problem}" for one in ended if one.problem] == []


def test_most_faults_that_pass_are_not_seen_in_the_result(ended):
    passing = [one for one in ended if one.case.fault in ("reset before", "reset after", "429", "503", "slow")]
    assert {one.first for one in passing} == {"fine"}
