# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers for webhooks that change objects, such as those that put sidecars into Pods: it is woken first.

A Pod that is made before its injector is awake runs without what it injects, and nothing makes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._cluster.services import Services
from .._errors import ClusterError, Unauthorized, Unreachable
from .._hold.guard_waking import Guard
from .._kinds import MUTATING_WEBHOOKS
from .._unstructured import as_map, as_text, nested
from .._values import Body
from .guards import is_behind


class Injectors:
    """The workloads behind the Services of sleeping webhooks that change objects; read once."""

    def __init__(self, guards: Iterable[Guard], services: Services, means: Callable[[str], bool]) -> None:
        asleep = (guard.asleep(means) for guard in guards if guard.ref.resource == MUTATING_WEBHOOKS)
        places = sorted({place for webhooks in asleep for place in webhooks.values()})
        found = ((place[0], _selector(services, place)) for place in places)
        self._selectors = tuple((namespace, selector) for namespace, selector in found if selector)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._selectors)

    def has(self, body: Body) -> bool:
        namespace = as_text(nested(body, "metadata", "namespace"))
        return any(namespace == where and is_behind(body, selector) for where, selector in self._selectors)


def _selector(services: Services, place: tuple[str, str]) -> Body:
    """Of one that cannot be read nothing is known: its workloads are woken in their own wave."""
    try:
        return as_map(nested(services.service(place), "spec", "selector"))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError:
        return {}
