# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: a world without the user's clusters, control planes of their own, and no test left out."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

import controlplane as support

ENVIRONMENT = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported (the Kubernetes client reads KUBECONFIG then), the user's environment goes."""
    config.stash[ENVIRONMENT] = dict(os.environ)
    private = support.private_environment(Path(tempfile.mkdtemp(prefix="home-")))
    # the cache with the binaries is below the user's home; unit tests do without
    with contextlib.suppress(support.ControlPlaneError):
        private["KUBEBUILDER_ASSETS"] = str(support.assets())
    os.environ.clear()
    os.environ.update(private)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Gives the environment back and removes the home that the tests had."""
    if ENVIRONMENT not in config.stash:
        return
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)
    os.environ.clear()
    os.environ.update(config.stash[ENVIRONMENT])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Any:
    """A test that is skipped, or expected to fail, has shown nothing: it fails."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped or expected to fail, and no test may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Any:
    """The same for a whole file."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def shared_controlplane() -> Iterator[support.ControlPlane]:
    """One cluster for all tests that keep to namespaces, names and a state namespace of their own; no controllers.

    At rest: what its API server stores on its own after a start is stored.
    """
    from scenes import settled  # imports the Kubernetes client, before which the user's environment has to go

    with support.ControlPlane() as cluster:
        settled(cluster)
        yield cluster


@pytest.fixture(scope="session")
def shared_live_controlplane() -> Iterator[support.ControlPlane]:
    """The same with kube-controller-manager."""
    with support.ControlPlane(controller_manager=True) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def controlplane() -> Iterator[support.ControlPlane]:
    """A fresh cluster for each test file, without controllers. One that does not start is an error, never a skip."""
    with support.ControlPlane() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def live_controlplane() -> Iterator[support.ControlPlane]:
    """The same with kube-controller-manager: what is stored gets children, defaults and garbage collection."""
    with support.ControlPlane(controller_manager=True) as cluster:
        yield cluster
