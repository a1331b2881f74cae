# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/rights.md on a real API server: what it grants is enough, and each right, taken away, is missed by name."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._errors import RestoreError
from ansible_collections.standby.velero.plugins.module_utils._report.result import fails
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup, complete
from controlplane import ControlPlane, wait_for
from restoring import views
from scenes import NAMESPACE, WIDGET_DEFINITION, Body, as_stored, backup_of, config_map, live, put, remove, run, watch

GUIDE = Path(__file__).parents[2] / "docs/rights.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
ROLES = {block["metadata"]["name"]: block for block in BLOCKS if block.get("kind") in ("ClusterRole", "Role")}
POLICY = [block for block in BLOCKS if str(block.get("kind")).startswith("ValidatingAdmissionPolicy")]
RBAC = "rbac.authorization.k8s.io"
STATE = "standby-velero"
LEASE = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "restore", "namespace": STATE},
}
CHECKED = "system:serviceaccount:standby-velero:check"
NOT_HELD = "attempting to grant RBAC permissions not currently held"
MERGE = "application/merge-patch+json"
NUMBER = count()


class Use(NamedTuple):
    """Who restores by which roles of the guide, and how."""

    user: str
    roles: tuple[str, ...]
    check: bool = False
    policy: str = "update"
    narrow: bool = False


USES = {
    "check": Use("limited-1", ("check", "state-check"), check=True),
    "update": Use("limited-2", ("update", "state")),
    "recreate": Use("limited-3", ("recreate", "state"), policy="recreate"),
    "types": Use("limited-4", ("types", "state"), narrow=True),
    "types in check mode": Use("limited-5", ("types", "state-check"), check=True, narrow=True),
    "discovery": Use("limited-6", ("types", "state", "discovery"), narrow=True),
}
TRIED_ELSEWHERE = {
    # role: the tests that try it
    "backups": "test_location.py",
    "readiness": "test_readiness.py",
    "records": "test_restore_objects.py",
}
TRIED_BY = {
    # role: the use whose run misses each right of it
    "check": "check",
    "update": "update",
    "recreate": "recreate",
    "types": "types",
    "state": "types",
    "state-check": "types in check mode",
    "discovery": "discovery",
}


class Right(NamedTuple):
    """One verb on one resource of a rule, or on one path."""

    role: str
    rule: int
    verb: str
    target: str
    """The resource, or the path, which begins with a slash."""

    @property
    def on_path(self) -> bool:
        return self.target.startswith("/")

    @property
    def group(self) -> str:
        groups = role_of(self.role)["rules"][self.rule]["apiGroups"]
        return "apps" if self.target == "deployments" else groups[0].replace("*", "")

    def __str__(self) -> str:
        return f"{self.role}: {self.verb} {self.target}"


def role_of(name: str, user: str = "") -> Body:
    """The role of the guide; a user's own copy, so that a test takes rights from nobody else."""
    role = copy.deepcopy(ROLES[f"standby-velero-{name}"])
    role["metadata"]["name"] += f"-{user}" if user else ""
    return role


def rights() -> Iterator[Right]:
    """All that the guide grants."""
    for full_name, role in ROLES.items():
        name = full_name.removeprefix("standby-velero-")
        if name in TRIED_ELSEWHERE:
            continue
        for at, rule in enumerate(role["rules"]):
            for verb in rule["verbs"]:
                targets = rule.get("nonResourceURLs") or rule["resources"]
                yield from (Right(name, at, verb, target) for target in targets)


RIGHTS = list(rights())
BY_ONE = [right for right in RIGHTS if (right.role, right.rule, right.verb) == ("types", 0, "list")]
UNSEEN = next(right for right in RIGHTS if str(right) == "types: get namespaces")
CHECKS = [right for right in RIGHTS if right.target in ("customresourcedefinitions", "apiservices")]
READY = next(right for right in RIGHTS if right.target == "/readyz")
PATHS = [right for right in RIGHTS if right.on_path and right is not READY]
NAMED = [right for right in RIGHTS if right not in (*BY_ONE, UNSEEN, *CHECKS, READY, *PATHS)]


