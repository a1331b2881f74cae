# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""obstore's exceptions in this collection's words, and nothing of what they quote."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceBroken, SourceError, SourceNotFound
from ansible_collections.standby.velero.plugins.module_utils._source.store_errors import NoRanges, source_error

WHERE = "s3://velero/cluster-1/backups/b/b.tar.gz"
SECRET = "canary-secret-key"


def answered(status: int, code: str = "") -> str:
    """As obstore 0.12 words an answer."""
    body = f"<Error><Code>{code}</Code><StringToSign>{SECRET}</StringToSign></Error>"
    return (
        f"Generic S3 error: Error performing GET https://s3.example.org/velero/x?sig={SECRET} in 1ms - Server returned"
        f' non-2xx status code: {status} Said: {body}\n\nDebug source:\nGeneric {{ store: "S3", body: {body} }}'
    )


def failed(kind: str, more: str = "") -> str:
    return (
        f"Generic S3 error: Error performing GET https://s3.example.org/x?sig={SECRET} in 1ms - HTTP error: error"
        f" sending request\n\nDebug source:\nHttpError {{ kind: {kind}, source: reqwest::Error {{ {more} }} }}"
    )


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (answered(404, "NoSuchKey"), SourceNotFound, "the store does not have it"),
        (answered(404), SourceNotFound, "the store does not have it"),
        (answered(404, "NoSuchBucket"), SourceError, "there is no such bucket (NoSuchBucket)"),
        (answered(404, "ContainerNotFound"), SourceError, "there is no such container (ContainerNotFound)"),
        (answered(403, "AccessDenied"), SourceError, "its credentials may not do that"),
        (answered(403, "SignatureDoesNotMatch"), SourceError, "is secret_key right"),
        (answered(403, "InvalidAccessKeyId"), SourceError, "it does not know the access key"),
        (answered(403, "RequestTimeTooSkewed"), SourceError, "set the clocks right"),
        (answered(400, "ExpiredToken"), SourceError, "the session token has expired"),
        (answered(400, "AuthorizationHeaderMalformed"), SourceError, "its region is another one; set region"),
        (answered(301, "PermanentRedirect"), SourceError, "in another region or at another endpoint"),
        (answered(403), SourceError, "need to list the bucket and to get its objects (HTTP 403)"),
        (answered(403, "SomethingNew"), SourceError, "(HTTP 403)"),
        (answered(401), SourceError, "it does not take the credentials (HTTP 401)"),
        (answered(405), SourceError, "the store refuses (HTTP 405)"),
        (answered(412), SourceError, "changed while it was read; run again"),
        (answered(416), SourceError, "changed while it was read; run again"),
        (answered(429), SourceBroken, "busy or has a fault (HTTP 429)"),
        (answered(500), SourceBroken, "busy or has a fault (HTTP 500)"),
        (answered(503, "SlowDown"), SourceBroken, "busy or has a fault (HTTP 503)"),
        (failed("Timeout"), SourceBroken, "did not answer in time"),
        (failed("Connect", "tcp connect error"), SourceBroken, "cannot be reached"),
        (failed("Interrupted"), SourceBroken, "broke the connection"),
        (failed("Connect", 'ConnectError("dns error")'), SourceBroken, "host cannot be resolved"),
        (failed("Connect", "InvalidCertificate(UnknownIssuer)"), SourceError, "give its authority with ca_cert"),
        (failed("Connect", "InvalidMessage(InvalidContentType)"), SourceError, "does not speak TLS"),
        ("Received redirect without LOCATION\ninner: BareRedirect", SourceError, "in another region"),
        ("Received non-partial response when range requested", NoRanges, "does not know of ranges"),
        (
            "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1s - HTTP error",
            SourceError,
            "no credentials: none are in the options or in the environment",
        ),
        (
            "Generic GCS error: Error performing token request: Error performing GET http://metadata.google.internal",
            SourceError,
            "no credentials",
        ),
        ("Generic MicrosoftAzure error: Account must be specified\nMissingAccount", SourceError, "(MissingAccount)"),
        (f"Generic error: {SECRET}", SourceError, "cannot be used as it is configured (unknown reason)"),
    ],
)
def test_what_failed_is_said_with_the_file_and_without_any_of_the_text(text, kind, said):
    error = source_error(Exception(text), WHERE)
    assert error.__class__ is kind
    assert str(error).startswith(f"{WHERE}: ")
    assert said in str(error)
    assert SECRET not in str(error)
