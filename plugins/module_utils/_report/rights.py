# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a privileged object brings that the target does not have: subjects, rules, who is called for every request.

Names and field paths are shown, other values are not. A URL may hold a token: of one only scheme and host are shown.
Bodies are not trusted: what is not of the expected shape says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._compare.normalise import strip
from .._merge_patch import apply, same, spelled
from .._text import printable
from .._unstructured import as_list, as_map, as_maps, as_text, as_texts, nested
from .._values import EMPTY, Body, Change

_MOST_PAIRS = 1_000_000
"""Of rules to be held beside each other; with more, only those that are word for word the same count as there."""


class _Sides(NamedTuple):
    old: Body
    """The live values where the patch writes; nothing for an object that is not there."""
    new: Body
    """What stands there afterwards: of a map that exists the changed keys alone, of a list all."""
    whole: Body
    """The whole desired object, for what a changed key means only together with its neighbours."""
    touched: Body
    """The patch: what goes is a null in it; all of an object that is not there."""
    is_new: bool


def brought(change: Change, desired: Body) -> list[str]:
    """What the change brings, a text each, all of them; where that is nothing of note, the fields that it changes."""
    whole, comparison = strip(desired, change.ref.resource), change.comparison
    if comparison is None:
        sides = _Sides(EMPTY, whole, whole, whole, True)
    else:
        before, patch = comparison.before, comparison.patch
        sides = _Sides(before, apply(before, patch), whole, patch, False)
    texts = list(_TEXTS.get(change.key.kind, _fields)(sides))
    if not texts and not sides.is_new:
        texts = list(_fields(sides))
    return list(map(printable, texts))


def _bindings(sides: _Sides) -> Iterator[str]:
    """With another role everything is new, also to the subjects that are there."""
    if "roleRef" not in sides.touched:
        yield from _added(map(_subject, _maps(sides.new, "subjects")), map(_subject, _maps(sides.old, "subjects")))
        return
    role = sides.whole.get("roleRef")
    yield f"roleRef {as_text(nested(role, 'kind'))} {as_text(nested(role, 'name'))}"
    yield from map(_subject, _maps(sides.whole, "subjects"))


def _subject(subject: Body) -> str:
    name, namespace = as_text(subject.get("name")), as_text(subject.get("namespace"))
    return (
        f"{as_text(subject.get('kind'))} {namespace}/{name}" if namespace else f"{as_text(subject.get('kind'))} {name}"
    )


# Roles


class _Rule(NamedTuple):
    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str]
    urls: frozenset[str]


_FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
_SAID = ("verbs", "resources", "apiGroups", "resourceNames", "nonResourceURLs")


def _roles(sides: _Sides) -> Iterator[str]:
    there = [_rule(rule) for rule in _maps(sides.old, "rules")]
    yield from map(_rule_text, _lacking(_maps(sides.new, "rules"), there))
    selectors = frozenset(map(spelled, as_list(nested(sides.old, "aggregationRule", "clusterRoleSelectors"))))
    for selector in _maps(sides.new, "aggregationRule", "clusterRoleSelectors"):
        if spelled(selector) not in selectors:
            yield f"aggregates {_selected(selector)}"
    for name, value in as_map(nested(sides.new, "metadata", "labels")).items():
        if "aggregat" in name and isinstance(value, str):  # by it an aggregated ClusterRole takes its rules
            yield f"label {name}={value}"


def _rule(rule: Body) -> _Rule:
    return _Rule(*(frozenset(as_texts(rule.get(field))) for field in _FIELDS))


def _lacking(rules: list[Body], there: list[_Rule]) -> Iterator[Body]:
    """The rules that no single one of those that are there allows as a whole."""
    exact = frozenset(there)
    compared = there if len(there) * len(rules) <= _MOST_PAIRS else []
    for body in rules:
        rule = _rule(body)
        if rule not in exact and not any(_covers(old, rule) for old in compared):
            yield body


def _covers(old: _Rule, new: _Rule) -> bool:
    named = not old.names or (bool(new.names) and new.names <= old.names)
    return named and all(
        one >= other or "*" in one
        for one, other in (
            (old.verbs, new.verbs),
            (old.groups, new.groups),
            (old.resources, new.resources),
            (old.urls, new.urls),
        )
    )


def _rule_text(rule: Body) -> str:
    """`verbs: get, list; resources: secrets; apiGroups: ""`."""
    parts = ((field, [word or '""' for word in as_texts(rule.get(field))]) for field in _SAID)
    return "; ".join(f"{field}: {', '.join(words)}" for field, words in parts if words) or "a rule that allows nothing"


def _selected(selector: Body) -> str:
    labels = [f"{name}={as_text(value)}" for name, value in as_map(selector.get("matchLabels")).items()]
    for term in _maps(selector, "matchExpressions"):
        words = (as_text(term.get("key")), as_text(term.get("operator")), ", ".join(as_texts(term.get("values"))))
        labels.append(" ".join(filter(None, words)))
    return f"ClusterRoles with {', '.join(labels)}" if labels else "all ClusterRoles"


