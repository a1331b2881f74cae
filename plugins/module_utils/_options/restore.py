# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_restore, read once: the only file that knows how each is spelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compare.hidden import compile_hidden
from .._decide.privileged import PrivilegedObjects
from .._errors import SettingsError
from .._prepare import mapping, storage_classes
from .._prepare.context import PrepareContext
from .._prepare.hooks import compile_hooks
from .._prepare.images import compile_images
from .._readiness.finding import Accepted
from .._select.filters import Filters
from .._source.local import name_of
from .approval import compile_approved
from .checks import problems_of
from .compiled import filter_policies_of, ignored_of, modifiers_of, policies_of
from .deleting import pruning_of, recreation_of
from .hold import HOLD, HOLD_SPEC, hold_of
from .privileged import compile_privileged_rules
from .readiness import READINESS_SPEC
from .recording import RECORD_SPEC, recording_of
from .settings import Settings
from .source import SOURCE_SPEC, one_backup_problems, source_of
from .state import compile_keys
from .target import STATE_NAMESPACE, TARGET_SPEC
from .texts import pairs_of, texts_of
from .times import times_of

POLICIES = ["none", "update", "patch", "recreate"]
"""`patch` is another word for `update`, that of the design."""

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **SOURCE_SPEC,
    "restore_name": {"type": "str"},
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
    "resource_policies": {"type": "raw"},
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
    "privileged_rules": {"type": "list", "elements": "dict", "default": []},
    "ignore_fields": {"type": "dict", "default": {}},
    "compare": {"type": "str", "choices": ["full", "fast"], "default": "full"},
    "hpa_replicas": {"type": "str", "choices": ["restore", "keep"], "default": "restore"},
    **HOLD_SPEC,
    "delta": {"type": "str", "choices": ["ignore", "report", "prune"], "default": "ignore"},
    "prune_max_count": {"type": "int", "default": 10},
    "prune_max_percent": {"type": "int", "default": 10},
    "prune_after": {"type": "int", "default": 1},
    "prune_allow": {"type": "list", "elements": "str", "default": []},
    "max_backup_age": {"type": "str"},
    "allow_older": {"type": "bool", "default": False},
    "allow_other_source": {"type": "bool", "default": False},
    "allow_shrunk": {"type": "bool", "default": False},
    "allow_empty": {"type": "bool", "default": False},
    "approved_plan": {"type": "raw"},
    "approved_plan_report": {"type": "path"},
    "label_unchanged": {"type": "bool", "default": True},
    "run_timeout": {"type": "str"},
    "fail_on": {"type": "str", "choices": ["failed", "errors", "out_of_sync", "never"], "default": "failed"},
    "report_path": {"type": "path"},
    "hidden_fields": {"type": "list", "elements": "str", "default": []},
    **RECORD_SPEC,
    **READINESS_SPEC,
    "progress": {"type": "str", "choices": ["lines", "none"], "default": "lines"},
    "progress_path": {"type": "path"},
    "state_adopt": {"type": "bool", "default": False},
    "state_rebuild": {"type": "bool", "default": False},
    **TARGET_SPEC,
}
"""In the order in which the role lists its variables."""


def settings_of(params: Mapping[str, Any], check_mode: bool, diff_mode: bool) -> Settings:
    """The settings, or a SettingsError with every problem there is."""
    compiled, found = _compiled(params)
    settings = Settings(**_plain(params), **compiled, dry_run=check_mode, diff=diff_mode)
    found = [*problems_of(settings), *settings.filters.problems(), *found]
    if found:
        raise SettingsError(found)
    return settings


