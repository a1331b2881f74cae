# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook readiness as a platform team runs it: several standbys, one verdict each, one table, and nothing written."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from controlplane import ControlPlane
from nightly import Corner
from playing import Played, Player

Body = dict[str, Any]
STARTED = f"{datetime.now(timezone.utc) - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"


class Fleet:
    """A standby that is in step, the same one asked about a Secret that it lacks, and one that cannot be reached."""

    def __init__(self, corner: Corner, player: Player) -> None:
        self.corner, self.target, self.player = corner, corner.target, player
        self.complete = corner.backup(3, corner.config_map("app"), self.deployment("app"), started=STARTED)
        self.lacking = corner.backup(4, corner.config_map("app"), self.deployment("gone"), started=STARTED)
        corner.restore(self.complete, controlled_objects="skip", label_unchanged=False)

    def deployment(self, config_map: str) -> Body:
        container = {
            "name": "main",
            "image": "registry.example.org/web:1",
            "envFrom": [{"configMapRef": {"name": config_map}}],
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": self.corner.namespace, "uid": "web"},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
            },
        }

    def ask(self, *hosts: str, **variables: Any) -> Played:
        here = {"restore_kubeconfig": str(self.target.kubeconfig)}
        known = {
            "berlin": {**here, "restore_backup_file": str(self.complete)},
            "oslo": {**here, "restore_backup_file": str(self.lacking)},
            "rome": {
                "restore_host": "https://127.0.0.1:1",
                "restore_api_key": "nobody",
                "restore_backup_file": str(self.complete),
            },
        }
        common = {"restore_max_backup_age": "4h", "restore_state_namespace": f"{self.corner.namespace}-asked"}
        inventory = {"all": {"hosts": {host: known[host] for host in hosts}, "vars": common}}
        return self.player.book("readiness", inventory, **variables)


@pytest.fixture(scope="module")
def fleet(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    folder: Path = tmp_path_factory.mktemp("fleet")
    return Fleet(Corner.of(controlplane, folder, "fleet"), Player(controlplane, folder))


def table(played: Played) -> list[str]:
    """The lines of the table in the end, the head first."""
    told = played.output[played.output.rindex("TASK [Tell which standbys could take over]") :]
    return re.findall(r'(?m)^        "(.*?)",?$', told)


@pytest.fixture(scope="module")
def asked(fleet: Fleet) -> Played:
    return fleet.ask("berlin", "oslo", "rome")


def test_each_standby_has_its_verdict_and_one_that_does_not_answer_hides_no_other(asked: Played) -> None:
    head, berlin, oslo, rome = table(asked)
    assert head.split("  ")[0] == "host"
    assert re.match(r"berlin  nightly-03  3h\S*  +ready      0        nothing$", berlin)
    assert re.match(r"oslo    nightly-04  3h\S*  +not ready  2        Backup nightly-04 is not on the standby", oslo)
    assert re.match(r"rome    nightly-03  3h\S*  +unknown    -        .*127\.0\.0\.1", rome)


def test_the_job_is_red_where_a_standby_could_not_take_over_or_nobody_can_tell(asked: Played) -> None:
    assert asked.code == 2
    assert re.search(r"berlin .*failed=0 ", asked.output)
    assert re.search(r"oslo .*failed=1 ", asked.output)
    assert re.search(r"rome .*failed=1 ", asked.output)
    assert f"ConfigMap {namespace(asked)}/gone is used by Pods and is not on the standby" in asked.output


def namespace(played: Played) -> str:
    (found,) = set(re.findall(r"ConfigMap (t-\w+)/gone", played.output))
    return found


def test_nothing_is_written_not_even_a_lock(asked: Played, fleet: Fleet) -> None:
    assert asked.code == 2
    assert fleet.target.api("GET", f"/api/v1/namespaces/{fleet.corner.namespace}-asked")[0] == 404
    assert re.findall(r"changed=(\d+)", asked.output) != []


def test_a_reason_that_one_lives_with_is_told_and_the_standby_is_ready(fleet: Fleet) -> None:
    accept = ["mount_missing/ConfigMap */gone", "out_of_sync"]
    played = fleet.ask("oslo", restore_readiness_accept=accept)
    assert played.code == 0
    assert "/gone is used by Pods and is not on the standby" in played.output


def test_a_backup_that_is_too_old_is_one_reason_among_others_and_what_is_red_is_the_user_s_to_say(fleet: Fleet) -> None:
    played = fleet.ask("oslo", restore_max_backup_age="1h", readiness_fail="never")
    assert played.code == 0
    assert " not ready  3 " in table(played)[1]
    assert "Backup nightly-04 is older than it may be" in table(played)[1]
