# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a verification red, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._sync.left_over import left_over
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome


def a_result(*objects: dict[str, str], **counts: int) -> dict[str, Any]:
    counted = {outcome.value: sum(one["outcome"] == outcome.value for one in objects) for outcome in Outcome}
    return {"counts": counted | counts, "objects": list(objects)}


def an_object(outcome: str, name: str = "app", **more: str) -> dict[str, str]:
    known = {"kind": "ConfigMap", "group": "", "namespace": "shop", "name": name, "reason": "", "message": ""}
    return {**known, "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (an_object("updated"), "ConfigMap shop/app differs again"),
        (an_object("created"), "ConfigMap shop/app is missing again"),
        (
            an_object("recreated", kind="Deployment", group="apps"),
            "Deployment.apps shop/app differs again, in a field that needs it recreated",
        ),
        (an_object("failed", message="it was refused"), "ConfigMap shop/app failed: it was refused"),
        (an_object("created", kind="Namespace", namespace="", name="x"), "Namespace x is missing again"),
        (an_object("updated", name="a\x1b[2Jb"), "ConfigMap shop/a\\x1b[2Jb differs again"),
    ],
)
def test_an_object_that_would_be_written_is_left_over(one: dict[str, str], text: str) -> None:
    assert left_over(a_result(one)) == [text]


@pytest.mark.parametrize("outcome", ["unchanged", "relabelled", "skipped", "deleted", "deleting"])
def test_an_object_that_is_as_it_was_restored_is_not(outcome: str) -> None:
    assert left_over(a_result(an_object(outcome, reason="no_effect"))) == []


def test_no_more_than_twenty_are_named_and_the_others_counted() -> None:
    found = left_over(a_result(*(an_object("updated", f"a-{number}") for number in range(25)), failed=100))
    assert len(found) == 21
    assert found[-1] == "and 105 more"
