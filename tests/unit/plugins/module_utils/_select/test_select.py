# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup's objects, sorted out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._apply.carry_out import SETTLED
from ansible_collections.standby.velero.plugins.module_utils._report.objects import is_different, message_of
from ansible_collections.standby.velero.plugins.module_utils._report.velero_results import error_of
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policies import FilterPolicies
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters
from ansible_collections.standby.velero.plugins.module_utils._select.select import select
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason


@dataclass(frozen=True)
class Wanted:
    filters: Filters = field(default_factory=Filters)
    filter_policies: FilterPolicies = field(default_factory=FilterPolicies)
    protect: bool = True
    protect_except: tuple[str, ...] = ()
    skip_controlled: bool = False
    state_namespace: str = "standby-velero"


@dataclass
class InMemory:
    """A catalogue without an archive; notes how often each body is read."""

    items: tuple[BackupItem, ...] = ()
    uids: frozenset[str] = frozenset()
    bodies: dict[BackupItem, dict] = field(default_factory=dict)
    reads: list[BackupItem] = field(default_factory=list)

    def body(self, item):
        self.reads.append(item)
        return self.bodies[item]


def item_of(resource, namespace, body, problem=""):
    metadata = body["metadata"]
    group, _slash, version = body.get("apiVersion", "v1").rpartition("/")
    owner = next((one["uid"] for one in metadata.get("ownerReferences", ()) if one.get("controller")), "")
    key = ObjectKey(group, body.get("kind", "Any"), namespace, metadata["name"])
    return BackupItem(key, resource, version, uid=metadata.get("uid", ""), owner=owner, problem=problem)


def backup_of(*objects):
    """Of (resource, namespace, body[, problem])."""
    bodies = {item_of(*each): each[2] for each in objects}
    items = tuple(sorted(bodies, key=lambda item: (item.key, item.resource)))
    return InMemory(items, frozenset(item.uid for item in items if item.uid), bodies)


def named(name, **rest):
    metadata = {"name": name, **rest.pop("metadata", {})}
    return {"metadata": metadata, **rest}


@pytest.fixture(name="production", scope="module")
def production_backup():
    return backup_of(
        *(
            (resource, namespace, recorded.body(resource, namespace, name))
            for resource, namespace, name in recorded.places()
        )
    )


def settled(change: Change) -> Done:
    """What becomes of an object that is left out: nothing is sent for it."""
    return Done(change, SETTLED[change.action](change))


def names(items):
    return [str(item.key) for item in items]


def test_of_the_recorded_backup_only_the_users_own_objects_are_restored(production):
    selection = select(production, Wanted())
    whole_cluster = [str(item.key) for item in selection.items if not item.key.namespace]
    veleros = [name for name in whole_cluster if name.endswith(".velero.io")]
    assert {name.split()[0] for name in veleros} == {"CustomResourceDefinition.apiextensions.k8s.io"}
    assert sorted(set(whole_cluster) - set(veleros)) == sorted(
        [
            "ClusterRole.rbac.authorization.k8s.io shop-viewer",
            "ClusterRoleBinding.rbac.authorization.k8s.io shop-viewer",
            "CustomResourceDefinition.apiextensions.k8s.io regions.example.org",
            "CustomResourceDefinition.apiextensions.k8s.io widgets.example.org",
            "Namespace billing",
            "Namespace default",
            "Namespace shop",
            "Namespace velero",
            "PersistentVolume pv-ledger",
            "PriorityClass.scheduling.k8s.io shop-critical",
            "Region.example.org north",
            "StorageClass.storage.k8s.io slow",
            "ValidatingWebhookConfiguration.admissionregistration.k8s.io shop-hook",
        ]
    )
    assert selection.namespaces == ("billing", "default", "shop", "velero")
    assert [str(item.key) for item in selection.items if item.key.namespace == "default"] == [
        "ServiceAccount default/default"
    ]
    assert {str(item.key) for item in selection.items if item.resource == "endpoints"} == {"Endpoints shop/manual"}


