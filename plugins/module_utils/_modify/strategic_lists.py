# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in a strategic merge patch: how elements are told apart, united and put in order.

k8s.io/apimachinery, pkg/util/strategicpatch: elements that the patch names stand in the patch's order, all others in
the order that they had; of two from either side the one that stood first in the old list comes first, and when one of
them was not there, the patch's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .patch import PatchError

_Id = tuple[bool, Any]


@dataclass(frozen=True, slots=True)
class Elements:
    """Of one list: maps with this merge key, or plain values when it is empty."""

    key: str
    path: str

    def key_of(self, element: Any) -> Any:
        if not self.key:
            return element
        if not isinstance(element, dict) or not isinstance(element.get(self.key), (str, int, float)):
            raise PatchError(f"{self.path}: an element lacks its merge key {self.key}")
        return element[self.key]

    def id_of(self, element: Any) -> _Id:
        """Fit for a dict: True is not 1."""
        key = self.key_of(element)
        return isinstance(key, bool), key

    def agree(self, new: list[Any], order: list[Any]) -> bool:
        """Whether the order has the patch's elements, directives apart, in the patch's own order."""
        if not new or not order:
            return True
        rest = iter([self.id_of(element) for element in order])
        named = (element for element in new if not (self.key and "$patch" in element))
        return all(self.id_of(element) in rest for element in named)


def united(old: list[Any], new: list[Any]) -> list[Any]:
    """Plain values, each once."""
    plain = Elements("", "")
    return list({plain.id_of(value): value for value in (*old, *new)}.values())


def deleted(old: list[Any], values: list[Any]) -> list[Any]:
    plain = Elements("", "")
    gone = {plain.id_of(value) for value in values}
    return [value for value in old if plain.id_of(value) not in gone]


def ordered(merged: list[Any], order: list[Any], old: list[Any], elements: Elements) -> list[Any]:
    """The merged list as kubectl orders it."""
    wanted = _ranks(order, elements)
    stood = _ranks(old, elements)
    ranked = [(elements.id_of(element), element) for element in merged]
    named = sorted((one for one in ranked if one[0] in wanted), key=lambda one: wanted[one[0]])
    others = sorted((one for one in ranked if one[0] not in wanted), key=lambda one: stood.get(one[0], len(stood)))
    result = []
    while named and others:
        left, right = stood.get(others[0][0]), stood.get(named[0][0])
        first = others if left is not None and right is not None and left < right else named
        result.append(first.pop(0)[1])
    return result + [element for _id, element in (*others, *named)]


def _ranks(values: list[Any], elements: Elements) -> dict[_Id, int]:
    ranks: dict[_Id, int] = {}
    for rank, value in enumerate(values):
        ranks.setdefault(elements.id_of(value), rank)
    return ranks
