# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server and its built-in admission say in words of their own: all of a message that may be shown.

Each row has a sentence of Kubernetes' source and what is shown of it: its constant words, names of objects, resource
names, field paths. Values are matched where they stand and never shown. A sentence is looked for where the API server
itself puts it, at the beginning of a message: what a webhook or a policy says stands behind words that say so, and can
pass for nothing else. Texts of Kubernetes 1.36; paths below its repository, `apiserver` is k8s.io/apiserver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .grammar import FIELD, KIND, NAME, ODD_NAME, QUANTITY, QUOTED, RESOURCE

Match = re.Match[str]

_WRAPPERS = re.compile(
    r"\[?(?:"
    r"Internal error occurred: "  # apimachinery, pkg/api/errors/errors.go: NewInternalError
    rf"|(?:[a-z0-9.-]{{1,253}}(?: {QUOTED})? is )?forbidden: "  # the same: NewForbidden
    # apimachinery, pkg/util/managedfields/internal/structuredmerge.go
    r"|failed to (?:convert|update|create) [A-Za-z ]{1,40}\([^()]{0,900}\)[a-z ]{0,40}(?:\([^()]{0,300}\))?: "
    r")\[?"  # a list of several errors
)
_MOST_WRAPPERS = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the API server's."""

    pattern: re.Pattern[str]
    said: Callable[[Match], str]
    """What is shown of it."""
    by_admission: bool = True
    """Said by a policy, a webhook or an admission plugin, not by the API as such."""
    is_lasting: bool = False
    """Time does not mend it: sending the request again is answered the same."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was recognised in a message."""

    text: str = ""
    """Fit to be shown."""
    by_admission: bool = False
    by_webhook: bool = False
    """A webhook refused the request: all of the Status but the message's beginning is the webhook's own."""
    is_lasting: bool = False
    webhook: str = ""
    """Which webhook could not be asked; see ClusterError.webhook."""
    needs_dry_run: bool = False
    """A webhook that cannot take part in a dry run."""


def recognised(message: str) -> Known:
    """The known sentence that a message begins with, its wrappers apart; an empty one for any other message."""
    start = _unwrapped(message)
    for sentence in _SENTENCES:
        found = sentence.pattern.match(message, start)
        if found:
            return _known(sentence, found)
    return Known()


def _unwrapped(message: str) -> int:
    start = 0
    for _wrapper in range(_MOST_WRAPPERS):
        found = _WRAPPERS.match(message, start)
        if not found:
            break
        start = found.end()
    return start


def _known(sentence: Sentence, found: Match) -> Known:
    groups = found.groupdict()
    return Known(
        text=sentence.said(found),
        by_admission=sentence.by_admission,
        by_webhook="denied" in groups,
        is_lasting=sentence.is_lasting,
        webhook=groups.get("failing") or "",
        needs_dry_run="dry" in groups,
    )


# What is shown of a sentence


def _as_it_is(found: Match) -> str:
    return found.group(0)


def _constant(text: str) -> Callable[[Match], str]:
    return lambda _found: text


def _with_cause(found: Match) -> str:
    """A webhook that could not be asked, and why, as far as that is a constant phrase."""
    cause = next((cause for cause in _CAUSES_OF_FAILURE if found.string.find(cause, found.end()) >= 0), "")
    return f"{found.group(0)}: {cause}" if cause else found.group(0)


_CAUSES_OF_FAILURE = (
    "no endpoints available for service",
    "connection refused",
    "context deadline exceeded",
    "certificate signed by unknown authority",
    "certificate has expired or is not yet valid",
    "no such host",
    "no route to host",
    "i/o timeout",
    "Client.Timeout exceeded",
    "the server could not find the requested resource",
    "received invalid webhook response",
    "EOF",
)

_CHECKS = (
    # pod-security-admission, policy/check_*.go: ForbiddenReason
    "host namespaces",
    "privileged",
    "hostPath volumes",
    "hostPort",
    "hostProcess",
    "probe or lifecycle host",
    "allowPrivilegeEscalation != false",
    "runAsNonRoot != true",
    "runAsUser=0",
    "non-default capabilities",
    "unrestricted capabilities",
    "restricted volume types",
    "seccompProfile",
    "seLinuxOptions",
    "procMount",
    "forbidden sysctls",
    "forbidden AppArmor profiles",
    "forbidden AppArmor profile",
)
_CHECK = re.compile(rf"(?:^|, )({'|'.join(map(re.escape, _CHECKS))})(?= \(|, |$)")