def test_every_recorded_object_is_restored_skipped_or_not_listed(production):
    selection = select(production, Wanted())
    listed = [item.key for item in selection.items] + [skip.key for skip in selection.left_out]
    unlisted = {str(item.key) for item in production.items if item.key not in listed and item.resource != "events"}
    assert unlisted == {"Job.batch shop/finished", "Pod shop/done", "Pod shop/finished-sz46m"}
    assert len(listed) == len(set(listed))
    assert {skip.reason for skip in selection.left_out} == {Reason.PROTECTED, Reason.CONTROLLER_GENERATED}
    assert {skip.action for skip in selection.left_out} == {Action.SKIP}
    assert not any(map(is_different, map(settled, selection.left_out)))


def test_the_recorded_objects_that_others_control_are_known(production):
    controlled = {str(key) for key in select(production, Wanted()).controlled}
    assert controlled >= {
        "Pod shop/db-0",
        "ReplicaSet.apps shop/web-58864b8ddc",
        "ControllerRevision.apps shop/db-668ffbf4f4",
    }
    skipped = select(production, Wanted(skip_controlled=True))
    assert {str(skip.key) for skip in skipped.left_out if skip.reason is Reason.HAS_CONTROLLER} == controlled
    assert not skipped.controlled


def test_the_order_of_the_backup_does_not_matter(production):
    turned = InMemory(production.items[::-1], production.uids, production.bodies)
    assert select(turned, Wanted()) == select(production, Wanted())


def test_each_body_is_read_once_and_only_when_it_matters(production):
    backup = InMemory(production.items, production.uids, production.bodies)
    select(backup, Wanted(Filters(included_namespaces=("billing",))))
    assert len(backup.reads) == len(set(backup.reads))
    assert {item.key.namespace for item in backup.reads if item.resource != "services"} == {"billing", ""}
    assert names(item for item in backup.reads if not item.key.namespace) == [
        "PersistentVolume pv-ledger",
        "CustomResourceDefinition.apiextensions.k8s.io widgets.example.org",  # its label may exclude it
    ]


@pytest.mark.parametrize(
    ("settings", "restored"),
    [
        (Wanted(), False),
        (Wanted(protect=False), True),
        (Wanted(protect_except=("endpoints/shop/web",)), True),
        (Wanted(protect_except=("endpoints/shop/db",)), False),
    ],
)
def test_endpoints_of_a_selecting_service_are_the_controllers_unless_the_user_says_otherwise(
    production, settings, restored
):
    assert ("Endpoints shop/web" in names(select(production, settings).items)) is restored


def test_without_protection_only_what_velero_leaves_out_is_left_out(production):
    skips = select(production, Wanted(protect=False)).left_out
    assert {skip.key.kind for skip in skips} == {"APIService"}


def test_a_skip_reads_as_a_sentence(production):
    messages = {str(skip.key): message_of(settled(skip)) for skip in select(production, Wanted()).left_out}
    assert (
        messages["Service default/kubernetes"] == "Service default/kubernetes is the target's way to its own API server"
    )
    assert messages["Endpoints shop/web"] == "Endpoints shop/web is made by a controller of the target"


SELECTING = named("web", kind="Service", spec={"selector": {"app": "web"}})


@pytest.mark.parametrize("filters", [Filters(), Filters(excluded_resources=("services",))])
def test_a_service_that_is_not_restored_still_tells_what_a_controller_makes(filters):
    selection = select(backup_of(("services", "shop", SELECTING), ("endpoints", "shop", named("web"))), Wanted(filters))
    assert [skip.reason for skip in selection.left_out] == [Reason.CONTROLLER_GENERATED]


def volume(policy):
    return (
        "persistentvolumes",
        "",
        named("pv", kind="PersistentVolume", spec={"persistentVolumeReclaimPolicy": policy}),
    )


