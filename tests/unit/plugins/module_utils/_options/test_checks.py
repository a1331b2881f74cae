# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that cannot be meant together, and bounds of numbers."""

from __future__ import annotations

from typing import Any

import pytest
from options import problems_of, settings

ENTRY = "is not resource, resource/name or resource/namespace/name"
NO_NAME = "is not a name that Velero could have given (lower case, digits, '-' and '.')"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        # names
        ({"backup_file": ""}, "backup_file, backup_store, backup_location: say with one of them where the backup is"),
        ({"backup_file": None}, "backup_file, backup_store, backup_location: say with one of them where the backup is"),
        *(
            ({"restore_name": "again", option: name}, f"{option}: {name!r} {NO_NAME}")
            for option in ("backup_name", "restore_name")
            for name in ("Nightly", "a_b", "a/b", "-a", "a-", ".a", "a\n", "a" * 254)
        ),
        # the target's control plane
        (
            {"namespace_mapping": {"shop": "kube-system"}},
            "namespace_mapping: kube-system belongs to the target's control plane (protect_cluster_objects is on)",
        ),
        # what is spared unless named
        *(
            ({option: [entry]}, f"{option}: {entry.strip()!r} {ENTRY}")
            for option in ("protect_except", "recreate_allow", "prune_allow")
            for entry in ("a/b/c/d", "/", "a/", "/a", "a//b", "namespaces//shop", " pvc/ ")
        ),
        # numbers
        ({"recreate_timeout": -1}, "recreate_timeout: -1 is less than 0 seconds"),
        ({"terminating_timeout": -1}, "terminating_timeout: -1 is less than 0 seconds"),
        ({"lock_timeout": -1}, "lock_timeout: -1 is less than 0 seconds"),
        ({"prune_max_count": -1}, "prune_max_count: -1 is less than 0"),
        ({"prune_max_percent": -1}, "prune_max_percent: -1 is less than 0"),
        ({"prune_after": 0}, "prune_after: 0 is less than 1"),
        *(
            ({"lock_duration": seconds}, f"lock_duration: {seconds} is not between 2 and 3600")
            for seconds in (-60, 0, 1, 3601)
        ),
        *(({"concurrency": number}, f"concurrency: {number} is not between 1 and 256") for number in (0, 257)),
        # the namespace of the state
        *(
            ({"state_namespace": name}, f"state_namespace: {name!r}: ")
            for name in ("State", "a.b", "-a", "a_b", "a/b", " state", "a" * 64)
        ),
        ({"namespace_mapping": {"shop": "standby-velero"}}, "state_namespace: namespace_mapping restores into"),
        (
            {"state_namespace": "store", "namespace_mapping": {"shop": "store"}},
            "state_namespace: namespace_mapping restores into store, which keeps the target's own state",
        ),
        (
            {"state_namespace": "", "namespace_mapping": {"shop": "standby-velero"}},
            "state_namespace: namespace_mapping restores into standby-velero",
        ),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_meant_is_refused(options: dict[str, Any], problem: str) -> None:
    [told] = problems_of(**options)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    "options",
    [
        {"restore_name": "a" * 253},
        {"restore_name": "hourly-1.2026"},
        {"namespace_mapping": {"standby-velero": "store"}},
        {"namespace_mapping": {"shop": "kube-system"}, "protect_cluster_objects": False},
        {"namespace_mapping": {"kube-system": "store"}},
        {"state_namespace": "kube-system"},
        *(
            {option: ["namespaces", "ns/shop", "pvc/shop/data", "*/*", "pvc/*/data"]}
            for option in ("protect_except", "recreate_allow", "prune_allow")
        ),
        {"concurrency": 1, "lock_duration": 2},
        {"concurrency": 256, "lock_duration": 3600},
        {"terminating_timeout": 0, "recreate_timeout": 0, "lock_timeout": 0},
        {"prune_max_count": 0, "prune_max_percent": 0, "prune_after": 1},
    ],
)
def test_what_can_be_meant_is_taken(options: dict[str, Any]) -> None:
    made = settings(**options)
    assert made.backup_name == "hourly-1"
