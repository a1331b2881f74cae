# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found on a target of which the inventory is lost, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, Unauthorized, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._inventory.comparable import last_followed
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._plan.rebuilt import Rebuilt, rebuilt
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import planned_delta
from planning import backup_of, context_for, live, uid_of
from scripted import Body, ScriptedClient, body_of

SHOP = live(body_of("Namespace", "shop"), None)
LABELS = {"velero.io/backup-name": "hourly-20261124020000", "velero.io/restore-name": "nightly"}
VALUES = tuple(LABELS.values())
APP = body_of("ConfigMap", "app")


def found(folder: Path, *objects: Body, **options: object) -> Rebuilt:
    with context_for(folder, backup_of(SHOP), ScriptedClient(SHOP, *objects, **options)) as context:
        return rebuilt(context)


def test_what_bears_the_labels_of_a_restore_is_taken_with_its_uid(tmp_path: Path) -> None:
    theirs = [
        live(body_of("ConfigMap", "theirs"), None),
        live(body_of("Secret", "half"), {"velero.io/backup-name": "b"}),
    ]
    [part] = found(tmp_path, live(APP, LABELS), *theirs).inventory
    assert {key.name: entry for key, entry in part.entries.items()} == {
        "app": InventoryEntry(uid_of(APP), "", "shop", labels=VALUES)
    }
    assert (part.scope.rebuilt, part.scope.labels, part.scope.backup.name) == (True, VALUES, VALUES[0])


def test_each_restore_has_a_part_of_its_own(tmp_path: Path) -> None:
    other = {**LABELS, "velero.io/restore-name": "by-hand"}
    inventory = found(tmp_path, live(APP, LABELS), live(body_of("Secret", "app"), other)).inventory
    assert [part.scope.labels[1] for part in inventory] == ["by-hand", "nightly"]


def test_what_a_controller_made_of_it_is_not_taken(tmp_path: Path) -> None:
    """EndpointSlices have the labels of their Service."""
    owner = {"ownerReferences": [{"kind": "Service", "uid": "s", "controller": True}]}
    assert found(tmp_path, live(APP, LABELS, metadata=owner)).inventory == ()


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("hourly-20261124020000", "hourly"),
        ("hourly-2026112402", ""),
        ("hourly", ""),
        ("other-20261124020000", ""),
        ("hourly-b-20261124020000", ""),
    ],
)
def test_a_backup_is_of_the_schedule_that_it_is_called_after(tmp_path: Path, name: str, schedule: str) -> None:
    [part] = found(tmp_path, live(APP, {**LABELS, "velero.io/backup-name": name})).inventory
    assert part.scope.backup.schedule == schedule


def test_what_is_found_is_kept_and_no_backup_is_compared_with_it(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, live(APP, LABELS))
    with context_for(tmp_path, backup_of(SHOP), client, state_key=["k" * 32]) as context:
        inventory = rebuilt(context).inventory
        assert last_followed(inventory, context.backup.info, context.scope.selection) is None
        delta = planned_delta(context, inventory, ())
    assert [one.keep.value for one in delta.prune.objects if one.keep] == ["rebuilt"]
    assert next(stop.reason.value for stop in delta.prune.stops) == "no_previous"


def test_types_that_cannot_be_listed_are_told(tmp_path: Path) -> None:
    paths = ("configmaps", "secrets", "services", "serviceaccounts", "pods", "persistentvolumeclaims")
    refused = {f"/api/v1/{plural}": Forbidden("no list") for plural in paths}
    told = found(tmp_path, answers=refused).problems
    assert told[0] == "configmaps: no list"
    assert (len(told), told[-1]) == (6, "1 more types")


@pytest.mark.parametrize("kind", [Unreachable, Unauthorized])
def test_a_target_that_does_not_answer_ends_it(tmp_path: Path, kind: type[Exception]) -> None:
    client = ScriptedClient(SHOP)
    with context_for(tmp_path, backup_of(SHOP), client) as context:
        client.answers["/api/v1/configmaps"] = kind("no answer")
        with pytest.raises(kind):
            rebuilt(context)
