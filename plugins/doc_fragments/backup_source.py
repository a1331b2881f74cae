# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options in module_utils/_options/source.py, for every module that reads a backup."""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible looks for this name."""

    DOCUMENTATION = r"""
options:
  backup_file:
    description:
      - Path of the backup's content on the host that runs the module, C(<name>.tar.gz) in Velero's object store. Just
        one of O(backup_file), O(backup_store) and O(backup_location) says where the backup is.
      - Any Kubernetes object that Velero backed up is in it; volume data are not.
      - It is read as a stream, checked to its end before anything is written to the target, and never extracted.
    type: path
  backup_store:
    description:
      - The folder or bucket that Velero keeps its backups in, as a text such as V(file:///backups),
        V(s3://bucket/prefix), V(gs://bucket/prefix) or V(az://container/prefix), or as a dictionary with C(url).
      - The prefix is that of Velero's BackupStorageLocation, so that the folder C(backups) lies below it.
      - Besides, the dictionary takes C(ca_cert), a path or PEM text, and C(validate_certs), for C(s3) C(endpoint),
        C(region), C(path_style), C(access_key), C(secret_key) and C(session_token), for C(gs) C(endpoint) and
        C(credentials_file), the path of a service account's key, for C(az) C(endpoint) and C(account).
      - Without keys the environment of the host that runs the module counts, in the names of the SDKs and in those that
        AWX's credentials inject, and so do workload identities and instance roles. Files such as C(~/.aws/credentials)
        are not read.
      - Plain HTTP is used only for an C(endpoint) that says so, with a warning.
      - Buckets need the Python package C(obstore) 0.11 or newer on the host that runs the module, folders do not.
      - Velero's C(spec.objectStorage) and C(spec.config) of a BackupStorageLocation.
    type: raw
  backup_location:
    description:
      - Name of a BackupStorageLocation on a cluster where Velero runs, by whose help the backup is fetched, without
        credentials of the store; or a dictionary with C(name).
      - Besides, the dictionary takes C(namespace), that of Velero, by default V(velero), and C(timeout), the seconds
        that Velero has to answer a request, by default V(60).
      - With connection options of its own (C(kubeconfig), C(context), C(host), C(api_key) and the others of
        M(kubernetes.core.k8s)), the dictionary says which cluster that is; by default it is the one that the module's
        own connection options lead to. From the environment nothing is added to options of its own.
      - For each file a DownloadRequest is created there, and removed as soon as Velero has answered it with a signed
        URL, in check mode too, as there is no other way to read. It does not count as a change. C(docs/rights.md) in
        this collection has the Role.
      - The host that runs the module must reach the store by that URL, see C(publicUrl) of Velero's plugin for S3.
      - Velero's C(spec.storageLocation) of a Backup.
    type: raw
  backup_name:
    description:
      - Name of the backup. By default the name of O(backup_file) without C(.tar.gz).
      - Velero's C(--from-backup) and C(spec.backupName).
    type: str
  schedule_name:
    description:
      - Name of a Schedule of Velero's, of which the newest backup is meant that is C(Completed); not together with
        O(backup_file) or O(backup_name).
      - The newest is the one that began last, by its metadata, never by its name. Newer ones that are in progress, have
        failed or are being deleted are passed over, and told in a warning.
      - Velero's C(--from-schedule) and C(spec.scheduleName).
    type: str
  allow_partially_failed:
    description:
      - Whether O(schedule_name) takes a backup that is C(PartiallyFailed) too.
      - Velero's C(--allow-partially-failed).
    type: bool
    default: false
  backup_metadata_file:
    description:
      - Path of the backup's metadata, C(velero-backup.json) in Velero's object store. By default the file of that name
        in the folder of O(backup_file), where there is one; goes with O(backup_file) only.
      - Phase, times, schedule and filters of the backup are read from it. Without it its age is only told, not relied
        upon.
      - What it says of a backup that is neither C(Completed) nor C(PartiallyFailed) keeps it from being restored, as in
        Velero.
    type: path
"""
