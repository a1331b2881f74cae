# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Velero's recorded restores, done again by ours on a real API server.

The target must end as Velero left it, and each object's outcome must be Velero's in our words. What differs stands in
a table with the line of the behaviour's description (docs, "Where this collection differs from Velero") it comes from.
The recordings are of Kubernetes 1.36; what other versions serve otherwise stands in kubernetes_versions.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from kubernetes_versions import as_served, minor_of
from restoring import BACKUP_02, GOLDEN, by_place, run_restore, views
from scenes import drift

OWNED = "overwrites what the standby's own control plane owns: cluster-owned objects are left alone"
CONTROLLER = "Endpoints of live Services overwritten: what controllers make is left to them"
NAMESPACE = "existing namespaces never updated: update sets labels and annotations, never removes any"
ADMITTED = "a refused patch is updated when the rebased patch is accepted: its image may change"
COMPARED = "compares managedFields, and so labels no ServiceAccount that it made itself: ours is equal and labelled"
DEFINED = "custom resource without its CRD fails: the CRD is pulled in from the backup"
QUIRK = "labels with the controller's uid go from a Job's own metadata too, where Velero keeps them (a quirk)"
CONTROLLED = "controlled objects patched in vain: created when missing, never patched"
STOOD = "makes children beside those of a workload that stood before the run: ours leaves them to its controller"

BOOKS = "annotations in which controllers keep their books are the target's, those that it lacks too"
MERGED = "what a merge of a ServiceAccount does not take over is not told: ours names it, and is not in sync"
DEFAULTED = "a field that this version defaults is not the backup's: ours says that it equals after admission"

CONTROLLER_GENERATED = {
    "endpoints|shop|balancer": CONTROLLER,
    "endpoints|shop|db": CONTROLLER,
    "endpoints|shop|node-auto": CONTROLLER,
    "endpoints|shop|web": CONTROLLER,
}
CLUSTER_OWNED = {
    "configmaps|billing|kube-root-ca.crt": OWNED,
    "configmaps|default|kube-root-ca.crt": OWNED,
    "configmaps|shop|kube-root-ca.crt": OWNED,
}


@dataclass(frozen=True)
class Replay:
    """One recorded run: what Velero did, and in which objects ours ends elsewhere and why."""

    scenario: str
    policy: str
    standby: bool
    suffix: str = ""
    elsewhere: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    """What Velero's Restore said beside the policy, as options of ours."""
    otherwise: tuple[tuple[str, str], ...] = ()
    """Objects with another outcome than Velero's in our words, and why."""
    defaulted: tuple[tuple[int, str, str], ...] = ()
    """The same from a minor version of Kubernetes on."""

    @property
    def restore_name(self) -> str:
        return f"restore{self.suffix or '-1'}"

    def otherwise_on(self, minor: int) -> set[str]:
        """Objects with another outcome on this version of Kubernetes."""
        return {*dict(self.otherwise), *(key for since, key, _why in self.defaulted if minor >= since)}


API_SERVER = (("endpoints|default|kubernetes", OWNED),)


def not_made(namespace: str) -> tuple[tuple[str, str], ...]:
    """What controllers and the control plane make in a namespace, and Velero restores all the same; and its Job."""
    made = (f"endpoints|{namespace}|{service}" for service in ("balancer", "db", "node-auto", "web"))
    return (
        *API_SERVER,
        (f"configmaps|{namespace}|kube-root-ca.crt", OWNED),
        (f"jobs.batch|{namespace}|migrate", QUIRK),
        *((key, CONTROLLER) for key in made),
    )


def not_patched(namespace: str) -> tuple[tuple[str, str], ...]:
    """Objects with a controlling owner in the backup: Velero labels them again."""
    return (
        (f"controllerrevisions.apps|{namespace}|agent-664875d94b", CONTROLLED),
        (f"controllerrevisions.apps|{namespace}|db-668ffbf4f4", CONTROLLED),
        (f"pods|{namespace}|db-0", CONTROLLED),
        (f"pods|{namespace}|web-58864b8ddc-c4294", CONTROLLED),
        (f"pods|{namespace}|web-58864b8ddc-hm5lx", CONTROLLED),
        (f"pods|{namespace}|web-58864b8ddc-pf8px", CONTROLLED),
        (f"replicasets.apps|{namespace}|web-58864b8ddc", CONTROLLED),
    )


