# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role, playbook and module as people run them: real ansible-playbook, real control plane.

Every start of ansible-playbook takes seconds, so a few plays are run and many tests look at what they left.
"""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from backups import Backup, complete
from controlplane import ControlPlane, wait_for
from playing import Played, Player
from restoring import BACKUP_02

Body = dict[str, Any]

GUARD = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: guard}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [configmaps]}]
  matchConditions: [{name: only-guarded, expression: "object.metadata.name.startsWith('guarded')"}]
  validations: [{expression: "object.data == oldObject.data"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: guard}
spec: {policyName: guard, validationActions: [Deny]}
"""
"""ConfigMaps guarded-… take labels but no other data: Velero warns of that and has no error."""

BRACES = "{{ 1 + 1 }}"
LOOKUP = "{{ lookup('pipe', 'id') }}"
MANY = 5_000
RESULT_BYTES = 300_000
TLS = "is not verified"


def config_map(name: str, namespace: str = "shop", **data: str) -> Body:
    return complete("configmaps", namespace, name, {"data": data})


def create(target: ControlPlane, body: Body) -> None:
    meta = {name: value for name, value in body["metadata"].items() if name != "uid"}
    status, answer = target.api("POST", target.path_of(body).rpartition("/")[0], {**body, "metadata": meta})
    assert status == 201, answer


def backup_of(path: Path, *bodies: Body) -> Path:
    resources = {"ConfigMap": "configmaps", "PriorityClass": "priorityclasses.scheduling.k8s.io"}
    backup = Backup()
    for body in bodies:
        meta = body["metadata"]
        backup.add(resources[body["kind"]], meta.get("namespace", ""), meta["name"], body)
    return backup.write(path)


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    """With a guard, and objects that are equal, different and guarded."""
    controlplane.apply(GUARD)
    for name in ("same", "drifted", "guarded"):
        create(controlplane, config_map(name, of="standby" if name != "same" else "both"))
    path = "/api/v1/namespaces/shop/configmaps/guarded?dryRun=All"
    change = {"data": {"of": "probe"}}
    merge = "application/merge-patch+json"
    wait_for("the guard", lambda: controlplane.api("PATCH", path, change, merge)[0] == 422)
    return controlplane


