# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one translator from obstore's exceptions to this collection's errors.

Their texts hold whole answers of the store: access keys, what was signed, for Azure the signature itself in a URL. So
none is passed on: a message is built anew from the HTTP status, the store's own code where it is a known one, and what
kind of failure it was.
"""

from __future__ import annotations

import re

from .._errors import SourceBroken, SourceError, SourceNotFound

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{3,60})</Code>")
_KIND = re.compile(r"kind: (Timeout|Connect|Interrupted|Request|Decode)\b")
_INSTANCE = re.compile(r"169\.254\.|fd00:ec2|metadata\.google|metadata/identity|sts\.|oauth2|token request")
_BUSY = frozenset((408, 429, 500, 502, 503, 504))

_SAYS: dict[str, str] = {
    "AccessDenied": "its credentials may not do that: they need to list the bucket and to get its objects",
    "AllAccessDisabled": "all access to it is disabled",
    "AuthenticationFailed": "it does not take the credentials; are they right, and is this machine's clock?",
    "AuthorizationFailure": "it does not take the credentials, or its firewall does not let this machine in",
    "AuthorizationHeaderMalformed": "its region is another one; set region",
    "AuthorizationPermissionMismatch": "its credentials may not do that: they need the role Storage Blob Data Reader",
    "ContainerNotFound": "there is no such container",
    "ExpiredToken": "the session token has expired",
    "InvalidAccessKeyId": "it does not know the access key",
    "InvalidBucketName": "that is no name of a bucket",
    "InvalidSecurity": "it does not take the credentials",
    "InvalidToken": "it does not take the session token",
    "NoSuchBucket": "there is no such bucket",
    "PermanentRedirect": "the bucket is in another region or at another endpoint; set region or endpoint",
    "RequestTimeTooSkewed": "this machine's clock and the store's differ by more than it allows; set the clocks right",
    "SignatureDoesNotMatch": "the signature does not match: is secret_key right, and the region?",
    "TokenRefreshRequired": "the session token has expired",
}
"""Codes of S3, GCS and Azure that say what to do."""

_BY_STATUS: dict[int, str] = {
    400: "it does not understand the request: is the region right, and is it a store of that kind?",
    401: "it does not take the credentials",
    403: "its credentials may not do that: they need to list the bucket and to get its objects",
}
_NO_CREDENTIALS = (
    "no credentials: none are in the options or in the environment, and no instance role or workload identity answers;"
    " files such as ~/.aws/credentials are not read"
)
_CERTIFICATE = (
    "its TLS certificate does not verify; give its authority with ca_cert (validate_certs: false is for a test bed)"
)
_WHOLE = "Received non-partial response"


class NoRanges(SourceBroken):
    """The store gave the whole file when it was asked for its rest."""


def source_error(error: BaseException, where: str) -> SourceError:
    """What an exception of obstore's stands for; `where` names store and file."""
    text = str(error)
    status = _number(_STATUS.search(text))
    code = _known(_CODE.search(text))
    if status == 404 and code not in ("NoSuchBucket", "ContainerNotFound"):
        return SourceNotFound(f"{where}: the store does not have it")
    if _INSTANCE.search(text.partition("\n")[0]):
        return SourceError(f"{where}: {_NO_CREDENTIALS}")
    if code:
        return SourceError(f"{where}: {_SAYS[code]} ({code})")
    if status in (412, 416):
        return SourceError(f"{where}: changed while it was read; run again")
    if status in _BUSY:
        return SourceBroken(f"{where}: the store is busy or has a fault (HTTP {status}), after every attempt")
    if status:
        return SourceError(f"{where}: {_BY_STATUS.get(status, 'the store refuses')} (HTTP {status})")
    return _without_status(text, where)


def _without_status(text: str, where: str) -> SourceError:
    """No answer that can be used, or an answer that leads away."""
    if "BareRedirect" in text:
        return SourceError(f"{where}: {_SAYS['PermanentRedirect']}")
    if "InvalidCertificate" in text or "UnknownIssuer" in text:
        return SourceError(f"{where}: {_CERTIFICATE}")
    if "InvalidContentType" in text:
        return SourceError(f"{where}: what answers there does not speak TLS; is the endpoint http:// or another port?")
    if "dns error" in text:
        return SourceBroken(f"{where}: the name of the store's host cannot be resolved, after every attempt")
    if _WHOLE in text:
        return NoRanges(f"{where}: the store does not know of ranges")
    kind = _KIND.search(text)
    if kind:
        said = {"Timeout": "did not answer in time", "Connect": "cannot be reached"}
        what = said.get(kind.group(1), "broke the connection")
        return SourceBroken(f"{where}: the store {what}, after every attempt; check endpoint, proxy and network")
    return SourceError(f"{where}: the store cannot be used as it is configured ({_name(text)})")


def _name(text: str) -> str:
    """The last word of obstore's own names for what went wrong; never a value."""
    names = re.findall(r"\b(Missing[A-Za-z]+|OpenCredentials|DecodeCredentials|Invalid[A-Z][A-Za-z]+)\b", text)
    return names[-1] if names else "unknown reason"


def _number(found: re.Match[str] | None) -> int:
    return int(found.group(1)) if found else 0


def _known(found: re.Match[str] | None) -> str:
    return found.group(1) if found and found.group(1) in _SAYS else ""