JOB = (("jobs.batch|shop|migrate", QUIRK),)
NO_SECRETS = {"include_cluster_resources": False, "excluded_resources": ["secrets"]}

NOT_MADE = (*CONTROLLER_GENERATED.items(), *CLUSTER_OWNED.items(), ("endpoints|default|kubernetes", OWNED))
UPDATED = (
    *NOT_MADE,
    ("services|default|kubernetes", OWNED),
    ("namespaces||shop", NAMESPACE),
    ("pods|shop|lonely", ADMITTED),
    ("deployments.apps|shop|web", BOOKS),
)
LEFT = (
    ("controllerrevisions.apps|shop|db-668ffbf4f4", STOOD),
    ("pods|shop|db-0", STOOD),
    ("pods|shop|web-58864b8ddc-c4294", STOOD),
    ("pods|shop|web-58864b8ddc-hm5lx", STOOD),
    ("pods|shop|web-58864b8ddc-pf8px", STOOD),
    ("replicasets.apps|shop|web-58864b8ddc", STOOD),
)
"""Of the Deployment and the StatefulSet that the drifted standby has."""
KEPT_BY_A_MERGE = (("ServiceAccount shop/robot", MERGED),)
NOT_CREATED = (
    *KEPT_BY_A_MERGE,
    ("ControllerRevision shop/db-668ffbf4f4", STOOD),
    ("Pod shop/db-0", STOOD),
    ("Pod shop/web-58864b8ddc-c4294", STOOD),
    ("Pod shop/web-58864b8ddc-hm5lx", STOOD),
    ("Pod shop/web-58864b8ddc-pf8px", STOOD),
    ("ReplicaSet shop/web-58864b8ddc", STOOD),
)
UPDATED_AGAIN = (
    *UPDATED,
    *not_patched("shop"),
    ("serviceaccounts|billing|default", COMPARED),
    ("serviceaccounts|default|default", COMPARED),
)
MAPPED = (
    ("included_namespaces", ["shop"]),
    ("namespace_mapping", {"shop": "shop-dr"}),
    ("preserve_node_ports", True),
)
SELECTED = (
    ("included_resources", ["configmaps", "deploy", "widgets.example.org"]),
    ("label_selector", {"matchLabels": {"app": "web"}}),
)
WITH_STATUS = (
    ("included_namespaces", ["shop"]),
    ("restore_status", {"included_resources": ["widgets.example.org"], "excluded_resources": []}),
)
RUNS = {
    "fresh-default": [Replay("fresh-default", "none", False, elsewhere=(*NOT_MADE, *JOB))],
    "drift-default": [Replay("drift-default", "none", True, elsewhere=(*NOT_MADE, *LEFT), otherwise=NOT_CREATED)],
    "drift-none": [Replay("drift-none", "none", True, elsewhere=(*NOT_MADE, *LEFT), otherwise=NOT_CREATED)],
    "drift-update": [
        Replay("drift-update", "update", True, elsewhere=(*UPDATED, *LEFT), otherwise=NOT_CREATED),
        Replay("drift-update", "update", True, "-2", elsewhere=UPDATED_AGAIN, otherwise=KEPT_BY_A_MERGE),
    ],
    "map-namespace": [
        Replay("map-namespace", "update", True, elsewhere=not_made("shop-dr"), options=MAPPED),
        Replay(
            "map-namespace",
            "update",
            True,
            "-2",
            elsewhere=(
                *not_made("shop-dr"),
                *not_patched("shop-dr"),
                ("serviceaccounts|shop-dr|default", COMPARED),
            ),
            options=MAPPED,
            defaulted=((37, "StatefulSet shop-dr/db", DEFAULTED),),
        ),
    ],
    "filter-select": [
        Replay(
            "filter-select",
            "update",
            True,
            elsewhere=(*API_SERVER, ("deployments.apps|shop|web", BOOKS)),
            options=SELECTED,
        )
    ],
    "restore-status": [
        Replay(
            "restore-status",
            "update",
            False,
            elsewhere=not_made("shop"),
            options=WITH_STATUS,
            otherwise=(("Widget shop/gear", DEFINED), ("CustomResourceDefinition widgets.example.org", DEFINED)),
        )
    ],
}


# Fine-grained restore filters, recorded with Velero's main branch of August 2026


