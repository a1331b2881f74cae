#!/usr/bin/python
# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whether a standby could take over now; the work is done in module_utils/_flows/readiness.py."""

DOCUMENTATION = r"""
module: velero_readiness_info
short_description: Tell whether a standby cluster could take over now
version_added: 0.1.0
author:
  - standby.velero contributors (@standby)
description:
  - Holds a standby against a Velero backup of production and gives one verdict with its reasons, see
    C(docs/readiness.md) in this collection.
  - It asks whether the backup is young enough and the standby in sync with it; whether the types, classes, volumes,
    Secrets and ConfigMaps are there that production's workloads name, as they would be restored here; whether webhooks
    have somebody who answers; and whether quotas let in as many Pods as production runs.
  - Everything is read and nothing is written, not even as a dry run, so that the rights C(get) and C(list) are enough.
    No value of a Secret is read for it but to compare Secrets with the backup's.
  - A DownloadRequest comes and goes where the backup is fetched through Velero, see O(backup_location).
extends_documentation_fragment:
  - standby.velero.backup_source
  - standby.velero.connection
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    details:
      - The same is done and returned as without.
  diff_mode:
    support: none
  platform:
    platforms: posix
    support: full
options:
  included_namespaces:
    description:
      - Namespaces of the backup to look at; all when it is empty.
      - See O(standby.velero.velero_restore#module:included_namespaces).
    type: list
    elements: str
    default: []
  excluded_namespaces:
    description:
      - Namespaces of the backup to leave out.
      - See O(standby.velero.velero_restore#module:excluded_namespaces).
    type: list
    elements: str
    default: []
  included_resources:
    description:
      - Types to look at; all when it is empty.
      - See O(standby.velero.velero_restore#module:included_resources).
    type: list
    elements: str
    default: []
  excluded_resources:
    description:
      - Types to leave out.
      - See O(standby.velero.velero_restore#module:excluded_resources).
    type: list
    elements: str
    default: []
  include_cluster_resources:
    description:
      - Whether cluster-scoped objects are looked at.
      - See O(standby.velero.velero_restore#module:include_cluster_resources).
    type: bool
  label_selector:
    description:
      - Labels of the objects to look at.
      - See O(standby.velero.velero_restore#module:label_selector).
    type: raw
  or_label_selectors:
    description:
      - Label selectors of which one is enough.
      - See O(standby.velero.velero_restore#module:or_label_selectors).
    type: raw
  resource_policies:
    description:
      - Velero's filters by namespace and type.
      - See O(standby.velero.velero_restore#module:resource_policies).
    type: raw
  namespace_mapping:
    description:
      - From a namespace of the backup to that on the standby.
      - See O(standby.velero.velero_restore#module:namespace_mapping).
    type: dict
    default: {}
  storage_class_mapping:
    description:
      - From a storage class of the backup to that on the standby.
      - See O(standby.velero.velero_restore#module:storage_class_mapping).
    type: dict
    default: {}
  image_mapping:
    description:
      - Rows that change the images of Pods.
      - See O(standby.velero.velero_restore#module:image_mapping).
    type: list
    elements: str
    default: []
  resource_modifiers:
    description:
      - Velero's resource modifiers.
      - See O(standby.velero.velero_restore#module:resource_modifiers).
    type: raw
  hooks:
    description:
      - Init containers that Pods get.
      - See O(standby.velero.velero_restore#module:hooks).
    type: list
    elements: dict
    default: []
  protect_cluster_objects:
    description:
      - Whether objects that belong to the standby's control plane are left out.
      - See O(standby.velero.velero_restore#module:protect_cluster_objects).
    type: bool
    default: true
  protect_except:
    description:
      - What of them is looked at all the same.
      - See O(standby.velero.velero_restore#module:protect_except).
    type: list
    elements: str
    default: []
  controlled_objects:
    description:
      - Whether objects with a controlling owner are looked at.
      - See O(standby.velero.velero_restore#module:controlled_objects).
    type: str
    choices: [restore, skip]
    default: restore
  privileged_objects:
    description:
      - What becomes of objects that give rights.
      - See O(standby.velero.velero_restore#module:privileged_objects).
    type: str
    choices: [restore, skip, fail]
    default: restore
  privileged_rules:
    description:
      - What else counts as giving rights.
      - See O(standby.velero.velero_restore#module:privileged_rules).
    type: list
    elements: dict
    default: []
  ignore_fields:
    description:
      - Fields in which objects may differ.
      - See O(standby.velero.velero_restore#module:ignore_fields).
    type: dict
    default: {}
  hpa_replicas:
    description:
      - Whose replicas count where an autoscaler has them.
      - See O(standby.velero.velero_restore#module:hpa_replicas).
    type: str
    choices: [restore, keep]
    default: restore
  max_backup_age:
    description:
      - How old the backup may be, as Velero writes durations, such as V(24h). An older one is a reason; by default none
        is.
    type: str
  state_namespace:
    description:
      - Namespace on the target for the Secrets and the Lease of this collection, which is never looked at.
    type: str
    default: standby-velero
  accept:
    description:
      - What RV(readiness.verdict) is to pass over, each entry a code of RV(readiness.reasons[].reason), or such a code,
        a slash and an object with V(*) and V(?) in it, such as V(mount_missing/Secret shop/*).
    type: list
    elements: str
    default: []
requirements:
  - python >= 3.10
  - kubernetes >= 24.2.0
  - obstore >= 0.11, for buckets in O(backup_store)
notes:
  - An object that differs may be what the standby's own admission makes of it, which only a dry run tells. Where
    nothing else differs, whether the standby is in sync is unknown here.
    O(standby.velero.velero_restore#module:readiness) tells it in check mode.
seealso:
  - module: standby.velero.velero_restore
"""

