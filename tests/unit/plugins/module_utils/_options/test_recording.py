# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether, where and how long a run is recorded for Velero's command line."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.recording import Recording
from options import problems_of, settings

HERE = {"name": "default", "namespace": "backups"}
ELSEWHERE = {**HERE, "kubeconfig": "/production"}


@pytest.mark.parametrize(
    ("options", "recording"),
    [
        ({}, Recording(True, "velero", 100)),
        ({"record_restore": False, "restore_history": 7}, Recording(False, "velero", 7)),
        ({"velero_namespace": ""}, Recording(True, "velero", 100)),
        ({"velero_namespace": "dr"}, Recording(True, "dr", 100)),
        # the location's namespace is Velero's on the target only where the target is that cluster
        ({"backup_location": HERE}, Recording(True, "backups", 100)),
        ({"backup_location": ELSEWHERE}, Recording(True, "velero", 100)),
        ({"backup_location": HERE, "velero_namespace": "dr"}, Recording(True, "dr", 100)),
    ],
)
def test_where_it_is_recorded(options: dict[str, Any], recording: Recording) -> None:
    file = {"backup_file": None, "backup_name": "hourly-1"} if "backup_location" in options else {}
    assert settings(**file, **options).recording == recording


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"velero_namespace": "Velero"}, "velero_namespace: 'Velero': "),
        ({"restore_history": 0}, "restore_history: 0 is not between 1 and 10000"),
        ({"restore_history": 10_001}, "restore_history: 10001 is not between 1 and 10000"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], problem: str) -> None:
    (found,) = problems_of(**options)
    assert found.startswith(problem)
