# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text takes is never more than it was weighed at; and no more is taken at a time than there is."""

from __future__ import annotations

import json
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.standby.velero.plugins.module_utils._memory import PER_BYTE, Budget, is_heavier, weight
from backups import complete
from heavy import SHAPES
from hypothesis import given, settings
from hypothesis import strategies as st

SIZE = 200_000
SLACK = 4_000
"""Bytes of reading as such."""


def taken(text: bytes) -> int:
    """Bytes of memory at the peak of reading the text, which counts itself."""
    tracemalloc.start()
    try:
        value = json.loads(text)
        return tracemalloc.get_traced_memory()[1] + 0 * len(value)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_takes_no_more_than_it_weighs(shape: str) -> None:
    text = SHAPES[shape](SIZE).encode()
    assert taken(text) - SLACK <= weight(text) <= len(text) * PER_BYTE


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=6), inner), max_leaves=60
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(VALUES, st.booleans())
def test_nor_does_any_other_text(value: object, is_ascii: bool) -> None:
    part = json.dumps(value, ensure_ascii=is_ascii)
    text = ("[" + ",".join([part] * 200) + "]").encode("utf-8", "surrogatepass")
    try:
        size = taken(text)
    except UnicodeDecodeError:  # a lone surrogate, which UTF-8 does not have
        return
    assert size - SLACK <= weight(text)


def test_an_object_as_people_have_them_weighs_some_times_its_length() -> None:
    pod = complete("pods", "shop", "web", {"spec": {"containers": [{"name": "web", "image": "example.org/web:1"}] * 9}})
    text = json.dumps(pod).encode()
    assert 5 * len(text) < weight(text) < 20 * len(text)


@pytest.mark.parametrize(
    ("text", "most", "heavier"),
    [
        (b"[]", 100, False),
        (b"[" * 1000, 1000 * PER_BYTE, False),  # not even looked at
        (b"[[]]" * 1000, 100_000, True),
        (b"x" * 1000, 2000, False),
        (b"x" * 1000, 1999, True),
    ],
)
def test_a_text_is_heavier_than_a_bound_or_not(text: bytes, most: int, heavier: bool) -> None:
    assert is_heavier(text, most) is heavier


def test_workers_take_together_no_more_than_there_is() -> None:
    budget, lock = Budget(100), threading.Lock()
    now, most = 0, 0

    def work(size: int) -> None:
        nonlocal now, most
        with budget.taken(size):
            with lock:
                now += min(size, 100)
                most = max(most, now)
            with lock:
                now -= min(size, 100)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, [1, 40, 30, 500, 0, 99, 60] * 200))
    assert (now, most <= 100) == (0, True)


def test_who_wants_more_than_there_is_waits_for_all_of_it() -> None:
    budget, begun = Budget(100), threading.Event()

    def large() -> None:
        with budget.taken(1 << 40):
            begun.set()

    with budget.taken(1):
        thread = threading.Thread(target=large)
        thread.start()
        assert not begun.wait(0.05)
    assert begun.wait(10)
    thread.join()


def test_what_was_taken_is_given_back_after_a_fault_too() -> None:
    budget = Budget(100)
    with pytest.raises(KeyError), budget.taken(100):
        raise KeyError
    with budget.taken(100):
        pass
