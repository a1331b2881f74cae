# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby has the classes that workloads, claims and Ingresses name."""

from __future__ import annotations

from collections.abc import Iterator

from .. import _kinds
from .._cluster.reader import place_of
from .._unstructured import annotations_of
from .._values import Body
from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby

RESOURCES = {
    "IngressClass": _kinds.INGRESS_CLASSES,
    "PriorityClass": _kinds.PRIORITY_CLASSES,
    "RuntimeClass": _kinds.RUNTIME_CLASSES,
    "StorageClass": _kinds.STORAGE_CLASSES,
}
_IS_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def ingress_classes(question: Question, standby: Standby) -> Iterator[Finding]:
    """By `spec.ingressClassName`; what an old annotation names need not be an object."""
    return _missing("IngressClass", question, standby)


def priority_classes(question: Question, standby: Standby) -> Iterator[Finding]:
    """Without its class a Pod is refused."""
    return _missing("PriorityClass", question, standby)


def runtime_classes(question: Question, standby: Standby) -> Iterator[Finding]:
    """Without its class a Pod is refused."""
    return _missing("RuntimeClass", question, standby)


def _missing(kind: str, question: Question, standby: Standby) -> Iterator[Finding]:
    """Nothing is asked where nothing is named."""
    named = {name: users for (of, name), users in question.needs.classes.items() if of == kind}
    if named:
        there = {place_of(body)[1] for body in standby.metadata(RESOURCES[kind])}
        for name in sorted(named.keys() - there):
            yield Finding(ReadinessReason.CLASS_MISSING, f"{kind} {name}", str(named[name]))


def storage_classes(question: Question, standby: Standby) -> Iterator[Finding]:
    """Those that are named, and a default one where a claim names none."""
    yield from _missing("StorageClass", question, standby)
    users = question.needs.default_class
    if users is not None and not any(map(_is_default, standby.metadata(RESOURCES["StorageClass"]))):
        yield Finding(ReadinessReason.DEFAULT_CLASS_MISSING, "A default StorageClass", str(users))


def _is_default(storage_class: Body) -> bool:
    return any(annotations_of(storage_class).get(name) == "true" for name in _IS_DEFAULT)
