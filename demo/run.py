# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make demo`: a standby that has drifted from production is restored from production's backup, and then again; an hour
later it is restored from the next one, and what production no longer has is shown and removed.

Everything is real: an API server of the demo's own, a backup that Velero took, the playbook as ansible-playbook runs
it. The demo checks itself: it ends with an error as soon as an act does not come out as promised.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from controlplane import ControlPlane, ControlPlaneError, ending_on_sigterm, objects_of  # noqa: E402 - see the path

GOLDEN = ROOT / "tests" / "golden"
HOURLY_02 = GOLDEN / "store/backups/hourly-20261124020000/hourly-20261124020000.tar.gz"
HOURLY_03 = GOLDEN / "store/backups/hourly-20261124030000/hourly-20261124030000.tar.gz"

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
    """One run of the playbook, what is said before it, and what its report must hold."""

    title: str
    says: str
    promised: dict[str, Any]
    """Field of the report -> value, a nested one as `counts.failed`."""
    options: tuple[str, ...] = ()
    backup: Path = HOURLY_02
    variables: dict[str, Any] = field(default_factory=dict)
    """Of the playbook, beside those that all acts have."""
    stores: bool = True
    """Whether the objects on the standby may be others afterwards."""


ACTS = (
    Act(
        "What would the restore do?",
        "Check mode goes through the whole plan on the API server and stores nothing. First come the objects that"
        " differ, with what the restore would change in them; values of Secrets are masked. New objects follow"
        " (shortened to a line each here).",
        {"changed": True, "check_mode": True, "restore.in_sync": False, "counts.failed": 0},
        ("--check", "--diff"),
        stores=False,
    ),
    Act(
        "Bring the standby in step",
        "The same without --check. What is missing is created, what differs is updated, and what belongs to the"
        " standby itself is left alone.",
        {"changed": True, "restore.in_sync": True, "counts.failed": 0},
    ),
    Act(
        "And an hour later, once more",
        "The same backup again. Everything is as it should be, so nothing is written: changed=0.",
        {"changed": False, "restore.in_sync": True, "counts.failed": 0, "counts.updated": 0},
        stores=False,
    ),
    Act(
        "The 03:00 backup: what does production no longer have?",
        "Restored like the one before. With delta=report it also tells what an earlier backup brought to the standby"
        " and this one no longer has; deleted is nothing.",
        {"changed": True, "restore.in_sync": True, "counts.failed": 0, "counts.deleted": 0, "delta.total": 3},
        backup=HOURLY_03,
        variables={"restore_delta": "report"},
    ),
    Act(
        "Remove just that, once it has been looked at",
        "The same with delta=prune. It deletes only what this tool restored itself, while the object still has the UID"
        " that it had then, and only when both backups are whole and the list is short.",
        {"changed": True, "counts.failed": 0, "counts.deleted": 3, "delta.total": 3, "delta.stopped_by": []},
        backup=HOURLY_03,
        variables={"restore_delta": "prune"},
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
    return ended(0, "All came out as promised, and the control plane has been stopped.")


def ended(code: int, text: str) -> int:
    """The last word, and the exit code."""
    say(text)
    return code


def play(standby: ControlPlane) -> None:
    """All acts on one standby."""
    headline("A standby that has drifted")
    standby.apply(drifted_objects())
    say(
        "A Kubernetes API server of its own plays the standby. Production's backup was taken by Velero; on the standby"
        f" things have changed meanwhile, or never arrived: {of_the_standby(standby)}"
    )
    for number, act in enumerate(ACTS, 1):
        headline(f"{number}. {act.title}")
        say(act.says)
        before = resource_versions(standby)
        report = run(standby, act)
        check(act, report)
        if not act.stores and resource_versions(standby) != before:
            raise Broken(f"'{act.title}' has stored something")
        say(verdict(report, standby))


def drifted_objects() -> str:
    """What stands on the standby, as YAML."""
    kept = [
        body
        for body in objects_of((GOLDEN / "standby.yaml").read_text(encoding="utf-8"))
        if (body["kind"], body["metadata"]["name"]) not in NOT_IN_THE_DEMO
    ]
    return yaml.safe_dump_all(kept)


def run(standby: ControlPlane, act: Act) -> Report:
    """The playbook as anybody runs it; what it prints, and the report that it leaves."""
    path = standby.folder / "report.json"
    path.unlink(missing_ok=True)
    variables = {
        "restore_backup_file": str(act.backup),
        "restore_existing_resource_policy": "update",
        "restore_kubeconfig": str(standby.kubeconfig),
        "restore_report_path": str(path),
        **act.variables,
    }
    given = {"restore_backup_file": act.backup.name, **act.variables}
    extra = (f"-e {name}={value}" for name, value in given.items())
    shown = ("ansible-playbook standby.velero.restore", *act.options, *extra, "…")
    print(f"\n$ {' '.join(shown)}", flush=True)
    playbook = Path(sys.executable).with_name("ansible-playbook")
    command = [str(playbook), "standby.velero.restore", *act.options, "-e", json.dumps(variables)]
    code = stream(command, environment(standby))
    if not path.exists():
        raise Broken(f"'{act.title}' left no report (ansible-playbook ended with {code})")
    if code:
        raise Broken(f"ansible-playbook ended with {code} in '{act.title}'")
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    return report


def environment(standby: ControlPlane) -> dict[str, str]:
    """No cluster but the standby, nothing of the user's Ansible settings, and no file that outlives the demo."""
    kept = {name: value for name, value in standby.environment.items() if not name.startswith("ANSIBLE_")}
    config = standby.folder / "ansible.cfg"
    config.write_text("[defaults]\n", encoding="utf-8")
    return kept | {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "dev"),
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOWS": "true",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(standby.folder),
    }


def stream(command: list[str], environ: dict[str, str]) -> int:
    """Runs the command and shows what it says as it comes; its exit code. The command ends with the demo."""
    child = subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        for line in shortened(child.stdout or ()):
            print(line, end="", flush=True)
        return child.wait()
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
    print(textwrap.fill(text, 96), flush=True)


if __name__ == "__main__":
    sys.exit(main())
