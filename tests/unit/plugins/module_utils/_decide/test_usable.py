# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a backup may be restored at all, by its phase."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.usable import phase_problem
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo


@pytest.mark.parametrize("phase", ["", "Completed", "PartiallyFailed"])
def test_a_backup_that_has_ended_or_of_which_nothing_is_known_is_let_through(phase):
    assert phase_problem(BackupInfo("nightly", phase=phase)) == ""


UNUSABLE = """New Queued ReadyToStart InProgress Deleting Failed FailedValidation WaitingForPluginOperations Finalizing
WaitingForPluginOperationsPartiallyFailed FinalizingPartiallyFailed completed Unheard-of"""


@pytest.mark.parametrize("phase", UNUSABLE.split())
def test_any_other_phase_is_named(phase):
    said = f"backup nightly is in phase {phase}, and only one that is Completed or PartiallyFailed can be restored"
    assert phase_problem(BackupInfo("nightly", phase=phase)).startswith(said)
