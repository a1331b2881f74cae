# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the live objects that a restore asks about: paged lists instead of a GET an object.

Lists are cluster-wide unless the wanted namespaces are fewer than a quarter of the target's. Where a list is not
allowed (403), the next narrower way is taken: a list a namespace, then a GET an object.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from .._errors import AbsenceUnproven, ClusterError, Forbidden, ListExpired, NotFound
from .._unstructured import as_map, as_text
from .._values import Body, Resource
from .client import Client, leads_elsewhere, unsafe
from .page import Page

Place = tuple[str, str]
"""(namespace, name)"""


class Batch(NamedTuple):
    """What one page of a list has of the wanted objects; without a page, what was asked for one by one."""

    reads: Iterator[Read]
    """The page is not parsed before the first is asked for."""
    page: Page | None = None
    scope: str = ""
    """Namespace of the list; empty for one of all."""
    begins: bool = False
    """Whether it is the first page of its list."""


NARROW = 4  # wanted namespaces * NARROW < the target's: list namespace by namespace
LIST_ATTEMPTS = 3


class Read(NamedTuple):
    """One wanted object that is on the target, or one that could not be read there."""

    place: Place
    body: Body | None
    error: ClusterError | None = None


def read(client: Client, resource: Resource, wanted: Collection[Place], namespaces_on_target: int) -> Iterator[Read]:
    """Those of the wanted objects that exist, in no order; what is not yielded is not there."""
    for batch in batches(client, resource, wanted, namespaces_on_target):
        yield from batch.reads


def batches(
    client: Client, resource: Resource, wanted: Collection[Place], namespaces_on_target: int
) -> Iterator[Batch]:
    """The same, page by page.

    An object may come twice (a list that expired half-way is read anew): the later one counts. One whose name would
    lead to another in a URL is not asked for.
    """
    places = wanted if isinstance(wanted, (set, frozenset)) else frozenset(wanted)
    refused = {place: list(filter(leads_elsewhere, place)) for place in places if any(map(leads_elsewhere, place))}
    if refused:
        yield Batch(Read(place, None, unsafe(parts[0])) for place, parts in refused.items())
        places = places - refused.keys()
    namespaces = sorted({namespace for namespace, _name in places})
    if not resource.namespaced or len(namespaces) * NARROW >= namespaces_on_target:
        try:
            yield from _listed(client, resource, "", places)
            return
        except Forbidden:
            if not resource.namespaced:
                yield Batch(_one_by_one(client, resource, sorted(places)))
                return
    for namespace in namespaces:
        yield from _namespace(client, resource, namespace, places)


def _namespace(client: Client, resource: Resource, namespace: str, places: Collection[Place]) -> Iterator[Batch]:
    try:
        yield from _listed(client, resource, namespace, places)
    except Forbidden:
        within = sorted(place for place in places if place[0] == namespace)
        yield Batch(_one_by_one(client, resource, within))


def _listed(client: Client, resource: Resource, namespace: str, places: Collection[Place]) -> Iterator[Batch]:
    for attempt in range(LIST_ATTEMPTS):
        try:
            for number, page in enumerate(client.raw_pages(resource, namespace)):
                yield Batch(_wanted(page, places), page, namespace, begins=number == 0)
            return
        except ListExpired:
            if attempt == LIST_ATTEMPTS - 1:
                raise


def _wanted(page: Page, places: Collection[Place]) -> Iterator[Read]:
    for body in page.items:
        place = place_of(body)
        if place in places:
            yield Read(place, body)


def _one_by_one(client: Client, resource: Resource, places: list[Place]) -> Iterator[Read]:
    for namespace, name in places:
        try:
            yield Read((namespace, name), client.get(resource, namespace, name))
        except NotFound:
            continue
        except (AbsenceUnproven, Forbidden) as error:
            yield Read((namespace, name), None, error)


def place_of(body: Body) -> Place:
    metadata = as_map(body.get("metadata"))
    return as_text(metadata.get("namespace")), as_text(metadata.get("name"))
