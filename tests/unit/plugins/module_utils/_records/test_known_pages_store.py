# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept for selections that nobody uses any more is removed, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Conflict, Forbidden, NotFound
from ansible_collections.standby.velero.plugins.module_utils._inventory.known_pages import (
    KnownPages,
    known_secret,
    name_of,
)
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._records.known_pages_store import KEPT, KnownPagesStore
from scripted_target import GONE, ScriptedTarget

Body = dict[str, Any]
KEYS = Keys("a key")
NOW = 1_800_000_000.0
LIST = "list secrets state standby.velero/holds=known"


def kept(selection: str, full: float, keys: Keys = KEYS) -> Body:
    """As it stands on the target."""
    secret = known_secret(name_of(selection), KnownPages(full), keys, "state")
    return {**secret, "metadata": {**secret["metadata"], "uid": f"uid-of-{selection}", "resourceVersion": "7"}}


def removal(selection: str) -> str:
    return f"delete secrets state/{name_of(selection)}"


def target_of(*secrets: Body, **answers: Any) -> ScriptedTarget:
    return ScriptedTarget((LIST, [list(secrets)]), *((removal(one), answer) for one, answer in answers.items()))


def forget(target: ScriptedTarget) -> None:
    KnownPagesStore(target, "state", "mine", KEYS).forget_others(NOW)


def test_what_no_run_has_looked_at_for_a_week_is_removed_by_uid_and_version() -> None:
    target = target_of(kept("mine", NOW), kept("older", NOW - KEPT - 1), kept("newer", NOW - KEPT), older=GONE)
    forget(target)
    assert target.requests == [LIST, removal("older")]
    assert target.body(removal("older")) == {"uid": "uid-of-older", "version": "7", "propagation": ""}


@pytest.mark.parametrize(
    "secret",
    [
        kept("mine", NOW - 2 * KEPT),
        kept("other", 0.0),
        kept("other", NOW + 2 * KEPT),
        kept("other", NOW - 2 * KEPT, Keys("another key")),
        {**kept("other", NOW - 2 * KEPT), "data": {"known": "!"}},
        {**kept("other", NOW - 2 * KEPT), "data": {}},
    ],
    ids=["its own", "of no time", "of another clock", "by another key", "damaged", "empty"],
)
def test_what_is_its_own_or_of_an_unknown_age_stays(secret: Body) -> None:
    target = target_of(secret)
    forget(target)
    assert target.requests == [LIST]


@pytest.mark.parametrize("answer", [NotFound("gone"), Conflict("written meanwhile")], ids=["gone", "written meanwhile"])
def test_one_that_somebody_came_to_first_is_left_to_him(answer: Any) -> None:
    target = target_of(kept("a", NOW - 2 * KEPT), kept("b", NOW - 2 * KEPT), a=answer, b=GONE)
    forget(target)
    assert target.requests == [LIST, removal("a"), removal("b")]


def test_that_it_may_not_be_removed_is_told() -> None:
    with pytest.raises(Forbidden):
        forget(target_of(kept("a", NOW - 2 * KEPT), a=Forbidden("no")))
