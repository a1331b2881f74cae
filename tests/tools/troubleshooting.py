# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/troubleshooting.md: each code with what it means, out of the vocabulary, and what to do about it.

What the report says of a reason stands beside that (_views/advice.py); the rest of the advice is here. A code that has
none in either place is an error, so that no new one is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

import jinja2
from ansible_collections.standby.velero.plugins.module_utils._prune_words import (
    KEEP_SENTENCES,
    STOP_SENTENCES,
    KeepReason,
    StopReason,
)
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import (
    READINESS_SENTENCES,
    ReadinessReason,
    weight_of,
)
from ansible_collections.standby.velero.plugins.module_utils._views.advice import ADVICE
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import NOT_IN_SYNC, SENTENCES, Reason
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WAKING_SENTENCES, WakingReason

PAGE = Path("docs/troubleshooting.md")
TEMPLATE = Path(__file__).with_name("troubleshooting.md.j2")

NOTHING = "Nothing"
"""How advice begins where all is as it was asked for."""

AT_REST: Mapping[Reason, str] = {
    Reason.PROTECTED: "Nothing. `protect_except` names what is to be restored all the same.",
    Reason.EXCLUDED_FROM_BACKUP: "Nothing. Take the label off in production for what is to come along.",
    Reason.CONTROLLER_GENERATED: "Nothing: the standby's controllers make it.",
    Reason.HAS_CONTROLLER: "Nothing: its owner makes it.",
    Reason.MIRROR_POD: "Nothing: the standby's kubelets have their own.",
    Reason.SERVICE_ACCOUNT_TOKEN: "Nothing: the standby makes its own token.",
    Reason.DYNAMICALLY_PROVISIONED: "Nothing here; [volumes](volumes.md) says how data may get onto the standby.",
    Reason.DUPLICATE: "Nothing: it is restored once.",
    Reason.BARE_POD: "Nothing, while the standby sleeps. Start it by hand in a failover, or give it a controller.",
    Reason.KEPT_AS_COPY: "Nothing, while the standby sleeps: an activation creates it.",
    Reason.LEFT_STANDING: "Nothing, if it is the standby's own. `hold_except` names what is to follow production.",
    Reason.ACTIVE: "Nothing, while the standby serves. [Failover](failover.md) says how that ends.",
    Reason.NO_EFFECT: "Nothing.",
    Reason.EQUAL_AFTER_ADMISSION: "Nothing.",
    Reason.WITHHELD: "Nothing. `privileged_objects: restore` restores those labels and annotations too.",
    Reason.SOURCE_MISSING: "Nothing here: the volume comes up empty. Bring the data as [volumes](volumes.md) says.",
    Reason.DELETED_BEFORE: "Nothing.",
}
"""Reasons with which an object is as it was asked for: the report gives no advice on them."""

OF_STOPS: Mapping[StopReason, str] = {
    StopReason.NO_PREVIOUS: "Nothing, on the first run: the next backup has this one to compare with. If it stays so,"
    " see whether somebody deletes the state namespace.",
    StopReason.NO_METADATA: "Give the whole folder of the backup, or `backup_metadata_file`.",
    StopReason.NOT_COMPLETED: "Find out in production why Velero did not complete them (`velero backup describe`).",
    StopReason.ERRORS: "Find out in production what failed (`velero backup logs`); the next good backup prunes.",
    StopReason.NO_SCHEDULE: "Restore backups of a Schedule: those that are made by hand are not comparable.",
    StopReason.OTHER_SCHEDULE: "Keep to one Schedule, by `schedule_name`; from the second backup of it on it prunes.",
    StopReason.UNKNOWN_SOURCE: "Have production back up the Namespace kube-system itself, whose UID tells the cluster.",
    StopReason.OTHER_SOURCE: "Find out whose backup this is. If production was built anew, the next backup prunes.",
    StopReason.OTHER_FILTERS: "Nothing, when the Schedule was changed on purpose: the next backup prunes.",
    StopReason.OTHER_SELECTION: "Nothing, when the job's options were changed on purpose: the next backup prunes.",
    StopReason.LATER: "Restore the newest backup; an older one deletes nothing.",
    StopReason.NOTHING_SELECTED: "Look at the filters of the job: they select nothing.",
    StopReason.OBJECTS_FAILED: "See to the objects that failed; then the next run prunes.",
    StopReason.OBJECTS_UNVERIFIED: "Run the restore itself: check mode could not prove all objects.",
    StopReason.INCOMPLETE: "Mend what did not answer (`kubectl get apiservices`), or give the right to list it.",
    StopReason.DISCOVERY_UNPROVEN: "Give the right to list APIServices and definitions, see [rights](rights.md).",
    StopReason.OVER_COUNT: "Look at the list. If all of it may go, raise `prune_max_count` for one run.",
    StopReason.OVER_PERCENT: "Look at the list. If all of it may go, raise `prune_max_percent` for one run.",
    StopReason.INTERRUPTED: "Run again.",
}

