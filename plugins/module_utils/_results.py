# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Outcomes of actions as values, with Velero's words for warnings and errors."""

from __future__ import annotations

from ._values import SENTENCES, BackupItem, Change, ObjectResult, Outcome, Reason


def done(item: BackupItem, outcome: Outcome, reason: Reason | None = None, detail: str = "") -> ObjectResult:
    """A result without complaint; the reason, if any, is said in its sentence."""
    different = reason in (Reason.UNPROVEN, Reason.CHANGED_MEANWHILE)
    return ObjectResult(item.key, item.version, outcome, reason, sentence(item, reason, detail), different=different)


def skipped(change: Change) -> ObjectResult:
    """An object that is left alone; one that differs only because of the policy is warned of, as by Velero."""
    item, reason = change.item, change.reason
    if reason is not Reason.EXISTS_DIFFERENT:
        return done(item, Outcome.SKIPPED, reason)
    warning = (
        f'could not restore, {item.key.kind} "{item.key.name}" already exists. '
        "Warning: the in-cluster version is different than the backed-up version"
    )
    if item.resource == "namespaces":  # Velero says nothing of a Namespace that exists
        warning = ""
    return ObjectResult(
        item.key, item.version, Outcome.SKIPPED, reason, sentence(item, reason), warning=warning, different=True
    )


def failed(
    item: BackupItem, reason: Reason, detail: str, warning: str = "", error: str = "", stored: bool = False
) -> ObjectResult:
    return ObjectResult(
        item.key,
        item.version,
        Outcome.FAILED,
        reason,
        sentence(item, reason, detail),
        warning=warning,
        error=error,
        stored=stored,
        different=True,
    )


def unrestored(item: BackupItem, reason: Reason, detail: str) -> ObjectResult:
    """An object that could not be restored at all: Velero has an error for it."""
    return failed(item, reason, detail, error=restore_error(item, detail))


def restore_error(item: BackupItem, detail: str) -> str:
    """Velero's text for a create that was refused."""
    where = "/".join(part for part in (item.resource, item.key.namespace, item.key.name) if part)
    return f"error restoring {where}: {detail}"


def sentence(item: BackupItem, reason: Reason | None, detail: str = "") -> str:
    if reason is None:
        return detail
    said = f"{item.key} {SENTENCES[reason]}"
    return f"{said}: {detail}" if detail else said