def by_policy(scenario: str, elsewhere: Iterable[str], **more: Any) -> Replay:
    """With the policies as the ConfigMap holds them, and what else the Restore said; onto an empty cluster."""
    options = {"resource_policies": (GOLDEN / scenario / "policies.yaml").read_text(), **more}
    why = {**dict.fromkeys(elsewhere, OWNED), **dict(API_SERVER)}
    return Replay(scenario, "none", False, elsewhere=tuple(why.items()), options=tuple(options.items()))


def certificates(*namespaces: str) -> list[str]:
    return [f"configmaps|{namespace}|kube-root-ca.crt" for namespace in namespaces]


BY_POLICY = [
    by_policy("p-labels", certificates("billing", "default")),
    by_policy("p-names", certificates("billing", "default")),
    by_policy("p-exact", certificates("billing")),
    by_policy("p-gate", certificates("billing", "default", "shop"), **NO_SECRETS),
    replace(by_policy("p-cluster", (), include_cluster_resources=True), elsewhere=(*NOT_MADE, *JOB)),
    replace(
        by_policy("p-catchall", (), label_selector="app=web"),
        elsewhere=not_made("shop"),
        otherwise=(("Widget shop/gear", DEFINED), ("CustomResourceDefinition widgets.example.org", DEFINED)),
    ),
]
RUNS |= {replay.scenario: [replay] for replay in BY_POLICY}


def recorded(replay: Replay, name: str) -> Any:
    return json.loads((GOLDEN / replay.scenario / f"{name}{replay.suffix}.json").read_text())


@pytest.mark.parametrize("scenario", RUNS)
def test_the_target_ends_as_velero_left_it_and_outcomes_are_velero_s_in_our_words(scenario):
    with ControlPlane() as target:
        prepare_standby(target, RUNS[scenario][0])
        for replay in RUNS[scenario]:
            run = run_restore(
                target.kubeconfig,
                restore_name=replay.restore_name,
                existing_resource_policy=replay.policy,
                **dict(replay.options),
            )
            differing = dict(differences(target, recorded(replay, "after")))
            assert differing.keys() == dict(replay.elsewhere).keys(), differing
            strange = dict(strange_outcomes(replay, run))
            assert strange.keys() == replay.otherwise_on(minor_of(target)), strange
            assert warnings_of(run) <= velero_warnings(replay)


# The target


def prepare_standby(target: ControlPlane, replay: Replay) -> None:
    """What stood there before Velero's run: its own definitions always, in the drift scenarios drifted objects."""
    with tarfile.open(BACKUP_02) as archive:
        for member in archive.getmembers():
            if re.fullmatch(r"resources/customresourcedefinitions[^/]+/cluster/[a-z]+\.velero\.io\.json", member.name):
                definition = json.load(archive.extractfile(member))
                definition["metadata"] = {"name": definition["metadata"]["name"]}
                target.apply(yaml.safe_dump(definition))
    if replay.standby:
        drift(target)


