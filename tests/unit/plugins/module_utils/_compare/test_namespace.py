# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces that exist: what the backup may say of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare


def labelled(**maps: Any) -> Any:
    return {"metadata": maps, "spec": {"finalizers": ["kubernetes"]}}


@pytest.mark.parametrize(
    ("live", "desired", "patch"),
    [
        (labelled(labels={"env": "s"}), labelled(labels={"env": "p"}), {"metadata": {"labels": {"env": "p"}}}),
        (labelled(labels={"only": "here"}), labelled(labels={}), {}),
        (labelled(annotations={"only": "here"}), {}, {}),
        (labelled(), labelled(annotations={"a": "1"}), {"metadata": {"annotations": {"a": "1"}}}),
        (labelled(), labelled(labels={"kubernetes.io/metadata.name": "old-name"}), {}),
        (labelled(), labelled(annotations={"openshift.io/sa.scc.uid-range": "1000/10000"}), {}),
        (labelled(), labelled(annotations={"field.cattle.io/projectId": "p", "cattle.io/status": "{}"}), {}),
        (labelled(), labelled(labels={"notcattle.io/a": "1"}), {"metadata": {"labels": {"notcattle.io/a": "1"}}}),
        (labelled(), {"metadata": {"labels": "nonsense"}}, {}),
        (labelled(), {"spec": {"finalizers": ["another"]}}, {}),
    ],
)
def test_labels_and_annotations_are_set_and_nothing_else(live: Any, desired: Any, patch: Any) -> None:
    assert compare("namespaces", live, desired).patch == patch
