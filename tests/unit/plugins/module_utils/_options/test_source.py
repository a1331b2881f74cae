# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Just one source, just one backup, and every problem at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.source import (
    SOURCE_SPEC,
    one_backup_problems,
    source_of,
    values_to_mask,
)
from ansible_collections.standby.velero.plugins.module_utils._source.places import (
    LocationPlace,
    SourceSettings,
    StorePlace,
)

BUCKET = {"url": "s3://velero/c1", "access_key": "AKID", "secret_key": "us-east-1-secret", "region": "us-east-1"}


def params(**options: Any) -> dict[str, Any]:
    return {**{name: spec.get("default") for name, spec in SOURCE_SPEC.items()}, **options}


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ({"backup_file": "/b/x.tar.gz"}, SourceSettings(file="/b/x.tar.gz")),
        (
            {"backup_file": "/b/x.tar.gz", "backup_name": "n", "backup_metadata_file": "/b/m.json"},
            SourceSettings(file="/b/x.tar.gz", backup_name="n", metadata_file="/b/m.json"),
        ),
        (
            {"backup_store": "file:///b", "schedule_name": "hourly", "allow_partially_failed": True},
            SourceSettings(store=StorePlace("file", folder="/b"), schedule_name="hourly", allow_partially_failed=True),
        ),
        (
            {"backup_location": "default", "backup_name": "n"},
            SourceSettings(location=LocationPlace("default"), backup_name="n"),
        ),
        ({"backup_file": "/b/x.tar.gz", "backup_store": "", "backup_location": {}}, SourceSettings(file="/b/x.tar.gz")),
    ],
)
def test_what_is_given_is_what_is_meant_and_a_blank_is_not_given(options, settings):
    assert source_of(params(**options)) == (settings, [])


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({}, ["backup_file, backup_store, backup_location: say with one of them where the backup is"]),
        (
            {"backup_file": "/b", "backup_store": "file:///b"},
            ["backup_file and backup_store say both where the backup is; give one of them"],
        ),
        (
            {"backup_file": "/b", "backup_store": "file:///b", "backup_location": "default"},
            ["backup_file and backup_store and backup_location say both where the backup is; give one of them"],
        ),
        (
            {"backup_store": "file:///b", "backup_name": "n", "schedule_name": "s"},
            ["backup_name and schedule_name say both which backup is meant; give one of them"],
        ),
        (
            {"backup_file": "/b/x.tar.gz", "schedule_name": "s"},
            ["schedule_name: a file is one backup; it goes with backup_store and backup_location"],
        ),
        (
            {"backup_store": "file:///b", "backup_name": "n", "backup_metadata_file": "/m"},
            [
                "backup_metadata_file: goes with backup_file; a store and a location have the metadata beside the"
                " content"
            ],
        ),
        (
            {"backup_store": "file:///b", "backup_name": "../x", "schedule_name": "S"},
            [
                "backup_name: '../x' is not a name that Velero could have given (lower case, digits, '-' and '.')",
                "schedule_name: 'S' is not a name that Velero could have given (lower case, digits, '-' and '.')",
                "backup_name and schedule_name say both which backup is meant; give one of them",
            ],
        ),
        (
            {"backup_store": "ftp://b", "backup_location": "No Name"},
            [
                "backup_store and backup_location say both where the backup is; give one of them",
                "backup_store: its url is none of file:///path, s3://bucket/prefix, gs://bucket/prefix or"
                " az://container/prefix",
                "backup_location: name: give the name of a BackupStorageLocation, such as default",
            ],
        ),
    ],
)
def test_what_cannot_be_meant_is_told_all_at_once(options, problems):
    assert source_of(params(**options))[1] == problems


@pytest.mark.parametrize(
    ("settings", "fine"),
    [
        (SourceSettings(file="/b"), True),
        (SourceSettings(store=StorePlace("file"), backup_name="n"), True),
        (SourceSettings(store=StorePlace("file"), schedule_name="s"), True),
        (SourceSettings(store=StorePlace("file")), False),
        (SourceSettings(location=LocationPlace("default")), False),
    ],
)
def test_whoever_reads_a_content_needs_to_know_which(settings, fine):
    assert (one_backup_problems(settings) == []) is fine


@pytest.mark.parametrize(
    ("options", "masked"),
    [
        ({"backup_store": "s3://velero/c1"}, set()),
        ({"backup_location": {"name": "default", "timeout": 60}}, set()),
        # what is part of a secret stays masked
        ({"backup_store": BUCKET}, {"AKID", "us-east-1", "us-east-1-secret"}),
        ({"backup_location": {"name": "default", "host": "https://h", "api_key": "token"}}, {"token"}),
        ({"backup_location": {"name": "default", "host": "https://user:pa%20ss@h"}}, {"pa%20ss", "pa ss"}),
        (
            {"backup_location": {"name": "d1", "kubeconfig": {"kind": "Config", "users": [{"user": {"token": "t0"}}]}}},
            {"t0"},
        ),
    ],
)
def test_only_secrets_are_masked(options, masked):
    given = {
        **dict.fromkeys(("kubeconfig", "host", "proxy", "api_key", "password", "proxy_headers")),
        **params(**options),
    }
    values = set(words_in([options.get(name) for name in ("backup_store", "backup_location")]))
    assert values_to_mask(given, values) == masked


def words_in(value: Any) -> Iterator[str]:
    """As Ansible finds them in an option that is masked as a whole."""
    if isinstance(value, dict):
        yield from words_in(list(value.values()))
    elif isinstance(value, list):
        for part in value:
            yield from words_in(part)
    elif value is not None:
        yield str(value)


def test_options_that_may_hold_secrets_are_masked_as_a_whole_before_anything_is_logged():
    assert [name for name, spec in SOURCE_SPEC.items() if spec.get("no_log")] == ["backup_store", "backup_location"]
