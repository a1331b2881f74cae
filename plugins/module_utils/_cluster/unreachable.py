# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a request from being answered, in words that say what to check."""

from __future__ import annotations

from contextlib import suppress

from .._errors import Unreachable

with suppress(ImportError):  # see connect.missing_package
    from urllib3.exceptions import MaxRetryError, ReadTimeoutError, SSLError

CONNECT_SECONDS = 15.0
READ_SECONDS = 90.0  # an API server ends a request of its own after 60 s


def unreachable(host: str, error: Exception) -> Unreachable:
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, ReadTimeoutError):
        return Unreachable(f"{host} did not answer within {READ_SECONDS:.0f} s", reason="timeout")
    if isinstance(cause, SSLError):
        return Unreachable(
            f"{host}: the TLS certificate does not verify; give its authority with ca_cert (or in the kubeconfig)",
            reason="tls",
        )
    return Unreachable(
        f"{host} cannot be reached ({type(cause).__name__}); check host, proxy and network", reason="network"
    )
