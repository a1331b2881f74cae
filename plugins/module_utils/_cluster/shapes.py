# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer must look like before it is believed: the object that was asked for, a list of objects, a deletion.

A proxy answers 200 with `{}`, a broken API extension with something else: that must not read as "stored", nor as an
empty list, in which everything of a type would be gone.
"""

from __future__ import annotations

from typing import Any

from .._errors import MalformedAnswer
from .._text import shown
from .._unstructured import as_map, nested
from .._values import Body, Resource

_LONGEST_TOKEN = 8192  # of base64; it goes into a URL


def object_of(answer: Body, resource: Resource, namespace: str, name: str, uid: str = "") -> Body:
    """The answer, when it is this very object as it is stored; that of this UID, when one is given."""
    answer = admitted_object(answer, resource, namespace, name)
    if uid and answer["metadata"]["uid"] != uid:
        raise MalformedAnswer(f"the answer to a request for {_place(resource, namespace, name)} has another UID")
    if not _is_text(answer["metadata"].get("resourceVersion")):
        raise MalformedAnswer(f"the answer to a request for {_place(resource, namespace, name)} has no resourceVersion")
    return answer


def admitted_object(answer: Body, resource: Resource, namespace: str, name: str) -> Body:
    """The answer, when it is this object with a UID, stored or not; of any name when the API server chose it."""
    place = _place(resource, namespace, name)
    if answer.get("kind") != resource.kind or not _is_named(answer):
        raise MalformedAnswer(f"the answer to a request for {place} is no {resource.kind}")
    metadata = answer["metadata"]
    found = (metadata.get("namespace") or "", metadata["name"])
    if found != (namespace if resource.namespaced else "", name or metadata["name"]):
        raise MalformedAnswer(f"the answer to a request for {place} is another object, {_place(resource, *found)}")
    if not _is_text(metadata.get("uid")):
        raise MalformedAnswer(f"the answer to a request for {place} has no UID: was it stored?")
    return answer


def deletion_of(answer: Body, resource: Resource, namespace: str, name: str, uid: str) -> Body:
    """The answer to the deletion of the object of this UID: a Status when it is gone, itself when something holds it.

    What a Status says of whom it means has to be this object; some API extensions leave it out.
    """
    if answer.get("kind") != "Status" or answer.get("status") != "Success":
        return object_of(answer, resource, namespace, name, uid)
    details = as_map(answer.get("details"))
    if details.get("name", name) != name or (details.get("uid") or uid) != uid:
        raise MalformedAnswer(f"the answer to the deletion of {_place(resource, namespace, name)} is of another object")
    return answer


def items_of(page: Body, path: str) -> list[Body]:
    """The objects of one page of a list, each with name, UID and version: what a patch or deletion stands on."""
    items = page.get("items", ())
    if items is None:  # an empty list, as some API extensions write it
        return []
    if not isinstance(items, list) or not all(_is_item(item) for item in items):
        raise MalformedAnswer(f"{path} did not answer with a list of objects")
    return items


def continue_of(page: Body, path: str) -> str:
    """What asks for the next page; empty after the last one."""
    rest = nested(page, "metadata", "continue") or ""
    if not isinstance(rest, str) or not rest.isascii() or len(rest) > _LONGEST_TOKEN:
        raise MalformedAnswer(f"{path} does not say where its next page begins")
    return rest


def _is_item(item: Any) -> bool:
    if not isinstance(item, dict) or not _is_named(item):
        return False
    metadata = item["metadata"]
    return _is_text(metadata.get("uid")) and _is_text(metadata.get("resourceVersion"))


def _is_named(body: Body) -> bool:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return False
    return _is_text(metadata.get("name")) and isinstance(metadata.get("namespace"), (str, type(None)))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _place(resource: Resource, namespace: str, name: str) -> str:
    place = "/".join(part for part in (namespace if resource.namespaced else "", name) if part)
    return f"{resource.name} {shown(place)}"
