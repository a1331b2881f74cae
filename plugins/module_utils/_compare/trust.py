# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate authorities that a webhook, an API or a conversion is trusted by: caBundle.

It belongs to the target where somebody puts it in there, and where the backup has none. Elsewhere a chart made it,
together with the Secret that holds the certificate: then the two belong together, and a bundle that stays behind while
its Secret is restored makes every request of the target fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._merge_patch import diff, project
from .._unstructured import annotations_of
from .._values import Body, Trust
from .field_source import trust_anchor
from .rebase import TRUSTING, rebase
from .rebase_rules import REBASE_RULES, RebaseRules

_INJECTORS = (
    "cert-manager.io/inject-apiserver-ca",
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "service.beta.openshift.io/inject-cabundle",
)
"""Annotations by which an injector of the target knows what it fills in."""

_TRUSTING = frozenset(name for name, rows in REBASE_RULES.items() if any(row.pick is trust_anchor for row in rows))


def trust_of(resource: str, mine: Body, theirs: Body, kept: Body, extra: RebaseRules) -> Trust | None:
    """What following the backup's bundles takes, when they differ from the target's and nobody puts them in there.

    Both bodies are stripped; `kept` is the rebased one, with the target's bundles.
    """
    if resource not in _TRUSTING or any(name in annotations_of(body) for body in (mine, theirs) for name in _INJECTORS):
        return None
    followed = rebase(resource, mine, theirs, extra, TRUSTING)
    authorities = frozenset(_bundles(followed)) - frozenset(_bundles(kept))
    if not authorities:
        return None
    patch = diff(mine, followed)
    return Trust(patch, project(mine, patch), authorities)


def _bundles(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "caBundle" and isinstance(inner, str):
                yield inner
            else:
                yield from _bundles(inner)
    elif isinstance(value, list):
        for element in value:
            yield from _bundles(element)
