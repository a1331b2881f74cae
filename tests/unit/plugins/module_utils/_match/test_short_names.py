# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user's word for a resource means."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from ansible_collections.standby.velero.plugins.module_utils._match.short_names import resolver, served_resolver
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, Resource


def served(plural, group="", kind="", short=(), singular=""):
    return Resource(group, "v1", plural, kind or plural[:-1].capitalize(), True, singular, tuple(short))


TARGET = [
    served("pods", short=["po"], singular="pod"),
    served("events", kind="Event", short=["ev"]),
    served("secrets", kind="Secret"),
    served("ingresses", "networking.k8s.io", "Ingress", ["ing"], "ingress"),
    served("deployments", "apps", "Deployment", ["deploy"], "deployment"),
    served("events", "events.k8s.io", "Event", ["ev"]),
    served("storageclasses", "storage.k8s.io", "StorageClass", ["sc"], "storageclass"),
    served("widgets", "b.example.org", "Widget", ["wi"], "widget"),
    served("widgets", "a.example.org", "Widget", ["wi"], "widget"),
    served("hoards", "evil.example.org", "Hoard", ["secrets", "po"], "hoard"),
]


@dataclass
class Backup:
    """CRDs as a backup has them; notes which are read."""

    bodies: dict[BackupItem, object] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    reads: list[str] = field(default_factory=list)
    uids: frozenset[str] = frozenset()

    @property
    def items(self):
        return (*self.bodies, *(BackupItem(ObjectKey("", "Any", "shop", "a"), name, "v1") for name in self.others))

    def body(self, item):
        self.reads.append(item.key.name)
        return self.bodies[item]


def crd(name, spec, problem=""):
    key = ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", name)
    resource = "customresourcedefinitions.apiextensions.k8s.io"
    return {BackupItem(key, resource, "v1", problem=problem): {"spec": spec}}


GEARS = {
    "group": "example.org",
    "scope": "Namespaced",
    "names": {"plural": "gears", "singular": "gear", "kind": "Gear", "shortNames": ["ge", "po"]},
}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("pods", "pods"),
        ("pod", "pods"),
        ("po", "pods"),
        ("Pod", "pods"),
        ("deployments", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("deployment.apps", "deployments.apps"),
        ("deploy", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("Deployment", "deployments.apps"),
        ("DEPLOYMENTS", "deployments.apps"),
        ("ingress", "ingresses.networking.k8s.io"),
        ("ing", "ingresses.networking.k8s.io"),
        # singular not told by the server: the kind
        ("secret", "secrets"),
        # the core group first, then the server's order
        ("events", "events"),
        ("ev", "events"),
        ("ev.events.k8s.io", "events.events.k8s.io"),
        ("widgets", "widgets.b.example.org"),
        ("wi", "widgets.b.example.org"),
        ("widget.a.example.org", "widgets.a.example.org"),
        # the beginning of a group
        ("storageclass.storage", "storageclasses.storage.k8s.io"),
        ("sc.storage", "storageclasses.storage.k8s.io"),
        ("deploy.ap", "deployments.apps"),
        # a full name before a short one
        ("secrets", "secrets"),
        # unknown words stand as they are
        ("gadgets", "gadgets"),
        ("DEPLOY", "DEPLOY"),
        ("deployments.v1.apps", "deployments.v1.apps"),
        ("deployments.batch", "deployments.batch"),
        ("all", "all"),
        ("", ""),
        # patterns too
        ("*", "*"),
        ("deploy*", "deploy*"),
        ("*.apps", "*.apps"),
    ],
)
def test_a_word_means(word, name):
    assert resolver(TARGET, Backup())(word) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("gears", "gears.example.org"),
        ("gear", "gears.example.org"),
        ("Gear", "gears.example.org"),
        ("ge", "gears.example.org"),
        ("ge.example.org", "gears.example.org"),
        ("gears.example", "gears.example.org"),
        ("po", "pods"),
    ],
)
def test_what_the_target_does_not_know_a_definition_in_the_backup_may(word, name):
    assert resolver(TARGET, Backup(crd("gears.example.org", GEARS)))(word) == name


