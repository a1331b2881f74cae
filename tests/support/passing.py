# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection before the client's own, which hands each request on; tests override `send` to watch or to meddle."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any


class Passing:
    """Stands for a Connection. Its guarded view shares all that it keeps, but for what is no object of its own."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.verifies_tls = connection.verifies_tls
        self.server = connection.server

    def guarded(self, may_send: Callable[[], bool]) -> Any:
        """The same, before the guarded view of the connection."""
        view = copy(self)
        view._connection = self._connection.guarded(may_send)
        return view

    def until(self, stopping: Any, settles: bool) -> Any:
        """The same for a run that may have to end."""
        view = copy(self)
        view._connection = self._connection.until(stopping, settles)
        return view

    def once(self) -> Any:
        """The same, which sends once only what time does not mend."""
        view = copy(self)
        view._connection = self._connection.once()
        return view

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        """Hands the request on as it is."""
        return self._connection.send(method, path, body, **how)

    def probe(self, path: str) -> tuple[int, str]:
        """Hands the question on."""
        return self._connection.probe(path)
