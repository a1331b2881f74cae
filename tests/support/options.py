# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings out of options, as the module makes them, without AnsibleModule around it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings


def settings(**options: Any) -> Settings:
    """With the defaults of all other options."""
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return settings_of({**params, "backup_file": "/b/hourly-1.tar.gz", **options}, check_mode=False, diff_mode=False)


def problems_of(**options: Any) -> list[str]:
    """Why these options are refused."""
    with pytest.raises(SettingsError) as told:
        settings(**options)
    return told.value.problems