def bound(name: str, role: Body, user: str, namespace: str = "") -> Body:
    """The binding of a role, everywhere or in its namespace."""
    namespace = role["metadata"].get("namespace", namespace)
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }


def without(role: Body, right: Right) -> Body:
    """The role but for one right."""
    field = "nonResourceURLs" if right.on_path else "resources"
    rule = role["rules"][right.rule]
    rest = {**rule, "verbs": [verb for verb in rule["verbs"] if verb != right.verb]}
    others = {**rule, "verbs": [right.verb], field: [target for target in rule[field] if target != right.target]}
    kept = [one for one in (rest, others) if one["verbs"] and one[field]]
    return {**role, "rules": [*role["rules"][: right.rule], *kept, *role["rules"][right.rule + 1 :]]}


def may(target: ControlPlane, user: str, right: Right) -> bool:
    """Whether the server's authorizer lets the user, as it knows its roles now."""
    if right.on_path:
        path = right.target.replace("*", "apis/apps/v1")
        asked: Body = {"nonResourceAttributes": {"path": path, "verb": right.verb}}
    else:
        plural, _slash, sub = right.target.replace("*", "configmaps").partition("/")
        namespace = role_of(right.role)["metadata"].get("namespace", NAMESPACE)
        where = {"namespace": namespace, "group": right.group, "resource": plural, "subresource": sub}
        asked = {"resourceAttributes": {**where, "verb": right.verb}}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": ["system:authenticated"], **asked},
    }
    status, answer = target.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    assert status == 201, answer
    return answer["status"]["allowed"]


def until(target: ControlPlane, user: str, *awaited: Right, allowed: bool = True) -> None:
    """The authorizer hears of a role a moment after it is stored."""
    for right in awaited:
        said = f"{right} of {user} to be {allowed}"
        wait_for(said, lambda right=right: may(target, user, right) is allowed, 10)


def grant(target: ControlPlane, user: str, *names: str, namespace: str = "") -> None:
    """Roles of the guide to a user; bound in one namespace, if told."""
    for name in names:
        role = role_of(name, user)
        target.apply(yaml.safe_dump_all([role, bound(role["metadata"]["name"], role, user, namespace)]))
    until(target, user, *(right for right in RIGHTS if right.role in names and not (namespace and right.rule)))


@contextmanager
def taken(target: ControlPlane, user: str, right: Right) -> Iterator[None]:
    """The user without one right, who gets it back."""
    role = role_of(right.role, user)
    target.apply(yaml.safe_dump(without(role, right)))
    until(target, user, right, allowed=False)
    try:
        yield
    finally:
        target.apply(yaml.safe_dump(role))
        until(target, user, right)


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    """With the state of an earlier restore, and every user's rights as the guide has them."""
    for name in (NAMESPACE, STATE):
        controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
    controlplane.apply("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: here}, provisioner: a/b}")
    folder = controlplane.folder / "earlier"
    folder.mkdir()
    run(watch(controlplane.kubeconfig), backup_of(folder, config_map("earlier", {"a": "1"})))
    put(controlplane, role_that_gives("Role", "watching", NAMESPACE))
    for use in USES.values():
        grant(controlplane, use.user, *use.roles)
    return controlplane


# What is restored: each right that a use has is asked for


def role_that_gives(kind: str, name: str, namespace: str = "") -> Body:
    """What no user of the guide has."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["watch"]}]
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": rules}


def body(api: str, kind: str, name: str, **fields: Any) -> Body:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **fields}


def narrow(name: str, storage_class: str) -> list[Body]:
    """One of each type that the narrow role names first."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "b/c:1"}]}}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return [
        body("v1", "ConfigMap", name, data={"a": "1"}),
        body("apps/v1", "Deployment", name, spec={"selector": {"matchLabels": {"a": "b"}}, "template": template}),
        body("v1", "PersistentVolumeClaim", name, spec={**claim, "storageClassName": storage_class}),
        body("v1", "Service", name, spec={"ports": [{"port": 80}], "selector": {"a": "b"}}),
    ]


