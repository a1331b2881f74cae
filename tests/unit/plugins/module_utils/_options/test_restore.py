# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options to settings: defaults, blanks, and every problem at once."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.standby.velero.plugins.module_utils._compare.ignored import Ignored
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import Policies
from ansible_collections.standby.velero.plugins.module_utils._decide.preflight import Limits
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged import PrivilegedObjects
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import Pruning
from ansible_collections.standby.velero.plugins.module_utils._decide.recreatable import Recreation
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from ansible_collections.standby.velero.plugins.module_utils._source.places import SourceSettings
from ansible_collections.standby.velero.plugins.module_utils._values import Choice
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Policy
from options import problems_of, settings


def test_names_come_from_the_file_so_that_a_second_run_is_the_same_restore():
    made = settings()
    assert (made.backup_name, made.restore_name, made.policies.default.policy) == ("hourly-1", "hourly-1", Policy.NONE)
    assert settings(backup_name="other").restore_name == "other"


def test_the_earlier_backup_is_called_as_its_file_is():
    made = settings(previous_backup_file="/b/hourly-0.tar.gz", backup_name="other")
    assert (made.previous_file, made.previous_name, made.backup_name) == ("/b/hourly-0.tar.gz", "hourly-0", "other")


def test_a_file_that_does_not_tell_the_backup_s_name_is_refused_unless_the_name_is_given():
    with pytest.raises(BackupError, match=r"latest: is not called <name>\.tar\.gz; set backup_name"):
        settings(backup_file="/b/latest")
    assert settings(backup_file="/b/latest", backup_name="hourly-1").restore_name == "hourly-1"
    with pytest.raises(BackupError, match=r"earlier: is not called <name>\.tar\.gz"):
        settings(previous_backup_file="/b/earlier", backup_name="hourly-1")


def test_blank_texts_count_as_not_set():
    made = settings(
        backup_name="", restore_name="", included_namespaces=["", " "], report_path="", label_selector="", hooks=[]
    )
    assert (made.backup_name, made.filters.included_namespaces, made.report_path) == ("hourly-1", (), "")


BLANK = [
    ("backup_metadata_file", "source", SourceSettings(file="/b/hourly-1.tar.gz")),
    ("backup_store", "source", SourceSettings(file="/b/hourly-1.tar.gz")),
    ("backup_location", "source", SourceSettings(file="/b/hourly-1.tar.gz")),
    ("schedule_name", "source", SourceSettings(file="/b/hourly-1.tar.gz")),
    ("previous_backup_file", "previous_file", ""),
    ("existing_resource_policy", "policies", Policies(Choice(Policy.NONE, "existing_resource_policy"))),
    ("existing_resource_policy_config", "policies", Policies(Choice(Policy.NONE, "existing_resource_policy"))),
    ("existing_resource_default_policy", "policies", Policies(Choice(Policy.NONE, "existing_resource_policy"))),
    ("existing_resource_policy_overrides", "policies", Policies(Choice(Policy.NONE, "existing_resource_policy"))),
    ("recreate_allow", "recreation", Recreation()),
    ("prune_allow", "pruning", Pruning()),
    ("ignore_fields", "ignored", Ignored()),
    ("max_backup_age", "limits", Limits()),
    ("state_namespace", "state_namespace", "standby-velero"),
]


@pytest.mark.parametrize("blank", ["", None])
@pytest.mark.parametrize(("option", "field", "unset"), BLANK)
def test_a_blank_option_is_one_that_is_not_set(option, field, unset, blank):
    assert getattr(settings(**{option: blank}), field) == unset == getattr(settings(), field)


@pytest.mark.parametrize(
    ("option", "field", "unset"),
    [row for row in BLANK if ARGUMENT_SPEC[row[0]]["type"] in ("str", "path", "list", "raw")],
)
def test_a_blank_option_gets_past_ansible_too(option, field, unset):
    """Not so a word of a given choice, nor a dictionary: these the role leaves out."""
    spec = ARGUMENT_SPEC[option]
    checked = ArgumentSpecValidator({option: spec}).validate({option: ""})
    assert bool(checked.error_messages) is ("choices" in spec)
    if not checked.error_messages:
        assert getattr(settings(**checked.validated_parameters), field) == unset


