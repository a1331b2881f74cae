# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes' rules for names and labels, in its words: each function gives what is wrong with a text, or nothing.

Kubernetes 1.36, apimachinery, pkg/api/validate/content.
"""

from __future__ import annotations

import re

_MOST_LABEL = 63
_MOST_SUBDOMAIN = 253

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LABEL_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

_ENDS = "and must start and end with an alphanumeric character"
_NAME_RULE = f"must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
_KEY_RULE = f"a valid label key {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
_VALUE_RULE = f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
_DNS_LABEL_RULE = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}"
_DNS_SUBDOMAIN_RULE = (
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}"
)


def label_key_problems(key: str) -> list[str]:
    """Of `name` or `prefix/name`."""
    if key.count("/") > 1:
        return [_KEY_RULE]
    prefix, slash, name = key.rpartition("/")
    found = _prefix_problems(prefix) if slash else []
    if not name:
        found.append("name part must be non-empty")
    elif len(name) > _MOST_LABEL:
        found.append(f"name part {_no_more_than(_MOST_LABEL)}")
    if not _LABEL_NAME.fullmatch(name):
        found.append(f"name part {_NAME_RULE}")
    return found


def label_value_problems(value: str) -> list[str]:
    """An empty value is fine."""
    found = [_no_more_than(_MOST_LABEL)] if len(value) > _MOST_LABEL else []
    return found if not value or _LABEL_NAME.fullmatch(value) else [*found, _VALUE_RULE]


def namespace_problems(name: str) -> list[str]:
    """A namespace's name is a DNS label."""
    found = [_no_more_than(_MOST_LABEL)] if len(name) > _MOST_LABEL else []
    if _DNS_LABEL.fullmatch(name):
        return found
    return [*found, "must not contain dots" if _DNS_SUBDOMAIN.fullmatch(name) else _DNS_LABEL_RULE]


def is_subdomain(name: str) -> bool:
    """Whether it can be the name of nearly any object: a DNS subdomain."""
    return len(name) <= _MOST_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(name) is not None


def _prefix_problems(prefix: str) -> list[str]:
    if not prefix:
        return ["prefix part must be non-empty"]
    found = [f"prefix part {_no_more_than(_MOST_SUBDOMAIN)}"] if len(prefix) > _MOST_SUBDOMAIN else []
    return found if _DNS_SUBDOMAIN.fullmatch(prefix) else [*found, f"prefix part {_DNS_SUBDOMAIN_RULE}"]


def _no_more_than(most: int) -> str:
    return f"must be no more than {most} bytes"
