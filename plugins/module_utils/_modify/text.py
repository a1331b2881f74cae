# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of a user's to plain JSON values, read as Velero reads it: as YAML, of which JSON is a part.

Velero 1.18 uses sigs.k8s.io/yaml 1.6 over go.yaml.in/yaml/v2, which differs from PyYAML in what a bare word is:
`1e3` is a number, `y` a boolean, `1:30` and `2026-01-01` are text. Keys become text. Refused: text that is too large
or nested too deep, however few aliases make it so; a key twice in one map; what JSON has no word for.
"""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any

from .._errors import SettingsError
from .._values import Body

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

    class _Loader(yaml.SafeLoader):
        """Leaves a bare word unresolved, and so tells it from one in quotes and from one with a tag."""

        yaml_implicit_resolvers = {None: [("bare", re.compile(""))]}  # noqa: RUF012 - PyYAML's own attribute


LONGEST = 1 << 20
"""Characters: a ConfigMap holds no more bytes."""

MOST_NODES = 100_000
DEEPEST = 100
MOST_WRITTEN_OUT = 4 * LONGEST
"""Characters once every alias is replaced by what it stands for: 100,000 aliases of one long text are no ConfigMap."""

_LONGEST_NUMBER = 400
"""Characters; the largest number that JSON's readers take has 309 digits."""

MISSING_YAML = "reading text needs the Python package PyYAML on the host that runs the module; or give a structure"

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INTEGERS = (
    (re.compile(r"([-+]?)0x([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0b([01]+)"), 2),
    (re.compile(r"([-+]?)0o?([0-7]+)"), 8),
    (re.compile(r"([-+]?)(0|[1-9][0-9]*)"), 10),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TOO_LARGE = "a number that is too large"
_TAG = "tag:yaml.org,2002:"


def parse_text(text: str) -> Any:
    """The value that the text stands for; raises a SettingsError that says where it is broken, without quoting it."""
    if len(text) > LONGEST:
        raise SettingsError([f"the text is longer than {LONGEST} characters"])
    try:
        return parse_json(text)
    except ValueError:
        return _parse_yaml(text)


def parse_json(text: str) -> Any:
    """Strict JSON; raises ValueError. A number without a fraction is an integer, as Kubernetes takes it."""
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def plain_of(value: Any) -> Any:
    """The same of a structure: a copy of JSON values alone; raises ValueError for what JSON has no word for."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError("a value that JSON has no word for, such as infinity") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return parse_json(text)


def _number(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(_TOO_LARGE)
    return int(value) if value.is_integer() and abs(value) < 1 << 63 else value


def _integer(text: str, base: int = 10) -> int:
    """None that its reader takes for infinite; nor is time spent on thousands of digits."""
    value = int(text, base) if len(text) <= _LONGEST_NUMBER else None
    if value is None or abs(value) > sys.float_info.max:
        raise ValueError(_TOO_LARGE)
    return value


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> Body:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _parse_yaml(text: str) -> Any:
    if not HAS_YAML:
        raise SettingsError([MISSING_YAML])
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise SettingsError([f"{where}{getattr(error, 'problem', None) or 'it is no YAML'}"]) from None
    except RecursionError:
        raise SettingsError(["it is nested too deep"]) from None
    return None if node is None else _Reader().value(node)


class _Reader:
    """Turns YAML nodes into values and counts them, an aliased node each time that it stands for."""

    def __init__(self) -> None:
        self._nodes = 0
        self._letters = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self._nodes += 1
        self._letters += len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        if self._nodes > MOST_NODES or self._letters > MOST_WRITTEN_OUT or depth > DEEPEST:
            raise _refused(node, "it is too large or nested too deep, its aliases written out")
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._map(node, depth + 1)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(element, depth + 1) for element in node.value]
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        raise _refused(node, "tags are not understood")

    def _map(self, node: Any, depth: int) -> Body:
        found: Body = {}
        merged: Body = {}
        for name, content in node.value:
            if name.tag == "bare" and name.value == "<<":
                merged = {**self._merged(content, depth), **merged}
                continue
            key = _key(name)
            if key in found:
                raise _refused(name, "a key stands twice")
            found[key] = self.value(content, depth)
        return {**merged, **found}

    def _merged(self, node: Any, depth: int) -> Body:
        """What `<<` brings in; of several maps the first one that has a key gives its value."""
        value = self.value(node, depth)
        found: Body = {}
        for part in reversed(value) if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                raise _refused(node, "only maps can be merged")
            found.update(part)
        return found


def _key(node: Any) -> str:
    value = _scalar(node) if isinstance(node, yaml.ScalarNode) else None
    if value is None:
        raise _refused(node, "a key must be text")
    return text_of(value)


def text_of(value: bool | int | float | str) -> str:
    """Where Velero's rules want text, a bare number or boolean is taken as it is spelled in JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _scalar(node: Any) -> Any:
    if node.tag == f"{_TAG}str":
        return node.value
    if node.tag == "bare":
        return _resolved(node)
    raise _refused(node, "tags are not understood")


def _resolved(node: Any) -> Any:
    text = node.value
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_JSON.fullmatch(text):
        raise _refused(node, "infinity and NaN are no JSON")
    try:
        return _number_or_text(text)
    except ValueError as error:
        raise _refused(node, str(error)) from None


def _number_or_text(text: str) -> Any:
    plain = text.replace("_", "")
    for pattern, base in _INTEGERS:
        found = pattern.fullmatch(plain)
        if found:
            return _integer(found[1] + found[2], base)
    return _number(plain) if _FLOAT.fullmatch(plain) else text


def _refused(node: Any, problem: str) -> SettingsError:
    return SettingsError([f"line {node.start_mark.line + 1}: {problem}"])
