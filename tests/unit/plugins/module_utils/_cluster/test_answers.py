# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
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
                f'secrets is forbidden: User "jim" cannot list resource "secrets" in API group "" in the namespace'
                f' "shop": {CANARY}',
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


def test_what_does_not_look_like_a_field_path_is_not_shown():
    error = error_of(422, status(422, "Invalid", "", [("FieldValueInvalid", "", "data[\x1b[31mred]")]))
    assert (str(error), error.fields) == ("Invalid: invalid value", ())


def test_a_webhook_that_cannot_dry_run_is_an_error_of_its_own():
    error = error_of(400, status(400, "BadRequest", 'admission webhook "a.b" does not support dry run'))
    assert isinstance(error, _errors.DryRunUnsupported)
    quoted = status(400, "BadRequest", 'admission webhook "a.b" denied the request: it does not support dry run')
    assert isinstance(error_of(400, quoted), _errors.Forbidden)


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


def test_very_many_causes_are_not_all_read():
    causes = [("FieldValueInvalid", "", f"spec.a{number}") for number in range(5000)]
    error = error_of(422, status(422, "Invalid", "", causes))
    assert str(error).endswith("92+ more")
    assert len(error.fields) == 100


# A hostile Status: whoever writes it, no value gets out

DENIED = 'admission webhook "strict.example.org" denied the request'
REASONS = [CANARY, f"password '{CANARY}' is too weak", f"Forbidden\n{CANARY}", {"Forbidden": CANARY}, [CANARY], 7, None]
FIELDS = [
    f"the value '{CANARY}'",
    f"data.password: {CANARY}",
    f"data[{CANARY} ]",
    f"data[\"{CANARY}']",
    f"data[{CANARY}",
    f"data..{CANARY}",
    f"\x1b[31m{CANARY}",
    f"data[0]{CANARY}",
    f"={CANARY}",
    CANARY * 200,
    {"data": CANARY},
    [CANARY],
    7,
]
MESSAGES = [
    CANARY,
    f"exceeded quota: {CANARY} {CANARY}",
    f'violates PodSecurity "{CANARY}:latest": host namespaces (hostNetwork={CANARY}), {CANARY}',
    f"no PriorityClass with name {CANARY} {CANARY}",
    f'User "{CANARY} x" cannot get resource "secrets"',
    f'secrets "x" is forbidden: {CANARY}: {CANARY}',
    f'secrets "x" is forbidden: password={CANARY}: Invalid value: "{CANARY}"',
    f"Internal error occurred: {CANARY}",
    f"failed to update ManagedFields ({CANARY}): {CANARY}",
    f"conversion webhook for example.org/v1, Kind=Widget failed: {CANARY}",
    f'failed calling webhook "dead.example.org": failed to call webhook: {CANARY}',
    f"ValidatingAdmissionPolicy 'a' with binding 'b' denied request: {CANARY}",
    "\x1b]0;x\x07" + CANARY,
    CANARY * 100_000,
    {"message": CANARY},
    [CANARY],
    7,
    None,
]
SECRET = "/api/v1/namespaces/shop/secrets"


def told_of(error):
    return f"{error}{error.__dict__}"


@pytest.mark.parametrize("code", [400, 403, 404, 409, 410, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("reason", REASONS, ids=repr)
def test_a_reason_is_shown_only_when_it_is_one_of_the_apis_own(code, reason):
    said = {"kind": "Status", "reason": reason, "message": f"{DENIED}: {CANARY}"}
    error = error_of(code, json.dumps(said).encode())
    assert str(error) == f"HTTP {code}: {DENIED}"
    assert CANARY not in told_of(error)


@pytest.mark.parametrize("code", [403, 422, 500])
@pytest.mark.parametrize("message", [f"{DENIED}: no", "Secret is invalid", ""])
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: repr(field)[:40])
def test_a_field_is_shown_only_when_it_looks_like_a_path(code, message, field):
    causes = [{"field": field, "reason": CANARY, "message": CANARY}, {"field": "spec.a", "reason": [CANARY]}, CANARY, 7]
    said = {"kind": "Status", "reason": "Invalid", "message": message, "details": {"causes": causes, "name": CANARY}}
    error = error_of(code, json.dumps(said).encode())
    assert CANARY not in told_of(error)
    assert error.fields == ("spec.a",)


@pytest.mark.parametrize("code", [400, 401, 403, 409, 422, 429, 500])
@pytest.mark.parametrize("prefix", ["", 'secrets "x" is forbidden: ', f"{DENIED}: ", "Internal error occurred: "])
@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: repr(message)[:40])
def test_no_message_is_shown_as_it_came(code, prefix, message):
    text = f"{prefix}{message}" if isinstance(message, str) else message
    error = error_of(code, json.dumps({"kind": "Status", "reason": "Forbidden", "message": text}).encode())
    assert CANARY not in told_of(error)
    assert str(error).isprintable()
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    "details", [CANARY, [CANARY], 7, {"causes": CANARY}, {"causes": {"field": CANARY}}, None], ids=repr
)
def test_details_of_the_wrong_type_are_passed_over(details):
    error = error_of(422, json.dumps({"kind": "Status", "reason": "Invalid", "details": details}).encode())
    assert (str(error), error.fields) == ("Invalid", ())