EXAMPLES = r"""
- name: Ask whether the standby could take over from the newest backup
  standby.velero.velero_readiness_info:
    backup_store: s3://production-velero/cluster-1
    schedule_name: hourly
    max_backup_age: 2h
    storage_class_mapping: {fast: standard}
    kubeconfig: ~/.kube/standby
  register: asked

- name: Fail when it could not
  ansible.builtin.assert:
    that: asked.readiness.verdict == 'ready'
    fail_msg: "{{ asked.readiness.reasons | map(attribute='message') | join('; ') }}"

- name: Ask again, but for a policy engine that sleeps on the standby
  standby.velero.velero_readiness_info:
    backup_file: /backups/hourly-20261124030000.tar.gz
    accept:
      - webhook_unanswered/ValidatingWebhookConfiguration policy*
    kubeconfig: ~/.kube/standby
"""

RETURN = r"""
readiness:
  description: Whether the standby could take over now.
  returned: success
  type: dict
  contains:
    verdict:
      description:
        - V(ready), V(not_ready) when at least one reason blocks, V(unknown) when none does and something could not be
          told.
      type: str
      sample: not_ready
    ready:
      description: Whether RV(readiness.verdict) is V(ready).
      type: bool
      sample: false
    checks:
      description: The checks, each with what came of it.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the check.
          type: str
          sample: storage_classes
        passed:
          description: Whether nothing speaks against a takeover; null where that could not be told.
          type: bool
          sample: false
        message:
          description: What does, the first of it; else empty.
          type: str
          sample: 'StorageClass fast is named and is not on the standby: named by StatefulSet.apps shop/db'
    reasons:
      description: What was found, as much as fits, what blocks first.
      type: list
      elements: dict
      contains:
        check:
          description:
            - Name of the check, V(backup_age), V(in_sync), V(types), V(storage_classes), V(ingress_classes),
              V(priority_classes), V(runtime_classes), V(volumes), V(webhooks), V(conversions), V(quotas), V(mounts).
          type: str
          sample: storage_classes
        reason:
          description:
            - A code. Blocking are V(backup_too_old), V(out_of_sync), V(not_served), V(not_established),
              V(class_missing), V(default_class_missing), V(volume_missing), V(volume_not_bindable), V(claim_lost),
              V(webhook_unanswered), V(conversion_unanswered), V(quota_too_small), V(mount_missing).
            - Unknown are V(backup_age_unknown), V(sync_unknown), V(discovery_incomplete), V(quota_doubtful),
              V(check_failed).
            - Notes are V(webhook_passed_over), V(webhook_outside), V(optional_mount_missing).
          type: str
          sample: class_missing
        weight:
          description: V(blocks), V(unknown) or V(note).
          type: str
          sample: blocks
        accepted:
          description: Whether O(accept) passes it over.
          type: bool
          sample: false
        object:
          description: What it is about.
          type: str
          sample: StorageClass fast
        message:
          description: The reason as a sentence, without any value out of an object but how much a quota lets in.
          type: str
          sample: 'StorageClass fast is named and is not on the standby: named by StatefulSet.apps shop/db'
    reasons_total:
      description: How many reasons there are, however many are listed.
      type: int
      sample: 1
    registries:
      description: Image registries that the workloads name, and how many images of each, 50 at most. None is reached.
      type: dict
      sample: {docker.io: 3, registry.example.org: 12}
backup:
  description: The backup that the standby was held against.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the backup.
      type: str
      sample: hourly-20261124030000
    schedule:
      description: Name of Velero's Schedule that made it; empty for a backup of none.
      type: str
      sample: hourly
    started:
      description: When it began, in UTC.
      type: str
      sample: '2026-11-24T03:00:00Z'
    completed:
      description: When it ended, in UTC.
      type: str
      sample: '2026-11-24T03:00:41Z'
    phase:
      description: Its phase, as Velero names it.
      type: str
      sample: Completed
"""

from ansible.module_utils.basic import missing_required_lib

from ..module_utils._python import refuse_old_python

refuse_old_python()

from ..module_utils._cluster.connect import connect, missing_package
from ..module_utils._errors import RestoreError
from ..module_utils._fault import fault_in
from ..module_utils._flows.readiness import readiness
from ..module_utils._module import Module
from ..module_utils._options.readiness_info import READINESS_INFO_SPEC, readiness_settings_of
from ..module_utils._options.source import values_to_mask
from ..module_utils._options.target import HIDDEN
from ..module_utils._report.readiness import build_readiness
from ..module_utils._text import printable


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = Module(argument_spec=READINESS_INFO_SPEC, supports_check_mode=True)
    module.no_log_values = values_to_mask(module.params, module.no_log_values)
    if missing_package():
        module.fail_json(msg=missing_required_lib(missing_package()))
    problem, warnings, result = _ended(module)
    module.params["kubeconfig"] = HIDDEN if module.params["kubeconfig"] else None  # for the invocation that is shown
    for warning in warnings:
        module.warn(printable(warning))
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(changed=False, **result)


def _ended(module: Module) -> tuple[str, tuple[str, ...], dict[str, object]]:
    """What makes it fail, warnings, the result. Once this has returned no exception is pending: fail_json shows one."""
    try:
        settings = readiness_settings_of(module.params)
        looked = readiness(settings, connect(module, 1), module.tmpdir)
        return "", looked.warnings, build_readiness(looked.readiness, looked.backup)
    except RestoreError as error:
        return printable(str(error)), (), {}
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text could hold a value of some object
        return fault_in("velero_readiness_info", error), (), {}


if __name__ == "__main__":
    main()
