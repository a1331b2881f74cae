# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guard sleeps with what answers for it, and no guard that answers is ever switched off."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.guards import (
    SLEEP,
    asleep,
    awakened,
    held_names,
    may_sleep,
    sleeps,
    webhooks_of,
)
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION, held_text

Body = dict[str, Any]


def webhook(name: str, service: str = "shop", **fields: Any) -> Body:
    config = {"service": {"namespace": "shop", "name": service}} if service else {"url": "https://elsewhere.example"}
    return {"name": name, "clientConfig": config, "failurePolicy": "Fail", "objectSelector": {}, **fields}


def configuration(*webhooks: Any, **annotations: str) -> Body:
    metadata = {"name": "shop", "annotations": {"own": "stays", **annotations}}
    return {"kind": "ValidatingWebhookConfiguration", "metadata": metadata, "webhooks": list(webhooks)}


CHOOSY = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}
PRODUCTION = configuration(
    webhook("a.shop", "one"), webhook("b.shop", "two", failurePolicy="Ignore", objectSelector=CHOOSY), webhook("c", "")
)


@pytest.mark.parametrize("names", [[], ["a.shop"], ["b.shop"], ["a.shop", "b.shop"]])
def test_what_is_woken_is_what_production_has_field_by_field(names: list[str]) -> None:
    before = copy.deepcopy(PRODUCTION)
    sleeping = asleep(PRODUCTION, names)
    assert {name for name, one in webhooks_of(sleeping).items() if sleeps(one)} == set(names)
    assert held_names(sleeping) == set(names)
    assert awakened(sleeping) == PRODUCTION == before


def test_a_selector_of_production_s_is_narrowed_to_nothing_and_given_back() -> None:
    sleeping = webhooks_of(asleep(PRODUCTION, ["b.shop"]))["b.shop"]
    operators = [one["operator"] for one in sleeping["objectSelector"]["matchExpressions"]]
    keys = {one["key"] for one in sleeping["objectSelector"]["matchExpressions"]}
    assert (operators, len(keys)) == (["Exists", "DoesNotExist"], 1)


def test_what_sleeps_is_put_to_sleep_once() -> None:
    sleeping = asleep(PRODUCTION, ["a.shop", "b.shop"])
    assert asleep(sleeping, ["a.shop", "b.shop"]) == sleeping
    assert asleep(sleeping, ["a.shop"]) == asleep(PRODUCTION, ["a.shop"])


def test_one_is_woken_and_the_other_sleeps_on() -> None:
    half = awakened(asleep(PRODUCTION, ["a.shop", "b.shop"]), ["a.shop"])
    assert half == asleep(PRODUCTION, ["b.shop"])
    assert awakened(half) == PRODUCTION


def test_the_inventory_counts_before_the_annotation() -> None:
    sleeping = asleep(PRODUCTION, ["a.shop"])
    edited = copy.deepcopy(sleeping)
    edited["metadata"]["annotations"][ANNOTATION] = json.dumps({"webhooks": {"a.shop": {"failurePolicy": "Ignore"}}})
    assert awakened(edited, recorded=held_text(sleeping)) == PRODUCTION
    del edited["metadata"]["annotations"][ANNOTATION]
    assert awakened(edited, recorded=held_text(sleeping)) == PRODUCTION


@pytest.mark.parametrize(
    "text",
    [
        "",
        "broken",
        '{"webhooks":null}',
        '{"webhooks":[]}',
        '{"webhooks":{"a.shop":{"clientConfig":{"url":"https://evil.example"}}}}',
        '{"webhooks":{"other":{"failurePolicy":"Fail"}}}',
        '{"webhooks":{"a.shop":{"objectSelector":{"matchLabels":{"x":"y"}}}}}',
        '{"metadata":{"labels":{"x":"y"}}}',
    ],
)
def test_a_text_that_would_write_anything_else_says_nothing(text: str) -> None:
    body = configuration(*PRODUCTION["webhooks"], **{ANNOTATION: text})
    assert held_names(body) == frozenset()
    assert awakened(body) == PRODUCTION


UNANSWERED, SILENCED, ANSWERED = "unanswered", "silenced", "answered"


def sleeping_names(live: Body | None, one: str, recorded: str = "", desired: Body | None = None) -> set[str]:
    """With Service one in this state, and Service two answering; of production's configuration unless told."""

    def unanswered(place: tuple[str, str]) -> bool:
        return place[1] == "one" and one != ANSWERED

    def silenced(place: tuple[str, str]) -> bool:
        return place[1] == "one" and one == SILENCED

    return set(may_sleep(PRODUCTION if desired is None else desired, live, recorded, unanswered, silenced))


HELD = asleep(PRODUCTION, ["a.shop"])
WOKEN_BY_HAND = configuration(*PRODUCTION["webhooks"], **{ANNOTATION: held_text(HELD)})


@pytest.mark.parametrize(
    ("live", "recorded", "one", "expected"),
    [
        pytest.param(None, "", UNANSWERED, {"a.shop"}, id="new, and nobody answers"),
        pytest.param(None, "", SILENCED, {"a.shop"}, id="new, and who would answer sleeps"),
        pytest.param(None, "", ANSWERED, set(), id="new, and somebody answers"),
        pytest.param(HELD, "", UNANSWERED, {"a.shop"}, id="held already, and nobody answers"),
        pytest.param(HELD, "", ANSWERED, set(), id="held already, and somebody answers by now"),
        pytest.param(WOKEN_BY_HAND, "", UNANSWERED, {"a.shop"}, id="held, woken by hand"),
        pytest.param(PRODUCTION, held_text(HELD), UNANSWERED, {"a.shop"}, id="held by the inventory"),
        pytest.param(PRODUCTION, "", UNANSWERED, set(), id="awake, and somebody stopped its Pods"),
        pytest.param(PRODUCTION, "", SILENCED, {"a.shop"}, id="awake, and who answers is put to sleep"),
        pytest.param(PRODUCTION, "", ANSWERED, set(), id="awake, and somebody answers"),
    ],
)
def test_a_guard_sleeps(live: Body | None, recorded: str, one: str, expected: set[str]) -> None:
    assert sleeping_names(live, one, recorded) == expected


def test_a_webhook_that_is_new_in_a_configuration_that_is_awake_sleeps_alone() -> None:
    live = configuration(PRODUCTION["webhooks"][1], PRODUCTION["webhooks"][2])
    assert sleeping_names(live, UNANSWERED) == {"a.shop"}


def test_a_webhook_at_an_address_stays_awake() -> None:
    assert "c" not in may_sleep(PRODUCTION, None, "", lambda _place: True, lambda _place: True)


@pytest.mark.parametrize("webhooks", [None, {}, "x", [None, "x", {}], [webhook("twice"), webhook("twice")]])
def test_what_is_no_list_of_named_webhooks_stays_as_it_is(webhooks: Any) -> None:
    body = {**PRODUCTION, "webhooks": webhooks}
    assert not may_sleep(body, None, "", lambda _place: True, lambda _place: True)
    assert asleep(body, ["twice", "", "x"]) == body
    assert SLEEP["failurePolicy"] == "Ignore"
