# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and labels as Kubernetes judges them."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._match.validation import (
    is_subdomain,
    label_key_problems,
    label_value_problems,
    namespace_problems,
)

NAME = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"


@pytest.mark.parametrize(
    "key",
    [
        "simple",
        "now-with-dashes",
        "1-starts-with-num",
        "simple/simple",
        "now-with-dashes/simple",
        "now.with.dots/simple",
        "1-num.2-num/3-num",
        "1234",
        "Uppercase_Is_OK.123",
        "example.com/Uppercase_Is_OK",
        "a" * 63,
        f"{'a' * 63}/{'b' * 63}",
        f"{'a.' * 126}a/b",
    ],
)
def test_a_label_key_that_kubernetes_takes(key):
    assert label_key_problems(key) == []


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "name part must be non-empty"),
        ("nospecialchars%^=@", f"name part {NAME}"),
        ("cantendwithadash-", f"name part {NAME}"),
        ("-cantstartwithadash", f"name part {NAME}"),
        ("tab\t", f"name part {NAME}"),
        ("a\n", f"name part {NAME}"),
        ("a" * 64, "name part must be no more than 63 bytes"),
        ("/name", "prefix part must be non-empty"),
        ("prefix/", "name part must be non-empty"),
        (f"{'a.' * 127}a/b", "prefix part must be no more than 253 bytes"),
        ("only/one/slash", f"a valid label key {NAME} with an optional DNS subdomain prefix and '/'"),
        (
            "Upper.case/name",
            "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters",
        ),
    ],
)
def test_a_label_key_that_kubernetes_refuses(key, problem):
    assert label_key_problems(key)[0].startswith(problem)


@pytest.mark.parametrize("value", ["", "a", "A", "1.0", "my_value-1", "x" * 63])
def test_a_label_value_that_kubernetes_takes(value):
    assert label_value_problems(value) == []


@pytest.mark.parametrize("value", [" ", "-a", "a-", "a b", "a/b", "a\n", "ä", "x" * 64])
def test_a_label_value_that_kubernetes_refuses(value):
    assert len(label_value_problems(value)) == 1


@pytest.mark.parametrize("name", ["a", "shop", "shop-2", "1", "x" * 63])
def test_a_namespace_that_kubernetes_takes(name):
    assert namespace_problems(name) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "a lowercase RFC 1123 label"),
        ("Shop", "a lowercase RFC 1123 label"),
        ("shop-", "a lowercase RFC 1123 label"),
        ("shop/web", "a lowercase RFC 1123 label"),
        ("shop.web", "must not contain dots"),
        ("x" * 64, "must be no more than 63 bytes"),
    ],
)
def test_a_namespace_that_kubernetes_refuses(name, problem):
    assert [text[: len(problem)] for text in namespace_problems(name)] == [problem]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("fast", True),
        ("a.b-c.d1", True),
        ("a" * 253, True),
        ("a" * 254, False),
        ("", False),
        ("a..b", False),
        ("-a", False),
        ("a.", False),
        ("A", False),
        ("a/b", False),
        ("a\n", False),
    ],
)
def test_the_name_of_an_object_is_a_subdomain(name, taken):
    assert is_subdomain(name) is taken
