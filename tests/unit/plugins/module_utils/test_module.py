# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are wrong from the start: what the modules say of them, as processes of their own, shows no password."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

MODULES = "ansible_collections.standby.velero.plugins.modules"
PASSWORD = "Hunter/2@night"
ADDRESS = f"https://robot:{PASSWORD}@standby.example.org:6443"


def said(module: str, options: dict[str, Any], **environment: str) -> str:
    """All that the process says."""
    code = (
        f"import runpy, sys; sys.argv = ['x', sys.argv[1]]; runpy.run_module('{MODULES}.{module}', run_name='__main__')"
    )
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"backup_file": "/b.tar.gz", **options}})
    done = subprocess.run(
        [sys.executable, "-c", code, arguments],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert json.loads(done.stdout)["failed"] is True
    return done.stdout + done.stderr


@pytest.mark.parametrize("module", ["velero_restore", "velero_backup_info"])
@pytest.mark.parametrize(
    "options",
    [
        {"host": ADDRESS, "validate_certs": "perhaps"},
        {"proxy": ADDRESS, "validate_certs": ["x"]},
        {"hosts": ADDRESS},
        {"host": ADDRESS, "allow_partially_failed": ADDRESS},
        {"host": {"a": ADDRESS}, "validate_certs": "perhaps"},
        {"host": [ADDRESS], "validate_certs": "perhaps"},
        {"backup_name": ADDRESS, "validate_certs": "perhaps"},
        {"backup_location": {"name": "x", "host": ADDRESS}, "validate_certs": "perhaps"},
        {"kubeconfig": {"clusters": [{"cluster": {"server": ADDRESS}}]}, "validate_certs": "perhaps"},
        {"kubeconfig": {"users": [{"user": {"password": PASSWORD}}]}, "validate_certs": "perhaps"},
        {"api_key": PASSWORD, "validate_certs": "perhaps"},
    ],
    ids=range(11),
)
def test_a_wrong_option_shows_no_password_of_another(module: str, options: dict[str, Any]) -> None:
    text = said(module, options)
    assert "night" not in text
    assert "validate_certs" in text or "hosts" in text or "allow_partially_failed" in text


def test_a_password_from_the_environment_is_not_shown_either() -> None:
    text = said("velero_restore", {"concurrency": "many"}, K8S_AUTH_HOST=ADDRESS)
    assert "night" not in text
    assert "concurrency" in text
