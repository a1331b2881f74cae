# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module's options, read once: the only file that knows how an option is spelled.

An empty string counts as unset, in lists too: that is how AWX hands over a survey field that was left blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC

from ._backup.duration import seconds_of
from ._backup.file import name_of
from ._compare.ignored import Ignored, compile_ignored
from ._decide.policies import Policies, compile_policies
from ._decide.recreatable import Recreation
from ._delta.prune import Pruning
from ._errors import SettingsError
from ._guards import Limits
from ._modify.modifiers import Modifiers
from ._modify.rules import compile_modifiers
from ._prepare import mapping, storage_classes
from ._prepare.facts import Facts
from ._prepare.hooks import compile_hooks
from ._prepare.images import compile_images
from ._select.filters import Filters, problems
from ._select.names import namespace_problems
from ._select.protected import SYSTEM_NAMESPACES

MOST_CONNECTIONS = 256
SHORTEST_LOCK, LONGEST_LOCK = 2, 3600
"""Seconds; a short one is lost to a slow answer."""
STATE_NAMESPACE = "standby-velero"
POLICIES = ["none", "update", "patch", "recreate"]
"""`patch` is another word for `update`, that of the design."""

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **AUTH_ARG_SPEC,
    "backup_file": {"type": "path", "required": True},
    "backup_name": {"type": "str"},
    "restore_name": {"type": "str"},
    "backup_metadata_file": {"type": "path"},
    "previous_backup_file": {"type": "path"},
    "existing_resource_policy": {"type": "str", "choices": POLICIES},
    "existing_resource_policy_config": {"type": "dict"},
    "existing_resource_default_policy": {"type": "str", "choices": POLICIES},
    "existing_resource_policy_overrides": {"type": "raw"},
    "recreate_allow": {"type": "list", "elements": "str", "default": []},
    "recreate_propagation": {
        "type": "str",
        "choices": ["background", "foreground", "orphan"],
        "default": "background",
    },
    "recreate_timeout": {"type": "int", "default": 120},
    "included_namespaces": {"type": "list", "elements": "str", "default": []},
    "excluded_namespaces": {"type": "list", "elements": "str", "default": []},
    "included_resources": {"type": "list", "elements": "str", "default": []},
    "excluded_resources": {"type": "list", "elements": "str", "default": []},
    "include_cluster_resources": {"type": "bool"},
    "label_selector": {"type": "raw"},
    "or_label_selectors": {"type": "raw"},
    "namespace_mapping": {"type": "dict", "default": {}},
    "storage_class_mapping": {"type": "dict", "default": {}},
    "image_mapping": {"type": "list", "elements": "str", "default": []},
    "preserve_node_ports": {"type": "bool", "default": False},
    "restore_status": {
        "type": "dict",
        "options": {
            "included_resources": {"type": "list", "elements": "str", "default": []},
            "excluded_resources": {"type": "list", "elements": "str", "default": []},
        },
    },
    "resource_modifiers": {"type": "raw"},
    "hooks": {"type": "list", "elements": "dict", "default": []},
    "terminating_timeout": {"type": "int", "default": 600},
    "protect_cluster_objects": {"type": "bool", "default": True},
    "protect_except": {"type": "list", "elements": "str", "default": []},
    "controlled_objects": {"type": "str", "choices": ["restore", "skip"], "default": "restore"},
    "privileged_objects": {"type": "str", "choices": ["restore", "skip", "fail"], "default": "restore"},
    "ignore_fields": {"type": "dict", "default": {}},
    "hpa_replicas": {"type": "str", "choices": ["restore", "keep"], "default": "restore"},
    "delta": {"type": "str", "choices": ["ignore", "report", "prune"], "default": "ignore"},
    "prune_max_count": {"type": "int", "default": 10},
    "prune_max_percent": {"type": "int", "default": 10},
    "prune_allow": {"type": "list", "elements": "str", "default": []},
    "max_backup_age": {"type": "str"},
    "allow_older": {"type": "bool", "default": False},
    "allow_other_source": {"type": "bool", "default": False},
    "allow_shrunk": {"type": "bool", "default": False},
    "state_namespace": {"type": "str", "default": STATE_NAMESPACE},
    "lock_duration": {"type": "int", "default": 60},
    "lock_timeout": {"type": "int", "default": 0},
    "label_unchanged": {"type": "bool", "default": True},
    "fail_on": {"type": "str", "choices": ["failed", "errors", "out_of_sync", "never"], "default": "failed"},
    "concurrency": {"type": "int", "default": 16},
    "report_path": {"type": "path"},
}

