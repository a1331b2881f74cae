#!/usr/bin/python
# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists Velero's backups of one source; the work is done in module_utils/_flows/backup_info.py."""

DOCUMENTATION = r"""
module: velero_backup_info
short_description: List the Velero backups of a bucket, a folder or a storage location
version_added: 0.1.0
author:
  - standby.velero contributors (@standby)
description:
  - Lists the backups of one source, newest first, with what their metadata say, and for one backup what is in it.
  - Nothing is changed, but a DownloadRequest comes and goes where O(contents=true) asks for a file that only Velero can
    give, see O(backup_location).
extends_documentation_fragment:
  - standby.velero.backup_source
  - standby.velero.connection
  - standby.velero.attributes
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    details:
      - The same is done and returned as without.
  diff_mode:
    support: none
options:
  phases:
    description:
      - Phases of the backups to list, as Velero names them; an empty list means all.
    type: list
    elements: str
    default: []
  max_age:
    description:
      - How long ago a backup may have begun to be listed, as Velero writes durations, such as V(24h).
    type: str
  contents:
    description:
      - Whether to tell what is in one backup, that of O(backup_name), O(backup_file), or the one that O(schedule_name)
        means to M(standby.velero.velero_restore).
      - It is read from the list that Velero keeps beside the content. Where there is none, the content is fetched.
    type: bool
    default: false
  limit:
    description:
      - How many backups are returned at most, from 1 to 1000.
      - Metadata are read of that many matching ones only, the newest, unless O(report_path) asks for all.
    type: int
    default: 100
  report_path:
    description:
      - Path on the host that runs the module where all matching backups are written as JSON. Metadata of all backups
        are read then.
      - The file replaces an older one in one step, and only its owner may read it. Its folder must exist.
    type: path
requirements:
  - python >= 3.10
  - kubernetes >= 24.2.0, for O(backup_location)
  - obstore >= 0.11, for buckets in O(backup_store)
notes:
  - Here O(schedule_name) lists the backups of that schedule, whatever their phase.
seealso:
  - module: standby.velero.velero_restore
"""

EXAMPLES = r"""
- name: List the newest backups in a bucket
  standby.velero.velero_backup_info:
    backup_store: s3://production-velero/cluster-1

- name: List what a schedule of the last day has brought, the store being one of our own
  standby.velero.velero_backup_info:
    backup_store:
      url: s3://velero
      endpoint: https://minio.example.org:9000
      ca_cert: /etc/ssl/certs/our-ca.pem
      access_key: "{{ velero_access_key }}"
      secret_key: "{{ velero_secret_key }}"
    schedule_name: hourly
    max_age: 24h

- name: Fail when the newest usable backup is older than two hours
  standby.velero.velero_backup_info:
    backup_store: file:///backups
    schedule_name: hourly
    phases: [Completed]
    limit: 1
  register: newest
  failed_when: newest.backups | length == 0 or newest.backups[0].age > 7200

- name: Tell what is in a backup, through Velero on the production cluster
  standby.velero.velero_backup_info:
    backup_location:
      name: default
      kubeconfig: ~/.kube/production
    backup_name: hourly-20261124030000
    contents: true
"""

