# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hourly job of a platform team: production's bucket with a backup for each hour of a story, the standby clusters,
and an inventory of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from backups import Backup
from controlplane import ControlPlane
from playing import Job, Played, Player
from stores import FIRST_HOUR, S3, files_of, option

Body = dict[str, Any]

SOURCE = {"metadata": {"uid": "production-1"}}
BRACES = "{{ lookup('pipe', 'id') }}"
API_KEY, SECRET_KEY = "canary-api-key-of-b", "canary-key-of-the-bucket"
"""Of this file alone: the argument lists of all processes are looked through."""
NOW = (datetime.now(timezone.utc) - FIRST_HOUR).total_seconds() / 3600
"""Hours since the first of the test's backups could be: ages are real."""


def contents(**config_maps: str) -> bytes:
    """A backup of production with these ConfigMaps, each of one value."""
    backup = Backup().add("namespaces", "", "kube-system", SOURCE).add("namespaces", "", "shop")
    for name, value in config_maps.items():
        backup.add("configmaps", "shop", name.replace("_", "-"), {"data": {"of": value}})
    secret = {"apiVersion": "v1", "kind": "Secret", "data": {"password": "Y2FuYXJ5LXZhbHVl"}}
    return backup.add("secrets", "shop", "creds", secret).bytes()


def hourly(hour: int, data: bytes, **said: Any) -> dict[str, bytes]:
    """The files of the backup of that hour of the story, whose last hour is now."""
    return files_of(f"hourly-{hour:02}", NOW - 9 + hour, data, **said)


class Standby:
    """One cluster, the bucket of production, and the inventory of whoever looks after them."""

    def __init__(self, target: ControlPlane, player: Player, s3: S3) -> None:
        self.target, self.player, self.s3 = target, player, s3

    def inventory(self, *hosts: str) -> Body:
        """Host standby-a is the cluster; standby-b does not answer."""
        known = {
            "standby-a": {"restore_kubeconfig": str(self.target.kubeconfig)},
            "standby-b": {"restore_host": "https://127.0.0.1:1", "restore_api_key": API_KEY},
        }
        variables = {
            "restore_backup_store": option(self.s3.url, secret_key=SECRET_KEY),
            "restore_schedule_name": "hourly",
            "restore_max_backup_age": "24h",
            "restore_excluded_namespaces": ["kube-system"],
            "sync_verify_delay": 1,
        }
        return {"all": {"hosts": {host: known[host] for host in hosts or ("standby-a",)}, "vars": variables}}

    def sync(self, *arguments: str, hosts: tuple[str, ...] = (), **variables: Any) -> Played:
        """A run of the hourly job."""
        return self.player.book("sync", self.inventory(*hosts), *arguments, **variables)

    def drift(self, *arguments: str, hosts: tuple[str, ...] = (), **variables: Any) -> Played:
        """How far it is."""
        return self.player.book("drift", self.inventory(*hosts), *arguments, **variables)

    def job(self, **variables: Any) -> Job:
        """The hourly job in AWX."""
        return self.player.job("sync", self.inventory(), **variables)

    def write(self, name: str, value: str) -> None:
        """Somebody changes a ConfigMap on the standby."""
        path = f"/api/v1/namespaces/shop/configmaps/{name}"
        status, answer = self.target.api("PATCH", path, {"data": {"of": value}}, "application/merge-patch+json")
        assert status == 200, answer

    def config_maps(self) -> dict[str, str]:
        """Names -> values, of those that were restored."""
        status, answer = self.target.api("GET", "/api/v1/namespaces/shop/configmaps")
        assert status == 200, answer
        return {body["metadata"]["name"]: body["data"]["of"] for body in answer["items"] if "of" in body["data"]}


def table(played: Played | Job) -> list[str]:
    """The lines of the table in the end, the head first."""
    told = played.output[played.output.rindex("TASK [Tell how all standbys are]") :]
    return re.findall(r'(?m)^        "(.*?)",?$', told)


def changed(played: Played | Job) -> int:
    (number,) = re.findall(r"standby-a .*changed=(\d+)", played.output)
    return int(number)


@contextmanager
def standby_of(target: ControlPlane, folder: Path) -> Iterator[Standby]:
    """With a bucket that is empty still."""
    with S3() as s3:
        yield Standby(target, Player(target, folder), s3)