_OPEN_WORDS = frozenset(
    ("apiVersion", "cluster", "context", "current-context", "kind", "name", "namespace", "server", "user")
)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class Settings:
    """What the user asked for, checked and with its defaults."""

    backup_file: str
    backup_name: str
    restore_name: str
    policies: Policies
    filters: Filters
    facts: Facts
    """Mappings, node ports and hooks; what the selection adds to them is not in yet."""
    modifiers: Modifiers
    status_included: tuple[str, ...] | None
    """None when no status is asked for."""
    status_excluded: tuple[str, ...]
    terminating_timeout: int
    """Seconds."""
    recreation: Recreation
    metadata_file: str
    """Empty unless it is named."""
    previous_file: str
    """Empty without an earlier backup to compare with."""
    privileged: str
    ignored: Ignored
    keep_hpa_replicas: bool
    delta: str
    pruning: Pruning
    limits: Limits
    state_namespace: str
    lock_duration: int
    """Seconds."""
    lock_timeout: int
    """Seconds."""
    protect: bool
    protect_except: tuple[str, ...]
    skip_controlled: bool
    label_unchanged: bool
    fail_on: str
    concurrency: int
    report_path: str
    """Empty when no report is asked for."""
    dry_run: bool
    diff: bool


def settings_of(params: Mapping[str, Any], check_mode: bool, diff_mode: bool) -> Settings:
    """The settings, or a SettingsError with every problem there is."""
    compiled, found = _compiled(params)
    settings = Settings(**_plain(params), **compiled, dry_run=check_mode, diff=diff_mode)
    found = [*_problems(settings), *problems(settings.filters), *found]
    if found:
        raise SettingsError(found)
    return settings


