# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: the hourly job of whoever looks after a standby. It is far from production, is brought in step with the
backup of 02:00 and then with that of 03:00, by a plan that somebody approves; what production no longer has is removed.

Everything is real: an API server of the demo's own, backups that Velero took in a store of its layout, the playbooks
as ansible-playbook runs them. The demo checks itself: it ends with an error as soon as an act does not come out as
promised.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from controlplane import ControlPlane, ControlPlaneError, ending_on_sigterm, objects_of  # noqa: E402 - see the path

GOLDEN = ROOT / "tests" / "golden"
HOURLY_02, HOURLY_03 = "hourly-20261124020000", "hourly-20261124030000"
PAGE = ROOT / ".build" / "demo" / "standby.html"
"""It outlives the demo, to be looked at."""

NOT_IN_THE_DEMO = frozenset(
    (
        ("ValidatingAdmissionPolicy", "guard"),
        ("ValidatingAdmissionPolicyBinding", "guard"),
        ("RoleBinding", "reader"),
        ("ConfigMap", "frozen"),
        ("StatefulSet", "db"),
        ("Job", "migrate"),
        ("ServiceAccount", "robot"),
    )
)
"""A policy that refuses updates, objects that differ in fields which the API lets nobody change, and an account that
would keep values of its own."""

Report = dict[str, Any]


class Broken(Exception):
    """An act that did not come out as promised."""


@dataclass(frozen=True)
class Act:
    """One run of a playbook, what is said before it, and what its report must hold."""

    title: str
    says: str
    promised: dict[str, Any]
    """Field of the report -> value, a nested one as `counts.failed`; none where the run comes to no report."""
    playbook: str = "sync"
    options: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    """Of the playbook, beside those of the inventory."""
    before: Callable[[Stage], None] = lambda _stage: None
    """What happens before it, in production or on the standby."""
    hosts: str = "standby-a"
    code: int = 0
    """With which ansible-playbook ends: 2 is red."""
    says_so: str = ""
    """Words that the output must have."""
    shown_as: str = "yaml"
    """The form of results; what set_stats says is read in JSON."""
    stores: bool = True
    """Whether the objects on the standby may be others afterwards."""


class Stage:
    """The standby, production's store, and what a job has handed on to the next."""

    def __init__(self, standby: ControlPlane) -> None:
        self.standby = standby
        self.store = standby.folder / "store"
        self.report_path = standby.folder / "report.json"
        self.plans: dict[str, Any] = {}

    def arrives(self, name: str) -> None:
        """Velero has stored a backup."""
        shutil.copytree(GOLDEN / "store/backups" / name, self.store / "backups" / name)

    def somebody_writes(self) -> None:
        """Between plan and apply."""
        path = "/api/v1/namespaces/shop/configmaps/app-config"
        self.standby.api("PATCH", path, {"data": {"level": "debug"}}, "application/merge-patch+json")

    def inventory(self) -> Path:
        """One host is one standby; the other one's API server does not answer."""
        path = self.standby.folder / "inventory.yml"
        variables = {
            "restore_backup_store": f"file://{self.store}",
            "restore_schedule_name": "hourly",
            "restore_max_backup_age": AGE,
            "sync_verify_delay": 1,
        }
        hosts = {
            "standby-a": {
                "restore_kubeconfig": str(self.standby.kubeconfig),
                "restore_report_path": str(self.report_path),
                "report_html_path": str(PAGE),
            },
            "standby-b": {"restore_host": "https://127.0.0.1:1"},
        }
        path.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": variables}}), encoding="utf-8")
        return path


AGE = "1000000h"
"""The demo's backups are as old as they are; a job of one's own says 3h."""

