# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: how fast a restore is beside what the same API server takes at most, and how much memory it needs.

Secrets exist on the target, one in ten differs from the backup, policy update. Each round measures, in turns and each
in a process of its own:
- raw: label patches of all of them by plain urllib3 from 16 threads, half before and half after the restore;
- the restore under a new name, `started` to `completed` of its result: every object gets its labels, some their data;
- the bare paged list of them, and the same restore again, which has nothing to write.
Ratios are what counts: the seconds are this machine's. `--memory` adds a restore of 100,000 of which 1 in 100 differs,
`--attack` restores of backups that were made to take memory, each in check mode with 16 workers,
`--activate` wakes 1,000 Deployments, instead of all that, beside as many patches of scales by plain urllib3,
`--startup` how long a module takes to its first request,
`--state` what it costs a run to keep in mind what the target owes: 100,000 objects, beside a PUT of the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))

from activation import HELD, REPLICAS, Woken, asleep, awake, create_raw, print_woken, write_deployments  # noqa: E402
from attacks import ATTACKED, ATTACKS  # noqa: E402 - see the path
from controlplane import ControlPlane, ControlPlaneError, assets, ending_on_sigterm  # noqa: E402 - see the path
from fill import create_secrets, write_backup  # noqa: E402
from mixed import Mixed  # noqa: E402
from peers import peers, print_peers  # noqa: E402
from scale import SIZES, Measured, large, print_large, print_scale, requests_of, scale  # noqa: E402
from startup import SentNothing, print_startup, startup  # noqa: E402
from writes import print_writes, writes  # noqa: E402

MIB = 1 << 20
GOALS = {"ratio": 0.7, "activate": 0.8, "second": 2.0, "memory": 300, "attack": 600, "state": 2.0}
REQUESTS = re.compile(
    r'^apiserver_request_total\{.*resource="secrets",.*verb="((?!WATCH)[A-Z]+)".*\} (\S+)$', re.MULTILINE
)
READS = ("GET", "LIST")
"""The API server watches for itself, so a WATCH is not counted at all."""


class Failed(Exception):
    """A measurement that measured nothing."""


@dataclass(frozen=True)
class Restore:
    """One measured restore."""

    seconds: float
    """`started` to `completed`, or of the whole command."""
    requests: dict[str, int]
    """Verb -> how many the API server counted for Secrets."""
    counts: dict[str, int]
    peak: int = 0
    """Bytes of the module's process; 0 where it is not known."""
    span: float = 0.0
    """Seconds from its first request to its last."""

    @property
    def writes(self) -> int:
        return sum(number for verb, number in self.requests.items() if verb not in READS)


