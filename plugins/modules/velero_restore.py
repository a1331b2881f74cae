#!/usr/bin/python
# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores a Velero backup onto a cluster, by policy; the work is done in module_utils/_flows/restore.py."""

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
  - Nothing is deleted, but what the policy V(recreate) creates anew at once, and what O(delta=prune) removes.
  - A run holds a lock on the target and keeps there which objects it restored from which backup, see
    O(state_namespace).
extends_documentation_fragment:
  - standby.velero.backup_source
  - standby.velero.target
  - standby.velero.attributes
  - standby.velero.connection
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    details:
      - Each write is sent to the API server as a dry run, which admits and validates it and stores nothing.
      - A refusal that an object planned earlier in the same run may cure, or an admission webhook that does not
        support dry runs, is no failure. The object is listed with reason V(unverified) and counted.
      - An object that would be recreated is listed as such, with what the dry run of its create was answered.
      - No lock is taken, no inventory is written, and what O(delta=prune) would delete is told only.
  diff_mode:
    support: full
    details:
      - One entry for each changed object, with what the patch changes only, and of a recreated object with what the
        old and the new one differ in. Of a deleted object it is the whole body. Values of Secrets are never shown.
      - At most 150 kB of whole entries; O(report_path) has them all.
      - Ansible prints no diff of a task that fails, see O(fail_on); O(report_path) has it.
