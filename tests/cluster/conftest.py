# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cluster tests share: corners of one control plane, and the order that lets several processes end together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from controlplane import ControlPlane

if TYPE_CHECKING:
    from nightly import Corner
    from workloads import Standby

LONGEST_FIRST = (
    "test_lock.py",
    "test_soak.py",
    "test_role.py",
    "test_awx.py",
    "test_cancel.py",
    "test_killed.py",
    "test_release.py",
    "test_first_success.py",
    "test_demo.py",
    "test_policies.py",
    "test_replay.py",
    "test_canary.py",
    "test_delta.py",
    "test_check_mode.py",
    "test_histories.py",
    "test_recreate.py",
)
"""Files go to the test processes whole, in this order, then all others: a long one at the end would be waited for."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts files, and leaves the order within each."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture
def corner(shared_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    """Namespaces of the test's own on the control plane that many files share."""
    from nightly import Corner  # imports the Kubernetes client, before which the user's environment has to go

    return Corner.of(shared_controlplane, tmp_path, request.node.nodeid)


@pytest.fixture
def standby(
    shared_live_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Standby]:
    """Namespaces of the test's own that sleep and wake, with the controllers at work; in the end nothing is active."""
    from workloads import Standby, end_activation  # as above

    made = Standby.of(shared_live_controlplane, tmp_path, request.node.nodeid)
    yield made
    end_activation(made)


@pytest.fixture
def node(shared_live_controlplane: ControlPlane) -> Iterator[None]:
    """The cluster has a Node, so that Pods may become ready."""
    from scenes import put, remove  # as above
    from workloads import NODE

    put(shared_live_controlplane, NODE)
    yield
    remove(shared_live_controlplane, NODE)
