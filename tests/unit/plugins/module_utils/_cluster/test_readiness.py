# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the API server is ready, and for how long that is waited for."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.readiness import wait_ready
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError
from scripted import ScriptedClient

UNREADY = (
    500,
    "[+]ping ok\n[-]etcd-readiness failed: reason withheld\n[-]poststarthook/crd-informer-synced failed: not finished\n"
    "readyz check failed\n",
)
AWAY = (503, "no server is available")


def test_a_server_that_is_ready_is_asked_once() -> None:
    client = ScriptedClient()
    assert wait_ready(client) == ""
    assert client.asked == ["/readyz"]


@pytest.mark.parametrize("before", [UNREADY, AWAY, (429, ""), (502, "")])
def test_one_that_is_not_is_waited_for(before: tuple[int, str]) -> None:
    client = ScriptedClient()
    client.ready = before
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        client.ready = before if len(pauses) < 7 else (200, "ok")

    assert wait_ready(client, sleep=sleep) == ""
    assert len(client.asked) == len(pauses) + 1 == 8


def test_one_that_stays_so_is_refused_and_says_what_it_waits_for() -> None:
    client = ScriptedClient()
    client.ready = UNREADY
    with pytest.raises(ClusterError, match="the API server is not ready after 0 s") as raised:
        wait_ready(client, deadline=0)
    assert "(/readyz fails for: etcd-readiness, poststarthook/crd-informer-synced)" in str(raised.value)
    assert "reason withheld" not in str(raised.value)


@pytest.mark.parametrize(
    "answer", [(401, ""), (403, "Forbidden"), (404, "default backend"), (200, "<html>"), (500, "<html>"), AWAY]
)
def test_where_the_server_itself_does_not_say_so_nobody_knows(answer: tuple[int, str]) -> None:
    client = ScriptedClient()
    client.ready = answer
    assert wait_ready(client, deadline=0) == f"get /readyz is answered HTTP {answer[0]}"
