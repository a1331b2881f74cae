# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: Pods and Services as production's admission and network left them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from cases import Case, case, said_of, under
from controlplane import ControlPlane
from restoring import views
from scenes import edit, put


def left_alone(found: Case) -> None:
    """A second run finds nothing to do."""
    again = found.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


# Pods


def test_a_pod_comes_without_the_containers_that_somebody_debugged_it_with(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    found = case("ephemeral-containers", controlplane, tmp_path)
    found.create_live()
    first = found.run()
    assert said_of(first, "Pod", "api").outcome is Outcome.CREATED
    assert not [view for view in views(first) if view.outcome is Outcome.FAILED]
    assert "ephemeralContainers" not in found.get("Pod", "api")["spec"]
    left_alone(found)


def test_a_pod_that_is_debugged_on_the_target_keeps_its_debugger(controlplane: ControlPlane, tmp_path: Path) -> None:
    found = under(case("ephemeral-containers", controlplane, tmp_path), "debugged")
    found.create_live()
    found.run()
    path = f"{found.target.path_of(found.body('Pod', 'api'))}/ephemeralcontainers"
    debugger = {"spec": {"ephemeralContainers": [{"name": "mine", "image": "busybox", "targetContainerName": "main"}]}}
    status, answer = found.target.api("PATCH", path, debugger, "application/strategic-merge-patch+json")
    assert status == 200, answer
    left_alone(found)
    assert [one["name"] for one in found.get("Pod", "api")["spec"]["ephemeralContainers"]] == ["mine"]


def test_a_pod_has_the_overhead_of_the_target_s_runtime_class(controlplane: ControlPlane, tmp_path: Path) -> None:
    found = case("pod-overhead", controlplane, tmp_path)
    found.create_live()
    first = found.run()
    assert said_of(first, "Pod", "sandboxed").outcome is Outcome.CREATED
    assert found.get("Pod", "sandboxed")["spec"]["overhead"] == {"cpu": "100m", "memory": "120Mi"}
    left_alone(found)
    assert not changed(found.run(existing_resource_policy="update", label_unchanged=False).done)


@pytest.mark.parametrize("of_target", [None, {"cpu": "1"}], ids=["none", "another"])
def test_a_pod_that_stands_keeps_its_overhead(
    controlplane: ControlPlane, tmp_path: Path, of_target: dict[str, str] | None
) -> None:
    name = "overhead-none" if of_target is None else "overhead-other"
    found = under(case("pod-overhead", controlplane, tmp_path), name, "kata")
    for body in found.live:
        if body["kind"] == "RuntimeClass":
            body["overhead"] = {"podFixed": of_target} if of_target else None
    found.create_live()
    found.run()
    assert found.get("Pod", "sandboxed")["spec"].get("overhead") == of_target
    left_alone(found)


@pytest.mark.parametrize("preempts", ["Never", "PreemptLowerPriority"])
def test_a_pod_preempts_as_the_target_s_priority_class_says(
    controlplane: ControlPlane, tmp_path: Path, preempts: str
) -> None:
    found = under(case("ephemeral-containers", controlplane, tmp_path), f"preempts-{preempts.lower()}")
    name = f"urgent-{preempts.lower()}"
    other = "PreemptLowerPriority" if preempts == "Never" else "Never"
    found.body("Pod", "api")["spec"] |= {"priorityClassName": name, "priority": 7, "preemptionPolicy": other}
    found.create_live()
    put(
        found.target,
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": 100,
            "preemptionPolicy": preempts,
        },
    )
    first = found.run()
    assert said_of(first, "Pod", "api").outcome is Outcome.CREATED
    spec = found.get("Pod", "api")["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (100, preempts)
    left_alone(found)


# Another network


def test_a_service_that_prefers_two_families_takes_the_one_that_there_is(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    found = case("prefer-dual-stack", controlplane, tmp_path)
    found.create_live()
    first = found.run()
    assert said_of(first, "Service", "prefer").outcome is Outcome.CREATED
    spec = found.get("Service", "prefer")["spec"]
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4"], "PreferDualStack")
    require = said_of(first, "Service", "require")
    assert (require.outcome, require.reason) == (Outcome.FAILED, Reason.REFUSED)
    assert any(field in require.message for field in ("spec.ipFamilies[1]", "spec.ipFamilyPolicy"))
    assert [view.key.name for view in views(first) if view.outcome is Outcome.FAILED] == ["require"]
    again = found.run()
    assert said_of(again, "Service", "prefer").outcome is Outcome.UNCHANGED
    assert not changed(again.done)


def test_a_service_of_one_family_that_the_target_lacks_fails_clearly(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    found = under(case("prefer-dual-stack", controlplane, tmp_path), "single-stack")
    families = {"ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack", "clusterIP": "fd00:3::30"}
    found.body("Service", "prefer")["spec"] |= {**families, "clusterIPs": ["fd00:3::30"]}
    found.create_live()
    said = said_of(found.run(), "Service", "prefer")
    assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.REFUSED)
    assert "spec.ipFamilies[0]" in said.message


# Order


def test_a_runtime_class_comes_before_the_pods_that_need_it(controlplane: ControlPlane, tmp_path: Path) -> None:
    found = case("runtime-class-first", controlplane, tmp_path)
    found.create_live()
    planned = found.run(check=True)
    said = said_of(planned, "Pod", "sandboxed")
    assert (said.outcome, said.reason) == (Outcome.CREATED, Reason.UNVERIFIED)
    assert not [view for view in views(planned) if view.outcome is Outcome.FAILED]
    first = found.run()
    assert {said_of(first, *place).outcome for place in (("RuntimeClass", "gvisor"), ("Pod", "sandboxed"))} == {
        Outcome.CREATED
    }
    assert not [view for view in views(first) if view.outcome is Outcome.FAILED]
    left_alone(found)


def test_an_ingress_class_comes_before_its_ingresses(controlplane: ControlPlane, tmp_path: Path) -> None:
    found = under(case("runtime-class-first", controlplane, tmp_path), "ingress-class")
    found.objects = [one for one in found.objects if one[1]["kind"] == "Namespace"]
    space, group = found.space("shop"), "networking.k8s.io"
    rules = [{"host": "shop.example.org"}]
    for resource, namespace, name, body in (
        (f"ingressclasses.{group}", "", "edge", {"kind": "IngressClass", "spec": {"controller": "example.org/edge"}}),
        (f"ingresses.{group}", space, "web", {"kind": "Ingress", "spec": {"ingressClassName": "edge", "rules": rules}}),
    ):
        found.objects.append((resource, complete(resource, namespace, name, body)))
    found.create_live()
    posts: list[str] = []

    def look(method: str, path: str, _body: object) -> None:
        if method == "POST" and group in path:
            posts.append(path.rpartition("/")[2])

    first = found.run(before=look)
    assert not [view for view in views(first) if view.outcome is Outcome.FAILED]
    assert posts == ["ingressclasses", "ingresses"]
    left_alone(found)


# Status without a subresource


def test_a_status_without_a_subresource_goes_with_its_object(controlplane: ControlPlane, tmp_path: Path) -> None:
    found = case("status-without-subresource", controlplane, tmp_path)
    found.options["restore_status"]["excluded_resources"] = []
    wanted = {"phase": "Succeeded", "finishedAt": "2026-03-01T09:00:00Z"}
    first = found.run()
    said = said_of(first, "Workflow", "build-42")
    assert (said.outcome, said.reason) == (Outcome.CREATED, None)
    assert found.get("Workflow", "build-42")["status"] == wanted
    left_alone(found)
    for change in ({"status": {"phase": "Failed"}}, {"status": {"phase": "Failed"}, "spec": {"entrypoint": "other"}}):
        edit(found.target, found.body("Workflow", "build-42"), change)
        for check in (True, False):
            said = said_of(found.run(check=check), "Workflow", "build-42")
            assert (said.outcome, said.reason) == (Outcome.UPDATED, None)
        now = found.get("Workflow", "build-42")
        assert (now["status"], now["spec"]) == (wanted, {"entrypoint": "main"})
        left_alone(found)
    relabelled = found.run(restore_name="another")
    assert said_of(relabelled, "Workflow", "build-42").outcome is Outcome.RELABELLED
    edit(found.target, found.body("Workflow", "build-42"), {"status": {"phase": "Failed"}})
    writes: list[str] = []

    def look(method: str, path: str, _body: object) -> None:
        if method == "PATCH" and "/workflows/" in path:
            writes.append(path.rpartition("/")[2])

    both = found.run(before=look, restore_name="a-third")
    assert said_of(both, "Workflow", "build-42").outcome is Outcome.UPDATED
    assert writes == ["build-42"]
