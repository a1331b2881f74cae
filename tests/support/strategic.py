# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategic merge patches as a table: what an object has, what the patch says, what comes out (None: it is refused).

The unit tests hold our merge to it, with recorded schemas; the tests on a real API server hold it to kubectl.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "openapi-v3.json").read_text())
"""Path -> document of Kubernetes 1.36, trimmed to some types and to what merging needs."""


class Case(NamedTuple):
    name: str
    kind: str
    before: str
    patch: str
    after: str | None

    def body(self) -> dict[str, Any]:
        return object_of(self.kind, yaml.safe_load(self.before))

    def wanted(self) -> dict[str, Any] | None:
        return None if self.after is None else object_of(self.kind, yaml.safe_load(self.after))


def object_of(kind: str, parts: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "shop", **parts.get("metadata", {})}
    api_version = "apps/v1" if kind == "Deployment" else "v1"
    return {"apiVersion": api_version, "kind": kind, **parts, "metadata": metadata}


def pod(name: str, before: str, patch: str, after: str | None) -> Case:
    """What follows is below the Pod's spec."""
    wrapped: Callable[[str], str] = "{{spec: {}}}".format
    return Case(name, "Pod", wrapped(before), wrapped(patch), after if after is None else wrapped(after))


TWO = "{containers: [{name: app, image: 'app:1', tty: true}, {name: proxy, image: 'proxy:1'}]}"