def labelled(one: Body) -> Body:
    return {**one, "metadata": {**one["metadata"], "labels": {"changed": "yes"}}}


class Scene:
    """Objects of a name of their own, and another writer who comes between the read and the patch of each changed one.

    A restore of them asks for every right that its use has.
    """

    def __init__(self, target: ControlPlane, use: Use, folder: Path, **options: Any) -> None:
        self.name = f"n{next(NUMBER)}"
        self.changed, self.new = f"{self.name}-changed", f"{self.name}-new"
        self._options = {"existing_resource_policy": use.policy, "hpa_replicas": "keep", **options}
        self._target, self._use = target, use
        self._met: set[str] = set()
        self._backup = backup_of(folder, *(self._narrow() if use.narrow else self._whole()))

    def _whole(self) -> list[Body]:
        """Rights that the user does not have, given away in both ways."""
        put(self._target, config_map(self.changed, {"a": "1"}))
        role, here = role_of_kind("ClusterRole", "cluster-admin"), role_of_kind("Role", "watching")
        return [
            config_map(self.changed, {"a": "2"}),
            config_map(self.new, {}),
            role_that_gives("ClusterRole", self.name),
            role_that_gives("Role", self.name, NAMESPACE),
            bound(self.name, role, "somebody"),
            bound(self.name, here, "somebody", NAMESPACE),
            *(self._immutable() if self._use.policy == "recreate" else ()),
        ]

    def _immutable(self) -> list[Body]:
        has, wants = ({**config_map(f"{self.name}-frozen", {"a": a}), "immutable": True} for a in "12")
        put(self._target, has)
        return [wants]

    def _narrow(self) -> list[Body]:
        """With a status, claims whose class is mapped, and what lies in a namespace that is missing."""
        put(self._target, *narrow(self.changed, "here"))
        self._options |= {
            "storage_class_mapping": {"there": "here"},
            "restore_status": {"included_resources": ["deployments"], "excluded_resources": []},
            "resource_modifiers": STRATEGIC,
        }
        wanted = [as_stored(self._target, one) for one in narrow(f"{self.name}-x", "there")]
        renamed = [
            {**one, "metadata": {"name": name, "namespace": NAMESPACE}}
            for name in (self.changed, self.new)
            for one in wanted
        ]
        with_status = [
            labelled(one | ({"status": {"replicas": 3}} if one["kind"] == "Deployment" else {})) for one in renamed
        ]
        inside = [] if self._use.check else [config_map("inside", {}, f"{self.name}-later")]
        return [*with_status, *inside]

    def run(self) -> Run:
        self.watched = watch(self._target.kubeconfig_for(self._use.user), self._meet)
        return run(self.watched, self._backup, check=self._use.check, **self._options)

    def _meet(self, method: str, path: str, _body: Any) -> None:
        path = path.partition("?")[0]
        if method == "PATCH" and path.endswith(self.changed) and path not in self._met:
            self._met.add(path)
            patch = {"metadata": {"finalizers": ["example.org/met"]}}
            assert self._target.api("PATCH", path, patch, MERGE)[0] == 200


def role_of_kind(kind: str, name: str) -> Body:
    return {"kind": kind, "metadata": {"name": name}}


STRATEGIC = {
    "version": "v1",
    "resourceModifierRules": [
        {
            "conditions": {"groupResource": "deployments.apps"},
            "strategicPatches": [{"patchData": "{metadata: {annotations: {by: rule}}}"}],
        }
    ],
}


def said(restored: Run) -> str:
    """All that the run tells."""
    texts = (f"{one.message}\n{one.warning}\n{one.error}" for one in views(restored))
    return "\n".join((*texts, *restored.velero_errors, *restored.warnings))


def fine(restored: Run) -> bool:
    return fails("failed", restored) is None and Reason.STATUS_REFUSED not in {one.reason for one in views(restored)}


