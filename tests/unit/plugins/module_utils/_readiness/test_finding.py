# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verdict out of many findings, and what the user lives with."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._readiness.finding import Accepted, Finding, Readiness
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import ReadinessReason

BLOCK = Finding(ReadinessReason.MOUNT_MISSING, "Secret shop/tls")
DOUBT = Finding(ReadinessReason.CHECK_FAILED, "Check mounts")
NOTE = Finding(ReadinessReason.WEBHOOK_OUTSIDE, "ValidatingWebhookConfiguration policy, webhook a")


@pytest.mark.parametrize(
    ("findings", "accept", "verdict"),
    [
        ((), (), "ready"),
        ((NOTE,), (), "ready"),
        ((DOUBT, NOTE), (), "unknown"),
        ((NOTE, DOUBT, BLOCK), (), "not_ready"),
        ((BLOCK,), ("mount_missing",), "ready"),
        ((BLOCK,), ("mount_missing/Secret shop/tls",), "ready"),
        ((BLOCK,), ("mount_missing/Secret shop/*",), "ready"),
        ((BLOCK,), ("mount_missing/Secret bank/*",), "not_ready"),
        ((BLOCK,), ("mount_missing/tls",), "not_ready"),
        ((BLOCK,), ("claim_lost",), "not_ready"),
        ((BLOCK, DOUBT), ("mount_missing",), "unknown"),
        ((BLOCK, DOUBT), ("mount_missing", "check_failed"), "ready"),
    ],
)
def test_what_blocks_outweighs_what_is_not_known(
    findings: tuple[Finding, ...], accept: tuple[str, ...], verdict: str
) -> None:
    assert Readiness({"a": findings[:1], "b": findings[1:]}, accepted=Accepted(accept)).verdict.value == verdict


def test_an_entry_that_begins_with_no_reason_is_refused() -> None:
    accepted = Accepted(("mount_missing", "mount_missing/Secret a/b", "missing", "Secret/mount_missing"))
    assert list(accepted.problems()) == [f"{entry!r} begins with no reason" for entry in accepted.entries[2:]]


def test_a_message_holds_nothing_that_steers_a_terminal() -> None:
    assert Finding(ReadinessReason.CLASS_MISSING, "StorageClass a\x1b[2J").message.startswith("StorageClass a\\x1b[2J")
