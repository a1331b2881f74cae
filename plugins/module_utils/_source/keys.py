# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Velero names the files of a backup below the bucket's prefix (pkg/persistence/object_store_layout.go)."""

from __future__ import annotations

import re

FOLDER = "backups"
METADATA = "velero-backup.json"
CONTENT = "tar.gz"
VOLUME_INFO = "volumeinfo.json.gz"
RESOURCE_LIST = "resource-list.json.gz"

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def is_backup_name(name: str) -> bool:
    """Whether Velero could have given it; what a store lists besides is nothing of Velero's."""
    return _NAME.fullmatch(name) is not None


def folder_of(name: str) -> str:
    return f"{FOLDER}/{name}"


def content_key(name: str) -> str:
    return f"{folder_of(name)}/{name}.{CONTENT}"


def metadata_key(name: str) -> str:
    return f"{folder_of(name)}/{METADATA}"
