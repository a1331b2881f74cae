# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: what stands on a target, what a backup has, with which options it is restored.

They lie in tests/cases as YAML. Each is played under names of its own, so that many of them share a control plane: a
namespace `shop` is `shop-<case>`, a group `helm.example.org` is `<case>.helm.example.org`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from backups import Backup
from controlplane import ControlPlane
from restoring import View, by_place
from scenes import put, run, watch

CASES = Path(__file__).parents[1] / "cases"
GROUPS = ("helm.example.org", "argo.example.org")
"""Of definitions that several cases have."""

Body = dict[str, Any]


@dataclass
class Case:
    """One case on one target, for a test to play step by step."""

    name: str
    target: ControlPlane
    folder: Path
    options: Body
    live: list[Body]
    objects: list[tuple[str, Body]]
    """(resource, object) of the backup."""
    runs: list[Run] = field(default_factory=list)

    def space(self, namespace: str) -> str:
        """What a namespace of the case is called here."""
        return f"{namespace}-{self.name}"

    def group(self, group: str) -> str:
        """What a group of the case is called here."""
        return f"{self.name}.{group}"

    def body(self, kind: str, name: str) -> Body:
        """An object of the backup, for a test to change in place before it runs."""
        return next(
            body for _resource, body in self.objects if (body["kind"], body["metadata"]["name"]) == (kind, name)
        )

    def create_live(self, *kinds: str) -> None:
        """What stands on the target before; all of it, or only these kinds."""
        put(self.target, *(body for body in self.live if not kinds or body["kind"] in kinds))

    def run(self, *, check: bool = False, diff: bool = False, before: Any = None, **more: Any) -> Run:
        """Restores the backup as it is now, with the case's options and these."""
        options = {"state_namespace": f"state-{self.name}", **self.options, **more}
        watched = watch(self.target.kubeconfig, before)
        done = run(watched, self.backup(), check=check, diff=diff, **options)
        self.runs.append(done)
        return done

    def backup(self) -> Path:
        """The file with the objects as they are now."""
        backup = Backup()
        for resource, body in self.objects:
            metadata = body["metadata"]
            backup.add(resource, metadata.get("namespace", ""), metadata["name"], body)
        return backup.write(self.folder / f"{self.name}.tar.gz")

    def get(self, kind: str, name: str) -> Body | None:
        """The object as the target has it now; found by what the backup or the live objects say of it."""
        known = [*self.live, *(body for _resource, body in self.objects)]
        wanted = next(body for body in known if (body["kind"], body["metadata"]["name"]) == (kind, name))
        status, answer = self.target.api("GET", self.target.path_of(wanted))
        return answer if status == 200 else None


def case(name: str, target: ControlPlane, folder: Path) -> Case:
    """The case in the file of that name."""
    said = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    objects = [pair for entry in said["backup"] for pair in _repeated(entry)]
    bodies = [*said["live"], *(body for _resource, body in objects)]
    spaces = {body["metadata"]["name"] for body in bodies if body["kind"] == "Namespace"}

    def own(value: Any) -> Any:
        return _renamed(value, lambda text: f"{text}-{name}" if text in spaces else text, name)

    live = [own(body) for body in said["live"]]
    return Case(
        name, target, folder, own(said["options"]), live, [(_group(kind, name), own(body)) for kind, body in objects]
    )


def under(found: Case, name: str, *cluster_wide: str) -> Case:
    """The case under another name, where several tests play it on one control plane; so these names of objects."""
    pairs = [(f"-{found.name}", f"-{name}"), (f"{found.name}.", f"{name}.")]
    pairs += [(text, f"{text}-{name}") for text in cluster_wide]
    live = [_replaced(body, pairs) for body in found.live]
    objects = [(_replaced(resource, pairs), _replaced(body, pairs)) for resource, body in found.objects]
    return replace(found, name=name, live=live, objects=objects, options=_replaced(found.options, pairs), runs=[])


def _replaced(value: Any, pairs: list[tuple[str, str]]) -> Any:
    if isinstance(value, list):
        return [_replaced(element, pairs) for element in value]
    if isinstance(value, dict):
        return {_replaced(key, pairs): _replaced(part, pairs) for key, part in value.items()}
    for old, new in pairs if isinstance(value, str) else ():
        value = value.replace(old, new)
    return value


def said_of(run_: Run, kind: str, name: str) -> View:
    """What a run says of one object, whatever its namespace."""
    (found,) = [view for (of, _space, called), view in by_place(run_).items() if (of, called) == (kind, name)]
    return found


def _repeated(entry: Body) -> Iterator[tuple[str, Body]]:
    """An entry with `repeat` stands for so many objects, their name and UID with a number in it."""
    for number in range(entry.get("repeat", 1)):
        body = entry["object"]
        if "repeat" in entry:
            metadata = body["metadata"]
            numbered = {field: metadata[field] % number for field in ("name", "uid")}
            body = {**body, "metadata": {**metadata, **numbered}}
        yield entry["resource"], body


_PLACES = ("namespace", "kubernetes.io/metadata.name")


def _renamed(value: Any, space: Callable[[str], str], case_name: str) -> Any:
    if isinstance(value, list):
        return [_renamed(element, space, case_name) for element in value]
    if isinstance(value, str):
        return _group(value, case_name)
    if not isinstance(value, dict):
        return value
    made = {_group(key, case_name): _renamed(part, space, case_name) for key, part in value.items()}
    made |= {place: space(made[place]) for place in _PLACES if isinstance(made.get(place), str)}
    if made.get("kind") == "Namespace":
        made["metadata"]["name"] = space(made["metadata"]["name"])
    return made


def _group(text: str, case_name: str) -> str:
    for group in GROUPS:
        text = text.replace(group, f"{case_name}.{group}")
    return text
