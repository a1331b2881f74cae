# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads resource modifiers: a structure, the YAML text of Velero's ConfigMap, or the whole ConfigMap either way.

Velero 1.18, internal/resourcemodifiers/resource_modifiers_validator.go: unknown fields, a version other than v1, no
rules, more than one kind of patch in a rule, an unknown operation, an empty path or groupResource are refused. Ours
also refuses at once what Velero finds out object by object: a rule without a patch, patterns, selectors, paths, values
and patch data that cannot be read. What is a map or a list already may stand where Velero wants its JSON text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import SettingsError
from .._match.globs import compile_glob
from .._match.linear import Linear
from .._match.reading import Reader, placed
from .._match.selectors import Selector, compile_selector
from .._values import Body, Path
from .conditions import Conditions
from .document import document_of
from .json_merge_patch import MergePatch
from .json_patch import (
    HAS_JSONPATCH,
    MISSING_JSONPATCH,
    OPERATIONS,
    WITH_FROM,
    WITH_VALUE,
    JsonPatch,
    Operation,
    parts_of,
    typed,
)
from .modifiers import Modifiers, Rule
from .name_regex import compile_name_regex
from .patch import Patch
from .strategic import StrategicPatch
from .text import parse_text, plain_of, text_of

_DOCUMENT = ("version", "resourceModifierRules")
_RULE = ("conditions", "patches", "mergePatches", "strategicPatches")
_CONDITIONS = ("groupResource", "namespaces", "resourceNameRegex", "labelSelector", "matches")
_OPERATION = ("operation", "from", "path", "value")


