# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The constant phrases: each is found, and none hides a longer one."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.phrases import (
    PHRASES,
    TOO_LARGE,
    is_too_large,
    phrase_in,
)


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_is_found_wherever_it_stands_and_none_before_it_is_part_of_it(phrase: str) -> None:
    assert phrase_in(f"{'x' * 100}: {phrase}: 7") == phrase


def test_a_message_without_a_phrase_has_none() -> None:
    assert phrase_in("the password is field is mutable") == ""


def test_only_what_is_too_large_for_the_store_is_too_large() -> None:
    assert {phrase for phrase in PHRASES if is_too_large(phrase)} == TOO_LARGE
