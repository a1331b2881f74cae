# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Init containers that restore hooks add to Pods. Velero 1.18, internal/hook/item_hook_handler.go.

They come before the Pod's own. Unlike Velero's, the name of one that the annotations leave unnamed is the same at each
restore, and an init container that has the name already is replaced: a backup of a restored Pod can be restored again.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .._kinds import PODS
from .._unstructured import annotations_of, as_list, as_text, labels_of, nested, replaced
from .._values import Body
from .context import PrepareContext

_PREFIX = "init.hook.restore.velero.io/"
IMAGE = _PREFIX + "container-image"
NAME = _PREFIX + "container-name"
COMMAND = _PREFIX + "command"

_HEX = 8


def add_init_containers(resource: str, body: Body, context: PrepareContext) -> Body:
    """A Pod whose annotations name an image gets that container alone, any other one those of the hooks."""
    if resource != PODS:
        return body
    added = _annotated(body) or _hooked(body, context)
    if not added:
        return body
    names = {as_text(container.get("name")) for container in added}
    own = [
        each for each in as_list(nested(body, "spec", "initContainers")) if as_text(nested(each, "name")) not in names
    ]
    return replaced(body, ("spec", "initContainers"), [*added, *own])


def _annotated(body: Body) -> list[Body]:
    annotations = annotations_of(body)
    image, command = as_text(annotations.get(IMAGE)), as_text(annotations.get(COMMAND))
    if not image:
        return []
    container: Body = {"name": as_text(annotations.get(NAME)) or _name(body, image, command), "image": image}
    words = _words(command)
    return [{**container, "command": words} if words else container]


def _name(body: Body, image: str, command: str) -> str:
    key = (as_text(nested(body, "metadata", "namespace")), as_text(nested(body, "metadata", "name")), image, command)
    return f"velero-restore-init-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:_HEX]}"


def _words(command: str) -> list[str]:
    """A JSON array of texts, else one word; without any the image's own entry point runs."""
    if command.startswith("["):
        try:
            words: Any = json.loads(command)
        except (ValueError, RecursionError):
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return words
    return [command] if command else []


def _hooked(body: Body, context: PrepareContext) -> list[Body]:
    namespace = as_text(nested(body, "metadata", "namespace"))
    return context.hooks.containers(context.namespace_mapping.get(namespace, namespace), labels_of(body))
