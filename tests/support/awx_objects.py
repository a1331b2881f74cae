# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24 knows of the objects that role awx makes: fields with their defaults, references, lists of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENCRYPTED = "$encrypted$"
"""What AWX shows in place of a secret."""

NOTIFIED = ("notification_templates_started", "notification_templates_success", "notification_templates_error")

_PROMPTS = {
    f"ask_{name}_on_launch": False
    for name in ("inventory", "limit", "scm_branch", "labels", "tags", "skip_tags", "variables")
}


@dataclass(frozen=True)
class Kind:
    """One sort of object."""

    type: str
    """As its `type` says, and as unified job templates are told apart by."""
    fields: dict[str, Any]
    """That may be written, with what they are by default."""
    required: tuple[str, ...] = ("name",)
    references: dict[str, str] = field(default_factory=dict)
    """Field -> path of the list of what its number is of."""
    lists: dict[str, str] = field(default_factory=dict)
    """Name of a list of others -> path of the list of these others."""
    unique: tuple[str, ...] = ("name", "organization")


KINDS: dict[str, Kind] = {
    "organizations": Kind("organization", {"name": "", "description": ""}, unique=("name",)),
    "credential_types": Kind(
        "credential_type",
        {"name": "", "description": "", "kind": "", "inputs": {}, "injectors": {}},
        required=("name", "kind"),
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {"name": "", "description": "", "organization": None, "credential_type": None, "inputs": {}},
        required=("name", "credential_type"),
        references={"organization": "organizations", "credential_type": "credential_types"},
        unique=("name", "organization", "credential_type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {"name": "", "description": "", "organization": None, "image": "", "credential": None, "pull": ""},
        required=("name", "image"),
        references={"organization": "organizations", "credential": "credentials"},
        unique=("name",),
    ),
    "projects": Kind(
        "project",
        {
            "name": "",
            "description": "",
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "scm_refspec": "",
            "scm_clean": False,
            "scm_delete_on_update": False,
            "scm_track_submodules": False,
            "scm_update_on_launch": False,
            "scm_update_cache_timeout": 0,
            "allow_override": False,
            "credential": None,
            "default_environment": None,
            "timeout": 0,
        },
        references={
            "organization": "organizations",
            "credential": "credentials",
            "default_environment": "execution_environments",
        },
    ),
    "inventories": Kind(
        "inventory",
        {"name": "", "description": "", "organization": None, "kind": "", "host_filter": None, "variables": ""},
        required=("name", "organization"),
        references={"organization": "organizations"},
    ),
    "hosts": Kind(
        "host",
        {"name": "", "description": "", "inventory": None, "enabled": True, "variables": ""},
        required=("name", "inventory"),
        references={"inventory": "inventories"},
        unique=("name", "inventory"),
    ),
    "job_templates": Kind(
        "job_template",
        {
            "name": "",
            "description": "",
            "organization": None,
            "job_type": "run",
            "inventory": None,
            "project": None,
            "playbook": "",
            "execution_environment": None,
            "forks": 0,
            "limit": "",
            "verbosity": 0,
            "extra_vars": "",
            "timeout": 0,
            "diff_mode": False,
            "allow_simultaneous": False,
            "survey_enabled": False,
            **_PROMPTS,
            "ask_diff_mode_on_launch": False,
            "ask_credential_on_launch": False,
            "ask_job_type_on_launch": False,
        },
        required=("name", "project", "playbook"),
        references={
            "inventory": "inventories",
            "project": "projects",
            "execution_environment": "execution_environments",
        },
        lists={"credentials": "credentials", **dict.fromkeys(NOTIFIED, "notification_templates")},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            "name": "",
            "description": "",
            "organization": None,
            "inventory": None,
            "limit": "",
            "extra_vars": "",
            "allow_simultaneous": False,
            "survey_enabled": False,
            **_PROMPTS,
        },
        references={"organization": "organizations", "inventory": "inventories"},
        lists=dict.fromkeys((*NOTIFIED, "notification_templates_approvals"), "notification_templates"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "workflow_job_template": None,
            "unified_job_template": None,
            "identifier": "",
            "extra_data": {},
            "diff_mode": None,
            "limit": None,
            "job_type": None,
            "all_parents_must_converge": False,
        },
        required=("workflow_job_template", "identifier"),
        references={"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        lists=dict.fromkeys(("always_nodes", "success_nodes", "failure_nodes"), "workflow_job_template_nodes"),
        unique=("identifier", "workflow_job_template"),
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template", {"name": "", "description": "", "timeout": 0}, unique=("id",)
    ),
    "schedules": Kind(
        "schedule",
        {
            "name": "",
            "description": "",
            "unified_job_template": None,
            "rrule": "",
            "enabled": True,
            "extra_data": {},
            "diff_mode": None,
            "limit": None,
        },
        required=("name", "unified_job_template", "rrule"),
        references={"unified_job_template": "unified_job_templates"},
        unique=("name", "unified_job_template"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            "name": "",
            "description": "",
            "organization": None,
            "notification_type": "",
            "notification_configuration": {},
            "messages": None,
        },
        required=("name", "organization", "notification_type"),
        references={"organization": "organizations"},
    ),
}

UNIFIED = ("projects", "job_templates", "workflow_job_templates", "workflow_approval_templates")
"""Whatever a workflow node or a schedule can start; their numbers are of one count."""

SURVEYED = ("job_templates", "workflow_job_templates")
