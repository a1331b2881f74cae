# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No value of a Secret gets out, whatever becomes of the Secret: marked values are looked for in all that is said.

Values of other objects may be shown by `--diff` (and in the report's diff), but no message holds them. The API server
does quote values: the first test shows that the marks are live.
"""

from __future__ import annotations

import base64
import json
import re
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from backups import Backup, complete, path_of
from collection_copy import copy
from controlplane import ControlPlane, wait_for
from playing import Played, Player

Body = dict[str, Any]

SECRET, OPEN = "canary-in-secret", "canary-in-the-open"
NAMESPACE = "cage"
TOO_LARGE = 1_100_000
DOCKER = "kubernetes.io/dockerconfigjson"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

GUARD = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: talkative}}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [secrets, configmaps]}}
  matchConditions: [{{name: talked-about, expression: "object.metadata.name.startsWith('talked-about')"}}]
  validations: [{{expression: "false", messageExpression: "'never ' + string(object.data['password'])"}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: talkative}}
spec: {{policyName: talkative, validationActions: [Deny]}}
---
apiVersion: v1
kind: Namespace
metadata: {{name: full}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: none-left, namespace: full}}
spec: {{hard: {{count/secrets: "0", count/configmaps: "0"}}}}
"""
QUOTA = "/api/v1/namespaces/full/resourcequotas/none-left"
NONE_LEFT = dict.fromkeys(("count/secrets", "count/configmaps"), "0")


def base(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Marks:
    """Gives out marked values, each one once."""

    def __init__(self) -> None:
        self.raw: list[str] = []

    def __call__(self, mark: str, form: Callable[[str], str] = str) -> str:
        self.raw.append(f"{mark}-{len(self.raw):03}-x")
        return form(self.raw[-1])

    def forms(self, mark: str) -> Iterator[str]:
        """As they would be read, and as they would be with little effort."""
        for raw in (raw for raw in self.raw if raw.startswith(mark)):
            yield from (raw, base(raw), base(f"{raw}\n"), base(base(raw)), raw.encode().hex())


@dataclass(frozen=True)
class Scene:
    """A backup full of marks, and what stands on the target before it."""

    backup: Path
    live: list[Body]
    stored: list[Body]
    """What the backup has, in order to take it away again."""
    marks: Marks = field(default_factory=Marks)


# What is in the backup


def secret(mark: Marks, name: str, namespace: str = NAMESPACE, **more: Any) -> Body:
    """Marks wherever a Secret has values, unless `more` says otherwise."""
    annotations = {LAST_APPLIED: json.dumps({"data": {"password": mark(SECRET, base)}}), "note": mark(SECRET)}
    body = {
        "type": "Opaque",
        "data": {"password": mark(SECRET, base)},
        "metadata": {"annotations": annotations},
        **more,
    }
    return complete("secrets", namespace, name, body)


def config_map(mark: Marks, name: str, namespace: str = NAMESPACE, **more: Any) -> Body:
    body = {
        "data": {"password": mark(OPEN)},
        "metadata": {"annotations": {"note": mark(OPEN), LAST_APPLIED: mark(OPEN)}},
        **more,
    }
    return complete("configmaps", namespace, name, body)


def container(mark: Marks, **more: Any) -> Body:
    env = [{"name": "TOKEN", "value": mark(OPEN)}]
    return {"name": "c", "image": "registry.example/c:1", "env": env, **more}


def workload(mark: Marks, name: str, app: str = "", **more: Any) -> Body:
    labels = {"app": app or name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container(mark, **more)]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return complete("deployments.apps", NAMESPACE, name, {"spec": spec})


def pod(mark: Marks, name: str) -> Body:
    spec = {"containers": [container(mark)], "automountServiceAccountToken": False}
    return complete("pods", NAMESPACE, name, {"spec": spec})


def both(mark: Marks, make: Callable[..., Body], name: str, **more: Any) -> tuple[Body, Body]:
    """The target's and the backup's object of one name, with values of their own."""
    return make(mark, name, **more), make(mark, name, **more)


def other_kind(mark: Marks) -> tuple[Body, Body]:
    return secret(mark, "retyped"), secret(mark, "retyped", type="example.org/other")


def existing(mark: Marks) -> list[tuple[Body, Body]]:
    """(on the target, in the backup) of what stands on both sides."""
    return [
        both(mark, secret, "changed"),
        both(mark, secret, "sealed", immutable=True),
        other_kind(mark),
        both(mark, config_map, "changed"),
        both(mark, config_map, "sealed", immutable=True),
        both(mark, workload, "changed"),
        both(mark, pod, "changed"),
        (workload(mark, "reselected"), workload(mark, "reselected", app="other")),
    ]


def invalid(mark: Marks) -> list[Body]:
    """Refused by the server, each for another reason, and many a reason quotes the value."""
    padding = "x" * TOO_LARGE
    return [
        secret(mark, "no-base64", data={"password": f"!{mark(SECRET)}!"}),
        secret(mark, "wrong-type", data={"password": {"deep": mark(SECRET)}}),
        secret(mark, "wrong-map", data=[mark(SECRET)]),
        secret(mark, "too-large", data={"password": mark(SECRET, lambda raw: base(raw + padding))}),
        secret(
            mark, "no-docker", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": mark(SECRET, base)}
        ),
        secret(mark, "bad-label", metadata={"labels": {"a": f"no label: {mark(SECRET)}"}}),
        secret(mark, "unknown-field", spec={"password": mark(SECRET)}),
        secret(mark, "text", stringData={"password": mark(SECRET)}),
        secret(mark, "wrong-text", stringData={"password": [mark(SECRET)]}),
        secret(mark, "talked-about"),
        secret(mark, "one-too-many", "full"),
        config_map(mark, "no-base64", binaryData={"blob": f"!{mark(OPEN)}!"}),
        config_map(mark, "wrong-type", data={"password": {"deep": mark(OPEN)}}),
        config_map(mark, "too-large", data={"password": mark(OPEN) + padding}),
        config_map(mark, "bad-label", metadata={"labels": {"a": f"no label: {mark(OPEN)}"}}),
        config_map(mark, "unknown-field", spec={"password": mark(OPEN)}),
        config_map(mark, "talked-about"),
        config_map(mark, "one-too-many", "full"),
        workload(mark, "bad-policy", imagePullPolicy=mark(OPEN)),
        workload(mark, "wrong-type", env=[{"name": "TOKEN", "value": {"deep": mark(OPEN)}}]),
        workload(mark, "bad-name", env=[{"name": f"a={mark(OPEN)}\u0007", "value": mark(OPEN)}]),
    ]


def useless(mark: Marks, backup: Backup) -> None:
    """What is no object, or not the one that its path says; all of it in the folder of Secrets."""
    texts = {
        "broken": '{"data": {"password": "' + mark(SECRET),
        "a-list": json.dumps([mark(SECRET)]),
        "a-number": "1" + mark(SECRET),
        "other-name": json.dumps(secret(mark, "another")),
        "other-kind": json.dumps({**secret(mark, "other-kind"), "kind": "Other"}),
        "no-metadata": json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": mark(SECRET)}),
    }
    for name, text in texts.items():
        backup.add_text("secrets", NAMESPACE, name, text)


@pytest.fixture(scope="module")
def scene(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The backup, and the target's admission in force."""
    mark = Marks()
    pairs = existing(mark)
    wanted = [new for _old, new in pairs] + invalid(mark) + [secret(mark, "new"), config_map(mark, "new")]
    wanted += [workload(mark, "new"), pod(mark, "new")]
    backup = Backup()
    for body in wanted:
        resource = {"Secret": "secrets", "ConfigMap": "configmaps", "Pod": "pods"}.get(body["kind"], "deployments.apps")
        backup.add(resource, body["metadata"]["namespace"], body["metadata"]["name"], body)
    useless(mark, backup)
    path = backup.write(tmp_path_factory.mktemp("backup") / "marked.tar.gz")
    controlplane.apply(GUARD)
    filled = {"status": {"hard": NONE_LEFT, "used": NONE_LEFT}}  # as the controller does, which is not here
    assert controlplane.api("PATCH", f"{QUOTA}/status", filled, "application/merge-patch+json")[0] == 200
    controlplane.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {NAMESPACE}}}}}")
    probe = complete("configmaps", NAMESPACE, "talked-about-probe", {"data": {"password": "p"}})
    wait_for("the guard", lambda: _create(controlplane, probe, "?dryRun=All")[0] == 422)
    quota = complete("configmaps", "full", "probe", {})
    wait_for("the quota", lambda: _create(controlplane, quota, "?dryRun=All")[0] == 403)
    return Scene(path, [old for old, _new in pairs], wanted, mark)