class Bench:
    """The measurements on one cluster."""

    def __init__(self, cluster: ControlPlane, objects: int) -> None:
        self.cluster = cluster
        self.objects = objects
        self.span = 0.0
        """Of the last module that ran."""
        self._environment = {
            **cluster.environment,
            "PYTHONPATH": str(ROOT / ".build" / "dev"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "dev"),
            "TOKEN": cluster.token,
        }

    def raw(self, *arguments: object) -> float:
        """Seconds of the raw limit; see raw.py."""
        what, *rest = map(str, arguments)
        command = [sys.executable, str(HERE / "raw.py"), what, self.cluster.url, str(self.cluster.ca), *rest]
        return float(self._output(command))

    def raw_patches(self, name: str, first: int, last: int) -> float:
        return self.raw("patch", name, first, last)

    def restore(self, backup: Path, name: str, **more: Any) -> Restore:
        """The module as such, in a process of its own."""
        options = {**self._options(backup, name), **more}
        before = self.requests()
        result, peak, _seconds = self._module(options)
        if "counts" not in result:
            raise Failed(result["msg"])
        run = result["restore"]
        seconds = (_time(run["completed"]) - _time(run["started"])).total_seconds()
        return Restore(seconds, self._since(before), result["counts"], peak, self.span)

    def attacked(self, backup: Path) -> tuple[str, int, float]:
        """What came of the restore of a hostile backup, in words; the bytes at the peak; seconds."""
        some = {"included_resources": ["namespaces", "configmaps"], "included_namespaces": [ATTACKED]}
        options = {**self._options(backup, "attack"), **some, "_ansible_check_mode": True}
        result, peak, seconds = self._module(options)
        said = f"of {result['counts']['total']} " if "counts" in result else ""
        return f"{said}{tally(result['counts'])}" if said else str(result["msg"]), peak, seconds

    def workloads(self, state: str, **options: Any) -> dict[str, Any]:
        """The result of velero_workloads, in a process of its own; its `seconds` are all but the process's start."""
        given = {"kubeconfig": str(self.cluster.kubeconfig), "state": state, **options}
        result, _peak, _seconds = self._module(given, "velero_workloads")
        if "counts" not in result or result["counts"]["failed"]:
            raise Failed(str(result.get("msg")))
        return result

    def _module(self, options: dict[str, Any], name: str = "velero_restore") -> tuple[dict[str, Any], int, float]:
        """The result of the module, its bytes at the peak, seconds of its process."""
        arguments = self.cluster.folder / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
        started = time.monotonic()
        child = self._ran([sys.executable, str(HERE / "one_module.py"), str(arguments), name])
        seconds = time.monotonic() - started
        if not child.stdout.startswith("\n{"):
            raise Failed(f"the module ended with {child.returncode}\n{child.stdout}\n{child.stderr}")
        self.span = float(child.stderr.splitlines()[-2])
        return json.loads(child.stdout), int(child.stderr.splitlines()[-1]), seconds

    def command(self, backup: Path, name: str) -> Restore:
        """ansible-playbook with the collection's playbook, from its start to its end."""
        report = self.cluster.folder / "report.json"
        options = {**self._options(backup, name), "report_path": str(report)}
        variables = {key if key.startswith("restore_") else f"restore_{key}": value for key, value in options.items()}
        playbook = str(Path(sys.executable).with_name("ansible-playbook"))
        before = self.requests()
        started = time.monotonic()
        self._run([playbook, "standby.velero.restore", "-e", json.dumps(variables)])
        seconds = time.monotonic() - started
        return Restore(seconds, self._since(before), json.loads(report.read_text(encoding="utf-8"))["counts"])

    def state(self, namespace: str) -> list[tuple[str, str, float]]:
        """(run, step, seconds) of what the state costs; see one_state.py."""
        arguments = [str(self.cluster.kubeconfig), namespace, str(self.objects)]
        steps = json.loads(self._output([sys.executable, str(HERE / "one_state.py"), *arguments]))
        return [tuple(step) for step in steps]

    def _options(self, backup: Path, name: str) -> dict[str, str]:
        return {
            "backup_file": str(backup),
            "restore_name": name,
            "existing_resource_policy": "update",
            "kubeconfig": str(self.cluster.kubeconfig),
        }

    def _output(self, command: list[str]) -> str:
        return self._run(command).stdout

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        child = self._ran(command)
        if child.returncode:
            raise Failed(f"{Path(command[1]).name} ended with {child.returncode}\n{child.stdout}\n{child.stderr}")
        return child

    def _ran(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)

    def requests(self) -> dict[str, int]:
        """Verb -> how many requests for Secrets the API server has counted."""
        _status, text = self.cluster.api("GET", "/metrics")
        found: dict[str, int] = {}
        for verb, number in REQUESTS.findall(text):
            found[verb] = found.get(verb, 0) + int(float(number))
        return found

    def _since(self, before: dict[str, int]) -> dict[str, int]:
        moved = {verb: number - before.get(verb, 0) for verb, number in self.requests().items()}
        return {verb: number for verb, number in sorted(moved.items()) if number}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass
class Round:
    """What one round measured."""

    raw: float
    first: Restore
    listing: float
    second: Restore

    @property
    def ratio(self) -> float:
        """Of the raw limit, which is 1."""
        return self.raw / self.first.seconds

    @property
    def above_list(self) -> float:
        return self.second.seconds - self.listing


def speed(objects: int, rounds: int) -> None:
    """Restores of Secrets that exist, beside the raw limit."""
    tell(f"creating {objects} Secrets")
    with ControlPlane() as cluster:
        create_secrets(cluster, objects)
        backups = []
        for password in ("one", "other"):  # in turns: each differs from what the one before has left
            path = cluster.folder / f"{password}.tar.gz"
            write_backup(cluster, path, password, every=10)
            backups.append(path)
        bench = Bench(cluster, objects)
        bench.restore(backups[-1], "warm-up")
        measured = []
        for number in range(rounds):
            measured.append(one_round(bench, backups[number % 2], f"round-{number}"))
            tell(f"round {number + 1} of {rounds}: {measured[-1].ratio:.2f} of the raw limit")
        backup = backups[rounds % 2]
        commands = bench.command(backup, "command"), bench.command(backup, "command")
    print_speed(measured, commands, objects)


