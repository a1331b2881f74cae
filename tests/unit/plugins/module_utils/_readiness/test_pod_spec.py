# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the spec of a Pod names, and how much it asks for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._readiness.pod_spec import (
    amounts_of,
    classes_of,
    images_of,
    mounts_of,
    registry_of,
)


def mounts(**spec: Any) -> list[str]:
    return [f"{one.kind} {one.name}{'?' if one.optional else ''}" for one in mounts_of(spec)]


@pytest.mark.parametrize(
    ("volume", "named"),
    [
        ({"secret": {"secretName": "a"}}, ["Secret a"]),
        ({"secret": {"secretName": "a", "optional": True}}, ["Secret a?"]),
        ({"configMap": {"name": "a"}}, ["ConfigMap a"]),
        ({"configMap": {"name": "a", "optional": False}}, ["ConfigMap a"]),
        (
            {"projected": {"sources": [{"secret": {"name": "a"}}, {"configMap": {"name": "b", "optional": True}}, {}]}},
            ["Secret a", "ConfigMap b?"],
        ),
        ({"csi": {"driver": "d", "nodePublishSecretRef": {"name": "a"}}}, ["Secret a"]),
        ({"azureFile": {"secretName": "a"}}, ["Secret a"]),
        ({"cephfs": {"secretRef": {"name": "a"}}}, ["Secret a"]),
        ({"emptyDir": {}}, []),
        ({"secret": "broken"}, ["Secret "]),
        ({"projected": {"sources": "broken"}}, []),
        ("broken", []),
    ],
)
def test_what_a_volume_mounts(volume: Any, named: list[str]) -> None:
    assert mounts(volumes=[volume]) == named


def test_what_an_environment_is_read_from_in_containers_and_init_containers() -> None:
    env = [{"valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}, {"name": "PLAIN", "value": "v"}]
    env_from = [{"configMapRef": {"name": "b"}}, {"secretRef": {"name": "c", "optional": True}}]
    first = {"env": [{"valueFrom": {"configMapKeyRef": {"name": "d", "optional": True}}}]}
    found = mounts(containers=[{"env": env, "envFrom": env_from}], initContainers=[first])
    assert sorted(found) == ["ConfigMap b", "ConfigMap d?", "Secret a", "Secret c?"]


@pytest.mark.parametrize("spec", [{}, {"containers": "broken"}, {"volumes": {}}, None, "broken"])
def test_a_broken_spec_names_nothing(spec: Any) -> None:
    assert list(mounts_of(spec)) == list(images_of(spec)) == []
    assert [name for _kind, name in classes_of(spec) if name] == []
    assert amounts_of(spec) == {}


def test_its_classes() -> None:
    claim = {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}
    spec = {"priorityClassName": "high", "runtimeClassName": "kata", "volumes": [{"ephemeral": claim}]}
    assert list(classes_of(spec)) == [("PriorityClass", "high"), ("RuntimeClass", "kata"), ("StorageClass", "fast")]


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("nginx", "docker.io"),
        ("library/nginx:1", "docker.io"),
        ("registry.example.org/a/b@sha256:00", "registry.example.org"),
        ("registry:5000/a", "registry:5000"),
        ("localhost/a", "localhost"),
        ("nginx:1.2", "docker.io"),
    ],
)
def test_the_registry_of_an_image(image: str, registry: str) -> None:
    assert registry_of(image) == registry


def asked(cpu: str = "", limit: str = "", **more: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu} if cpu else {}, "limits": {"cpu": limit} if limit else {}}
    return {"resources": resources, **more}


@pytest.mark.parametrize(
    ("spec", "requests", "limits"),
    [
        ({"containers": [asked("1"), asked("500m")]}, "3/2", None),
        ({"containers": [asked("1", "2"), asked("", "1")]}, "2", "3"),  # what is limited alone is requested so
        ({"containers": [asked("1")], "initContainers": [asked("3")]}, "3", None),
        ({"containers": [asked("2")], "initContainers": [asked("1")]}, "2", None),
        ({"containers": [asked("2")], "initContainers": [asked("1", restartPolicy="Always")]}, "3", None),
        ({"containers": [asked("2")], "overhead": {"cpu": "250m"}}, "9/4", None),
        ({"containers": [asked("much")]}, None, None),
        ({"containers": [{"resources": "broken"}]}, None, None),
    ],
)
def test_how_much_cpu_a_pod_asks_for(spec: dict[str, Any], requests: str | None, limits: str | None) -> None:
    found = amounts_of(spec)
    assert found.get("requests.cpu") == (Fraction(requests) if requests else None)
    assert found.get("limits.cpu") == (Fraction(limits) if limits else None)
