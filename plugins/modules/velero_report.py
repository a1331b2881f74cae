#!/usr/bin/python
# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes views of a report of velero_restore; the work is done in module_utils/_flows/report.py."""

DOCUMENTATION = r"""
module: velero_report
short_description: Make a page, a summary and metrics of a report of velero_restore
version_added: 0.1.0
author:
  - standby.velero contributors (@standby)
description:
  - Makes of the report that M(standby.velero.velero_restore) has left a self-contained HTML page, a summary in Markdown
    and metrics for the textfile collector of Prometheus' node_exporter.
  - Whatever stands in a report is shown as text. It is neither evaluated by Ansible nor taken for markup.
  - The same report makes the same files, so that a second run changes nothing.
  - No cluster is asked for anything.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    details:
      - The files are written in check mode too, as the report itself is.
  diff_mode:
    support: none
  platform:
    platforms: posix
    support: full
options:
  report_path:
    description:
      - Path of the report on the host that runs the module, see O(standby.velero.velero_restore#module:report_path).
      - It may be of any size. Of each list the first 300 entries are shown, and how many more there are.
    type: path
    required: true
  html_path:
    description:
      - Path of the page, which is one file, needs no script and no network, and has light and dark colours.
      - What it shows first is whether the standby is good, how old the backup is, and what to do.
      - It replaces an older file in one step, as do the others. Its folder must exist.
    type: path
  markdown_path:
    description:
      - Path of the summary in Markdown.
      - Names and messages are code in it, so that nothing in them is a link, a mention or a heading.
    type: path
  prometheus_path:
    description:
      - Path of the metrics in Prometheus' text format, whose name has to end in C(.prom) for node_exporter to read it.
      - It is readable for all, and holds the numbers of the run and O(cluster). Each standby needs a file of its own.
      - When a run last restored without a failed object is carried over from the file that is there.
    type: path
  history_path:
    description:
      - Path of a folder of earlier reports of the same standby, with names that end in C(.json), for plots of drift,
        duration and age of the backup over time. The newest 500 are read.
      - Files that are no reports are passed over and counted.
    type: path
  cluster:
    description:
      - Name of the standby on page and summary, and the label C(cluster) of the metrics. By default the inventory
        host.
    type: str
  mode:
    description:
      - Permissions of page and summary as an octal number in quotes, such as V('0640'). By default only their owner may
        read them, for they name what a cluster holds.
    type: raw
  sections:
    description:
      - Sections that are put into the report, in place of earlier ones of that name, and shown.
      - V(verification) is a dictionary with C(passed), and C(left), a list of texts. V(readiness) is one with C(ready),
        and C(checks), a list of dictionaries with C(name), C(passed) and C(message).
      - C(docs/report.schema.json) in this collection describes them.
    type: dict
    default: {}
  templates:
    description:
      - Texts by the name of a template of role P(standby.velero.report#role), in its place. They are Jinja, which runs
        in a sandbox and escapes every value.
      - Those that are not given are the role's, which an action plugin of this name fills in.
    type: dict
    default: {}
requirements:
  - jinja2 >= 3.0, which comes with ansible-core
seealso:
  - module: standby.velero.velero_restore
"""

EXAMPLES = r"""
- name: Make a page of the last restore
  standby.velero.velero_report:
    report_path: /var/log/standby/last-restore.json
    html_path: /var/www/standby/index.html
    mode: '0644'

- name: Make all views, with plots of the earlier runs
  standby.velero.velero_report:
    report_path: /var/log/standby/reports/20261124T040000Z.json
    history_path: /var/log/standby/reports
    html_path: /var/log/standby/report.html
    markdown_path: /var/log/standby/report.md
    prometheus_path: /var/lib/node_exporter/textfile_collector/standby.prom
    cluster: standby-east
"""

RETURN = r"""
verdict:
  description: What the page shows first.
  returned: success
  type: dict
  contains:
    state:
      description: V(good), V(look) when the standby differs from the backup, or V(bad).
      type: str
      sample: good
    title:
      description: Why, in a sentence.
      type: str
      sample: The standby is in sync with the backup
    todo:
      description: What to do about it.
      type: list
      elements: str
      sample: [Nothing.]
paths:
  description: Where the views are, by V(html), V(markdown) and V(prometheus).
  returned: success
  type: dict
  sample: {html: /var/log/standby/report.html}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ..module_utils._python import refuse_old_python

refuse_old_python()

from ..module_utils._errors import RestoreError
from ..module_utils._fault import fault_in
from ..module_utils._flows.report import make_views
from ..module_utils._options.views import VIEWS_SPEC, view_settings_of
from ..module_utils._text import printable
from ..module_utils._views.rendering import HAS_JINJA


def main() -> None:
    """Options in, result out; the only place that knows AnsibleModule."""
    module = AnsibleModule(argument_spec=VIEWS_SPEC, supports_check_mode=True)
    if not HAS_JINJA:
        module.fail_json(msg=missing_required_lib("jinja2"))
    problem, result = _ended(module)
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(**result)


def _ended(module: AnsibleModule) -> tuple[str, dict[str, object]]:
    """What makes it fail, the result. Once this has returned no exception is pending: fail_json shows one."""
    try:
        settings = view_settings_of(module.params)
        viewed = make_views(settings)
    except RestoreError as error:
        return printable(str(error)), {}
    except Exception as error:  # noqa: BLE001 - a fault of ours: its text could hold what a report says
        return fault_in("velero_report", error), {}
    verdict = viewed.page.verdict
    told = {"state": verdict.state.value, "title": str(verdict.title), "todo": [str(step) for step in verdict.todo]}
    return "", {"changed": viewed.changed, "verdict": told, "paths": dict(settings.paths)}


if __name__ == "__main__":
    main()
