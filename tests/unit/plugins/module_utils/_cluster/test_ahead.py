# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are made while the ones before them are used: the same ones, in the same order, no more than wanted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster import ahead as tried
from ansible_collections.standby.velero.plugins.module_utils._cluster.ahead import ahead, in_turn
from ansible_collections.standby.velero.plugins.module_utils._errors import NotFound, RestoreError

SECONDS = 10


class Made:
    """Numbers up to one, and by which thread each was made."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.by: list[str] = []
        self.came = [threading.Event() for _number in range(count + 1)]

    def __iter__(self) -> Iterator[int]:
        for number in range(self.count):
            self._note(number)
            yield number
        self._note(self.count)
        if self.error:
            raise self.error

    def _note(self, number: int) -> None:
        self.by.append(threading.current_thread().name)
        self.came[number].set()

    @property
    def here(self) -> list[int]:
        """Which of them were made by this very thread."""
        return [number for number, name in enumerate(self.by) if name == threading.current_thread().name]


def always(_value: int) -> bool:
    return True


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_values_are_the_same(count: int) -> None:
    assert list(ahead(iter(Made(count)), always)) == list(range(count))


def test_a_value_is_made_while_the_one_before_is_used_and_none_after_it() -> None:
    made = Made(3)
    values = ahead(iter(made), always)
    assert next(values) == 0
    assert made.came[1].wait(SECONDS)
    assert not made.came[2].is_set()
    assert list(values) == [1, 2]
    assert made.here == [0]


def test_what_is_followed_by_none_or_too_large_for_two_is_used_before_the_next_is_made() -> None:
    made = Made(3)
    values = ahead(iter(made), lambda value: value != 0)
    assert next(values) == 0
    assert len(made.by) == 1
    assert list(values) == [1, 2]
    assert made.here == [0, 1]


def test_what_raises_does_so_in_its_turn() -> None:
    values = ahead(iter(Made(1, NotFound("gone"))), always)
    assert next(values) == 0
    with pytest.raises(NotFound, match="gone"):
        next(values)


def test_what_is_left_half_way_is_made_no_further() -> None:
    made = Made(5)
    values = ahead(iter(made), always)
    assert next(values) == 0
    values.close()
    assert made.came[1].wait(SECONDS)
    assert not made.came[2].is_set()


@pytest.mark.parametrize("most", [1, 2, 9])
def test_several_come_in_their_order(most: int) -> None:
    found = [(key, list(values)) for key, values in in_turn(((count, iter(Made(count))) for count in (2, 0, 3)), most)]
    assert found == [(2, [0, 1]), (0, []), (3, [0, 1, 2])]


def test_the_first_values_of_the_next_ones_are_made_meanwhile() -> None:
    several = [Made(2), Made(2), Made(2)]
    turns = in_turn(enumerate(map(iter, several)), 2)
    _key, first = next(turns)
    assert several[1].came[0].wait(SECONDS)
    assert not several[1].came[1].is_set()
    assert not several[2].came[0].is_set()
    assert list(first) == [0, 1]
    assert [(key, list(values)) for key, values in turns] == [(1, [0, 1]), (2, [0, 1])]


def test_one_that_raises_at_once_leaves_the_others_as_they_are() -> None:
    found: list[object] = []
    for _key, values in in_turn(enumerate(map(iter, (Made(0, NotFound("gone")), Made(2)))), 4):
        try:
            found.append(list(values))
        except NotFound as error:
            found.append(str(error))
    assert found == ["gone", [0, 1]]


def test_without_threads_all_is_made_by_the_one_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(tried, "start_deaf", no_thread)
    made = [Made(3), Made(3)]
    assert list(ahead(iter(made[0]), always)) == [0, 1, 2]
    assert [list(values) for _key, values in in_turn([("", iter(made[1]))], 4)] == [[0, 1, 2]]
    assert [one.here for one in made] == [[0, 1, 2, 3]] * 2


def test_a_fault_of_ours_is_told_by_its_place_and_without_its_text() -> None:
    values = ahead(iter(Made(1, KeyError("hunter2"))), always)
    assert next(values) == 0
    with pytest.raises(RestoreError, match=r"fault in velero_restore: .*KeyError; please report it") as caught:
        next(values)
    assert "hunter2" not in str(caught.value)


def test_what_hangs_and_is_not_wanted_any_more_does_not_keep_the_process() -> None:
    """As a list does whose API server does not answer, when the run ends for another reason."""
    code = (
        "import threading\n"
        f"from {tried.__name__} import ahead\n"
        "def values():\n    yield 0\n    threading.Event().wait()\n"
        "next(ahead(values(), lambda value: True))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, timeout=SECONDS, check=True)


def test_a_thread_that_reads_leaves_signals_to_the_main_one() -> None:
    masks: list[set[signal.Signals]] = []

    def values() -> Iterator[int]:
        for number in range(2):
            masks.append(set(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
            yield number

    assert list(ahead(values(), always)) == [0, 1]
    assert signal.SIGTERM not in masks[0]
    assert {signal.SIGTERM, signal.SIGINT, signal.SIGHUP} <= masks[1]
