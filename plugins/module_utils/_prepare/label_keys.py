# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors of Pods into which the API server has written the values of label keys.

matchLabelKeys and mismatchLabelKeys name labels of the Pod itself. When it is created, the API server adds what they
come to to the selector beside them: of affinity terms from 1.31 on, of spread constraints from 1.34 on (Kubernetes,
pkg/registry/core/pod/strategy.go, applyLabelKeysToLabelSelector). A Pod that brings that along is refused, by older
servers and by its own: the key "exists in both matchLabelKeys and labelSelector".
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .._unstructured import EACH, as_list, as_map, filtered, labels_of, revised
from .._values import Body

_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_AFFINITIES = tuple(("spec", "affinity", name) for name in ("podAffinity", "podAntiAffinity"))
_TERMS = (
    ("spec", "topologySpreadConstraints", EACH),
    *((*above, _REQUIRED, EACH) for above in _AFFINITIES),
    *((*above, _PREFERRED, EACH, "podAffinityTerm") for above in _AFFINITIES),
)
_KEYS = (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))


def as_written(pod: Body) -> Body:
    """The Pod with its selectors as they were before the API server completed them; itself when it has not."""
    for path in _TERMS:
        pod = revised(pod, path, partial(_as_written, labels_of(pod)))
    return pod


def _as_written(labels: Body, term: Any) -> Any:
    added = [
        {"key": key, "operator": operator, "values": [labels[key]]}
        for field, operator in _KEYS
        for key in as_list(as_map(term).get(field))
        if isinstance(key, str) and key in labels
    ]
    return filtered(term, ("labelSelector", "matchExpressions"), lambda one: one not in added) if added else term