def test_definitions_are_read_once_and_only_when_the_target_does_not_know_a_word():
    backup = Backup(crd("gears.example.org", GEARS), ("things.example.org",))
    resolve = resolver(TARGET, backup)
    assert [resolve(word) for word in ("po", "*", "gear*", "things.example.org")] == [
        "pods",
        "*",
        "gear*",
        "things.example.org",
    ]
    assert backup.reads == []
    assert [resolve(word) for word in ("ge", "gear", "nothing")] == ["gears.example.org"] * 2 + ["nothing"]
    assert backup.reads == ["gears.example.org"]


def test_the_full_name_of_something_in_the_backup_is_never_taken_for_the_beginning_of_a_group():
    resolve = resolver([served("widgets", "example.org.other", "Widget")], Backup(others=("widgets.example.org",)))
    assert resolve("widgets.example.org") == "widgets.example.org"


@pytest.mark.parametrize(
    "spec",
    [
        None,
        "x",
        {"names": None},
        {"group": "example.org", "names": "gears"},
        {"group": "example.org", "names": {"plural": ["gears"]}},
        {**GEARS, "group": "apps"},
        {**GEARS, "names": {**GEARS["names"], "plural": "secrets"}},
    ],
)
def test_a_definition_that_is_not_what_it_is_called_defines_nothing(spec):
    assert resolver(TARGET, Backup(crd("gears.example.org", spec)))("ge") == "ge"


@pytest.mark.parametrize("short", [None, "ge", 7, [7, None]])
def test_malformed_short_names_are_passed_over(short):
    spec = {**GEARS, "names": {**GEARS["names"], "shortNames": short}}
    assert resolver(TARGET, Backup(crd("gears.example.org", spec)))("gear") == "gears.example.org"


def test_a_broken_definition_is_not_read():
    backup = Backup(crd("gears.example.org", GEARS, problem="is not valid JSON"))
    assert resolver(TARGET, backup)("gears") == "gears"
    assert backup.reads == []


KINDS = [
    ("Deployment", ("deployments.apps",)),
    ("DEPLOY", ("deployments.apps",)),
    ("Deployments.Apps", ("deployments.apps",)),
    ("Gear", ("gears.example.org",)),
    ("Bolt", ("bolts.a.example.org", "bolts.b.example.org")),
    ("BOLTS", ("bolts.a.example.org", "bolts.b.example.org")),
    ("bolt.b.example.org", ("bolts.b.example.org",)),
    ("Bolts.a.example.org", ("bolts.a.example.org",)),
    ("Pods", ("pods",)),
    ("Nut", ("nut",)),
]
"""Of the target, of the backup's definitions, of its objects alone, of nobody."""


@pytest.mark.parametrize(("kind", "types"), KINDS)
def test_a_kind_in_any_case_means_types(kind, types):
    backup = Backup(crd("gears.example.org", GEARS))
    for group in ("a.example.org", "b.example.org"):
        backup.bodies[BackupItem(ObjectKey(group, "Bolt", "shop", "m8"), f"bolts.{group}", "v1")] = {}
    backup.bodies[
        BackupItem(ObjectKey("metrics.example.org", "Pods", "shop", "x"), "pods.metrics.example.org", "v1")
    ] = {}
    assert resolver(TARGET, backup).types(kind) == types


def test_without_a_backup_the_target_alone_knows_the_words():
    resolve = served_resolver([Resource("apps", "v1", "deployments", "Deployment", True, "deployment", ("deploy",))])
    assert [resolve(word) for word in ("deploy", "Deployment", "d*", "gadgets")] == [
        "deployments.apps",
        "deployments.apps",
        "d*",
        "gadgets",
    ]
