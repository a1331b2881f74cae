#!/usr/bin/python
# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores a Velero backup onto a cluster, by policy; the work is done in module_utils/_flow.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: velero_restore
short_description: Restore the Kubernetes objects of a Velero backup onto a cluster
version_added: 0.1.0
author:
  - standby.velero contributors (@standby)
description:
  - Restores the Kubernetes objects of a Velero backup onto a cluster, as Velero would, without Velero running there.
  - Objects that exist are compared with the backup first. One that is equal is left alone, one that differs gets one
    request, so that a second run of the same restore changes nothing.
  - In check mode the same plan is made, and each write is sent as a server-side dry run.
  - Nothing is ever deleted.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    details:
      - Each write is sent to the API server as a dry run, which admits and validates it and stores nothing.
      - A refusal that an object planned earlier in the same run may cure, or an admission webhook that does not
        support dry runs, is no failure. The object is listed with reason V(unproven) and counted.
  diff_mode:
    support: full
    details:
      - One entry for each changed object, with what the patch changes only. Values of Secrets are never shown.
      - At most 150 kB of whole entries; O(report_path) has them all.
      - Ansible prints no diff of a task that fails, see O(fail_on); O(report_path) has it.
  platform:
    platforms: posix
    support: full
options:
  backup_file:
    description:
      - Path of the backup's content on the host that runs the module, which Velero calls C(<name>.tar.gz) in its
        object store. Any Kubernetes object that Velero backed up is in it; volume data are not.
      - It is read as a stream, checked to its end before the first write, and never extracted.
    type: path
    required: true
  backup_name:
    description:
      - Name of the backup, which becomes the label C(velero.io/backup-name) of restored objects.
      - Velero's C(--from-backup) and C(spec.backupName).
      - By default the name of O(backup_file) without C(.tar.gz).
    type: str
  restore_name:
    description:
      - Name of the restore, which becomes the label C(velero.io/restore-name) of restored objects.
      - Velero's C(metadata.name) of a Restore.
      - By default the name of the backup, so that the same restore run again writes no label anew.
    type: str
  existing_resource_policy:
    description:
      - What happens to an object that exists on the target and differs. Velero's C(--existing-resource-policy) and
        C(spec.existingResourcePolicy).
      - V(none) leaves it alone and warns of it.
      - V(update) patches it to what the backup says. Fields that belong to the target stay, such as a Service's
        cluster IP, finalizers or owner references.
      - ServiceAccounts are merged under either policy, as Velero does, and lose nothing.
    type: str
    choices: [none, update]
    default: none
  included_namespaces:
    description:
      - Names of the namespaces to restore, or patterns with C(*), C(?) and C([abc]); an empty list or V(*) means all.
        Velero's C(--include-namespaces) and C(spec.includedNamespaces).
      - A name that matches nothing in the backup restores nothing, and is warned of.
    type: list
    elements: str
    default: []
  excluded_namespaces:
    description:
      - Names of namespaces to leave out. Velero's C(--exclude-namespaces) and C(spec.excludedNamespaces).
    type: list
    elements: str
    default: []
  included_resources:
    description:
      - Types to restore, each as C(plural.group), plural, singular or short name, for example V(deployments.apps) or
        V(deploy), or as a pattern with C(*); an empty list or V(*) means all. Velero's C(--include-resources) and
        C(spec.includedResources).
    type: list
    elements: str
    default: []
  excluded_resources:
    description:
      - Types to leave out, spelled as in O(included_resources). Velero's C(--exclude-resources) and
        C(spec.excludedResources).
    type: list
    elements: str
    default: []
  include_cluster_resources:
    description:
      - Whether cluster-scoped objects are restored. Velero's C(--include-cluster-resources) and
        C(spec.includeClusterResources).
      - By default all are restored when no namespace is included or excluded by name, else only those that restored
        objects need, such as the volume of a claim.
    type: bool
  label_selector:
    description:
      - Only objects whose labels in the backup match are restored. Velero's C(--selector) and C(spec.labelSelector).
      - A text such as C(app=web,env!=test), or a dictionary with C(matchLabels) and C(matchExpressions).
      - What a selected object needs (the claims of a Pod, the volume of a claim) comes along whatever its labels.
    type: raw
  or_label_selectors:
    description:
      - A list of selectors, each as in O(label_selector), of which an object has to match at least one. Velero's
        C(--or-selector) and C(spec.orLabelSelectors). Not together with O(label_selector).
    type: raw
  namespace_mapping:
    description:
      - From the name of a namespace in the backup to that on the target. Velero's C(--namespace-mappings) and
        C(spec.namespaceMapping). O(included_namespaces) and O(excluded_namespaces) go by the backup's names.
      - Subjects of role bindings, claim references of volumes, and the services of webhooks and APIServices, which
        Velero forgets, follow. Of two different objects that would land in one place none is restored.
    type: dict
    default: {}
  storage_class_mapping:
    description:
      - From the name of a storage class in the backup to one of the target, in volumes, claims and claim templates. An
        object whose new class the target does not have fails.
      - Velero reads it from a ConfigMap labelled C(velero.io/change-storage-class=RestoreItemAction), which is not
        read here. Give that ConfigMap's C(data) as this option.
    type: dict
    default: {}
  image_mapping:
    description:
      - Rows C(old,new). In each image of a Pod or workload, init containers included, the first row whose C(old)
        occurs in it replaces it.
      - Velero reads them from a ConfigMap labelled C(velero.io/change-image-name=RestoreItemAction), which is not
        read here. Give the values of that ConfigMap's C(data) as this list.
    type: list
    elements: str
    default: []
  preserve_node_ports:
    description:
      - Whether Services keep the node ports that they have in the backup. By default those that were allocated are
        allocated anew. Velero's C(--preserve-nodeports) and C(spec.preserveNodePorts).
    type: bool
    default: false
  restore_status:
    description:
      - The types whose status is restored too. Velero's C(--status-include-resources), C(--status-exclude-resources)
        and C(spec.restoreStatus). Given without names it means all.
      - The annotation C(velero.io/restore-status) of an object, V(true) or V(false), counts before the lists.
      - Unlike in Velero, under O(existing_resource_policy=update) the status of objects that exist is restored as well.
    type: dict
    suboptions:
      included_resources:
        description: Types, spelled as in O(included_resources).
        type: list
        elements: str
        default: []
      excluded_resources:
        description: Types, spelled as in O(included_resources).
        type: list
        elements: str
        default: []
  resource_modifiers:
    description:
      - Rules that change objects on their way to the target. Velero's C(--resource-modifier-configmap) and
        C(spec.resourceModifier), with the same conditions, patches and typing of values.
      - The structure that Velero documents (C(version) and C(resourceModifierRules)), the text of its YAML, or the
        whole ConfigMap.
      - Strategic merge patches need a built-in type; for a custom resource they are refused.
      - A C(value) is typed by its look as in Velero; C(null), C(true), numbers, C({…}) and C([…]) are JSON, quotes
        inside make a string; YAML's own null is an empty string.
      - Conditions see the object before any rule; C(namespaces) are those of the backup. A rule cannot change
        apiVersion, kind, name or namespace.
      - C(patches) need the Python package C(jsonpatch), C(strategicPatches) the right to read C(/openapi/v3).
      - An object on which a rule fails is not restored, and the rule is named. Velero reports the error and restores
        it all the same.
    type: raw
  hooks:
    description:
      - Init containers to add to restored Pods. Velero's C(spec.hooks.resources), with its names of fields.
      - An annotation C(init.hook.restore.velero.io/container-image) of a Pod counts instead, as in Velero.
      - Hooks that run a command in a container (C(exec)) are refused. This module does not wait for running Pods.
    type: list
    elements: dict
    default: []
  terminating_timeout:
    description:
      - Seconds that namespaces which are being deleted are waited for, all together and once, before anything is read.
        What lies in one that is still there then fails. Velero's server option C(--terminating-resource-timeout), there
        for each object.
    type: int
    default: 600
  protect_cluster_objects:
    description:
      - Leaves alone what the target's control plane or its operator owns, and lists it with reason V(protected).
      - These are Service, Endpoints and EndpointSlice C(default/kubernetes); ServiceCIDRs; ConfigMaps
        C(kube-root-ca.crt) and C(openshift-service-ca.crt); everything in C(kube-system), C(kube-public) and
        C(kube-node-lease); objects labelled C(kubernetes.io/bootstrapping); FlowSchemas and
        PriorityLevelConfigurations that update themselves; APIServices that the target manages; PriorityClasses
        C(system-*); CertificateSigningRequests; bootstrap-token Secrets; Leases; custom resources of group
        C(velero.io).
      - It also leaves to the target's controllers, with reason V(controller_made), IPAddresses and the Endpoints and
        EndpointSlices of a Service with a selector.
      - Velero has no such option and overwrites them.
    type: bool
    default: true
  protect_except:
    description:
      - What to restore all the same while O(protect_cluster_objects=true), each entry as C(resource),
        C(resource/name) or C(resource/namespace/name), for example V(configmaps/kube-system/coredns).
      - Velero has no such option.
    type: list
    elements: str
    default: []
  controlled_objects:
    description:
      - What happens to objects whose controlling owner is in the backup too, such as the Pods of a ReplicaSet.
      - V(restore) creates them when they are missing, as Velero does, and never patches them.
      - What a workload's controller has taken away since the workload was restored is not made again, such as a Pod
        that it replaced.
      - V(skip) leaves them to their controllers altogether.
      - Velero has no such option.
    type: str
    choices: [restore, skip]
    default: restore
  label_unchanged:
    description:
      - Whether an equal object gets the two restore labels under O(existing_resource_policy=update), as Velero gives
        them.
      - With V(false) an equal object gets no request. Velero has no such option.
    type: bool
    default: true
  fail_on:
    description:
      - What makes the task fail, after the run has gone to its end.
      - V(failed), any object that failed.
      - V(errors), what Velero counts as an error; a refused patch is a mere warning there.
      - V(out_of_sync), any object that failed, is unproven or differs, in check mode also one that is yet to be
        created or updated.
      - V(never), nothing but a run that could not take place at all.
      - Velero has no such option; it says Completed or PartiallyFailed, see RV(restore.phase).
    type: str
    choices: [failed, errors, out_of_sync, never]
    default: failed
  concurrency:
    description:
      - How many connections write at the same time, from 1 to 256. Velero writes one object at a time.
    type: int
    default: 16
  report_path:
    description:
      - Path on the host that runs the module where the full report is written as JSON, in check mode too. Objects,
        warnings, errors and the diff are whole there.
      - The file replaces an older one in one step, and only its owner may read it. Its folder must exist.
      - Velero keeps its own report as C(restore-<name>-results.gz) in the object store.
    type: path