def _create(target: ControlPlane, body: Body, query: str = "") -> tuple[int, Any]:
    meta = {name: value for name, value in body["metadata"].items() if name != "uid"}
    return target.api("POST", target.path_of(body).rpartition("/")[0] + query, {**body, "metadata": meta})


def set_up(target: ControlPlane, scene: Scene) -> None:
    """Only the drifted objects stand there."""
    for body in scene.stored:
        target.api("DELETE", f"{target.path_of(body)}?gracePeriodSeconds=0")
    for body in scene.live:
        status, answer = _create(target, body)
        assert status == 201, answer


# The tests


def test_the_server_itself_quotes_what_is_not_to_get_out(controlplane: ControlPlane, scene: Scene) -> None:
    marks = [*scene.marks.forms(SECRET), *scene.marks.forms(OPEN)]
    quoting = set()
    for body in scene.stored:
        status, answer = _create(controlplane, body, "?dryRun=All")
        if status >= 400 and any(form in json.dumps(answer) for form in marks):
            quoting.add((body["kind"], body["metadata"]["name"]))
    assert quoting >= {
        ("Secret", "bad-label"),
        ("Secret", "talked-about"),
        ("ConfigMap", "bad-label"),
        ("ConfigMap", "talked-about"),
        ("Deployment", "bad-policy"),
        ("Deployment", "bad-name"),
    }


