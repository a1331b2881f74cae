# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_readiness_info: those of a restore, in check mode, with its policy that updates."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.readiness_info import (
    READINESS_INFO_SPEC,
    readiness_settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Policy


def made(**options: Any) -> Settings:
    params = {name: spec.get("default") for name, spec in READINESS_INFO_SPEC.items()}
    return readiness_settings_of({**params, "backup_file": "/b/hourly-1.tar.gz", **options})


def test_nothing_is_written_and_all_differences_count() -> None:
    settings = made()
    assert (settings.dry_run, settings.readiness, settings.label_unchanged) == (True, True, False)
    assert settings.policies.default.policy is Policy.UPDATE
    assert settings.delta == "ignore"


def test_what_would_be_restored_is_said_as_to_a_restore() -> None:
    settings = made(included_namespaces=["shop"], namespace_mapping={"shop": "dr"}, max_backup_age="2h")
    assert settings.filters.included_namespaces == ("shop",)
    assert settings.prepare.namespace_mapping == {"shop": "dr"}
    assert settings.limits.max_age == 7200


def test_each_option_but_its_own_is_one_of_a_restore_and_alike() -> None:
    assert {name: ARGUMENT_SPEC.get(name) for name in READINESS_INFO_SPEC if name != "accept"} == {
        name: spec for name, spec in READINESS_INFO_SPEC.items() if name != "accept"
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"accept": ["missing"]}, "accept: 'missing' begins with no reason"),
        ({"max_backup_age": "1d"}, "max_backup_age: "),
        ({"backup_file": ""}, "backup_file, backup_store, backup_location: say"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError) as told:
        made(**options)
    assert any(one.startswith(problem) for one in told.value.problems)


def test_what_is_accepted() -> None:
    assert made(accept=["claim_lost", " "]).readiness_accepted.entries == ("claim_lost",)