CLAIM = (
    "persistentvolumeclaims",
    "shop",
    named("data", kind="PersistentVolumeClaim", spec={"volumeName": "pv"}, status={"phase": "Bound"}),
)
POD = (
    "pods",
    "shop",
    named(
        "web",
        kind="Pod",
        spec={"priorityClassName": "high", "volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]},
    ),
)
PRIORITY = ("priorityclasses.scheduling.k8s.io", "", named("high", kind="PriorityClass"))
SHOP = Filters(included_namespaces=("shop",))
LABELLED = Filters(label_selector="app=web")


def test_a_pod_pulls_in_its_claim_volume_and_priority_class():
    selection = select(backup_of(volume("Retain"), CLAIM, POD, PRIORITY), Wanted(SHOP))
    assert names(selection.items) == [
        "PersistentVolume pv",
        "PersistentVolumeClaim shop/data",
        "Pod shop/web",
        "PriorityClass high",
    ]
    assert selection.namespaces == ("shop",)
    assert not selection.warnings


@pytest.mark.parametrize(
    ("filters", "pulled"),
    [
        (Filters(("shop",), include_cluster_resources=False), []),
        (Filters(("shop",), excluded_resources=("persistentvolumes",)), ["PriorityClass high"]),
        (Filters(("shop",), included_resources=("pods", "persistentvolumes")), []),
        (
            Filters(("shop",), included_resources=("persistentvolumeclaims", "persistentvolumes")),
            ["PersistentVolume pv"],
        ),
    ],
)
def test_what_a_filter_drops_is_not_pulled_in_and_pulls_in_nothing(filters, pulled):
    selection = select(backup_of(volume("Retain"), CLAIM, POD, PRIORITY), Wanted(filters))
    assert [name for name in names(selection.items) if "shop/" not in name] == pulled
    assert not selection.warnings


@pytest.mark.parametrize("filters", [Filters(), SHOP])
def test_a_volume_that_is_provisioned_anew_is_skipped_once_and_known(filters):
    selection = select(backup_of(volume("Delete"), CLAIM, POD, PRIORITY), Wanted(filters))
    assert [(skip.key.name, skip.reason) for skip in selection.left_out] == [("pv", Reason.DYNAMICALLY_PROVISIONED)]
    assert selection.provisioned_volumes == {"pv"}


def test_a_volume_that_is_not_part_of_the_restore_is_not_provisioned_anew():
    selection = select(backup_of(volume("Delete"), CLAIM), Wanted(Filters(include_cluster_resources=False)))
    assert selection.provisioned_volumes == frozenset()
    assert not selection.left_out


def test_what_is_missing_is_warned_of_and_the_parent_goes_on():
    selection = select(backup_of(POD), Wanted())
    assert names(selection.items) == ["Pod shop/web"]
    assert [text for _key, text in selection.warnings] == [
        "Pod shop/web needs persistentvolumeclaims/shop/data, which is not in the backup",
        "Pod shop/web needs priorityclasses.scheduling.k8s.io/high, which is not in the backup",
    ]


def test_a_system_priority_class_is_not_pulled_in():
    pod = named("web", kind="Pod", spec={"priorityClassName": "system-node-critical"})
    system = named("system-node-critical", kind="PriorityClass")
    selection = select(backup_of(("pods", "shop", pod), (PRIORITY[0], "", system)), Wanted(SHOP))
    assert names(selection.items) == ["Pod shop/web"]
    assert [skip.reason for skip in selection.left_out] == [Reason.PROTECTED]


@pytest.mark.parametrize("metadata", [{"annotations": {"kubernetes.io/config.mirror": "x"}}])
def test_a_pod_that_is_skipped_pulls_in_nothing(metadata):
    pod = ("pods", "shop", named("web", metadata=metadata, spec=POD[2]["spec"]))
    selection = select(backup_of(pod, PRIORITY), Wanted(SHOP))
    assert [skip.reason for skip in selection.left_out] == [Reason.MIRROR_POD]
    assert not selection.items
    assert not selection.warnings


def test_a_broken_object_fails_alone_in_veleros_words():
    broken = ("configmaps", "shop", named("bad", kind="ConfigMap"), "it is not JSON")
    selection = select(backup_of(broken, ("configmaps", "shop", named("good", kind="ConfigMap"))), Wanted())
    [failed] = selection.left_out
    assert names(selection.items) == ["ConfigMap shop/good"]
    assert (failed.action, failed.reason, failed.detail) == (Action.FAIL, Reason.INVALID_OBJECT, "it is not JSON")
    done = settled(failed)
    assert (done.result.outcome, is_different(done)) == (Outcome.FAILED, True)
    assert error_of(done) == 'error decoding "resources/configmaps/namespaces/shop/bad.json": it is not JSON'
    assert message_of(done) == "ConfigMap shop/bad is not a usable object in the backup: it is not JSON"


def test_a_broken_cluster_scoped_object_is_named_by_its_path():
    [failed] = select(backup_of(("namespaces", "", named("bad"), "it is not JSON")), Wanted()).left_out
    assert error_of(settled(failed)) == 'error decoding "resources/namespaces/cluster/bad.json": it is not JSON'


@pytest.mark.parametrize(
    ("place", "filters"),
    [(("configmaps", "kube-system"), Filters()), (("configmaps", "shop"), Filters(excluded_namespaces=("shop",)))],
)
def test_a_broken_object_that_is_not_to_be_restored_fails_nothing(place, filters):
    selection = select(backup_of((*place, named("bad"), "it is not JSON")), Wanted(filters))
    assert all(skip.action is Action.SKIP for skip in selection.left_out)


@pytest.mark.parametrize(
    ("name", "kind", "account"),
    [
        ("robot-token-abcde", "kubernetes.io/service-account-token", "robot"),
        ("my-token-service-token-abcde", "kubernetes.io/service-account-token", "my-token-service"),
        ("robot-token", "kubernetes.io/service-account-token", None),
        ("robot-token-abcde", "Opaque", None),
        ("robot-token-abcde", None, None),
    ],
)
def test_a_token_secret_is_known_by_its_type_and_name(name, kind, account):
    selection = select(backup_of(("secrets", "shop", named(name, kind="Secret", type=kind))), Wanted())
    assert list(selection.tokens.values()) == ([account] if account else [])
    assert len(selection.items) == 1


WIDGET = ("widgets.example.org", "shop", named("gear", apiVersion="example.org/v1", kind="Widget"))
WIDGETS = (
    "customresourcedefinitions.apiextensions.k8s.io",
    "",
    named("widgets.example.org", kind="CustomResourceDefinition"),
)


@pytest.mark.parametrize(
    ("filters", "offered"),
    [
        (Filters(), False),
        (SHOP, True),
        (Filters(included_resources=("widgets.example.org",)), True),
        (Filters(excluded_resources=(WIDGETS[0],)), False),
        (Filters(("shop",), include_cluster_resources=False), False),
        (Filters(("billing",)), False),
    ],
)
def test_the_definition_of_a_custom_resource_is_offered_when_the_filters_do_not_ask_for_it(filters, offered):
    selection = select(backup_of(WIDGET, WIDGETS), Wanted(filters))
    assert bool(selection.definitions) is offered
    assert not offered or WIDGETS[2]["metadata"]["name"] == selection.definitions[0].key.name


def test_a_definition_whose_labels_are_not_selected_is_offered_too():
    gear = named("gear", apiVersion="example.org/v1", kind="Widget", metadata={"labels": {"app": "web"}})
    selection = select(backup_of(("widgets.example.org", "shop", gear), WIDGETS), Wanted(LABELLED))
    assert names(selection.items) == ["Widget.example.org shop/gear"]
    assert [definition.key.name for definition in selection.definitions] == ["widgets.example.org"]


def test_a_definition_that_a_pattern_excludes_is_not_offered():
    assert not select(backup_of(WIDGET, WIDGETS), Wanted(Filters(excluded_resources=("customres*",)))).definitions


def labelled(resource, name, labels, **rest):
    return resource, "shop", named(name, metadata={"labels": labels} if labels else {}, **rest)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (LABELLED, ["web"]),
        (Filters(label_selector={"matchLabels": {"app": "web"}}), ["web"]),
        (Filters(label_selector="!app"), ["bare"]),
        (Filters(label_selector="app!=web"), ["bare", "db"]),
        (Filters(label_selector="app notin (web,db)"), ["bare"]),
        (Filters(or_label_selectors=["app=web", "app=db"]), ["db", "web"]),
        (Filters(or_label_selectors=["app=web", "!app"]), ["bare", "web"]),
        (Filters(("billing",), label_selector="app=web"), []),
    ],
)
def test_labels_in_the_backup_decide(filters, kept):
    backup = backup_of(
        labelled("configmaps", "web", {"app": "web"}),
        labelled("configmaps", "db", {"app": "db"}),
        labelled("configmaps", "bare", None),
    )
    assert [item.key.name for item in select(backup, Wanted(filters)).items] == kept