def one_round(bench: Bench, backup: Path, name: str) -> Round:
    """Raw before and after, so that a machine that slows down or warms up does so for both."""
    half = bench.objects // 2
    before = bench.raw_patches(name, 0, half)
    first = bench.restore(backup, name)
    listing = bench.raw("list")
    second = bench.restore(backup, name)
    after = bench.raw_patches(f"{name}-after", half, bench.objects)
    return Round(before + after, first, listing, second)


def print_speed(rounds: list[Round], commands: tuple[Restore, Restore], objects: int) -> None:
    """The table, medians of the rounds, and the headline."""
    middle = sorted(rounds, key=lambda one: one.ratio)[len(rounds) // 2]
    raw = statistics.median(one.raw for one in rounds)
    listing = statistics.median(one.listing for one in rounds)
    first = statistics.median(one.first.seconds for one in rounds)
    second = statistics.median(one.second.seconds for one in rounds)
    rows = [
        ("raw label patches, 16 threads", raw, f"{objects} PATCH", ""),
        ("restore under a new name: module", first, shown(middle.first.requests), mib(middle.first.peak)),
        ("restore under a new name: ansible-playbook", commands[0].seconds, shown(commands[0].requests), ""),
        ("raw paged list", listing, f"{-(-objects // 500)} LIST", ""),
        ("the same restore again: module", second, shown(middle.second.requests), mib(middle.second.peak)),
        ("the same restore again: ansible-playbook", commands[1].seconds, shown(commands[1].requests), ""),
    ]
    print(f"\n{objects} Secrets that exist, 1 in 10 different, policy update; medians of {len(rounds)} rounds\n")
    print(f"{'':44}{'seconds':>9}{'objects/s':>11}  {'requests for Secrets':32}{'peak memory':>12}")
    for what, seconds, requests, memory in rows:
        print(f"{what:44}{seconds:9.2f}{objects / seconds:11.0f}  {requests:32}{memory:>12}")
    ratio = statistics.median(one.ratio for one in rounds)
    above = statistics.median(one.above_list for one in rounds)
    writes = max(one.second.writes for one in rounds)
    print(f"\nrestore : raw limit   {ratio:.2f} of it (goal: {GOALS['ratio']} or more; {spread(rounds)})")
    print(f"second run            {writes} writes, {above:+.2f} s to the bare list (goal: 0 writes, within 2 s)")
    print(f"outcomes              first {tally(middle.first.counts)}; second {tally(middle.second.counts)}")


def memory(objects: int) -> None:
    """The peak of the module's process."""
    tell(f"creating {objects} Secrets: some minutes")
    with ControlPlane() as cluster:
        create_secrets(cluster, objects)
        path = cluster.folder / "large.tar.gz"
        write_backup(cluster, path, "one", every=100)
        tell("restoring them")
        bench = Bench(cluster, objects)
        runs = bench.restore(path, "large"), bench.restore(path, "large")
    print(f"\n{objects} Secrets in the backup and on the cluster, 1 in 100 different, policy update\n")
    for what, run in zip(("under a new name", "the same again"), runs, strict=True):
        print(f"{what:20}{run.seconds:9.1f} s   {mib(run.peak):>8} at the peak   {shown(run.requests)}")
    print(f"\npeak memory           {mib(max(run.peak for run in runs))} (goal: under {GOALS['memory']} MiB)")


def attack() -> None:
    """The peak of the module's process with backups that were made for it."""
    measured = []
    with ControlPlane() as cluster:
        bench = Bench(cluster, 0)
        for name, write in ATTACKS.items():
            folder = cluster.folder / f"attack-{len(measured)}"
            folder.mkdir()
            path = folder / "attack.tar.gz"
            tell(f"restoring {name}")
            write(path)
            size = sum(file.stat().st_size for file in folder.iterdir())
            measured.append((name, size, *bench.attacked(path)))
            tell(f"{mib(measured[-1][3])}: {measured[-1][2][:200]}")
            shutil.rmtree(folder)
    print("\nBackups that were made to take memory, in check mode with 16 workers\n")
    print(f"{'':50}{'gzipped':>10}{'peak memory':>13}{'seconds':>9}")
    for name, size, said, peak, seconds in measured:
        print(f"{name:50}{kib(size):>10}{mib(peak):>13}{seconds:9.1f}  {said[:200]}")
    print(f"\npeak memory           {mib(max(one[3] for one in measured))} (goal: under {GOALS['attack']} MiB)")


def state(objects: int) -> None:
    """What a run spends on the target's state, beside the bare writes."""
    tell(f"keeping the state of {objects} objects")
    kept, raw = "bench-state", "bench-raw"
    with ControlPlane() as cluster:
        for namespace in (kept, raw):
            cluster.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
        bench = Bench(cluster, objects)
        steps = bench.state(kept)
        requests = bench.requests()
        seconds = bench.raw("put", kept, raw)
        _status, listed = cluster.api("GET", f"/api/v1/namespaces/{kept}/secrets")
    sizes = [len(json.dumps(secret["data"])) for secret in listed["items"]]
    print(f"\nThe state of {objects} objects: {len(sizes)} Secrets, {kib(sum(sizes))}, the largest {kib(max(sizes))}\n")
    for run, step, spent in steps:
        print(f"{run:12}{step:32}{spent:9.2f} s")
    print(f"{'raw':12}{'PUT of the same bytes, once':32}{seconds:9.2f} s\n")
    print(f"requests in all runs  {shown(requests)}")
    for run in dict.fromkeys(run for run, _step, _spent in steps):
        whole = sum(spent for named, _step, spent in steps if named == run)
        print(f"{run:22}{whole:.2f} s in all (goal: under {GOALS['state']:.0f} s)")


def activate(objects: int, rounds: int) -> None:
    """Waking, beside two sorts of patches by hand: of scales alone, and of what has to be written of a Deployment.

    By hand half before and half after; all begin with all asleep.
    """
    tell(f"creating {objects} Deployments twice")
    with ControlPlane() as cluster:
        create_raw(cluster, objects)
        path = cluster.folder / "deployments.tar.gz"
        write_deployments(path, objects)
        bench = Bench(cluster, objects)
        bench.restore(path, "asleep", workloads="hold")
        halves = (range(objects // 2), range(objects // 2, objects))
        measured = []
        for number in range(rounds):
            one = Woken()
            for half, other in (halves, halves[::-1]):
                bench.raw("send", asleep(cluster.folder, range(objects)))
                one.scales += bench.raw("scale", REPLICAS, half.start, half.stop)
                one.same += bench.raw("send", awake(cluster.folder, other))
                if not one.seconds:
                    one.seconds = float(bench.workloads("active")["seconds"])
            bench.workloads("held", confirm=_active_since(cluster))
            tell(f"round {number + 1} of {rounds}: {one.scales / one.seconds:.2f} of scales")
            measured.append(one)
    print_woken(measured, objects, GOALS["activate"])


def scaled(sizes: tuple[int, ...]) -> None:
    """How it grows."""

    def run(cluster: ControlPlane, options: dict[str, Any]) -> Measured:
        before = requests_of(cluster)
        bench = Bench(cluster, 0)
        given = {**options, "kubeconfig": str(cluster.kubeconfig)}
        result, peak, _seconds = bench._module(given)
        if "counts" not in result or result["counts"]["failed"]:
            raise Failed(str(result.get("msg")))
        tell(f"{options['restore_name']}: {tally(result['counts'])}, {result['restore']['known']} known")
        return Measured(bench.span, requests_of(cluster) - before, peak)

    def raw(cluster: ControlPlane, *paths: str) -> float:
        return Bench(cluster, 0).raw("list", *paths)

    print_scale(scale(run, raw, sizes))
    print_large(large(run))


def written(objects: int) -> None:
    """Every sort of write."""
    with ControlPlane() as cluster:
        bench = Bench(cluster, objects)

        def run(options: dict[str, Any]) -> tuple[float, dict[str, int]]:
            result, _peak, _seconds = bench._module({**options, "kubeconfig": str(cluster.kubeconfig)})
            if "counts" not in result or result["counts"]["failed"]:
                raise Failed(str(result.get("msg")))
            return float(result["restore"]["duration"]), result["counts"]

        def send(file: Path) -> float:
            return bench.raw("send", file)

        rows = []
        for row in writes(cluster, Mixed(cluster, objects), run, send):
            tell(f"{row.what}: {row.by_hand / row.restore:.2f}")
            rows.append(row)
    print_writes(rows, objects)


def beside_peers(objects: int) -> None:
    """The same objects by other tools."""
    with ControlPlane() as cluster:
        mixed = Mixed(cluster, objects)
        bench = Bench(cluster, objects)
        programs = {"kubectl": str(assets() / "kubectl")}

        def command(words: list[str]) -> int:
            program = programs.get(words[0]) or str(Path(sys.executable).with_name(words[0]))
            child = bench._ran([program, *words[1:]])
            if child.returncode:
                tell(f"{words[0]} ended with {child.returncode}: {child.stdout[-600:]}{child.stderr[-600:]}")
            return child.returncode

        found = peers(cluster, mixed, command, mixed.write(cluster.folder / "hourly-1.tar.gz"))
    print_peers(found, objects)


def _active_since(cluster: ControlPlane) -> str:
    _status, body = cluster.api("GET", f"/api/v1/namespaces/{HELD}")
    return str(json.loads(body["metadata"]["annotations"]["standby.velero/active"])["at"])


def spread(rounds: list[Round]) -> str:
    return "rounds: " + ", ".join(f"{one.ratio:.2f}" for one in rounds)


def shown(requests: dict[str, int]) -> str:
    return ", ".join(f"{number} {verb}" for verb, number in requests.items()) or "none"


def tally(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={number}" for name, number in counts.items() if number and name != "total")


def mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size else "not known"


def kib(size: int) -> str:
    return f"{size / 1024:.0f} KiB"


def tell(message: str) -> None:
    """A sign of life; the table alone is for standard output."""
    print(f"bench: {message}", file=sys.stderr, flush=True)


def main() -> int:
    """Measures and prints; never an error because something is slow."""
    parser = argparse.ArgumentParser(description="Measure a restore beside the raw limit of the same API server.")
    parser.add_argument("--objects", type=int, default=5000, help="Secrets to restore (default: 5000)")
    parser.add_argument("--rounds", type=int, default=5, help="measured in turns with the raw limit (default: 5)")
    parser.add_argument("--memory", action="store_true", help="measure peak memory too: takes 15 minutes")
    parser.add_argument("--memory-objects", type=int, default=100_000, help="how many for that (default: 100000)")
    parser.add_argument("--attack", action="store_true", help="measure it with backups made to take it: 5 minutes")
    parser.add_argument("--activate", action="store_true", help="measure how fast a standby wakes, and nothing else")
    parser.add_argument("--activate-objects", type=int, default=1000, help="Deployments for that (default: 1000)")
    parser.add_argument("--state", action="store_true", help="measure what the target's state costs too")
    parser.add_argument("--state-objects", type=int, default=100_000, help="how many for that (default: 100000)")
    parser.add_argument(
        "--scale", action="store_true", help="1,000, 10,000 and 100,000 objects, objects of 1 MB, and nothing else"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="other sizes for that")
    parser.add_argument("--writes", action="store_true", help="each sort of write beside the same by hand, no more")
    parser.add_argument("--writes-objects", type=int, default=2000, help="how many for that (default: 2000)")
    parser.add_argument("--peers", action="store_true", help="the same objects by other tools, and nothing else")
    parser.add_argument("--peers-objects", type=int, default=500, help="how many for that (default: 500)")
    parser.add_argument("--startup", action="store_true", help="from a module's start to its first request, no more")
    arguments = parser.parse_args()
    try:
        with ending_on_sigterm():
            if arguments.scale:
                scaled(tuple(arguments.sizes))
                return 0
            if arguments.startup:
                with tempfile.TemporaryDirectory() as folder:
                    print_startup(startup(Path(folder)))
                return 0
            if arguments.peers:
                beside_peers(arguments.peers_objects)
                return 0
            if arguments.writes:
                written(arguments.writes_objects)
                return 0
            if arguments.activate:
                activate(arguments.activate_objects, arguments.rounds)
                return 0
            speed(arguments.objects, arguments.rounds)
            if arguments.memory:
                memory(arguments.memory_objects)
            if arguments.attack:
                attack()
            if arguments.state:
                state(arguments.state_objects)
    except (ControlPlaneError, Failed, SentNothing) as problem:
        tell(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
