# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of each object once the target was asked for it, and of what it would not tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    Forbidden,
    ListExpired,
    Throttled,
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._plan.read import decided
from ansible_collections.standby.velero.plugins.module_utils._values import Change
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from planning import OLD_LABELS, backup_of, context_for, live
from scripted import TYPES, Body, ScriptedClient, body_of

SHOP = live(body_of("Namespace", "shop"))
MAP = body_of("ConfigMap", "app", data={"a": "2"})
ACCOUNT = body_of("ServiceAccount", "app")
WIDGET: Body = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "gear", "namespace": "shop"}}
WIDGETS = replace(TYPES[1], group="example.org", plural="widgets", kind="Widget")
DEFINITION = body_of("CustomResourceDefinition", "widgets.example.org")
TERMINATING = {"metadata": {"deletionTimestamp": "2026-11-24T03:00:00Z"}}


def changes_of(folder: Path, client: ScriptedClient, *bodies: Body) -> dict[str, Change]:
    """The Changes of what was selected, by the kinds of the objects."""
    with context_for(folder, backup_of(*bodies), client) as context:
        return {change.key.kind: change for change in decided(context.selection.items, context)}


def only(folder: Path, client: ScriptedClient, *bodies: Body) -> tuple[Action, Reason | None, str]:
    [change] = changes_of(folder, client, *bodies).values()
    return change.action, change.reason, change.detail


# Whether the target serves its type


@pytest.mark.parametrize(
    ("client", "reason", "detail"),
    [
        (
            ScriptedClient(types=(*TYPES, replace(WIDGETS, version="v2"), replace(WIDGETS, version="v3"))),
            Reason.NOT_SERVED,
            "the backup has widgets.example.org at version v1, the target serves v2, v3",
        ),
        (
            ScriptedClient(silent=["example.org"]),
            Reason.DISCOVERY_INCOMPLETE,
            "the API group example.org of the target does not answer with all that it has; see its APIServices and"
            " CustomResourceDefinitions",
        ),
        (
            ScriptedClient(),
            Reason.NOT_SERVED,
            "the target does not serve widgets.example.org, and no CustomResourceDefinition widgets.example.org is"
            " selected",
        ),
    ],
    ids=["another version", "its group does not answer", "not at all"],
)
def test_an_object_of_a_type_that_is_not_served_fails(
    tmp_path: Path, client: ScriptedClient, reason: Reason, detail: str
) -> None:
    assert only(tmp_path, client, WIDGET) == (Action.FAIL, reason, detail)


@pytest.mark.parametrize(("told", "named"), [("v1.30.14", "Kubernetes v1.30.14"), ("", "Kubernetes")])
def test_a_type_of_kubernetes_itself_that_an_older_target_lacks_is_told_as_such(
    tmp_path: Path, told: str, named: str
) -> None:
    winch = {"apiVersion": "resource.k8s.io/v1", "kind": "Winch", "metadata": {"name": "big"}}
    client = ScriptedClient(answers={"/version": {"gitVersion": told}} if told else {})
    assert only(tmp_path, client, winch) == (
        Action.FAIL,
        Reason.NOT_SERVED,
        f"the target's {named} does not serve winchs.resource.k8s.io, which is a type of Kubernetes itself;"
        " excluded_resources leaves it out",
    )


def test_an_object_whose_definition_is_restored_too_is_created(tmp_path: Path) -> None:
    found = changes_of(tmp_path, ScriptedClient(), WIDGET, DEFINITION)
    assert {kind: change.action for kind, change in found.items()} == {
        "CustomResourceDefinition": Action.CREATE,
        "Widget": Action.CREATE,
    }


@pytest.mark.parametrize(
    ("served", "detail"),
    [
        (replace(WIDGETS, kind="Gadget"), "its kind is Widget, that of widgets.example.org is Gadget"),
        (
            replace(WIDGETS, namespaced=False),
            "widgets.example.org are cluster-scoped on the target, not in the backup",
        ),
    ],
    ids=["another kind", "another scope"],
)
def test_an_object_that_does_not_fit_its_type_fails(tmp_path: Path, served: object, detail: str) -> None:
    client = ScriptedClient(types=(*TYPES, served))
    assert only(tmp_path, client, WIDGET) == (Action.FAIL, Reason.INVALID_OBJECT, detail)


# Whether it can be read


@pytest.mark.parametrize("error", [Throttled("too busy", status=429), ClusterError("no list", status=400)])
def test_a_type_that_cannot_be_read_fails_alone(tmp_path: Path, error: ClusterError) -> None:
    client = ScriptedClient(SHOP, live(ACCOUNT), answers={"/api/v1/configmaps": error})
    found = changes_of(tmp_path, client, MAP, ACCOUNT)
    told = found["ConfigMap"]
    assert (told.action, told.reason, told.detail) == (Action.FAIL, Reason.READ_FAILED, str(error))
    assert found["ServiceAccount"].action is Action.NOOP


