# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site of documentation; tests/tools/docs_site.py lays the pages beside this file."""

from __future__ import annotations

from pathlib import Path

import yaml
from docutils import nodes
from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_GALAXY = yaml.safe_load(Path(__file__).with_name("galaxy.yml").read_text(encoding="utf-8"))

project = "standby.velero"
author = "standby.velero contributors"
version = release = _GALAXY["version"]

extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "index"
exclude_patterns = ["_build"]

# a heading's link is the one that GitHub gives it, so that the guides read alike in both places
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

html_theme = "sphinx_ansible_theme"
html_title = "standby.velero"
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"display_version": True, "collapse_navigation": True, "navigation_depth": 3}

_ANSIBLE = "https://docs.ansible.com/ansible/latest/"
_ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "ansible_collections.kubernetes.core.k8s_module": "collections/kubernetes/core/k8s_module.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
"""What the reference refers to in Ansible's own documentation, whose index is not fetched: there may be no network."""


def setup(app: Sphinx) -> None:
    """Gives those references their pages; any other that leads nowhere is an error."""
    app.connect("missing-reference", _in_ansible)


def _in_ansible(_app: Sphinx, _env: BuildEnvironment, node: pending_xref, text: Element) -> nodes.reference | None:
    page = _ANSIBLE_PAGES.get(node["reftarget"])
    return nodes.reference("", "", text, refuri=_ANSIBLE + page) if page else None