options:
  restore_name:
    description:
      - Name of the restore. By default the name of the backup, so that the same restore run again writes no label anew.
      - It becomes the label C(velero.io/restore-name) of restored objects, beside C(velero.io/backup-name), which has
        O(backup_name).
      - Velero's C(metadata.name) of a Restore.
    type: str
  previous_backup_file:
    description:
      - Path of the content of an earlier backup of the same cluster, such as the one that was restored last, to tell
        where objects that differ were changed since. O(delta) compares with it too, where the target has no inventory
        yet.
      - Where an object was changed is told in RV(objects[].changed_by).
      - Velero has no such option.
    type: path
  existing_resource_policy:
    description:
      - What happens to an object that exists on the target and differs; V(none) leaves it alone and warns of it,
        V(update) or V(patch) patches it to what the backup says, V(recreate) also deletes and creates it where a field
        is immutable. When no policy is given it is V(none).
      - It holds for all objects alike; not together with O(existing_resource_policy_config),
        O(existing_resource_default_policy) or O(existing_resource_policy_overrides).
      - With V(update), fields that belong to the target stay, such as a Service's cluster IP, finalizers or owner
        references. V(patch) is another word for it.
      - V(recreate) does as V(update), but an object of which the API server says that a field is immutable is
        deleted and created. That is, the patch was answered Invalid for a field, and a dry-run create under the same
        name was answered AlreadyExists, so that the new object would be taken. What a policy or a webhook refuses is
        not immutable and stays.
      - Before it is deleted, its body is kept as a gzipped Secret in O(state_namespace). When that cannot be, it is not
        deleted. When the create is refused, the old object is put back.
      - A kept body is removed when all went well, and when the old object was put back after a cause that passes. Else
        it is named in the object's message, and each next run warns of it. An object whose new body was refused for
        itself, as invalid or by admission, is not recreated again as long as the backup has it so.
      - O(recreate_allow) says what is never recreated unless named. An object with a controlling owner on the target
        never is. A Service keeps its cluster IP and its node ports.
      - ServiceAccounts are merged under every policy, as Velero does, and lose nothing.
      - Velero's C(--existing-resource-policy) and C(spec.existingResourcePolicy), which know V(none) and V(update).
    type: str
    choices: [none, update, patch, recreate]
  existing_resource_policy_config:
    description:
      - From a policy, V(patch), V(update) or V(recreate), to a dictionary with C(included_resources), the types that it
        holds for. For all other types the policy is V(none).
      - Types are spelled as in O(included_resources). C(includedResources) is taken too.
      - Not together with the other options that choose a policy.
      - Velero has no such option; its design had C(existingResourcePolicyConfig) in mind.
    type: dict
  existing_resource_default_policy:
    description:
      - The policy, as in O(existing_resource_policy), of every object that no rule of
        O(existing_resource_policy_overrides) matches. When it is not given it is V(none).
      - Velero has no such option; its design had C(existingResourceDefaultPolicy) in mind.
    type: str
    choices: [none, update, patch, recreate]
  existing_resource_policy_overrides:
    description:
      - A list of rules, each a dictionary with C(policy) and what it holds for, namely C(included_resources),
        C(included_namespaces) and C(label_selector); or a dictionary from a policy to a dictionary with
        C(included_resources).
      - What a rule holds for is spelled as in O(included_resources), O(included_namespaces), by the backup's names, and
        O(label_selector). What a rule leaves out, it does not ask for, but it has to name one. A rule that names
        namespaces matches no cluster-scoped object.
      - The keys may be spelled as C(includedResources), C(includedNamespaces) and C(labelSelector) too.
      - An object that rules of different policies match fails with reason V(policy_conflict), and both rules are named.
      - Velero has no such option; its design had C(existingResourcePolicyOverrides) in mind.
    type: raw
  recreate_allow:
    description:
      - What may be recreated although it is spared otherwise, each entry as C(resource), C(resource/name) or
        C(resource/namespace/name), for example V(persistentvolumeclaims/shop/cache).
      - Spared are Namespaces, CustomResourceDefinitions, PersistentVolumes, PersistentVolumeClaims, StatefulSets with
        claim templates, Services of type LoadBalancer and ServiceAccounts, since their deletion takes along what no
        backup of objects brings back.
      - Velero has no such option.
    type: list
    elements: str
    default: []
  recreate_propagation:
    description:
      - What happens to the dependents of an object that is deleted in order to be recreated, in the API server's words
        for C(propagationPolicy). V(orphan) lets them live on, such as the Pods of a StatefulSet.
      - Velero has no such option.
    type: str
    choices: [background, foreground, orphan]
    default: background
  recreate_timeout:
    description:
      - Seconds that an object which is deleted in order to be recreated may take to be gone.
      - One that a finalizer holds for longer fails with reason V(deletion_blocked), and a next run creates it once it
        is gone.
      - Velero has no such option.
    type: int
    default: 120
  included_namespaces:
    description:
      - Names of the namespaces to restore, or patterns with C(*), C(?) and C([abc]); an empty list or V(*) means all.
      - A name that matches nothing in the backup is warned of, see RV(unmatched); when nothing at all is selected the
        task fails, see O(allow_empty).
      - Velero's C(--include-namespaces) and C(spec.includedNamespaces).
    type: list
    elements: str
    default: []
  excluded_namespaces:
    description:
      - Names of namespaces to leave out, or patterns as in O(included_namespaces).
      - Velero's C(--exclude-namespaces) and C(spec.excludedNamespaces).
    type: list
    elements: str
    default: []
  included_resources:
    description:
      - Types to restore, each as C(plural.group), plural, singular or short name, for example V(deployments.apps) or
        V(deploy), or as a pattern with C(*); an empty list or V(*) means all.
      - Velero's C(--include-resources) and C(spec.includedResources).
    type: list
    elements: str
    default: []
  excluded_resources:
    description:
      - Types to leave out, spelled as in O(included_resources).
      - Velero's C(--exclude-resources) and C(spec.excludedResources).
    type: list
    elements: str
    default: []
  include_cluster_resources:
    description:
      - Whether cluster-scoped objects are restored. By default all are when no namespace is included or excluded by
        name, else only those that restored objects need, such as the volume of a claim.
      - Velero's C(--include-cluster-resources) and C(spec.includeClusterResources).
    type: bool
  label_selector:
    description:
      - Selector that the labels of an object in the backup have to match, as a text such as C(app=web,env!=test), or a
        dictionary with C(matchLabels) and C(matchExpressions).
      - What a selected object needs (the claims of a Pod, the volume of a claim) comes along whatever its labels.
      - Velero's C(--selector) and C(spec.labelSelector).
    type: raw
  or_label_selectors:
    description:
      - A list of selectors, each as in O(label_selector), of which an object has to match at least one. Not together
        with O(label_selector).
      - Velero's C(--or-selector) and C(spec.orLabelSelectors).
    type: raw
  resource_policies:
    description:
      - Filters by type, name and label for each namespace, and by name and label for cluster-scoped types, within what
        the other filters let through.
      - Velero's C(--resource-policies-configmap) and C(spec.resourcePolicy), of its main branch of August 2026.
      - The structure that Velero documents (C(version), C(namespacedFilterPolicies) and C(clusterScopedFilterPolicy)),
        the text of its YAML, or the whole ConfigMap.
      - An entry of C(namespacedFilterPolicies) is an allow-list for the C(namespaces) of the backup that it names. Of
        these, only the types of its C(resourceFilters) are restored, each by its own C(labelSelector) or
        C(orLabelSelectors), C(names) and C(excludedNames). V(*) as the only one of C(kinds) stands for all types that
        no other filter of the entry lists.
      - A namespace that is named goes before patterns; of patterns, the first that matches counts. Namespaces without
        an entry go by the other filters.
      - C(clusterScopedFilterPolicy) refines the cluster-scoped types that it lists. All others go by the other filters.
      - C(kinds) are kinds, plurals, singulars or short names in upper or lower case, with or without the group. One
        that the target does not know is looked for in the backup.
      - O(included_resources), O(excluded_resources), O(included_namespaces), O(excluded_namespaces) and
        O(include_cluster_resources) go first. The selector of a filter, or none, takes the place of O(label_selector)
        and O(or_label_selectors). What a selected object needs comes along past all entries.
      - All that is wrong is told at once. C(volumePolicies) and C(includeExcludePolicy) are for backups and refused.
      - RV(filtered) says how many objects each entry kept out. C(docs/filter-policies.md) in this collection has more.
    type: raw
  namespace_mapping:
    description:
      - From the name of a namespace in the backup to the name of the one on the target that its objects are restored
        into.
      - O(included_namespaces) and O(excluded_namespaces) go by the backup's names.
      - Subjects of role bindings, claim references of volumes, and the services of webhooks and APIServices, which
        Velero forgets, follow. Of two different objects that would land in one place none is restored.
      - Velero's C(--namespace-mappings) and C(spec.namespaceMapping).
    type: dict
    default: {}
  storage_class_mapping:
    description:
      - From the name of a storage class in the backup to one of the target, in volumes, claims and claim templates.
      - An object whose new class the target does not have fails.
      - Velero reads it from a ConfigMap labelled C(velero.io/change-storage-class=RestoreItemAction), which is not
        read here. Give that ConfigMap's C(data) as this option.
    type: dict
    default: {}
  image_mapping:
    description:
      - Rows C(old,new). In each image of a Pod or workload, init containers included, C(new) replaces the C(old) of the
        first row that occurs in it.
      - Velero reads them from a ConfigMap labelled C(velero.io/change-image-name=RestoreItemAction), which is not
        read here. Give the values of that ConfigMap's C(data) as this list.
    type: list
    elements: str
    default: []
  preserve_node_ports:
    description:
      - Whether Services keep the node ports that they have in the backup. Otherwise those that were allocated are
        allocated anew.
      - Velero's C(--preserve-nodeports) and C(spec.preserveNodePorts).
    type: bool
    default: false
  restore_status:
    description:
      - The types whose status is restored too. Given without names it means all.
      - The annotation C(velero.io/restore-status) of an object, V(true) or V(false), counts before the lists.
      - Unlike in Velero, under V(update) and V(recreate) the status of objects that exist is restored as well.
      - Velero's C(--status-include-resources), C(--status-exclude-resources) and C(spec.restoreStatus).
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
      - Rules that change objects on their way to the target, as the structure that Velero documents (C(version) and
        C(resourceModifierRules)), the text of its YAML, or the whole ConfigMap.
      - Conditions, patches and the typing of values are Velero's.
      - Strategic merge patches need a built-in type; for a custom resource they are refused.
      - A C(value) is typed by its look as in Velero; C(null), C(true), numbers, C({…}) and C([…]) are JSON, quotes
        inside make a string; YAML's own null is an empty string.
      - Conditions see the object before any rule; C(namespaces) are those of the backup. A rule cannot change
        apiVersion, kind, name or namespace.
      - C(patches) need the Python package C(jsonpatch), C(strategicPatches) the right to read C(/openapi/v3).
      - An object on which a rule fails is not restored, and the rule is named. Velero reports the error and restores
        it all the same.
      - Velero's C(--resource-modifier-configmap) and C(spec.resourceModifier).
    type: raw
  hooks:
    description:
      - Init containers to add to restored Pods, as in C(spec.hooks.resources) of a Velero Restore.
      - An annotation C(init.hook.restore.velero.io/container-image) of a Pod counts instead, as in Velero.
      - Hooks that run a command in a container (C(exec)) are refused. This module does not wait for running Pods.
    type: list
    elements: dict
    default: []
  terminating_timeout:
    description:
      - Seconds that namespaces which are being deleted are waited for, all together and once, before anything is read.
      - What lies in one that is still there then fails.
      - Velero's server option C(--terminating-resource-timeout), there for each object.
    type: int
    default: 600
  protect_cluster_objects:
    description:
      - Whether what the target's control plane or its operator owns is left alone.
      - It is listed with reason V(protected). These are Service, Endpoints and EndpointSlice C(default/kubernetes);
        ServiceCIDRs; ConfigMaps C(kube-root-ca.crt) and C(openshift-service-ca.crt); everything in C(kube-system),
        C(kube-public) and C(kube-node-lease); objects labelled C(kubernetes.io/bootstrapping); FlowSchemas and
        PriorityLevelConfigurations that update themselves; APIServices that the target manages; PriorityClasses
        C(system-*); CertificateSigningRequests; bootstrap-token Secrets; Leases; custom resources of group
        C(velero.io).
      - It also leaves to the target's controllers, with reason V(controller_generated), IPAddresses, the Endpoints and
        EndpointSlices of a Service with a selector, and EndpointSlices that mirror Endpoints.
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
      - What happens to objects whose controlling owner is in the backup too, such as the Pods of a ReplicaSet;
        V(restore) creates them when they are missing, as Velero does, and never patches them, V(skip) leaves them to
        their controllers altogether.
      - With V(restore), a workload that stood on the target before the run keeps the children that it has, whoever put
        it there; what is missing of the backup's is left to its controller, such as a Pod that it replaced.
      - Left to the controller in any case are the Pods of a Job and the Jobs of a CronJob, which would do their work
        once more, and what is made for a Pod, the claims of its ephemeral volumes and its ResourceClaims.
      - Velero has no such option.
    type: str
    choices: [restore, skip]
    default: restore
  privileged_objects:
    description:
      - What happens to objects by which somebody gets rights, or a say in what others may do, when they would be
        created, changed or deleted; V(restore) treats them as any other, V(skip) leaves them alone, V(fail) makes them
        failed objects.
      - These are RBAC, webhook configurations, admission policies, CustomResourceDefinitions, APIServices,
        ClusterTrustBundles, OpenShift's SecurityContextConstraints, its users, groups, identities and OAuth, and
        Secrets that are the token of a service account or of a node. O(privileged_rules) adds to them.
      - Nothing is written of one that V(skip) or V(fail) holds back, which has reason V(privileged). The other objects
        are restored.
      - Namespaces and ServiceAccounts, which others need, are restored without the labels and annotations that give
        rights, and have reason V(withheld). Of Namespaces these are a level of Pod security that is V(privileged), or
        looser than the one on the target, and what puts a service mesh in or takes it out; of ServiceAccounts, the
        identities of clouds. With V(fail) the run fails for each of them.
      - Workloads that reach their node (privileged containers, host paths, the host's network, processes or IPC, added
        capabilities) are listed only, unless O(privileged_rules) counts them.
      - All are listed in RV(privileged) in any case, with what is new of them. C(docs/rights.md) in this collection has
        the whole list.
      - Velero has no such option.
    type: str
    choices: [restore, skip, fail]
    default: restore
  privileged_rules:
    description:
      - Further objects for O(privileged_objects), a list of dictionaries with C(resource) and what counts of it.
      - C(resource) is spelled as in O(included_resources). With nothing else in a rule, all objects of the type count.
      - C(labels) and C(annotations) are lists of names, or patterns with C(*), that count when they are new or changed.
        Namespaces and ServiceAccounts are restored without them.
      - C(path) is a JSON Pointer, in which C(*) stands for every element of a list, that counts when something is
        there that the target does not have; C(values) says which values alone.
      - C(host_access), V(true), counts workloads that ask for more of their node than they have on the target.
      - All that is wrong is told at once.
      - Velero has no such option.
    type: list
    elements: dict
    default: []
  ignore_fields:
    description:
      - From a type, spelled as in O(included_resources), to a list of JSON Pointers, for example V(/spec/replicas).
        These fields of an object that exists belong to the target, and are neither compared nor written.
      - Their absence belongs to the target too. An object that is created gets the backup's values, one that is
        recreated keeps the target's.
      - In a list a number is a place, and C(name=web) is the first element with that value, for example
        V(/spec/template/spec/containers/name=web/image).
      - Velero has no such option.
    type: dict
    default: {}
  compare:
    description:
      - With V(full) each object of the target is compared with the backup's.
      - V(fast) is for a job that runs every hour. It reads the same lists, and passes over each page of them (500
        objects) that is byte for byte as it was when an earlier run found everything on it equal, if the backup's
        objects and the options are the same too. What somebody has changed on the target is found as with V(full); no
        version or time that the target tells is relied on.
      - Every 24 hours a run with V(fast) compares everything. So do check mode, a run of an approved plan, one with
        O(delta=prune) and one with O(label_unchanged=true).
      - What it remembers is kept in O(state_namespace), as keyed digests. It begins with the third run, unless
        O(state_key) is given, and then with the second.
    type: str
    choices: [full, fast]
    default: full
  hpa_replicas:
    description:
      - What happens to the replicas of a workload that a HorizontalPodAutoscaler scales, in the backup or on the
        target; V(restore) restores them as any field, V(keep) leaves them to the target.
      - With V(restore) each run and the autoscaler may undo each other.
      - V(keep) does not leave them when they are 0 there and not in the backup, since an autoscaler wakes nothing that
        was scaled to 0. It needs the right to list HorizontalPodAutoscalers.
      - Velero has no such option.
    type: str
    choices: [restore, keep]
    default: restore
  workloads:
    description:
      - Whether workloads are restored as they are in the backup, V(restore), or asleep, V(hold), on a standby that runs
        nothing before it has to.
      - With V(hold), Deployments, StatefulSets, ReplicaSets and ReplicationControllers have no replicas, CronJobs and
        Jobs are suspended, and DaemonSets ask for a node that is not there. So do Argo Rollouts, CronWorkflows and
        Applications (their automated sync is off), OpenShift DeploymentConfigs, KEDA ScaledObjects and ScaledJobs, and
        Flux Kustomizations and HelmReleases, each in its own way. O(hold_rules) adds kinds.
      - What production has in that field is remembered in the annotation C(standby.velero/held) of the object and in
        the inventory, see O(state_namespace), and brought up to date by each run.
      - It comes after O(resource_modifiers) and goes before O(hpa_replicas) and O(ignore_fields). Asleep is how the
        object is meant to be. One that somebody woke is different, and policy V(update) puts it to sleep again. Policy
        V(none) names it in RV(workloads.awake).
      - Only what this module restored is ever put to sleep, and nothing that O(protect_cluster_objects) speaks of,
        whether it is on or off. A workload that was awake on the target before its first restore keeps the field as it
        is, and is listed in RV(workloads.standby_own), see O(hold_existing).
      - What has a controlling owner in the backup is left to it, as with O(controlled_objects=skip). Pods without a
        controller cannot sleep; they are left out with reason V(bare_pod).
      - APIServices that the target lacks are not created, since nobody would answer for their API group. The body of
        each is kept in O(state_namespace), with reason V(kept_as_copy), and M(standby.velero.velero_workloads) creates
        it. One that is on the target already is left as it is, with reason V(left_standing), whether it differs or not.
      - A run with V(restore) on a target that was held wakes what it updates.
      - Velero has no such option.
    type: str
    choices: [restore, hold]
    default: restore
  webhooks:
    description:
      - What becomes of admission webhooks that nobody answers. One with C(failurePolicy=Fail) whose Service sleeps
        refuses every write of the next restore.
      - V(restore) restores them as they are in the backup. V(when_ready), and O(workloads=hold) whatever is chosen
        here, restores a webhook asleep while its Service has no ready endpoints on the target. Its C(failurePolicy) is
        V(Ignore) then, and its C(objectSelector) matches nothing. What production has there is remembered in the
        annotation C(standby.velero/held). A later restore that finds endpoints wakes it, and so does
        M(standby.velero.velero_workloads).
      - Each webhook of a configuration counts for itself. That holds for webhooks that the target does not have yet and
        for those that sleep already. One that is awake on the target is put to sleep only by a run that puts to sleep
        all that answers for it. Otherwise it is left as it is, and named in a warning when nobody answers.
      - Webhooks at a URL stay awake. O(hold_except) names configurations that do.
      - With V(when_ready) an APIService that the target lacks is kept as a copy, with reason V(kept_as_copy), while its
        Service has no ready endpoints.
      - Velero has no such option.
    type: str
    choices: [restore, when_ready]
    default: restore
  hold_rules:
    description:
      - Further kinds that sleep under O(workloads=hold), a list of dictionaries with C(resource), the type as in
        O(included_resources) but no pattern, C(path), the field that makes it sleep as a JSON Pointer, and C(value),
        what the field is in sleep; V(null) stands for no such field.
      - A rule for the field that makes one of the known kinds sleep takes the place of its value, one for another field
        comes in addition.
      - The field may lie in no list.
    type: list
    elements: dict
    default: []
  hold_except:
    description:
      - What stays awake under O(workloads=hold), each entry as C(resource), C(resource/name) or
        C(resource/namespace/name), by the names on the target, for example V(deployments.apps/ingress/controller).
      - It is restored as with O(workloads=restore). A Pod that is named here is restored too.
    type: list
    elements: str
    default: []
  hold_existing:
    description:
      - What is put to sleep although it was awake on the target before its first restore, with entries as in
        O(hold_except), for example V(deployments.apps/*/*) where Velero itself restored the standby before.
    type: list
    elements: str
    default: []
  delta:
    description:
      - What happens to stale objects, those that an earlier backup of the same schedule restored and this one no longer
        has; V(ignore) does not look for them, V(report) lists them, V(prune) deletes them within bounds, after
        everything else.
      - They are listed in RV(delta). Stale is only what is still on the target with the UID with which it was restored.
        The earlier backup is known from the inventory on the target, else from O(previous_backup_file); then the label
        C(velero.io/backup-name) has to show that the object was restored from it.
      - What is deleted still has the very labels C(velero.io/backup-name) and C(velero.io/restore-name) that a restore
        of this collection wrote on it; else it is kept, with reason V(not_labelled). Without labels are Namespaces that
        were made for what lies in them, and objects that a restore found equal and left unlabelled, see
        O(label_unchanged). They are deleted only when the inventory is signed, see O(state_key); else they are kept,
        with reason V(unsigned).
      - An object is not stale when this backup has one with the UID that it had in production, or of the same kind,
        namespace and name in another API group.
      - What left the backup need not have left production. It may have got the label
        C(velero.io/exclude-from-backup), or the schedule was narrowed; V(prune) deletes it all the same, see
        O(prune_after).
      - V(prune) deletes only when both backups have metadata, are C(Completed) without errors, and have schedule,
        source cluster and filters in common; when this restore has selection and mappings of the earlier one; when no
        object failed or is unverified, and everything on the target could be read; and within O(prune_max_count) and
        O(prune_max_percent). What stops it is told in RV(delta.stopped_by).
      - Gone from the target is only what its API server says is gone. So V(prune) also needs the right to ask whether
        the server is ready and to list CustomResourceDefinitions and APIServices; without it, nothing is deleted.
      - Each object is deleted in the reverse order of a restore, with UID and resourceVersion as preconditions and its
        dependents in the background. One that was written since it was read is read again, and deleted if nothing keeps
        it still. What O(protect_cluster_objects) covers never is, nor what O(privileged_objects) holds back.
      - Velero has no such option.
    type: str
    choices: [ignore, report, prune]
    default: ignore
  prune_max_count:
    description:
      - How many objects may be stale, those that are kept included. When there are more, O(delta=prune) deletes none.
      - Velero has no such option.
    type: int
    default: 10
  prune_max_percent:
    description:
      - How many percent of the objects that were selected of the earlier backup may be stale, those that are kept
        included. When there are more, O(delta=prune) deletes none.
      - Velero has no such option.
    type: int
    default: 10
  prune_after:
    description:
      - How many backups of the schedule, restored one after the other, must have lacked an object before O(delta=prune)
        deletes it. Until then it is kept with reason V(not_yet), and RV(delta.objects[].lacking_for) says for how many
        it is missing.
      - An object can leave the backup without leaving production, when somebody labels it
        C(velero.io/exclude-from-backup), or narrows the schedule in a way that its filters do not show. V(2) and more
        leave time to see it in RV(delta).
      - A second run of the same backup does not count, a run with another O(delta) does. When a backup has the object
        again, it is counted anew.
      - Velero has no such option.
    type: int
    default: 1
  prune_allow:
    description:
      - The Namespaces (on OpenShift Projects too), CustomResourceDefinitions, PersistentVolumes,
        PersistentVolumeClaims, and StatefulSets that take their claims along, which O(delta=prune) may delete, each
        entry as in O(recreate_allow). All others of these are kept.
      - Velero has no such option.
    type: list
    elements: str
    default: []
  max_backup_age:
    description:
      - How old the backup may be, as Velero writes durations, such as V(24h) or V(1h30m). An older one is refused
        before anything is written.
      - The age is known from the backup's metadata, see O(backup_metadata_file); without these the backup is refused.
        The clock is the API server's.
      - Velero has no such option.
    type: str
  allow_older:
    description:
      - Whether a backup may be restored that is older than the one that was restored last. Otherwise it is refused.
      - Velero has no such option.
    type: bool
    default: false
  allow_other_source:
    description:
      - Whether a backup may be restored that is of another cluster than the one that was restored last. Otherwise it
        is refused.
      - A cluster is known by the UID of its Namespace kube-system, where the backup has it.
      - Velero has no such option.
    type: bool
    default: false
  allow_shrunk:
    description:
      - Whether a backup may be restored that has lost more than half of the objects of the one before. Otherwise it is
        refused.
      - Velero has no such option.
    type: bool
    default: false
  allow_empty:
    description:
      - Whether a run may select no object of the backup at all. Otherwise it fails, and says what was asked for and
        what the backup has.
      - A name that matches nothing while others do match is warned of, see RV(unmatched).
      - Velero has no such option, and ends Completed.
    type: bool
    default: false
  allow_active:
    description:
      - A target whose workloads M(standby.velero.velero_workloads) woke serves as production. As long as that lasts a
        restore onto it fails before it writes anything, in check mode too, and says since when it is active. This
        option, set to that time, lets a restore through during just that activation.
      - Where only some namespaces were woken, the rest is restored. Objects of active namespaces are skipped with
        reason V(active) and never pruned, and cluster-scoped objects that are there already are neither changed nor
        deleted. This option lets those be written too.
      - That a target is active stands in O(state_namespace) and in the annotation C(standby.velero/active) of each
        active Namespace. Either one is enough. Where the two disagree, or one cannot be read, nothing is restored.
      - Velero has no such option.
    type: str
  approved_plan:
    description:
      - The plan that somebody approved, as an earlier run, mostly one in check mode, returned it in RV(plan); or its
        C(hash) alone. A run whose own plan is another one fails before it writes anything, in check mode too, and names
        the types and namespaces in which the two differ.
      - So does one of another backup, by name or content. Give O(backup_name) of the approved plan, for another job may
        find a newer one. O(max_backup_age) and all other limits hold anew.
      - What changes on the target while the approved run is under way is not written over. Such an object fails with
        reason V(not_approved), unless what is due is no more than what was approved.
      - An empty text is no approval asked for; an empty dictionary is an error, as a variable that got lost on the way
        is not meant to be one. C(docs/approval.md) in this collection has an example with two jobs.
      - Velero has no such option.
    type: raw
  approved_plan_report:
    description:
      - Path of the O(report_path) of the run whose plan was approved. With it a refusal names each object that differs.
      - Velero has no such option.
    type: path
  label_unchanged:
    description:
      - Whether an equal object gets the two restore labels under the policies V(update) and V(recreate). Otherwise it
        gets no request.
      - One that no restore of this collection ever wrote to then has no labels by which O(delta=prune) could tell that
        it is restored; it is pruned only by a signed inventory, see O(state_key).
      - Velero has no such option; it gives them under V(update).
    type: bool
    default: true
  state_adopt:
    description:
      - Whether an inventory that is not signed is taken this once, and signed with O(state_key). The run lists what it
        holds, in check mode too, which signs nothing; bodies that a recreate has kept are signed with it.
      - Give it when O(state_key) is given for the first time, and leave it out afterwards. An inventory that was signed
        before is never taken unsigned again.
      - Velero has no such option.
    type: bool
    default: false
  state_rebuild:
    description:
      - Whether an inventory is made anew where the target has none any more, from the labels of restores on its objects
        and their UIDs. The run lists what it took, in check mode too, which writes nothing.
      - Such objects are kept by O(delta=prune), with reason V(rebuilt), until a later backup has restored them.
      - It has no effect where there is an inventory.
      - Velero has no such option.
    type: bool
    default: false
  run_timeout:
    description:
      - How long the run may take, in seconds or as Velero writes durations, such as V(50m). By default it may take as
        long as it takes.
      - When the time is up no further object is begun; what was begun has 10 seconds to come to its end. What was not
        reached fails with reason V(run_timeout), the inventory and the report are written, and the next run goes on.
      - Before anything is written the task just fails. Waiting for the lock, fetching and comparing count too.
      - Velero has no such option; its server has C(--resource-timeout).
    type: str
  fail_on:
    description:
      - What makes the task fail, after the run has gone to its end; V(failed), any object that failed; V(errors), what
        Velero counts as an error; V(out_of_sync), any object that failed, is unverified or differs; V(never), nothing
        but a run that could not take place at all.
      - A refused patch is a mere warning in Velero's count.
      - In check mode V(out_of_sync) is also an object that is yet to be created, updated, recreated or deleted.
      - Velero has no such option; it says Completed or PartiallyFailed, see RV(restore.phase).
    type: str
    choices: [failed, errors, out_of_sync, never]
    default: failed
  report_path:
    description:
      - Path on the host that runs the module where the full report is written as JSON, in check mode too. By default
        none is written.
      - Objects, warnings, errors and, in diff mode, the diff are whole there. C(docs/report.schema.json) in this
        collection describes it, and M(standby.velero.velero_report) makes a page, a summary and metrics of it.
      - When the restore could not take place it says why, so that no earlier report is taken for the newest.
      - The file replaces an older one in one step, and only its owner may read it. Its folder must exist.
      - What lies there already must be a regular file; a link, a device or a folder is refused. So is, before anything
        is written to the cluster, a file system without the room for the report, and a relative path where the
        playbook that is run lies in this collection.
      - Velero keeps its own report as C(restore-<name>-results.gz) in the object store.
    type: path
  record_restore:
    description:
      - Whether a run is recorded as a Restore object of Velero's where the target has that type, so that
        C(velero restore get) and C(velero restore describe) show it; see C(docs/restore-objects.md) in this collection.
      - It is created complete, with a phase that no Velero server takes up, and is not counted as changed. Where its
        type has a status subresource that cannot be, and nothing is recorded. Check mode records nothing.
      - It has the phase, the options that Velero has too, and how many objects, warnings and errors there were. Their
        texts are in O(report_path) alone.
      - What keeps it from being recorded, such as a missing right, is a warning and no failure.
      - Velero's own Restore objects are its requests.
    type: bool
    default: true
  velero_namespace:
    description:
      - Namespace of Velero on the target, where O(record_restore) puts its objects. It must exist.
      - By default that of O(backup_location) when this is on the target, else C(velero).
      - Velero's C(--namespace).
    type: str
  restore_history:
    description:
      - How many objects of O(record_restore) are kept, whatever restore they are of; older ones are deleted. No other
        Restore is.
      - Velero has no such option; it removes a Restore along with its Backup.
    type: int
    default: 100
  readiness:
    description:
      - Whether to tell at the end of the run if the standby could take over now, see RV(readiness) and
        C(docs/readiness.md) in this collection. It takes some dozen reads more, and writes nothing.
      - In check mode a backup that is older than O(max_backup_age) is not refused then, but a reason.
      - M(standby.velero.velero_readiness_info) tells the same without any dry run.
      - Velero has no such option.
    type: bool
    default: false
  readiness_accept:
    description:
      - What RV(readiness.verdict) is to pass over, each entry a code of RV(readiness.reasons[].reason), or such a code,
        a slash and an object with V(*) and V(?) in it, such as V(mount_missing/Secret shop/*).
      - Velero has no such option.
    type: list
    elements: str
    default: []
  hidden_fields:
    description:
      - Fields whose values are shown neither in the diff nor in the report, spelled as in M(kubernetes.core.k8s).
        Examples are V(metadata.annotations[example.org/note]), V(spec.template.spec.containers[0].env[3].value) and
        V(data).
      - V(*) stands for every key or place, as in V(spec.template.spec.containers[*].env[*].value).
      - In their place stands whether the value is unchanged, that before or that after. They hold for objects of all
        kinds; values of Secrets are never shown anyway.
      - They change nothing of what is restored, which is what O(ignore_fields) is for. A value that another field
        repeats, such as the annotation V(kubectl.kubernetes.io/last-applied-configuration), has to be hidden there too.
      - Velero has no such option.
    type: list
    elements: str
    default: []
  progress:
    description:
      - Whether lines tell every few seconds how far a run is, V(lines), or none do.
      - They are printed while the module runs on the controller itself, by an action plugin of its name. There are none
        on other hosts, with C(async) and with C(no_log).
      - Velero has no such option; it shows progress in C(status.progress) of a Restore.
    type: str
    choices: [lines, none]
    default: lines
  progress_path:
    description:
      - Path on the host that runs the module where the same lines are added to a file, for example to follow a run on
        another host or with C(async).
      - Velero has no such option.
    type: path
requirements:
  - jsonpatch
  - obstore >= 0.11, for buckets in O(backup_store)
notes:
  - B(A restored cluster runs what production runs.) CronJobs fire, operators act and controllers talk to the outside
    world on the standby as they do in production. Leave out what must not run twice, or let the standby sleep with the
    resource modifiers of C(docs/modifiers-sleep.yml) in this collection.
  - Volume data are not restored. Claims are provisioned anew, volumes with reclaim policy Retain are restored as they
    are; C(docs/volumes.md) has the whole.
  - Check mode sends server-side dry runs, which need the rights of the writes themselves. C(docs/rights.md) has the
    ClusterRoles for check mode, for V(update) and for V(recreate).
  - The outcome V(relabelled) means that nothing but the two restore labels was written.
seealso:
  - name: Velero's restore reference
    description: How Velero itself restores a backup.
    link: https://velero.io/docs/main/restore-reference/
"""

EXAMPLES = r"""
- name: Keep the standby in step with the newest backup of a schedule, out of Velero's bucket
  standby.velero.velero_restore:
    backup_store: s3://production-velero/cluster-1
    schedule_name: hourly
    existing_resource_policy: update
    max_backup_age: 3h

- name: The same through production's Velero, without credentials of the bucket
  standby.velero.velero_restore:
    backup_location:
      name: default
      kubeconfig: ~/.kube/production
    schedule_name: hourly
    existing_resource_policy: update
    kubeconfig: ~/.kube/standby

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

- name: Restore of one namespace the web application alone, and of all others everything
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    resource_policies:
      version: v1
      namespacedFilterPolicies:
        - namespaces: [shop]
          resourceFilters:
            - kinds: [Secret]
              names: [web-*]
              excludedNames: ['*-tmp']
            - kinds: ['*']
              labelSelector:
                matchLabels:
                  app: web

- name: The same filters as Velero's, out of its ConfigMap
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    resource_policies: "{{ lookup('ansible.builtin.file', 'restore-filters.yml') }}"

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

- name: Restore Services and Deployments, and leave those alone that exist
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [velero-protection]
    included_resources: [services, deployments]
    existing_resource_policy: none

- name: Restore Secrets and DaemonSets, and update those that exist
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [gdpr-application]
    included_resources: [secrets, daemonsets]
    existing_resource_policy: update

- name: Restore everything, and of what exists patch Secrets and DaemonSets only
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [inventory-app]
    existing_resource_policy_config:
      patch:
        included_resources: [secrets, daemonsets]

- name: Patch what exists, but no Secret
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    included_namespaces: [inventory-app]
    existing_resource_default_policy: patch
    existing_resource_policy_overrides:
      none:
        included_resources: [secrets]

- name: Recreate Jobs and the StatefulSets of one application where a patch is refused
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_default_policy: update
    existing_resource_policy_overrides:
      - policy: recreate
        included_resources: [jobs.batch]
      - policy: recreate
        included_resources: [statefulsets.apps]
        included_namespaces: [shop]
        label_selector: app.kubernetes.io/part-of=shop
      - policy: none
        included_resources: [ingresses.networking.k8s.io]
    recreate_allow: [statefulsets.apps/shop/cache]

- name: Tell what an earlier backup restored and this one no longer has
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    delta: report

- name: Delete it too once two backups have lacked it, up to 20 objects, and refuse a backup of over three hours ago
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    delta: prune
    prune_max_count: 20
    prune_after: 2
    max_backup_age: 3h

- name: Leave to the standby what its own autoscalers and operators write
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    hpa_replicas: keep
    ignore_fields:
      deployments.apps: [/metadata/annotations/example.org~1checked-at]
      services: [/spec/externalIPs]

- name: Leave rights to the standby, and workloads that reach its nodes out
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    privileged_objects: skip
    privileged_rules:
      - resource: '*'
        host_access: true
      - resource: namespaces
        labels: [example.org/exempt-from-policy]
      - resource: configmaps
        path: /data/admission.yaml

- name: Tell how the standby differs, and show no value of ConfigMaps nor of environment variables
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    report_path: /var/log/standby/last-check.json
    hidden_fields:
      - data[*]
      - spec.template.spec.containers[*].env[*].value
  check_mode: true
  diff: true

- name: Fail when the backup brings rights that the standby does not have yet
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    privileged_objects: fail

- name: Plan, for somebody to look at and approve
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    report_path: /var/log/standby/plan.json
  check_mode: true
  register: planned

- name: Write just that, and nothing where the cluster has changed since
  standby.velero.velero_restore:
    backup_file: /backups/hourly-20261124030000.tar.gz
    existing_resource_policy: update
    approved_plan: "{{ planned.plan }}"
    approved_plan_report: /var/log/standby/plan.json
"""

RETURN = r"""
restore:
  description: The restore as a whole.
  returned: always
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
    backup:
      description: What is known of the backup. Empty texts where its metadata are not at hand.
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
        taken:
          description: When it was taken; by the times of its files where its metadata are not at hand.
          type: str
          sample: '2026-11-24T03:00:00Z'
        source:
          description: UID of the source cluster's Namespace kube-system; empty when it is not in the backup.
          type: str
          sample: 0b7c5a52-5f3e-4c0e-9d0c-3f6b1c1f7a11
        age:
          description:
            - Seconds from when it was taken to the end of the restore, by the clock of the host that runs the module.
            - So far behind is the target.
          type: int
          sample: 3605
    existing_resource_policy:
      description:
        - The policy, V(none), V(update) or V(recreate); where rules choose it, that of all other objects and then those
          of the rules.
      type: str
      sample: update
    phase:
      description:
        - V(Completed) or V(PartiallyFailed), as Velero names them. Never V(Completed) when an object failed.
        - V(FailedValidation) when the options cannot be meant so or the backup has not ended well, V(Failed) when the
          restore could not go on. Then nothing else is returned but the message.
      type: str
      sample: Completed
    in_sync:
      description:
        - Whether no selected object failed, is unverified or differs from the backup. What was left out on purpose does
          not count. In check mode it speaks of the target as it is now.
      type: bool
      sample: true
    check_mode:
      description: Whether it was a run in check mode, which has written nothing.
      type: bool
      sample: false
    started:
      description: When the restore began, in UTC.
      type: str
      sample: '2026-11-24T04:00:00.123Z'
    completed:
      description: When the restore ended, in UTC.
      type: str
      sample: '2026-11-24T04:00:05.456Z'
    duration:
      description: Seconds from beginning to end.
      type: float
      sample: 5.333
    drift:
      description:
        - How many objects were not as the backup says when the restore began, whether it mended them or not. What was
          left out on purpose, and what only got the two restore labels, does not count.
      type: int
      sample: 15
    out_of_sync:
      description: How many objects RV(restore.in_sync) is about.
      type: int
      sample: 0
    record:
      description:
        - Namespace and name of the Restore object by which Velero shows the run, see O(record_restore); empty where
          there is none.
      type: str
      sample: velero/hourly-20261124030000-20261124040000
    compare:
      description: V(fast) where O(compare=fast) could pass over what it remembers, else V(full).
      type: str
      sample: full
    known:
      description: How many objects were passed over, since nothing of them has changed. RV(counts.unchanged) has them.
      type: int
      sample: 0
target:
  description: Where the objects were restored to.
  returned: when the restore ran
  type: dict
  contains:
    server:
      description: Address of the API server, without credentials.
      type: str
      sample: https://standby.example.org:6443
    context:
      description: Context of the kubeconfig; empty where none was named.
      type: str
      sample: standby
cluster:
  description:
    - Which cluster that is, by what does not change with its address or name. By C(extensions/audit/event_query.yml)
      the automation controller counts it as one node that is managed indirectly.
  returned: when the restore ran
  type: dict
  contains:
    server:
      description: Address of the API server, without credentials.
      type: str
      sample: https://standby.example.org:6443
    uid:
      description: UID of the Namespace C(kube-system); empty where it may not be read.
      type: str
      sample: 3f1c8d0a-6f0e-4c55-9a37-2c1f0d6f7f11
    version:
      description: Version of Kubernetes; empty where it may not be read.
      type: str
      sample: v1.36.3
counts:
  description:
    - Number of objects by outcome. RV(counts.total) is the sum of all but RV(counts.unverified), which counts some of
      them once more.
  returned: when the restore ran
  type: dict
  contains:
    total:
      description: All selected objects, and those that were deleted.
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
      description: Were deleted and created again under policy V(recreate), in check mode would be.
      type: int
      sample: 0
    deleted:
      description: Were deleted by O(delta=prune), in check mode would be.
      type: int
      sample: 0
    deleting:
      description: Are being deleted by O(delta=prune), in check mode would be, and something holds them still.
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
    unverified:
      description: Could not be verified by a dry run.
      type: int
      sample: 0
skips:
  description: Number of skipped objects by reason, the codes of RV(objects[].reason), the most frequent first.
  returned: when the restore ran
  type: dict
  sample: {has_controller: 14, protected: 6}
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
        - Left out on purpose, V(protected), V(controller_generated), V(has_controller), V(mirror_pod),
          V(service_account_token), V(dynamically_provisioned), V(duplicate), V(excluded_from_backup),
          V(bare_pod), V(kept_as_copy).
        - Left alone since it stands and what answers for it is to sleep, V(left_standing), an APIService.
        - Left alone since it belongs to what is active, V(active), see O(allow_active).
        - Left alone by the policy, V(exists_different).
        - Not let through by O(privileged_objects), V(privileged); V(withheld) when the object was restored without
          labels or annotations that are not.
        - Equal all the same, V(no_effect), V(equal_after_admission).
        - Not in sync, since the target keeps what it has, V(not_overwritten) for a ServiceAccount, which is merged and
          never overwritten, V(ca_bundle_kept) for a caBundle whose Secret was not restored before it,
          V(volume_released) for a PersistentVolume that lost its claim on the target, and that no claim of the restore
          is to have again.
        - Created all the same, V(source_missing) for a PersistentVolumeClaim whose data source is neither restored nor
          on the target; it comes without.
        - With a reservation, V(unverified), V(changed_meanwhile), V(status_refused).
        - Failed, V(invalid_object), V(name_collision), V(policy_conflict), V(modifier_failed),
          V(storage_class_missing), V(not_served), V(discovery_incomplete), V(read_failed), V(namespace_missing),
          V(namespace_terminating), V(terminating), V(refused), V(conflict), V(not_approved), V(lock_lost),
          V(unreachable), and
          V(ignored_by_target) where the target takes a patch and does not carry out what a new object would have.
        - Failed since the run was to end before it came to the object, V(cancelled), V(run_timeout) of O(run_timeout).
        - Failed for a fault of this collection, V(fault).
        - Failed where it should be recreated, with nothing deleted, V(recreate_not_allowed), V(delete_refused).
        - Failed after it was deleted in order to be recreated, V(deletion_blocked) where a finalizer holds it,
          V(rolled_back) where the old object stands again, V(rollback_failed) where neither stands.
        - Of what O(delta=prune) deletes, V(delete_refused), V(deletion_blocked) where a finalizer holds it still,
          V(deleted_before) where somebody else was faster; skipped since something stopped the deletions after they
          were planned, V(objects_failed), V(objects_unverified), V(interrupted); and skipped since something keeps the
          object that did not when its deletion was planned, with a code of RV(delta.objects[].reason).
      type: str
      sample: refused
    message:
      description: The reason as a sentence, without any value out of the object.
      type: str
      sample: was refused by the target
    policy:
      description:
        - The policy that held for it, V(none), V(update) or V(recreate); empty when it was left out before a policy was
          asked for, and with V(policy_conflict).
      type: str
      sample: update
    policy_rule:
      description: Name of the option or the rule that chose the policy; empty as RV(objects[].policy) is.
      type: str
      sample: existing_resource_policy_overrides[2]
    changed_by:
      description:
        - Where an object that differs was changed since O(previous_backup_file), V(production), V(standby) or V(both);
          empty without that option and for an object that is equal or missing.
      type: str
      sample: production
objects_truncated:
  description: Whether RV(objects) is not the whole list; O(report_path) has it.
  returned: when the restore ran
  type: bool
  sample: false
filtered:
  description:
    - Which entries of O(resource_policies) kept objects out, most objects first, as many as fit. What the other filters
      leave out is not counted, nor what came along with another object.
  returned: when O(resource_policies) has entries
  type: list
  elements: dict
  contains:
    entry:
      description: The filter that did not match, or the entry that does not list the type.
      type: str
      sample: namespacedFilterPolicies[0].resourceFilters[1]
    objects:
      description: How many objects it kept out.
      type: int
      sample: 42
filtered_total:
  description: How many objects are in RV(filtered), those of entries that are not listed included.
  returned: when O(resource_policies) has entries
  type: int
  sample: 42
since_last_backup:
  description: What changed since the last restored backup, in one table, what is gone before what differs or is new.
  returned: when O(delta) is V(report) or V(prune), and an earlier backup is known
  type: dict
  contains:
    backup:
      description: As RV(delta.previous_backup).
      type: str
      sample: hourly-20261124020000
    totals:
      description: How many objects there are to V(delete), V(update), V(recreate) and V(create).
      type: dict
      sample: {delete: 1, update: 2, recreate: 0, create: 0}
    total:
      description: The sum of RV(since_last_backup.totals), however many are listed.
      type: int
      sample: 3
    truncated:
      description: Whether RV(since_last_backup.objects) is not the whole list; O(report_path) has it.
      type: bool
      sample: false
    objects:
      description: The rows, as many as fit.
      type: list
      elements: dict
      contains:
        group:
          description: API group; empty for the core group.
          type: str
          sample: ''
        kind:
          description: Kind of the object.
          type: str
          sample: Pod
        namespace:
          description: Its namespace on the target; empty for a cluster-scoped object.
          type: str
          sample: shop
        name:
          description: Its name.
          type: str
          sample: web-1
        action:
          description: What brings the target to this backup, V(delete), V(update), V(recreate) or V(create).
          type: str
          sample: delete
        outcome:
          description: What became of it, one of the outcomes in RV(counts), or V(kept) where no deletion was tried.
          type: str
          sample: deleted
        reason:
          description: As RV(objects[].reason); of an object that is kept as RV(delta.objects[].reason).
          type: str
          sample: ''
        message:
          description: The reason as a sentence.
          type: str
          sample: ''
        changed_by:
          description: As RV(objects[].changed_by).
          type: str
          sample: ''
        restored_by:
          description: As RV(delta.objects[].restored_by); empty for what this backup has.
          type: str
          sample: hourly-20261124020000
unmatched:
  description:
    - What the options name and the backup does not have, a sentence each, as many as fit. Each is a warning of the task
      too.
  returned: when the restore ran
  type: list
  elements: str
  sample: ["included_namespaces: 'shopp' matches nothing in the backup"]
delta:
  description: What an earlier backup restored and this one no longer has.
  returned: when O(delta) is V(report) or V(prune)
  type: dict
  contains:
    mode:
      description: V(report) or V(prune).
      type: str
      sample: prune
    previous_backup:
      description:
        - Name of the backup that was restored last, which this one is compared with; when this one was, it is this
          one. Empty when none is known.
      type: str
      sample: hourly-20261124020000
    previous_started:
      description: When that backup began, in UTC; empty where that is not known.
      type: str
      sample: '2026-11-24T02:00:00Z'
    objects:
      description: The objects, as many as fit.
      type: list
      elements: dict
      contains:
        group:
          description: API group; empty for the core group.
          type: str
          sample: networking.k8s.io
        kind:
          description: Kind of the object.
          type: str
          sample: Ingress
        namespace:
          description: Its namespace on the target; empty for a cluster-scoped object.
          type: str
          sample: shop
        name:
          description: Its name.
          type: str
          sample: web
        restored_by:
          description: Name of the backup that it was restored from, which need not be the earlier one.
          type: str
          sample: hourly-20261123220000
        action:
          description: V(deleted), V(deleting) where something holds it still (the message names the finalizers), in
            check mode what would be; or V(kept).
          type: str
          sample: deleted
        reason:
          description:
            - A code that says why it is kept, V(unread), V(state_namespace), V(active), V(protected),
              V(has_controller), V(terminating), V(rebuilt), V(not_labelled), V(unsigned), V(doubtful),
              V(not_comparable), V(not_named), V(not_yet), V(holds); or, when its deletion was planned, that of
              RV(objects[].reason). Empty when nothing but RV(delta.stopped_by), or O(delta=report), keeps it.
          type: str
          sample: ''
        message:
          description: The reason as a sentence.
          type: str
          sample: ''
        lacking_for:
          description: How many restored backups in a row have lacked it, this one included; see O(prune_after).
          type: int
          sample: 1
    total:
      description: How many objects there are, however many are listed.
      type: int
      sample: 3
    truncated:
      description: Whether RV(delta.objects) is not the whole list; O(report_path) has it.
      type: bool
      sample: false
    stopped_by:
      description: Why nothing is deleted; empty when nothing stands in the way.
      type: list
      elements: dict
      contains:
        reason:
          description:
            - A code, V(no_previous), V(no_metadata), V(not_completed), V(errors), V(no_schedule), V(other_schedule),
              V(unknown_source), V(other_source), V(other_filters), V(other_selection), V(later), V(nothing_selected),
              V(objects_failed), V(objects_unverified), V(incomplete), V(discovery_unproven), V(over_count),
              V(over_percent).
          type: str
          sample: over_count
        message:
          description: The reason as a sentence.
          type: str
          sample: 'more objects are stale than prune_max_count: 14 of at most 10'
active_since:
  description: Since when the target serves as production, which is why nothing was restored onto it.
  returned: when O(allow_active) does not allow a restore onto an active target
  type: str
  sample: '2026-11-29T03:12:00Z'
workloads:
  description: What sleeps on the target, and what does not.
  returned: when O(workloads=hold)
  type: dict
  contains:
    held:
      description: How many workloads sleep; in check mode, would sleep.
      type: int
      sample: 42
    standby_own:
      description:
        - Workloads of the backup that were awake on the target before any restore, and stay so, as many as fit.
      type: list
      elements: str
      sample: [Deployment.apps monitoring/prometheus]
    standby_own_total:
      description: How many there are of RV(workloads.standby_own).
      type: int
      sample: 1
    awake:
      description:
        - Workloads that are to sleep and are awake all the same, since the policy leaves them alone or they failed, as
          many as fit.
      type: list
      elements: str
      sample: []
    awake_total:
      description: How many there are of RV(workloads.awake).
      type: int
      sample: 0
    bare_pods:
      description: Pods that were left out with reason V(bare_pod), as many as fit.
      type: list
      elements: str
      sample: [Pod shop/debug]
    bare_pods_total:
      description: How many there are of RV(workloads.bare_pods).
      type: int
      sample: 1
guards:
  description: Webhooks and APIServices whose Services sleep, or have no ready endpoint.
  returned: with O(workloads=hold) or O(webhooks=when_ready)
  type: dict
  contains:
    asleep:
      description: Webhooks that sleep with what answers for them, as many as fit.
      type: list
      elements: str
      sample: ['ValidatingWebhookConfiguration.admissionregistration.k8s.io shop: check.shop.example']
    asleep_total:
      description: How many there are of RV(guards.asleep).
      type: int
      sample: 1
    awake:
      description:
        - Webhooks that were awake on the target and are left so, since no hold put to sleep what answers for them, and
          whose Service has no ready endpoint, as many as fit.
      type: list
      elements: str
      sample: []
    awake_total:
      description: How many there are of RV(guards.awake).
      type: int
      sample: 0
    copies:
      description: APIServices with reason V(kept_as_copy), as many as fit.
      type: list
      elements: str
      sample: [APIService.apiregistration.k8s.io v1beta1.metrics.example]
    copies_total:
      description: How many there are of RV(guards.copies).
      type: int
      sample: 1
    left_standing:
      description: APIServices with reason V(left_standing), as many as fit.
      type: list
      elements: str
      sample: []
    left_standing_total:
      description: How many there are of RV(guards.left_standing).
      type: int
      sample: 0
    converters:
      description:
        - CustomResourceDefinitions whose conversion webhook does not answer, each with its Service, as many as fit.
          Such a webhook cannot sleep; O(hold_except) keeps the workloads behind it awake.
      type: list
      elements: str
      sample: ['CustomResourceDefinition widgets.example.org, by Service shop/converter']
    converters_total:
      description: How many there are of RV(guards.converters).
      type: int
      sample: 1
readiness:
  description: Whether the standby could take over now.
  returned: when O(readiness=true)
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
          description: Whether O(readiness_accept) passes it over.
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
privileged:
  description:
    - Objects that O(privileged_objects) speaks of, those that were written, deleted or held back, and those restored
      without their rights, as many as fit.
  returned: when the restore ran
  type: list
  elements: dict
  contains:
    group:
      description: API group.
      type: str
      sample: rbac.authorization.k8s.io
    kind:
      description: Kind of the object.
      type: str
      sample: ClusterRoleBinding
    namespace:
      description: Its namespace; empty for a cluster-scoped object.
      type: str
      sample: ''
    name:
      description: Its name.
      type: str
      sample: deployers
    outcome:
      description: One of the outcomes in RV(counts).
      type: str
      sample: updated
    reason:
      description: As RV(objects[].reason).
      type: str
      sample: ''
    new:
      description:
        - What the backup adds to it, such as subjects, rules, labels and host paths, a text for each; or would add,
          when it is held back or withheld.
      type: list
      elements: str
      sample: [Group deployers]
privileged_velero:
  description: How many of RV(privileged_total) are Velero's own types; RV(privileged) has them last.
  returned: when the restore ran
  type: int
  sample: 13
privileged_total:
  description: How many there are of RV(privileged), listed or not; O(report_path) has them all.
  returned: when the restore ran
  type: int
  sample: 1
plan:
  description:
    - By which the run is approved, in the form that O(approved_plan) takes; at most 8 kB.
    - It is over all that the run would write, deletions included, and what that replaces. The same on an unchanged
      target in check mode and in the run that follows. Not in it are resourceVersions, what dry runs answer and
      O(restore_name).
  returned: when the restore ran
  type: dict
  contains:
    backup:
      description: Name of the backup.
      type: str
      sample: hourly-20261124030000
    hash:
      description:
        - HMAC of the plan, with the first of O(state_key), else with a key in O(state_namespace) that the first run not
          in check mode makes there, before that with one that is made of the bytes of the backup.
      type: str
      sample: 3f0a5c…
    parts:
      description:
        - Short keyed digests, C(namespace/type) for the writes of a type in a namespace, with nothing before the slash
          for cluster-scoped objects. With too many for 8 kB, C(namespace/*), C(*/type) or C(*/*).
        - Besides, C(backup) for its content, C(target) for the cluster and C(key) for the key.
      type: dict
      sample: {key: 0d1f3c9a4b7e, backup: 77aa01c2d3e4, shop/Deployment.apps: 5b2c9e8f7a61}
report_path:
  description: Where the full report is; empty when O(report_path) was not given, and when it could not be written.
  returned: when the restore ran
  type: str
  sample: /var/log/standby/last-restore.json
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
      description: C(Kind.group namespace/name).
      type: str
      sample: Deployment.apps shop/web
    after_header:
      description: As RV(diff[].before_header).
      type: str
      sample: Deployment.apps shop/web
    before:
      description: What the patch changes, as it was, in YAML.
      type: str
      sample: "spec:\n  replicas: 3\n"
    after:
      description: The same as it is then.
      type: str
      sample: "spec:\n  replicas: 4\n"
"""

from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from ..module_utils._python import refuse_old_python

refuse_old_python()

from ..module_utils._cluster.connect import connect, missing_package
from ..module_utils._errors import ActiveError, RestoreError
from ..module_utils._fault import fault_in
from ..module_utils._flows.restore import restore
from ..module_utils._listener import heeding, leave
from ..module_utils._module import Module
from ..module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ..module_utils._options.source import values_to_mask
from ..module_utils._options.target import HIDDEN, passwords_in
from ..module_utils._progress import Progress
from ..module_utils._report.failure import Failure, write_failure
from ..module_utils._report.result import build, fails, task_warnings
from ..module_utils._report.velero_results import phase_of
from ..module_utils._stopping import Stopping
from ..module_utils._text import printable


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = Module(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.no_log_values = values_to_mask(module.params, module.no_log_values)
    started = datetime.now(timezone.utc)
    stopping = Stopping()
    with heeding(stopping.cancel, module.params["progress_path"] or "") as listener:
        problem, warnings, result = _ended(module, stopping)
        if problem and "counts" not in result:
            warnings = [*warnings, *_reported(module, started, problem, result["restore"]["phase"])]
        leave(listener, "" if module._keep_remote_files else module.tmpdir)
        _tell(module, problem, warnings, result)


def _tell(module: Module, problem: "str | None", warnings: list[str], result: dict[str, Any]) -> None:
    module.params["kubeconfig"] = HIDDEN if module.params["kubeconfig"] else None  # for the invocation that is shown
    for warning in warnings:
        module.warn(warning)
    if problem:
        module.fail_json(msg=problem, **result)
    module.exit_json(**result)


def _reported(module: Module, started: datetime, problem: str, phase: str) -> list[str]:
    """Leaves the report of a restore that could not go on; what keeps it from being left, where that is not told."""
    params = module.params
    failure = Failure(
        message=remove_values(problem, module.no_log_values | passwords_in(params)),
        phase=phase,
        started=started,
        check_mode=module.check_mode,
        restore_name=params["restore_name"] or "",
        backup_name=params["backup_name"] or "",
    )
    lost = write_failure(params["report_path"] or "", failure)
    return [printable(lost)] if lost and lost not in problem else []


def _ended(module: Module, stopping: Stopping) -> "tuple[str | None, list[str], dict[str, Any]]":
    """What makes it fail, warnings, the result. Once this has returned no exception is pending.

    For fail_json shows the text and the lines of one that is, where ansible-core is told to display tracebacks.
    """
    missing = missing_package()
    if missing:
        return missing_required_lib(missing), [], {"restore": {"phase": "Failed"}}
    try:
        settings = settings_of(module.params, module.check_mode, module._diff)
        with Progress(module.params["progress_path"] or "") as progress:
            run = restore(settings, connect(module, settings.concurrency + 1), module.tmpdir, progress, stopping)
        return fails(settings.fail_on, run), task_warnings(run), build(run)
    except RestoreError as error:
        since = {"active_since": printable(error.since)} if isinstance(error, ActiveError) else {}
        return printable(str(error)), [], {"restore": {"phase": phase_of(error)}, **since}
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text, and a traceback's, could hold a value of some object
        return fault_in("velero_restore", error), [], {"restore": {"phase": "Failed"}}


if __name__ == "__main__":
    main()