RETURN = r"""
source:
  description: The source, as messages name it.
  returned: success
  type: str
  sample: s3://production-velero/cluster-1
backups:
  description: The backups that match, newest first, O(limit) at most.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the backup.
      type: str
      sample: hourly-20261124030000
    schedule:
      description: Name of Velero's Schedule that made it; empty for a backup of none.
      type: str
      sample: hourly
    phase:
      description: Its phase, as Velero names it; empty where nothing is known of it.
      type: str
      sample: Completed
    started:
      description: When it began, in UTC; empty where that is not known.
      type: str
      sample: '2026-11-24T03:00:00Z'
    completed:
      description: When it ended, in UTC.
      type: str
      sample: '2026-11-24T03:00:41Z'
    expires:
      description: When Velero may delete it, in UTC.
      type: str
      sample: '2026-12-24T03:00:00Z'
    age:
      description: Seconds since it began; null where that is not known.
      type: int
      sample: 3600
    errors:
      description: Errors that Velero counted.
      type: int
      sample: 0
    warnings:
      description: Warnings that Velero counted.
      type: int
      sample: 0
    objects:
      description: Objects that Velero counted.
      type: int
      sample: 158
    size:
      description: Bytes of its content; null where the source does not say, as a storage location.
      type: int
      sample: 65304
    has_content:
      description: Whether the store has its content; it does not while the backup is being stored or deleted.
      type: bool
      sample: true
    usable:
      description:
        - Whether M(standby.velero.velero_restore) takes it as the newest of its schedule when no newer one is usable.
          It has ended well, see O(allow_partially_failed), and has its content.
      type: bool
      sample: true
    source_version:
      description: Version of the source cluster's Kubernetes.
      type: str
      sample: v1.36.3
    problem:
      description: Why nothing is known of it, such as damaged metadata; else empty.
      type: str
      sample: ''
backups_truncated:
  description: Whether there may be more backups than RV(backups) has.
  returned: success
  type: bool
  sample: false
counts:
  description: How many there are.
  returned: success
  type: dict
  contains:
    total:
      description: All backups that the source has, whether they match or not.
      type: int
      sample: 10000
    read:
      description: Those whose metadata were looked at; all of them with O(report_path).
      type: int
      sample: 100
    matching:
      description: Those of RV(counts.read) that match.
      type: int
      sample: 100
    phases:
      description: From a phase to the number of those of RV(counts.read) that are in it.
      type: dict
      sample: {Completed: 98, PartiallyFailed: 2}
contents:
  description: What is in the backup.
  returned: when O(contents=true)
  type: dict
  contains:
    name:
      description: Name of the backup.
      type: str
      sample: hourly-20261124030000
    objects:
      description: Number of objects.
      type: int
      sample: 158
    types:
      description: From a type, as C(Kind.group), to the number of its objects.
      type: dict
      sample: {ConfigMap: 12, Deployment.apps: 3}
    namespaces:
      description: From a namespace to the number of objects in it.
      type: dict
      sample: {shop: 40}
    cluster_scoped:
      description: Number of objects in no namespace.
      type: int
      sample: 118
    prunable:
      description:
        - Whether O(standby.velero.velero_restore#module:delta=prune) may go by it, as far as the backup alone can tell.
      type: bool
      sample: true
    not_prunable:
      description: Why it may not, as in RV(standby.velero.velero_restore#module:delta.stopped_by).
      type: list
      elements: dict
      contains:
        reason:
          description: A code.
          type: str
          sample: not_completed
        message:
          description: The reason as a sentence.
          type: str
          sample: 'these backups are not Completed: hourly-20261124030000'
"""

from ansible.module_utils.basic import missing_required_lib

from ..module_utils._python import refuse_old_python

refuse_old_python()

from ..module_utils._cluster.connect import connect, missing_package
from ..module_utils._errors import RestoreError
from ..module_utils._fault import fault_in
from ..module_utils._flows.backup_info import backup_info
from ..module_utils._module import Module
from ..module_utils._options.info import INFO_SPEC, info_settings_of
from ..module_utils._options.source import values_to_mask
from ..module_utils._report.backups import build_backups
from ..module_utils._text import printable


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = Module(argument_spec=INFO_SPEC, supports_check_mode=True)
    module.no_log_values = values_to_mask(module.params, module.no_log_values)
    if module.params["backup_location"] and missing_package():
        module.fail_json(msg=missing_required_lib(missing_package()))
    problem, warnings, result = _ended(module)
    for warning in warnings:
        module.warn(printable(warning))
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(changed=False, **result)


def _ended(module: Module) -> tuple[str, tuple[str, ...], dict[str, object]]:
    """What makes it fail, warnings, the result. Once this has returned no exception is pending: fail_json shows one."""
    try:
        found = backup_info(info_settings_of(module.params), lambda: connect(module, 1), module.tmpdir)
        return "", tuple(found.warnings), build_backups(found)
    except RestoreError as error:
        return printable(str(error)), (), {}
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text could hold a signed URL
        return fault_in("velero_backup_info", error), (), {}


if __name__ == "__main__":
    main()