def test_what_an_object_pulls_in_needs_no_labels():
    pod = labelled("pods", "web", {"app": "web"}, kind="Pod", spec=POD[2]["spec"])
    selection = select(backup_of(volume("Retain"), CLAIM, pod, PRIORITY), Wanted(LABELLED))
    assert names(selection.items) == [
        "PersistentVolume pv",
        "PersistentVolumeClaim shop/data",
        "Pod shop/web",
        "PriorityClass high",
    ]
    assert names(select(backup_of(volume("Retain"), CLAIM, POD, PRIORITY), Wanted(LABELLED)).items) == []


def test_what_labels_do_not_select_is_neither_skipped_nor_listed():
    mirror = {"annotations": {"kubernetes.io/config.mirror": "x"}, "labels": {"app": "db"}}
    backup = backup_of(("pods", "shop", named("web", metadata=mirror)), volume("Delete"))
    selection = select(backup, Wanted(LABELLED))
    assert not selection.left_out
    assert not selection.provisioned_volumes


def test_a_broken_object_fails_whatever_labels_are_selected():
    broken = ("configmaps", "shop", named("bad", kind="ConfigMap"), "it is not JSON")
    assert [skip.reason for skip in select(backup_of(broken), Wanted(LABELLED)).left_out] == [Reason.INVALID_OBJECT]


