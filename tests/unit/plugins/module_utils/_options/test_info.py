# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_backup_info."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.info import (
    INFO_SPEC,
    InfoSettings,
    info_settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._source.places import SourceSettings, StorePlace


def settings(**options: Any) -> InfoSettings:
    params = {name: spec.get("default") for name, spec in INFO_SPEC.items()}
    return info_settings_of({**params, "backup_store": "file:///b", **options})


def test_by_default_all_backups_of_the_source_are_asked_for():
    assert settings() == InfoSettings(SourceSettings(store=StorePlace("file", folder="/b")))


def test_what_is_given_is_what_is_meant():
    found = settings(phases=["Failed", " "], max_age="1h30m", contents=True, backup_name="b", limit=7, report_path="/r")
    assert (found.phases, found.max_age, found.contents, found.limit, found.report_path) == (
        ("Failed",),
        5400.0,
        True,
        7,
        "/r",
    )


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        (
            {"backup_store": None},
            ["backup_file, backup_store, backup_location: say with one of them where the backup is"],
        ),
        ({"limit": 0}, ["limit: 0 is not between 1 and 1000"]),
        ({"limit": 1001}, ["limit: 1001 is not between 1 and 1000"]),
        ({"max_age": "1d"}, ["max_age: '1d' is no duration such as 24h or 1h30m (units h, m, s, ms, us, ns)"]),
        ({"max_age": "-1h"}, ["max_age: -1h is not more than 0"]),
        ({"contents": True}, ["backup_name: name the backup, or give schedule_name for the newest of a schedule"]),
    ],
)
def test_what_cannot_be_meant_is_told(options, problems):
    with pytest.raises(SettingsError) as caught:
        settings(**options)
    assert caught.value.problems == problems