ACTS = (
    Act(
        "How far is the standby from production?",
        "The playbook drift goes through the whole restore on the API server and stores nothing. It shows what differs,"
        " with values of Secrets masked (new objects as a line each here), says how far the standby is, and is red: by"
        " default any difference is too far.",
        {"changed": True, "check_mode": True, "restore.in_sync": False, "counts.failed": 0},
        playbook="drift",
        before=lambda stage: stage.arrives(HOURLY_02),
        code=2,
        says_so="no earlier backup of this schedule is known to have been restored",
        stores=False,
    ),
    Act(
        "The hourly job, for two standbys of which one does not answer",
        "It finds the newest usable backup, restores it, and asks a second later in check mode whether that holds. The"
        " standby that cannot be reached is red and does not stop the other.",
        {"changed": True, "restore.in_sync": True, "counts.failed": 0, "verification.passed": True},
        hosts="all",
        code=2,
        says_so="standby-b",
    ),
    Act(
        "An hour later nothing is new",
        "The same backup again. Everything is as it should be, so nothing is written: green, with changed=0.",
        {"changed": False, "restore.in_sync": True, "counts.failed": 0, "counts.updated": 0},
        stores=False,
    ),
    Act(
        "The 03:00 backup, under approval: one job plans",
        "sync_stage=plan writes nothing, and hands the plan on by set_stats, as AWX gives it to the next job.",
        {"changed": True, "check_mode": True, "counts.failed": 0, "delta.total": 2},
        before=lambda stage: stage.arrives(HOURLY_03),
        variables={"sync_stage": "plan"},
        shown_as="json",
        stores=False,
    ),
    Act(
        "Somebody changes the standby before the plan is applied",
        "The other job makes the plan anew. It is not the one that was approved, so the run is refused before its first"
        " write, and says where the two differ.",
        {},
        before=Stage.somebody_writes,
        variables={"sync_stage": "apply"},
        code=2,
        says_so="the plan is not the one that was approved",
    ),
    Act(
        "Restored without approval: what does production no longer have?",
        "What somebody changed is put back, the backup of 03:00 is restored and verified, and what an earlier backup"
        " brought to the standby and this one no longer has is told; deleted is nothing.",
        {"changed": True, "restore.in_sync": True, "counts.failed": 0, "counts.deleted": 0, "delta.total": 2},
    ),
    Act(
        "Remove just that, once it has been looked at",
        "The same with restore_delta=prune. It deletes only what this tool restored itself, while the object still has"
        " the UID that it had then, and only when both backups are whole and the list is short.",
        {"changed": True, "counts.failed": 0, "counts.deleted": 2, "delta.total": 2, "delta.stopped_by": []},
        variables={"restore_delta": "prune", "restore_prune_after": 1},
    ),
    Act(
        "And now, how far is it?",
        "Drift once more: nothing differs, and there is no newer backup.",
        {"changed": False, "check_mode": True, "restore.in_sync": True, "counts.failed": 0, "delta.total": 0},
        playbook="drift",
        says_so="there is none newer",
        stores=False,
    ),
)


def main() -> int:
    """Plays the acts; 1 when one does not come out as promised, 2 when there is no cluster, 130 after Ctrl-C."""
    try:
        with ending_on_sigterm(), ControlPlane() as standby:
            play(standby)
    except Broken as problem:
        return ended(1, f"The demo FAILED: {problem}")
    except ControlPlaneError as problem:
        return ended(2, f"There is no control plane to show it on: {problem}")
    except KeyboardInterrupt:
        return ended(130, "Interrupted; the control plane has been stopped.")
    return ended(0, f"All came out as promised. The last run as a page, for a browser: {PAGE}")


def ended(code: int, text: str) -> int:
    """The last word, and the exit code."""
    say(text)
    return code


def play(standby: ControlPlane) -> None:
    """All acts on one standby."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.unlink(missing_ok=True)
    stage = Stage(standby)
    headline("A standby that has drifted")
    standby.apply(drifted_objects())
    say(
        "A Kubernetes API server of its own plays the standby. Production's backup was taken by Velero; on the standby"
        f" things have changed meanwhile, or never arrived: {of_the_standby(standby)}"
    )
    for number, act in enumerate(ACTS, 1):
        headline(f"{number}. {act.title}")
        say(act.says)
        act.before(stage)
        before = resource_versions(standby)
        report = run(stage, act)
        check(act, report)
        if not act.stores and resource_versions(standby) != before:
            raise Broken(f"'{act.title}' has stored something")
        if act.promised:
            say(verdict(report, standby))
    if not PAGE.exists():
        raise Broken(f"there is no {PAGE}")


def drifted_objects() -> str:
    """What stands on the standby, as YAML."""
    kept = [
        body
        for body in objects_of((GOLDEN / "standby.yaml").read_text(encoding="utf-8"))
        if (body["kind"], body["metadata"]["name"]) not in NOT_IN_THE_DEMO
    ]
    return yaml.safe_dump_all(kept)


def run(stage: Stage, act: Act) -> Report:
    """The playbook as anybody runs it; what it prints, and the report that it leaves."""
    stage.report_path.unlink(missing_ok=True)
    extra = [f"-e {name}={value}" for name, value in act.variables.items()]
    told = [*extra, "-e @plans.json"] if act.variables.get("sync_stage") == "apply" else extra
    print(
        f"\n$ {' '.join(('ansible-playbook', f'standby.velero.{act.playbook}', '-i inventory.yml', *told))}", flush=True
    )
    playbook = Path(sys.executable).with_name("ansible-playbook")
    variables = act.variables | (stage.plans if act.variables.get("sync_stage") == "apply" else {})
    command = [str(playbook), f"standby.velero.{act.playbook}", "-i", str(stage.inventory()), "--limit", act.hosts]
    environ = environment(stage.standby) | {"ANSIBLE_CALLBACK_RESULT_FORMAT": act.shown_as}
    code, output = stream([*command, *act.options, "-e", json.dumps(variables)], environ)
    if code != act.code:
        raise Broken(f"ansible-playbook ended with {code} and not {act.code} in '{act.title}'")
    if act.says_so not in " ".join(output.split()):
        raise Broken(f"'{act.title}' does not say: {act.says_so}")
    stage.plans = plans_in(output) or stage.plans
    if not act.promised:
        return {}
    if not stage.report_path.exists():
        raise Broken(f"'{act.title}' left no report")
    report: Report = json.loads(stage.report_path.read_text(encoding="utf-8"))
    return report


def plans_in(output: str) -> dict[str, Any]:
    """What set_stats has handed on; empty when it was nothing."""
    found = re.search(r"RUN: (\{.*\})", output)
    plans: dict[str, Any] = json.loads(found[1]) if found else {}
    return plans


def environment(standby: ControlPlane) -> dict[str, str]:
    """No cluster but the standby, nothing of the user's Ansible settings, and no file that outlives the demo."""
    kept = {name: value for name, value in standby.environment.items() if not name.startswith("ANSIBLE_")}
    config = standby.folder / "ansible.cfg"
    config.write_text("[defaults]\n", encoding="utf-8")
    return kept | {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "dev"),
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_SHOW_CUSTOM_STATS": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOWS": "true",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(standby.folder),
    }


