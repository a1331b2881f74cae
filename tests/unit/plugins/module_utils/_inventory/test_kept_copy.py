# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a copy nothing comes back but the very APIService that it is called after."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory import kept_copy as room
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import (
    MOST,
    KeptCopy,
    bare,
    kept_copy,
    key_of,
    secret_name,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import UNSIGNED, Seal
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys

Body = dict[str, Any]
LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1", "app": "metrics"}
BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.metrics.example", "labels": LABELS, "annotations": {"a": "b"}},
    "spec": {"group": "metrics.example", "version": "v1beta1", "service": {"namespace": "shop", "name": "metrics"}},
}
KEY = "a key of at least thirty-two bytes"
SEAL = Seal(Keys(KEY), "the cluster", "state")
OTHER = Seal(Keys("another key of thirty-two bytes or so"), "the cluster", "state")


def stored(body: Body | None = None, seal: Seal = UNSIGNED) -> Body:
    secret = secret_of(body or BODY, "state", seal)
    return {**secret, "metadata": {**secret["metadata"], "uid": "s-1", "resourceVersion": "7"}}


def holding(body: Any, secret: Body | None = None) -> Body:
    """The Secret with another body in it, as whoever may write it could put it there."""
    text = base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()
    secret = secret or stored()
    return {**secret, "data": {**secret["data"], "body": text}}


def changed(**metadata: Any) -> Body:
    return {**BODY, "metadata": {**BODY["metadata"], **metadata}}


@pytest.mark.parametrize("seal", [UNSIGNED, SEAL], ids=["unsigned", "signed"])
def test_a_body_comes_back_as_it_was(seal: Seal) -> None:
    found = kept_copy(stored(seal=seal), seal)
    assert found == KeptCopy(BODY, secret_name(key_of(BODY)), "s-1", "7")
    assert (str(found.key), found.labels) == (
        "APIService.apiregistration.k8s.io v1beta1.metrics.example",
        ("b1", "r1"),
    )


def test_the_same_body_makes_the_same_secret_whatever_its_order() -> None:
    turned = json.loads(json.dumps(BODY), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert secret_of(turned, "state") == secret_of(BODY, "state")


def test_nothing_is_kept_but_what_is_created() -> None:
    odd = changed(uid="u", finalizers=["x"], ownerReferences=[{"uid": "o"}], generateName="v", namespace="shop")
    assert kept_copy(stored({**odd, "status": {"conditions": []}})).body == BODY
    assert kept_copy(holding({**odd, "status": {}, "more": 1})).body == BODY


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ({**stored(), "type": "Opaque"}, "is not of type standby.velero/copy"),
        (holding({**BODY, "kind": "ClusterRoleBinding"}), "holds something else than an APIService"),
        (holding({**BODY, "apiVersion": "apiregistration.k8s.io/v1beta1"}), "holds something else than an APIService"),
        (holding(changed(name="v1.other.example")), "holds another APIService than the one that it is called after"),
        (holding(changed(name=["x"])), "holds another APIService than the one that it is called after"),
        (holding([]), "is damaged"),
        (holding({"kind": "APIService", "metadata": None}), "holds something else than an APIService"),
        (holding(changed(name="v1\x1b[2J")), "is damaged"),
        (holding({**BODY, "spec": {"caBundle": "\ud800"}}), "is damaged"),
        (holding({**BODY, "spec": {"caBundle": "x" * MOST}}), "is damaged"),
        ({**stored(), "data": {"body": "no base64"}}, "is damaged"),
        ({**stored(), "data": {"body": base64.b64encode(b"no gzip").decode()}}, "is damaged"),
        ({**stored(), "data": {"body": "A" * (2 * MOST + 1)}}, "is damaged"),
        ({**stored(), "data": None}, "is damaged"),
        ({**stored(), "data": {}}, "is damaged"),
    ],
)
def test_anything_else_is_refused_and_says_why(secret: Body, why: str) -> None:
    with pytest.raises(StateError, match=f"^{why}$"):
        kept_copy(secret)


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: Any = {}
    for _level in range(room._DEEPEST + 1):
        deep = {"a": deep}
    with pytest.raises(StateError, match="is damaged"):
        kept_copy(holding({**BODY, "spec": deep}))


def test_a_body_that_is_too_large_is_not_kept() -> None:
    with pytest.raises(StateError, match=f"at most {MOST} are kept"):
        secret_of({**BODY, "spec": {"caBundle": "x" * MOST}}, "state")


@pytest.mark.parametrize(
    "secret",
    [
        stored(),
        stored(seal=OTHER),
        holding({**BODY, "spec": {"group": "other"}}, stored(seal=SEAL)),
        stored(seal=Seal(SEAL.keys, "another cluster", "state")),
        stored(seal=Seal(SEAL.keys, "the cluster", "elsewhere")),
    ],
    ids=["unsigned", "another key", "another body", "another cluster", "another namespace"],
)
def test_what_no_run_has_signed_for_this_place_is_refused(secret: Body) -> None:
    with pytest.raises(StateError, match="is not signed with any state_key"):
        kept_copy(secret, SEAL)


def test_a_signature_of_one_copy_proves_no_other() -> None:
    other = changed(name="v1.other.example")
    signed, secret = stored(other, SEAL), stored(seal=SEAL)
    secret["data"] = signed["data"]
    with pytest.raises(StateError):
        kept_copy(secret, SEAL)


def test_one_that_an_older_key_has_signed_is_to_be_signed_anew() -> None:
    both = Seal(Keys("a newer key of thirty-two bytes....", KEY), "the cluster", "state")
    assert not kept_copy(stored(seal=SEAL), both).is_current
    assert kept_copy(stored(seal=both), both).is_current


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (BODY, True),
        (changed(labels={**LABELS, "velero.io/backup-name": "b2", "velero.io/restore-name": "r2"}), True),
        (changed(labels={"app": "metrics"}), True),
        (changed(labels={"app": "other"}), False),
        (changed(annotations={}), False),
        ({**BODY, "spec": {}}, False),
        ({**BODY, "status": {"conditions": []}}, True),
    ],
)
def test_a_copy_is_current_whichever_restore_wrote_it(body: Body, holds: bool) -> None:
    assert kept_copy(stored()).holds(body) is holds


def test_a_copy_without_labels_is_current_too() -> None:
    assert kept_copy(stored(changed(labels={}))).holds(changed(labels=None))


@pytest.mark.parametrize(
    ("live", "made"),
    [
        ({**BODY, "metadata": {**BODY["metadata"], "uid": "u"}, "status": {"conditions": []}}, True),
        ({**BODY, "spec": {**BODY["spec"], "versionPriority": 1}}, True),
        ({**BODY, "spec": {**BODY["spec"], "version": "v1"}}, False),
        (changed(labels={"app": "metrics"}), False),
        (changed(labels={**LABELS, "velero.io/restore-name": "r2"}), False),
    ],
)
def test_what_an_activation_made_bears_the_labels_of_the_restore_that_kept_it(live: Body, made: bool) -> None:
    before = copy.deepcopy(live)
    assert kept_copy(stored()).made(live) is made
    assert live == before


def test_one_without_labels_of_a_restore_proves_nothing() -> None:
    body = changed(labels={"app": "metrics"})
    assert not kept_copy(stored(body)).made(bare(body))
