# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target's OpenAPI v3 documents, for what only they tell: how a type's lists are merged.

Kubernetes serves one document a group and version below /openapi/v3 (1.24 and newer). They are large, so one is read
only when it is asked for, and of it only what merging needs is kept.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import AbsenceUnproven, MalformedAnswer
from .._unstructured import as_maps, as_text, nested
from .._values import Body
from .client import Client

_BUILT_IN = ("io.k8s.api.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis.")
"""How Kubernetes' own types are called: the schemas of custom resources say nothing of merging."""

_PATH = re.compile(r"/openapi/v3/[A-Za-z0-9._/-]{1,500}(?:\?hash=[A-Za-z0-9]{1,200})?")
_TYPES = "x-kubernetes-group-version-kind"
_REFERENCE = "#/components/schemas/"
_KEPT = (
    "$ref",
    "additionalProperties",
    "allOf",
    "items",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
)


@dataclass(frozen=True, slots=True)
class Schema:
    """One node of a document: a field, with what it is resolved in the document's other schemas."""

    node: Body
    schemas: dict[str, Body]

    @property
    def strategy(self) -> str:
        """`merge`, `replace` or nothing; retainKeys beside it is said by the patch itself too."""
        names = str(self.node.get("x-kubernetes-patch-strategy") or "").split(",")
        return next((name for name in names if name != "retainKeys"), "")

    @property
    def merge_key(self) -> str:
        return str(self.node.get("x-kubernetes-patch-merge-key") or "")

    def field(self, name: str) -> Schema | None:
        node = self._resolved()
        properties = node.get("properties") or {}
        return self._of(properties[name] if name in properties else node.get("additionalProperties"))

    def element(self) -> Schema | None:
        return self._of(self._resolved().get("items"))

    def _of(self, node: Any) -> Schema | None:
        return Schema(node, self.schemas) if isinstance(node, dict) else None

    def _resolved(self) -> Body:
        """The node itself, or the schema that it refers to, directly or as the only part of an allOf."""
        parts = self.node.get("allOf")
        node = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], dict) else self.node
        name = str(node.get("$ref") or "")
        return self.schemas.get(name.removeprefix(_REFERENCE), {}) if name else node


class OpenApi:
    """Schemas of built-in types, each document read once. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._documents: dict[tuple[str, str], dict[tuple[str, str, str], Schema]] = {}
        self._lock = threading.Lock()

    def schema(self, group: str, version: str, kind: str) -> Schema | None:
        """None for what is no built-in type of the target. Raises a ClusterError when the document cannot be read."""
        with self._lock:
            if (group, version) not in self._documents:
                self._documents[group, version] = self._read(group, version)
            return self._documents[group, version].get((group, version, kind))

    def _read(self, group: str, version: str) -> dict[tuple[str, str, str], Schema]:
        name = f"apis/{group}/{version}" if group else f"api/{version}"
        paths = self._client.get_json("/openapi/v3").get("paths")
        if not isinstance(paths, dict):
            raise MalformedAnswer("/openapi/v3 does not tell which documents there are")
        if name not in paths:
            return {}
        path = as_text(nested(paths, name, "serverRelativeURL"))
        if not _PATH.fullmatch(path):
            raise MalformedAnswer(f"/openapi/v3 does not tell where the document of {name} is")
        try:
            return built_in_types(self._client.get_json(path))
        except AbsenceUnproven:  # a document is no object: no 404 of one names it
            return {}
        except RecursionError as error:
            raise MalformedAnswer(f"the OpenAPI document of {name} is nested too deeply") from error


def built_in_types(document: Body) -> dict[tuple[str, str, str], Schema]:
    """(group, version, kind) -> schema, of those types in a document that are Kubernetes' own."""
    listed = nested(document, "components", "schemas")
    if not isinstance(listed, dict):
        raise MalformedAnswer("the OpenAPI document has no schemas")
    schemas = {name: _trimmed(node) for name, node in listed.items() if isinstance(node, dict)}
    return {
        one: Schema(schemas[name], schemas)
        for name, node in listed.items()
        if name.startswith(_BUILT_IN) and isinstance(node, dict)
        for one in _names(node)
    }


def _names(node: Body) -> Iterator[tuple[str, str, str]]:
    for one in as_maps(node.get(_TYPES)):
        yield str(one.get("group")), str(one.get("version")), str(one.get("kind"))


def _trimmed(node: Any) -> Any:
    """Without descriptions, defaults and rules of validation, which are nearly all of a document."""
    if isinstance(node, list):
        return [_trimmed(element) for element in node]
    if not isinstance(node, dict):
        return node
    kept: Body = {name: _trimmed(node[name]) for name in _KEPT if name in node}
    properties = node.get("properties")
    if isinstance(properties, dict):
        kept["properties"] = {name: _trimmed(property_) for name, property_ in properties.items()}
    return kept
