# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option backup_store, as a text and as a dictionary."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.store import store_place
from ansible_collections.standby.velero.plugins.module_utils._source.places import StorePlace

SECRET = "canary-secret"


@pytest.mark.parametrize(
    ("value", "place", "where"),
    [
        ("file:///backups/velero/", StorePlace("file", folder="/backups/velero"), "file:///backups/velero"),
        ("file://localhost/b%20c", StorePlace("file", folder="/b c"), "file:///b c"),
        ("file:///", StorePlace("file", folder="/"), "file:///"),
        ("s3://velero", StorePlace("s3", bucket="velero"), "s3://velero"),
        ("s3://velero/a/b/", StorePlace("s3", bucket="velero", prefix="a/b"), "s3://velero/a/b"),
        ("gs://velero/a", StorePlace("gs", bucket="velero", prefix="a"), "gs://velero/a"),
        ("az://container/a", StorePlace("az", bucket="container", prefix="a"), "az://container/a"),
        (
            {
                "url": "s3://velero",
                "endpoint": "https://m:9000",
                "region": "eu",
                "path_style": "yes",
                "ca_cert": "/ca.pem",
                "validate_certs": False,
                "access_key": "a",
                "secret_key": "s",
                "session_token": "t",
            },
            StorePlace("s3", "velero", "", "", "https://m:9000", "eu", True, "/ca.pem", False, "a", "s", "t"),
            "s3://velero",
        ),
        ({"url": "s3://v1", "region": "", "access_key": None}, StorePlace("s3", bucket="v1"), "s3://v1"),
        ({"url": "gs://v1", "credentials_file": "/k"}, StorePlace("gs", "v1", credentials_file="/k"), "gs://v1"),
        ({"url": "az://v1", "account": "acc"}, StorePlace("az", "v1", account="acc"), "az://v1"),
    ],
)
def test_a_place_is_what_is_said(value, place, where):
    assert store_place(value) == (place, [])
    assert place.where == where


@pytest.mark.parametrize("value", [None, "", {}])
def test_a_blank_is_none(value):
    assert store_place(value) == (None, [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (7, "give a text such as"),
        (["s3://b"], "give a text such as"),
        ("velero", "its url is none of file:///path"),
        ("https://s3.example.org/velero", "its url is none of"),
        ({"endpoint": "https://m"}, "its url is none of"),
        ({"url": 7}, "its url is none of"),
        ("s3://[velero", "its url is none of"),
        (f"s3://key:{SECRET}@velero", "its url has more than bucket and prefix; credentials have options of their own"),
        (f"az://container?sig={SECRET}", "its url has more than bucket and prefix"),
        (f"s3://velero/x#{SECRET}", "its url has more than bucket and prefix"),
        ("s3://", "its url has no name of a bucket after s3://"),
        ("s3://a\nb", "its url is none of"),
        ("s3://velero/a//x", "the prefix in its url has a character"),
        ("s3://velero/a/é", "the prefix in its url has a character"),
        ("file://host/x", "its url is no path of this machine; write file:///path"),
        ("file:x", "its url is no path of this machine"),
        ("file:///a%00b", "its url is no path of this machine"),
        ({"url": "s3://velero", "account": "a"}, "account: of no use for s3://, which takes url, ca_cert"),
        ({"url": "file:///b", "region": "x"}, "region: of no use for file://, which takes url"),
        ({"url": "gs://velero", "access_key": SECRET}, "access_key: of no use for gs://"),
        ({"url": "s3://velero", "access_key": "a"}, "access_key and secret_key go together"),
        ({"url": "s3://velero", "session_token": SECRET}, "session_token: goes with access_key and secret_key"),
        ({"url": "s3://velero", "endpoint": "minio:9000"}, "endpoint: is no URL such as"),
        ({"url": "s3://velero", "endpoint": f"https://u:{SECRET}@m"}, "endpoint: is no URL such as"),
        ({"url": "s3://velero", "path_style": "perhaps"}, "path_style: is neither true nor false"),
        ({"url": "s3://velero", "validate_certs": 7}, "validate_certs: is neither true nor false"),
        ({"url": "s3://velero", "access_key": "a\n", "secret_key": "s"}, "access_key: is no text of one line"),
        ({"url": "s3://velero", "region": {"a": 1}}, "region: is no text of one line"),
    ],
)
def test_what_is_no_place_is_told_without_any_value_of_a_secret(value, problem):
    place, problems = store_place(value)
    assert place is None
    assert any(f"backup_store: {problem}" in said for said in problems)
    assert SECRET not in "".join(problems)


def test_a_place_does_not_show_its_keys():
    place, _problems = store_place(
        {"url": "s3://v1", "access_key": "a-key", "secret_key": SECRET, "session_token": SECRET}
    )
    assert SECRET not in repr(place)
    assert "a-key" not in repr(place)
