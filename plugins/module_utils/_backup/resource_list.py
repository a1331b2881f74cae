# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Velero says is in a backup: the `<name>-resource-list.json.gz` that lies beside its content.

Velero 1.18, pkg/backup/request.go (BackupResourceList): from `group/version/Kind` to `namespace/name`. An object is in
it as soon as its backup begins, so that one whose backup failed is in the list alone. Refused as BackupError: a file
that is damaged or too large.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from .._errors import BackupError
from .._source.files import SourceFile
from .._source.local import open_regular
from .._text import printable
from .._values import BackupItem, ObjectKey
from .unzip import Limits, Unzipped

_MOST = 256 << 20
LIMITS = Limits(total=_MOST, free=_MOST)
"""A name has at most 253 bytes twice; most have some 40."""
_SHOWN = 5


def read_resource_list(file: SourceFile, limits: Limits = LIMITS) -> Iterator[ObjectKey]:
    """The keys of all objects that the backup is said to have."""
    with open(open_regular(*file), "rb") as stream:
        data = Unzipped(stream, file.where, limits).readall()
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BackupError(f"{file.where}: is damaged: it is not valid JSON") from None
    if not isinstance(found, dict):
        raise BackupError(f"{file.where}: is damaged: it is no list of resources")
    return _keys(found)


def lacking(file: SourceFile | None, items: Collection[BackupItem]) -> Iterator[str]:
    """A warning when the content does not have all that the list names: what is missing would look deleted."""
    if file is None:
        return
    there = {item.key for item in items}
    broken = {(item.key.namespace, item.key.name) for item in items if item.problem}
    missing = [key for key in read_resource_list(file) if key not in there and key[2:] not in broken]
    if missing:
        named = ", ".join(printable(str(key)) for key in sorted(missing)[:_SHOWN])
        more = ", …" if len(missing) > _SHOWN else ""
        yield f"the backup's own list names {len(missing)} objects that its content does not have: {named}{more}"


def _keys(found: dict[str, Any]) -> Iterator[ObjectKey]:
    for type_name, names in found.items():
        group_version, _slash, kind = type_name.rpartition("/")
        group = group_version.rpartition("/")[0]
        for name in names if isinstance(names, list) else []:
            if isinstance(name, str):
                namespace, _slash, last = name.rpartition("/")
                yield ObjectKey(group, kind, namespace, last)
