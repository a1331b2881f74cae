# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which types the target serves; a group that does not answer is *incomplete*, never absent.

Aggregated discovery (Kubernetes 1.26 and newer) tells all groups in two requests and marks a group whose API server
is away as Stale. An older server, which ignores the Accept header, is asked group by group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .._errors import ClusterError
from .._unstructured import as_map, as_maps, as_texts
from .._values import Body, Resource
from .client import Client

_AGGREGATED = ",".join(
    [f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")]
    + ["application/json"]
)


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
        known.update(_aggregated_versions(document) if is_aggregated else _group_versions(root, document))
        served = _aggregated(document, incomplete) if is_aggregated else _legacy(client, root, document, incomplete)
        for resource in served:
            found.setdefault(resource.name, []).append(resource)
    types = {name: tuple(versions) for name, versions in found.items()}
    return Discovery(types, frozenset(incomplete), frozenset(known))


def _aggregated_versions(document: Body) -> Iterator[tuple[str, str]]:
    for item in as_maps(document.get("items")):
        group = str(as_map(item.get("metadata")).get("name") or "")
        yield from ((group, str(version.get("version"))) for version in as_maps(item.get("versions")))


def _aggregated(document: Body, incomplete: set[str]) -> Iterator[Resource]:
    for item in as_maps(document.get("items")):
        group = str(as_map(item.get("metadata")).get("name") or "")
        for version in as_maps(item.get("versions")):
            if version.get("freshness") == "Stale":
                incomplete.add(group)
            yield from _resources(group, str(version.get("version")), version)


def _resources(group: str, version: str, document: Body) -> Iterator[Resource]:
    for entry in as_maps(document.get("resources")):
        kind = as_map(entry.get("responseKind")).get("kind")
        if kind and "list" in as_texts(entry.get("verbs")):
            yield Resource(
                group=group,
                version=version,
                plural=str(entry["resource"]),
                kind=str(kind),
                namespaced=entry.get("scope") == "Namespaced",
                singular=str(entry.get("singularResource") or ""),
                short_names=tuple(as_texts(entry.get("shortNames"))),
            )


def _legacy(client: Client, root: str, document: Body, incomplete: set[str]) -> Iterator[Resource]:
    """The unaggregated form: one request a group and version."""
    for group, version in _group_versions(root, document):
        path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
        try:
            listed = client.get_json(path)
        except ClusterError as error:
            if error.status in (401, 403) or not error.status:
                raise
            incomplete.add(group)
            continue
        for entry in as_maps(listed.get("resources")):
            if "/" not in str(entry.get("name")) and "list" in as_texts(entry.get("verbs")):
                yield Resource(
                    group=group,
                    version=version,
                    plural=str(entry["name"]),
                    kind=str(entry.get("kind")),
                    namespaced=bool(entry.get("namespaced")),
                    singular=str(entry.get("singularName") or ""),
                    short_names=tuple(as_texts(entry.get("shortNames"))),
                )


def _group_versions(root: str, document: Body) -> Iterator[tuple[str, str]]:
    if root == "/api":
        yield from (("", version) for version in as_texts(document.get("versions")))
        return
    for group in as_maps(document.get("groups")):
        for version in _preferred_first(group):
            yield str(group.get("name")), version


def _preferred_first(group: Body) -> list[str]:
    versions = [str(version.get("version")) for version in as_maps(group.get("versions"))]
    preferred = as_map(group.get("preferredVersion")).get("version")
    return sorted(versions, key=lambda version: version != preferred)
