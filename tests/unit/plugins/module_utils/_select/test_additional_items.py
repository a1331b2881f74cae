# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object needs."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.additional_items import needs, ref
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

POD = BackupItem(ObjectKey("", "Pod", "shop", "p"), "pods", "v1")
CLAIM = BackupItem(ObjectKey("", "PersistentVolumeClaim", "shop", "c"), "persistentvolumeclaims", "v1")
MAP = BackupItem(ObjectKey("", "ConfigMap", "shop", "m"), "configmaps", "v1")


def volumes(*claims):
    return [{"name": "v", "persistentVolumeClaim": {"claimName": claim}} for claim in claims]


@pytest.mark.parametrize(
    ("item", "body", "expected"),
    [
        (POD, {}, []),
        (POD, {"spec": {"volumes": [*volumes("a", "b"), {"name": "x", "emptyDir": {}}]}}, ["claim a", "claim b"]),
        (POD, {"spec": {"priorityClassName": "high"}}, ["priority high"]),
        (POD, {"spec": {"volumes": volumes("../x", "A", "", 3, "a\x1b[2J", "a" * 254), "priorityClassName": 7}}, []),
        (POD, {"spec": {"volumes": ["x", None, {"persistentVolumeClaim": "x"}]}}, []),
        (POD, {"spec": "x"}, []),
        (CLAIM, {"spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}, ["volume pv"]),
        (CLAIM, {"spec": {"volumeName": "pv"}, "status": {"phase": "Pending"}}, []),
        (CLAIM, {"spec": {"volumeName": ""}, "status": {"phase": "Bound"}}, []),
        (MAP, {"spec": {"volumes": volumes("a"), "volumeName": "pv"}, "status": {"phase": "Bound"}}, []),
    ],
)
def test_an_object_needs(item, body, expected):
    words = {"claim": ("persistentvolumeclaims", "shop"), "priority": ("priorityclasses.scheduling.k8s.io", "")}
    words["volume"] = ("persistentvolumes", "")
    assert needs(item, body) == [(*words[one.split()[0]], one.split()[1]) for one in expected]


def test_an_item_is_named_by_resource_namespace_and_name():
    assert ref(CLAIM) == ("persistentvolumeclaims", "shop", "c")