CASES = [
    # maps
    Case("a value is set", "Deployment", "{spec: {replicas: 3}}", "{spec: {replicas: 0}}", "{spec: {replicas: 0}}"),
    Case("a field is added", "Deployment", "{spec: {paused: true}}", "{spec: {replicas: 0}}",
         "{spec: {paused: true, replicas: 0}}"),
    Case("null removes", "Deployment", "{spec: {replicas: 3, paused: true}}", "{spec: {paused: null}}",
         "{spec: {replicas: 3}}"),
    Case("null of what is not there", "ConfigMap", "{data: {a: '1'}}", "{data: {b: null}, binaryData: null}",
         "{data: {a: '1'}}"),
    Case("labels merge, one is dropped", "ConfigMap", "{metadata: {labels: {a: '1', b: '2'}}}",
         "{metadata: {labels: {a: null, c: '3'}}}", "{metadata: {labels: {b: '2', c: '3'}}}"),
    Case("a map is replaced", "ConfigMap", "{data: {a: '1', b: '2'}}", "{data: {$patch: replace, c: '3'}}",
         "{data: {c: '3'}}"),
    Case("a map is emptied", "ConfigMap", "{data: {a: '1'}}", "{data: {$patch: delete}}", "{data: {}}"),
    Case("a map cannot be told to merge", "ConfigMap", "{data: {a: '1'}}", "{data: {$patch: merge, b: '2'}}", None),
    Case("an unknown directive", "ConfigMap", "{data: {a: '1'}}", "{data: {$patch: remove}}", None),
    Case("a new map comes without nulls", "Deployment", "{spec: {replicas: 1}}",
         "{spec: {strategy: {type: Recreate, rollingUpdate: null}}}",
         "{spec: {replicas: 1, strategy: {type: Recreate}}}"),
    Case("a directive in a new map leaves nothing", "Deployment", "{spec: {replicas: 1}}",
         "{spec: {strategy: {$patch: delete}}}", "{spec: {replicas: 1}}"),
    Case("retainKeys clears the rest", "Deployment",
         "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}",
         "{spec: {strategy: {$retainKeys: [type], type: Recreate}}}", "{spec: {strategy: {type: Recreate}}}"),
    Case("retainKeys must list what is set", "Deployment", "{spec: {strategy: {type: RollingUpdate}}}",
         "{spec: {strategy: {$retainKeys: [rollingUpdate], type: Recreate}}}", None),
    Case("nodeSelector merges", "Deployment", "{spec: {template: {spec: {nodeSelector: {disk: ssd}}}}}",
         "{spec: {template: {spec: {nodeSelector: {zone: a}}}}}",
         "{spec: {template: {spec: {nodeSelector: {disk: ssd, zone: a}}}}}"),
    # lists of maps
    pod("a container is changed by its name", TWO, "{containers: [{name: proxy, image: 'proxy:2'}]}",
        "{containers: [{name: app, image: 'app:1', tty: true}, {name: proxy, image: 'proxy:2'}]}"),
    pod("a new container stands first", TWO, "{containers: [{name: log, image: 'log:1'}]}",
        "{containers: [{name: log, image: 'log:1'}, {name: app, image: 'app:1', tty: true},"
        " {name: proxy, image: 'proxy:1'}]}"),
    pod("the patch's order wins", TWO, "{containers: [{name: proxy}, {name: app}]}",
        "{containers: [{name: proxy, image: 'proxy:1'}, {name: app, image: 'app:1', tty: true}]}"),
    pod("a container is deleted", TWO, "{containers: [{name: app, $patch: delete}]}",
        "{containers: [{name: proxy, image: 'proxy:1'}]}"),
    pod("deleting one that is not there", TWO, "{containers: [{name: other, $patch: delete}]}", TWO),
    pod("deleting without a key", TWO, "{containers: [{image: 'app:1', $patch: delete}]}", None),
    pod("all containers are replaced", TWO, "{containers: [{$patch: replace}, {name: one, image: 'one:1'}]}",
        "{containers: [{name: one, image: 'one:1'}]}"),
    pod("a list cannot be told to merge", TWO, "{containers: [{name: app, $patch: merge}]}", None),
    pod("an element without its key", TWO, "{containers: [{image: 'app:2'}]}", None),
    pod("a key in an element is removed", TWO, "{containers: [{name: app, tty: null}]}",
        "{containers: [{name: app, image: 'app:1'}, {name: proxy, image: 'proxy:1'}]}"),
    pod("env merges by name, inside containers by name",
        "{containers: [{name: app, env: [{name: A, value: '1'}, {name: B, value: '2'}]}]}",
        "{containers: [{name: app, env: [{name: B, value: '3'}, {name: C, value: '4'}, {name: A, $patch: delete}]}]}",
        "{containers: [{name: app, env: [{name: B, value: '3'}, {name: C, value: '4'}]}]}"),
    pod("container ports merge by containerPort",
        "{containers: [{name: app, ports: [{containerPort: 80, name: http}, {containerPort: 443}]}]}",
        "{containers: [{name: app, ports: [{containerPort: 443, name: https}]}]}",
        "{containers: [{name: app, ports: [{containerPort: 80, name: http}, {containerPort: 443, name: https}]}]}"),
    pod("command is replaced whole", "{containers: [{name: app, command: [a, b]}]}",
        "{containers: [{name: app, command: [c]}]}", "{containers: [{name: app, command: [c]}]}"),
    pod("volumeMounts merge by mountPath",
        "{containers: [{name: app, volumeMounts: [{name: a, mountPath: /a}]}]}",
        "{containers: [{name: app, volumeMounts: [{name: b, mountPath: /a}, {name: c, mountPath: /c}]}]}",
        "{containers: [{name: app, volumeMounts: [{name: b, mountPath: /a}, {name: c, mountPath: /c}]}]}"),
    pod("initContainers are added where there were none", TWO, "{initContainers: [{name: wait, image: 'wait:1'}]}",
        TWO[:-1] + ", initContainers: [{name: wait, image: 'wait:1'}]}"),
    pod("initContainers merge", "{initContainers: [{name: wait, image: 'wait:1'}]}",
        "{initContainers: [{name: wait, tty: true}]}", "{initContainers: [{name: wait, image: 'wait:1', tty: true}]}"),
    pod("a volume gets another source", "{volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]}",
        "{volumes: [{name: data, $retainKeys: [name, configMap], configMap: {name: x}}]}",
        "{volumes: [{name: data, configMap: {name: x}}, {name: tmp, emptyDir: {}}]}"),
    pod("without retainKeys the old source stays", "{volumes: [{name: data, hostPath: {path: /x}}]}",
        "{volumes: [{name: data, configMap: {name: x}}]}",
        "{volumes: [{name: data, hostPath: {path: /x}, configMap: {name: x}}]}"),
    pod("tolerations are replaced whole", "{tolerations: [{key: a, operator: Exists}]}",
        "{tolerations: [{key: b, operator: Exists}]}", "{tolerations: [{key: b, operator: Exists}]}"),
    pod("hostAliases merge by ip", "{hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]}",
        "{hostAliases: [{ip: 10.0.0.1, hostnames: [b]}, {ip: 10.0.0.2}]}",
        "{hostAliases: [{ip: 10.0.0.1, hostnames: [b]}, {ip: 10.0.0.2}]}"),
    Case("service ports merge by port", "Service", "{spec: {ports: [{port: 80, nodePort: 30080}, {port: 443}]}}",
         "{spec: {ports: [{port: 80, nodePort: null}, {port: 443, $patch: delete}, {port: 8080}]}}",
         "{spec: {ports: [{port: 80}, {port: 8080}]}}"),
    Case("secrets merge by name", "ServiceAccount", "{secrets: [{name: a}]}", "{secrets: [{name: b}]}",
         "{secrets: [{name: b}, {name: a}]}"),
    pod("order is set", TWO, "{$setElementOrder/containers: [{name: proxy}, {name: app}]}",
        "{containers: [{name: proxy, image: 'proxy:1'}, {name: app, image: 'app:1', tty: true}]}"),
    pod("order is set, with a new one between", TWO,
        "{$setElementOrder/containers: [{name: app}, {name: log}, {name: proxy}],"
        " containers: [{name: log, image: 'log:1'}]}",
        "{containers: [{name: app, image: 'app:1', tty: true}, {name: log, image: 'log:1'},"
        " {name: proxy, image: 'proxy:1'}]}"),
    pod("order that lacks an element of the patch", TWO,
        "{$setElementOrder/containers: [{name: app}], containers: [{name: log, image: 'log:1'}]}", None),
    pod("order is no list", TWO, "{$setElementOrder/containers: app}", None),
    # lists of plain values
    Case("finalizers are united", "ConfigMap", "{metadata: {finalizers: [a/x, b/x]}}",
         "{metadata: {finalizers: [c/x, a/x]}}", "{metadata: {finalizers: [c/x, a/x, b/x]}}"),
    Case("finalizers are deleted", "ConfigMap", "{metadata: {finalizers: [a/x, b/x, c/x]}}",
         "{metadata: {$deleteFromPrimitiveList/finalizers: [b/x, d/x]}}", "{metadata: {finalizers: [a/x, c/x]}}"),
    Case("deleting from a list that is not there", "ConfigMap", "{data: {a: '1'}}",
         "{metadata: {$deleteFromPrimitiveList/finalizers: [b/x]}}", "{data: {a: '1'}}"),
    Case("finalizers in a set order", "ConfigMap", "{metadata: {finalizers: [a/x, b/x]}}",
         "{metadata: {$setElementOrder/finalizers: [b/x, c/x, a/x], finalizers: [c/x]}}",
         "{metadata: {finalizers: [b/x, c/x, a/x]}}"),
    Case("elements of two types", "ConfigMap", "{metadata: {finalizers: [a/x]}}", "{metadata: {finalizers: [1]}}",
         None),
    # what does not fit
    Case("a list where a map was", "ConfigMap", "{data: {a: '1'}}", "{data: [x]}", "{data: [x]}"),
    Case("a field that the type has not, taken as it is", "ConfigMap", "{data: {}}", "{other: {a: 1}}",
         "{data: {}, other: {a: 1}}"),
    Case("a field that the type has not, to be merged", "ConfigMap", "{other: {a: 1}}", "{other: {b: 1}}", None),
    pod("an empty list merged into an empty one", "{containers: []}", "{containers: []}", "{containers: []}"),
]  # fmt: skip
