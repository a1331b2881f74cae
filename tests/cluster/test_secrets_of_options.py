# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig given as a dictionary: what is secret in it is nowhere, and no other word of it is masked anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases import Case, case
from controlplane import ControlPlane
from playing import Played, Player

Body = dict[str, Any]
MASKS = ("********", "VALUE_SPECIFIED")

SCRIPT = """#!/bin/sh
test "$*" = "--cluster prod get --client-secret {secret}" || exit 3
test "$AWS_PROFILE $AWS_SECRET_ACCESS_KEY" = "shop {key}" || exit 4
printf '%s' '{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
 "status": {{"token": "{token}"}}}}'
"""
CLIENT_SECRET, ACCESS_KEY = "canary-of-the-client", "canary-of-the-cloud"


def kubeconfig_of(found: Case, target: ControlPlane, script: Path) -> Body:
    """The case's, with the address and authority of this control plane, and secrets for its command."""
    given: Body = found.options["kubeconfig"]
    own = yaml.safe_load(target.kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]
    command = given["users"][0]["user"]["exec"]
    command["command"] = str(script)
    command["args"] += ["--client-secret", CLIENT_SECRET]
    command["env"].append({"name": "AWS_SECRET_ACCESS_KEY", "value": ACCESS_KEY})
    return {**given, "clusters": [{"name": "standby", "cluster": own}]}


@pytest.fixture(scope="module")
def found(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case("masked-words", controlplane, tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def played(controlplane: ControlPlane, found: Case, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Three runs in one play: twice with the command's credentials, once with the token itself."""
    folder = tmp_path_factory.mktemp("plays")
    script = folder / "credentials.sh"
    script.write_text(SCRIPT.format(secret=CLIENT_SECRET, key=ACCESS_KEY, token=controlplane.token), encoding="utf-8")
    script.chmod(0o700)
    by_command = kubeconfig_of(found, controlplane, script)
    by_token = {**by_command, "users": [{"name": "robot", "user": {"token": controlplane.token}}]}
    options = {
        "backup_file": str(found.backup()),
        "existing_resource_policy": "update",
        "state_namespace": "prod-state",
    }
    player = Player(controlplane, folder)
    return player.tasks(
        *player.module("first", kubeconfig=by_command, **options),
        *player.module("again", kubeconfig=by_command, **options),
        *player.module("token", kubeconfig=by_token, **options),
        *player.module("wrong", kubeconfig=by_token, **{**options, "backup_file": "/prod/get/shop.tar.gz"}),
        arguments=("-vvvv", "--diff"),
    )


def test_words_of_a_command_are_whole_in_names_counts_and_messages(found: Case, played: Played) -> None:
    first, again = played.results["first"], played.results["again"]
    place = found.space("prod-shop")
    assert {(one["kind"], one["namespace"], one["name"]) for one in first["objects"]} == {
        ("Namespace", "", place),
        ("ConfigMap", place, "prod-web"),
    }
    assert first["restore"]["name"] == found.name
    assert (first["counts"]["created"], again["counts"]["unchanged"], again["changed"]) == (2, 2, False)
    for name in ("first", "again", "token"):
        shown = {field: part for field, part in played.results[name].items() if field != "invocation"}
        assert [mask for mask in MASKS if mask in json.dumps(shown)] == []
    assert "/prod/get/shop.tar.gz" in played.results["wrong"]["msg"]


@pytest.mark.parametrize("secret", ["token", CLIENT_SECRET, ACCESS_KEY])
def test_what_is_secret_in_it_is_nowhere(controlplane: ControlPlane, played: Played, secret: str) -> None:
    secret = controlplane.token if secret == "token" else secret
    said = played.output + played.log + json.dumps(played.results)
    assert secret not in said
    assert all(secret not in line for line in played.arguments if "credentials.sh" not in line)


def test_the_kubeconfig_as_such_is_not_shown_with_the_options(played: Played) -> None:
    assert played.output.count('"kubeconfig": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"') >= len(played.results) == 4
    assert "interactiveMode" not in played.output + played.log
