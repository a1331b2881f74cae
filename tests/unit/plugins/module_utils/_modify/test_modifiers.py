# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules at work on objects: order, what conditions see, what a failing rule does."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ModifierError, SettingsError
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

BODY = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "mapped", "labels": {"step": "0"}},
    "data": {"secret": "s3cret-canary"},
}


def rule(patches=None, merge=None, strategic=None, **conditions):
    return {
        "conditions": {"groupResource": "configmaps", **conditions},
        "patches": patches,
        "mergePatches": merge and [{"patchData": merge}],
        "strategicPatches": strategic and [{"patchData": strategic}],
    }


def applied(*rules_, body=None):
    body = BODY if body is None else body
    modifiers = compile_modifiers({"version": "v1", "resourceModifierRules": list(rules_)})
    return modifiers.apply("configmaps", "shop", body)


def test_an_object_that_no_rule_is_for_is_handed_on_as_it_is():
    assert applied(rule(merge="{data: null}", namespaces=["other"])) is BODY


def test_every_matching_rule_applies_in_order():
    result = applied(rule(merge="{data: {a: '1', b: '1'}}"), rule(merge="{data: {b: '2', c: '2'}}"))
    assert result["data"] == {"secret": "s3cret-canary", "a": "1", "b": "2", "c": "2"}


def test_conditions_see_the_object_as_it_was_before_any_rule():
    step = [{"path": "/metadata/labels/step", "value": '"0"'}]
    result = applied(
        rule(merge="{metadata: {labels: {step: '1'}}}", matches=step),
        rule(merge="{metadata: {labels: {seen: '0'}}}", matches=step),
        rule(merge="{metadata: {labels: {seen: '1'}}}", labelSelector={"matchLabels": {"step": "1"}}),
    )
    assert result["metadata"]["labels"] == {"step": "1", "seen": "0"}


def test_patches_see_what_the_rules_before_them_did():
    add = {"operation": "add", "path": "/data/new/inner", "value": "1"}
    result = applied(rule(merge="{data: {new: {}}}"), rule(patches=[add]))
    assert result["data"]["new"] == {"inner": 1}


def test_a_failed_test_leaves_the_object_to_the_other_rules():
    test = {"operation": "test", "path": "/data/secret", "value": "other"}
    remove = {"operation": "remove", "path": "/data/secret"}
    result = applied(rule(patches=[remove, test]), rule(merge="{data: {a: '1'}}"))
    assert result["data"] == {"secret": "s3cret-canary", "a": "1"}


def test_the_object_itself_is_never_edited():
    before = copy.deepcopy(BODY)
    applied(rule(merge="{data: {secret: null}, metadata: {labels: {a: b}}}"))
    applied(rule(patches=[{"operation": "remove", "path": "/metadata/labels/step"}]))
    assert before == BODY


@pytest.mark.parametrize(
    ("failing", "text"),
    [
        (
            rule(patches=[{"operation": "remove", "path": "/data/gone"}]),
            "remove /data/gone: the object has no such path",
        ),
        (rule(strategic="{data: {a: b}}"), "ConfigMap is no built-in type, as strategicPatches need"),
        (rule(merge="{metadata: {name: other}}"), "a rule cannot change metadata.name"),
        (rule(merge="{metadata: {namespace: other}}"), "a rule cannot change metadata.namespace"),
        (rule(merge="{metadata: null}"), "a rule cannot change metadata.name"),
        (rule(merge="{apiVersion: v2}"), "a rule cannot change apiVersion"),
        (rule(merge="{kind: Secret}"), "a rule cannot change kind"),
        (rule(merge="metadata: []"), "a rule cannot change metadata.name"),
    ],
)
def test_a_failing_rule_is_named_and_no_value_is(failing, text):
    with pytest.raises(ModifierError) as caught:
        applied(rule(merge="{data: {a: '1'}}"), failing)
    assert str(caught.value).startswith(f"resourceModifierRules[1] (configmaps): {text}")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("body", [{}, {"metadata": "x"}, {"metadata": {"labels": []}}, {"metadata": None}])
def test_a_path_into_a_body_that_has_no_such_shape_fails_with_the_rule(body):
    patches = [{"operation": "replace", "path": "/metadata/labels/a", "value": "b"}]
    with pytest.raises(
        ModifierError, match=r"^resourceModifierRules\[0\] \(configmaps\): replace /metadata/labels/a: "
    ):
        applied(rule(patches=patches), body={"apiVersion": "v1", "kind": "ConfigMap", **body})
    assert applied(rule(merge="{metadata: {labels: {a: b}}}"), body=body)["metadata"] == {"labels": {"a": "b"}}


def test_velero_s_own_example_reads():
    text = r"""
version: v1
resourceModifierRules:
- conditions:
    groupResource: configmaps
    resourceNameRegex: "^set.*$"
    namespaces: [bar, shop]
    labelSelector: {matchLabels: {step: "0"}}
  patches:
  - operation: add
    path: "/data/containers"
    value: "[{\"name\": \"nginx\", \"ports\": [{\"containerPort\": 80}]}]"
  - operation: copy
    from: "/data/containers/0"
    path: "/data/containers/1"
"""
    nginx = {"name": "nginx", "ports": [{"containerPort": 80}]}
    assert compile_modifiers(text).apply("configmaps", "shop", BODY)["data"]["containers"] == [nginx, nginx]


def test_rules_that_cannot_be_read_never_reach_an_object():
    with pytest.raises(SettingsError):
        applied({"conditions": {}})


def test_a_rule_that_is_for_no_object_is_told_by_its_name():
    rules = [rule(merge="{a: 1}", namespaces=[space]) for space in ("shop", "shopp")]
    rules += [rule(merge="{a: 1}", labelSelector={"matchLabels": {"step": step}}) for step in ("0", "9")]
    rules.append({**rule(merge="{a: 1}"), "conditions": {"groupResource": "configmapz"}})
    modifiers = compile_modifiers({"version": "v1", "resourceModifierRules": rules})
    source = ObjectKey("", "ConfigMap", "shop", "settings")
    item = BackupItem(source._replace(namespace="mapped"), "configmaps", "v1", source=source)
    read = []

    def body_of(of):
        read.append(of.resource)
        return BODY

    other = BackupItem(ObjectKey("", "Secret", "shop", "creds"), "secrets", "v1")
    told = list(modifiers.unmatched([other, item], body_of))
    assert told == [
        f"resource_modifiers: {modifiers.rules[place].name} matches nothing that is selected" for place in (1, 3, 4)
    ]
    assert set(read) == {"configmaps"}
