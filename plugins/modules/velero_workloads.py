#!/usr/bin/python
# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wakes the workloads of a standby, or puts them to sleep; the work is done in module_utils/_flows/workloads.py."""

DOCUMENTATION = r"""
module: velero_workloads
short_description: Wake the workloads of a standby cluster, or put them to sleep
version_added: 0.1.0
author:
  - standby.velero contributors (@standby)
description:
  - Gives back to each workload that O(standby.velero.velero_restore#module:workloads=hold) put to sleep exactly what
    production had in the fields that make it sleep, wave after wave, or puts workloads to sleep.
  - No backup is needed. What production had stands in the inventory of the target and in the annotation
    C(standby.velero/held) of each object; the inventory counts before the annotation.
  - It touches only what bears that annotation or stands in the inventory with the UID that it has on the target.
  - That a standby is active is written down before anything is woken, in O(state_namespace) and in the annotation
    C(standby.velero/active) of each Namespace of which something was restored. From then on
    M(standby.velero.velero_restore) refuses to restore onto it, until O(state=held) has put it to sleep.
  - Webhooks that sleep with what answers for them are woken between the waves or behind them, each once its Service has
    a ready endpoint. Those that nobody answers within O(wait_timeout) sleep on, and the task fails.
  - APIServices that O(standby.velero.velero_restore#module:workloads=hold) kept as copies are created behind the
    webhooks, in the same way. From a copy nothing is created but the very APIService that it was kept of, and with
    O(state_key) only what a run has signed. One that is on the target already is left as it is.
  - It can be repeated after a failure or a kill, and comes to the same end. What is awake already is left as it is.
  - A run holds the same lock on the target as M(standby.velero.velero_restore), so that neither two of them nor one
    and a restore write at once.
extends_documentation_fragment:
  - standby.velero.target
  - standby.velero.attributes
  - standby.velero.connection
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    details:
      - Tells what would be written, each write sent as a server-side dry run. It takes no lock, waits for nothing and
        writes no inventory, and so also serves to see what sleeps.
  diff_mode:
    support: full
    details:
      - One entry for each workload that is written, with the fields that change.
options:
  state:
    description:
      - V(active) wakes what sleeps by this collection. V(held) puts to sleep what restores made, or what slept before,
        and remembers what it has by now as what production has.
      - V(held) deletes an APIService that an activation created, once it is kept as a copy, and only with the UID that
        the inventory has of it.
    type: str
    choices: [active, held]
    required: true
  namespaces:
    description:
      - Names of the namespaces on the target to wake or to put to sleep, or patterns as in
        O(standby.velero.velero_restore#module:included_namespaces). By default it is the whole standby.
    type: list
    elements: str
    default: []
  waves:
    description:
      - Label selectors, such as V(tier=database), each a wave of its own, in this order. What none of them matches
        comes behind them.
      - Without it, and for what comes behind, StatefulSets are first, then all others, then CronJobs, Jobs, Argo
        CronWorkflows and KEDA ScaledJobs.
      - What answers for sleeping webhooks of MutatingWebhookConfigurations, which may put sidecars into Pods, comes
        before all of these unless a selector matches it.
    type: list
    elements: str
    default: []
  confirm:
    description:
      - With O(state=held), the time of the activation that is to end, as the refusal without it says it. What was
        written to objects of the standby since is overwritten by the next restore.
      - It is needed only for what is active, so that nobody puts production to sleep by mistake, and does not hold for
        the next activation.
    type: str
  rehearsal:
    description:
      - Whether to wake a copy of a namespace to see that it can be done, as playbook C(standby.velero.rehearse) does.
        O(state) has to be V(active), and O(namespaces) the name of just that one, whose Namespace bears the label
        C(standby.velero/rehearsal=true).
      - Nothing is written down as active then, and CronJobs, Jobs, Argo CronWorkflows and KEDA ScaledJobs stay asleep.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait, wave by wave, until workloads that were woken have the ready Pods that they ask for. Only
        workloads that keep Pods are waited for, and only where the target has Nodes.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds that each wave is waited for. What is not ready by then is listed in RV(not_ready), the next wave is
        woken all the same, and the task fails in the end.
    type: int
    default: 600
  hold_rules:
    description:
      - As in O(standby.velero.velero_restore#module:hold_rules). A kind that was put to sleep by a rule is woken only
        with that rule; a workload that lacks it fails with reason V(no_rule).
    type: list
    elements: dict
    default: []
  hold_except:
    description: As in O(standby.velero.velero_restore#module:hold_except), with O(state=held).
    type: list
    elements: str
    default: []
  hold_existing:
    description: As in O(standby.velero.velero_restore#module:hold_existing), with O(state=held).
    type: list
    elements: str
    default: []
  protect_except:
    description:
      - As in O(standby.velero.velero_restore#module:protect_except), with O(state=held). What sleeps is woken wherever
        it is.
    type: list
    elements: str
    default: []
seealso:
  - module: standby.velero.velero_restore
"""

EXAMPLES = r"""
- name: Tell what sleeps, and what production has of it
  standby.velero.velero_workloads:
    state: active
  check_mode: true
  register: asleep

- name: Wake the whole standby, the databases first
  standby.velero.velero_workloads:
    state: active
    waves: [tier=database, tier=queue]
    wait_timeout: 900

- name: Wake one namespace
  standby.velero.velero_workloads:
    state: active
    namespaces: [shop]

- name: Put the standby to sleep again
  standby.velero.velero_workloads:
    state: held
"""

