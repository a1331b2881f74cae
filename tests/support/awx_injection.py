# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job of AWX gets of a credential: files, environment and extra variables, as `CredentialType.inject_credential`
of AWX 24 renders them. A field that was left blank is undefined there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import sandbox


@dataclass(frozen=True)
class Injected:
    """By a credential, or several."""

    environment: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    def __add__(self, other: Injected) -> Injected:
        return Injected(self.environment | other.environment, self.variables | other.variables)


def injected(credential_type: dict[str, Any], inputs: dict[str, str], folder: Path) -> Injected:
    """Of one credential, whose files go into the folder."""
    injectors = credential_type["injectors"]
    filled = {name: value for name, value in inputs.items() if value}
    templates = sandbox.ImmutableSandboxedEnvironment()
    filename = SimpleNamespace()

    def rendered(node: Any) -> Any:
        if isinstance(node, dict):
            return {rendered(name): rendered(part) for name, part in node.items()}
        if isinstance(node, list):
            return [rendered(part) for part in node]
        return templates.from_string(node).render(**filled, tower=SimpleNamespace(filename=filename))

    for label, text in injectors.get("file", {}).items():
        path = folder / f"{credential_type['name']}-{label}".replace(" ", "-")
        path.touch(mode=0o600)
        path.write_text(templates.from_string(text).render(**filled), encoding="utf-8")
        setattr(filename, label.partition(".")[2], str(path))
    return Injected(rendered(injectors.get("env", {})), rendered(injectors.get("extra_vars", {})))
