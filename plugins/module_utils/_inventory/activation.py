# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when a standby is active: said twice, in a Secret of the state and on each active Namespace; pure.

Either one is enough: whoever deletes the state, or edits a Namespace, does not make production a standby again. A text
that cannot be read says that it is active too.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._unstructured import annotations_of, as_map, as_text
from .._values import Body
from .secret import own_secret

NAME = "activation"
"""Of the Secret."""
ANNOTATION = "standby.velero/active"
WHOLE = "*"
"""In the Secret, beside the names of Namespaces: the whole standby."""

MOST_TEXT = 1 << 20
_MOST_FACT = 1024


class Activation(NamedTuple):
    """When it was, by whom, and after which backup."""

    at: str
    """2026-11-29T03:12:00Z, by the API server's clock; it names the activation."""
    by: str = ""
    backup: str = ""

    @property
    def text(self) -> str:
        return json.dumps(self._asdict(), sort_keys=True, separators=(",", ":"))


UNREADABLE = Activation("unreadable")
"""Somebody edited it."""

Activations = Mapping[str, Activation]
"""By Namespace, and of the whole standby under WHOLE."""


class Active(NamedTuple):
    """What both places say."""

    recorded: Activations
    """In the Secret."""
    annotated: Activations
    """On the Namespaces that are there."""
    there: frozenset[str]
    """Names of Namespaces, as far as they could be listed."""

    @property
    def all(self) -> dict[str, Activation]:
        return {**self.recorded, **self.annotated}

    @property
    def at(self) -> str:
        """Names all of it: another activation has another time. Empty where nothing is active."""
        return max((one.at for one in (*self.recorded.values(), *self.annotated.values())), default="")

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Namespaces of which the two do not say the same, sorted; one that was deleted says nothing."""
        names = {name for name in (*self.recorded, *self.annotated) if name != WHOLE and name in self.there}
        return tuple(sorted(name for name in names if self.recorded.get(name) != self.annotated.get(name)))

    def within(self, names: Iterable[str], whole: bool) -> Active:
        """Of these Namespaces alone; of all of it when the whole standby is meant."""
        if whole:
            return self
        meant = frozenset(names)
        recorded, annotated = (
            {name: one for name, one in given.items() if name in meant} for given in (self.recorded, self.annotated)
        )
        return Active(recorded, annotated, self.there)


def annotated_in(namespaces: Iterable[Body]) -> dict[str, Activation]:
    """What Namespaces say of themselves."""
    said = ((as_map(body.get("metadata")), annotations_of(body)) for body in namespaces)
    return {as_text(meta.get("name")): _read(notes[ANNOTATION]) for meta, notes in said if ANNOTATION in notes}


def _read(text: Any) -> Activation:
    try:
        return _activation(json.loads(text) if isinstance(text, str) and len(text) <= 4 * _MOST_FACT else None)
    except (ValueError, RecursionError):
        return UNREADABLE


def _activation(value: Any) -> Activation:
    facts = [as_map(value).get(name) for name in Activation._fields]
    if not all(isinstance(fact, str) and len(fact) <= _MOST_FACT and fact.isprintable() for fact in facts):
        return UNREADABLE
    return Activation(*map(str, facts)) if facts[0] else UNREADABLE


def secret_of(recorded: Activations, namespace: str) -> Body:
    text = json.dumps({name: one._asdict() for name, one in recorded.items()}, sort_keys=True)
    return own_secret(NAME, namespace, NAME, {NAME: b64encode(text.encode()).decode("ascii")})


def recorded_in(secret: Body) -> dict[str, Activation]:
    """What the Secret says; of one that is damaged that the whole standby is active."""
    try:
        text = b64decode(as_text(as_map(secret.get("data")).get(NAME)), validate=True)
        found = json.loads(text) if len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        return {WHOLE: UNREADABLE}
    if not isinstance(found, dict):
        return {WHOLE: UNREADABLE}
    return {name: _activation(value) for name, value in found.items()}


class Spared(NamedTuple):
    """Namespaces that a restore leaves alone, and what it says of that."""

    names: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def spared_by(active: Active, allowed: str) -> Spared:
    """Of a standby that is not refused: what is active of it, unless just this is allowed."""
    if not active.at or allowed == active.at:
        return Spared()
    other = f"; allow_active is {allowed}, which is another activation" if allowed else ""
    said = f"active since {active.at}: {_places(active)}; what lies there was left alone, and so was what is"
    return Spared(frozenset(active.all), (f"{said} cluster-scoped and there already{other}",))


def why_refused(active: Active, allowed: str) -> list[str]:
    """What speaks against any write onto an active standby; nothing when just this is allowed, or it is active in part.

    In part means that both records agree on the namespaces, and neither is damaged.
    """
    if not active.at or allowed == active.at:
        return []
    if not (WHOLE in active.all or active.disagreeing or UNREADABLE in active.all.values()):
        return []
    newest = next(one for one in (*active.all.values(), *active.recorded.values()) if one.at == active.at)
    who = "".join([f" by {newest.by}" if newest.by else "", f" after backup {newest.backup}" if newest.backup else ""])
    other = f" (allow_active is {allowed}, which is another activation)" if allowed else ""
    found = [
        f"the target is active since {active.at}{who}: {_places(active)}. It serves as production and is not restored"
        f" onto{other}. To make it a standby again, use velero_workloads with state held and confirm {active.at}; to"
        f" restore all the same, set allow_active: {active.at}"
    ]
    if active.disagreeing:
        found.append(
            f"its two records disagree on {', '.join(active.disagreeing[:5])}: the Secret {NAME} in state_namespace and"
            f" the annotation {ANNOTATION} of the Namespace. velero_workloads with state active brings them together"
        )
    return found


def why_not_held(active: Active, confirmed: str) -> list[str]:
    """Why what is active is not put to sleep: nobody has said that just this activation is to end."""
    if not active.at or confirmed == active.at:
        return []
    other = f"confirm is {confirmed}, which is another activation" if confirmed else "confirm is not given"
    return [
        f"the target is active since {active.at}: {_places(active)}. Once it is held it serves nobody, and the next"
        f" restore overwrites what was written to its objects since; {other}. To put it to sleep, set confirm:"
        f" {active.at}"
    ]


def _places(active: Active) -> str:
    if WHOLE in active.recorded:
        return "the whole standby"
    names = sorted(active.all)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{'namespace' if len(names) == 1 else 'namespaces'} {', '.join(names[:5])}{more}"