requirements:
  - python >= 3.10
  - kubernetes >= 24.2.0
  - jsonpatch
notes:
  - B(A restored cluster runs what production runs.) CronJobs fire, operators act and controllers talk to the outside
    world on the standby as they do in production. Leave out what must not run twice, or let the standby sleep with the
    resource modifiers of C(docs/modifiers-sleep.yml) in this collection.
  - Volume data are not restored. Claims are provisioned anew, volumes with reclaim policy Retain are restored as they
    are; C(docs/volumes.md) has the whole.
  - Check mode sends server-side dry runs, so it needs the same rights as a run.
  - The outcome V(relabelled) means that nothing but the two restore labels was written.
seealso:
  - name: Velero's restore reference
    description: How Velero itself restores a backup.
    link: https://velero.io/docs/main/restore-reference/
"""

EXAMPLES = r"""
- name: Keep the standby in step with production
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    kubeconfig: ~/.kube/standby
    report_path: /var/log/standby/last-restore.json

- name: Tell how the standby differs from the backup, and write nothing
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    kubeconfig: ~/.kube/standby
    fail_on: out_of_sync
  check_mode: true
  diff: true

- name: Restore the ConfigMaps and Deployments of one namespace where they are missing
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [shop]
    included_resources: [configmaps, deployments.apps]

