# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies are written once, replaced in place, and never where somebody else's Secret stands."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    ClusterError,
    Forbidden,
    NotFound,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import key_of, secret_name, secret_of
from ansible_collections.standby.velero.plugins.module_utils._records.kept_copies import KeptCopies
from scripted_target import GONE, ScriptedTarget

Body = dict[str, Any]
BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.metrics.example"},
    "spec": {"group": "metrics.example", "version": "v1beta1"},
}
KEY = key_of(BODY)
NAME = secret_name(KEY)
LIST = "list secrets state standby.velero/holds=copy"
CREATE, GET, PATCH, DELETE = (f"{verb} secrets state/{NAME}" for verb in ("create", "get", "patch", "delete"))


def stored(body: Body | None = None, **more: Any) -> Body:
    secret = secret_of(body or BODY, "state")
    return {**secret, "metadata": {**secret["metadata"], "uid": "s-1", "resourceVersion": "7"}, **more}


def named(secret: Body, name: str) -> Body:
    return {**secret, "metadata": {**secret["metadata"], "name": name}}


def copies(*script: Any, dry_run: bool = False) -> tuple[KeptCopies, ScriptedTarget]:
    target = ScriptedTarget(*script)
    return KeptCopies(target, "state", dry_run), target


def test_what_is_there_is_known_and_what_is_none_is_named() -> None:
    kept, _target = copies((LIST, [[stored()], [named(stored(), "copy-apiservice-1")]]))
    kept.read()
    assert [(key, copy.uid) for key, copy in kept.known.items()] == [(KEY, "s-1")]
    assert kept.told == (
        "Secret state/copy-apiservice-1 says that it is the copy of an APIService, but it holds another APIService than"
        " the one that it is called after: nothing is created from it",
    )


def test_that_they_may_not_be_read_is_no_silence() -> None:
    kept, _target = copies((LIST, Forbidden("no")))
    with pytest.raises(Forbidden):
        kept.read()


def test_a_copy_is_created_and_known_from_then_on() -> None:
    kept, target = copies((CREATE, stored()))
    assert kept.save(BODY) == "s-1"
    assert target.body(CREATE) == secret_of(BODY, "state")
    assert kept.known[KEY].body == BODY


def test_an_older_one_is_replaced_in_place() -> None:
    older = stored({**BODY, "spec": {}})
    kept, target = copies((CREATE, AlreadyExists("there")), (GET, older), (PATCH, stored()))
    assert kept.save(BODY) == "s-1"
    assert target.body(PATCH) == {"metadata": {"resourceVersion": "7"}, "data": secret_of(BODY, "state")["data"]}


def test_one_that_was_refused_is_none_any_more_once_it_is_written_anew() -> None:
    damaged = stored(data={"body": ""})
    kept, _target = copies((LIST, [[damaged]]), (CREATE, AlreadyExists("there")), (GET, damaged), (PATCH, stored()))
    kept.read()
    assert kept.told
    kept.save(BODY)
    assert kept.told == ()


def test_a_secret_of_somebody_else_s_is_not_overwritten() -> None:
    kept, target = copies((CREATE, AlreadyExists("there")), (GET, stored(type="Opaque")))
    with pytest.raises(ClusterError, match=f"Secret state/{NAME} is somebody else's"):
        kept.save(BODY)
    assert target.requests == [CREATE, GET]


@pytest.mark.parametrize("answer", [GONE, NotFound("gone")], ids=["there", "gone already"])
def test_a_copy_is_removed_by_its_uid(answer: Any) -> None:
    kept, target = copies((LIST, [[stored()]]), (DELETE, answer))
    kept.read()
    kept.drop(KEY)
    assert target.body(DELETE)["uid"] == "s-1"
    assert kept.known == {}


def test_where_there_is_none_nothing_is_removed() -> None:
    kept, target = copies()
    kept.drop(KEY)
    assert target.requests == []


def test_a_dry_run_writes_none_and_removes_none() -> None:
    kept, target = copies((LIST, [[stored()]]), dry_run=True)
    kept.read()
    assert kept.save({**BODY, "spec": {}}) == ""
    kept.drop(KEY)
    assert target.requests == [LIST]