# Users of OpenShift


def _members(sides: _Sides) -> Iterator[str]:
    there = frozenset(as_texts(sides.old.get("users")))
    yield from (f"User {name}" for name in as_texts(sides.new.get("users")) if name not in there)


def _identity_providers(sides: _Sides) -> Iterator[str]:
    there = frozenset(as_text(one.get("name")) for one in _maps(sides.old, "spec", "identityProviders"))
    names = (as_text(one.get("name")) for one in _maps(sides.new, "spec", "identityProviders"))
    yield from (f"identity provider {name}" for name in names if name not in there)
    yield from _fields(sides)


# What is called for requests


def _webhooks(sides: _Sides) -> Iterator[str]:
    there = {as_text(webhook.get("name")): webhook for webhook in _maps(sides.old, "webhooks")}
    kept = set()
    for webhook in _maps(sides.new, "webhooks"):
        name = as_text(webhook.get("name"))
        kept.add(name)
        if name not in there:
            yield f"webhook {_webhook(webhook)}"
        elif not same(there[name], webhook):
            yield f"changed webhook {_webhook(webhook)}"
    yield from (f"webhook {name} is removed" for name in there if name not in kept)


def _webhook(webhook: Body) -> str:
    policy = as_text(webhook.get("failurePolicy"))
    said = f"{as_text(webhook.get('name'))} calls {_called(webhook.get('clientConfig'))}"
    return f"{said}, failurePolicy {policy}" if policy else said


def _called(config: Any) -> str:
    url = nested(config, "url")
    return _host(url) if isinstance(url, str) else _service(nested(config, "service"))


def _service(service: Any) -> str:
    return f"Service {as_text(nested(service, 'namespace'))}/{as_text(nested(service, 'name'))}"


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host and parts.scheme in ("http", "https") else "a URL without a host"


def _api_services(sides: _Sides) -> Iterator[str]:
    touched = as_map(sides.touched.get("spec"))
    if not (sides.is_new or "service" in touched or "insecureSkipTLSVerify" in touched):
        return
    service = nested(sides.whole, "spec", "service")
    called = _service(service) if isinstance(service, dict) else "the API server itself"
    unverified = nested(sides.whole, "spec", "insecureSkipTLSVerify") is True
    yield f"is served by {called}{', whose certificate is not verified' if unverified else ''}"


def _definitions(sides: _Sides) -> Iterator[str]:
    yield from _added(
        map(_version, _maps(sides.new, "spec", "versions")), map(_version, _maps(sides.old, "spec", "versions"))
    )
    webhook = nested(sides.whole, "spec", "conversion", "webhook")
    if isinstance(webhook, dict) and "conversion" in as_map(sides.touched.get("spec")):
        yield f"conversion calls {_called(webhook.get('clientConfig'))}"


def _version(version: Body) -> str:
    uses = [use for use, field in (("served", "served"), ("stored", "storage")) if version.get(field) is True]
    return f"version {as_text(version.get('name'))}{': ' if uses else ''}{', '.join(uses)}"


# Admission policies


def _policies(sides: _Sides) -> Iterator[str]:
    if "policyName" in as_map(sides.new.get("spec")):
        yield f"binds {as_text(nested(sides.new, 'spec', 'policyName'))}"
    yield from _fields(sides)


def _constraints(sides: _Sides) -> Iterator[str]:
    for field, kind in (("users", "User"), ("groups", "Group")):
        there = frozenset(as_texts(sides.old.get(field)))
        yield from (f"{kind} {name}" for name in as_texts(sides.new.get(field)) if name not in there)
    yield from _fields(sides)


def _fields(sides: _Sides) -> Iterator[str]:
    """`changed: spec.validations`, two steps deep: what is to be said when there is no better word for it."""
    if sides.is_new:
        yield "all of it"
    elif sides.touched:
        yield f"changed: {', '.join(path for name, value in sides.touched.items() for path in _paths(name, value))}"


def _paths(name: str, value: Any) -> list[str]:
    return [f"{name}.{key}" for key in value] if isinstance(value, dict) and value else [name]


def _added(new: Iterator[str], old: Iterator[str]) -> Iterator[str]:
    there = frozenset(old)
    return (said for said in new if said not in there)


def _maps(body: Body, *path: str) -> list[Body]:
    return as_maps(nested(body, *path))


_TEXTS: dict[str, Callable[[_Sides], Iterator[str]]] = {
    "APIService": _api_services,
    "ClusterRole": _roles,
    "ClusterRoleBinding": _bindings,
    "CustomResourceDefinition": _definitions,
    "Group": _members,
    "MutatingAdmissionPolicy": _policies,
    "MutatingAdmissionPolicyBinding": _policies,
    "MutatingWebhookConfiguration": _webhooks,
    "OAuth": _identity_providers,
    "Role": _roles,
    "RoleBinding": _bindings,
    "SecurityContextConstraints": _constraints,
    "ValidatingAdmissionPolicy": _policies,
    "ValidatingAdmissionPolicyBinding": _policies,
    "ValidatingWebhookConfiguration": _webhooks,
}