- name: Leave out what must not run on the standby, and let controllers make their own Pods
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    excluded_resources: [cronjobs.batch]
    controlled_objects: skip

- name: Restore one application by its labels
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    label_selector: app.kubernetes.io/part-of=shop,tier in (web,worker)

- name: Try a namespace out under another name, with images and storage of the standby
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [shop]
    namespace_mapping:
      shop: shop-rehearsal
    storage_class_mapping:
      fast-ssd: standard
    image_mapping:
      - registry.example.org,mirror.standby.example.org

- name: Restore everything, and let no Deployment run
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    resource_modifiers:
      version: v1
      resourceModifierRules:
        - conditions:
            groupResource: deployments.apps
          mergePatches:
            - patchData: '{"spec": {"replicas": 0}}'

- name: Restore custom resources with the status that their operator gave them
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_resources: [widgets.example.org]
    restore_status:
      included_resources: [widgets.example.org]
"""

RETURN = r"""
restore:
  description: The restore as a whole.
  returned: always, unless a Python package is missing
  type: dict
  contains:
    name:
      description: Name of the restore.
      type: str
      sample: hourly-20261124030000
    backup_name:
      description: Name of the backup.
      type: str
      sample: hourly-20261124030000
    existing_resource_policy:
      description: The policy, V(none) or V(update).
      type: str
      sample: update
    phase:
      description:
        - V(Completed) or V(PartiallyFailed), as Velero names them. Never V(Completed) when an object failed.
        - V(FailedValidation) when the options cannot be meant so, V(Failed) when the restore could not go on. Then
          nothing else is returned but the message.
      type: str
      sample: Completed
    in_sync:
      description:
        - Whether no selected object failed, is unproven or differs from the backup. What was left out on purpose does
          not count. In check mode it speaks of the target as it is now.
      type: bool
      sample: true
    started:
      description: When the restore began, in UTC.
      type: str
      sample: '2026-11-24T04:00:00.123Z'
    completed:
      description: When the restore ended, in UTC.
      type: str
      sample: '2026-11-24T04:00:05.456Z'
