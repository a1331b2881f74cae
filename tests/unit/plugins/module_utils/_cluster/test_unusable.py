# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the first hour: one sentence each, which says which option or file, why, and what to do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.unusable import (
    host_problem,
    is_content,
    why_unusable,
)

SECRET = "s3cr3t-canary"
GOOD: dict[str, Any] = {
    "current-context": "a",
    "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("b", "a")],
    "clusters": [{"name": "c", "cluster": {"server": f"https://me:{SECRET}@127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": SECRET}}],
}


def but(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    change(body)
    return body


CONTENTS = [
    (None, {}, "kubeconfig: {path} is empty; get it anew"),
    ([1], {}, "kubeconfig: {path} is no kubeconfig: it has no contexts, clusters and users; give the path of one"),
    (SECRET, {}, "kubeconfig: {path} is no kubeconfig: it has no contexts, clusters and users; give the path of one"),
    (but(lambda body: body.pop("contexts")), {}, "kubeconfig: {path} has no context; get it anew"),
    (but(lambda body: body.update(contexts="x")), {}, "kubeconfig: {path} has no context; get it anew"),
    (GOOD, {"context": "prod"}, "context: kubeconfig: {path} has no context prod; it has a, b"),
    (
        but(lambda body: body.update({"current-context": "gone"})),
        {},
        "context: kubeconfig: {path} has no context gone, its current-context; it has a, b",
    ),
    (
        but(lambda body: body.pop("current-context")),
        {},
        "context: kubeconfig: {path} has no current-context; give one of a, b",
    ),
    (
        but(lambda body: body.update(clusters=[])),
        {},
        "kubeconfig: {path}: its context a names a cluster c that it lacks",
    ),
    (but(lambda body: body.update(users=None)), {}, "kubeconfig: {path}: its context a names a user u that it lacks"),
]


@pytest.mark.parametrize(("content", "auth", "said"), CONTENTS)
def test_what_is_wrong_in_a_kubeconfig(tmp_path: Path, content: Any, auth: dict[str, str], said: str) -> None:
    path = tmp_path / "config"
    path.write_text("" if content is None else yaml.safe_dump(content), encoding="utf-8")
    found = why_unusable({"kubeconfig": str(path), **auth}, ValueError(SECRET))
    assert found == said.format(path=path)
    assert SECRET not in found


def test_a_dictionary_is_told_of_too() -> None:
    found = why_unusable({"kubeconfig": GOOD, "context": "prod"}, ValueError())
    assert found == "context: kubeconfig, which is given as a dictionary, has no context prod; it has a, b"


@pytest.mark.parametrize("text", [f"users: [{{token: {SECRET}\nfoo: [", f"{SECRET}: [\n", "\x00", "a: b: c"])
def test_of_what_is_no_yaml_only_the_place_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    found = why_unusable({"kubeconfig": str(path)}, ValueError(SECRET))
    assert found.startswith(f"kubeconfig: {path} is no YAML")
    assert SECRET not in found


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert why_unusable({"kubeconfig": "/none/c"}, ValueError()).startswith("kubeconfig: /none/c is not there; give")
    assert why_unusable({"kubeconfig": "~/c"}, ValueError()).startswith(f"kubeconfig: {tmp_path}/c is not there")
    assert "is a folder; give the path of the file in it" in why_unusable({"kubeconfig": str(tmp_path)}, ValueError())
    none = why_unusable({}, ValueError())
    assert none.startswith("no usable connection options: give kubeconfig (and context), or host with")
    assert none.endswith("there is no ~/.kube/config" if "~" in none else f"there is no {tmp_path}/.kube/config")
    monkeypatch.setenv("KUBECONFIG", "/none/a:/none/b")
    assert "there is no /none/a" in why_unusable({}, ValueError())


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff\xfe\x00")
    assert "kubeconfig: " in why_unusable({"kubeconfig": str(tmp_path / "config")}, ValueError())


@pytest.mark.parametrize("text", ["apiVersion: v1\nusers: []", '{"apiVersion": "v1"}', "  {a: b}"])
def test_the_text_of_a_kubeconfig_is_not_shown(text: str) -> None:
    assert is_content(text)
    assert text not in why_unusable({"kubeconfig": text}, ValueError())


def test_a_path_is_no_content() -> None:
    assert not is_content("/home/me/.kube/config")
    assert not is_content("")


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("https://api.example.org:6443", ""),
        ("http://127.0.0.1:8001", ""),
        ("api.example.org:6443", "host: api.example.org:6443 does not say how it is spoken to; give https://api"),
        ("", "host:  does not say"),
    ],
)
def test_an_address_says_how_it_is_spoken_to(host: str, said: str) -> None:
    assert host_problem(host).startswith(said)
    assert bool(host_problem(host)) is bool(said)


def test_what_is_wrong_elsewhere_is_told_by_its_type() -> None:
    found = why_unusable({"kubeconfig": GOOD}, KeyError(SECRET))
    assert found.startswith("no usable connection options (KeyError): give kubeconfig")
    assert SECRET not in found
