# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option backup_location, as a name and as a dictionary."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.location import location_place
from ansible_collections.standby.velero.plugins.module_utils._source.places import LocationPlace


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("default", LocationPlace("default")),
        ({"name": "default"}, LocationPlace("default", "velero", 60)),
        ({"name": "aws", "namespace": "backup", "timeout": "5"}, LocationPlace("aws", "backup", 5)),
        (
            {"name": "aws", "kubeconfig": "~/.kube/prod", "context": "prod", "verify_ssl": False, "host": ""},
            LocationPlace("aws", connection={"kubeconfig": "~/.kube/prod", "context": "prod", "validate_certs": False}),
        ),
    ],
)
def test_a_place_is_what_is_said(value, place):
    assert location_place(value) == (place, [])
    assert place.where == f"BackupStorageLocation {place.namespace}/{place.name}"


@pytest.mark.parametrize("value", [None, "", {}])
def test_a_blank_is_none(value):
    assert location_place(value) == (None, [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (7, "give the name of a BackupStorageLocation, or a dictionary with name"),
        ("No Name", "name: give the name of a BackupStorageLocation, such as default"),
        ({"namespace": "velero"}, "name: give the name of a BackupStorageLocation"),
        ({"name": "default", "namespace": "Velero"}, "namespace: 'Velero': "),
        ({"name": "default", "timeout": 0}, "timeout: is not between 1 and 3600 seconds"),
        ({"name": "default", "timeout": "long"}, "timeout: is not between 1 and 3600 seconds"),
        ({"name": "default", "bucket": "b", "prefix": "c"}, "bucket: is no option of it"),
    ],
)
def test_what_is_no_place_is_told(value, problem):
    place, problems = location_place(value)
    assert place is None
    assert any(said.startswith(f"backup_location: {problem}") for said in problems)


def test_a_place_does_not_show_its_connection():
    place, _problems = location_place({"name": "default", "host": "https://h", "api_key": "canary"})
    assert "canary" not in repr(place)