counts:
  description:
    - Number of objects by outcome. RV(counts.total) is the sum of all but RV(counts.unproven), which counts some of
      them once more.
  returned: when the restore ran
  type: dict
  contains:
    total:
      description: All selected objects.
      type: int
      sample: 158
    created:
      description: Were missing.
      type: int
      sample: 3
    updated:
      description: Differed and were patched.
      type: int
      sample: 12
    relabelled:
      description: Were equal and got the two restore labels.
      type: int
      sample: 100
    recreated:
      description: Were deleted and created again; always 0 with the policies there are.
      type: int
      sample: 0
    deleted:
      description: Were deleted; always 0.
      type: int
      sample: 0
    unchanged:
      description: Were equal, and nothing was written.
      type: int
      sample: 23
    skipped:
      description: Were left alone, with a reason.
      type: int
      sample: 20
    failed:
      description: Could not be restored, with a reason.
      type: int
      sample: 0
    unproven:
      description: Could not be proven by a dry run.
      type: int
      sample: 0
objects:
  description:
    - What became of each object, failed and changed ones first, as many as fit.
  returned: when the restore ran
  type: list
  elements: dict
  contains:
    group:
      description: API group; empty for the core group.
      type: str
      sample: apps
    version:
      description: API version in the backup.
      type: str
      sample: v1
    kind:
      description: Kind of the object.
      type: str
      sample: Deployment
    namespace:
      description: Its namespace; empty for a cluster-scoped object.
      type: str
      sample: shop
    name:
      description: Its name.
      type: str
      sample: web
    outcome:
      description: One of the outcomes in RV(counts).
      type: str
      sample: failed
    reason:
      description:
        - A code that says why; empty when all went as asked.
        - Left out on purpose, V(protected), V(controller_made), V(controlled), V(mirror_pod), V(token_secret),
          V(provisioned_anew), V(duplicate).
        - Left alone by the policy, V(exists_different).
        - Equal all the same, V(kept_by_target), V(as_admitted).
        - With a reservation, V(unproven), V(changed_meanwhile), V(status_refused).
        - Failed, V(bad_object), V(clash), V(modifier_failed), V(storage_class_missing), V(not_served),
          V(group_incomplete), V(read_refused), V(namespace_missing), V(namespace_terminating), V(terminating),
          V(refused), V(conflict), V(unreachable).
      type: str
      sample: refused
    message:
      description: The reason as a sentence, without any value out of the object.
      type: str
      sample: was refused by the target
objects_truncated:
  description: Whether RV(objects) is not the whole list; O(report_path) has it.
  returned: when the restore ran
  type: bool
  sample: false
velero_results:
  description:
    - Warnings and errors as Velero words and sorts them, as many as fit.
  returned: when the restore ran
  type: dict
  contains:
    warnings:
      description: Lists C(velero) and C(cluster), and C(namespaces) with a list for each namespace.
      type: dict
      sample: {velero: [], cluster: [], namespaces: {}}
    errors:
      description: Shaped as RV(velero_results.warnings).
      type: dict
      sample: {velero: [], cluster: [], namespaces: {}}
diff:
  description: What changed, one entry for each changed object.
  returned: in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: C(Kind namespace/name).
      type: str
      sample: Deployment shop/web
    after_header:
      description: As RV(diff[].before_header).
      type: str
      sample: Deployment shop/web
    before:
      description: What the patch changes, as it was, in YAML.
      type: str
      sample: "spec:\n  replicas: 3\n"
    after:
      description: The same as it is then.
      type: str
      sample: "spec:\n  replicas: 4\n"
"""

import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ..module_utils._cluster.connect import connect, missing_package
from ..module_utils._errors import RestoreError
from ..module_utils._flow import restore
from ..module_utils._options import ARGUMENT_SPEC, open_words, settings_of
from ..module_utils._report.result import build, fails, task_warnings
from ..module_utils._report.text import printable
from ..module_utils._report.velero_results import phase_of


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.no_log_values -= open_words(module.params)
    missing = missing_package()
    if missing:
        module.fail_json(msg=missing_required_lib(missing))
    try:
        settings = settings_of(module.params, module.check_mode, module._diff)
        run = restore(settings, connect(module, settings.concurrency), module.tmpdir)
        result, problem = build(run), fails(settings.fail_on, run)
    except RestoreError as error:
        module.fail_json(msg=printable(str(error)), restore={"phase": phase_of(error)})
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text, and a traceback's, could hold a value of some object
        module.fail_json(msg=f"fault in velero_restore: {_where(error)}; please report it", restore={"phase": "Failed"})
    for warning in task_warnings(run):
        module.warn(warning)
    if problem:
        module.fail_json(msg=problem, **result)
    module.exit_json(**result)


def _where(error: Exception) -> str:
    """Type and places of an unexpected exception, innermost last; never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(
        [f"{frame.filename.rpartition('module_utils/')[2]}:{frame.lineno}" for frame in frames] + [type(error).__name__]
    )


if __name__ == "__main__":
    main()
