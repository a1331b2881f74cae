# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a JSON object: the same as the json module reads, however large, and nothing of what is no JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views import parts
from ansible_collections.standby.velero.plugins.module_utils._views.parts import PartKind, parts_of
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def put_together(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts_of(io.StringIO(text)):
        if part.kind is PartKind.ENTRY:
            found[part.name].append(part.value)
        else:
            found[part.name] = part.value if part.kind is PartKind.MEMBER else []
    return found


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.sampled_from([None, 0, 3]), st.booleans())
def test_they_are_what_the_json_module_reads(body: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    assert put_together(json.dumps(body, indent=indent, ensure_ascii=ascii_only)) == body


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_no_value_is_torn_where_a_read_ends(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(parts, "_CHUNK", chunk)
    body = {"a": 12345, "b": [1, 23, 'é\\"', {"c": [-1.5e3]}], "c": True}
    assert put_together(json.dumps(body)) == body


def test_a_list_comes_entry_by_entry_as_it_is_written() -> None:
    found = list(parts_of(io.StringIO('{"a": [1.0, "\\u00e9"], "b": {"c": 1}}')))
    assert [(part.name, part.kind, part.raw) for part in found] == [
        ("a", PartKind.LIST, ""),
        ("a", PartKind.ENTRY, "1.0"),
        ("a", PartKind.ENTRY, '"\\u00e9"'),
        ("b", PartKind.MEMBER, '{"c": 1}'),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}x", '{"a" 1}', '{"a": 1,}', '{"a": [1 2]}', '{"a": [1,]}', "{1: 2}", '{"a": NaN}', '{"a": "x'],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        list(parts_of(io.StringIO(text)))


class Endless(io.StringIO):
    """Entries without end; counts what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self._texts = self._all()

    def _all(self) -> Iterator[str]:
        yield '{"a": [0'
        while True:
            yield ", 1"

    def read(self, size: int | None = -1, /) -> str:  # noqa: ARG002 - less than asked for may come
        text = next(self._texts)
        self.taken += len(text)
        return text


def test_no_more_is_read_than_what_was_taken_asks_for() -> None:
    file = Endless()
    found = parts_of(file)
    assert [next(found).kind for _time in range(4)] == [PartKind.LIST, *[PartKind.ENTRY] * 3]
    assert file.taken < 40


def test_a_value_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MOST", 1_000)
    monkeypatch.setattr(parts, "_CHUNK", 100)
    file = io.StringIO('{"a": "' + "x" * 1_000_000)
    with pytest.raises(ValueError, match="Unterminated"):
        list(parts_of(file))
    assert file.tell() < 10_000
