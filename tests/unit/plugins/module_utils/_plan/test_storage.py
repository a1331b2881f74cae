# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target has beside the volumes and claims of a restore, and what that makes of its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Forbidden, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import planned
from ansible_collections.standby.velero.plugins.module_utils._values import Change, Resource
from planning import backup_of, context_for, live
from scripted import TYPES, Body, ScriptedClient, body_of

VOLUMES = Resource("", "v1", "persistentvolumes", "PersistentVolume", False)
SNAPSHOTS = Resource("snapshot.storage.k8s.io", "v1", "volumesnapshots", "VolumeSnapshot", True)
SERVED = (*TYPES, VOLUMES)
CLAIMS = "/api/v1/persistentvolumeclaims"

DB = live(body_of("Namespace", "db"))
CLAIM = body_of("PersistentVolumeClaim", "orders", "db", spec={"volumeName": "nfs"})


def volume(uid: str = "", name: str = "orders", policy: str = "Retain", **status: str) -> Body:
    ref = {"namespace": "db", "name": name, **({"uid": uid, "resourceVersion": "1"} if uid else {})}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "nfs", "uid": "p-nfs"},
        "spec": {"persistentVolumeReclaimPolicy": policy, "claimRef": ref},
        **({"status": status} if status else {}),
    }


def plan_of(folder: Path, client: ScriptedClient, *bodies: Body, **options: Any) -> dict[str, Change]:
    """The changes by the name of their object."""
    with context_for(folder, backup_of(DB, *bodies), client, **options) as context:
        return {change.key.name: change for change in planned(context, ()).changes}


def said(change: Change) -> tuple[str, str, str]:
    return change.action.value, change.reason.value if change.reason else "", change.detail


# Volumes that lost their claim

FORGETS = {"spec": {"claimRef": {"uid": "", "resourceVersion": ""}}}


@pytest.mark.parametrize("there", [None, {"spec": {}}, {"spec": {"volumeName": "nfs"}}])
def test_a_volume_forgets_a_claim_that_is_gone_when_one_of_its_name_is_restored_or_there(
    tmp_path: Path, there: Body | None
) -> None:
    objects = [DB, live(volume("dead"))]
    objects += [live({**CLAIM, **there}, metadata={"uid": "another"})] if there else []
    client = ScriptedClient(*objects, types=SERVED)
    change = plan_of(tmp_path, client, volume("production"), CLAIM)["nfs"]
    assert said(change) == ("update", "", "")
    assert change.comparison is not None
    assert change.comparison.patch == FORGETS


def test_a_claim_that_is_there_need_not_be_restored(tmp_path: Path) -> None:
    client = ScriptedClient(DB, live(volume("dead")), live(CLAIM), types=SERVED)
    change = plan_of(tmp_path, client, volume("production"), excluded_resources=["persistentvolumeclaims"])["nfs"]
    assert said(change) == ("update", "", "")


@pytest.mark.parametrize("uid", ["", "t-persistentvolumeclaim-orders"], ids=["it waits for one", "it is bound"])
def test_a_volume_that_has_not_lost_its_claim_stays_as_it_is(tmp_path: Path, uid: str) -> None:
    client = ScriptedClient(DB, live(volume(uid)), live(CLAIM), types=SERVED)
    assert said(plan_of(tmp_path, client, volume("production"), CLAIM)["nfs"]) == ("noop", "", "")


@pytest.mark.parametrize("policy", ["update", "none", "recreate"])
@pytest.mark.parametrize(
    ("found", "bodies", "why"),
    [
        (volume("dead"), [volume("production")], "no claim db/orders is restored or there"),
        (
            volume("dead", "old"),
            [volume("production"), CLAIM],
            "it was the claim db/old's, and the backup says otherwise",
        ),
        (volume("dead", policy="Delete"), [volume("p"), CLAIM], "its reclaim policy on the target is not Retain"),
    ],
)
def test_any_other_is_left_alone_and_told(
    tmp_path: Path, found: Body, bodies: list[Body], why: str, policy: str
) -> None:
    client = ScriptedClient(DB, live(found, None), types=SERVED)
    change = plan_of(tmp_path, client, *bodies, existing_resource_policy=policy)["nfs"]
    assert said(change) == ("skip", "volume_released", why)


