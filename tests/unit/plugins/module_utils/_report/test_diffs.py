# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a whole run: which objects have an entry, of which sort, in which order, within which bound."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._compare.hidden import compile_hidden
from ansible_collections.standby.velero.plugins.module_utils._report.diffs import DIFF_BYTES, Diffs
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    RESTORE_LABEL,
    BackupItem,
    Body,
    Comparison,
    Done,
    ObjectKey,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import CHANGED, Action, Outcome, Reason
from outcomes import done_of

LABELS = {BACKUP_LABEL: "b", RESTORE_LABEL: "r"}
DESIRED: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "2"}}
DIFFERS = Comparison("7", patch={"data": {"a": "2"}}, before={"data": {"a": "1"}})
BOTH_LABELS = {"labels": {BACKUP_LABEL: "b", RESTORE_LABEL: "r"}}


def one(
    name: str, outcome: Outcome, comparison: Comparison | None = DIFFERS, kind: str = "ConfigMap", **more: Any
) -> Done:
    key = ObjectKey("", kind, "" if kind == "Namespace" else "shop", name)
    return done_of(key, outcome, change={"comparison": comparison}, **more)


def diffs(*done: Done, desired: Body | None = None) -> Diffs:
    return Diffs(done, lambda _item: DESIRED if desired is None else desired, LABELS)


def shown_of(done: Done) -> tuple[Any, Any]:
    """Before and after, as they are read."""
    (entry,) = diffs(done).entries()
    return yaml.safe_load(entry["before"]), yaml.safe_load(entry["after"])


@pytest.mark.parametrize("outcome", Outcome)
def test_what_was_stored_has_an_entry_and_nothing_else_has(outcome: Outcome) -> None:
    assert len(list(diffs(one("web", outcome)).entries())) == (outcome in CHANGED)


@pytest.mark.parametrize(
    ("done", "before", "after"),
    [
        (one("web", Outcome.CREATED, None), None, DESIRED),
        (one("web", Outcome.UPDATED), {"data": {"a": "1"}}, {"data": {"a": "2"}, "metadata": BOTH_LABELS}),
        (one("web", Outcome.RECREATED), {"data": {"a": "1"}}, {"data": {"a": "2"}, "metadata": BOTH_LABELS}),
        (one("web", Outcome.RELABELLED), None, {"metadata": BOTH_LABELS}),
        # the two labels are all that was stored of a patch whose fields the target keeps
        (one("web", Outcome.RELABELLED, action=Action.UPDATE), None, {"metadata": BOTH_LABELS}),
        # neither merged accounts nor Namespaces bear them
        (one("web", Outcome.UPDATED, Comparison("7", {"a": 2}, {"a": 1}, merged=True)), {"a": 1}, {"a": 2}),
        (one("shop", Outcome.UPDATED, kind="Namespace"), {"data": {"a": "1"}}, {"data": {"a": "2"}}),
        (one("web", Outcome.DELETED, Comparison("", before=DESIRED, uid="u1")), DESIRED, None),
    ],
)
def test_an_entry_shows_what_was_done_to_the_object(done: Done, before: Any, after: Any) -> None:
    assert shown_of(done) == (before, after)


def test_what_loses_something_comes_before_what_is_new_and_labels_last() -> None:
    outcomes = (Outcome.CREATED, Outcome.RELABELLED, Outcome.UPDATED, Outcome.DELETED, Outcome.RECREATED)
    done = [one(f"{letter}-{outcome.value}", outcome) for outcome in outcomes for letter in ("b", "a")]
    heads = [entry["after_header"].removeprefix("ConfigMap shop/") for entry in diffs(*done).entries()]
    assert heads == [
        *(f"a-{word}" for word in ("deleted", "recreated", "updated")),
        *(f"b-{word}" for word in ("deleted", "recreated", "updated")),
        *("a-created", "b-created", "a-relabelled", "b-relabelled"),
    ]


@pytest.mark.parametrize("where", ["in report_path", "(report_path was not set)"])
def test_what_does_not_fit_is_counted_and_its_body_is_not_made(where: str) -> None:
    asked: list[BackupItem] = []

    def desired(item: BackupItem) -> Body:
        asked.append(item)
        return {**DESIRED, "data": {"a": "x" * 1_000}}

    whole = Diffs([one(f"{number:04}", Outcome.CREATED, None) for number in range(1_000)], desired, LABELS)
    assert not asked
    *shown, last = whole.shown(where)
    assert len(json.dumps(shown)) <= DIFF_BYTES + len(shown) * len(", ")
    assert len(asked) == len(shown) + 1 < 1_000
    assert last["after"] == f"{1_000 - len(shown)} more {where}\n"


def test_all_that_fits_is_shown_without_a_last_line() -> None:
    assert [entry["after_header"] for entry in diffs(one("web", Outcome.UPDATED)).shown("")] == ["ConfigMap shop/web"]


def test_what_the_user_hides_is_in_no_entry_of_any_sort() -> None:
    canary = "a-canary"
    body: Body = {**DESIRED, "data": {"a": canary, "b": "seen"}}
    differs = Comparison("7", patch={"data": {"a": canary}}, before={"data": {"a": f"old {canary}"}})
    done = [
        one("made", Outcome.CREATED, None),
        one("changed", Outcome.UPDATED, differs),
        one("anew", Outcome.RECREATED, differs),
        one("new", Outcome.UPDATED, None),
        one("gone", Outcome.DELETED, Comparison("", before=body, uid="u1")),
    ]
    hidden, _problems = compile_hidden(("data.a",))
    whole = Diffs(done, lambda _item: body, LABELS, hidden)
    for entries in (list(whole.entries()), list(whole.described()), whole.shown("")):
        assert canary not in json.dumps(entries)
        assert json.dumps(entries).count("(hidden: value") == 7
        assert json.dumps(entries).count("b: seen") == 3


def test_a_secret_that_goes_or_comes_is_masked() -> None:
    canary = "c2VjcmV0LWNhbmFyeQ=="
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "creds"}, "data": {"password": canary}}
    gone = one("creds", Outcome.DELETED, Comparison("", before=secret, uid="u1"), kind="Secret")
    made = one("creds", Outcome.CREATED, None, kind="Secret")
    unverified = one("creds", Outcome.CREATED, None, kind="Secret", reason=Reason.UNVERIFIED)
    entries = list(diffs(gone, made, unverified, desired=secret).entries())
    assert len(entries) == 3
    assert all("password" in entry["before"] + entry["after"] for entry in entries)
    assert canary not in json.dumps(entries)
