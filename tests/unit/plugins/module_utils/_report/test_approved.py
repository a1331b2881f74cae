# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of an approved plan read again, and what is no such report."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.approval import ApprovedPlan, ApprovedWrite
from ansible_collections.standby.velero.plugins.module_utils._decide.plan_digest import PlanDigest, PlanKeys
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import PlannedWrite
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._report.approved import read_plan, with_report
from ansible_collections.standby.velero.plugins.module_utils._report.file import write
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

NOW = datetime(2026, 11, 24, 3, tzinfo=timezone.utc)
KEYS = [ObjectKey("apps", "Deployment", "shop", name) for name in ("api", "web", "line\\n")]
WRITES = tuple(PlannedWrite(key, Action.UPDATE, key.name.encode()) for key in KEYS)


def plan(*writes: PlannedWrite) -> PlanDigest:
    return PlanDigest("b1", b"tar", writes, PlanKeys(Keys("k" * 32)))


def report(folder: Path, of: PlanDigest | None) -> str:
    path = folder / "plan.json"
    write(str(path), Run("r", "b1", "update", (), NOW, NOW, plan=of, warnings=('"plan": {',)), diff=[], privileged=[])
    return str(path)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_report_tells_the_plan_and_each_write_of_it(tmp_path: Path, count: int) -> None:
    this = plan(*WRITES[:count])
    told = read_plan(report(tmp_path, this))
    assert (told.hash, told.backup, told.parts) == (this.hash, "b1", this.parts)
    assert told.objects == {one.key: ApprovedWrite("update", digest) for one, digest in this.objects()}


def test_it_is_added_to_what_was_approved(tmp_path: Path) -> None:
    this = plan(*WRITES)
    found = with_report(ApprovedPlan(this.hash), report(tmp_path, this))
    assert found is not None
    assert (found.backup, found.parts, len(found.objects or {})) == ("b1", this.parts, 3)


@pytest.mark.parametrize("approved", [None, ApprovedPlan("0" * 64)])
def test_without_a_path_nothing_is_read(approved: ApprovedPlan | None) -> None:
    assert with_report(approved, "") is approved


def test_the_report_of_another_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"approved_plan_report: .* is the report of another plan than"):
        with_report(ApprovedPlan(plan().hash), report(tmp_path, plan(*WRITES)))


HEAD = '{\n"plan": {"backup": "b1", "hash": "00", "parts": {}, "objects": ['


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[" * 100_000,
        "{}\n" * 3,
        HEAD,
        HEAD + '\n{"group": ""}\n]',
        HEAD + '\n{"group": 1, "kind": "", "namespace": "", "name": "", "action": "", "digest": ""}\n]',
        HEAD.replace('"00"', "0") + "\n]",
        HEAD.replace("{}", '{"a": 1}') + "\n]",
        HEAD.replace('"parts": {}', '"parts": []') + "\n]",
        HEAD.replace('"backup": "b1", ', "") + "\n]",
        HEAD + "\n" + "[" * 100_000 + "\n]",
        HEAD + "x" * (1 << 21),
        "\xff\xfe",
    ],
    ids=range(14),
)
def test_what_is_no_report_with_a_plan_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(
        SettingsError, match=r"approved_plan_report: .*odd\.json is not the report of a run with a plan"
    ):
        read_plan(str(path))


def test_the_report_of_a_run_without_a_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not the report of a run with a plan"):
        read_plan(report(tmp_path, None))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json cannot be read: No such file"):
        read_plan(str(tmp_path / "none.json"))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_plan(str(tmp_path))


def test_a_pipe_keeps_no_run_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="approved_plan_report"):
        read_plan(str(tmp_path / "pipe"))