def test_a_claim_is_looked_for_in_its_namespace_on_the_target(tmp_path: Path) -> None:
    found = volume("dead")
    found["spec"]["claimRef"]["namespace"] = "db-dr"
    space = live(body_of("Namespace", "db-dr"))
    client = ScriptedClient(space, live(found), types=SERVED)
    options = {"namespace_mapping": {"db": "db-dr"}}
    assert said(plan_of(tmp_path, client, volume("production"), CLAIM, **options)["nfs"]) == ("update", "", "")


@pytest.mark.parametrize(
    ("phase", "result"),
    [
        ("Released", ("skip", "volume_released", "whether its claim db/orders is there could not be read")),
        ("Bound", ("noop", "", "")),
    ],
)
def test_where_claims_cannot_be_read_only_the_target_s_word_tells(
    tmp_path: Path, phase: str, result: tuple[str, str, str]
) -> None:
    answers = dict.fromkeys((CLAIMS, "/api/v1/namespaces/db/persistentvolumeclaims"), ClusterError("busy", status=500))
    client = ScriptedClient(DB, live(volume("dead", phase=phase)), types=SERVED, answers=answers)
    change = plan_of(tmp_path, client, volume("production"), excluded_resources=["persistentvolumeclaims"])["nfs"]
    assert said(change) == result


def test_where_a_single_claim_may_not_be_read_nothing_is_known_of_it(tmp_path: Path) -> None:
    places = (CLAIMS, "/api/v1/namespaces/db/persistentvolumeclaims")
    answers = dict.fromkeys((*places, f"{places[1]}/orders"), Forbidden("no", status=403))
    client = ScriptedClient(DB, live(volume("dead", phase="Bound")), types=SERVED, answers=answers)
    change = plan_of(tmp_path, client, volume("production"), excluded_resources=["persistentvolumeclaims"])["nfs"]
    assert said(change) == ("noop", "", "")


def test_a_target_that_goes_away_meanwhile_ends_the_plan(tmp_path: Path) -> None:
    client = ScriptedClient(DB, live(volume("dead")), types=SERVED, answers={CLAIMS: Unreachable("gone")})
    with pytest.raises(Unreachable):
        plan_of(tmp_path, client, volume("production"))


def test_a_volume_on_which_a_modifier_fails_is_not_bound_again(tmp_path: Path) -> None:
    broken = {"groupResource": "persistentvolumes"}
    patch = {"operation": "replace", "path": "/spec/nothing", "value": "x"}
    modifiers = {"version": "v1", "resourceModifierRules": [{"conditions": broken, "patches": [patch]}]}
    client = ScriptedClient(DB, live(volume("dead")), types=SERVED)
    change = plan_of(tmp_path, client, volume("production"), CLAIM, resource_modifiers=modifiers)["nfs"]
    assert (change.action.value, change.reason.value) == ("fail", "modifier_failed")


# Claims without their source

SNAPSHOT = {
    "apiVersion": "snapshot.storage.k8s.io/v1",
    "kind": "VolumeSnapshot",
    "metadata": {"name": "s", "namespace": "db", "uid": "p-s"},
    "spec": {},
}
DEFINITION = body_of("CustomResourceDefinition", "volumesnapshots.snapshot.storage.k8s.io", spec={})
SOURCE = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
MADE = body_of("PersistentVolumeClaim", "root", "db", spec={"dataSource": SOURCE, "dataSourceRef": SOURCE})
TOLD = ("create", "source_missing", "VolumeSnapshot.snapshot.storage.k8s.io db/s")
PLAIN = ("create", "", "")
WITH_SNAPSHOTS = (*SERVED, SNAPSHOTS)