def compile_modifiers(value: Any) -> Modifiers:
    """Ready to apply; without rules when nothing is given (None, blank text).

    Raises a SettingsError with every problem, each with the place of its rule and in Velero's words where it has some.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return Modifiers()
    reader = _Reader()
    document = reader.fields("resource modifiers", document_of(value, "resource modifiers"), _DOCUMENT)
    version = reader.text("version", document.get("version"))
    if version.lower() != "v1":
        reader.problem("version", f"unsupported resource modifier version {version}")
    elements = reader.elements("resourceModifierRules", document.get("resourceModifierRules"))
    if not elements:
        reader.problem("resourceModifierRules", "resource modifier rules cannot be empty")
    rules = [_rule(reader, f"resourceModifierRules[{index}]", element) for index, element in enumerate(elements)]
    if reader.problems:
        raise SettingsError(reader.problems)
    return Modifiers(tuple(rules))


class _Reader(Reader):
    """Takes bare words for text, as Velero does here."""

    def text(self, where: str, value: Any) -> str:
        """Numbers and booleans become text, null the empty one, as in Velero."""
        if value is None:
            return ""
        if not isinstance(value, (str, int, float)):
            self.problem(where, "must be text")
            return ""
        return text_of(value)


def _rule(reader: _Reader, where: str, value: Any) -> Rule:
    fields = reader.fields(where, value, _RULE)
    conditions, resource = _conditions(reader, f"{where}.conditions", fields.get("conditions"))
    given = {name: reader.elements(f"{where}.{name}", fields.get(name)) for name in _RULE[1:]}
    kinds = [name for name, patches in given.items() if patches]
    if len(kinds) > 1:
        reader.problem(where, "only one of patches, mergePatches, strategicPatches can be specified")
    if not kinds:
        reader.problem(where, "no patch data found")
    patch: Patch = MergePatch(())
    for name in kinds:
        patch = _PATCHES[name](reader, f"{where}.{name}", given[name])
    return Rule(f"{where} ({resource})", conditions, patch)


def _conditions(reader: _Reader, where: str, value: Any) -> tuple[Conditions, str]:
    fields = reader.fields(where, value, _CONDITIONS)
    resource = reader.text(f"{where}.groupResource", fields.get("groupResource"))
    if not resource:
        reader.problem(where, "groupResource cannot be empty")
    nothing = compile_glob("")
    regex = reader.text(f"{where}.resourceNameRegex", fields.get("resourceNameRegex"))
    namespaces = reader.elements(f"{where}.namespaces", fields.get("namespaces"))
    conditions = Conditions(
        resource=reader.made(f"{where}.groupResource", lambda glob: compile_glob(glob, "."), resource, nothing),
        name=reader.made(f"{where}.resourceNameRegex", compile_name_regex, regex, Linear("")) if regex else None,
        namespaces=tuple(
            reader.made(place, compile_glob, reader.text(place, namespace), nothing)
            for place, namespace in placed(f"{where}.namespaces", namespaces)
        ),
        selector=_selector(reader, f"{where}.labelSelector", fields.get("labelSelector")),
        matches=tuple(_matches(reader, f"{where}.matches", fields.get("matches"))),
    )
    return conditions, resource


def _selector(reader: _Reader, where: str, value: Any) -> Selector | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        reader.problem(where, "must be a map with matchLabels and matchExpressions")
        return None
    return reader.made(where, compile_selector, _as_text(value), None)


def _as_text(value: Any) -> Any:
    """Every leaf of a label selector is text."""
    if isinstance(value, Mapping):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(element) for element in value]
    return text_of(value) if isinstance(value, (int, float)) else value


def _matches(reader: _Reader, where: str, value: Any) -> Iterator[tuple[Path, Any]]:
    for place, element in placed(where, reader.elements(where, value)):
        fields = reader.fields(place, element, ("path", "value"))
        pointer = reader.text(f"{place}.path", fields.get("path"))
        if not pointer:
            reader.problem(place, "path is required for match rule")
            continue
        yield _path(reader, f"{place}.path", pointer), _value(reader, f"{place}.value", fields.get("value"))


def _json_patch(reader: _Reader, where: str, elements: list[Any]) -> JsonPatch:
    if not HAS_JSONPATCH:
        reader.problem(where, MISSING_JSONPATCH)
    return JsonPatch(tuple(_operation(reader, place, element) for place, element in placed(where, elements)))


def _operation(reader: _Reader, where: str, value: Any) -> Operation:
    fields = reader.fields(where, value, _OPERATION)
    operation, pointer, source = (
        reader.text(f"{where}.{name}", fields.get(name)) for name in ("operation", "path", "from")
    )
    name = operation.lower()
    if not name:
        reader.problem(where, "operation cannot be empty")
    elif name not in OPERATIONS:
        reader.problem(where, f"unsupported operation {operation}")
    if not pointer:
        reader.problem(where, "path cannot be empty")
    if name in WITH_FROM and not source:
        reader.problem(where, f"from cannot be empty for {name}")
    return Operation(
        name=name,
        path=_path(reader, f"{where}.path", pointer),
        pointer=pointer,
        source=_path(reader, f"{where}.from", source) if name in WITH_FROM else (),
        value=_value(reader, f"{where}.value", fields.get("value")) if name in WITH_VALUE else None,
    )


def _path(reader: _Reader, where: str, pointer: str) -> Path:
    return reader.made(where, parts_of, pointer, ()) if pointer else ()


def _value(reader: _Reader, where: str, value: Any) -> Any:
    if isinstance(value, (Mapping, list)):
        return reader.made(where, plain_of, value, None)
    return reader.made(where, _typed, reader.text(where, value), None)


def _typed(text: str) -> Any:
    try:
        return typed(text)
    except ValueError:
        raise ValueError("Velero makes broken JSON of it: escape quotes, backslashes and line ends") from None


def _merge_patch(reader: _Reader, where: str, elements: list[Any]) -> MergePatch:
    return MergePatch(tuple(_patch_data(reader, where, elements)))


def _strategic_patch(reader: _Reader, where: str, elements: list[Any]) -> StrategicPatch:
    return StrategicPatch(tuple(_patch_data(reader, where, elements)))


def _patch_data(reader: _Reader, where: str, elements: list[Any]) -> Iterator[Body]:
    for place, element in placed(where, elements):
        data = reader.fields(place, element, ("patchData",)).get("patchData")
        read = parse_text if isinstance(data, str) else plain_of
        parsed: Any = reader.made(f"{place}.patchData", read, data, {})
        if isinstance(parsed, Mapping):
            yield dict(parsed)
        else:
            reader.problem(f"{place}.patchData", "must be a map, or its YAML or JSON text")


_PATCHES: dict[str, Callable[[_Reader, str, list[Any]], Patch]] = {
    "patches": _json_patch,
    "mergePatches": _merge_patch,
    "strategicPatches": _strategic_patch,
}
