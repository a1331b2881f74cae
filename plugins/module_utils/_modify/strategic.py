# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategic merge patches, a rule's `strategicPatches`: lists are merged by the keys that the target's API names.

Velero 1.18, internal/resourcemodifiers/strategic_merge_patch.go, over k8s.io/apimachinery, pkg/util/strategicpatch:
what the patch says is merged as kubectl does it, directives ($patch, $retainKeys, $setElementOrder/<list>,
$deleteFromPrimitiveList/<list>) and the order of merged lists included. Refused: types that are not built in, fields
that their schema does not have, directives that mean nothing where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import ClusterError
from .._unstructured import as_text, without_nulls
from .._values import Body, Path
from .patch import PatchError, Schema, Schemas
from .strategic_lists import Elements, deleted, ordered, united

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
ORDER = "$setElementOrder/"
DELETE = "$deleteFromPrimitiveList/"


@dataclass(frozen=True, slots=True)
class StrategicPatch:
    patches: tuple[Body, ...]

    def apply(self, body: Body, schemas: Schemas) -> Body:
        group, _slash, version = as_text(body.get("apiVersion")).rpartition("/")
        kind = as_text(body.get("kind"))
        try:
            schema = schemas(group, version, kind)
        except ClusterError as error:
            raise PatchError(f"the target's OpenAPI schema of {kind} could not be read: {error}") from error
        if schema is None:
            raise PatchError(f"{kind} is no built-in type, as strategicPatches need; use mergePatches or patches")
        for patch in self.patches:
            body = _Merge(schema).map(body, patch)
        return body


@dataclass(frozen=True, slots=True)
class _Merge:
    """Merges into one level of an object; knows where that is."""

    schema: Schema
    path: Path = ()

    def map(self, body: Body, patch: Body) -> Body:
        if DIRECTIVE in patch:
            return self._directed(patch)
        result = self._retained(body, patch)
        done = set()
        for name, order in patch.items():
            if name.startswith(ORDER):
                done.add(self._order(result, patch, name.removeprefix(ORDER), order))
        for name, value in patch.items():
            if name == RETAIN_KEYS or name.startswith(ORDER) or name in done:
                continue
            if name.startswith(DELETE):
                self._delete(result, name.removeprefix(DELETE), value)
            else:
                self._set(result, name, value)
        return result

    def _directed(self, patch: Body) -> Body:
        if patch[DIRECTIVE] == "replace":
            return {name: value for name, value in patch.items() if name != DIRECTIVE}
        if patch[DIRECTIVE] == "delete":
            return {}
        raise self._error(f"{DIRECTIVE} must be replace or delete here")

    def _retained(self, body: Body, patch: Body) -> Body:
        """A copy of the body, of which only the keys in $retainKeys are left; they must include those of the patch."""
        if RETAIN_KEYS not in patch:
            return dict(body)
        names = patch[RETAIN_KEYS]
        given = {name for name, value in patch.items() if value is not None and not name.startswith("$")}
        if not isinstance(names, list) or not all(name in names for name in given):
            raise self._error(f"{RETAIN_KEYS} must list every field that the patch sets")
        return {name: value for name, value in body.items() if name in names}

    def _set(self, result: Body, name: str, value: Any) -> None:
        old = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            field = self._field(name)
            result[name] = value if field.strategy == "replace" else _Merge(field, (*self.path, name)).map(old, value)
        elif isinstance(value, list) and isinstance(old, list):
            field = self._field(name)
            result[name] = self._list(name, field, old, value) if field.strategy == "merge" else value
        else:
            result.pop(name, None)
            result.update((name, new) for new in _without_directives(without_nulls(value)))

    def _delete(self, result: Body, name: str, values: Any) -> None:
        """$deleteFromPrimitiveList: from a list of plain values."""
        old = result.get(name)
        if isinstance(old, list) and isinstance(values, list):
            self._elements(name, old, values)
            result[name] = deleted(old, values)
        elif values is None:
            result.pop(name, None)

    def _list(self, name: str, field: Schema, old: list[Any], new: list[Any]) -> list[Any]:
        """A list whose strategy is to merge, with its elements in the patch's order where the patch has them."""
        if not old and not new:
            return old
        elements = self._elements(name, old, new, field.merge_key)
        if elements.key:
            old, new = self._cleared(name, elements, old, new)
            merged = self._merged(name, field, elements, old, new)
        else:
            merged = united(old, new)
        return ordered(merged, new, old, elements)

    def _cleared(self, name: str, elements: Elements, old: list[Any], new: list[Any]) -> tuple[list[Any], list[Any]]:
        """The directives among a list's elements carried out: `delete` drops one of the old ones, `replace` all."""
        rest = [element for element in new if DIRECTIVE not in element]
        replace = False
        for element in new:
            directive = element.get(DIRECTIVE)
            if DIRECTIVE in element and directive not in ("delete", "replace"):
                raise self._error(f"{name}: {DIRECTIVE} must be replace or delete in a list")
            replace = replace or directive == "replace"
            if directive == "delete":
                key = elements.key_of(element)
                old = [one for one in old if one.get(elements.key) != key]
        return (rest, []) if replace else (old, rest)

    def _merged(self, name: str, field: Schema, elements: Elements, old: list[Any], new: list[Any]) -> list[Any]:
        merged = list(old)
        inner = _Merge(field.element() or field, (*self.path, name))
        for element in new:
            key = elements.key_of(element)
            at = next((index for index, one in enumerate(merged) if one.get(elements.key) == key), None)
            if at is None:
                merged.append(element)
            else:
                merged[at] = inner.map(merged[at], element)
        return merged

    def _order(self, result: Body, patch: Body, name: str, order: Any) -> str:
        """$setElementOrder: the list is merged as ever, then its elements are put in this order."""
        field = self._field(name)
        old, new = result.get(name, []), patch.get(name, [])
        if not all(isinstance(one, list) for one in (old, new, order)):
            raise self._error(f"{ORDER}{name} and what it orders must be lists")
        if not old and not new:
            return name
        elements = self._elements(name, old, new, field.merge_key)
        if not elements.agree(new, order):
            raise self._error(f"{ORDER}{name} must list the elements of the patch, in its order")
        if name not in result:
            (merged,) = _without_directives(new)
        else:
            merged = self._list(name, field, old, new) if new and field.strategy == "merge" else new or old
        result[name] = ordered(merged, order, old, elements)
        return name

    def _elements(self, name: str, old: list[Any], new: list[Any], key: str = "") -> Elements:
        """How the elements of both lists are told apart; they must all be maps, or all be values of one type."""
        kinds = {_kind(element) for element in (*old, *new)}
        if len(kinds) > 1 or kinds & {list, type(None)}:
            raise self._error(f"{name}: its elements must be of one type, and no lists")
        if kinds == {dict} and not key:
            raise self._error(f"{name}: its elements have no key to merge them by")
        return Elements(key if kinds == {dict} else "", ".".join((*self.path, name)))

    def _field(self, name: str) -> Schema:
        field = self.schema.field(name)
        if field is None:
            raise self._error(f"the type has no field {name} there that can be merged")
        return field

    def _error(self, problem: str) -> PatchError:
        return PatchError(f"{'.'.join(self.path) or 'the object'}: {problem}")


def _kind(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


def _without_directives(value: Any) -> Iterator[Any]:
    """A value that is new in the object, or nothing when it is a directive."""
    if isinstance(value, dict):
        if DIRECTIVE not in value:
            yield {name: new for name, inner in value.items() for new in _without_directives(inner)}
    elif isinstance(value, list):
        yield [new for element in value for new in _without_directives(element)]
    else:
        yield value
