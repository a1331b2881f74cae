# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of a target's plans in its namespace: read by each run, made by the first that writes, under its lock."""

from __future__ import annotations

import secrets

from .._cluster.client import Client
from .._errors import AbsenceUnproven, AlreadyExists, ClusterError, Forbidden, NotFound, Unreachable
from .._inventory.plan_key import NAME, key_of, secret_of
from .._kinds import SECRET

_BYTES = 32
_RIGHTS = "a run needs get and create on secrets there; docs/rights.md has a Role"


class PlanKeyStore:
    """The Secret with the key. A dry run reads it and makes none."""

    def __init__(self, client: Client, namespace: str, dry_run: bool = False) -> None:
        self.warnings: tuple[str, ...] = ()
        self._client = client
        self._namespace = namespace
        self._dry_run = dry_run
        self._missing = False

    def load(self) -> str:
        """The key, empty when there is none. A StateError when it is damaged, a ClusterError when it may not be read.

        That there is none only the API server may say: else a plan would seem to be another one.
        """
        try:
            return key_of(self._client.get(SECRET, self._namespace, NAME))
        except NotFound:
            self._missing = True
            return ""
        except (AbsenceUnproven, Forbidden) as error:
            raise type(error)(f"{self._place} cannot be read: {error}{_rights(error)}") from error

    def make(self) -> None:
        """Makes a key for the runs after this one, where `load` found none; a ClusterError when it may not be."""
        if not self._missing or self._dry_run:
            return
        key = secrets.token_hex(_BYTES)
        try:
            self._client.create(SECRET, self._namespace, secret_of(key, self._namespace))
        except AlreadyExists:
            self._there(key)
        except Unreachable:
            raise
        except ClusterError as error:
            raise ClusterError(f"{self._place} cannot be made: {error}{_rights(error)}", status=error.status) from error

    def _there(self, key: str) -> None:
        """Ours, when the answer to a first attempt got lost; else somebody made it in spite of the lock."""
        if key_of(self._client.get(SECRET, self._namespace, NAME)) != key:
            self.warnings = (f"{self._place} was made by somebody else while this run held the lock",)

    @property
    def _place(self) -> str:
        return f"Secret {self._namespace}/{NAME}, the key of the target's plans,"


def _rights(error: ClusterError) -> str:
    return f"; {_RIGHTS}" if isinstance(error, Forbidden) else ""