DONE = {Outcome.CREATED, Outcome.UPDATED, Outcome.RECREATED}


@pytest.mark.parametrize("name", [name for name in USES if name != "discovery"])
def test_what_the_guide_grants_for_a_use_is_enough(target, tmp_path, name):
    scene = Scene(target, USES[name], tmp_path)
    restored = scene.run()
    assert fine(restored), said(restored)
    assert {one.outcome for one in views(restored)} <= DONE
    assert (Outcome.RECREATED in {one.outcome for one in views(restored)}) is (USES[name].policy == "recreate")


@pytest.mark.parametrize("name", ["check", "update"])
def test_definitions_and_all_that_they_define_are_restored_by_the_rules_with_asterisks(target, tmp_path, name):
    definition = json.loads(json.dumps(yaml.safe_load(WIDGET_DEFINITION)).replace("example.org", f"{name}.example"))
    kind = definition["spec"]["names"]["kind"]
    api = f"{definition['spec']['group']}/v1"
    thing = {"apiVersion": api, "kind": kind, "metadata": {"name": "one", "namespace": NAMESPACE}}
    secret = complete("secrets", NAMESPACE, f"{name}-secret", {"data": {"a": "YQ=="}})
    backup = Backup().add(
        "customresourcedefinitions.apiextensions.k8s.io", "", definition["metadata"]["name"], definition
    )
    backup.add(definition["metadata"]["name"], NAMESPACE, "one", thing)
    backup.add("secrets", NAMESPACE, secret["metadata"]["name"], secret)
    use = USES[name]
    restored = run(watch(target.kubeconfig_for(use.user)), backup.write(tmp_path / "b.tar.gz"), check=use.check)
    assert {one.outcome for one in views(restored)} == {Outcome.CREATED}, said(restored)
    assert len(views(restored)) == 3


def test_check_mode_of_recreate_needs_no_more(target, tmp_path):
    restored = Scene(target, USES["check"]._replace(policy="recreate"), tmp_path).run()
    assert fine(restored), said(restored)
    assert Outcome.RECREATED in {one.outcome for one in views(restored)}


# Without one of them


def missed(right: Right) -> str:
    """What has to be said of a right that is missing."""
    if right.on_path:
        return rf'cannot {right.verb} path "{right.target.replace("*", "apis/apps/v1")}"'
    if right.verb in ("escalate", "bind"):
        kind = {"roles": "Role", "clusterroles": "ClusterRole"}[right.target]
        kind += "Binding" if right.verb == "bind" else ""
        return rf"(?m)^{kind}\.{RBAC} \S+ was refused by the target: Forbidden: {NOT_HELD}"
    resource = right.target.replace("*", "horizontalpodautoscalers" if right.verb == "list" else "configmaps")
    namespace = role_of(right.role)["metadata"].get("namespace")
    where = f' in API group "{right.group}" in the namespace "{namespace}"' if namespace else ""
    return rf'cannot {right.verb} resource "{resource}"{where}'


@pytest.mark.parametrize("right", NAMED, ids=str)
def test_without_a_right_the_run_fails_and_names_it(target, tmp_path, right):
    use = USES[TRIED_BY[right.role]]
    scene = Scene(target, use, tmp_path)
    if str(right) == "state: create leases":
        remove(target, LEASE)
    assert re.search(missed(right), failure(target, use, scene, right))
    if live(target, LEASE) is None:
        put(target, LEASE)


def failure(target: ControlPlane, use: Use, scene: Scene, right: Right) -> str:
    """What is told of a run without the right; it must have failed."""
    with taken(target, use.user, right):
        try:
            restored = scene.run()
        except RestoreError as error:
            return str(error)
    assert not fine(restored)
    return said(restored)


@pytest.mark.parametrize("right", BY_ONE, ids=str)
def test_without_list_on_a_type_its_objects_are_read_one_by_one(target, tmp_path, right):
    use = USES["types"]
    scene = Scene(target, use, tmp_path)
    with taken(target, use.user, right):
        restored = scene.run()
    assert fine(restored), said(restored)
    reads = [path.rpartition("/")[2] for path in scene.watched.reads if f"/{right.target}/" in path]
    assert reads.count(scene.new) == 1
    assert reads.count(scene.changed) == 2, "and once more after the conflict"


