# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's markup in a role's texts: its options are the role's variables, everything else means what it meant."""

from __future__ import annotations

import pytest
from doc_markup import for_markdown, for_role

MODULE = "standby.velero.velero_restore"


def renamed(option: str) -> str:
    return f"restore_{option}"


@pytest.mark.parametrize(
    ("text", "role", "markdown"),
    [
        ("Plain words, (in brackets) too.", "Plain words, (in brackets) too.", "Plain words, (in brackets) too."),
        ("as in O(delta)", "as in O(restore_delta)", "as in `restore_delta`"),
        ("O(delta=prune) deletes", "O(restore_delta=prune) deletes", "`restore_delta=prune` deletes"),
        ("O(status.included)", "O(restore_status.included)", "`restore_status.included`"),
        ("only V(none)", "only V(none)", "only `none`"),
        ("V(*\\) a\\\\b)", "V(*\\) a\\\\b)", "`*) a\\b`"),
        ("in C(spec.x)", "in C(spec.x)", "in `spec.x`"),
        ("see RV(delta.total)", f"see RV({MODULE}#module:delta.total)", "see `delta.total`"),
        ("from E(K8S_AUTH_HOST)", "from E(K8S_AUTH_HOST)", "from `K8S_AUTH_HOST`"),
        ("of M(kubernetes.core.k8s)", "of M(kubernetes.core.k8s)", "of `kubernetes.core.k8s`"),
        ("in I(~/.kube/config)", "in I(~/.kube/config)", "in *~/.kube/config*"),
        ("B(never)", "B(never)", "**never**"),
        ("at U(https://velero.io)", "at U(https://velero.io)", "at <https://velero.io>"),
        ("L(Velero,https://velero.io)", "L(Velero,https://velero.io)", "[Velero](https://velero.io)"),
        ("O(a) or O(b), V(c)", "O(restore_a) or O(restore_b), V(c)", "`restore_a` or `restore_b`, `c`"),
        ("(C(exec))", "(C(exec))", "(`exec`)"),
        ("C(a|b)", "C(a|b)", "`a\\|b`"),
        ("IPv4 (GOV(x))", "IPv4 (GOV(x))", "IPv4 (GOV(x))"),
    ],
)
def test_each_form_of_markup_has_its_form_in_the_role_s_specification_and_in_markdown(
    text: str, role: str, markdown: str
) -> None:
    assert for_role(text, renamed, MODULE) == role
    assert for_markdown(text, renamed) == markdown


@pytest.mark.parametrize("text", ["P(ns.col.plugin#lookup)", "R(text,reference)", "O(ns.col.other#module:option)"])
def test_markup_that_these_texts_have_no_use_for_is_refused(text: str) -> None:
    for convert in (lambda: for_role(text, renamed, MODULE), lambda: for_markdown(text, renamed)):
        with pytest.raises(ValueError, match="no form for"):
            convert()
