# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts are field paths: those of Kubernetes' own field.Path, and nothing that could be a sentence."""

from __future__ import annotations

import time

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.grammar import is_field


@pytest.mark.parametrize(
    "field",
    [
        "spec",
        "spec.template.spec.containers[0].image",
        "spec.ports[12].nodePort",
        "metadata.annotations[example.org/owner]",
        "metadata.labels[app.kubernetes.io/name]",
        'data["tls.crt"]',
        "data['.dockerconfigjson']",
        "data[.dockerconfigjson]",
        ".spec.replicas",
        "spec.x-kubernetes-validations[0].rule",
        "spec.versions[0].schema.openAPIV3Schema.properties[spec].$ref",
        "spec.clusterIPs[0]",
        "roleRef",
    ],
)
def test_paths_of_kubernetes_are_fields(field: str) -> None:
    assert is_field(field)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "spec.",
        "spec..a",
        "spec[]",
        "spec[a b]",
        "spec[0",
        "spec]0[",
        'spec["a]',
        "spec['a\"]",
        "spec[0]a",
        "spec a",
        "spec: a",
        "spec=a",
        "spec,a",
        "spec\n",
        "spec\x00",
        "spec\x1b[31m",
        "spec[\u202e]",
        "späc",
        "0spec",
        "[0]",
        "<nil>",
        "the value 'x'",
        "a" * 1025,
        "a" + ".a" * 100,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_field(text)


@pytest.mark.parametrize("text", ["a" * 1000 + " ", "a[" * 500, "a." * 500, "a[a" * 330 + "]", "[" * 1000])
def test_a_text_made_to_take_long_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    for _time in range(100):
        assert not is_field(text)
    assert time.perf_counter() - began < 1
