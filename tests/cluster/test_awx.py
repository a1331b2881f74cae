# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role awx against an API that refuses what AWX refuses: played twice, after a change by hand, and by its own job."""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from awx_api import PASSWORD, TOKEN, USER, Awx
from awx_described import GIVEN, PROJECT, PROJECT_URL, player
from playing import Played, Player

CANARIES = ("canary-kubeconfig", "canary-secret-key", "canary-chat-token", "canary-hook")
SECRETS: dict[str, Any] = {
    "awx_credentials": [
        {"name": "Standbys", "credential_type": "standby_clusters", "inputs": {"kubeconfig": CANARIES[0]}},
        {
            "name": "Bucket",
            "credential_type": "Velero object store",
            "inputs": {"url": "s3://velero/cluster-1", "access_key": "AKID", "secret_key": CANARIES[1]},
        },
    ],
    "awx_notifications": [
        {
            "name": "Chat",
            "notification_type": "slack",
            "notification_configuration": {"token": CANARIES[2], "channels": ["#standby"]},
        },
        {
            "name": "Hook",
            "notification_type": "webhook",
            "notification_configuration": {"url": f"https://{CANARIES[3]}.example.org", "headers": {}},
        },
    ],
}
ALL = {**GIVEN, "awx_job_credentials": ["Standbys", "Bucket"], "awx_controller_credential": "", **SECRETS}
TEMPLATES = [
    "Standby AWX objects",
    "Standby activate",
    "Standby drift",
    "Standby hold",
    "Standby readiness",
    "Standby rehearsal",
    "Standby sync",
]


def play(plays: Player, variables: dict[str, Any], *arguments: str) -> Played:
    """Playbook awx, as from a command line."""
    plays.seconds = 600  # some thirty modules, one after the other
    return plays.book("awx", {"all": {}}, *arguments, **variables)


@pytest.fixture(scope="module")
def awx() -> Iterator[Awx]:
    with Awx({PROJECT_URL: PROJECT}) as awx:
        yield awx


@pytest.fixture(scope="module")
def plays(awx: Awx, tmp_path_factory: pytest.TempPathFactory) -> Player:
    return player(tmp_path_factory.mktemp("plays"), **awx.environment)


@pytest.fixture(scope="module")
def first(awx: Awx, plays: Player) -> tuple[Played, dict[str, Any]]:
    """The first play, and the objects after it."""
    return play(plays, ALL, "-vvv"), deepcopy(awx.objects)


def test_all_objects_are_made(first: tuple[Played, dict[str, Any]], awx: Awx) -> None:
    assert first[0].code == 0, first[0].output
    assert len(awx.names("credential_types")) == 5
    assert awx.names("credentials") == ["Bucket", "Standbys"]
    assert awx.names("execution_environments") == ["standby.velero"]
    assert awx.names("projects") == ["standby.velero"]
    assert awx.names("inventories") == ["Standby clusters"]
    assert awx.names("hosts") == ["standby-berlin", "standby-oslo"]
    assert awx.names("job_templates") == TEMPLATES
    assert awx.names("workflow_job_templates") == ["Standby sync with approval"]
    assert awx.names("workflow_job_template_nodes") == ["apply", "approval", "plan"]
    assert awx.names("workflow_approval_templates") == ["Write just what was planned?"]
    assert awx.names("schedules") == ["Standby drift, daily", "Standby sync, hourly"]
    assert awx.names("notification_templates") == ["Chat", "Hook"]


def test_the_jobs_have_credentials_survey_and_somebody_to_tell(first: tuple[Played, dict[str, Any]], awx: Awx) -> None:
    assert first[0].code == 0
    for name in TEMPLATES[1:]:
        assert awx.listed("job_templates", name, "credentials") == ["Bucket", "Standbys"]
        assert awx.listed("job_templates", name, "notification_templates_error") == ["Chat", "Hook"]
        assert awx.listed("job_templates", name, "notification_templates_success") == []
    assert set(awx.surveys) == {awx.named("job_templates", name)["id"] for name in TEMPLATES} | {
        awx.named("workflow_job_templates", "Standby sync with approval")["id"]
    }
    workflow = ("workflow_job_templates", "Standby sync with approval")
    assert awx.listed(*workflow, "notification_templates_approvals") == ["Chat", "Hook"]


def test_the_workflow_leads_from_plan_to_approval_to_sync(first: tuple[Played, dict[str, Any]], awx: Awx) -> None:
    assert first[0].code == 0
    numbers = {body["identifier"]: number for number, body in awx.objects["workflow_job_template_nodes"].items()}
    leads = {name: awx.lists.get((number, "success_nodes"), []) for name, number in numbers.items()}
    assert leads == {"plan": [numbers["approval"]], "approval": [numbers["apply"]], "apply": []}


def test_no_secret_is_in_what_the_play_says(first: tuple[Played, dict[str, Any]]) -> None:
    for canary in (*CANARIES, TOKEN):
        assert canary not in first[0].output + first[0].log


@pytest.fixture(scope="module")
def second(first: tuple[Played, dict[str, Any]], awx: Awx, plays: Player) -> tuple[Played, list[tuple[str, str]]]:
    """The second play, and what it asked AWX to write."""
    assert first[0].code == 0
    before = len(awx.written)
    return play(plays, ALL), awx.written[before:]


def test_the_second_time_nothing_is_written(second: tuple[Played, list[tuple[str, str]]]) -> None:
    played, written = second
    assert played.code == 0, played.output
    assert "changed=0 " in played.output
    assert written == []


