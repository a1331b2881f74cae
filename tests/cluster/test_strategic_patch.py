"""Strategic merge patches with the target's own schemas do what kubectl does."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.openapi import OpenApi
from ansible_collections.standby.velero.plugins.module_utils._modify.patch import PatchError
from ansible_collections.standby.velero.plugins.module_utils._modify.strategic import StrategicPatch
from strategic import CASES, RECORDED, object_of

KUBECTL = Path(os.environ.get("KUBEBUILDER_ASSETS", "")) / "kubectl"
RANDOM_CASES = 60


class Target:
    """The narrow client's GET, with the test's own credentials."""

    def __init__(self, controlplane):
        self._controlplane = controlplane

    def get_json(self, path: str) -> dict[str, Any]:
        status, body = self._controlplane.api("GET", path)
        assert status == 200, body
        return body


class Recording:
    """Answers as the recorded API server did."""

    def get_json(self, path: str) -> dict[str, Any]:
        return RECORDED[path]


@pytest.fixture(scope="module")
def schemas(shared_controlplane):
    return OpenApi(Target(shared_controlplane)).schema


def by_kubectl(body: dict[str, Any], patch: dict[str, Any], folder: Path) -> dict[str, Any] | None:
    """None when kubectl refuses."""
    source = folder / f"{id(body)}.json"
    source.write_text(json.dumps(body))
    command = [KUBECTL, "patch", "--local", "-f", source, "--type", "strategic", "-p", json.dumps(patch), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def by_us(body: dict[str, Any], patch: dict[str, Any], schemas) -> dict[str, Any] | None:
    try:
        return StrategicPatch((patch,)).apply(copy.deepcopy(body), schemas)
    except PatchError:
        return None


def filled(value: Any) -> Any:
    """Without what kubectl's printer adds to an object or drops from it: empty values and the creation time."""
    if isinstance(value, dict):
        found = {name: filled(inner) for name, inner in value.items() if name != "creationTimestamp"}
        return {name: inner for name, inner in found.items() if inner not in (None, {}, [], False, 0, "")}
    return [filled(element) for element in value] if isinstance(value, list) else value


def test_the_table_says_what_kubectl_does(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(lambda case: by_kubectl(case.body(), yaml.safe_load(case.patch), tmp_path), CASES))
    wrong = [case.name for case, body in zip(CASES, theirs, strict=True) if not _agree(case, body)]
    assert wrong == []


def _agree(case, theirs: dict[str, Any] | None) -> bool:
    """kubectl prints typed objects: what its types cannot hold (a list for a map, unknown fields) it does not print."""
    if "taken as it is" in case.name or "where a map was" in case.name:
        return True
    wanted = case.wanted()
    return wanted == theirs if wanted is None or theirs is None else filled(wanted) == filled(theirs)


def test_the_table_holds_with_the_targets_own_schemas(schemas):
    wrong = [case.name for case in CASES if by_us(case.body(), yaml.safe_load(case.patch), schemas) != case.wanted()]
    assert wrong == []


def test_what_was_recorded_is_still_what_a_target_says(schemas):
    recorded = OpenApi(Recording()).schema
    for group, kind in (("", "Pod"), ("", "Service"), ("apps", "Deployment")):
        ours, theirs = recorded(group, "v1", kind).field("spec"), schemas(group, "v1", kind).field("spec")
        names = ours._resolved()["properties"]
        assert {name: ours.field(name).merge_key for name in names} == {
            name: theirs.field(name).merge_key for name in names
        }


def test_random_patches_come_out_as_kubectl_makes_them(schemas, tmp_path):
    dice = random.Random(4)
    pairs = [(_pod(dice), {"spec": _spec(dice), "metadata": _metadata(dice)}) for _one in range(RANDOM_CASES)]
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(lambda pair: by_kubectl(*pair, tmp_path), pairs))
    for (body, patch), expected in zip(pairs, theirs, strict=True):
        assert filled(by_us(body, patch, schemas)) == filled(expected), (body, patch)


NAMES = ("a", "b", "c", "d")


def _pod(dice: random.Random) -> dict[str, Any]:
    spec = {
        "containers": [_container(dice, name) for name in _some(dice)],
        "volumes": [{"name": name, "configMap": {"name": "x"}} for name in _some(dice)],
        "tolerations": [{"key": name} for name in _some(dice)],
    }
    return object_of("Pod", {"metadata": {"finalizers": [f"{name}/x" for name in _some(dice)]}, "spec": spec})


def _container(dice: random.Random, name: str) -> dict[str, Any]:
    return {"name": name, "image": f"i:{dice.randint(1, 3)}", "env": [{"name": e, "value": name} for e in _some(dice)]}


def _spec(dice: random.Random) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [_changed(dice, name) for name in _some(dice)]}
    if dice.random() < 0.4:
        named = [one["name"] for one in spec["containers"] if "$patch" not in one]
        rest = [name for name in NAMES if name not in named and dice.random() < 0.5]
        spec["$setElementOrder/containers"] = [{"name": name} for name in (*named, *rest)]
    if dice.random() < 0.5:
        spec["volumes"] = [
            {"name": name, "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}} for name in _some(dice)
        ]
    if dice.random() < 0.5:
        spec["tolerations"] = dice.choice([None, [{"key": "z"}]])
    return spec


def _changed(dice: random.Random, name: str) -> dict[str, Any]:
    if dice.random() < 0.25:
        return {"name": name, "$patch": "delete"}
    changed: dict[str, Any] = {"name": name}
    if dice.random() < 0.5:
        changed["image"] = dice.choice([None, "i:9"])
    if dice.random() < 0.6:
        changed["env"] = [{"name": one, "value": "new"} for one in _some(dice)]
    if dice.random() < 0.1:
        changed["env"] = [{"$patch": "replace"}, *changed.get("env", [])]
    return changed


def _metadata(dice: random.Random) -> dict[str, Any]:
    metadata: dict[str, Any] = {"labels": dict.fromkeys(_some(dice), "1") or None}
    if dice.random() < 0.5:
        metadata["$deleteFromPrimitiveList/finalizers"] = [f"{name}/x" for name in _some(dice)]
    elif dice.random() < 0.7:
        metadata["finalizers"] = [f"{name}/x" for name in _some(dice)]
    return metadata


def _some(dice: random.Random) -> list[str]:
    return dice.sample(NAMES, dice.randint(0, len(NAMES)))
