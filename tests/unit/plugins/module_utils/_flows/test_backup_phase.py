# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore refuses by itself: here there is no target that could be asked for anything."""

from __future__ import annotations

import json

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import PreflightError, UnusableBackupError
from ansible_collections.standby.velero.plugins.module_utils._flows.restore import restore
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._report.velero_results import phase_of
from backups import Backup


class NoTarget:
    """A client that no request may be made with."""

    def until(self, _stopping, **_how):
        return self

    def __getattr__(self, name):
        raise AssertionError(f"the target was asked: {name}")


def a_backup(folder, name, phase=None):
    """With its metadata beside it, unless no phase is given."""
    folder = folder / name
    folder.mkdir()
    if phase is not None:
        status = {"phase": phase} if phase else {}
        body = {"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": name}, "status": status}
        (folder / "velero-backup.json").write_text(json.dumps(body))
    return Backup().add("configmaps", "shop", "app").write(folder / f"{name}.tar.gz")


def run(backup, check=False, **options):
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    settings = settings_of({**params, "backup_file": str(backup), **options}, check, False)
    return restore(settings, NoTarget(), tmpdir="")


@pytest.mark.parametrize(("phase", "named"), [("Failed", "Failed"), ("InProgress", "InProgress"), ("", "New")])
@pytest.mark.parametrize("check", [False, True], ids=["for real", "check mode"])
def test_a_backup_that_is_not_usable_is_refused_before_the_target_is_asked(tmp_path, phase, named, check):
    with pytest.raises(PreflightError, match=f"backup nightly is in phase {named}, and only") as caught:
        run(a_backup(tmp_path, "nightly", phase), check)
    assert phase_of(caught.value) == "FailedValidation"


@pytest.mark.parametrize("phase", ["Completed", "PartiallyFailed", None])
def test_a_usable_backup_and_one_without_metadata_are_restored(tmp_path, phase):
    with pytest.raises(AssertionError, match="the target was asked"):
        run(a_backup(tmp_path, "nightly", phase))


def test_an_earlier_backup_that_is_compared_with_may_have_any_phase(tmp_path):
    earlier = a_backup(tmp_path, "earlier", "Failed")
    with pytest.raises(AssertionError, match="the target was asked"):
        run(a_backup(tmp_path, "nightly", "Completed"), previous_backup_file=str(earlier))


def test_other_refusals_are_failures_of_the_run():
    assert phase_of(PreflightError(["older"])) == "Failed"
    assert phase_of(UnusableBackupError(["unfinished"])) == "FailedValidation"