def test_a_service_that_labels_do_not_select_still_tells_what_a_controller_makes():
    endpoints = labelled("endpoints", "web", {"app": "web"})
    selection = select(backup_of(("services", "shop", SELECTING), endpoints), Wanted(LABELLED))
    assert [skip.reason for skip in selection.left_out] == [Reason.CONTROLLER_GENERATED]


def namespace(name, **labels):
    return "namespaces", "", named(name, kind="Namespace", metadata={"labels": labels})


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), ("empty", "shop")),
        (Filters(label_selector="team=a"), ("empty",)),
        (Filters(("shop",)), ()),
        (Filters(("shop",), include_cluster_resources=True), ("empty", "shop")),
        (Filters(excluded_resources=("namespaces",)), ()),
        (Filters(include_cluster_resources=False), ()),
    ],
)
def test_a_selected_namespace_must_be_there_though_nothing_lies_in_it(filters, kept):
    assert select(backup_of(namespace("empty", team="a"), namespace("shop")), Wanted(filters)).namespaces == kept


def test_a_protected_namespace_need_not_be_there():
    assert not select(backup_of(namespace("kube-system")), Wanted()).namespaces


def test_of_the_recorded_backup_velero_selects_by_label_what_we_do(production):
    filters = Filters(
        included_resources=("configmaps", "deployments.apps", "widgets.example.org"),
        label_selector={"matchLabels": {"app": "web"}},
    )
    selection = select(production, Wanted(filters))
    assert names(selection.items) == [
        "ConfigMap shop/app-config",
        "ConfigMap shop/same",
        "Deployment.apps shop/web",
        "Widget.example.org shop/gear",
    ]


