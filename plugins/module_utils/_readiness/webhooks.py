# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody is ready to answer the webhooks of the standby. They are looked at, and never called.

A webhook that nobody answers refuses whatever it is asked about, by its failurePolicy (Fail unless it says Ignore);
one that converts makes the objects of its type unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.reader import place_of
from .._kinds import MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS
from .._unstructured import as_maps, as_text, service_asked
from .._values import Body
from .finding import Finding
from .question import Question
from .reasons import ReadinessReason
from .standby import Standby

_KINDS = {
    MUTATING_WEBHOOKS: "MutatingWebhookConfiguration",
    VALIDATING_WEBHOOKS: "ValidatingWebhookConfiguration",
}


def webhooks(_question: Question, standby: Standby) -> Iterator[Finding]:
    """All that the standby has: they are asked about production's objects, whoever installed them."""
    for resource, kind in _KINDS.items():
        for body in standby.bodies(resource):
            for webhook in as_maps(body.get("webhooks")):
                name = f"{kind} {place_of(body)[1]}, webhook {as_text(webhook.get('name'))}"
                yield from _answered(name, webhook, standby)


def _answered(name: str, webhook: Body, standby: Standby) -> Iterator[Finding]:
    service = service_asked(webhook, "clientConfig")
    if service is None:
        yield Finding(ReadinessReason.WEBHOOK_OUTSIDE, name)
        return
    why = standby.unanswered(service)
    if why:
        is_ignored = webhook.get("failurePolicy") == "Ignore"
        reason = ReadinessReason.WEBHOOK_PASSED_OVER if is_ignored else ReadinessReason.WEBHOOK_UNANSWERED
        yield Finding(reason, name, why)


def conversions(_question: Question, standby: Standby) -> Iterator[Finding]:
    """Of CustomResourceDefinitions."""
    for definition in standby.definitions():
        name = f"CustomResourceDefinition {definition.name}"
        if definition.service is not None:
            why = standby.unanswered(definition.service)
            yield from [Finding(ReadinessReason.CONVERSION_UNANSWERED, name, why)] if why else []
        elif definition.converts:
            yield Finding(ReadinessReason.WEBHOOK_OUTSIDE, f"{name}, its conversion webhook")
