# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which control planes can be built, and of what."""

from __future__ import annotations

import re

import build
import pytest
from build import DEFAULT, PACKAGES, BuildError, Release, built_folder, versions

VERSIONS = ["1.30.14", "1.33.13", "1.36.3", "1.37.2"]


def test_the_versions_that_can_be_built_are_told_oldest_first_and_are_those_of_the_matrix(pytestconfig):
    assert versions() == VERSIONS
    makefile = (pytestconfig.rootpath / "Makefile").read_text()
    assert f"KUBERNETES := {' '.join(VERSIONS)}\n" in makefile


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_built_of_its_own_modules_and_keeps_its_binaries_apart(version):
    release = Release(version)
    modules = (release.folder / "go.mod").read_text()
    _major, minor, patch = version.split(".")
    assert re.findall(r"^\s*k8s\.io/kubernetes (\S+)", modules, re.MULTILINE) == [f"v{version}"]
    staged = re.findall(r"k8s\.io/[a-z-]+ => k8s\.io/[a-z-]+ (\S+)", modules)
    assert set(staged) == {f"v0.{minor}.{patch}"}
    tools = re.search(r"^tool \((.*?)\)", modules, re.DOTALL | re.MULTILINE)[1]
    assert sorted(tools.split()) == sorted(PACKAGES.values())
    others = {Release(other).cache_folder for other in VERSIONS if other != version}
    assert release.cache_folder not in others


def test_a_folder_that_is_given_is_used_but_where_a_version_is_asked_for(tmp_path, monkeypatch):
    for name in ("etcd", "kube-apiserver"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    assert built_folder() == tmp_path
    assert built_folder(DEFAULT) is None


def test_a_given_folder_without_the_binaries_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(BuildError, match="holds no etcd and no kube-apiserver"):
        built_folder()
