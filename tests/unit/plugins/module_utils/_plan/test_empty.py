# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection of nothing: what is said of it, and when it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import EmptySelectionError
from ansible_collections.standby.velero.plugins.module_utils._plan.empty import refuse_empty
from backups import Backup
from planning import backup_of, context_for
from scripted import ScriptedClient, body_of

HAS = (
    "it has 3 objects, in the namespaces bank, shop, of the types configmaps, namespaces. Correct the options, or set"
    " allow_empty if nothing may be meant"
)


def two() -> Backup:
    bank = body_of("ConfigMap", "app", metadata={"name": "app", "namespace": "bank"})
    return backup_of(body_of("ConfigMap", "app"), bank)


def refusal(folder: Path, backup: Backup, **options: Any) -> str:
    with (
        context_for(folder, backup, ScriptedClient(), **options) as context,
        pytest.raises(EmptySelectionError) as told,
    ):
        refuse_empty(context)
    return str(told.value)


@pytest.mark.parametrize(
    ("options", "by"),
    [
        ({"included_namespaces": ["shopp"]}, " by included_namespaces shopp"),
        (
            {"included_namespaces": ["shopp"], "included_resources": ["deploymnets"]},
            " by included_namespaces shopp; included_resources deploymnets",
        ),
        ({"label_selector": "app=wbe"}, " by label_selector"),
        (
            {
                "included_namespaces": ["shop"],
                "resource_policies": {
                    "version": "v1",
                    "namespacedFilterPolicies": [{"namespaces": ["shop"], "resourceFilters": [{"kinds": ["Pod"]}]}],
                },
            },
            " by included_namespaces shop; resource_policies",
        ),
    ],
)
def test_it_is_refused_with_what_was_asked_for_and_what_there_is(
    tmp_path: Path, options: dict[str, Any], by: str
) -> None:
    assert refusal(tmp_path, two(), **options) == f"nothing of the backup b2 is selected{by}; {HAS}"


def test_many_names_are_counted(tmp_path: Path) -> None:
    several = [body_of("ConfigMap", "a", metadata={"name": "a", "namespace": f"n{number:02}"}) for number in range(15)]
    text = refusal(tmp_path, backup_of(*several), included_namespaces=["x"])
    assert "in the namespaces n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and 5 more, of the types" in text


def test_a_backup_of_nothing_is_refused_by_name(tmp_path: Path) -> None:
    text = refusal(tmp_path, Backup().folder("resources/"))
    assert text.startswith("the backup b2 holds no object at all")


@pytest.mark.parametrize(
    "options", [{}, {"included_namespaces": ["shop"]}, {"included_namespaces": ["shopp"], "allow_empty": True}]
)
def test_what_selects_something_or_may_be_nothing_passes(tmp_path: Path, options: dict[str, Any]) -> None:
    with context_for(tmp_path, two(), ScriptedClient(), **options) as context:
        refuse_empty(context)
        assert bool(context.selection.items) is not ("allow_empty" in options)


def test_objects_that_are_left_out_on_purpose_were_selected(tmp_path: Path) -> None:
    backup = backup_of(body_of("ConfigMap", "kube-root-ca.crt"))
    with context_for(tmp_path, backup, ScriptedClient(), included_namespaces=["shop"]) as context:
        refuse_empty(context)
        assert [str(change.key) for change in context.selection.left_out] == ["ConfigMap shop/kube-root-ca.crt"]