def test_without_get_on_namespaces_a_missing_one_counts_as_there(target, tmp_path):
    use = USES["types"]
    scene = Scene(target, use, tmp_path)
    assert f'namespaces "{scene.name}-later" not found' in failure(target, use, scene, UNSEEN)


# What else the guide says


def test_without_escalate_and_bind_all_but_rbac_is_restored(target, tmp_path):
    (options,) = (
        block for block in BLOCKS if "kind" not in block and not {"privileged_rules", "state_key"} & block.keys()
    )
    use = USES["update"]
    scene = Scene(target, use, tmp_path, **options)
    role = role_of("update", use.user)
    mine = [right for right in RIGHTS if (right.role, right.rule) == ("update", 1)]
    target.apply(yaml.safe_dump({**role, "rules": role["rules"][:1]}))
    until(target, use.user, *mine, allowed=False)
    restored = scene.run()
    target.apply(yaml.safe_dump(role))
    until(target, use.user, *mine)
    assert fine(restored), said(restored)
    left_alone = {one.key.kind for one in views(restored) if one.outcome is Outcome.SKIPPED}
    assert left_alone == {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}


def test_the_first_run_by_the_role_for_recreate_makes_the_namespace_itself(target, tmp_path):
    use = Use("limited-7", ("recreate",), policy="recreate")
    grant(target, use.user, *use.roles)
    for _run in range(2):
        restored = Scene(target, use, tmp_path, state_namespace="first-run").run()
        assert fine(restored), said(restored)
    assert target.api("GET", "/api/v1/namespaces/first-run/secrets/state")[0] == 200


def test_the_narrow_role_bound_in_a_namespace_restores_into_that_one(target, tmp_path):
    user = "limited-8"
    grant(target, user, "types", namespace=NAMESPACE)
    grant(target, user, "state")
    wanted = [config_map("here", {"a": "1"}), config_map("there", {"a": "1"}, "default")]
    restored = run(watch(target.kubeconfig_for(user)), backup_of(tmp_path, *wanted))
    assert [one.outcome for one in views(restored) if one.key.namespace == NAMESPACE] == [Outcome.CREATED]
    assert f'User "{user}" cannot get resource "configmaps"' in said(restored)


def nightly(folder: Path, schedule: str, number: int, *names: str) -> Path:
    """A backup with all that a prune wants to know of it."""
    folder = folder / str(number)
    folder.mkdir(parents=True)
    system = complete("namespaces", "", "kube-system", {})
    backup = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": "nightly", "labels": {"velero.io/schedule-name": schedule}},
        "status": {"phase": "Completed", "startTimestamp": f"2026-11-24T0{number}:00:00Z"},
    }
    (folder / "velero-backup.json").write_text(json.dumps(backup), encoding="utf-8")
    return backup_of(folder, system, *(config_map(name, {"a": "1"}) for name in names))


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "run"])
def test_a_prune_needs_delete(target, tmp_path, check):
    names = [f"pruned-{check}-{number}".lower() for number in range(3)]
    options = {"delta": "prune", "prune_max_percent": 100}
    first, second = (nightly(tmp_path, names[0], number + 2, *names[number:]) for number in range(2))
    assert fine(run(watch(target.kubeconfig), first))
    gone = config_map(names[0], {})
    user = USES["check" if check else "update"].user
    refused = run(watch(target.kubeconfig_for(user)), second, check=check, **options)
    assert not fine(refused)
    assert f'User "{user}" cannot delete resource "configmaps"' in said(refused)
    pruned = run(watch(target.kubeconfig_for(USES["recreate"].user)), second, check=check, **options)
    assert fine(pruned), said(pruned)
    assert Outcome.DELETED in {one.outcome for one in views(pruned)}
    assert (live(target, gone) is None) is not check