def stream(command: list[str], environ: dict[str, str]) -> tuple[int, str]:
    """Runs the command and shows what it says as it comes; its exit code and that. The command ends with the demo."""
    child = subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said = []
        for line in shortened(child.stdout or ()):
            print(line, end="", flush=True)
            said.append(line)
        return child.wait(), "".join(said)
    except BaseException:
        child.terminate()
        child.wait()
        raise


COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NEW = re.compile(r"@@ -0,0 \+1,(\d+) @@")


def shortened(lines: Iterable[str]) -> Iterator[str]:
    """Ansible's output, with the diff of an object that is new as one line: two of its header, `@@`, the object."""
    header: list[str] = []
    inside = False
    for line in lines:
        plain = COLOUR.sub("", line).rstrip("\n")
        if inside and (not plain or (plain.startswith("+") and not plain.startswith("+++ after"))):
            continue
        inside = False
        if plain.startswith(("--- before", "+++ after")):
            header.append(line)
            continue
        new = NEW.match(plain)
        if new and len(header) == 2:
            name = COLOUR.sub("", header[1]).partition(":")[2].strip()
            yield f"+ {name} ({new[1]} lines)\n"
            inside = True
        else:
            yield from header
            yield line
        header = []


def check(act: Act, report: Report) -> None:
    """Every promise of an act against its report."""
    for place, wanted in act.promised.items():
        found = value_of(report, place)
        if found != wanted:
            raise Broken(f"{place} is {found} and not {wanted} after '{act.title}'")


def value_of(report: Report, place: str) -> Any:
    """`counts.failed` of the report."""
    value: Any = report
    for name in place.split("."):
        value = value[name]
    return value


def verdict(report: Report, standby: ControlPlane) -> str:
    """The report in a sentence."""
    counts = report["counts"]
    tally = ", ".join(f"{counts[name]} {name}" for name in counts if counts[name] and name != "total")
    told = "nothing was stored; the standby is" if report["check_mode"] else "the standby is now"
    sync = "in sync" if report["restore"]["in_sync"] else "not in sync"
    return f"→ {counts['total']} objects: {tally}. {told.capitalize()} {sync}. {of_the_standby(standby)}"


def of_the_standby(standby: ControlPlane) -> str:
    """One object that everybody can follow through the acts."""
    _status, body = standby.api("GET", "/api/v1/namespaces/shop/configmaps/app-config")
    values = ", ".join(f"{name}={value}" for name, value in sorted(body["data"].items()))
    return f"ConfigMap shop/app-config says {values}."


def resource_versions(standby: ControlPlane) -> dict[str, str]:
    """Version of each object of some types in the application's namespace: what keeps it has not been written."""
    found = {}
    for lists in ("api/v1/{}/configmaps", "api/v1/{}/secrets", "api/v1/{}/services", "apis/apps/v1/{}/deployments"):
        path = "/" + lists.format("namespaces/shop")
        _status, answer = standby.api("GET", path)
        for body in answer["items"]:
            found[f"{path}/{body['metadata']['name']}"] = body["metadata"]["resourceVersion"]
    return found


def headline(text: str) -> None:
    """The start of an act."""
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}━━━ {text} {'━' * max(3, 90 - len(text))}{plain}", flush=True)


def say(text: str) -> None:
    """A paragraph."""
    print(textwrap.fill(text, 96, break_long_words=False, break_on_hyphens=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
