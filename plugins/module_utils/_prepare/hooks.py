# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore hooks that add init containers to Pods: the structure of a Restore's spec.hooks.resources, read once.

Velero 1.18, internal/hook/item_hook_handler.go and pkg/controller/restore_controller.go (validateAndComplete). As
there, hooks are for Pods whatever included- and excludedResources say, namespaces are those of the target, and timeouts
have no effect on init containers. Refused, for the user counts on it: a hook with `exec`, which needs a running Pod.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from .._match.globs import Patterns, pattern_problem
from .._match.selectors import Selector, compile_selector
from .._values import Body

_FIELDS = frozenset(
    (
        "name",
        "includedNamespaces",
        "excludedNamespaces",
        "includedResources",
        "excludedResources",
        "labelSelector",
        "postHooks",
    )
)

Problems = Callable[[Mapping[str, Any], str], Iterator[str]]
"""Of one map, and where it stands in the option."""

_LISTS = ("includedNamespaces", "excludedNamespaces", "includedResources", "excludedResources")


@dataclass(frozen=True, slots=True)
class Hook:
    """One entry of the list: which Pods, and the init containers they get."""

    included: Patterns
    excluded: Patterns
    selector: Selector
    containers: tuple[Body, ...]

    def applies(self, namespace: str, labels: Mapping[str, Any]) -> bool:
        if self.excluded.match(namespace) or not self.included.match(namespace):
            return False
        return self.selector.matches(labels)


@dataclass(frozen=True, slots=True)
class Hooks:
    """All hooks of a restore, in their order."""

    entries: tuple[Hook, ...] = ()

    def containers(self, namespace: str, labels: Mapping[str, Any]) -> list[Body]:
        """The init containers for a Pod, by its namespace on the target and its labels in the backup."""
        fitting = (entry for entry in self.entries if entry.applies(namespace, labels))
        return [container for entry in fitting for container in entry.containers]


NO_HOOKS = Hooks()


def compile_hooks(value: Any) -> tuple[Hooks, list[str]]:
    """The hooks, and every problem of the structure; with a problem there are no hooks."""
    if not value:
        return NO_HOOKS, []
    if not isinstance(value, list):
        return NO_HOOKS, ["hooks: must be a list, as spec.hooks.resources of a Restore is"]
    found = [problem for index, entry in enumerate(value) for problem in _problems(entry, f"hooks[{index}]")]
    return (NO_HOOKS, found) if found else (Hooks(tuple(map(_hook, value))), [])


def _hook(entry: Mapping[str, Any]) -> Hook:
    return Hook(
        included=Patterns(entry.get("includedNamespaces") or ("*",)),
        excluded=Patterns(entry.get("excludedNamespaces") or ()),
        selector=compile_selector(entry.get("labelSelector")),
        containers=tuple(
            dict(container)
            for hook in entry.get("postHooks") or ()
            for container in (hook.get("init") or {}).get("initContainers") or ()
        ),
    )


def _problems(entry: Any, where: str) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{where}: must be a map"
        return
    yield from _unknown(entry, _FIELDS, where)
    if not _is_text(entry.get("name")):
        yield f"{where}.name: a hook needs a name"
    for field in _LISTS:
        yield from _list_problems(entry.get(field), f"{where}.{field}")
    try:
        compile_selector(entry.get("labelSelector"))
    except SettingsError as error:
        yield from (f"{where}.labelSelector: {problem}" for problem in error.problems)
    yield from _each(entry.get("postHooks"), f"{where}.postHooks", _post_hook_problems)


def _each(value: Any, where: str, problems: Problems) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, list):
        yield f"{where}: must be a list"
        return
    for index, element in enumerate(value):
        if isinstance(element, Mapping):
            yield from problems(element, f"{where}[{index}]")
        else:
            yield f"{where}[{index}]: must be a map"


def _list_problems(value: Any, where: str) -> Iterator[str]:
    if value is not None and not (isinstance(value, list) and all(map(_is_text, value))):
        yield f"{where}: must be a list of strings"
    elif where.endswith("Namespaces"):
        found = ((pattern, pattern_problem(pattern)) for pattern in value or ())
        yield from (f"{where}: {pattern!r}: {problem}" for pattern, problem in found if problem)


def _post_hook_problems(hook: Mapping[str, Any], where: str) -> Iterator[str]:
    if hook.get("exec") is not None:
        yield f"{where}.exec: is not supported: no command is run in a restored Pod; take it out, and run it by a task"
    yield from _unknown(hook, frozenset(("exec", "init")), where)
    init = hook.get("init")
    if isinstance(init, Mapping):
        yield from _unknown(init, frozenset(("initContainers", "timeout")), f"{where}.init")
        yield from _each(init.get("initContainers"), f"{where}.init.initContainers", _container_problems)
    elif init is not None:
        yield f"{where}.init: must be a map"


def _container_problems(container: Mapping[str, Any], where: str) -> Iterator[str]:
    command = container.get("command")
    named = _is_text(container.get("name")) and _is_text(container.get("image"))
    if not (named and command and isinstance(command, list) and all(isinstance(word, str) for word in command)):
        yield f"{where}: invalid InitContainer in restore hook, it doesn't have Command, Name or Image field"


def _unknown(given: Mapping[str, Any], known: frozenset[str], where: str) -> Iterator[str]:
    return (f"{where}: unknown field {name!r}" for name in given if name not in known)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
