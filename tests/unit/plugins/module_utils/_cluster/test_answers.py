# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The translator of API answers: which error, and never a value in its text."""

from __future__ import annotations

import json

import pytest
from ansible_collections.standby.velero.plugins.module_utils import _errors
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import as_absence, error_of
from ansible_collections.standby.velero.plugins.module_utils._values import Resource

CANARY = "s3cr3t-canary"


def status(code, reason="", message="", causes=()):
    details = {"causes": [{"reason": why, "message": text, "field": field} for why, text, field in causes]}
    return json.dumps(
        {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    ).encode()


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (401, "Unauthorized", "Unauthorized"),
        (403, "Forbidden", "Forbidden"),
        (404, "NotFound", "AbsenceUnproven"),
        (404, "", "AbsenceUnproven"),
        (409, "AlreadyExists", "AlreadyExists"),
        (409, "Conflict", "Conflict"),
        (410, "Expired", "ListExpired"),
        (422, "Invalid", "Invalid"),
        (429, "TooManyRequests", "Throttled"),
        (500, "InternalError", "Throttled"),
        (503, "ServiceUnavailable", "Throttled"),
        (400, "BadRequest", "ClusterError"),
    ],
)
def test_each_status_has_its_error(code, reason, kind):
    error = error_of(code, status(code, reason))
    assert error.__class__ is getattr(_errors, kind)
    assert (error.status, error.reason) == (code, reason)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            status(
                422,
                "Invalid",
                f'ConfigMap "frozen" is invalid: data: {CANARY}',
                [("FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", "data")],
            ),
            "Invalid: data (field is immutable)",
        ),
        (
            status(
                422,
                "Invalid",
                CANARY,
                [("FieldValueInvalid", f'Invalid value: {{"a":"{CANARY}"}}: field is immutable', "spec.selector")],
            ),
            "Invalid: spec.selector (field is immutable)",
        ),
        (
            status(
                422,
                "Invalid",
                CANARY,
                [("FieldValueInvalid", f'Invalid value: "{CANARY}": must be no less than 1', "spec.replicas")],
            ),
            "Invalid: spec.replicas (invalid value)",
        ),
        (
            status(422, "Invalid", f"ValidatingAdmissionPolicy 'guard' with binding 'guard' denied request: {CANARY}"),
            "Invalid: ValidatingAdmissionPolicy 'guard' with binding 'guard' denied request",
        ),
        (
            status(403, "Forbidden", f'admission webhook "a.b.c" denied the request: {CANARY}'),
            'Forbidden: admission webhook "a.b.c" denied the request',
        ),
        (
            status(
                403,
                "Forbidden",
                f'x: User "jim" cannot list resource "secrets" in API group "" in the namespace "shop": {CANARY}',
            ),
            'Forbidden: User "jim" cannot list resource "secrets" in API group "" in the namespace "shop"',
        ),
        (
            status(403, "Forbidden", f"configmaps is forbidden: exceeded quota: quota, requested: {CANARY}"),
            "Forbidden: exceeded quota: quota",
        ),
        (
            status(
                400, "BadRequest", f'Secret in version "v1" cannot be handled as a Secret: illegal base64 data {CANARY}'
            ),
            "BadRequest",
        ),
        (f"<html>{CANARY}</html>".encode(), "HTTP 502"),
        (json.dumps({"kind": "Other", "message": CANARY}).encode(), "HTTP 502"),
        (b"", "HTTP 502"),
    ],
)
def test_a_message_is_built_from_reason_and_fields_and_never_quotes_a_value(said, shown):
    code = json.loads(said)["code"] if b"code" in said else 502
    error = error_of(code, said)
    assert str(error) == shown
    assert CANARY not in repr(error.__dict__)


def test_control_characters_in_a_field_are_not_shown():
    error = error_of(422, status(422, "Invalid", "", [("FieldValueInvalid", "", "data[\x1b[31mred]")]))
    assert str(error) == "Invalid: data[\\x1b[31mred] (invalid value)"


def test_a_webhook_that_cannot_dry_run_is_an_error_of_its_own():
    error = error_of(400, status(400, "BadRequest", 'admission webhook "a.b" does not support dry run'))
    assert isinstance(error, _errors.DryRunUnsupported)


WIDGETS = Resource("example.org", "v1", "widgets", "Widget", True)
NODES = Resource("", "v1", "nodes", "Node", False)
NAMED = {"group": "example.org", "kind": "widgets", "name": "gear"}


def not_found(details, **more):
    return json.dumps({"kind": "Status", "reason": "NotFound", "details": details, **more}).encode()


@pytest.mark.parametrize(
    "body",
    [
        not_found(NAMED),
        not_found({"kind": "namespaces", "name": "shop"}),
    ],
    ids=["the object itself", "its namespace"],
)
def test_an_object_is_gone_when_the_api_server_names_it(body):
    error = error_of(404, body)
    error.repeated = True
    found = as_absence(error, WIDGETS, "shop", "gear")
    assert found.__class__ is _errors.NotFound
    assert (str(found), found.status, found.reason, found.repeated) == ("NotFound", 404, "NotFound", True)


@pytest.mark.parametrize(
    "body",
    [
        b"default backend - 404",
        b"404 page not found\n",
        b"",
        json.dumps(NAMED).encode(),
        not_found({}),
        not_found(None),
        not_found("gear"),
        not_found({**NAMED, "name": "other"}),
        not_found({**NAMED, "kind": "gadgets"}),
        not_found({**NAMED, "kind": "Widget"}),
        not_found({**NAMED, "group": "other.org"}),
        not_found({"kind": "widgets", "name": "gear"}),
        not_found({"kind": "namespaces", "name": "other"}),
        not_found(NAMED, kind="Other"),
        not_found(NAMED, reason="Gone"),
    ],
)
def test_any_other_404_says_nothing_of_the_object(body):
    """A load balancer's, that of a type that is not served, that of another object."""
    found = as_absence(error_of(404, body), WIDGETS, "shop", "gear")
    assert found.__class__ is _errors.AbsenceUnproven
    assert str(found).endswith("that does not name this object: of a load balancer, or of a type that is not served")


@pytest.mark.parametrize(
    ("resource", "details"),
    [
        (
            Resource("authorization.openshift.io", "v1", "rolebindings", "RoleBinding", True),
            {"group": "rbac.authorization.k8s.io", "kind": "rolebindings", "name": "gear"},
        ),
        (
            Resource("project.openshift.io", "v1", "projects", "Project", False),
            {"kind": "namespaces", "name": "gear"},
        ),
    ],
)
def test_what_openshift_serves_twice_is_gone_when_it_is_gone_behind_it(resource, details):
    assert as_absence(error_of(404, not_found(details)), resource, "", "gear").__class__ is _errors.NotFound
    other = not_found({**details, "name": "other"})
    assert as_absence(error_of(404, other), resource, "", "gear").__class__ is _errors.AbsenceUnproven


def test_an_object_without_a_namespace_is_not_gone_with_one():
    body = not_found({"kind": "namespaces", "name": ""})
    assert as_absence(error_of(404, body), NODES, "", "one").__class__ is _errors.AbsenceUnproven


def test_many_causes_are_counted_not_listed():
    causes = [("FieldValueInvalid", "", f"spec.a{number}") for number in range(20)]
    assert str(error_of(422, status(422, "Invalid", "", causes))).endswith("12 more")
