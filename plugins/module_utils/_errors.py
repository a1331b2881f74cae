# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, in one small hierarchy. A message says what failed, why, and what to do.

SettingsError and BackupError end the run. A ClusterError ends it only where nothing can go on without the answer
(discovery, the list of namespaces); elsewhere the caller makes it the result of one object.
"""

from __future__ import annotations


class RestoreError(Exception):
    """Anything this collection raises on purpose; its text is fit for a user and holds no value of an object."""


class SettingsError(RestoreError):
    """Options that cannot be meant together; `problems` are all of them, found before anything is read or written."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class EmptySelectionError(RestoreError):
    """Options that select nothing of the backup; the text says what they ask for, and what there is."""


class BackupError(RestoreError):
    """A backup that is damaged, or is not one; the text names the file and, where there is one, the member."""


class SourceError(RestoreError):
    """A place of backups that does not give what is asked; the text names place and file, never a credential."""


class SourceNotFound(SourceError):
    """It says that it does not have the file."""


class SourceBroken(SourceError):
    """A connection that broke, a server that is busy: another attempt may mend it."""

    def __init__(self, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait
        """Seconds that the server asks for; 0 when it does not say."""


class ModifierError(RestoreError):
    """A resource modifier rule that fails on one object, which is not restored then; the text names the rule."""


class PreflightError(RestoreError):
    """A backup that must not be restored onto this target now; `reasons` are all that speak against it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class ActiveError(PreflightError):
    """A target that serves as production since somebody woke it; the text says since when, and how to end that."""

    def __init__(self, reasons: list[str], since: str) -> None:
        super().__init__(reasons)
        self.since = since


class UnusableBackupError(PreflightError):
    """A backup that has not ended well enough to be restored anywhere, as its metadata say."""


class ApprovalError(RestoreError):
    """A plan that is not the one that was approved; nothing was written. `differences` are all that is known."""

    def __init__(self, message: str, differences: list[str]) -> None:
        super().__init__(message)
        self.differences = differences


class StateError(RestoreError):
    """What this collection keeps on the target is damaged, or cannot be kept; the text names the Secret."""


class RunStopped(RestoreError):
    """A run that was to end before it wrote anything: it was cancelled, or the time of run_timeout is up."""


class LockError(RestoreError):
    """The lock of a run that cannot be had: another run holds it, or the Lease may not be written."""


class ClusterError(RestoreError):
    """An answer of the API server that is not the one hoped for."""

    def __init__(self, message: str, *, status: int = 0, reason: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status; 0 when there was no answer."""
        self.reason = reason
        """The API's own word, one of metav1.StatusReason's; empty when it is none of them."""
        self.fields = fields
        """Paths out of details.causes."""
        self.repeated = False
        """The request had been sent before and its answer was lost: the first one may have been carried out."""
        self.by_admission = False
        """An admission policy, webhook or plugin said no, not the API itself."""
        self.lasting = False
        """Time does not mend it: a webhook that cannot be called, an object too large to be stored.

        Such a request is sent once more and no oftener, whatever its status is.
        """
        self.bare = False
        """Without a Status: not the API server's own word, but that of a load balancer, or of its own overload."""
        self.webhook = ""
        """The webhook that could not be called or gave no usable answer, so that others of its objects fail likewise.

        The name of an admission webhook as its configuration has it (`validate.policy.example.org`); a conversion
        webhook has none and is called `conversion webhook for <group>/<version>, Kind=<Kind>`. Empty for every other
        error, and for a webhook that answered and said no, which is `by_admission` and speaks of one object.
        """


class Unreachable(ClusterError):
    """No answer: refused connections, TLS that does not verify, time-outs."""


class LockLost(Unreachable):
    """A write that was not sent: the run may no longer write, since another one may by now."""


class NotReached(Unreachable):
    """A request that was not sent, since the run was to end."""


class Unauthorized(ClusterError):
    """401: credentials that the server does not take."""


class Forbidden(ClusterError):
    """403: a missing right, or an admission plugin's refusal."""


class NotFound(ClusterError):
    """404 by the API server itself, which names this very object, or the namespace that it would lie in: it is gone."""


class AbsenceUnproven(ClusterError):
    """404 of whomever: a load balancer's, of a type that is not served. It says nothing of the object."""

    about: tuple[str, str, str] = ("", "", "")
    """Group, plural and name in the details of an API server's NotFound; whom it is said of, the client compares."""


class AlreadyExists(ClusterError):
    """409 to a create."""


class Conflict(ClusterError):
    """409 to a write with a precondition: somebody else wrote meanwhile."""


class Invalid(ClusterError):
    """422: the object, or the change, breaks a rule of its type or of an admission policy."""


class Throttled(ClusterError):
    """429 or 5xx, still so after every retry; after one when it is `lasting`."""


class DryRunUnsupported(ClusterError):
    """400: an admission webhook that cannot take part in a dry run, so that nothing is proven."""


class AnswerTooLarge(ClusterError):
    """An answer that goes beyond what is read of one; a list is asked for in smaller pages then."""


class MalformedAnswer(ClusterError):
    """An answer that the API server calls a success, but that is not what was asked for; a proxy's page, often."""


class UnsafeName(ClusterError):
    """A name that a URL would take for something else; nothing was sent. No API server has an object of such a name."""


class ListExpired(ClusterError):
    """410: the rest of a paged list is gone; list anew."""
