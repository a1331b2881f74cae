# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target that answers from a script, where a cluster would take seconds to bring a moment about.

It stands in for the client: each request takes the next answer that the script has for it, and is kept as it was sent.
A request is called by its verb, type and object: `get pods shop/web`, `dry-run create configmaps shop/app-*` (of a
generated name), `patch jobs.batch/status shop/migrate`, `delete namespaces shop`, `list secrets standby-velero a=b`.
A request that the script does not know is a fault of the test, or of what it tests.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply
from ansible_collections.standby.velero.plugins.module_utils._values import Resource

Body = dict[str, Any]
Answer = Body | ClusterError | Callable[[Body], Body] | list[list[Body]]
"""A body, an error to raise, what makes an answer of the body that was sent, or the pages of a list."""

GONE: Body = {"kind": "Status", "status": "Success"}
"""The answer to a deletion after which nothing is left."""


class Sent(NamedTuple):
    """One request; `body` is empty for a read, and has the preconditions of a deletion."""

    request: str
    body: Body


class ScriptedTarget:
    """Answers as `script` says: (request, its answer), in the order in which they are to be asked for."""

    verifies_tls = True

    def __init__(self, *script: tuple[str, Answer]) -> None:
        self.script = [request for request, _answer in script]
        self.sent: list[Sent] = []
        self.dropped_fields: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        for request, answer in script:
            self._answers[request].append(answer)

    @property
    def requests(self) -> list[str]:
        """What was asked, in its order: a test compares it with the script."""
        return [sent.request for sent in self.sent]

    def body(self, request: str) -> Body:
        """What was sent with the only request of that name."""
        (body,) = [sent.body for sent in self.sent if sent.request == request]
        return body

    # What a client does

    def once(self) -> ScriptedTarget:
        """It repeats nothing anyway."""
        return self

    def until(self, _stopping: object, settles: bool = False) -> ScriptedTarget:  # noqa: ARG002 - the client's own
        """It sends whatever it is asked for."""
        return self

    def get(self, resource: Resource, namespace: str, name: str) -> Body:
        return self._answer(f"get {_place(resource, namespace, name)}")

    def get_json(self, path: str, accept: str = "", largest: int = 0) -> Body:  # noqa: ARG002 - the client's own signature
        return self._answer(f"get {path}")

    def pages(
        self,
        resource: Resource,
        namespace: str = "",
        selector: str = "",
        accept: str = "",  # noqa: ARG002 - the client's own signature
    ) -> Iterator[list[Body]]:
        yield from self._answer(" ".join(filter(None, ("list", resource.name, namespace, selector))))

    def create(self, resource: Resource, namespace: str, body: Body, dry_run: bool = False) -> Body:
        metadata = body["metadata"]
        name = f"{metadata['generateName']}*" if "generateName" in metadata else metadata["name"]
        return self._answer(f"{_verb('create', dry_run)} {_place(resource, namespace, name)}", body)

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        patch: Body,
        dry_run: bool = False,
        subresource: str = "",
        uid: str = "",  # noqa: ARG002 - the client's own signature
    ) -> Body:
        return self._answer(f"{_verb('patch', dry_run)} {_place(resource, namespace, name, subresource)}", patch)

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        uid: str,
        version: str = "",
        propagation: str = "",
        dry_run: bool = False,
    ) -> Body:
        how = {"uid": uid, "version": version, "propagation": propagation}
        return self._answer(f"{_verb('delete', dry_run)} {_place(resource, namespace, name)}", how)

    def _answer(self, request: str, body: Body | None = None) -> Any:
        with self._lock:
            sent = Sent(request, deepcopy(body or {}))
            self.sent.append(sent)
            answers = self._answers[request]
            assert answers, f"nobody has scripted an answer to: {request}, after {self.requests[:-1]}"
            answer = answers.popleft()
        if isinstance(answer, ClusterError):
            raise answer
        return answer(sent.body) if callable(answer) else deepcopy(answer)


def _verb(verb: str, dry_run: bool) -> str:
    return f"dry-run {verb}" if dry_run else verb


def _place(resource: Resource, namespace: str, name: str, subresource: str = "") -> str:
    return f"{resource.name}{subresource} {namespace}/{name}" if namespace else f"{resource.name}{subresource} {name}"


# Answers


def failing(kind: type[ClusterError], text: str = "", **about: Any) -> ClusterError:
    """An error that says `text`, its own name unless told; `repeated`, `fields` and more as it has them."""
    error = kind(text or kind.__name__, fields=tuple(about.pop("fields", ())))
    for name, value in about.items():
        assert hasattr(error, name)
        setattr(error, name, value)
    return error


def stored(uid: str = "new", version: str = "100", **more: Any) -> Callable[[Body], Body]:
    """A created object as a server answers it: what was sent, with a UID and a version; `more` is what it adds."""
    return lambda sent: apply(sent, {"metadata": {"uid": uid, "resourceVersion": version}, **more})


def patched(live: Body, version: str = "100", **more: Any) -> Callable[[Body], Body]:
    """A patched object as a server answers it: the live one with the patch in it; `more` is what admission adds."""
    return lambda sent: apply(apply(live, sent), {"metadata": {"resourceVersion": version}, **more})
