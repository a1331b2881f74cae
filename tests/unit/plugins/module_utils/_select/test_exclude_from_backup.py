# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object with the label velero.io/exclude-from-backup that a backup has all the same is not restored."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from filtering import CLAIM_OF_POD, an_object, for_shop, names, selected

EXCLUDED = "velero.io/exclude-from-backup"
CRD = "customresourcedefinitions.apiextensions.k8s.io"


@pytest.mark.parametrize("value", ["false", "True", "1"])
def test_another_value_of_the_excluding_label_says_nothing(value):
    assert names(selected("", an_object("configmaps", "shop/app", "ConfigMap", f"{EXCLUDED}={value}"))) == {"shop/app"}


@pytest.mark.parametrize("policies", ["", for_shop("{kinds: [cm]}"), for_shop("{kinds: ['*']}")])
def test_an_object_that_is_excluded_from_backups_is_skipped_whatever_asks_for_it(policies):
    selection = selected(policies, an_object("configmaps", "shop/app", "ConfigMap", f"{EXCLUDED}=true"))
    (change,) = selection.left_out
    assert (selection.items, change.action, change.reason) == ((), Action.SKIP, Reason.EXCLUDED_FROM_BACKUP)


def test_no_other_object_brings_an_excluded_one_along():
    claim = an_object("persistentvolumeclaims", "shop/data", "PersistentVolumeClaim", f"{EXCLUDED}=true")
    pod = an_object("pods", "shop/runner", "Pod", "", **CLAIM_OF_POD)
    selection = selected(for_shop("{kinds: [pods]}"), pod, claim)
    assert names(selection) == {"shop/runner"}
    assert [change.reason for change in selection.left_out] == [Reason.EXCLUDED_FROM_BACKUP]


@pytest.mark.parametrize(("value", "offered"), [("true", 0), ("false", 1)])
def test_an_excluded_definition_is_not_offered_with_its_custom_resources(value, offered):
    definition = an_object(CRD, "widgets.example.org", "CustomResourceDefinition", f"{EXCLUDED}={value}")
    gear = an_object("widgets.example.org", "shop/gear", "Widget")
    assert len(selected("", definition, gear, included_namespaces=("shop",)).definitions) == offered
