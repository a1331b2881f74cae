# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys there are, and which texts are none."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._options.state import compile_keys
from options import problems_of, settings

OLD, NEW = "o" * 32, "n" * 32


@pytest.mark.parametrize("values", [None, [], [""], ["", " \n"]])
def test_a_blank_key_counts_as_unset(values: list[str] | None) -> None:
    assert not settings(state_key=values).state_keys


@pytest.mark.parametrize("values", [[NEW, OLD], [f"{NEW}\n", "", OLD]])
def test_the_first_key_that_is_given_signs_and_all_of_them_verify(values: list[str]) -> None:
    keys = settings(state_key=values).state_keys
    assert keys.digest("test") == Keys(NEW).digest("test")
    assert keys.verify(Keys(OLD).digest("test"), "test")


def test_a_key_that_could_be_found_by_trying_is_refused_and_not_shown() -> None:
    [told] = problems_of(state_key=[NEW, "hunter2-and-more"])
    assert told == ("state_key: key 2 is 16 characters long, at least 32 are needed; openssl rand -base64 32 makes one")


def test_a_key_of_the_least_length_is_taken() -> None:
    assert compile_keys(["k" * 31])[1]
    assert not compile_keys(["k" * 32])[1]


def test_settings_do_not_show_a_key() -> None:
    assert NEW not in repr(settings(state_key=[NEW]))