def test_what_somebody_changed_by_hand_is_put_right(
    first: tuple[Played, dict[str, Any]], second: tuple[Played, list[tuple[str, str]]], awx: Awx, plays: Player
) -> None:
    assert second[0].code == 0
    sync = awx.named("job_templates", "Standby sync")["id"]
    survey = deepcopy(awx.surveys[sync])
    lists = {place: sorted(numbers) for place, numbers in awx.lists.items() if numbers}
    awx.edit("job_templates", "Standby drift", job_type="run", diff_mode=False)
    awx.edit("hosts", "standby-oslo", variables="{}")
    awx.edit("schedules", "Standby sync, hourly", enabled=True)
    awx.edit("credential_types", "Production cluster", injectors={})
    awx.edit("notification_templates", "Chat", messages=None)
    hook = awx.named("notification_templates", "Hook")
    awx.edit("notification_templates", "Hook", messages={**hook["messages"], "started": {"body": "{}"}})
    awx.edit("workflow_approval_templates", "Write just what was planned?", timeout=0)
    awx.surveys[sync]["spec"].pop()
    awx.lists[(awx.named("job_templates", "Standby hold")["id"], "credentials")].pop()
    before = len(awx.written)
    looked = play(plays, ALL, "--check")
    assert looked.code == 0, looked.output
    assert awx.written[before:] == []
    assert "changed=0 " not in looked.output
    played = play(plays, ALL)
    assert played.code == 0, played.output
    assert ("PATCH", f"/notification_templates/{hook['id']}/") not in awx.written
    awx.edit("notification_templates", "Hook", messages=hook["messages"])
    assert awx.objects == first[1]
    assert awx.surveys[sync] == survey
    assert {place: sorted(numbers) for place, numbers in awx.lists.items() if numbers} == lists


def test_the_job_that_makes_the_objects_again_changes_none(
    second: tuple[Played, list[tuple[str, str]]], awx: Awx, plays: Player
) -> None:
    """As AWX starts it from its schedule: with the template's variables, and the answers that stand in its survey."""
    assert second[0].code == 0
    template = awx.named("job_templates", "Standby AWX objects")
    survey = awx.surveys[template["id"]]["spec"]
    answers = {one["variable"]: one["default"] for one in survey if one["type"] == "text" or one["default"]}
    before = len(awx.written)
    played = play(plays, {**json.loads(template["extra_vars"]), **answers, "awx_job_id": 17})
    assert played.code == 0, played.output
    assert "changed=0 " in played.output
    assert awx.written[before:] == []


# Through ansible.controller


def controller(folder: Path) -> Path:
    """ansible.controller is awx.awx, built under another name: so it is made here."""
    bundled = Path(sysconfig.get_path("purelib"), "ansible_collections", "awx", "awx")
    made = folder / "ansible_collections" / "ansible" / "controller"
    for part in ("plugins", "meta"):
        shutil.copytree(bundled / part, made / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in made.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("ansible_collections.awx.awx", "ansible_collections.ansible.controller")
        text = text.replace("awx.awx.auth", "ansible.controller.auth")
        path.write_text(text.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"'), encoding="utf-8")
    return folder


def test_the_same_objects_are_made_through_ansible_controller(tmp_path: Path) -> None:
    product = "Red Hat Ansible Automation Platform"
    with Awx({PROJECT_URL: PROJECT}, "/api/controller/v2", product) as awx:
        known = {"CONTROLLER_HOST": awx.url, "CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}
        plays = player(tmp_path, **known)
        plays.collections.append(controller(tmp_path / "collections"))
        played = play(plays, {**GIVEN, "awx_collection": "ansible.controller"})
        assert played.code == 0, played.output
        assert awx.names("job_templates") == TEMPLATES
        assert PASSWORD not in played.everything


# What is refused, before anything is made


@pytest.mark.parametrize(
    ("variables", "environment", "said"),
    [
        ({"awx_organization": "Nobody"}, {}, "The controller has no organization Nobody"),
        (
            {"awx_collection": "ansible.controller"},
            {},
            "ansible.controller has to be installed (awx_collection names it",
        ),
        ({}, {"CONTROLLER_HOST": "http://127.0.0.1:1"}, "CONTROLLER_HOST with CONTROLLER_OAUTH_TOKEN"),
        ({"awx_standbys": ""}, {}, "with awx_standbys which standbys there are"),
        ({"awx_names": {"synk": "x"}}, {}, "awx_names has no object synk"),
        (
            {"awx_variables": {"restore_max_backup_ages": "3h"}},
            {},
            "restore_max_backup_ages is no variable of this role (did you mean restore_max_backup_age?)",
        ),
        ({"awx_standbys": {"a": {"sync_verfy": False}}}, {}, "did you mean sync_verify?"),
        (
            {"awx_standbys": {"a": {"restore_api_key": "canary"}}},
            {},
            "restore_api_key in awx_variables or awx_standbys",
        ),
        (
            {"awx_variables": {"restore_backup_store": {"url": "s3://velero", "secret_key": "canary"}}},
            {},
            "secret_key in awx_variables or awx_standbys: nothing was made",
        ),
    ],
)
def test_what_no_objects_can_be_made_of_is_refused_with_what_to_do(
    variables: dict[str, Any], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    with Awx({PROJECT_URL: PROJECT}) as awx:
        played = play(player(tmp_path, **{**awx.environment, **environment}), {**GIVEN, **variables})
        assert played.code == 2
        assert said in " ".join(played.output.split()), played.output
        assert "canary" not in played.output
        assert awx.written == []
