# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two labels of a restore."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prepare.labels import restore_labels, with_labels


def test_a_name_that_fits_is_its_own_label():
    assert restore_labels("b" * 63, "r") == {"velero.io/backup-name": "b" * 63, "velero.io/restore-name": "r"}


def test_too_long_a_name_ends_in_the_start_of_its_hash():
    name = "hourly-" + "x" * 57
    value = restore_labels(name, name)["velero.io/backup-name"]
    assert value == name[:57] + hashlib.sha256(name.encode()).hexdigest()[:6]
    assert len(value) == 63


@pytest.mark.parametrize("metadata", [{}, {"labels": None}, {"labels": {}}])
def test_labels_are_put_where_there_are_none(metadata):
    assert with_labels({"metadata": metadata}, {"a": "b"}) == {"metadata": {"labels": {"a": "b"}}}


def test_labels_join_the_objects_own_in_a_copy():
    body = {"metadata": {"name": "n", "labels": {"own": "1", "a": "old"}}}
    assert with_labels(body, {"a": "b"})["metadata"] == {"name": "n", "labels": {"own": "1", "a": "b"}}
    assert body["metadata"]["labels"] == {"own": "1", "a": "old"}


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"metadata": "x"}, {"metadata": {"labels": "x"}}])
def test_a_malformed_body_is_left_to_the_server(body):
    assert with_labels(body, {"a": "b"}) is body