ODD = [None, "x", 7, [], ["x"], {"labels": "x", "annotations": []}]


@pytest.mark.parametrize(
    ("resource", "part"), [*itertools.product(("pods", "services", "secrets", "persistentvolumes"), ODD)]
)
def test_a_malformed_body_is_handed_on(resource, part):
    item = BackupItem(ObjectKey("", "Any", "shop", "odd"), resource, "v1")
    body = {"metadata": part, "spec": part, "status": part, "type": part}
    assert select(InMemory((item,), frozenset(), {item: body}), Wanted()).items == (item,)


def test_an_empty_backup_selects_nothing():
    selection = select(InMemory(), Wanted())
    assert not selection.items
    assert not selection.left_out


# Children that are their owner's by UID


def owned(resource: str, name: str, owner: str, kind: str, version: str) -> tuple:
    ref = {"apiVersion": version, "kind": kind, "name": owner, "uid": f"u-{owner}", "controller": True}
    body = named(name, metadata={"uid": f"u-{name}", "ownerReferences": [ref]})
    return resource, "shop", body


EPHEMERAL = {"volumes": [{"name": "tmp", "ephemeral": {"volumeClaimTemplate": {}}}]}
CHILDREN = {
    "a CronJob's Job": owned("jobs.batch", "night-1", "night", "CronJob", "batch/v1"),
    "its Pod": owned("pods", "night-1-x", "night-1", "Job", "batch/v1"),
    "a ReplicaSet's Pod": owned("pods", "web-x", "web", "ReplicaSet", "apps/v1"),
    "a Pod's claim": owned("persistentvolumeclaims", "lonely-tmp", "lonely", "Pod", "v1"),
    "a claim that a Pod only owns": owned("persistentvolumeclaims", "lonely-data", "lonely", "Pod", "v1"),
    "a Pod's resource claim": owned("resourceclaims.resource.k8s.io", "lonely-gpu-x", "lonely", "Pod", "v1"),
}
PARENTS = (
    ("cronjobs.batch", "shop", named("night", metadata={"uid": "u-night"})),
    ("replicasets.apps", "shop", named("web", metadata={"uid": "u-web"})),
    ("pods", "shop", named("lonely", metadata={"uid": "u-lonely"}, spec=EPHEMERAL)),
)


@pytest.mark.parametrize("protect", [True, False])
def test_children_by_uid_are_left_to_their_owner_whatever_the_options_say(protect):
    selection = select(backup_of(*PARENTS, *CHILDREN.values()), Wanted(protect=protect))
    left = {change.key.name: change.reason for change in selection.left_out}
    assert left == {
        "night-1": Reason.HAS_CONTROLLER,
        "night-1-x": Reason.HAS_CONTROLLER,
        "lonely-tmp": Reason.CONTROLLER_GENERATED,
        "lonely-gpu-x": Reason.CONTROLLER_GENERATED,
    }
    assert [item.key.name for item in selection.items if item.owner] == ["lonely-data", "web-x"]


def test_they_are_when_a_filter_leaves_their_owner_out_too():
    wanted = Wanted(Filters(included_resources=("jobs.batch", "persistentvolumeclaims")))
    selection = select(backup_of(*PARENTS, *CHILDREN.values()), wanted)
    assert {change.key.name for change in selection.left_out} == {"night-1", "lonely-tmp"}
    assert [item.key.name for item in selection.items] == ["lonely-data"]


def test_a_job_whose_cronjob_production_no_longer_has_stands_for_itself():
    selection = select(backup_of(CHILDREN["a CronJob's Job"]), Wanted())
    assert [item.key.name for item in selection.items] == ["night-1"]


def test_a_claim_goes_by_its_name_when_its_pod_is_broken():
    broken = (*PARENTS[2], "broken")
    selection = select(backup_of(broken, CHILDREN["a Pod's claim"]), Wanted())
    assert [change.reason for change in selection.left_out] == [Reason.INVALID_OBJECT, Reason.CONTROLLER_GENERATED]
