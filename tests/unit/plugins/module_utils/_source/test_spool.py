# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary files that nobody has to remove."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceError
from ansible_collections.standby.velero.plugins.module_utils._source import spool
from ansible_collections.standby.velero.plugins.module_utils._source.spool import check_space, spooled


def test_a_file_has_no_name_and_is_read_by_its_path(tmp_path: Path) -> None:
    with spooled(str(tmp_path)) as (file, path):
        file.write(b"content")
        file.flush()
        assert list(tmp_path.iterdir()) == []
        with open(path, "rb") as again:
            assert again.read() == b"content"
            assert os.fstat(again.fileno()).st_mode & 0o777 == 0o600
    assert file.closed


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"no temporary file can be made in {tmp_path}/none: No such file"):
        spooled(f"{tmp_path}/none").__enter__()


def test_what_the_disk_cannot_hold_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"s3://b/x: has 1000000000000\.0 MB, and .* free; make room there"):
        check_space(str(tmp_path), 10**18, "s3://b/x")


def test_some_room_is_left_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_space(str(tmp_path), 1, "x")
    monkeypatch.setattr(spool, "RESERVE", 10**18)
    with pytest.raises(SourceError, match="free"):
        check_space(str(tmp_path), 1, "x")