@pytest.mark.parametrize(
    ("option", "blanks", "field", "unset"),
    [
        ("recreate_allow", ["", " "], "recreation", Recreation()),
        ("prune_allow", ["", " "], "pruning", Pruning()),
        ("ignore_fields", {}, "ignored", Ignored()),
        ("ignore_fields", {"deployments.apps": ""}, "ignored", Ignored()),
        ("ignore_fields", {"deployments.apps": None}, "ignored", Ignored()),
        ("ignore_fields", {"deployments.apps": []}, "ignored", Ignored()),
    ],
)
def test_blanks_inside_an_option_are_left_out(option, blanks, field, unset):
    assert getattr(settings(**{option: blanks}), field) == unset


@pytest.mark.parametrize(
    ("option", "value", "field", "read"),
    [
        (
            "backup_metadata_file",
            "/b/velero-backup.json",
            "source",
            SourceSettings(file="/b/hourly-1.tar.gz", metadata_file="/b/velero-backup.json"),
        ),
        ("previous_backup_file", "/b/hourly-0.tar.gz", "previous_file", "/b/hourly-0.tar.gz"),
        (
            "recreate_allow",
            [" jobs.batch ", "pvc/shop/data"],
            "recreation",
            Recreation(("jobs.batch", "pvc/shop/data")),
        ),
        ("recreate_propagation", "orphan", "recreation", Recreation(propagation="orphan")),
        ("recreate_timeout", 0, "recreation", Recreation(timeout=0)),
        ("privileged_objects", "fail", "privileged", PrivilegedObjects("fail")),
        ("hpa_replicas", "keep", "keep_hpa_replicas", True),
        ("hpa_replicas", "restore", "keep_hpa_replicas", False),
        ("delta", "prune", "delta", "prune"),
        ("prune_max_count", 0, "pruning", Pruning(max_count=0)),
        ("prune_max_percent", 100, "pruning", Pruning(max_percent=100)),
        ("prune_after", 2, "pruning", Pruning(after=2)),
        ("prune_allow", ["namespaces/shop", "*"], "pruning", Pruning(allow=("namespaces/shop", "*"))),
        ("max_backup_age", "1h30m", "limits", Limits(max_age=5400)),
        ("allow_older", True, "limits", Limits(allow_older=True)),
        ("allow_other_source", True, "limits", Limits(allow_other_source=True)),
        ("allow_shrunk", True, "limits", Limits(allow_shrunk=True)),
        ("state_namespace", "state", "state_namespace", "state"),
        ("lock_duration", 2, "lock_duration", 2),
        ("lock_duration", 3600, "lock_duration", 3600),
        ("lock_timeout", 0, "lock_timeout", 0),
        ("ignore_fields", {"deploy": ["/spec/replicas"]}, "ignored", Ignored((("deploy", ("spec", "replicas")),))),
    ],
)
def test_an_option_becomes_its_setting(option, value, field, read):
    assert getattr(settings(**{option: value}), field) == read


def test_the_defaults_delete_nothing_and_let_nothing_through():
    made = settings()
    assert (made.delta, made.pruning, made.limits) == ("ignore", Pruning(10, 10, ()), Limits(None, False, False, False))
    assert (made.state_namespace, made.lock_duration, made.lock_timeout) == ("standby-velero", 60, 0)
    assert (made.privileged, made.keep_hpa_replicas, made.recreation) == (
        PrivilegedObjects("restore"),
        False,
        Recreation(),
    )


@pytest.mark.parametrize("option", ["protect_cluster_objects", "label_unchanged", "preserve_node_ports"])
def test_false_stays_false(option):
    names = {"protect_cluster_objects": "protect"}
    made = settings(**{option: False})
    assert getattr(made, names.get(option, option), made.prepare.preserve_node_ports) is False


# What is refused