def _compiled(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those settings that are more than the option's value, and the problems of their options."""
    facts, problems_of_facts = _facts(params)
    modifiers, problems_of_modifiers = _modifiers(params["resource_modifiers"])
    policies, problems_of_policies = _policies(params)
    ignored, problems_of_ignored = _ignored(params["ignore_fields"])
    limits, problems_of_limits = _limits(params)
    settings = {
        "filters": _filters(params),
        "facts": facts,
        "modifiers": modifiers,
        "policies": policies,
        "recreation": _recreation(params),
        "ignored": ignored,
        "pruning": _pruning(params),
        "limits": limits,
    }
    found = (problems_of_facts, problems_of_modifiers, problems_of_policies, problems_of_ignored, problems_of_limits)
    return settings, [problem for some in found for problem in some]


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Those settings that are the option's value, blank texts and lists apart."""
    backup_file, status = params["backup_file"], params["restore_status"]
    backup_name = params["backup_name"] or (name_of(backup_file) if backup_file else "")
    return {
        "backup_file": backup_file,
        "backup_name": backup_name,
        "restore_name": params["restore_name"] or backup_name,
        "status_included": None if status is None else _texts(status["included_resources"]),
        "status_excluded": () if status is None else _texts(status["excluded_resources"]),
        "terminating_timeout": params["terminating_timeout"],
        "metadata_file": params["backup_metadata_file"] or "",
        "previous_file": params["previous_backup_file"] or "",
        "privileged": params["privileged_objects"],
        "keep_hpa_replicas": params["hpa_replicas"] == "keep",
        "delta": params["delta"],
        "state_namespace": params["state_namespace"] or STATE_NAMESPACE,
        "lock_duration": params["lock_duration"],
        "lock_timeout": params["lock_timeout"],
        "protect": params["protect_cluster_objects"],
        "protect_except": _texts(params["protect_except"]),
        "skip_controlled": params["controlled_objects"] == "skip",
        "label_unchanged": params["label_unchanged"],
        "fail_on": params["fail_on"],
        "concurrency": params["concurrency"],
        "report_path": params["report_path"] or "",
    }


def _filters(params: Mapping[str, Any]) -> Filters:
    return Filters(
        included_namespaces=_texts(params["included_namespaces"]),
        excluded_namespaces=_texts(params["excluded_namespaces"]),
        included_resources=_texts(params["included_resources"]),
        excluded_resources=_texts(params["excluded_resources"]),
        include_cluster_resources=params["include_cluster_resources"],
        label_selector=params["label_selector"],
        or_label_selectors=params["or_label_selectors"],
    )


def _facts(params: Mapping[str, Any]) -> tuple[Facts, list[str]]:
    """What preparing an object needs to know, and the problems of those options."""
    namespaces, classes = _pairs(params["namespace_mapping"]), _pairs(params["storage_class_mapping"])
    images, image_problems = compile_images(_texts(params["image_mapping"]))
    hooks, hook_problems = compile_hooks(params["hooks"])
    facts = Facts(
        namespace_mapping=namespaces,
        storage_class_mapping=classes,
        image_mapping=images,
        preserve_node_ports=params["preserve_node_ports"],
        hooks=hooks,
    )
    found = [*mapping.problems(namespaces), *storage_classes.problems(classes), *image_problems, *hook_problems]
    return facts, found


def _modifiers(value: Any) -> tuple[Modifiers, list[str]]:
    try:
        return compile_modifiers(value), []
    except SettingsError as error:
        return compile_modifiers(None), [f"resource_modifiers: {problem}" for problem in error.problems]


def _recreation(params: Mapping[str, Any]) -> Recreation:
    return Recreation(
        allow=_texts(params["recreate_allow"]),
        propagation=params["recreate_propagation"],
        timeout=params["recreate_timeout"],
    )


def _pruning(params: Mapping[str, Any]) -> Pruning:
    return Pruning(
        max_count=params["prune_max_count"],
        max_percent=params["prune_max_percent"],
        allow=_texts(params["prune_allow"]),
    )


def _limits(params: Mapping[str, Any]) -> tuple[Limits, list[str]]:
    """How far the guards let a backup through, and the problems of those options."""
    limits = Limits(
        allow_older=params["allow_older"],
        allow_other_source=params["allow_other_source"],
        allow_shrunk=params["allow_shrunk"],
    )
    if not params["max_backup_age"]:
        return limits, []
    try:
        age = seconds_of(params["max_backup_age"])
    except ValueError as error:
        return limits, [f"max_backup_age: {error}"]
    if age <= 0:
        return limits, [f"max_backup_age: {params['max_backup_age']} is not more than 0"]
    return limits._replace(max_age=age), []


def _ignored(value: Any) -> tuple[Ignored, list[str]]:
    try:
        return compile_ignored(value), []
    except SettingsError as error:
        return Ignored(), error.problems


def _policies(params: Mapping[str, Any]) -> tuple[Policies, list[str]]:
    forms = (
        params["existing_resource_policy"],
        params["existing_resource_policy_config"],
        params["existing_resource_default_policy"],
        params["existing_resource_policy_overrides"],
    )
    try:
        return compile_policies(*forms), []
    except SettingsError as error:
        return compile_policies(None, None, None, None), error.problems


def _pairs(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(old): str(new) for old, new in (given or {}).items() if old != "" and new not in ("", None)}


def _problems(settings: Settings) -> list[str]:
    found = [*_name_problems(settings), *_number_problems(settings), *_entry_problems(settings)]
    if settings.protect:
        found.extend(
            f"namespace_mapping: {target} belongs to the target's control plane (protect_cluster_objects is on)"
            for target in sorted(SYSTEM_NAMESPACES & set(settings.facts.namespace_mapping.values()))
        )
    found.extend(f"state_namespace: {problem}" for problem in _state_problems(settings))
    return found


def _name_problems(settings: Settings) -> list[str]:
    if not settings.backup_file:
        return ["backup_file: give the path of a Velero backup (<name>.tar.gz)"]
    return [
        f"{option}: {name!r} is not a name that Velero could have given (lower case, digits, '-' and '.')"
        for option, name in (("backup_name", settings.backup_name), ("restore_name", settings.restore_name))
        if not _NAME.fullmatch(name)
    ]


def _number_problems(settings: Settings) -> list[str]:
    bounds: tuple[tuple[str, int, int, int], ...] = (
        ("concurrency", settings.concurrency, 1, MOST_CONNECTIONS),
        ("lock_duration", settings.lock_duration, SHORTEST_LOCK, LONGEST_LOCK),
    )
    found = [
        f"{option}: {number} is not between {least} and {most}"
        for option, number, least, most in bounds
        if not least <= number <= most
    ]
    for option, seconds in (
        ("terminating_timeout", settings.terminating_timeout),
        ("recreate_timeout", settings.recreation.timeout),
        ("lock_timeout", settings.lock_timeout),
    ):
        if seconds < 0:
            found.append(f"{option}: {seconds} is less than 0 seconds")
    for option, number in (
        ("prune_max_count", settings.pruning.max_count),
        ("prune_max_percent", settings.pruning.max_percent),
    ):
        if number < 0:
            found.append(f"{option}: {number} is less than 0")
    return found


def _entry_problems(settings: Settings) -> list[str]:
    return [
        f"{option}: {entry!r} is not resource, resource/name or resource/namespace/name"
        for option, entries in (
            ("protect_except", settings.protect_except),
            ("recreate_allow", settings.recreation.allow),
            ("prune_allow", settings.pruning.allow),
        )
        for entry in entries
        if not 1 <= len(entry.split("/")) <= 3 or "" in entry.split("/")
    ]


def _state_problems(settings: Settings) -> list[str]:
    """The namespace of our own Secrets is no place to restore into."""
    found = [f"{settings.state_namespace!r}: {problem}" for problem in namespace_problems(settings.state_namespace)]
    if settings.state_namespace in settings.facts.namespace_mapping.values():
        found.append(f"namespace_mapping restores into {settings.state_namespace}, which keeps the target's own state")
    return found


def open_words(params: Mapping[str, Any]) -> set[str]:
    """The words of a kubeconfig that are no secret, and none of which is part of a secret too.

    As a dictionary it is no_log as a whole in kubernetes.core's specification, and Ansible would mask each of its words
    ("v1", "default", a user's name) wherever it stands in the result.
    """
    words: set[str] = set()
    secrets: set[str] = set()
    _sort_words(params["kubeconfig"], False, words, secrets)
    _sort_words([params["api_key"], params["password"], params["proxy_headers"]], False, words, secrets)
    return {word for word in words if not any(word in secret for secret in secrets)}


def _sort_words(value: Any, is_open: bool, words: set[str], secrets: set[str]) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _sort_words(part, name in _OPEN_WORDS, words, secrets)
    elif isinstance(value, list):
        for part in value:
            _sort_words(part, is_open, words, secrets)
    elif isinstance(value, str):
        (words if is_open else secrets).add(value)


def _texts(values: list[str] | None) -> tuple[str, ...]:
    return tuple(value.strip() for value in values or [] if value.strip())
