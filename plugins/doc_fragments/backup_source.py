# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the options in module_utils/_options/source.py, for every module that reads a backup."""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible looks for this name."""

    DOCUMENTATION = r"""
options:
  backup_file:
    description:
      - Path of the backup's content on the host that runs the module, C(<name>.tar.gz) in Velero's object store.
      - Any Kubernetes object that Velero backed up is in it; volume data are not.
      - It is read as a stream, checked to its end before anything is written to the target, and never extracted.
    type: path
    required: true
  backup_name:
    description:
      - Name of the backup. By default the name of O(backup_file) without C(.tar.gz).
      - Velero's C(--from-backup) and C(spec.backupName).
    type: str
  backup_metadata_file:
    description:
      - Path of the backup's metadata, C(velero-backup.json) in Velero's object store. By default the file of that name
        in the folder of O(backup_file), where there is one.
      - Phase, times, schedule and filters of the backup are read from it. Without it its age is only told, not relied
        upon.
      - What it says of a backup that is neither C(Completed) nor C(PartiallyFailed) keeps it from being restored, as in
        Velero.
    type: path
"""
