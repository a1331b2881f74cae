# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_readiness_info: those of a restore that say which objects would come, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import SettingsError
from .._kubernetes_core import AUTH_ARG_SPEC
from .restore import ARGUMENT_SPEC, settings_of
from .settings import Settings
from .source import SOURCE_SPEC

OF_RESTORE = (
    *SOURCE_SPEC,
    "included_namespaces",
    "excluded_namespaces",
    "included_resources",
    "excluded_resources",
    "include_cluster_resources",
    "label_selector",
    "or_label_selectors",
    "resource_policies",
    "namespace_mapping",
    "storage_class_mapping",
    "image_mapping",
    "resource_modifiers",
    "hooks",
    "protect_cluster_objects",
    "protect_except",
    "controlled_objects",
    "privileged_objects",
    "privileged_rules",
    "ignore_fields",
    "hpa_replicas",
    "max_backup_age",
    "state_namespace",
    *AUTH_ARG_SPEC,
)

READINESS_INFO_SPEC: dict[str, dict[str, Any]] = {
    **{name: ARGUMENT_SPEC[name] for name in OF_RESTORE},
    "accept": {"type": "list", "elements": "str", "default": []},
}


def readiness_settings_of(params: Mapping[str, Any]) -> Settings:
    """The settings of a restore in check mode that updates whatever differs; a SettingsError with every problem."""
    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    options |= {name: value for name, value in params.items() if name in ARGUMENT_SPEC}
    options |= {"existing_resource_policy": "update", "label_unchanged": False}
    options |= {"readiness": True, "readiness_accept": params["accept"]}
    try:
        return settings_of(options, check_mode=True, diff_mode=False)
    except SettingsError as error:
        raise SettingsError([problem.removeprefix("readiness_") for problem in error.problems]) from error
