# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24 refuses of the objects that role awx makes, told again from its source.

awx/main/fields.py (credential types), awx/api/views (surveys), awx/api/serializers.py (messages, rules of schedules).
A field that AWX does not have it passes over; here it is refused, for whoever sends it means something by it.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import jinja2
import jsonschema
from jinja2 import sandbox

Body = dict[str, Any]

_NAME = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"
_INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}, "uniqueItems": True},
                    "id": {"type": "string", "pattern": _NAME},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"type": "boolean"},
                    "default": {},
                },
            },
        },
    },
}
_INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": {"type": "string"}},
        },
        "env": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {_NAME: {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
        },
        "extra_vars": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {
                r"^[a-zA-Z_\{\}]+[a-zA-Z0-9_\{\}]*$": {
                    "anyOf": [{"type": "string"}, {"type": "array"}, {"$ref": "#/properties/extra_vars"}]
                }
            },
        },
    },
}
_QUESTION_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}
_CONFIGURATION = {
    "mattermost": {"mattermost_url": str, "mattermost_no_verify_ssl": bool},
    "slack": {"token": str, "channels": list},
    "webhook": {"url": str, "headers": dict},
    "email": {
        "host": str,
        "port": int,
        "username": str,
        "password": str,
        "use_tls": bool,
        "use_ssl": bool,
        "sender": str,
        "recipients": list,
    },
}
"""Type of a notification -> what its configuration must have."""
DEFAULTS: dict[str, Body] = {
    "webhook": {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""},
    "email": {"timeout": 30},
}
SECRET = ("password", "token")
"""Names of a configuration's secrets."""

MESSAGE_CONTEXT: Body = {
    "job": {
        "artifacts": {},
        "created": datetime.datetime(2018, 11, 13, 6, 4, tzinfo=datetime.timezone.utc),
        "finished": False,
        "failed": False,
        "id": 42,
        "job_explanation": "",
        "name": "Stub JobTemplate",
        "status": "running",
        "limit": "",
    },
    "job_friendly_name": "Job",
    "url": "https://platformhost/#/jobs/playbook/1010",
    "approval_status": "approved",
    "approval_node_name": "Approve Me",
    "workflow_url": "https://platformhost/#/jobs/workflow/1010",
    "job_metadata": "{}",
}
"""By which AWX tries whether a message can be rendered: of `job` a part of what it has."""


class Refused(Exception):
    """What AWX answers with status 400."""


def check_credential_type(body: Body) -> None:
    for name, schema in (("inputs", _INPUTS), ("injectors", _INJECTORS)):
        try:
            jsonschema.validate(body[name], schema)
        except jsonschema.ValidationError as error:
            raise Refused({name: error.message}) from error
    if body["kind"] not in ("cloud", "net"):
        raise Refused({"kind": f"Must be 'cloud' or 'net', not {body['kind']}"})
    if set(body["inputs"].get("required", ())) - {one["id"] for one in body["inputs"].get("fields", ())}:
        raise Refused({"inputs": "required names a field that is not there"})
    for name in body["injectors"].get("env", {}):
        if name.startswith("ANSIBLE_"):
            raise Refused({"injectors": f"Environment variable {name} may affect Ansible configuration"})
    for text in _templates(body["injectors"]):
        _rendered(text, _example(body))


def _templates(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, part in node.items():
            yield str(name)
            yield from _templates(part)
    elif isinstance(node, list):
        for part in node:
            yield from _templates(part)
    else:
        yield node


def _example(body: Body) -> Body:
    files = [name.partition(".")[2] for name in body["injectors"].get("file", {})]
    filename = "EXAMPLE" if files == [""] else dict.fromkeys(files, "EXAMPLE")
    fields = {one["id"]: "EXAMPLE" for one in body["inputs"].get("fields", ())}
    return {**fields, "tower": {"filename": filename}}


def _rendered(text: str, context: Body) -> str:
    try:
        environment = sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
        return environment.from_string(text).render(context)
    except jinja2.TemplateError as error:
        raise Refused({"detail": f"{text} cannot be rendered: {error}"}) from error


def check_survey(spec: Any) -> None:
    """As `_validate_spec_data` of AWX, with its order of complaints."""
    for name, expected in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), expected):
            raise Refused({"error": f"Field '{name}' is missing from survey spec, or no {expected.__name__}."})
    if not spec["spec"]:
        raise Refused({"error": "'spec' doesn't contain any items."})
    seen: set[str] = set()
    for place, question in enumerate(spec["spec"]):
        for problem in _question_problems(question, seen):
            raise Refused({"error": f"question {place}: {problem}"})
        seen.add(question["variable"])


