# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which types the target serves; a group that does not answer is *incomplete*, never absent.

Aggregated discovery (Kubernetes 1.26 and newer) tells all groups in two requests and marks a group whose API server
is away as Stale. An older server, which ignores the Accept header, is asked group by group.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .._errors import ClusterError, MalformedAnswer, Unreachable
from .._unstructured import as_list, as_map, as_maps, as_text, as_texts
from .._values import Body, Resource
from .client import Client

_AGGREGATED = ",".join(
    [f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")]
    + ["application/json"]
)

# These become parts of URLs: a DNS label, a DNS subdomain, and what CRDs allow for a kind.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_GROUP = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")


@dataclass(frozen=True)
class Discovery:
    """The types by their name, each with its served versions, the group's preferred one first."""

    types: dict[str, tuple[Resource, ...]]
    incomplete: frozenset[str]
    """Groups of which at least one version did not answer, or left out what it ought to have."""
    versions_served: frozenset[tuple[str, str]] = frozenset()
    """(group, version) that the target knows, with whatever types."""
    unproven: str = "it was not held against anything"
    """Why nobody knows whether a type that is not among these is gone; empty when it is (`checked_discovery`)."""
    opaque: frozenset[str] = frozenset()
    """Groups that may have types beside these: another server's, or with a definition that is not served."""

    def find(self, name: str, version: str) -> Resource | None:
        """The type `<plural>[.<group>]` at just this version."""
        return next((found for found in self.types.get(name, ()) if found.version == version), None)

    def versions(self, name: str) -> tuple[str, ...]:
        return tuple(found.version for found in self.types.get(name, ()))

    def served(self) -> Iterator[Resource]:
        """Each type once, in the server's order of groups: of two types with the same name the first is meant."""
        return (versions[0] for versions in self.types.values())

    def lacks(self, name: str) -> bool:
        """Whether the target is known not to have the type; of an incomplete group nothing is known."""
        return name not in self.types and not self.is_incomplete(name)

    def is_incomplete(self, name: str) -> bool:
        return name.partition(".")[2] in self.incomplete

    def tells_all_of(self, group: str) -> bool:
        """Whether a type of the group that is not among these is gone, with all its objects."""
        return not self.unproven and group not in self.incomplete and group not in self.opaque

    def with_types_of(self, earlier: Discovery) -> Discovery:
        """With what an earlier answer had besides: a server that begins anew leaves groups out for a moment."""
        return replace(self, types={**earlier.types, **self.types})


def discover(client: Client) -> Discovery:
    """Asks the target anew; nothing is cached. Raises a ClusterError when the server does not answer at all."""
    found: dict[str, list[Resource]] = {}
    incomplete: set[str] = set()
    known: set[tuple[str, str]] = set()
    for root in ("/api", "/apis"):
        document = client.get_json(root, accept=_AGGREGATED)
        is_aggregated = document.get("kind") == "APIGroupDiscoveryList"
        known.update(_aggregated_versions(root, document) if is_aggregated else _group_versions(root, document))
        served = (
            _aggregated(root, document, incomplete) if is_aggregated else _legacy(client, root, document, incomplete)
        )
        for resource in served:
            found.setdefault(resource.name, []).append(resource)
    types = {name: tuple(versions) for name, versions in found.items()}
    return Discovery(types, frozenset(incomplete), frozenset(known))


def _aggregated_versions(root: str, document: Body) -> Iterator[tuple[str, str]]:
    for item in _listed(root, document, "items"):
        group = _group_of(as_map(item.get("metadata")), root)
        yield from ((group, as_text(version.get("version"))) for version in _listed(root, item, "versions"))


def _aggregated(root: str, document: Body, incomplete: set[str]) -> Iterator[Resource]:
    for item in _listed(root, document, "items"):
        group = _group_of(as_map(item.get("metadata")), root)
        for version in _listed(root, item, "versions"):
            entries = version.get("resources")
            if version.get("freshness") == "Stale" or len(as_maps(entries)) < len(as_list(entries)):
                incomplete.add(group)
            name = as_text(version.get("version"))
            yield from _sound((_aggregated_type(group, name, entry) for entry in as_maps(entries)), incomplete)


def _legacy(client: Client, root: str, document: Body, incomplete: set[str]) -> Iterator[Resource]:
    """The unaggregated form: one request a group and version."""
    for group, version in _group_versions(root, document):
        path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
        try:
            entries = _listed(path, client.get_json(path), "resources")
        except ClusterError as error:
            if error.status in (401, 403) or isinstance(error, Unreachable):
                raise
            incomplete.add(group)
            continue
        names = {as_text(entry.get("name")) for entry in entries}
        yield from _sound((_legacy_type(group, version, entry, names) for entry in entries), incomplete)


def _sound(found: Iterable[Resource | None], incomplete: set[str]) -> Iterator[Resource]:
    """The types whose names can stand in a URL; a group with another one is not known as a whole."""
    for resource in found:
        if resource is None:
            continue
        names = (_LABEL, resource.version), (_LABEL, resource.plural), (_KIND, resource.kind)
        if all(form.fullmatch(name) for form, name in names):
            yield resource
        else:
            incomplete.add(resource.group)


def _aggregated_type(group: str, version: str, entry: Body) -> Resource | None:
    """None for what cannot be listed, and where nothing but subresources is served."""
    kind = as_text(as_map(entry.get("responseKind")).get("kind"))
    if not kind or "list" not in as_texts(entry.get("verbs")):
        return None
    return Resource(
        group=group,
        version=version,
        plural=as_text(entry.get("resource")),
        kind=kind,
        namespaced=entry.get("scope") == "Namespaced",
        singular=as_text(entry.get("singularResource")),
        short_names=tuple(as_texts(entry.get("shortNames"))),
        has_status=any(one.get("subresource") == "status" for one in as_maps(entry.get("subresources"))),
    )


def _legacy_type(group: str, version: str, entry: Body, names: Collection[str]) -> Resource | None:
    """None for what cannot be listed, and for subresources, which stand in the same list (`names`)."""
    plural = as_text(entry.get("name"))
    if "/" in plural or "list" not in as_texts(entry.get("verbs")):
        return None
    return Resource(
        group=group,
        version=version,
        plural=plural,
        kind=as_text(entry.get("kind")),
        namespaced=entry.get("namespaced") is True,
        singular=as_text(entry.get("singularName")),
        short_names=tuple(as_texts(entry.get("shortNames"))),
        has_status=f"{plural}/status" in names,
    )


def _group_versions(root: str, document: Body) -> Iterator[tuple[str, str]]:
    if root == "/api":
        yield from (("", _version(version, root)) for version in as_list(document.get("versions")) or [None])
        return
    for group in _listed(root, document, "groups"):
        name = _group_of(group, root)
        yield from ((name, _version(version, root)) for version in _preferred_first(group))


def _preferred_first(group: Body) -> list[Any]:
    versions = [version.get("version") for version in as_maps(group.get("versions"))]
    preferred = as_map(group.get("preferredVersion")).get("version")
    return sorted(versions, key=lambda version: version != preferred)


def _group_of(metadata: Body, root: str) -> str:
    """Only the core group has no name, and it is the only one below /api."""
    name = as_text(metadata.get("name"))
    if name if root == "/api" else not _GROUP.fullmatch(name):
        raise _malformed(root)
    return name


def _version(version: Any, root: str) -> str:
    if not _LABEL.fullmatch(as_text(version)):
        raise _malformed(root)
    return as_text(version)


def _listed(path: str, document: Body, field: str) -> list[Body]:
    """The maps of which a list consists; `{}` and the like must not read as "nothing is served"."""
    listed = document.get(field)
    if not isinstance(listed, list) or len(as_maps(listed)) < len(listed):
        raise _malformed(path)
    return listed


def _malformed(path: str) -> MalformedAnswer:
    return MalformedAnswer(f"{path} does not tell what is served: is this a Kubernetes API server?")
