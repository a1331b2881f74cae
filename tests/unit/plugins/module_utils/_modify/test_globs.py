# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Globs by gobwas' rules: the table that says what `*` stops at."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._modify.globs import compile_glob


@pytest.mark.parametrize(
    ("pattern", "separator", "matching", "others"),
    [
        ("pods", ".", ["pods"], ["pod", "pods.metrics.k8s.io", "xpods"]),
        ("*", ".", ["pods", "services"], ["deployments.apps", "pods.metrics.k8s.io"]),
        ("*.apps", ".", ["deployments.apps"], ["pods", "a.b.apps", "deployments.apps.x"]),
        ("*.*", ".", ["deployments.apps"], ["pods", "ingresses.networking.k8s.io"]),
        ("**", ".", ["pods", "ingresses.networking.k8s.io"], []),
        ("*.**", ".", ["deployments.apps", "ingresses.networking.k8s.io"], ["pods"]),
        ("deploymentsXapps", ".", ["deploymentsXapps"], ["deployments.apps"]),
        ("deployments?apps", ".", ["deploymentsXapps"], ["deployments.apps"]),
        ("{deployments,statefulsets}.apps", ".", ["deployments.apps", "statefulsets.apps"], ["daemonsets.apps"]),
        ("{*.apps,pods}", ".", ["deployments.apps", "pods"], ["services"]),
        ("*", "", ["shop", "a.b"], []),
        ("shop-?", "", ["shop-1", "shop-."], ["shop-", "shop-12"]),
        ("shop-[ab]", "", ["shop-a"], ["shop-c"]),
        ("shop-[0-9]", "", ["shop-7"], ["shop-a"]),
        ("shop-[!0-9]", "", ["shop-a"], ["shop-7"]),
        ("shop-[!ab]", "", ["shop-c"], ["shop-a"]),
        ("a\\*b", "", ["a*b"], ["axb"]),
        ("a,b}", "", ["a,b}"], ["a"]),
        ("a{b,{c,d}}", "", ["ab", "ac", "ad"], ["a"]),
        ("a{b,c\\,d}", "", ["ab", "ac,d"], ["ac"]),
        ("", "", [""], ["a"]),
    ],
)
def test_what_a_glob_matches(pattern, separator, matching, others):
    glob = compile_glob(pattern, separator)
    assert [name for name in (*matching, *others) if glob.fullmatch(name)] == matching


@pytest.mark.parametrize("pattern", ["[a", "a{b", "a\\", "[z-a]", "[]"])
def test_what_is_not_closed_is_refused(pattern):
    with pytest.raises(ValueError, match=r"not closed|backwards"):
        compile_glob(pattern)
