# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in full, and names that match nothing: in every option that takes types or entries, and in no other place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from options import settings

DEPLOYMENTS = "deployments.apps"
NAMES = {"deploy": DEPLOYMENTS, "Deployment": DEPLOYMENTS, "cm": "configmaps", "no": "nodes", "ns": "namespaces"}


class Names:
    """What the resolver says that asks target and backup."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    def __call__(self, word: str) -> str:
        return self._known.get(word, word)

    def types(self, kind: str) -> tuple[str, ...]:
        return (self(kind),)


resolve: Any = Names(NAMES)


# Option -> what it is given, what is read of the settings, and how that is once it is resolved.
TYPED: dict[str, tuple[Any, Callable[[Settings], Any], Any]] = {
    "included_resources": (["deploy", "cm"], lambda made: made.filters.included_resources, (DEPLOYMENTS, "configmaps")),
    "excluded_resources": (["deploy"], lambda made: made.filters.excluded_resources, (DEPLOYMENTS,)),
    "existing_resource_policy_config": (
        {"update": {"included_resources": ["deploy"]}},
        lambda made: [rule.resources for rule in made.policies.rules],
        [(DEPLOYMENTS,)],
    ),
    "existing_resource_policy_overrides": (
        [{"policy": "recreate", "included_resources": ["deploy", "cm"]}],
        lambda made: [rule.resources for rule in made.policies.rules],
        [(DEPLOYMENTS, "configmaps")],
    ),
    "resource_policies": (
        {"version": "v1", "clusterScopedFilterPolicy": {"resourceFilters": [{"kinds": ["deploy", "cm"]}]}},
        lambda made: [kind.types for row in made.filter_policies.cluster.filters for kind in row.kinds],
        [(DEPLOYMENTS,), ("configmaps",)],
    ),
    "recreate_allow": (["deploy/shop/web"], lambda made: made.recreation.allow, (f"{DEPLOYMENTS}/shop/web",)),
    "prune_allow": (["ns/shop", "cm"], lambda made: made.pruning.allow, ("namespaces/shop", "configmaps")),
    "protect_except": (["cm/kube-system/dns"], lambda made: made.protect_except, ("configmaps/kube-system/dns",)),
    "ignore_fields": (
        {"deploy": ["/spec/replicas"]},
        lambda made: made.ignored.fields,
        ((DEPLOYMENTS, ("spec", "replicas")),),
    ),
    "privileged_rules": (
        [{"resource": "deploy", "host_access": True}],
        lambda made: [rule.resource for rule in made.privileged.own],
        [DEPLOYMENTS],
    ),
    "hold_rules": (
        [{"resource": "deploy", "path": "/spec/paused", "value": True}],
        lambda made: tuple(rule.resource for rule in made.hold.rules),
        (DEPLOYMENTS,),
    ),
    "hold_except": (["deploy/shop/web"], lambda made: made.hold.exceptions, (f"{DEPLOYMENTS}/shop/web",)),
    "hold_existing": (["deploy/*/*"], lambda made: made.hold.existing, (f"{DEPLOYMENTS}/*/*",)),
    "restore_status": (
        {"included_resources": ["deploy"], "excluded_resources": ["cm"]},
        lambda made: (made.status_included, made.status_excluded),
        ((DEPLOYMENTS,), ("configmaps",)),
    ),
}

UNTYPED = frozenset(
    (
        *("resource_modifiers", "hooks"),  # as in Velero: there a type is what its condition says, here always Pods
        *("recreate_propagation", "recreate_timeout", "existing_resource_policy", "existing_resource_default_policy"),
        *("include_cluster_resources", "protect_cluster_objects", "controlled_objects", "privileged_objects"),
        *("hpa_replicas", "webhooks", "prune_after", "prune_max_count", "prune_max_percent"),
    )
)
"""Options that sound as if they named types or objects, and do not."""


@pytest.mark.parametrize("option", TYPED)
def test_an_option_that_takes_types_has_them_in_full(option: str) -> None:
    given, read, full = TYPED[option]
    made = settings(**{option: given})
    assert read(made) != full
    assert read(made.resolved(resolve)) == full


def test_no_option_that_speaks_of_types_or_objects_is_forgotten() -> None:
    spoken = (
        "resource",
        "recreate",
        "prune",
        "protect",
        "privileged",
        "ignore",
        "status",
        "object",
        "replicas",
        "hook",
        "hold",
    )
    sounding = {option for option in ARGUMENT_SPEC if any(word in option for word in spoken)}
    assert sounding == TYPED.keys() | UNTYPED


def test_a_setting_with_types_that_nobody_gave_stays_as_it_is() -> None:
    made = settings()
    changed: Any = Names(dict.fromkeys(NAMES, "changed"))
    assert made.resolved(changed) == made
    assert made.resolved(resolve).status_included is None


def test_only_the_names_change() -> None:
    options: dict[str, Any] = {option: given for option, (given, _read, _full) in TYPED.items()}
    del options["existing_resource_policy_config"], options["excluded_resources"]
    made = settings(**options, namespace_mapping={"cm": "deploy"}, backup_name="cm", delta="report")
    changed = {
        field.name
        for field in dataclasses.fields(Settings)
        if getattr(made.resolved(resolve), field.name) != getattr(made, field.name)
    }
    typed = {"filters", "filter_policies", "policies", "recreation", "pruning", "ignored", "privileged", "hold"}
    assert changed == {*typed, "protect_except", "status_included", "status_excluded"}


def test_what_only_full_names_show_is_refused() -> None:
    with pytest.raises(SettingsError, match="nodes are non-restorable resources"):
        settings(included_resources=["no"]).resolved(resolve)


# What matches nothing


def item(resource: str, kind: str, namespace: str, name: str) -> BackupItem:
    return BackupItem(ObjectKey(resource.partition(".")[2], kind, namespace, name), resource, "v1")


BACKUP = (
    item(DEPLOYMENTS, "Deployment", "shop", "web"),
    item("configmaps", "ConfigMap", "shop", "app"),
    item("namespaces", "Namespace", "", "shop"),
)
SERVED = ("deployments.apps", "configmaps", "namespaces", "secrets")
NOTHING = "matches nothing in the backup"
OVERRIDES = "existing_resource_policy_overrides"


def unmatched(options: dict[str, Any]) -> list[str]:
    return list(settings(**options).resolved(resolve).unmatched(BACKUP, SERVED))


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        ({}, []),
        ({"included_namespaces": ["shop", "shopp"]}, [f"included_namespaces: 'shopp' {NOTHING}"]),
        ({"excluded_namespaces": ["shopp"]}, [f"excluded_namespaces: 'shopp' {NOTHING}"]),
        ({"excluded_resources": ["secrets", "secretz"]}, [f"excluded_resources: 'secretz' {NOTHING}"]),
        ({"namespace_mapping": {"shop": "a", "bank": "b"}}, [f"namespace_mapping: 'bank' {NOTHING}"]),
        ({"included_resources": ["deploy", "deploymets"]}, [f"included_resources: 'deploymets' {NOTHING}"]),
        (
            {"privileged_rules": [{"resource": "deploymets"}, {"resource": "secrets"}, {"resource": "*.apps"}]},
            [f"privileged_rules[0]: 'deploymets' {NOTHING}"],
        ),
        ({"ignore_fields": {"deploymets": ["/a"], "deploy": ["/a"]}}, [f"ignore_fields: 'deploymets' {NOTHING}"]),
        (
            {OVERRIDES: [{"policy": "update", "included_resources": ["cm", "cmm"], "included_namespaces": ["bank"]}]},
            [f"{OVERRIDES}[0]: 'cmm' {NOTHING}", f"{OVERRIDES}[0]: 'bank' {NOTHING}"],
        ),
        (
            {"restore_status": {"included_resources": ["deploy", "cmm"], "excluded_resources": ["cm", "dep*"]}},
            [f"restore_status.included_resources: 'cmm' {NOTHING}"],
        ),
        (
            {"restore_status": {"included_resources": ["*"], "excluded_resources": ["secrets"]}},
            [f"restore_status.excluded_resources: 'secrets' {NOTHING}"],
        ),
        (
            {"protect_except": ["cm", "cm/app", "cm/shop/app", "ns/shop", "cm/kube-system/app"]},
            [f"protect_except: 'configmaps/kube-system/app' {NOTHING}"],
        ),
        (
            {"recreate_allow": ["deploy/shop/web", "deploy/shop/wbe", "ns/shop"]},
            [f"recreate_allow: 'deployments.apps/shop/wbe' {NOTHING}"],
        ),
        (
            {
                "resource_policies": {
                    "version": "v1",
                    "clusterScopedFilterPolicy": {"resourceFilters": [{"kinds": ["cmm"]}]},
                }
            },
            [f"resource_policies: clusterScopedFilterPolicy.resourceFilters[0].kinds: 'cmm' {NOTHING}"],
        ),
        # what a prune may delete need not be in the backup any more: the target has to know the type
        ({"prune_allow": ["ns/gone", "secrets", "*/*", "pvcs/shop/data"]}, [f"prune_allow: 'pvcs' {NOTHING}"]),
    ],
)
def test_a_name_that_matches_nothing_is_told_with_its_option(options: dict[str, Any], sentences: list[str]) -> None:
    assert unmatched(options) == sentences


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        # what is asked of the backup has its namespaces, what is asked of the target has the target's
        ({"included_namespaces": ["store"]}, [f"included_namespaces: 'store' {NOTHING}"]),
        ({"protect_except": ["cm/shop/app", "cm/store/app"]}, [f"protect_except: 'configmaps/store/app' {NOTHING}"]),
        ({"recreate_allow": ["cm/shop/app", "cm/store/app"]}, [f"recreate_allow: 'configmaps/shop/app' {NOTHING}"]),
        ({"recreate_allow": ["ns/shop", "ns/store"]}, [f"recreate_allow: 'namespaces/shop' {NOTHING}"]),
    ],
)
def test_with_a_mapping_each_option_means_the_names_of_its_own_side(
    options: dict[str, Any], sentences: list[str]
) -> None:
    assert unmatched({"namespace_mapping": {"shop": "store"}, **options}) == sentences


# What a selection is known by

SELECTING: dict[str, Any] = {
    "included_namespaces": ["shop", "bank"],
    "excluded_resources": ["secrets", "deploy"],
    "label_selector": "app=web",
    "namespace_mapping": {"shop": "store"},
    "protect_except": ["cm/a", "cm/b"],
}


@pytest.mark.parametrize(
    "options",
    [
        {"included_namespaces": ["bank", "shop"]},
        {"excluded_resources": ["deploy", "secrets"]},
        {"protect_except": ["cm/b", "cm/a"]},
        {"or_label_selectors": ""},
        {"existing_resource_policy": "update", "restore_name": "other", "concurrency": 1, "report_path": "/r.json"},
        {"image_mapping": ["a,b"], "preserve_node_ports": True, "delta": "prune"},
    ],
)
def test_options_that_select_the_same_have_the_same_id(options: dict[str, Any]) -> None:
    assert settings(**{**SELECTING, **options}).selection_id == settings(**SELECTING).selection_id


@pytest.mark.parametrize(
    "options",
    [
        {"included_namespaces": ["shop"]},
        {"excluded_namespaces": ["other"]},
        {"included_resources": ["configmaps"]},
        {"excluded_resources": ["secrets", "deployments.apps"]},
        {"include_cluster_resources": True},
        {"include_cluster_resources": False},
        {"label_selector": "app=db"},
        {"label_selector": "", "or_label_selectors": ["app=web"]},
        {"namespace_mapping": {}},
        {"namespace_mapping": {"shop": "storage"}},
        {"protect_except": ["cm/a"]},
        {"protect_cluster_objects": False},
        {"controlled_objects": "skip"},
        {"resource_policies": TYPED["resource_policies"][0]},
    ],
)
def test_options_that_may_select_otherwise_have_another_id(options: dict[str, Any]) -> None:
    assert settings(**{**SELECTING, **options}).selection_id != settings(**SELECTING).selection_id


@pytest.mark.parametrize(
    ("given", "name"),
    [({}, "nightly"), ({"restore_name": "trial"}, "trial")],
)
def test_a_restore_without_a_name_of_its_own_is_called_as_the_source_calls_the_backup(
    given: dict[str, str], name: str
) -> None:
    named = settings(backup_file="/b/nightly-data.tar.gz", **given).named("nightly")
    assert (named.backup_name, named.restore_name) == ("nightly", name)
