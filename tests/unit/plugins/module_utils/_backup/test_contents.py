# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a backup, in numbers."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._backup.contents import contents_of
from ansible_collections.standby.velero.plugins.module_utils._source.index import BackupEntry
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey

KEYS = [
    ObjectKey("", "ConfigMap", "shop", "app"),
    ObjectKey("", "ConfigMap", "shop", "other"),
    ObjectKey("apps", "Deployment", "bank", "web"),
    ObjectKey("", "Namespace", "", "shop"),
]


def test_objects_are_counted_by_type_and_by_namespace():
    found = contents_of(BackupEntry("b"), KEYS)
    assert (found.objects, found.cluster_scoped) == (4, 1)
    assert found.types == {"ConfigMap": 2, "Deployment.apps": 1, "Namespace": 1}
    assert found.namespaces == {"bank": 1, "shop": 2}


def test_a_backup_tells_its_source_by_one_namespace():
    assert not contents_of(BackupEntry("b"), KEYS).tells_source
    assert contents_of(BackupEntry("b"), [*KEYS, ObjectKey("", "Namespace", "", "kube-system")]).tells_source


def test_an_empty_backup_has_nothing():
    found = contents_of(BackupEntry("b"), [])
    assert (found.objects, found.types, found.namespaces, found.cluster_scoped) == (0, {}, {}, 0)
