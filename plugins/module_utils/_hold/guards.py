# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks that sleep with what answers for them: which of a configuration may, and what each becomes; pure.

One by one, never a whole configuration: webhooks of one may ask different Services, and a guard that answers is never
switched off. Asleep is failurePolicy Ignore with a selector that no object can match, whatever its labels; what
production has there is remembered by the name of the webhook, as a merge patch over names, in the annotation that
workloads have. Without the selector a webhook whose Service wakes would judge before it is woken; without Ignore one
whose selector somebody mends would refuse every write.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from .. import _kinds
from .._merge_patch import apply, project, same
from .._unstructured import as_map, as_maps, as_text, nested, service_asked, without_named
from .._values import EMPTY, Body
from .production import ANNOTATION, held_text, production_of, remembering, text_of

Place = tuple[str, str]
"""Namespace and name of a Service."""
Says = Callable[[Place], bool]

GUARDS = frozenset((_kinds.MUTATING_WEBHOOKS, _kinds.VALIDATING_WEBHOOKS))
GUARD_KINDS = frozenset(("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"))
"""The same, as keys have them."""

_LABEL = "standby.velero/asleep"
_NOTHING = [{"key": _LABEL, "operator": "Exists"}, {"key": _LABEL, "operator": "DoesNotExist"}]
SLEEP: Body = {"failurePolicy": "Ignore", "objectSelector": {"matchExpressions": _NOTHING}}
"""Of one webhook. An objectSelector holds for objects of every scope, a namespaceSelector for those of namespaces."""


def answers_for(webhook: Body) -> Place | None:
    """None for a webhook at a URL, of which nobody here can tell whether it answers."""
    return service_asked(webhook, "clientConfig")


def converter_of(definition: Body) -> Place | None:
    """The Service that converts between the versions of a CustomResourceDefinition; None when none does.

    It cannot sleep: the API server asks it for every object that is read or written in another version than the stored
    one, and has no failurePolicy for that.
    """
    conversion = as_map(nested(definition, "spec", "conversion"))
    return answers_for(as_map(conversion.get("webhook"))) if conversion.get("strategy") == "Webhook" else None


def webhooks_of(body: Body) -> dict[str, Body]:
    """By name; those whose name another one has too, which no API server takes, cannot be told apart."""
    listed = as_maps(body.get("webhooks"))
    times = Counter(as_text(one.get("name")) for one in listed)
    return {name: one for one in listed if times[name := as_text(one.get("name"))] == 1 and name}


def may_sleep(desired: Body, live: Body | None, recorded: str, unanswered: Says, silenced: Says) -> frozenset[str]:
    """Names of the webhooks that are to sleep.

    `recorded` is what the inventory says of the configuration on the target. `unanswered` tells of a Service that it
    has no ready endpoint, `silenced` that all workloads behind it sleep by us. What is awake on the target sleeps for
    the latter alone: whoever stops its Pods must not switch a guard off.
    """
    there, held = webhooks_of(live or EMPTY), held_names(live or EMPTY, recorded)
    return frozenset(_sleeping(webhooks_of(desired), there, held, unanswered, silenced))


def _sleeping(
    wanted: dict[str, Body], there: dict[str, Body], held: frozenset[str], unanswered: Says, silenced: Says
) -> Iterator[str]:
    for name, webhook in wanted.items():
        service = answers_for(webhook)
        is_awake = name in there and name not in held
        if service and (silenced(service) if is_awake else unanswered(service)):
            yield name


def held_names(body: Body, recorded: str = "") -> frozenset[str]:
    """Webhooks that sleep by us, by the inventory or else by the annotation."""
    production = _production(body, recorded)
    return frozenset(as_map(production.get("webhooks")))


def names_in(text: str) -> frozenset[str]:
    """Webhooks that a text of ours remembers."""
    try:
        found = json.loads(text) if text else EMPTY
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(as_map(as_map(found).get("webhooks")))


def asleep(body: Body, names: Collection[str]) -> Body:
    """The configuration with these webhooks asleep and remembered, all others as production has them."""
    awake = awakened(body)
    known = webhooks_of(awake)
    sleeping = {"webhooks": {name: SLEEP for name in sorted(names) if name in known}}
    if not sleeping["webhooks"]:
        return awake
    production = project({"webhooks": known}, sleeping)
    return apply(_patched(awake, sleeping), remembering(text_of(production)))


def awakened(body: Body, names: Collection[str] | None = None, recorded: str = "") -> Body:
    """The configuration with these webhooks, by default all, as production has them, and the others remembered still.

    The inventory counts before the annotation.
    """
    production = as_map(_production(body, recorded).get("webhooks"))
    woken = {name: patch for name, patch in production.items() if names is None or name in names}
    rest = {name: patch for name, patch in production.items() if name not in woken}
    bare = _patched(without_named(body, (("annotations", ANNOTATION),)), {"webhooks": woken})
    return apply(bare, remembering(text_of({"webhooks": rest}))) if rest else bare


def sleeps(webhook: Body) -> bool:
    """Whether a live webhook has what makes it sleep, whoever wrote it."""
    return same(apply(webhook, SLEEP), webhook)


def _production(body: Body, recorded: str) -> Body:
    """What production has, by webhook; of webhooks that are not there, and of other fields, nothing is taken."""
    within = {"webhooks": dict.fromkeys(webhooks_of(body), SLEEP)}
    for text in (recorded, held_text(body)):
        found = production_of(text, within) if within["webhooks"] else None
        if found is not None and isinstance(found.get("webhooks"), dict):
            return {"webhooks": {name: one for name, one in found["webhooks"].items() if isinstance(one, dict)}}
    return EMPTY


def _patched(body: Body, patch: Body) -> Body:
    """The body with a patch that names webhooks, in their own order."""
    said, known = as_map(patch.get("webhooks")), webhooks_of(body)
    listed = body.get("webhooks")
    if not said or not isinstance(listed, list):
        return body
    return {**body, "webhooks": [_one(webhook, said, known) for webhook in listed]}


def _one(webhook: Body, said: Body, known: dict[str, Body]) -> Body:
    name = as_text(as_map(webhook).get("name"))
    return apply(webhook, said[name]) if name in said and name in known else webhook