@pytest.fixture(scope="module")
def player(target: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Player:
    return Player(target, tmp_path_factory.mktemp("plays"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One object of each sort that a switch decides about, and a guarded one."""
    priority = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 7}
    return backup_of(
        tmp_path_factory.mktemp("small") / "small.tar.gz",
        config_map("same", of="both"),
        config_map("drifted", of="production"),
        config_map("guarded", of="production"),
        config_map("in-the-system", "kube-system", of="production"),
        complete("priorityclasses.scheduling.k8s.io", "", "shop-first", priority),
    )


def role(player: Player, name: str, **options: Any) -> list[Body]:
    """Tasks that run the role, whatever becomes of it, and keep its result under this name."""
    variables = {
        option if option.startswith("restore_") else f"restore_{option}": value for option, value in options.items()
    }
    include = {"ansible.builtin.include_role": {"name": "standby.velero.restore"}, "vars": variables}
    keep = player.keep(name, "restore_result | default(ansible_failed_result)")
    return [{"block": [include, keep], "rescue": [keep]}]


# Options: blanks, booleans, the environment

BLANK = {name: "" for name in ARGUMENT_SPEC if name not in ("backup_file", "existing_resource_policy")}
SWITCHES = {"false": "false", "no": False, "off": "no", "blank": "", "true": "true", "yes": True}
"""How a person, a survey and a play say it."""
OBSERVED = ("protect_cluster_objects", "label_unchanged", "include_cluster_resources", "validate_certs")
"""The booleans whose effect can be seen in a result; that every one is handed on, a unit test shows."""


@pytest.fixture(scope="module")
def switched(player: Player, small: Path, target: ControlPlane) -> Played:
    """Every switch at every value; the connection comes out of the environment alone, as from a credential."""
    tasks = []
    for name, value in SWITCHES.items():
        switches = {**BLANK, **dict.fromkeys(OBSERVED, value)}
        options = {"backup_file": str(small), "existing_resource_policy": "update", "fail_on": "never"}
        tasks += role(player, name, **switches | options)
    kubeconfig = str(target.kubeconfig)
    nowhere = str(player.folder / "nowhere")
    return player.tasks(*tasks, arguments=("--check",), KUBECONFIG=nowhere, K8S_AUTH_KUBECONFIG=kubeconfig)


def outcome(result: Body, name: str) -> str:
    found = [f"{one['outcome']} {one['reason']}".strip() for one in result["objects"] if one["name"] == name]
    return found[0] if found else "not selected"


@pytest.mark.parametrize("value", SWITCHES)
@pytest.mark.parametrize(
    ("switch", "seen", "off", "on", "blank"),
    [
        ("protect_cluster_objects", "in-the-system", "created", "skipped protected", "skipped protected"),
        ("label_unchanged", "same", "unchanged", "relabelled", "relabelled"),
        ("include_cluster_resources", "shop-first", "not selected", "created", "created"),
        ("validate_certs", TLS, "warned", "silent", "silent"),
    ],
)
def test_a_boolean_means_what_it_says_however_it_is_said(
    switched: Played, value: str, switch: str, seen: str, off: str, on: str, blank: str
) -> None:
    result = switched.results[value]
    wanted = {"false": off, "no": off, "off": off, "blank": blank}.get(value, on)
    if switch == "validate_certs":
        said = "warned" if any(seen in str(warning) for warning in result.get("warnings", [])) else "silent"
    else:
        said = outcome(result, seen)
    assert said == wanted


def test_blank_options_count_as_not_set_and_the_environment_connects(switched: Played) -> None:
    result = switched.results["blank"]
    assert result["restore"]["name"] == result["restore"]["backup_name"] == "small"
    assert outcome(result, "drifted") == "updated"
    assert switched.code == 0


# The playbook, to its end


@pytest.fixture(scope="module")
def recorded(player: Player, target: ControlPlane) -> list[Played]:
    """The recorded production backup by the collection's playbook: into an empty cluster, and once more."""
    variables = {
        "restore_backup_file": str(BACKUP_02),
        "restore_existing_resource_policy": "update",
        "restore_excluded_resources": "configmaps, pods",  # those are of the other plays; a Pod wants its account
        "restore_report_path": str(player.report_path),
        "restore_kubeconfig": str(target.kubeconfig),
    }
    return [player.role(variables), player.role(variables)]


def test_the_playbook_restores_and_tells_what_it_did(recorded: list[Played]) -> None:
    first = recorded[0]
    assert first.code == 0, first.output
    assert first.report is not None
    assert first.report["restore"]["phase"] == "Completed"
    created = first.report["counts"]["created"]
    assert created > 20
    assert f"created={created}" in first.output
    assert "Completed, in sync" in first.output
    assert "created: Namespace billing" in first.output
    assert re.search(r"and \d+ more in .*report\.json", first.output)


def test_the_playbook_again_changes_nothing(recorded: list[Played]) -> None:
    second = recorded[1]
    assert (second.code, bool(re.search(r"changed=0\s", second.output))) == (0, True)
    assert second.report is not None
    assert second.report["changed"] is False
    assert "created:" not in second.output


# Failures


@pytest.fixture(scope="module")
def failing(player: Player, target: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """A restore in which two objects fail, in check mode and for real, with braces wherever a backup may have them."""
    braces = config_map("braces", text=BRACES)
    braces["metadata"]["annotations"] = {"note": BRACES, "run": LOOKUP}
    path = tmp_path_factory.mktemp("failing") / "failing.tar.gz"
    backup = Backup().add("configmaps", "shop", "braces", braces)
    backup.add("configmaps", "shop", "guarded", config_map("guarded", of=BRACES))
    backup.add("configmaps", "shop", "fine", config_map("fine", of="production"))
    backup.add("configmaps", "shop", BRACES, config_map(BRACES, of="production"))
    variables = {
        "restore_backup_file": str(backup.write(path)),
        "restore_existing_resource_policy": "update",
        "restore_report_path": str(player.report_path),
        "restore_kubeconfig": str(target.kubeconfig),
    }
    played = []
    for arguments in (("--check", "--diff"), ("--diff",)):
        played.append(player.role(variables, *arguments))
        modes.append(stat.S_IMODE(player.report_path.stat().st_mode))
    return played


modes: list[int] = []
"""Of the report files that `failing` left."""


def test_failed_objects_fail_the_play_after_all_was_tried_and_told(failing: list[Played]) -> None:
    for played, would in zip(failing, ("would be ", ""), strict=True):
        assert played.code == 2
        summary = played.output[played.output.index("Tell what was done") :]
        assert "failed: ConfigMap shop/guarded: refused: ConfigMap shop/guarded was refused by the target" in summary
        assert "ValidatingAdmissionPolicy 'guard'" in summary
        assert f"{would}created: ConfigMap shop/fine" in summary
        assert "PartiallyFailed, NOT in sync" in summary
        assert re.search(r"failed=1\s", played.output[played.output.index("PLAY RECAP") :])
        assert played.report is not None
        assert (played.report["counts"]["failed"], played.report["counts"]["created"]) == (2, 2)


def test_braces_of_a_backup_are_text(failing: list[Played]) -> None:
    for played in failing:
        assert f"failed: ConfigMap shop/{BRACES}: refused" in played.output
        assert played.report is not None
        shown = next(one["after"] for one in played.report["diff"] if one["name"] == "braces")
        assert f"text: '{BRACES}'" in shown
        assert LOOKUP in shown.replace("''", "'")
        assert "uid=" not in played.output + json.dumps(played.report)


def test_the_report_is_the_owner_s_alone_in_check_mode_too(failing: list[Played]) -> None:
    assert failing
    assert modes == [0o600, 0o600]


def test_check_mode_has_stored_nothing(failing: list[Played]) -> None:
    checked, ran = (played.report for played in failing)
    assert checked is not None
    assert ran is not None
    assert (checked["check_mode"], ran["check_mode"]) == (True, False)
    assert checked["counts"] == ran["counts"]  # the second found the target as the first


# fail_on and wrong options


WRONG: dict[str, dict[str, Any]] = {
    "policy": {"existing_resource_policy": "replace"},
    "switch": {"label_unchanged": "perhaps"},
    "number": {"concurrency": "many"},
    "fail_on": {"fail_on": "sometimes"},
    "several": {
        "concurrency": 1000,
        "restore_name": "No Name",
        "protect_except": ["a//b"],
        "included_namespaces": ["*", "shop"],
        "excluded_namespaces": ["*"],
    },
}


@pytest.fixture(scope="module")
def judged(player: Player, small: Path, target: ControlPlane) -> Played:
    """The same plan under each `fail_on`, and options that cannot be."""
    options = {"backup_file": str(small), "existing_resource_policy": "update", "kubeconfig": str(target.kubeconfig)}
    guarded = {"included_resources": ["configmaps"], **options}
    tasks = []
    for fail_on in ("failed", "errors", "out_of_sync", "never"):
        tasks += player.module(f"on_{fail_on}", fail_on=fail_on, **guarded)
    equal = {**guarded, "existing_resource_policy": "none", "fail_on": "out_of_sync"}
    tasks += player.module("none_out_of_sync", **equal)
    for name, wrong in WRONG.items():
        tasks += player.module(f"wrong_{name}", **options | wrong)
    tasks += role(player, "role_wrong", **options | WRONG["policy"])
    return player.tasks(*tasks, arguments=("--check",))


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("on_failed", True),
        ("on_errors", False),  # a refused patch is a warning in Velero's sense, when the labels are taken
        ("on_out_of_sync", True),
        ("on_never", False),
        ("none_out_of_sync", True),  # it fails nowhere, but differs
    ],
)
def test_fail_on_decides_after_the_run(judged: Played, name: str, failed: bool) -> None:
    result = judged.results[name]
    assert result.get("failed", False) is failed
    assert result["counts"]["total"] == len(result["objects"]) >= 4
    assert result["restore"]["in_sync"] is False


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("policy", ["existing_resource_policy", "none, update", "replace"]),
        ("switch", ["label_unchanged", "perhaps"]),
        ("number", ["concurrency", "many"]),
        ("fail_on", ["fail_on", "out_of_sync", "sometimes"]),
        ("several", ["concurrency", "restore_name", "protect_except", "namespace lists"]),
    ],
)
def test_a_wrong_option_is_named_and_all_that_is_wrong_at_once(judged: Played, name: str, words: list[str]) -> None:
    result = judged.results[f"wrong_{name}"]
    assert result["failed"]
    assert [word for word in words if word not in result["msg"]] == []
    assert "counts" not in result