@pytest.mark.parametrize(
    ("types", "there", "bodies", "result"),
    [
        (SERVED, [], [], TOLD),
        (WITH_SNAPSHOTS, [], [], TOLD),
        (WITH_SNAPSHOTS, [{**SNAPSHOT, "metadata": {"name": "s", "namespace": "other"}}], [], TOLD),
        (WITH_SNAPSHOTS, [SNAPSHOT], [], PLAIN),
        (WITH_SNAPSHOTS, [], [SNAPSHOT], PLAIN),
        (SERVED, [], [SNAPSHOT], TOLD),
        (SERVED, [], [SNAPSHOT, DEFINITION], PLAIN),
    ],
    ids=[
        "not even its type",
        "its type alone",
        "in another namespace",
        "on the target",
        "restored",
        "in the backup, of a type that the target lacks",
        "restored with its type",
    ],
)
def test_a_claim_comes_without_a_source_that_is_nowhere(
    tmp_path: Path, types: tuple[Resource, ...], there: list[Body], bodies: list[Body], result: tuple[str, str, str]
) -> None:
    client = ScriptedClient(DB, *map(live, there), types=types)
    with context_for(tmp_path, backup_of(DB, MADE, *bodies), client) as context:
        changes = {change.key.name: change for change in planned(context, ()).changes}
        assert said(changes["root"]) == result
        spec = context.desired.body(changes["root"].item)["spec"]
    assert spec == ({} if result is TOLD else MADE["spec"])


def test_of_a_group_that_does_not_answer_nothing_is_known(tmp_path: Path) -> None:
    client = ScriptedClient(DB, types=SERVED, silent=["snapshot.storage.k8s.io"])
    assert said(plan_of(tmp_path, client, MADE)["root"]) == PLAIN


def test_nor_of_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    root = "/apis/snapshot.storage.k8s.io/v1"
    paths = (f"{root}/volumesnapshots", f"{root}/namespaces/db/volumesnapshots")
    answers = dict.fromkeys(paths, ClusterError("busy", status=500))
    client = ScriptedClient(DB, types=WITH_SNAPSHOTS, answers=answers)
    assert said(plan_of(tmp_path, client, MADE)["root"]) == PLAIN


@pytest.mark.parametrize("source", [{}, {"dataSource": {"kind": "VolumeSnapshot", "name": "x", **SOURCE}}])
def test_a_claim_that_exists_keeps_its_own_and_nothing_is_told(tmp_path: Path, source: Body) -> None:
    client = ScriptedClient(DB, live({**MADE, "spec": source}), types=SERVED)
    assert said(plan_of(tmp_path, client, MADE)["root"]) == ("noop", "", "")


def test_the_source_of_a_claim_that_is_remapped_is_looked_for_where_it_lands(tmp_path: Path) -> None:
    there = live({**SNAPSHOT, "metadata": {"name": "s", "namespace": "db-dr"}})
    space = live(body_of("Namespace", "db-dr"))
    options = {"namespace_mapping": {"db": "db-dr"}}
    found = plan_of(tmp_path, ScriptedClient(space, there, types=WITH_SNAPSHOTS), MADE, **options)
    assert said(found["root"]) == PLAIN
    missing = plan_of(tmp_path, ScriptedClient(space, types=WITH_SNAPSHOTS), MADE, **options)
    assert said(missing["root"]) == (*TOLD[:2], "VolumeSnapshot.snapshot.storage.k8s.io db-dr/s")


@pytest.mark.parametrize(("there", "result"), [(True, PLAIN), (False, (*TOLD[:2], f"{TOLD[2]}-dr"))])
def test_a_source_is_the_one_that_modifiers_make_of_it(
    tmp_path: Path, there: bool, result: tuple[str, str, str]
) -> None:
    """On a standby snapshots may have other names."""
    patches = [
        {"operation": "replace", "path": f"/spec/{field}/name", "value": "s-dr"}
        for field in ("dataSource", "dataSourceRef")
    ]
    rule = {"conditions": {"groupResource": "persistentvolumeclaims"}, "patches": patches}
    modifiers = {"version": "v1", "resourceModifierRules": [rule]}
    snapshots = [live({**SNAPSHOT, "metadata": {"name": "s-dr", "namespace": "db"}})] if there else []
    client = ScriptedClient(DB, *snapshots, types=WITH_SNAPSHOTS)
    assert said(plan_of(tmp_path, client, MADE, resource_modifiers=modifiers)["root"]) == result


def test_nothing_is_read_for_a_restore_without_volumes_and_sources(tmp_path: Path) -> None:
    client = ScriptedClient(DB, types=SERVED)
    plan_of(tmp_path, client, body_of("ConfigMap", "app", "db"))
    assert "/api/v1/persistentvolumes" not in client.asked
    assert CLAIMS not in client.asked