OF_KEPT: Mapping[KeepReason, str] = {
    KeepReason.UNREAD: "Give the restore's user the right to read the type on the standby.",
    KeepReason.STATE_NAMESPACE: "Nothing.",
    KeepReason.ACTIVE: "Nothing, while the standby serves.",
    KeepReason.PROTECTED: "Nothing. Delete it by hand if it has to go.",
    KeepReason.HAS_CONTROLLER: "Nothing: its owner removes it, or keeps it.",
    KeepReason.TERMINATING: "Find what holds it (its finalizers).",
    KeepReason.REBUILT: "Nothing. Once a backup has restored it, later ones may delete it.",
    KeepReason.NOT_LABELLED: "Delete it by hand, or sign the inventory with `state_key`.",
    KeepReason.UNSIGNED: "Sign the inventory with `state_key`, or delete it by hand.",
    KeepReason.DOUBTFUL: "Delete it by hand, once you know that it is a copy that nobody needs.",
    KeepReason.NOT_COMPARABLE: "Delete it by hand if it has to go.",
    KeepReason.NOT_NAMED: "Name it in `prune_allow` if it may go with all that is in it.",
    KeepReason.NOT_YET: "Nothing: it goes once as many backups have lacked it as `prune_after` says.",
    KeepReason.HOLDS: "See why the objects in it are kept.",
}

OF_WAKING: Mapping[WakingReason, str] = {
    WakingReason.ANNOTATION_EDITED: "Find out who edits it. The workload has what production had.",
    WakingReason.ANNOTATION_REMOVED: "Find out who removes it. The workload has what production had.",
    WakingReason.NOT_IN_PRODUCTION: "Nothing. Scale it by hand if it is wanted all the same.",
    WakingReason.CANNOT_SLEEP: "Start the Pod by hand where production needs it.",
    WakingReason.NOT_THERE: "Restore it; find out who deleted it.",
    WakingReason.PRODUCTION_UNKNOWN: "Scale it by hand: nothing tells to how many replicas.",
    WakingReason.NO_RULE: "Give the same `hold_rules` as the restore has.",
    WakingReason.GUARD_UNANSWERED: "See why the Pods behind the webhook's Service are not ready, and run again.",
    WakingReason.API_UNANSWERED: "See why the Pods behind the APIService's Service are not ready, and run again.",
    WakingReason.COPY_REFUSED: "Find out who wrote that Secret, and delete it; the next sync keeps a copy anew.",
}

OF_READINESS: Mapping[ReadinessReason, str] = {
    ReadinessReason.BACKUP_TOO_OLD: "See in production why there is no newer backup.",
    ReadinessReason.BACKUP_AGE_UNKNOWN: "Give the whole folder of the backup, or `backup_metadata_file`.",
    ReadinessReason.OUT_OF_SYNC: "Run the sync; its report says what differs and why.",
    ReadinessReason.SYNC_UNKNOWN: "Ask `velero_restore` in check mode with `readiness: true`, which sends dry runs.",
    ReadinessReason.NOT_SERVED: "Install the operator or definition on the standby, at production's version.",
    ReadinessReason.NOT_ESTABLISHED: "Look at the conditions of the CustomResourceDefinition.",
    ReadinessReason.DISCOVERY_INCOMPLETE: "Mend the API group that does not answer (`kubectl get apiservices`).",
    ReadinessReason.CLASS_MISSING: "Create the class on the standby, or map it (`storage_class_mapping`).",
    ReadinessReason.DEFAULT_CLASS_MISSING: "Mark one StorageClass of the standby as the default.",
    ReadinessReason.VOLUME_MISSING: "Bring the volume, see [volumes](volumes.md), or accept that its data are missing.",
    ReadinessReason.VOLUME_NOT_BINDABLE: "Look at the volume's phase and claim; release it by hand.",
    ReadinessReason.CLAIM_LOST: "Make the volume anew, or delete the claim so that it is provisioned.",
    ReadinessReason.WEBHOOK_UNANSWERED: "Start what answers, or let it [sleep](failover.md#guards) with its workloads.",
    ReadinessReason.WEBHOOK_PASSED_OVER: "Nothing, while you know that this guard is missing.",
    ReadinessReason.WEBHOOK_OUTSIDE: "See by yourself whether that address answers the standby.",
    ReadinessReason.CONVERSION_UNANSWERED: "Keep what converts awake (`hold_except`), or start it.",
    ReadinessReason.QUOTA_TOO_SMALL: "Raise the ResourceQuota; production's comes with the restore.",
    ReadinessReason.QUOTA_DOUBTFUL: "Compare the quota by hand: its scopes are not reckoned.",
    ReadinessReason.MOUNT_MISSING: "Restore the Secret or ConfigMap, or see what makes it in production.",
    ReadinessReason.OPTIONAL_MOUNT_MISSING: "Nothing: the Pods start without it.",
    ReadinessReason.CHECK_FAILED: "Give the right to read what the message names, see [rights](rights.md#readiness).",
}

Row = tuple[str, str, str]


def rows(sentences: Mapping[Enum, str], *advice: Mapping[Enum, str]) -> Iterator[Row]:
    """Code, meaning and what to do of each; a code without advice is refused."""
    said = {code: text for table in advice for code, text in table.items()}
    forgotten = [code.value for code in sentences if code not in said]
    if forgotten:
        raise LookupError(f"nothing says what to do about {', '.join(forgotten)}: add it to {Path(__file__).name}")
    return ((code.value, text, said[code]) for code, text in sentences.items())


def page() -> str:
    """The whole of it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # no HTML is made
    )
    readiness = {code.value: weight_of(code).value for code in ReadinessReason}
    return environment.get_template(TEMPLATE.name).render(
        objects=list(rows(SENTENCES, ADVICE, AT_REST)),
        nothing=NOTHING,
        differing={code.value for code in NOT_IN_SYNC},
        stops=list(rows(STOP_SENTENCES, OF_STOPS)),
        kept=list(rows(KEEP_SENTENCES, OF_KEPT)),
        waking=list(rows(WAKING_SENTENCES, OF_WAKING)),
        readiness=list(rows(READINESS_SENTENCES, OF_READINESS)),
        weights=readiness,
    )
