# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a read takes for gone; which way it takes is shown on a real API server."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._cluster.namespaces import namespaces_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.reader import Read, read
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, Forbidden
from scripted import TYPES, ScriptedClient, body_of

CONFIG_MAPS = TYPES[1]
THERE = body_of("ConfigMap", "there")
NO_LIST = dict.fromkeys(("/api/v1/configmaps", "/api/v1/namespaces/shop/configmaps"), Forbidden("no list", status=403))
WHO = AbsenceUnproven("HTTP 404", status=404)
WANTED = {("shop", "there"), ("shop", "gone"), ("shop", "hidden")}


def test_asked_for_one_by_one_an_object_is_gone_only_when_the_api_server_names_it() -> None:
    client = ScriptedClient(THERE, answers={**NO_LIST, "/api/v1/namespaces/shop/configmaps/hidden": WHO})
    hidden, there = sorted(read(client, CONFIG_MAPS, WANTED, 1), key=lambda one: one.place)
    assert there == Read(("shop", "there"), THERE)
    assert (hidden.place, hidden.body, type(hidden.error)) == (("shop", "hidden"), None, AbsenceUnproven)


def test_a_namespace_that_nothing_proves_to_be_gone_counts_as_there() -> None:
    """What lies in it will tell."""
    answers = {"/api/v1/namespaces": Forbidden("no list", status=403), "/api/v1/namespaces/hidden": WHO}
    client = ScriptedClient(body_of("Namespace", "shop"), answers=answers)
    assert namespaces_of(client, ["shop", "gone", "hidden"]) == {"shop": False, "hidden": False}