def test_a_list_that_expires_every_time_fails_too(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, answers={"/api/v1/configmaps": ListExpired("too old", status=410)})
    assert only(tmp_path, client, MAP) == (Action.FAIL, Reason.READ_FAILED, "too old")
    assert client.asked.count("/api/v1/configmaps") == 3


NOT_ALLOWED = {
    "/api/v1/configmaps": Forbidden("no list", status=403),
    "/api/v1/namespaces/shop/configmaps": Forbidden("no list", status=403),
}


def test_where_lists_are_not_allowed_each_object_is_asked_for(tmp_path: Path) -> None:
    client = ScriptedClient(SHOP, live(MAP), answers=NOT_ALLOWED)
    assert only(tmp_path, client, MAP)[0] is Action.NOOP
    client = ScriptedClient(SHOP, answers=NOT_ALLOWED)
    assert only(tmp_path, client, MAP)[0] is Action.CREATE
    forbidden = {**NOT_ALLOWED, "/api/v1/namespaces/shop/configmaps/app": Forbidden("no get", status=403)}
    client = ScriptedClient(SHOP, live(MAP), answers=forbidden)
    assert only(tmp_path, client, MAP) == (Action.FAIL, Reason.READ_FAILED, "no get")


def test_a_group_that_went_away_since_discovery_is_told_as_one_that_does_not_answer(tmp_path: Path) -> None:
    """One version of it answered, one did not."""
    client = ScriptedClient(SHOP, types=(*TYPES, WIDGETS), silent=["other.example.org"])
    versions = client.get_json("/apis")["items"]
    group = next(one for one in versions if one["metadata"]["name"] == "example.org")
    group["versions"].append({"version": "v2", "freshness": "Stale", "resources": []})
    client.answers["/apis/example.org/v1/widgets"] = Throttled("no answer", status=503)
    assert only(tmp_path, client, WIDGET) == (Action.FAIL, Reason.DISCOVERY_INCOMPLETE, "no answer")


@pytest.mark.parametrize("error", [Unreachable("no answer"), Unauthorized("who are you?", status=401)])
def test_without_the_target_there_is_no_decision(tmp_path: Path, error: ClusterError) -> None:
    client = ScriptedClient(SHOP, answers={"/api/v1/configmaps": error})
    with pytest.raises(type(error)):
        changes_of(tmp_path, client, MAP)


# What is there


def test_nothing_is_read_of_a_namespace_that_is_being_deleted(tmp_path: Path) -> None:
    client = ScriptedClient({**SHOP, "metadata": {**SHOP["metadata"], **TERMINATING["metadata"]}})
    assert only(tmp_path, client, MAP) == (Action.FAIL, Reason.NAMESPACE_TERMINATING, "run again once it is gone")


@pytest.mark.parametrize(
    ("finalizers", "held"),
    [([], "its deletion has begun"), (["example.org/hold"], "it is held by: example.org/hold")],
)
def test_an_object_that_is_being_deleted_fails_and_is_restored_by_the_next_run(
    tmp_path: Path, finalizers: list[str], held: str
) -> None:
    there = live(MAP, metadata={**TERMINATING["metadata"], "finalizers": finalizers})
    change = changes_of(tmp_path, ScriptedClient(SHOP, there), MAP)["ConfigMap"]
    assert (change.action, change.reason) == (Action.FAIL, Reason.TERMINATING)
    assert change.detail == f"{held}; once it is gone the next run restores it"
    assert change.comparison is not None
    assert change.comparison.terminating


@pytest.mark.parametrize(
    ("there", "action"),
    [
        ([], Action.CREATE),
        ([live(MAP)], Action.NOOP),
        ([live(MAP, OLD_LABELS)], Action.RELABEL),
        ([live(MAP, data={"a": "1"})], Action.UPDATE),
        ([live(MAP, None, data={"a": "1"})], Action.UPDATE),
    ],
    ids=["missing", "equal", "equal, restored before", "different", "different, and nobody's"],
)
def test_what_the_target_has_decides(tmp_path: Path, there: list[Body], action: Action) -> None:
    change = changes_of(tmp_path, ScriptedClient(SHOP, *there), MAP)["ConfigMap"]
    assert change.action is action
    assert (change.comparison is None) is (action is Action.CREATE)
    if change.comparison:
        assert (change.comparison.uid, change.comparison.resource_version) == ("t-configmap-app", "7")


@pytest.mark.parametrize(
    ("there", "held"), [(live(MAP, data={"a": "1"}), True), (live(MAP), False), (live(MAP, OLD_LABELS), False)]
)
def test_a_body_that_will_be_written_is_not_made_twice(tmp_path: Path, there: Body, held: bool) -> None:
    with context_for(tmp_path, backup_of(MAP), ScriptedClient(SHOP, there)) as context:
        [change] = decided(context.selection.items, context)
        once, again = (context.desired.body(change.item) for _time in range(2))
    assert once == again
    assert (once is again) is held