RETURN = r"""
active_since:
  description: Since when it is active.
  returned: when O(confirm) does not say that it is to be put to sleep
  type: str
  sample: '2026-11-29T03:12:00Z'
state:
  description: What was asked for.
  returned: when the run came to its end
  type: str
  sample: active
seconds:
  description: How long the run took, waiting included.
  returned: when the run came to its end
  type: float
  sample: 41.5
counts:
  description: Workloads by what became of them; in check mode, would become.
  returned: when the run came to its end
  type: dict
  contains:
    total:
      description: All that are listed.
      type: int
      sample: 12
    created:
      description: APIServices that came out of their copies.
      type: int
      sample: 1
    deleted:
      description: APIServices of which the copy is left.
      type: int
      sample: 0
    updated:
      description: Woken, or put to sleep.
      type: int
      sample: 10
    unchanged:
      description: They were so already.
      type: int
      sample: 1
    skipped:
      description: Left as they are, on purpose.
      type: int
      sample: 1
    failed:
      description: They are not what was asked for.
      type: int
      sample: 0
objects:
  description: The workloads, those that failed first, as many as fit.
  returned: when the run came to its end
  type: list
  elements: dict
  contains:
    group:
      description: API group.
      type: str
      sample: apps
    kind:
      description: Kind of the workload.
      type: str
      sample: Deployment
    namespace:
      description: Its namespace.
      type: str
      sample: shop
    name:
      description: Its name.
      type: str
      sample: web
    outcome:
      description: V(created), V(deleted), V(updated), V(unchanged), V(skipped) or V(failed).
      type: str
      sample: updated
    reason:
      description:
        - A code that says why; empty when all went as asked.
        - Woken by the inventory, V(annotation_edited) or V(annotation_removed), since somebody changed the annotation.
        - Left asleep, V(not_in_production), since the last backups of the schedule lack it.
        - Never made, V(cannot_sleep), a Pod without a controller.
        - Failed, V(guard_unanswered), a configuration of webhooks of which some sleep on, since nobody answers for them
          yet.
        - Left as it is, V(left_standing), an APIService that no activation created.
        - Failed, V(api_unanswered), an APIService that is not created, since nobody answers for it yet.
        - Failed, V(copy_refused), a Secret that says that it is the copy of an APIService, and is not.
        - Failed, V(production_unknown), V(not_there), V(no_rule), V(terminating), V(conflict), V(refused),
          V(ignored_by_target), V(lock_lost), V(unreachable).
      type: str
      sample: ''
    message:
      description: The reason as a sentence.
      type: str
      sample: ''
    production:
      description: What production has in the fields that make it sleep, as a JSON merge patch.
      type: str
      sample: '{"spec":{"replicas":3}}'
objects_truncated:
  description: Whether there are more than RV(objects) has.
  returned: when the run came to its end
  type: bool
  sample: false
not_ready:
  description: Workloads that did not have their ready Pods in time, as many as fit.
  returned: when the run came to its end
  type: list
  elements: str
  sample: ['StatefulSet.apps shop/db: 1 of 2 Pods are ready']
not_ready_total:
  description: How many there are of RV(not_ready).
  returned: when the run came to its end
  type: int
  sample: 1
problems:
  description: What went wrong with the run as such, such as a type that could not be read.
  returned: when the run came to its end
  type: list
  elements: str
  sample: []
diff:
  description: What changed, one entry for each workload that was written.
  returned: in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: C(Kind namespace/name).
      type: str
      sample: Deployment.apps shop/web
    after_header:
      description: As RV(diff[].before_header).
      type: str
      sample: Deployment.apps shop/web
    before:
      description: The fields as they were, in YAML.
      type: str
      sample: "spec:\n  replicas: 0\n"
    after:
      description: The same as they are then.
      type: str
      sample: "spec:\n  replicas: 3\n"
"""

from ansible.module_utils.basic import missing_required_lib

from ..module_utils._python import refuse_old_python

refuse_old_python()

from ..module_utils._cluster.connect import connect, missing_package
from ..module_utils._errors import ActiveError, RestoreError
from ..module_utils._fault import fault_in
from ..module_utils._flows.workloads import workloads
from ..module_utils._module import Module
from ..module_utils._options.target import HIDDEN, masked_words
from ..module_utils._options.workloads import WORKLOADS_SPEC, workload_settings_of
from ..module_utils._report.workloads import build_workloads, fails_workloads
from ..module_utils._text import printable


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = Module(argument_spec=WORKLOADS_SPEC, supports_check_mode=True)
    module.no_log_values = masked_words(module.no_log_values, module.params)
    if missing_package():
        module.fail_json(msg=missing_required_lib(missing_package()))
    problem, warnings, result = _ended(module)
    module.params["kubeconfig"] = HIDDEN if module.params["kubeconfig"] else None  # for the invocation that is shown
    for warning in warnings:
        module.warn(printable(warning))
    if problem:
        module.fail_json(msg=problem, **result)
    module.exit_json(**result)


def _ended(module: Module) -> "tuple[str | None, tuple[str, ...], dict[str, object]]":
    """What makes it fail, warnings, the result. Once this has returned no exception is pending: fail_json shows one."""
    try:
        settings = workload_settings_of(module.params, module.check_mode, module._diff)
        run = workloads(settings, connect(module, settings.concurrency + 1))
        return fails_workloads(run), run.warnings, build_workloads(run)
    except RestoreError as error:
        since = {"active_since": printable(error.since)} if isinstance(error, ActiveError) else {}
        return printable(str(error)), (), since
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text could hold a value of some object
        return fault_in("velero_workloads", error), (), {}


if __name__ == "__main__":
    main()
