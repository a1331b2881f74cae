# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin hands the role's templates on, and the host's name, and shows neither."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible_collections.standby.velero.plugins.action.velero_report import ActionModule
from reporting import TEMPLATES

HOST = {"inventory_hostname": "standby-east"}


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments that the module gets; it tells them as modules do."""
    seen: list[dict[str, Any]] = []

    def execute(_self: Any, _name: Any = None, module_args: Any = None, **_how: Any) -> dict[str, Any]:
        seen.append(module_args)
        return {"invocation": {"module_args": dict(module_args)}}

    monkeypatch.setattr(NormalAction, "_execute_module", execute)
    return seen


def executed(**args: Any) -> dict[str, Any]:
    plugin = ActionModule.__new__(ActionModule)
    plugin._task = SimpleNamespace(args=args)
    result: dict[str, Any] = plugin._execute_module(task_vars=HOST)
    return result


def test_templates_and_host_are_filled_in(handed_on: list[dict[str, Any]]) -> None:
    told = executed(report_path="/r.json")["invocation"]["module_args"]
    assert handed_on[0]["templates"] == TEMPLATES
    assert handed_on[0]["cluster"] == "standby-east"
    assert told["templates"] == {}


def test_what_the_user_gives_goes_first(handed_on: list[dict[str, Any]]) -> None:
    told = executed(report_path="/r.json", cluster="west", templates={"page.css": "x"})["invocation"]["module_args"]
    assert handed_on[0]["templates"] == {**TEMPLATES, "page.css": "x"}
    assert handed_on[0]["cluster"] == "west"
    assert told["templates"] == {"page.css": "x"}


def test_a_blank_name_is_none(handed_on: list[dict[str, Any]]) -> None:
    executed(report_path="/r.json", cluster="", templates=None)
    assert handed_on[0]["cluster"] == "standby-east"
