# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero reads out of a ConfigMap, in the forms in which a user may give it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._modify.document import document_of

CONFIG_MAP = "kind: ConfigMap\ndata:\n  any.yaml: |\n    version: v1\n"


@pytest.mark.parametrize(
    "value",
    [
        {"version": "v1"},
        "version: v1",
        '{"version": "v1"}',
        CONFIG_MAP,
        {"kind": "ConfigMap", "data": {"x": "version: v1"}},
    ],
)
def test_every_form_is_the_same_document(value):
    assert document_of(value, "rules") == {"version": "v1"}


@pytest.mark.parametrize("data", [None, {}, {"a": "x: 1", "b": "y: 1"}, {"a": {"x": 1}}, ["a"]])
def test_a_config_map_has_one_key_with_text(data):
    with pytest.raises(SettingsError, match=r"^illegal rules configmap: its data must have one key with text$"):
        document_of({"kind": "ConfigMap", "data": data}, "rules")


@pytest.mark.parametrize("value", [None, 7, ["a"], "", {"kind": "Other"}])
def test_what_is_no_config_map_is_handed_on_as_it_is(value):
    assert document_of(value, "rules") == (value or None)
