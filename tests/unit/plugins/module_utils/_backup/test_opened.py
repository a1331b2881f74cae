# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A backup out of its files, wherever these came from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.files import BackupFiles, SourceFile
from ansible_collections.standby.velero.plugins.module_utils._source.spool import spooled
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import VolumeData
from stores import content, metadata


def file(folder: Path, name: str, data: bytes) -> SourceFile:
    (folder / name).write_bytes(data)
    return SourceFile(str(folder / name), f"s3://velero/{name}")


def test_every_file_of_a_source_is_used(tmp_path: Path) -> None:
    volumes = json.dumps([{"pvName": "pv-1", "backupMethod": "NativeSnapshot"}]).encode()
    files = BackupFiles(
        "b1",
        file(tmp_path, "a", content("app")),
        file(tmp_path, "b", metadata("b1", 3, phase="PartiallyFailed")),
        file(tmp_path, "c", gzip.compress(volumes)),
        file(tmp_path, "d", gzip.compress(b'{"v1/ConfigMap": ["shop/app", "shop/lost"]}')),
        ("b2 was passed over",),
    )
    with opened(files, str(tmp_path)) as backup:
        assert (backup.info.name, backup.info.schedule, backup.info.objects) == ("b1", "hourly", 1)
        assert backup.volumes == {"pv-1": VolumeData.NATIVE_SNAPSHOT}
        assert backup.warnings == (
            "b2 was passed over",
            "backup b1 is PartiallyFailed, not Completed",
            "the backup's own list names 1 objects that its content does not have: ConfigMap shop/lost",
        )


def test_files_without_a_name_serve_as_well(tmp_path: Path) -> None:
    with spooled(str(tmp_path)) as (spool, path):
        spool.write(content("app"))
        spool.seek(0)
        with opened(BackupFiles("b1", SourceFile(path, "s3://velero/x")), str(tmp_path)) as backup:
            assert [item.key.name for item in backup.content.items] == ["app"]
            assert (backup.info.phase, backup.volumes, backup.warnings) == ("", {}, ())


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a", content("app")[:-20], "s3://velero/a: is truncated: the gzip data ends too early"),
        ("a", content("app")[:-8] + b"\0" * 8, "s3://velero/a: is damaged: the gzip data is corrupt"),
        ("b", b"{", "s3://velero/b: is damaged: it is not valid JSON"),
        ("b", metadata("other"), "s3://velero/b: is of backup other, not of b1"),
        ("c", b"no gzip", "s3://velero/c: is not a gzip file"),
        ("d", gzip.compress(b"[]"), "s3://velero/d: is damaged: it is no list of resources"),
    ],
)
def test_a_damaged_file_is_called_by_where_it_came_from(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    good = {"a": content("app"), "b": metadata("b1"), "c": gzip.compress(b"[]"), "d": gzip.compress(b"{}")}
    files = [file(tmp_path, one, data if one == name else fine) for one, fine in good.items()]
    with pytest.raises(BackupError, match=f"^{said}"):
        opened(BackupFiles("b1", *files), str(tmp_path)).__enter__()
