# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images under another name, in every kind that has Pods."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.images import (
    POD_SPECS,
    change_images,
    compile_images,
)

FACTS = PrepareContext(image_mapping=(("registry.example", "mirror.dr"),))


def inside(body, path):
    for name in path:
        body = body[name]
    return body


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("cronjobs.batch", "report"),
        ("daemonsets.apps", "agent"),
        ("deployments.apps", "web"),
        ("jobs.batch", "migrate"),
        ("pods", "lonely"),
        ("replicasets.apps", "web-58864b8ddc"),
        ("statefulsets.apps", "db"),
    ],
)
def test_the_images_of_a_recorded_object_and_nothing_else_are_changed(resource, name):
    body = recorded.body(resource, "shop", name)
    after = change_images(resource, body, FACTS)
    assert body == recorded.body(resource, "shop", name)
    containers = inside(after, POD_SPECS[resource])["containers"]
    assert all(container["image"].startswith("mirror.dr/") for container in containers)
    back = PrepareContext(image_mapping=(("mirror.dr", "registry.example"),))
    assert change_images(resource, after, back) == body


@pytest.mark.parametrize("resource", POD_SPECS)
def test_init_containers_too(resource):
    body = {"image": "registry.example/a"}
    for name in reversed((*POD_SPECS[resource], "initContainers")):
        body = {name: [body] if name == "initContainers" else body}
    assert "mirror.dr/a" in str(change_images(resource, body, FACTS))


@pytest.mark.parametrize(
    ("rows", "before", "after"),
    [
        ((("1.1.1.1:5000", "2.2.2.2:3000"),), "1.1.1.1:5000/abc:test", "2.2.2.2:3000/abc:test"),
        ((("5000", "3000"),), "1.1.1.1:5000/abc:test", "1.1.1.1:3000/abc:test"),
        ((("abc:test", "edf:test"),), "1.1.1.1:5000/abc:test", "1.1.1.1:5000/edf:test"),
        ((("a", "b"),), "a/a:a", "b/b:b"),
        ((("none", "x"), ("a", "b"), ("b", "c")), "a/x", "b/x"),
        ((("none", "x"),), "a/x", "a/x"),
        ((("a", "b"),), None, None),
        ((("a", "b"),), ["a"], ["a"]),
        ((), "a", "a"),
    ],
)
def test_the_first_row_that_fits_counts_and_is_replaced_everywhere(rows, before, after):
    body = {"spec": {"containers": [{"image": before}]}}
    assert change_images("pods", body, PrepareContext(image_mapping=rows)) == {
        "spec": {"containers": [{"image": after}]}
    }


@pytest.mark.parametrize("resource", ["configmaps", "deployments.example.org", "widgets.example.org"])
def test_another_type_stays_as_it_is(resource):
    body = {"spec": {"containers": [{"image": "registry.example/a"}]}}
    assert change_images(resource, body, FACTS) is body


@pytest.mark.parametrize("spec", [None, "x", {"containers": None}, {"containers": ["x", None, {}]}])
def test_a_malformed_spec_is_left_to_the_server(spec):
    body = {"spec": spec}
    assert change_images("pods", body, FACTS) is body


@pytest.mark.parametrize(
    ("row", "compiled"),
    [
        ("a,b", ("a", "b")),
        (" a , b ", ("a", "b")),
        ("a", None),
        ("a,", None),
        (",b", None),
        ("a, ", None),
        ("a,b,c", None),
        ("", None),
    ],
)
def test_a_row_is_what_was_and_what_shall_be(row, compiled):
    rows, problems = compile_images(["x,y", row])
    assert rows == (("x", "y"), *([compiled] if compiled else []))
    assert len(problems) == (compiled is None)
    assert all(problem.startswith("image_mapping: ") for problem in problems)