@pytest.mark.parametrize(
    ("path", "field", "shown"),
    [
        ("/api/v1/namespaces/shop/configmaps", "spec.replicas", "spec.replicas"),
        ("/api/v1/namespaces/shop/configmaps", CANARY, ""),
        ("/apis/apps/v1/namespaces/shop/deployments/web", f"{CANARY}.spec", ""),
        (SECRET, f"data.{CANARY}", "data"),
        (f"{SECRET}/token?dryRun=All", f"stringData[{CANARY}]", "stringData"),
        ("/api/v1/secrets", f"metadata.annotations[{CANARY}]", "metadata"),
        (f"{SECRET}?dryRun=All", f"spec.{CANARY}", ""),
        (f"{SECRET}/token", CANARY, ""),
    ],
)
def test_a_webhook_names_fields_that_objects_have_and_of_a_secret_no_more_than_the_first_part(path, field, shown):
    said = status(422, "Invalid", f"{DENIED}: no", [("FieldValueInvalid", "", field)])
    error = error_of(422, said, path)
    assert error.fields == ((shown,) if shown else ())
    assert CANARY not in told_of(error)


@pytest.mark.parametrize(
    "said", [b"[" * 100_000, b"\xff\xfe", b"[1]", b"7", b'"x"', b"null", b'{"kind": ["Status"]}', b"{"]
)
def test_an_answer_that_is_no_status_is_told_by_its_number(said):
    assert str(error_of(503, said)) == "HTTP 503"


def test_long_fields_are_cut_short():
    error = error_of(422, status(422, "Invalid", "", [("FieldValueInvalid", "", "spec." + ".".join(["a" * 60] * 10))]))
    assert [len(field) for field in error.fields] == [300]


# Who said no


@pytest.mark.parametrize("code", [400, 401, 404, 409, 410, 413, 429, 500, 503])
def test_a_webhook_that_chooses_another_status_says_neither_gone_nor_conflict_nor_try_again(code):
    error = error_of(code, status(code, "NotFound", f"{DENIED}: no"))
    assert error.__class__ is _errors.Forbidden
    assert (error.by_admission, error.lasting) == (True, True)
    invalid = error_of(422, status(422, "Invalid", f"{DENIED}: no"))
    assert (type(invalid), invalid.by_admission) == (_errors.Invalid, True)


@pytest.mark.parametrize(
    ("message", "webhook"),
    [
        (
            'Internal error occurred: failed calling webhook "dead.example.org": failed to call webhook: Post'
            ' "https://dead.bulk.svc:443/?timeout=1s": no endpoints available for service "dead"',
            "dead.example.org",
        ),
        (
            "conversion webhook for helm.example.org/v1, Kind=Chart failed: Post: EOF",
            "conversion webhook for helm.example.org/v1, Kind=Chart",
        ),
        ("etcdserver: request is too large", ""),
        ("rpc error: code = ResourceExhausted desc = trying to send message larger than max (3 vs. 2)", ""),
        (f"{DENIED}: come back later", ""),
    ],
)
def test_what_time_does_not_mend_is_marked_and_the_webhook_that_failed_is_named(message, webhook):
    error = error_of(500, status(500, "InternalError", message))
    assert (error.lasting, error.webhook) == (True, webhook)


@pytest.mark.parametrize(
    "message", ["etcdserver: leader changed", "Internal error occurred: resource quota evaluation timed out"]
)
def test_what_passes_is_not_marked(message):
    error = error_of(500, status(500, "InternalError", message))
    assert (type(error), error.lasting, error.webhook) == (_errors.Throttled, False, "")


def test_a_namespace_that_goes_away_is_told_as_that_and_the_cause_stays_for_who_asks():
    text = "unable to create new content in namespace shop because it is being terminated"
    cause = ("NamespaceTerminating", "namespace shop is being terminated", "metadata.namespace")
    error = error_of(403, status(403, "Forbidden", f'configmaps "app" is forbidden: {text}', [cause]))
    assert (str(error), error.fields) == (f"Forbidden: {text}", ("metadata.namespace",))


def test_a_phrase_behind_a_long_value_is_found():
    message = 'Invalid value: "' + CANARY * 10_000 + '": field is immutable'
    error = error_of(422, status(422, "Invalid", "", [("FieldValueInvalid", message, "spec.template")]))
    assert str(error) == "Invalid: spec.template (field is immutable)"