def _pod_security(found: Match) -> str:
    """The level, and the names of its checks; not which container, volume or value breaks them."""
    checks = dict.fromkeys(_CHECK.findall(found.string[found.end() :]))
    head = found.group(0).removesuffix(": ")
    return f"{head}: {', '.join(checks)}" if checks else head


_REQUESTED = re.compile(rf", requested: ((?:{RESOURCE}={QUANTITY},?){{1,50}}), used: ")
_NAMED = re.compile(rf"({RESOURCE})=")


def _exceeded(found: Match) -> str:
    requested = _REQUESTED.match(found.string, found.end())
    names = ", ".join(_NAMED.findall(requested.group(1))) if requested else ""
    return f"{found.group(0)} ({names})" if names else found.group(0)


_LONGEST_LIST = 1024
_MISSING = re.compile(rf"(?:^|; |,)({RESOURCE})(?: for: [^;]*)?(?=;|,|$)")


def _must_specify(found: Match) -> str:
    """Of `must specify cpu for: main,side; memory for: main` the resources, not the containers."""
    names = dict.fromkeys(_MISSING.findall(found.string[found.end() :][:_LONGEST_LIST].strip()))
    return f"{found.group(0)} {', '.join(names)}" if names else found.group(0)


_LIMIT = (
    rf"(?P<which>minimum|maximum) (?P<of>{RESOURCE}) usage per (?P<per>Container|Pod|PersistentVolumeClaim) is"
    rf"|(?P<ratio>{RESOURCE}) max limit to request ratio per (?P<each>Container|Pod) is"
)
_ANY_LIMIT = re.compile(_LIMIT)


def _limits(found: Match) -> str:
    """All limits that are not kept; the API server tells several in one message."""
    texts = dict.fromkeys(_limit(one) for one in _ANY_LIMIT.finditer(found.string, found.start()))
    return f"LimitRange: {', '.join(texts)}"


def _limit(one: Match) -> str:
    if one["ratio"]:
        return f"{one['ratio']} max limit to request ratio per {one['each']}"
    return f"{one['which']} {one['of']} usage per {one['per']}"


def _field_error(found: Match) -> str:
    return f"{found['field']} ({found['problem'].lower()})"


def _sentence(
    pattern: str,
    said: Callable[[Match], str] | str = _as_it_is,
    *,
    by_admission: bool = True,
    is_lasting: bool = False,
) -> Sentence:
    return Sentence(re.compile(pattern), _constant(said) if isinstance(said, str) else said, by_admission, is_lasting)


