# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: which addresses and ports were the user's own."""

from __future__ import annotations

import json

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.service import LAST_APPLIED, rewrite

NAMED = {"name": "http", "port": 80, "protocol": "TCP", "nodePort": 30080}
UNNAMED = {"port": 80, "protocol": "TCP", "nodePort": 30080}
OWNED = {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:nodePort": {}}}}}
UNOWNED = {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:port": {}}}}}


def service(spec, applied=None, fields=None):
    metadata = {"name": "s"}
    if applied is not None:
        metadata["annotations"] = {LAST_APPLIED: applied if isinstance(applied, str) else json.dumps(applied)}
    if fields is not None:
        metadata["managedFields"] = [{"fieldsV1": fields}]
    return {"metadata": metadata, "spec": spec}


def ports(*of):
    return {"spec": {"ports": list(of)}}


@pytest.mark.parametrize(
    ("port", "applied", "fields", "stays"),
    [
        pytest.param(NAMED, None, None, False, id="nothing says that it is the user's"),
        pytest.param(NAMED, None, OWNED, True, id="a manager owns it"),
        pytest.param(UNNAMED, None, OWNED, True, id="a manager owns the one of an unnamed port"),
        pytest.param(NAMED, None, UNOWNED, False, id="a manager owns the port but not its nodePort"),
        pytest.param({**NAMED, "port": 81}, None, OWNED, False, id="a manager owns another port's"),
        pytest.param({**NAMED, "protocol": "UDP"}, None, OWNED, False, id="a manager owns another protocol's"),
        pytest.param(NAMED, ports(NAMED), None, True, id="the annotation names it"),
        pytest.param(
            NAMED, ports({"name": "http", "nodePort": 31000}), None, True, id="by name the number does not matter"
        ),
        pytest.param(NAMED, ports({"name": "http", "nodePort": "30080"}), None, True, id="the number may be text"),
        pytest.param(NAMED, ports({"name": "http", "nodePort": 30080.0}), None, True, id="the number may be a float"),
        pytest.param(NAMED, ports({"name": "http", "nodePort": 0}), None, False, id="nodePort 0 asks for none"),
        pytest.param(NAMED, ports({"name": "http", "nodePort": "x"}), None, False, id="text that is no number"),
        pytest.param(NAMED, ports({"name": "http", "port": 80}), None, False, id="the annotation names no nodePort"),
        pytest.param(NAMED, ports({"name": "tls", "nodePort": 30080}), None, False, id="another name"),
        pytest.param(NAMED, ports(UNNAMED), None, False, id="a named port is not found by its number"),
        pytest.param(UNNAMED, ports(UNNAMED), None, True, id="an unnamed port is found by its number"),
        pytest.param(UNNAMED, ports({"port": 80, "nodePort": 30081}), None, False, id="another number"),
        pytest.param(NAMED, {"spec": {}}, OWNED, False, id="with an annotation managers do not count"),
        pytest.param(NAMED, "{broken", OWNED, False, id="a broken annotation names no port"),
        pytest.param(NAMED, "[1]", OWNED, False, id="an annotation that is no object names no port"),
        pytest.param(
            NAMED, '{"spec":{"ports":[7,null,"x"]}}', None, False, id="ports that are no maps are passed over"
        ),
    ],
)
def test_a_node_port_stays_when_the_user_had_set_it(port, applied, fields, stays):
    after = rewrite(service({"type": "NodePort", "ports": [port]}, applied, fields), PrepareContext())
    expected = port if stays else {name: value for name, value in port.items() if name != "nodePort"}
    assert after["spec"]["ports"] == [expected]


LOCAL = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 31000}


@pytest.mark.parametrize(
    ("spec", "applied", "fields", "stays"),
    [
        pytest.param(LOCAL, None, None, False, id="allocated"),
        pytest.param(LOCAL, {"spec": {"healthCheckNodePort": 31000}}, None, True, id="in the annotation"),
        pytest.param(LOCAL, {"spec": {"healthCheckNodePort": 0}}, None, False, id="0 in the annotation"),
        pytest.param(LOCAL, None, {"f:spec": {"f:healthCheckNodePort": {}}}, True, id="owned by a manager"),
        pytest.param(
            LOCAL, {}, {"f:spec": {"f:healthCheckNodePort": {}}}, True, id="owned, and an annotation without it"
        ),
        pytest.param(LOCAL, "{broken", None, False, id="a broken annotation"),
        pytest.param({**LOCAL, "externalTrafficPolicy": "Cluster"}, None, None, True, id="not for this traffic policy"),
        pytest.param({**LOCAL, "type": "NodePort"}, None, None, True, id="not for this type"),
    ],
)
def test_the_health_check_port_stays_when_the_user_had_set_it(spec, applied, fields, stays):
    assert ("healthCheckNodePort" in rewrite(service(spec, applied, fields), PrepareContext())["spec"]) is stays


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}, {}),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, {"clusterIP": "None", "clusterIPs": ["None"]}),
        ({"clusterIP": ""}, {}),
    ],
)
def test_allocated_addresses_go_unless_the_service_is_headless(spec, expected):
    assert rewrite(service(spec), PrepareContext())["spec"] == expected


def test_an_external_name_is_untouched():
    body = service({"type": "ExternalName", "externalName": "example.org", "ports": [NAMED]})
    assert rewrite(body, PrepareContext()) == body


@pytest.mark.parametrize("spec", [None, "x", [], {"ports": None}, {"ports": "x"}, {"ports": ["x", None, 1]}])
def test_a_malformed_spec_is_left_to_the_server(spec):
    assert rewrite(service(spec), PrepareContext()) == service(spec)


def test_the_recorded_load_balancer_loses_all_that_was_allocated():
    spec = rewrite(recorded.body("services", "shop", "balancer"), PrepareContext())["spec"]
    assert not {"clusterIP", "clusterIPs", "healthCheckNodePort"} & spec.keys()
    assert [port.get("nodePort") for port in spec["ports"]] == [None, None]
    assert [port["name"] for port in spec["ports"]] == ["http", "tls"]


def test_the_recorded_headless_service_stays_as_it_is():
    body = recorded.body("services", "shop", "db")
    assert rewrite(body, PrepareContext()) == body


@pytest.mark.parametrize("name", ["balancer", "node-auto"])
def test_preserved_ports_stay_whoever_set_them(name):
    body = recorded.body("services", "shop", name)
    after = rewrite(body, PrepareContext(preserve_node_ports=True))
    assert after["spec"] == {
        field: value for field, value in body["spec"].items() if field not in ("clusterIP", "clusterIPs")
    }
    assert all(port["nodePort"] for port in after["spec"]["ports"])
    assert body == recorded.body("services", "shop", name)


@pytest.mark.parametrize(
    ("policy", "families"),
    [
        ("PreferDualStack", None),
        ("RequireDualStack", ["IPv4", "IPv6"]),
        ("SingleStack", ["IPv4", "IPv6"]),
        (None, ["IPv4", "IPv6"]),
    ],
)
def test_only_a_service_that_merely_prefers_two_families_takes_those_of_the_target(policy, families):
    spec = {"ipFamilies": ["IPv4", "IPv6"], **({"ipFamilyPolicy": policy} if policy else {})}
    assert rewrite({"spec": spec}, PrepareContext())["spec"].get("ipFamilies") == families
