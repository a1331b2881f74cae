# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user says of where a backup is; read from the options by `_options`, nothing is looked up here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VELERO_NAMESPACE = "velero"
REQUEST_SECONDS = 60
"""How long Velero's own command line waits for a DownloadRequest."""

REQUESTED = (
    "DownloadRequests were created where Velero runs, and removed again: there is no other way to read a backup of a"
    " location, in check mode either"
)
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def is_endpoint(url: str) -> bool:
    """Whether it is the URL of a store's API, without credentials in it."""
    return _ENDPOINT.fullmatch(url) is not None


@dataclass(frozen=True)
class StorePlace:
    """A folder or bucket in Velero's layout. Empty texts say that the environment counts."""

    scheme: str
    """file, s3, gs or az."""
    bucket: str = ""
    prefix: str = ""
    folder: str = ""
    """Of a file URL."""
    endpoint: str = ""
    region: str = ""
    path_style: bool | None = None
    ca_cert: str = ""
    """A path, or the certificates themselves in PEM."""
    validate_certs: bool = True
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    account: str = ""
    credentials_file: str = ""

    @property
    def where(self) -> str:
        """As messages name it."""
        if self.scheme == "file":
            return f"file://{self.folder}"
        return "/".join(filter(None, (f"{self.scheme}://{self.bucket}", self.prefix)))


@dataclass(frozen=True)
class LocationPlace:
    """A BackupStorageLocation on a cluster where Velero runs."""

    name: str
    namespace: str = VELERO_NAMESPACE
    timeout: int = REQUEST_SECONDS
    """Seconds that Velero has to answer one DownloadRequest."""
    connection: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Options of its own, by kubernetes.core's names; empty: the target is that cluster."""

    @property
    def where(self) -> str:
        """As messages name it."""
        return f"BackupStorageLocation {self.namespace}/{self.name}"


@dataclass(frozen=True)
class SourceSettings:
    """Which backup, and where it is: one of file, store and location."""

    file: str = ""
    store: StorePlace | None = None
    location: LocationPlace | None = None
    backup_name: str = ""
    """Empty when the file's name, or the schedule, tells it."""
    schedule_name: str = ""
    allow_partially_failed: bool = False
    metadata_file: str = ""
    """Empty unless it is named."""
