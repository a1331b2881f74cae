# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for types that the definitions of this run bring."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.crds import wait_served
from ansible_collections.standby.velero.plugins.module_utils._errors import Unreachable
from scripted_target import Body, ScriptedTarget, failing

WANTED = [("widgets.example.org", "v1")]


def polls(*served: tuple[str, ...]) -> list[tuple[str, Body]]:
    """What each look at the target's discovery is answered: these versions of Widget are served."""
    return [line for versions in served for line in (("get /api", groups()), ("get /apis", groups(*versions)))]


def groups(*versions: str) -> Body:
    widget = {"resource": "widgets", "responseKind": {"kind": "Widget"}, "scope": "Namespaced", "verbs": ["list"]}
    example = {
        "metadata": {"name": "example.org"},
        "versions": [{"version": version, "resources": [widget]} for version in versions],
    }
    return {"kind": "APIGroupDiscoveryList", "items": [example] if versions else []}


def test_it_is_asked_until_every_wanted_type_is_served_at_its_version():
    pauses: list[float] = []
    target = ScriptedTarget(*polls((), ("v1alpha1",), ("v1", "v1alpha1")))
    discovery = wait_served(target, WANTED, sleep=pauses.append)
    assert discovery.versions("widgets.example.org") == ("v1", "v1alpha1")
    assert target.requests == target.script
    assert len(pauses) == 2


def test_pauses_grow_up_to_a_bound():
    pauses: list[float] = []
    wait_served(ScriptedTarget(*polls(*[()] * 20, ("v1",))), WANTED, sleep=pauses.append)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.2, 5.0)


def test_when_time_is_up_what_is_there_is_given():
    target = ScriptedTarget(*polls(()))
    assert wait_served(target, WANTED, deadline=0).find(*WANTED[0]) is None
    assert target.requests == target.script


def test_a_target_that_does_not_answer_is_told():
    with pytest.raises(Unreachable):
        wait_served(ScriptedTarget(("get /api", failing(Unreachable))), WANTED)