_SENTENCES = (
    # apiserver, pkg/admission/plugin/webhook/errors/statuserror.go: what follows is the webhook's own
    _sentence(rf'admission webhook "{NAME}" (?P<denied>denied the request)', is_lasting=True),
    _sentence(rf'admission webhook "{NAME}" (?P<dry>does not support dry run)', is_lasting=True),
    # apiserver, pkg/admission/plugin/webhook/mutating/dispatcher.go
    _sentence(rf'admission webhook "{NAME}" attempted to modify the object', is_lasting=True),
    # apiserver, pkg/util/webhook/error.go
    _sentence(rf'failed calling webhook "(?P<failing>{NAME})"', _with_cause, by_admission=False, is_lasting=True),
    # apiextensions-apiserver, pkg/apiserver/conversion/webhook_converter.go
    _sentence(rf"(?P<failing>conversion webhook for {KIND}) failed", _with_cause, by_admission=False, is_lasting=True),
    _sentence(
        rf"(?P<failing>conversion webhook for {KIND}) returned",
        lambda found: f"{found['failing']} returned what cannot be used",
        by_admission=False,
        is_lasting=True,
    ),
    _sentence(r"conversion webhook for ", "a conversion webhook failed", by_admission=False, is_lasting=True),
    # pkg/registry/core/service/storage/alloc.go: of a port that another Service has, an internal error
    _sentence(r"failed to allocate requested HealthCheck NodePort", by_admission=False, is_lasting=True),
    # apiserver, pkg/admission/plugin/policy: validating/dispatcher.go; for mutating ones generic/policy_dispatcher.go
    _sentence(
        rf"ValidatingAdmissionPolicy '{ODD_NAME}'(?: with binding '{ODD_NAME}')? denied request", is_lasting=True
    ),
    _sentence(
        rf"policy (?:'{ODD_NAME}' with binding '{ODD_NAME}'|\"{ODD_NAME}\") denied request",
        lambda found: f"MutatingAdmission{found.group(0)[0].upper()}{found.group(0)[1:]}",
        is_lasting=True,
    ),
    # apiserver, pkg/endpoints/handlers/responsewriters/errors.go: RBAC
    _sentence(
        rf'User "{ODD_NAME}" cannot [a-z]+ resource "[a-z0-9./-]+" in API group "[a-z0-9.-]*"'
        r'(?: in the namespace "[a-z0-9-]+"| at the cluster scope)?',
        by_admission=False,
    ),
    _sentence(rf'User "{ODD_NAME}" cannot [a-z]+ path "/[a-z0-9/.-]*"', by_admission=False),
    # pod-security-admission, admission/admission.go
    _sentence(r'violates PodSecurity "(?:privileged|baseline|restricted):(?:latest|v1\.[0-9]{1,3})": ', _pod_security),
    _sentence(r"violates PodSecurity |Not allowed by PodSecurity", "violates PodSecurity"),
    # apiserver, pkg/admission/plugin/resourcequota/controller.go, and pkg/quota/v1/evaluator/core/pods.go
    _sentence(rf"exceeded quota: {NAME}(?![^,])", _exceeded),
    _sentence(rf"failed quota: {NAME}: must specify", _must_specify),
    _sentence(rf"(?:failed quota|status unknown for quota): {NAME}(?![^,:])"),
    _sentence(rf"insufficient quota to consume: {RESOURCE}(?:,{RESOURCE}){{0,50}}"),
    _sentence(r"insufficient quota to match these scopes", is_lasting=True),
    # plugin/pkg/admission/limitranger/admission.go
    _sentence(_LIMIT, _limits),
    # plugin/pkg/admission/priority/admission.go
    _sentence(rf"no PriorityClass with name {NAME} was found"),
    _sentence(
        r"the integer value of priority \(-?[0-9]{1,12}\) must not be provided in pod spec; priority admission",
        "the integer value of priority must not be provided in pod spec: the PriorityClass has another one",
    ),
    _sentence(
        r"the string value of PreemptionPolicy \([A-Za-z]{1,40}\) must not be provided in pod spec; priority admission",
        "the string value of PreemptionPolicy must not be provided in pod spec: the PriorityClass has another one",
    ),
    _sentence(rf"PriorityClass {NAME} is already marked as default"),
    # plugin/pkg/admission/runtimeclass/admission.go
    _sentence(rf'pod rejected: RuntimeClass "{NAME}" not found'),
    _sentence(r"pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
    _sentence(r"pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"),
    _sentence(
        r"conflict: runtimeClass\.scheduling\.nodeSelector\[",
        "the RuntimeClass's scheduling.nodeSelector conflicts with the Pod's",
    ),
    # plugin/pkg/admission/serviceaccount/admission.go
    _sentence(
        rf"error looking up service account {NAME}/{NAME}(?:: serviceaccount \"{NAME}\" not found)?",
    ),
    _sentence(r"no service account specified for pod"),
    # apiserver, pkg/admission/plugin/namespace/lifecycle/admission.go
    _sentence(rf"unable to create new content in namespace {NAME} because it is being terminated"),
    _sentence(r"this namespace may not be deleted"),
    _sentence(rf'namespaces "{NAME}" not found', by_admission=False),
    # a field.Error as an admission plugin's refusal, as of plugin/pkg/admission/alwayspullimages/admission.go
    _sentence(
        rf"(?:(?<=forbidden: )|(?<=forbidden: \[))(?P<field>{FIELD}): (?P<problem>Invalid value|Unsupported value"
        r"|Required value|Duplicate value|Forbidden|Not found|Too long|Too many|Too few|Too short)\b",
        _field_error,
    ),
)