def _question_problems(question: Body, seen: set[str]) -> Iterator[str]:
    for name, expected in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(name), expected):
            yield f"'{name}' is missing, or no {expected.__name__}"
            return
    known = {"type", "question_name", "question_description", "variable", "required", "default", "choices"}
    if extra := question.keys() - known - {"min", "max", "new_question"}:
        yield f"nobody knows what {sorted(extra)} is"
    if question["variable"] in seen:
        yield f"'variable' '{question['variable']}' duplicated"
    if question["type"] not in _QUESTION_TYPES:
        yield f"'{question['type']}' is not one of the allowed question types"
        return
    yield from _default_problems(question)
    yield from _choice_problems(question)


def _default_problems(question: Body) -> Iterator[str]:
    default = question.get("default", "")
    if default != "" and not isinstance(default, _QUESTION_TYPES[question["type"]]):
        yield f"Default value {default} expected to be {question['type']}"
    for limit in ("min", "max"):
        if not isinstance(question.get(limit), int | None):
            yield f"The {limit} limit expected to be integer."


def _choice_problems(question: Body) -> Iterator[str]:
    if question["type"] not in ("multiplechoice", "multiselect"):
        return
    if "choices" not in question:
        yield "must specify choices."
        return
    choices = question["choices"].splitlines() if isinstance(question["choices"], str) else question["choices"]
    chosen = question.get("default", "").splitlines()
    if question["type"] == "multiplechoice" and len(chosen) > 1:
        yield "can only have one default value."
    if any(one not in choices for one in chosen):
        yield "Default choice must be answered from the choices listed."


def check_notification(body: Body) -> None:
    """Configuration and messages, which AWX renders before it takes them."""
    wanted = _CONFIGURATION.get(body["notification_type"])
    if wanted is None:
        raise Refused({"notification_type": f"{body['notification_type']} is no type that these tests know"})
    for name, expected in wanted.items():
        if not isinstance(body["notification_configuration"].get(name), expected):
            raise Refused({"__all__": [f"Missing, or no {expected.__name__}: {name}."]})
    for event, message in _messages(body["messages"] or {}):
        for name, text in message.items():
            if name not in ("message", "body"):
                raise Refused({"messages": f"Message type '{name}' invalid"})
            if name == "message" and "\n" in text:
                raise Refused({"messages": f"Messages cannot contain newlines (found newline in {event} event)"})
            shown = _rendered(text, MESSAGE_CONTEXT)
            if body["notification_type"] == "webhook" and name == "body" and not isinstance(json.loads(shown), dict):
                raise Refused({"messages": f"Webhook body for '{event}' should be a json dictionary."})


def _messages(messages: Body) -> Iterator[tuple[str, Body]]:
    for event, message in messages.items():
        if event == "workflow_approval":
            if message.keys() - {"running", "approved", "timed_out", "denied"}:
                raise Refused({"messages": f"Workflow Approval events {sorted(message)}"})
            yield from message.items()
        elif event in ("started", "success", "error"):
            yield event, message
        else:
            raise Refused({"messages": f"Event '{event}' invalid"})


def check_rule(rrule: str) -> None:
    """The rule of a schedule."""
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rrule)
    rules = re.findall(r"RULE:[^\s]*", rrule)
    if len(starts) != 1 or re.search(r"DTSTART:[0-9]+T[0-9]+ ", rrule):
        raise Refused({"rrule": "Valid DTSTART required in rrule: DTSTART:YYYYMMDDTHHMMSSZ"})
    if not rules or any("INTERVAL" not in rule or "FREQ" not in rule or "SECONDLY" in rule for rule in rules):
        raise Refused({"rrule": f"INTERVAL required in rrule, and no SECONDLY: {rrule}"})


def merged(old: Any, new: Any) -> Any:
    """Messages of a notification template: what the new ones leave out AWX keeps."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old if new in (None, {}) else new
    return {name: merged(old.get(name), new.get(name)) for name in {**old, **new}}
