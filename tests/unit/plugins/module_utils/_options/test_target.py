# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of whatever talks to a target: what of a kubeconfig is no secret."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._options.target import open_words


def test_names_in_a_kubeconfig_are_no_secrets_and_its_credentials_are() -> None:
    kubeconfig = {
        "apiVersion": "v1",
        "current-context": "standby",
        "clusters": [{"name": "standby", "cluster": {"server": "https://s", "certificate-authority-data": "Q0E="}}],
        "contexts": [{"name": "standby", "context": {"cluster": "standby", "user": "robot"}}],
        "users": [{"name": "robot", "user": {"token": "xyz", "password": "the-robot-knows"}}],
    }
    others = {"api_key": None, "password": None, "proxy_headers": None}
    assert open_words({"kubeconfig": kubeconfig, **others}) == {"v1", "standby", "https://s"}  # "robot" is in a secret
    assert open_words({"kubeconfig": kubeconfig, **others, "password": "standby"}) == {"v1", "https://s"}
    assert open_words({"kubeconfig": "/path", **others}) == set()