POLICY, CONFIG = "existing_resource_policy", "existing_resource_policy_config"
DEFAULT, OVERRIDES = "existing_resource_default_policy", "existing_resource_policy_overrides"
JOBS = {"recreate": {"included_resources": ["jobs.batch"]}}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        # forms of the policy
        ({POLICY: "update", CONFIG: JOBS}, f"{POLICY} and {CONFIG} exclude each other"),
        ({POLICY: "none", DEFAULT: "update"}, f"{POLICY} and {DEFAULT} exclude each other"),
        ({POLICY: "update", OVERRIDES: JOBS}, f"{POLICY} and {OVERRIDES} exclude each other"),
        ({CONFIG: JOBS, DEFAULT: "update"}, f"{CONFIG} and {DEFAULT} exclude each other"),
        ({CONFIG: JOBS, OVERRIDES: JOBS}, f"{CONFIG} and {OVERRIDES} exclude each other"),
        ({CONFIG: JOBS, DEFAULT: "update", OVERRIDES: JOBS}, f"{CONFIG} and {DEFAULT} with {OVERRIDES} exclude each"),
        ({POLICY: "delete"}, f"{POLICY}: 'delete' is not one of"),
        ({CONFIG: {"none": {"included_resources": ["pods"]}}}, f"{CONFIG}: 'none' is not one of"),
        ({CONFIG: {"update": {}}}, f"{CONFIG}.update: names nothing that it holds for"),
        ({OVERRIDES: "recreate"}, f"{OVERRIDES}: is neither a list of rules nor a dictionary by policy"),
        ({OVERRIDES: [{"included_resources": ["pods"]}]}, f"{OVERRIDES}[0]: has no policy"),
        # the age of a backup
        *(
            ({"max_backup_age": text}, f"max_backup_age: {text!r} is no duration such as 24h")
            for text in ("24", "1d", "24 h", " ", "1h-1m", "yesterday", "24H")
        ),
        *(({"max_backup_age": text}, f"max_backup_age: {text} is not more than 0") for text in ("0", "0s", "-1h")),
        ({"max_backup_age": "9999999h"}, "max_backup_age: '9999999h' is longer than a duration can be"),
        # fields that are left to the target
        ({"ignore_fields": ["/spec"]}, "ignore_fields: is not a dictionary from a resource to a list of JSON Pointers"),
        ({"ignore_fields": {"pods": "/spec"}}, "ignore_fields.pods: is not a list of JSON Pointers"),
        ({"ignore_fields": {"": ["/spec"]}}, "ignore_fields: '': is not the name of a resource"),
        ({"ignore_fields": {"pods": ["spec"]}}, "ignore_fields.pods: 'spec'"),
        ({"ignore_fields": {"pods": [""]}}, "ignore_fields.pods: '' is the whole object"),
        ({"ignore_fields": {"pods": ["/kind"]}}, "ignore_fields.pods: '/kind' is part of what the object is"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_meant_is_refused(options, problem):
    [told] = problems_of(**options)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    "options",
    [
        {POLICY: "", CONFIG: JOBS, DEFAULT: "", OVERRIDES: ""},
        {POLICY: "update", CONFIG: {}, DEFAULT: "", OVERRIDES: []},
        {POLICY: "", CONFIG: "", DEFAULT: "update", OVERRIDES: JOBS},
    ],
)
def test_what_can_be_meant_is_taken(options):
    settings(**options)


def test_every_problem_is_told_at_once():
    wrong = {
        "restore_name": "Not A Name",
        "concurrency": 0,
        "terminating_timeout": -1,
        "protect_except": ["a/b/c/d"],
        "included_resources": ["nodes"],
        "label_selector": "a in",
        "namespace_mapping": {"shop": "kube-system"},
        "image_mapping": ["one"],
        "hooks": [{"name": ""}],
        "resource_modifiers": "version: v2",
        "existing_resource_policy_config": {"delete": {}},
        "recreate_allow": ["/"],
        "recreate_timeout": -1,
        "prune_allow": ["/"],
        "prune_max_count": -1,
        "prune_max_percent": -1,
        "max_backup_age": "1d",
        "state_namespace": "A",
        "lock_duration": 1,
        "lock_timeout": -1,
        "ignore_fields": {"pods": "x"},
    }
    told = problems_of(**wrong)
    for option in wrong.keys() - {"included_resources"}:
        assert any(problem.startswith(option) for problem in told), option
    assert any("non-restorable" in problem for problem in told)