def test_the_role_refuses_what_the_module_would(judged: Played) -> None:
    result = judged.results["role_wrong"]
    assert result["failed"]
    assert "restore_existing_resource_policy" in json.dumps(result)


# Size


@pytest.fixture(scope="module")
def large(player: Player, target: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Thousands of new objects, checked with their diff: the largest result there is."""
    bodies = [config_map("a-first", text=BRACES, run=LOOKUP)]
    bodies += [config_map(f"many-{number:05}", of=f"{number} " * 40) for number in range(MANY - 1)]
    path = backup_of(tmp_path_factory.mktemp("large") / "large.tar.gz", *bodies)
    options = {"backup_file": str(path), "report_path": str(player.report_path), "kubeconfig": str(target.kubeconfig)}
    return player.tasks(*role(player, "result", **options), arguments=("--check", "--diff"))


def test_a_large_result_stays_small_and_the_report_has_the_rest(large: Played) -> None:
    result, report = large.results["result"], large.report
    assert report is not None
    assert large.code == 0
    assert len(json.dumps(result)) < RESULT_BYTES
    assert result["counts"]["created"] == len(report["diff"]) == MANY
    assert len(report["objects"]) == report["counts"]["total"]
    assert (result["objects_truncated"], len(result["objects"]) < MANY) == (True, True)


def test_the_diff_is_shown_and_not_templated(large: Played) -> None:
    assert "+++ after: ConfigMap shop/a-first" in large.output
    assert f"+  text: '{BRACES}'" in large.output
    assert LOOKUP in large.output.replace("''", "'")
    assert "uid=" not in large.output


def test_lists_that_are_cut_say_how_much_is_missing(large: Played) -> None:
    result = large.results["result"]
    more = MANY - len(result["diff"]) + 1
    assert result["diff"][-1]["before_header"] == f"{more} more in report_path"
    assert re.search(rf"and {MANY - 20} more in .*report\.json", large.output)


def test_a_misspelt_variable_is_refused_with_the_name_that_was_meant(player: Player, target: ControlPlane) -> None:
    """An exclusion that nobody reads would restore what must not be."""
    given = {"restore_backup_file": "/none.tar.gz", "restore_kubeconfig": str(target.kubeconfig)}
    played = player.role({**given, "restore_existing_ressource_policy": "update"})
    assert played.code == 2
    assert "did you mean restore_existing_resource_policy?" in " ".join(played.output.split())
    let_through = player.role({**given, "restore_window": "4h", "restore_other_variables": ["restore_window"]})
    assert "is no variable of this role" not in let_through.output
