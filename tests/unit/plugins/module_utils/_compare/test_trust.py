# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate authorities: whose they are, and what following the backup's takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare

WEBHOOKS = "validatingwebhookconfigurations.admissionregistration.k8s.io"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
API_SERVICES = "apiservices.apiregistration.k8s.io"


def hooks(*bundles: str | None, policy: str = "Fail", **annotations: str) -> Any:
    webhooks = [
        {"name": f"w{number}", "clientConfig": {"caBundle": bundle} if bundle else {}, "failurePolicy": policy}
        for number, bundle in enumerate(bundles)
    ]
    return {"metadata": {"annotations": annotations}, "webhooks": webhooks}


def definition(bundle: str) -> Any:
    return {"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": bundle}}}}}


def api(bundle: str) -> Any:
    return {"spec": {"service": {"name": "metrics"}, "caBundle": bundle}}


INJECTED = {"cert-manager.io/inject-ca-from": "guard/guard"}


@pytest.mark.parametrize(
    ("resource", "live", "desired", "authorities"),
    [
        (WEBHOOKS, hooks("OLD"), hooks("NEW"), {"NEW"}),
        (WEBHOOKS, hooks("OLD", "SAME"), hooks("NEW", "SAME"), {"NEW"}),
        (WEBHOOKS, hooks("OLD"), hooks("OLD"), None),
        (WEBHOOKS, hooks("OLD"), hooks(None), None),
        (WEBHOOKS, hooks(None), hooks("NEW"), {"NEW"}),
        (WEBHOOKS, hooks("OLD", **INJECTED), hooks("NEW"), None),
        (WEBHOOKS, hooks("OLD"), hooks("NEW", **INJECTED), None),
        (WEBHOOKS, hooks("OLD", **{"service.beta.openshift.io/inject-cabundle": "true"}), hooks("NEW"), None),
        (CRDS, definition("OLD"), definition("NEW"), {"NEW"}),
        (API_SERVICES, api("OLD"), api("NEW"), {"NEW"}),
        ("configmaps", {"data": {"caBundle": "OLD"}}, {"data": {"caBundle": "NEW"}}, None),
    ],
)
def test_a_bundle_may_follow_the_backup_s_where_nobody_puts_it_in(
    resource: str, live: Any, desired: Any, authorities: set[str] | None
) -> None:
    trust = compare(resource, live, desired).trust
    assert (trust and set(trust.authorities)) == authorities


def test_the_patch_with_the_bundle_holds_the_other_differences_too() -> None:
    found = compare(WEBHOOKS, hooks("OLD"), hooks("NEW", policy="Ignore"))
    assert found.patch["webhooks"][0] == {"name": "w0", "clientConfig": {"caBundle": "OLD"}, "failurePolicy": "Ignore"}
    assert found.trust is not None
    assert found.trust.patch["webhooks"][0] == {
        "name": "w0",
        "clientConfig": {"caBundle": "NEW"},
        "failurePolicy": "Ignore",
    }


def test_with_nothing_but_the_bundle_the_objects_are_equal_until_it_follows() -> None:
    found = compare(WEBHOOKS, hooks("OLD"), hooks("NEW"))
    assert (found.patch, found.equal) == ({}, True)
    assert found.digest
    assert "NEW" not in repr(found)
