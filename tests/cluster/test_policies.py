# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/policies.md on a real control plane: its playbooks as they stand, run by ansible-playbook, object by object.

What has a mark of its own in every kind: `production` in the backup, `standby` in what exists on the target.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Reason
from controlplane import ControlPlane, wait_for
from playing import Played, Player
from scenes import Body, as_stored, backup_of, edit, live, only, put, remove, run, version_of, watch

TEXT = (Path(__file__).parents[2] / "docs/policies.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
PLAYBOOKS = {block[0]["name"]: text for text in BLOCKS if isinstance(block := yaml.safe_load(text), list)}
NAMESPACES = ("gdpr-application", "inventory-app", "shop", "velero-protection")
KINDS = ("ConfigMap", "DaemonSet", "Deployment", "Secret", "Service")
THERE, MISSING = "there", "missing"
"""Names: of what exists on the target and differs, and of what it lacks."""
ALONE = "existing_resource_policy"
CONFIG = "existing_resource_policy_config"
DEFAULT = "existing_resource_default_policy"
OVERRIDES = "existing_resource_policy_overrides"
STATE = "standby-velero"


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def made(kind: str, namespace: str, name: str, by: str) -> Body:
    """In `shop`, ConfigMaps are immutable, and a label says of Deployments that their size is the standby's matter."""
    shop = namespace == "shop"
    labels = {"example.org/sized-by": "standby"} if shop and kind == "Deployment" else {}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    if kind == "ConfigMap":
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"by": by}, "immutable": shop}
    if kind == "Secret":
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"by": encoded(by)}}
    if kind == "Service":
        spec: Body = {"selector": {"by": by}, "ports": [{"port": 80}]}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
    pod = {"containers": [{"name": "main", "image": f"registry.example.org/{by}:1"}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def maker(body: Body | None) -> str:
    """Whose an object is now; nobody's when it is not there."""
    text = json.dumps([body.get("spec"), body.get("data")]) if body else ""
    marks = {by: (f'"{by}"', f"/{by}:", encoded(by)) for by in ("production", "standby")}
    return next((by for by, forms in marks.items() if any(form in text for form in forms)), "")


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply(
        "\n---\n".join(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}" for name in NAMESPACES)
    )
    return controlplane


@pytest.fixture(scope="module")
def player(target: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Player:
    return Player(target, tmp_path_factory.mktemp("plays"))


@pytest.fixture(scope="module")
def backup(target: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each kind one object that the target has otherwise and one that it lacks, in each namespace."""
    bodies = [
        as_stored(target, made(kind, namespace, name, "production"))
        for namespace in NAMESPACES
        for kind in KINDS
        for name in (THERE, MISSING)
    ]
    return backup_of(tmp_path_factory.mktemp("backup"), *bodies)


@pytest.fixture
def before(target: ControlPlane, backup: Path) -> Iterator[dict[tuple[str, str], Body]]:
    """What exists on the target once the backup is made, as it was before the test; all is gone after it."""
    assert backup.is_file()
    places = [(namespace, kind) for namespace in NAMESPACES for kind in KINDS]
    existing = {(namespace, kind): made(kind, namespace, THERE, "standby") for namespace, kind in places}
    put(target, *existing.values())
    yield {place: found for place, body in existing.items() if (found := live(target, body))}
    for (namespace, kind), body in existing.items():
        for one in (body, made(kind, namespace, MISSING, "")):
            if live(target, one):
                remove(target, one)


# The playbooks of the guide


class Fate(NamedTuple):
    """What becomes of an object that exists, by which policy, and which rule chose that."""

    outcome: str
    reason: str
    policy: str
    rule: str


def left(rule: str) -> Fate:
    return Fate("skipped", "exists_different", "none", rule)


def updated(rule: str, policy: str = "update") -> Fate:
    return Fate("updated", "", policy, rule)


Fates = dict[tuple[str, str], Fate]


def in_namespace(namespace: str, **fates: Fate) -> Fates:
    return {(namespace, kind): fate for kind, fate in fates.items()}


ROWS: dict[str, Fates] = {
    "Restore Services and Deployments, and leave those alone that exist": in_namespace(
        "velero-protection", Service=left(ALONE), Deployment=left(ALONE)
    ),
    "Restore Secrets and DaemonSets, and update those that exist": in_namespace(
        "gdpr-application", Secret=updated(ALONE), DaemonSet=updated(ALONE)
    ),
    "Restore an application, and of what exists patch Secrets and DaemonSets only": in_namespace(
        "inventory-app",
        Secret=updated(f"{CONFIG}.patch"),
        DaemonSet=updated(f"{CONFIG}.patch"),
        ConfigMap=left(f"{CONFIG} (all else)"),
        Deployment=left(f"{CONFIG} (all else)"),
        Service=left(f"{CONFIG} (all else)"),
    ),
    "Restore an application, and patch what exists but Secrets": in_namespace(
        "inventory-app",
        Secret=left(f"{OVERRIDES}.none"),
        DaemonSet=updated(DEFAULT),
        ConfigMap=updated(DEFAULT),
        Deployment=updated(DEFAULT),
        Service=updated(DEFAULT),
    ),
    "Restore two applications, with rules by namespace and label": in_namespace(
        "inventory-app",
        Secret=left(f"{OVERRIDES}[0]"),
        DaemonSet=updated(DEFAULT),
        ConfigMap=updated(DEFAULT),
        Deployment=updated(DEFAULT),
        Service=updated(DEFAULT),
    )
    | in_namespace(
        "shop",
        Secret=updated(DEFAULT),
        DaemonSet=updated(DEFAULT),
        ConfigMap=Fate("recreated", "", "recreate", f"{OVERRIDES}[2]"),
        Deployment=left(f"{OVERRIDES}[1]"),
        Service=updated(DEFAULT),
    ),
}
"""All else is not selected."""


def standing(player: Player, target: ControlPlane, backup: Path, text: str) -> str:
    """A playbook of the guide with the test's own paths."""
    paths = {
        "/backups/hourly-20261124030000.tar.gz": backup,
        "~/.kube/standby": target.kubeconfig,
        "/var/log/standby/last-restore.json": player.report_path,
    }
    for shown, path in paths.items():
        assert text.count(shown) == 1
        text = text.replace(shown, str(path))
    return text


def fates(objects: list[Body], name: str) -> Fates:
    return {
        (one["namespace"], one["kind"]): Fate(one["outcome"], one["reason"], one["policy"], one["policy_rule"])
        for one in objects
        if one["name"] == name
    }


def test_every_playbook_of_the_guide_has_its_row():
    assert list(PLAYBOOKS) == list(ROWS)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_of_the_guide_does_what_the_guide_says(player, target, backup, before, name):
    rows = ROWS[name]
    played = player.playbook(standing(player, target, backup, PLAYBOOKS[name]))
    assert played.code == 0, played.output
    assert played.report is not None
    assert fates(played.report["objects"], THERE) == rows
    created = {place: Fate("created", "", fate.policy, fate.rule) for place, fate in rows.items()}
    assert fates(played.report["objects"], MISSING) == created
    assert len(played.report["objects"]) == 2 * len(rows)
    for (namespace, kind), was in before.items():
        now, made_now = live(target, was), live(target, made(kind, namespace, MISSING, ""))
        fate = rows.get((namespace, kind))
        written = fate is not None and fate.outcome != "skipped"
        assert maker(now) == ("production" if written else "standby")
        assert (version_of(now) != version_of(was)) is written
        assert maker(made_now) == ("production" if fate else "")


# Rules that contradict each other, forms that exclude each other

CLASHING = next(block for text in BLOCKS if isinstance(block := yaml.safe_load(text), dict))
BOTH = f"{OVERRIDES}[0] (none) and {OVERRIDES}[1] (update)"


def test_what_rules_of_different_policies_match_is_not_written_and_all_else_is(player, target, backup, before):
    options = {"backup_file": str(backup), "kubeconfig": str(target.kubeconfig), "included_namespaces": ["shop"]}
    options |= {"excluded_resources": ["configmaps"], "report_path": str(player.report_path), **CLASHING}
    planned, done = (player.module(name, **options) for name in ("planned", "done"))
    planned[0]["check_mode"] = True
    played = player.tasks(*planned, *done)
    for result in (played.results["planned"], played.results["done"]):
        assert result["failed"]
        clashes = [one for one in result["objects"] if one["outcome"] == "failed"]
        assert {(one["kind"], one["name"], one["reason"]) for one in clashes} == {
            ("Secret", THERE, Reason.POLICY_CONFLICT.value),
            ("Secret", MISSING, Reason.POLICY_CONFLICT.value),
        }
        for one in clashes:
            said = f"Secret shop/{one['name']} is matched by rules of different policies: {BOTH}"
            assert (one["message"], one["policy"], one["policy_rule"]) == (said, "", "")
            assert said.replace(f"/{one['name']} ", "/database ") in " ".join(TEXT.split())
        rest = dict.fromkeys((("shop", "Deployment"), ("shop", "Service")), updated(DEFAULT))
        rest["shop", "DaemonSet"] = updated(f"{OVERRIDES}[1]")
        assert {place: fate for place, fate in fates(result["objects"], THERE).items() if fate.policy} == rest
    for (namespace, kind), was in before.items():
        now = live(target, was)
        written = namespace == "shop" and kind in ("DaemonSet", "Deployment", "Service")
        assert maker(now) == ("production" if written else "standby")
        assert (version_of(now) != version_of(was)) is written
    assert live(target, made("Secret", "shop", MISSING, "")) is None


FORMS: dict[str, Any] = {
    ALONE: "update",
    CONFIG: {"patch": {"included_resources": ["secrets"]}},
    DEFAULT: "patch",
    OVERRIDES: [{"policy": "none", "included_resources": ["secrets"]}],
}
EXCLUDED = [(ALONE, CONFIG), (ALONE, DEFAULT), (ALONE, OVERRIDES), (CONFIG, DEFAULT), (CONFIG, OVERRIDES)]


@pytest.fixture(scope="module")
def mixed(player: Player) -> Played:
    """Options of two forms, with neither a backup nor a cluster: a run that looks for one says so."""
    nowhere = {"backup_file": str(player.folder / "none.tar.gz"), "kubeconfig": str(player.folder / "none")}
    tasks = []
    for number, pair in enumerate(EXCLUDED):
        tasks += player.module(f"mixed_{number}", **nowhere, **{option: FORMS[option] for option in pair})
    tasks += player.module("together", **nowhere, **{option: FORMS[option] for option in (DEFAULT, OVERRIDES)})
    return player.tasks(*tasks)


@pytest.mark.parametrize("number", range(len(EXCLUDED)), ids=[" and ".join(pair) for pair in EXCLUDED])
def test_forms_that_exclude_each_other_are_refused_before_anything_runs(mixed, number):
    result = mixed.results[f"mixed_{number}"]
    assert result["failed"]
    assert f"{' and '.join(EXCLUDED[number])} exclude each other" in result["msg"]
    assert "connection" not in result["msg"]


def test_a_default_and_its_overrides_are_one_form(mixed):
    assert "exclude each other" not in mixed.results["together"]["msg"]
    assert "kubeconfig: " in mixed.results["together"]["msg"]
    assert "is not there" in mixed.results["together"]["msg"]


# What was recreated is told, what is kept can be used


def test_the_role_s_summary_tells_what_was_recreated(player, target, backup, before):
    variables = {
        "restore_backup_file": str(backup),
        "restore_existing_resource_policy": "recreate",
        "restore_included_namespaces": "shop",
        "restore_included_resources": "configmaps",
        "restore_kubeconfig": str(target.kubeconfig),
    }
    was = before["shop", "ConfigMap"]
    for arguments, would, proof in ((("--check",), "would be ", "a dry run of its create passed"), ((), "", "")):
        played = player.role(variables, *arguments)
        assert played.code == 0, played.output
        summary = played.output[played.output.index("Tell what was done") :]
        assert re.search(rf'\b{would}recreated: ConfigMap shop/{THERE}: [^"]*immutable[^"]*{proof}', summary), summary
        assert re.search(r"\brecreated=1\b", summary)
        assert ("would be recreated" in summary) is bool(would)
        now = live(target, was)
        assert (now["metadata"]["uid"] == was["metadata"]["uid"], maker(now)) == (
            (True, "standby") if would else (False, "production")
        )


def test_a_kept_body_is_listed_told_apart_created_from_and_removed_by_the_commands_of_the_guide(
    target, tmp_path, before
):
    was = before["shop", "ConfigMap"]
    edit(target, was, {"metadata": {"finalizers": ["example.org/hold"]}})
    one = backup_of(tmp_path, made("ConfigMap", "shop", THERE, "production"))
    failed = only(run(watch(target.kubeconfig), one, existing_resource_policy="recreate", recreate_timeout=1))
    assert failed.reason is Reason.DELETION_BLOCKED, failed.message
    edit(target, was, {"metadata": {"finalizers": None}})
    wait_for("the object to go", lambda: live(target, was) is None)
    (commands,) = re.findall(r"```shell\n(.*?)```", TEXT, re.DOTALL)
    (secret,) = set(re.findall(rf"{STATE}/(body-\S+)", failed.message))
    commands, count = re.subn(r"body-configmap-0123456789abcdef", secret, commands)
    environment = {**target.environment, "PATH": f"{os.environ['KUBEBUILDER_ASSETS']}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-ec", commands], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, count) == (0, 3), done.stderr
    assert done.stdout.count(secret) == 2
    assert '"kind": "ConfigMap", "namespace": "shop", "name": "there"' in done.stdout
    now = live(target, was)
    assert (now["data"], now["immutable"], maker(now)) == (was["data"], True, "standby")
    kept = target.api("GET", f"/api/v1/namespaces/{STATE}/secrets?labelSelector=standby.velero/holds=body")[1]["items"]
    assert kept == []
    edit(target, was, {"metadata": {"finalizers": None}})
