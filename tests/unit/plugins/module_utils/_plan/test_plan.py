# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the plan that need no cluster."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import missing_namespaces, servable
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, Resource

NAME = "widgets.example.org"
KEY = ObjectKey("example.org", "Widget", "shop", "gear")


def copy(version: str) -> BackupItem:
    return BackupItem(KEY, NAME, version, offset=int(version[1:]), size=1)


def serving(*versions: str) -> Discovery:
    types = tuple(Resource("example.org", version, "widgets", "Widget", True) for version in versions)
    return Discovery({NAME: types} if versions else {}, frozenset())


@pytest.mark.parametrize(
    ("served", "chosen"),
    [
        (("v1", "v2"), "v1"),  # the default copy when the target serves it, whatever it prefers
        (("v2", "v1"), "v1"),
        (("v2",), "v2"),
        (("v3", "v2"), "v3"),  # the target's preferred one of those in the backup
        (("v9",), "v1"),  # none: the plan says so
        ((), "v1"),  # its definition is still to come
    ],
)
def test_the_copy_of_a_version_that_the_target_serves_is_restored(served, chosen):
    others = (copy("v2"), copy("v3"))
    assert servable(copy("v1"), others, serving(*served)) == copy(chosen)


def namespace(name: str, problem: str = "") -> BackupItem:
    return BackupItem(ObjectKey("", "Namespace", "", name), "namespaces", "v1", 7, 7, problem=problem)


def test_a_missing_namespace_is_the_backup_s_own_or_a_blank_one():
    backup = [namespace("a"), namespace("b", problem="broken"), namespace("there")]
    wanted = missing_namespaces(["a", "b", "c", "there", "selected"], {"there": False}, [namespace("selected")], backup)
    assert [(item.key.name, item.size) for item in wanted] == [("a", 7), ("b", 0), ("c", 0)]