@pytest.fixture(scope="module")
def runs(controlplane: ControlPlane, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """All ways to run it, as loud as it gets; the two that write find the same target."""
    player = Player(controlplane, tmp_path_factory.mktemp("plays"))
    options = {
        "backup_file": str(scene.backup),
        "existing_resource_policy": "update",
        "report_path": str(player.report_path),
    }
    variables = {f"restore_{name}": value for name, value in options.items()}
    left_alone = {**options, "existing_resource_policy": "none"}
    set_up(controlplane, scene)
    played = {
        "check": player.role(variables, "-vvvv", "--check"),
        "check with diff": player.tasks(
            *player.module("left_alone", **left_alone),
            *player.module("result", **options),
            arguments=("-vvvv", "--check", "--diff"),
        ),
        "run": player.role(variables, "-vvvv"),
    }
    set_up(controlplane, scene)
    played["run with diff"] = player.tasks(*player.module("result", **options), arguments=("-vvvv", "--diff"))
    return played


RUNS = ("check", "check with diff", "run", "run with diff")


@pytest.mark.parametrize("name", RUNS)
def test_no_value_of_a_secret_is_in_anything_that_is_said(runs: dict[str, Played], scene: Scene, name: str) -> None:
    played = runs[name]
    said = played.everything + json.dumps([played.report, played.results])
    assert [form for form in scene.marks.forms(SECRET) if form in said] == []


@pytest.mark.parametrize("name", ["check", "run"])
def test_without_diff_no_other_value_is_said_either(runs: dict[str, Played], scene: Scene, name: str) -> None:
    said = runs[name].everything + json.dumps(runs[name].report)
    assert [form for form in scene.marks.forms(OPEN) if form in said] == []


@pytest.mark.parametrize("name", ["check with diff", "run with diff"])
def test_with_diff_other_values_are_shown_there_alone(runs: dict[str, Played], scene: Scene, name: str) -> None:
    result, report = runs[name].results["result"], runs[name].report
    assert report is not None
    assert OPEN in json.dumps(result["diff"])
    for said in ({**result, "diff": []}, {**report, "diff": []}):
        assert [form for form in scene.marks.forms(OPEN) if form in json.dumps(said)] == []


@pytest.mark.parametrize("name", RUNS)
def test_all_of_it_was_tried_and_each_refusal_told(runs: dict[str, Played], scene: Scene, name: str) -> None:
    report = runs[name].report if name in ("check", "run") else runs[name].results["result"]
    assert report is not None
    outcomes = {(one["kind"], one["name"]): (one["outcome"], one["reason"]) for one in report["objects"]}
    assert len(outcomes) == report["counts"]["total"] >= len(scene.stored)
    assert outcomes["Secret", "changed"] == ("updated", "")
    assert outcomes["Secret", "new"] == ("created", "")
    for refused in ("no-base64", "wrong-type", "wrong-map", "too-large", "bad-label", "talked-about", "sealed"):
        assert outcomes["Secret", refused] == ("failed", "refused")
    for bad in ("broken", "a-list", "a-number", "other-name", "other-kind", "no-metadata"):
        assert ("failed", "invalid_object") in {said for (_kind, found), said in outcomes.items() if found == bad}


def test_the_processes_were_seen_and_carry_no_values(runs: dict[str, Played]) -> None:
    assert any("AnsiballZ_velero_restore" in line for played in runs.values() for line in played.arguments)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "altered": lambda data: data[:-8] + bytes(8),
}


