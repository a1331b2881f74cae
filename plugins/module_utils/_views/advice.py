# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What helps against a reason: what somebody who is woken by a red job does next."""

from __future__ import annotations

from collections.abc import Mapping

from .._vocabulary import Reason
from .escapes import Own

ADVICE: Mapping[Reason, str] = {
    Reason.INVALID_OBJECT: "Back production up again: an object in the backup is damaged.",
    Reason.NAME_COLLISION: "Change namespace_mapping: it brings two objects to one place.",
    Reason.POLICY_CONFLICT: "Change existing_resource_policy_overrides: rules of different policies match one object.",
    Reason.PRIVILEGED: "Look at the privileged objects, and let those through by privileged_objects that may be.",
    Reason.NOT_APPROVED: "Plan again and approve that: these were changed after the plan was approved.",
    Reason.MODIFIER_FAILED: "Mend resource_modifiers: a rule does not fit the object that it matches.",
    Reason.STORAGE_CLASS_MISSING: "Create the storage class on the standby, or change storage_class_mapping.",
    Reason.NOT_SERVED: "Install on the standby the operator or definition whose types production uses; leave out"
    " (excluded_resources) the kinds that only a newer Kubernetes has.",
    Reason.DISCOVERY_INCOMPLETE: "Mend the API group of the standby that does not answer (kubectl get apiservices).",
    Reason.READ_FAILED: "Give the restore's user the right to read these types on the standby.",
    Reason.NAMESPACE_MISSING: "See first to the Namespace that could not be created: its objects follow.",
    Reason.NAMESPACE_TERMINATING: "Find what holds the Namespace that is being deleted (finalizers), and run again.",
    Reason.TERMINATING: "Find what holds the object that is being deleted (its finalizers), and run again.",
    Reason.REFUSED: "Read what refused it: a webhook, a policy, a quota or an immutable field of the standby.",
    Reason.STATUS_REFUSED: "Give the right to write /status, or leave the type out of restore_status.",
    Reason.IGNORED_BY_TARGET: "Recreate the object (policy recreate): the standby takes the patch and ignores it.",
    Reason.CONFLICT: "Find out which controller of the standby writes the same field; run again.",
    Reason.RECREATE_NOT_ALLOWED: "Name the object in recreate_allow if it may be deleted and created anew.",
    Reason.DELETE_REFUSED: "Find out what refuses the deletion: a right, a webhook or a policy of the standby.",
    Reason.DELETION_BLOCKED: "Find what holds the object that is being deleted (its finalizers), and run again.",
    Reason.ROLLED_BACK: "Read why the new object was refused; the old one stands again.",
    Reason.ROLLBACK_FAILED: "Put the object back from the kept copy that its message names: it is missing now.",
    Reason.LOCK_LOST: "Let one job at a time restore onto a standby, and run again.",
    Reason.UNREACHABLE: "Look at the standby's API server and the network, and run again.",
    Reason.CANCELLED: "Run again: the run was cancelled, and the next one goes on with the rest.",
    Reason.RUN_TIMEOUT: "Give run_timeout more time, or find out what was slow; the next run goes on with the rest.",
    Reason.FAULT: "Report the fault with the report's message; the next run tries the object again.",
    Reason.EXISTS_DIFFERENT: "Choose policy update for objects that are to follow production.",
    Reason.NOT_OVERWRITTEN: "Compare the ServiceAccount by hand: it is merged and never overwritten.",
    Reason.CA_BUNDLE_KEPT: "Restore the Secret of the webhook's certificate too, or leave the bundle to the standby.",
    Reason.VOLUME_RELEASED: "Look at the volumes that lost their claim: whose data are they?",
    Reason.CHANGED_MEANWHILE: "Run again: somebody wrote to the object at the same time.",
    Reason.UNVERIFIED: "Run the restore: a dry run alone cannot prove these.",
}
"""For every reason for which an object fails or is not in sync."""

_BY_CODE = {reason.value: Own(text) for reason, text in ADVICE.items()}


def advice_for(code: str) -> Own | None:
    """None for a code that nothing has to be done about, or that this version does not know."""
    return _BY_CODE.get(code)