def unproven(target: ControlPlane, folder: Path, right: Right, number: int = 2) -> str:
    """What the delta of a run without the right says of the types of the target; all else goes as ever."""
    use, name = USES[TRIED_BY[right.role]], f"checked-{right.target.strip('/')}"
    with taken(target, use.user, right):
        backup = nightly(folder, name, number, name)
        restored = run(watch(target.kubeconfig_for(use.user)), backup, delta="report")
    assert fine(restored), said(restored)
    told = {stop.reason.value: stop.detail for stop in restored.delta.stops}
    return told["discovery_unproven"]


@pytest.mark.parametrize("right", CHECKS, ids=str)
def test_without_leave_to_check_the_types_a_run_goes_on_and_its_delta_says_which_right_is_missing(
    target, tmp_path, right
):
    why = unproven(target, tmp_path, right)
    assert re.search(missed(right), why)
    assert "docs/rights.md has them" in why


def test_the_commands_bind_what_an_update_needs(target):
    (commands,) = re.findall(r"```shell\n(.*?)```", TEXT, re.DOTALL)
    target.apply(yaml.safe_dump_all([ROLES["standby-velero-update"], ROLES["standby-velero-state"]]))
    assert target.api("GET", f"/api/v1/namespaces/{STATE}")[0] == 200
    there = commands.replace("kubectl create namespace standby-velero\n", "")
    assert there != commands
    environment = {**target.environment, "PATH": f"{os.environ['KUBEBUILDER_ASSETS']}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-ec", there], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    user = "system:serviceaccount:standby-velero:restore"
    until(target, user, *(right for right in RIGHTS if right.role in ("update", "state")))


def test_by_the_policy_the_user_of_check_mode_can_send_nothing_but_dry_runs(target, tmp_path):
    use = USES["check"]
    assert CHECKED in TEXT
    target.apply(yaml.safe_dump_all(POLICY).replace(CHECKED, use.user))
    token = target.tokens[use.user]
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "written-"}}
    wait_for("the policy", lambda: target.api("POST", path, probe, token=token)[0] == 422, 30)
    scene = Scene(target, use, tmp_path)
    restored = scene.run()
    assert fine(restored), said(restored)
    assert "may only send dry runs" in str(target.api("POST", path, probe, token=token))
    assert target.api("PATCH", f"{path}/{scene.changed}", {"data": {"a": "9"}}, MERGE, token)[0] == 422
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot", "namespace": NAMESPACE}}
    put(target, account)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["a"]}}
    assert target.api("POST", f"{target.path_of(account)}/token", request)[0] == 201
    assert target.api("POST", f"{target.path_of(account)}/token", request, token=token)[0] == 422
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shell", "namespace": NAMESPACE},
        "spec": {"serviceAccountName": "robot", "containers": [{"name": "a", "image": "b/c:1"}], "nodeName": "none"},
    }
    put(target, pod)
    shell = f"{target.path_of(pod)}/exec?command=sh"
    for method in ("POST", "GET"):
        assert "may only send dry runs" in str(target.api(method, shell, token=token))
    (binding,) = (body for body in POLICY if body["kind"].endswith("Binding"))
    assert target.api("PATCH", target.path_of(binding), {}, MERGE, token)[0] == 200, "the hole that the guide tells of"


# Last, for it takes rights from everybody


def test_what_everybody_may_is_enough_when_it_is_granted_and_missed_by_its_path_when_not(target, tmp_path):
    for name in ("system:discovery", "system:public-info-viewer"):
        assert target.api("DELETE", f"/apis/{RBAC}/v1/clusterrolebindings/{name}")[0] == 200
    until(target, USES["types"].user, *PATHS, READY, allowed=False)
    use = USES["discovery"]
    restored = Scene(target, use, tmp_path).run()
    assert fine(restored), said(restored)
    for right in PATHS:
        assert re.search(missed(right), failure(target, use, Scene(target, use, tmp_path), right)), right
    assert "get /readyz is answered HTTP 403" in unproven(target, tmp_path, READY)
