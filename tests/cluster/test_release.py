# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball of this tree, as its users have it: installed into a fresh environment it restores a backup."""

from __future__ import annotations

from pathlib import Path

from release import built, content_of, installed, restored

ROOT = Path(__file__).parents[2]


def test_the_tarball_restores_from_a_fresh_environment(tmp_path: Path) -> None:
    tarball = built(ROOT, tmp_path)
    assert {"README.md", "plugins/modules/velero_restore.py", "docs/sync.md"} <= set(content_of(tarball))
    programs = installed(tarball, ROOT / ".build/uv/bin/uv", tmp_path)
    restored(programs, tmp_path)