def differences(target: ControlPlane, after: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Keys of the recorded objects that the target has otherwise, with both sides."""
    minor = minor_of(target)
    for key, recorded_body in after.items():
        velero = as_served(minor, recorded_body)
        status, ours = target.api("GET", target.path_of(velero))
        live = comparable(ours) if status == 200 else None
        if live != comparable(velero):
            yield key, {"ours": live, "velero": comparable(velero)}


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run: uids, times, generated names, allocated addresses and ports."""
    metadata = {name: value for name, value in body["metadata"].items() if name in KEPT and value}
    rest = {name: value for name, value in body.items() if name not in ("metadata", "status")}
    uid = body["metadata"].get("uid", "-")
    text = json.dumps({**rest, "metadata": metadata}, sort_keys=True).replace(uid, "UID")
    for pattern, instead in GENERATED:
        text = re.sub(pattern, instead, text)
    return json.loads(text)


KEPT = ("name", "namespace", "labels", "annotations", "finalizers")
GENERATED = (
    (r"kube-api-access-[a-z0-9]{5}", "kube-api-access"),
    (r'"targetPort": \d{5}', '"targetPort": 0'),  # of the API server itself
    (r'"clusterIP": "10\.[0-9.]+"', '"clusterIP": "IP"'),
    (r'"clusterIPs": \["10\.[0-9.]+"\]', '"clusterIPs": ["IP"]'),
    (r'"healthCheckNodePort": \d+', '"healthCheckNodePort": 0'),
    (r'"nodePort": \d+', '"nodePort": 0'),
    (r'"kubernetes.io/service-account.uid": "[^"]+"', '"kubernetes.io/service-account.uid": "UID"'),
    (r'"(batch.kubernetes.io/)?controller-uid": "[^"]+"', r'"\1controller-uid": "UID"'),
)


# The outcomes

Ours = tuple[Outcome, Reason | None]
NONE_TODAY = "none, August 2026"
"""What policy none leaves alone is listed as skipped now, and failed means just that."""
ON_PURPOSE = {(Outcome.SKIPPED, reason) for reason in (Reason.PROTECTED, Reason.CONTROLLER_GENERATED)}
AS_UPDATED = {(Outcome.UPDATED, None), (Outcome.RELABELLED, None), (Outcome.UNCHANGED, None)}
IN_OUR_WORDS: dict[tuple[str, str], set[Ours]] = {
    ("none", "created"): {(Outcome.CREATED, None), *ON_PURPOSE},
    ("none", "updated"): {(Outcome.UPDATED, None), (Outcome.UNCHANGED, None)},  # a ServiceAccount
    ("none", "skipped"): {(Outcome.UNCHANGED, None), (Outcome.SKIPPED, Reason.PROTECTED)},
    ("none", "failed"): {(Outcome.SKIPPED, Reason.EXISTS_DIFFERENT), (Outcome.UNCHANGED, None), *ON_PURPOSE},
    (NONE_TODAY, "created"): {(Outcome.CREATED, None), *ON_PURPOSE},
    (NONE_TODAY, "skipped"): {(Outcome.UNCHANGED, None), (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT), *ON_PURPOSE},
    (NONE_TODAY, "failed"): {(Outcome.FAILED, Reason.NOT_SERVED)},
    ("update", "created"): {(Outcome.CREATED, None), *ON_PURPOSE},
    ("update", "updated"): {*AS_UPDATED, (Outcome.SKIPPED, Reason.HAS_CONTROLLER), *ON_PURPOSE},
    ("update", "skipped"): {
        (Outcome.RELABELLED, None),
        (Outcome.UNCHANGED, None),
        (Outcome.SKIPPED, Reason.HAS_CONTROLLER),
        *ON_PURPOSE,
    },
    ("update", "failed"): {
        (Outcome.FAILED, Reason.REFUSED),
        (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION),
        (Outcome.UPDATED, None),
        (Outcome.RELABELLED, None),
        (Outcome.SKIPPED, Reason.HAS_CONTROLLER),
        *ON_PURPOSE,
    },
}


def strange_outcomes(replay: Replay, run: Run) -> Iterator[tuple[str, tuple[str, Any]]]:
    """What Velero's list says otherwise than ours, or what stands in one list alone."""
    ours = by_place(run)
    for kind, place, said in velero_list(replay):
        result = ours.pop((kind, *place), None)
        allowed = IN_OUR_WORDS[NONE_TODAY if replay in BY_POLICY else replay.policy, said]
        if result is None or (result.outcome, result.reason) not in allowed:
            yield f"{kind} {'/'.join(filter(None, place))}", (said, result)
    for result in ours.values():  # Velero lists no Namespace that exists
        if result.key.kind != "Namespace":
            yield f"{result.key.kind} {result.key.name}", ("not listed", result)


def velero_list(replay: Replay) -> Iterator[tuple[str, tuple[str, str], str]]:
    for api_kind, entries in recorded(replay, "resource-list").items():
        for entry in entries:
            name, said = re.fullmatch(r"(.+)\((\w+)\)", entry).groups()
            namespace, _slash, name = name.rpartition("/")
            yield api_kind.rpartition("/")[2], (namespace, name), said


# The warnings


def warnings_of(run: Run) -> set[tuple[str, str]]:
    """(place, text) of the warnings of what policy none left alone; the others are in words of our own."""
    return {(place(result), result.warning) for result in views(run) if result.reason is Reason.EXISTS_DIFFERENT} - {
        ("", "")
    }


def place(result: ObjectResult) -> str:
    return result.key.namespace if result.warning else ""


def velero_warnings(replay: Replay) -> set[tuple[str, str]]:
    said = recorded(replay, "results")["warnings"]
    lists = {"": said.get("cluster", []), **said.get("namespaces", {})}
    return {(where, UNSET.sub(r'\1 "\2"', text)) for where, texts in lists.items() for text in texts}


UNSET = re.compile(r"(?<=could not restore, )(\w+):(\S+)")  # Velero's spelling when no policy was given