def _compiled(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those settings that are more than the option's value, and the problems of their options."""
    prepare, problems_of_prepare = _prepare(params)
    modifiers, problems_of_modifiers = modifiers_of(params["resource_modifiers"])
    filter_policies, problems_of_filter_policies = filter_policies_of(params["resource_policies"])
    policies, problems_of_policies = policies_of(params)
    ignored, problems_of_ignored = ignored_of(params["ignore_fields"])
    hidden, problems_of_hidden = compile_hidden(texts_of(params["hidden_fields"]))
    privileged_rules, problems_of_privileged = compile_privileged_rules(params["privileged_rules"])
    times, problems_of_times = times_of(params)
    approved, problems_of_approval = compile_approved(params["approved_plan"], params["approved_plan_report"] or "")
    state_keys, problems_of_keys = compile_keys(params["state_key"])
    source, problems_of_source = source_of(params)
    settings = {
        "source": source,
        "filters": _filters(params),
        "filter_policies": filter_policies,
        "prepare": prepare,
        "modifiers": modifiers,
        "policies": policies,
        "recreation": recreation_of(params),
        "ignored": ignored,
        "hidden": hidden,
        "privileged": PrivilegedObjects(params["privileged_objects"], privileged_rules),
        "pruning": pruning_of(params),
        **times,
        "approved": approved,
        "recording": recording_of(params, source),
        "state_keys": state_keys,
    }
    found = (
        problems_of_source or one_backup_problems(source),
        problems_of_filter_policies,
        problems_of_prepare,
        problems_of_modifiers,
        problems_of_policies,
        problems_of_ignored,
        problems_of_hidden,
        problems_of_privileged,
        problems_of_times,
        problems_of_keys,
        problems_of_approval,
    )
    return settings, [problem for some in found for problem in some]


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Those settings that are the option's value, blank texts and lists apart."""
    backup_file, status = params["backup_file"], params["restore_status"]
    previous = params["previous_backup_file"] or ""
    backup_name = params["backup_name"] or (name_of(backup_file) if backup_file else "")
    return {
        "backup_name": backup_name,
        "restore_name": params["restore_name"] or backup_name,
        "status_included": None if status is None else texts_of(status["included_resources"]),
        "status_excluded": () if status is None else texts_of(status["excluded_resources"]),
        "terminating_timeout": params["terminating_timeout"],
        "previous_file": previous,
        "previous_name": name_of(previous) if previous else "",
        "compare": params["compare"],
        "keep_hpa_replicas": params["hpa_replicas"] == "keep",
        "hold": hold_of(params),
        "delta": params["delta"],
        "state_namespace": params["state_namespace"] or STATE_NAMESPACE,
        "state_adopt": params["state_adopt"],
        "state_rebuild": params["state_rebuild"],
        "lock_duration": params["lock_duration"],
        "lock_timeout": params["lock_timeout"],
        "allow_empty": params["allow_empty"],
        "approved_report": params["approved_plan_report"] or "",
        "protect": params["protect_cluster_objects"],
        "protect_except": texts_of(params["protect_except"]),
        "skip_controlled": params["controlled_objects"] == "skip" or params["workloads"] == HOLD,
        "label_unchanged": params["label_unchanged"],
        "fail_on": params["fail_on"],
        "concurrency": params["concurrency"],
        "readiness": params["readiness"],
        "readiness_accepted": Accepted(texts_of(params["readiness_accept"])),
        "report_path": params["report_path"] or "",
    }


def _filters(params: Mapping[str, Any]) -> Filters:
    return Filters(
        included_namespaces=texts_of(params["included_namespaces"]),
        excluded_namespaces=texts_of(params["excluded_namespaces"]),
        included_resources=texts_of(params["included_resources"]),
        excluded_resources=texts_of(params["excluded_resources"]),
        include_cluster_resources=params["include_cluster_resources"],
        label_selector=params["label_selector"],
        or_label_selectors=params["or_label_selectors"],
    )


def _prepare(params: Mapping[str, Any]) -> tuple[PrepareContext, list[str]]:
    """What preparing an object needs to know, and the problems of those options."""
    namespaces, classes = pairs_of(params["namespace_mapping"]), pairs_of(params["storage_class_mapping"])
    images, image_problems = compile_images(texts_of(params["image_mapping"]))
    hooks, hook_problems = compile_hooks(params["hooks"])
    context = PrepareContext(
        namespace_mapping=namespaces,
        storage_class_mapping=classes,
        image_mapping=images,
        preserve_node_ports=params["preserve_node_ports"],
        hooks=hooks,
    )
    found = [*mapping.problems(namespaces), *storage_classes.problems(classes), *image_problems, *hook_problems]
    return context, found