def test_a_damaged_backup_tells_nothing_of_what_it_holds(
    controlplane: ControlPlane, scene: Scene, tmp_path: Path
) -> None:
    player = Player(controlplane, tmp_path)
    tasks = []
    for number, damage in enumerate(DAMAGES.values()):
        path = tmp_path / f"damaged-{number}.tar.gz"
        path.write_bytes(damage(scene.backup.read_bytes()))
        tasks += player.module(f"damaged{number}", backup_file=str(path))
    outside = path_of("secrets", NAMESPACE, "x").replace("namespaces", "../namespaces")
    path = Backup().file(outside, json.dumps(secret(scene.marks, "x")).encode()).write(tmp_path / "outside.tar.gz")
    tasks += player.module("outside", backup_file=str(path))
    played = player.tasks(*tasks, arguments=("-vvvv", "--diff"))
    said = played.everything + json.dumps(played.results)
    assert [form for form in scene.marks.forms(SECRET) if form in said] == []
    assert [name for name, result in played.results.items() if not result["failed"]] == []
    assert all(".tar.gz" in result["msg"] for result in played.results.values())
    assert len(played.results) == len(DAMAGES) + 1


FAULT = """

def compare(resource, live, desired, extra=()):
    try:
        raise KeyError(str(desired))
    except KeyError as error:
        raise ValueError(f"not to be taken: {live}") from error
"""
"""Planted: a fault of ours whose text holds both objects."""


def test_a_fault_tells_no_value_where_tracebacks_are_displayed(
    controlplane: ControlPlane, scene: Scene, tmp_path: Path
) -> None:
    """Newer ansible-core formats an exception that is pending when a module fails."""
    faulty = tmp_path / "ansible_collections" / "standby" / "velero"
    copy(faulty)
    with (faulty / "plugins/module_utils/_compare/compare.py").open("a", encoding="utf-8") as file:
        file.write(FAULT)
    set_up(controlplane, scene)
    player = Player(controlplane, tmp_path)
    played = player.tasks(
        *player.module("fault", backup_file=str(scene.backup)),
        arguments=("-vvvv", "--diff"),
        ANSIBLE_DISPLAY_TRACEBACK="always",
        ANSIBLE_COLLECTIONS_PATH=f"{tmp_path}:{sysconfig.get_path('purelib')}",
    )
    result = played.results["fault"]
    assert re.fullmatch(r"fault in velero_restore: .*_compare/compare\.py:\d+ > ValueError; .*", result["msg"])
    assert result["exception"], "tracebacks are displayed"
    said = played.everything + json.dumps(played.results)
    assert [form for form in scene.marks.forms("canary") if form in said] == []
