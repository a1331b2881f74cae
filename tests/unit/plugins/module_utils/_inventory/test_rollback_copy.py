# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies under recreation come back out of their Secrets fit to be created again."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import random

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import (
    MOST,
    body_of,
    creatable,
    rollback_copy,
    secret_name,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

KEY = ObjectKey("", "ConfigMap", "shop", "app")
ITEM = BackupItem(KEY, "configmaps", "v1")
LIVE = {
    "metadata": {
        "name": "app",
        "namespace": "shop",
        "uid": "u1",
        "resourceVersion": "7",
        "creationTimestamp": "2026-11-24T03:00:00Z",
        "managedFields": [{"manager": "kubectl"}],
        "labels": {"team": "shop"},
        "finalizers": ["example.org/hold"],
        "ownerReferences": [{"kind": "Widget", "uid": "u0"}],
    },
    "data": {"key": "value"},
}


def kept(live=None):
    secret = secret_of(ITEM, live or LIVE, "v1", {"velero.io/restore-name": "r"}, "standby-velero")
    stored = {**secret, "metadata": {**secret["metadata"], "uid": "s1"}}
    return json.loads(json.dumps(stored))


def test_the_body_comes_back_as_it_was_without_what_only_the_server_may_say():
    assert body_of(kept()) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "app",
            "namespace": "shop",
            "labels": {"team": "shop"},
            "finalizers": ["example.org/hold"],
            "ownerReferences": [{"kind": "Widget", "uid": "u0"}],
        },
        "data": {"key": "value"},
    }


def test_the_secret_says_whose_body_it_is():
    found = rollback_copy(kept())
    assert (found.key, found.uid, found.secret, found.secret_uid) == (KEY, "u1", secret_name(KEY), "s1")


def test_nothing_of_the_body_is_outside_of_its_data():
    secret = kept()
    del secret["data"]
    assert "value" not in json.dumps(secret)


def test_a_name_is_valid_however_long_the_kind_and_strange_the_object_s_name():
    name = secret_name(ObjectKey("example.org", "K" * 63, "shop", "a:b"))
    assert len(name) <= 253
    assert name == name.lower()
    assert name != secret_name(ObjectKey("example.com", "K" * 63, "shop", "a:b"))


def test_a_body_that_is_too_large_for_a_secret_is_refused_with_its_size():
    noise = base64.b64encode(random.Random(1).randbytes(MOST)).decode()
    with pytest.raises(StateError, match="bytes gzipped"):
        kept({**LIVE, "data": {"key": noise, "more": noise[::-1]}})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def about(**fields: object) -> str:
    """What says whose body it is; a surrogate is spelled as JSON spells it."""
    return json.dumps({"group": "", "kind": "ConfigMap", "namespace": "shop", "name": "app", "uid": "u1", **fields})


STRANGE = [
    "[" * 100_000,
    '{"group":' * 20_000,
    "9" * 5000,
    "null",
    "7",
    '"text"',
    *(
        about(**{field: value})
        for field in ("group", "kind", "namespace", "name", "uid")
        for value in (7, None, [], {})
    ),
    *(about(name=name) for name in ("\ud800", "a\nb", "\x1b[2J", "a" * 5000)),
    about(kind="K" * 100_000),
]
"""In place of what says whose body a Secret keeps."""


@pytest.mark.parametrize(
    "change",
    [
        {"data": {}},
        {"data": {"object": "%%%"}},
        {"data": {"object": base64.b64encode(b"[]").decode()}},
        {"data": {"object": base64.b64encode(b'{"group": ""}').decode()}},
        {"metadata": {"name": "another", "uid": "s1"}},
        {"data": None},
        {"data": []},
        {"data": {"object": 7}},
        {"type": "Opaque"},
        {"metadata": None},
        *({"data": {"object": encoded(text)}} for text in STRANGE),
    ],
)
def test_a_secret_that_is_not_ours_is_none_of_ours(change):
    assert rollback_copy({**kept(), **change}) is None


def zipped(text: bytes) -> str:
    return base64.b64encode(gzip.compress(text)).decode()


@pytest.mark.parametrize(
    "data",
    [
        "%%%",
        "",
        None,
        7,
        base64.b64encode(b"no gzip").decode(),
        kept()["data"]["body"][:40],
        zipped(b"[]"),
        zipped(b"null"),
        zipped(b'{"metadata": []}'),
        zipped(b'{"metadata": {}, "a": "\\ud800"}'),
        zipped(b'{"metadata": {}, "a": ' + b"9" * 5000 + b"}"),
        zipped(b'{"metadata": {}, "a": ' + b"[" * 250 + b"]" * 250 + b"}"),
        zipped(b'{"metadata": {}, "a": ' + b"[" * 900 + b"]" * 900 + b"}"),
        zipped(b"[" * 1_000_000),
        zipped(b" " * (64 << 20)),
        zipped(b"\xff\xfe{}"),
    ],
    ids=map(str, itertools.count()),
)
def test_a_damaged_body_is_refused(data):
    secret = kept()
    with pytest.raises(StateError):
        body_of({**secret, "data": {**secret["data"], "body": data}})


JOB = {
    "metadata": {"name": "m", "labels": {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u", "a": "b"}},
    "spec": {
        "selector": {"matchLabels": {"controller-uid": "u"}},
        "template": {"metadata": {"labels": {"controller-uid": "u", "a": "b"}}, "spec": {}},
    },
}


def test_a_job_loses_what_names_the_uid_that_it_had():
    assert creatable("jobs.batch", JOB) == {
        "metadata": {"name": "m", "labels": {"a": "b"}},
        "spec": {"template": {"metadata": {"labels": {"a": "b"}}, "spec": {}}},
    }


def test_a_job_with_a_selector_of_the_user_s_keeps_it():
    job = {**JOB, "spec": {**JOB["spec"], "manualSelector": True}}
    assert creatable("jobs.batch", job) == job


def test_a_service_keeps_its_addresses_and_a_claim_loses_its_binders_notes():
    service = {"metadata": {"name": "s"}, "spec": {"clusterIP": "10.0.0.7"}}
    assert creatable("services", service) == service
    claim = {"metadata": {"name": "c", "annotations": {"pv.kubernetes.io/bind-completed": "yes", "a": "b"}}}
    assert creatable("persistentvolumeclaims", claim)["metadata"]["annotations"] == {"a": "b"}
