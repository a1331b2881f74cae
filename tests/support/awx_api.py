# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small AWX on loopback: the API that awx.awx talks to, with what AWX refuses, and nothing that runs a job.

A project's update brings the files of a folder of this repository, so that a template whose playbook is not there is
refused. What is refused stands in awx_rules.py.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import awx_rules as rules
from awx_objects import ENCRYPTED, KINDS, SURVEYED, UNIFIED

Body = dict[str, Any]
Answer = tuple[int, Any]

TOKEN, USER, PASSWORD = "canary-token-of-awx", "admin", "canary-password-of-awx"
NO_CONTENT = (204, None)


class Awx:
    """For a `with` statement; the organization Default is there from the start."""

    def __init__(self, projects: Mapping[str, Path], api: str = "/api/v2", product: str = "AWX") -> None:
        self.projects = projects
        """URL of a repository -> the folder that stands for it."""
        self.api, self.product = api, product
        self.objects: dict[str, dict[int, Body]] = {path: {} for path in KINDS}
        self.surveys: dict[int, Body] = {}
        self.lists: dict[tuple[int, str], list[int]] = {}
        self.written: list[tuple[str, str]] = []
        """Method and path of each that changes something."""
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._add("organizations", {"name": "Default"})

    def __enter__(self) -> Awx:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        return {"CONTROLLER_HOST": self.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}

    def named(self, path: str, name: str) -> Body:
        """The one object of that name, as the API shows it."""
        (found,) = (number for number, body in self.objects[path].items() if body["name"] == name)
        return self.shown(path, found)

    def names(self, path: str) -> list[str]:
        return sorted(body.get("name") or body["identifier"] for body in self.objects[path].values())

    def listed(self, path: str, name: str, other: str) -> list[str]:
        """Names of those that stand in a list of the object."""
        numbers = self.lists.get((self.named(path, name)["id"], other), [])
        return sorted(self.objects[KINDS[path].lists[other]][number]["name"] for number in numbers)

    def edit(self, path: str, name: str, **fields: Any) -> None:
        """Somebody changes it by hand."""
        self.objects[path][self.named(path, name)["id"]].update(fields)

    def shown(self, path: str, number: int) -> Body:
        """As the API answers: secrets hidden, and where the rest of it is."""
        body = deepcopy(self.objects[path][number])
        url = f"{self.api}/{path}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if path in SURVEYED else {}
        if path == "credentials":
            fields = self.objects["credential_types"][body["credential_type"]]["inputs"].get("fields", [])
            secret = {one["id"] for one in fields if one.get("secret")}
            body["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in body["inputs"].items()}
        if path == "notification_templates":
            body["notification_configuration"] = {
                name: ENCRYPTED if name in rules.SECRET and value else value
                for name, value in body["notification_configuration"].items()
            }
        summary: Body = {}
        if path == "projects":
            body |= {"scm_revision": "0f" * 20, "status": "pending"}
            summary = {"current_update": {"id": number}}
        if template := body.get("unified_job_template"):
            related["unified_job_template"] = f"{self.api}/{self._unified(template)}/{template}/"
        more = {"id": number, "type": KINDS[path].type, "url": url, "related": related, "summary_fields": summary}
        return {**body, **more, **({"managed": False} if path == "credential_types" else {})}

    def answer(self, method: str, path: str, query: list[tuple[str, str]], sent: Any) -> Answer:
        """What becomes of one request, whose path is relative to the API."""
        parts = path.strip("/").split("/")
        with self._lock:
            if method != "GET":
                self.written.append((method, path))
            try:
                return self._routed(method, parts, query, sent)
            except rules.Refused as refused:
                return 400, refused.args[0]
            except KeyError:
                return 404, {"detail": f"Not found: {method} {path}"}

    def _routed(self, method: str, parts: list[str], query: list[tuple[str, str]], sent: Any) -> Answer:
        if method == "GET":
            return self._read(parts, query)
        if parts[-1] in ("survey_spec", "create_approval_template"):
            return self._special(parts, sent)
        match method, parts:
            case "POST", [path]:
                return 201, self.shown(path, self._add(path, sent))
            case "PATCH", [path, number]:
                self._change(path, int(number), sent)
                return 200, self.shown(path, int(number))
            case "POST", [path, number, other]:
                return self._associated(path, int(number), other, sent)
        raise KeyError(parts)

    def _read(self, parts: list[str], query: list[tuple[str, str]]) -> Answer:
        match parts:
            case ["unified_job_templates"]:
                return _page([self.shown(path, number) for path in UNIFIED for number in self.objects[path]], query)
            case ["project_updates", number]:
                return 200, {"id": int(number), "status": "successful", "finished": "2026-11-29T03:12:00Z"}
            case [path]:
                return _page([self.shown(path, number) for number in self.objects[path]], query)
            case [path, number]:
                return 200, self.shown(path, int(number))
            case [path, number, "survey_spec"] if path in SURVEYED:
                return 200, deepcopy(self.surveys.get(int(number), {}))
            case [path, number, other]:
                of = KINDS[path].lists[other]
                return _page([self.shown(of, one) for one in self.lists.get((int(number), other), [])], query)
        raise KeyError(parts)

    def _special(self, parts: list[str], sent: Any) -> Answer:
        match parts:
            case [path, number, "survey_spec"] if path in SURVEYED:
                rules.check_survey(sent)
                self.surveys[int(number)] = sent
                return 200, {}
            case ["workflow_job_template_nodes", number, _]:
                made = self._add("workflow_approval_templates", sent)
                self.objects["workflow_job_template_nodes"][int(number)]["unified_job_template"] = made
                return 201, self.shown("workflow_approval_templates", made)
        raise KeyError(parts)

    def _associated(self, path: str, number: int, other: str, sent: Body) -> Answer:
        if sent["id"] not in self.objects[KINDS[path].lists[other]] or sent.keys() - {"id", "disassociate"}:
            raise rules.Refused({"detail": f"Invalid pk {sent['id']}"})
        there = self.lists.setdefault((number, other), [])
        if sent.get("disassociate"):
            there.remove(sent["id"])
        else:
            there.append(sent["id"])
        return NO_CONTENT

    def _add(self, path: str, sent: Body) -> int:
        kind = KINDS[path]
        for name in kind.required:
            if sent.get(name) in (None, ""):
                raise rules.Refused({name: ["This field is required."]})
        number = next(self._numbers)
        body = deepcopy(kind.fields)
        self._check(path, number, body, sent)
        self.objects[path][number] = body
        return number

    def _change(self, path: str, number: int, sent: Body) -> None:
        body = deepcopy(self.objects[path][number])
        if path == "notification_templates":
            sent = {**sent, "messages": rules.merged(body["messages"], sent.get("messages"))}
        self._check(path, number, body, sent)
        self.objects[path][number] = body

    def _check(self, path: str, number: int, body: Body, sent: Body) -> None:
        """Puts into the body what was sent, when AWX would take it."""
        kind = KINDS[path]
        read_only = {"type": kind.type, "managed": False}
        written = {name: value for name, value in sent.items() if read_only.get(name) != value or name in kind.fields}
        if unknown := written.keys() - kind.fields.keys():
            raise rules.Refused({"detail": f"{path} have no {', '.join(sorted(unknown))}"})
        body.update(written)
        for name, of in kind.references.items():
            if body[name] is not None and not self._exists(of, body[name]):
                raise rules.Refused({name: [f'Invalid pk "{body[name]}" - object does not exist.']})
        for other, there in self.objects[path].items():
            if other != number and all(there.get(name, other) == body.get(name, number) for name in kind.unique):
                raise rules.Refused({"__all__": [f"{kind.type} with this {' and '.join(kind.unique)} already exists."]})
        self._check_kind(path, body)

    def _check_kind(self, path: str, body: Body) -> None:
        if path == "credential_types":
            rules.check_credential_type(body)
        elif path == "notification_templates":
            defaults = rules.DEFAULTS.get(body["notification_type"], {})
            body["notification_configuration"] = {**defaults, **body["notification_configuration"]}
            rules.check_notification(body)
        elif path == "job_templates":
            self._check_playbook(body)
        elif path == "schedules":
            rules.check_rule(body["rrule"])
        if path in ("schedules", "workflow_job_template_nodes"):
            self._check_prompts(body)
        for name in ("variables", "extra_vars"):
            if body.get(name) and not isinstance(json.loads(body[name]), dict):
                raise rules.Refused({name: ["Cannot parse as a JSON object."]})

    def _check_playbook(self, body: Body) -> None:
        project = self.objects["projects"][body["project"]]
        folder = self.projects.get(project["scm_url"], Path("/nowhere"))
        if body["playbook"] not in {path.name for path in folder.glob("*.yml")}:
            raise rules.Refused({"playbook": ["Playbook not found for project."]})

    def _check_prompts(self, body: Body) -> None:
        """A template takes only what it asks for."""
        template = body["unified_job_template"]
        asks = self.objects[self._unified(template)][template] if template else {}
        asked = {one["variable"] for one in self.surveys.get(template, {}).get("spec", [])}
        if not asks.get("ask_variables_on_launch") and set(body["extra_data"]) - asked:
            names = ", ".join(set(body["extra_data"]) - asked)
            raise rules.Refused({"extra_vars": [f"Variables {names} are not allowed on launch."]})
        for name in ("diff_mode", "limit", "job_type"):
            if body.get(name) is not None and not asks.get(f"ask_{name}_on_launch"):
                raise rules.Refused({name: ["Field is not configured to prompt on launch."]})

    def _exists(self, path: str, number: Any) -> bool:
        paths = UNIFIED if path == "unified_job_templates" else (path,)
        return any(number in self.objects[one] for one in paths)

    def _unified(self, number: int) -> str:
        return next((path for path in UNIFIED if number in self.objects[path]), "")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        awx = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                sent = json.loads(self.rfile.read(length) or "null")
                url = urlsplit(self.path)
                status, body = awx._allowed(self.headers.get("Authorization", ""), self.command, url.path)
                if status == 0:
                    path = url.path.removeprefix(awx.api)
                    status, body = awx.answer(self.command, path, parse_qsl(url.query), sent)
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("X-API-Product-Name", awx.product)
                self.send_header("X-API-Product-Version", "24.6.1")
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - so the server calls them

            def log_message(self, *_arguments: object) -> None:
                """Nothing."""

        return Handler

    def _allowed(self, authorization: str, method: str, path: str) -> Answer:
        """Status 0 for whoever may go on; else the answer, which is the token for a password."""
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if path.startswith(f"{self.api}/tokens/") and authorization == f"Basic {basic}":
            return (201, {"id": 1, "token": TOKEN}) if method == "POST" else NO_CONTENT
        if not path.startswith(f"{self.api}/"):
            return 404, {"detail": f"no API at {path}"}
        return (0, None) if authorization == f"Bearer {TOKEN}" else (401, {"detail": "Authentication credentials"})


def _page(found: list[Body], query: list[tuple[str, str]]) -> Answer:
    every = [(name, value) for name, value in query if not name.startswith("or__")]
    any_of = [(name.removeprefix("or__"), value) for name, value in query if name.startswith("or__")]
    for name, _value in (*every, *any_of):
        if found and name not in {key for body in found for key in body}:
            raise rules.Refused({"detail": f"no field {name} to filter by"})
    kept = [
        body
        for body in found
        if all(_is(body, *one) for one in every) and (not any_of or any(_is(body, *one) for one in any_of))
    ]
    return 200, {"count": len(kept), "next": None, "previous": None, "results": kept}


def _is(body: Body, name: str, value: str) -> bool:
    return str(body.get(name)) == value
