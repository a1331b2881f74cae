# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real control plane for tests and the demo: etcd and kube-apiserver, and kube-controller-manager where it is wanted.

Each one has its own ports on 127.0.0.1 and its own temporary folder, and reads nothing of the user's. There is no
kubelet: a Pod stays Pending until a test patches its status. As a command it runs another one beside a control plane:

    python tests/support/controlplane.py [--controller-manager] -- COMMAND ARGUMENT...
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import urllib3
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "controlplane"))
import build  # type: ignore[import-not-found]  # the sibling that compiles the binaries

Answer = tuple[int, Any]
"""HTTP status and decoded body."""

ADMIN = "admin"
LIMITED = tuple(f"limited-{number}" for number in range(1, 9))
"""Users without any right. The token file is read at the start, so a test takes one of these and grants it some."""

START_SECONDS = 90
APPLY_SECONDS = 30
LATER = frozenset((403, 404, 429, 500, 503))
"""Answers that may be others in a moment: a namespace, a service account, a type that is not there yet."""
USERS_OWN = ("KUBECONFIG", "KUBERNETES_", "K8S_AUTH_")
"""How the variables begin that would lead a child to a cluster of the user's."""
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


class ControlPlaneError(Exception):
    """A control plane that does not start, or an object that it does not take."""


def die_with_parent() -> None:
    """Ends a child when the thread that started it is gone, however that came about (Linux)."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def private_environment(folder: Path, kubeconfig: Path | None = None) -> dict[str, str]:
    """The environment of a child: no home, kubeconfig or connection options of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(USERS_OWN)}
    return {**kept, "HOME": str(folder), "KUBECONFIG": str(kubeconfig or folder / "no-kubeconfig")}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on just now, no two alike."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _one in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


def wait_for(what: str, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Asks again and again until the answer is yes; refused after a deadline."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ControlPlaneError(f"{what} is not ready after {seconds:.0f} s")
        time.sleep(0.05)


def assets(kubernetes: str | None = None) -> Path:
    """The folder with the binaries, of a version when one is named.

    Never builds one, since a test run is no place for a silent build of minutes.
    """
    try:
        folder: Path | None = build.built_folder(kubernetes)
    except build.BuildError as problem:
        raise ControlPlaneError(str(problem)) from problem
    if folder is None and kubernetes:
        raise ControlPlaneError(f"no control plane of Kubernetes {kubernetes} has been built: run `make matrix`")
    if folder is None:
        raise ControlPlaneError("no control plane has been built: run `make controlplane`")
    return folder


class Process:
    """One child in a process group of its own, its words in a log file."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=private_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, its library loaded before
            )

    def check(self) -> None:
        """Refused when the child has ended."""
        if self._child.poll() is not None:
            raise ControlPlaneError(f"{self.name} ended with code {self._child.returncode}\n{self.tail()}")

    def tail(self, lines: int = 25) -> str:
        """The last lines of the log, for a message."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def lost_port(self) -> bool:
        """Whether somebody else took the port between its choice and its use."""
        return "address already in use" in self.tail()

    def kill(self) -> None:
        """Ends the whole group at once: the data are thrown away, so there is nothing to wait for."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()


class ControlPlane:
    """A cluster of one's own, for a `with` statement; stopped on exceptions, at exit and with its parent."""

    def __init__(
        self,
        *,
        controller_manager: bool = False,
        apiserver_args: tuple[str, ...] = (),
        kubernetes: str | None = None,
    ) -> None:
        self._kubernetes = kubernetes
        self._with_controllers = controller_manager
        self._apiserver_args = apiserver_args
        self._processes: list[Process] = []
        self._types: dict[str, dict[str, dict[str, Any]]] = {}
        self._pool: urllib3.PoolManager | None = None
        self.folder = Path()
        """Private; gone after stop()."""
        self.url = ""
        self.tokens: dict[str, str] = {}
        """Of the administrator and of the users without rights, by name."""

    # life

    def __enter__(self) -> ControlPlane:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> ControlPlane:
        """Starts everything and waits until it serves; once more with other ports when one was taken meanwhile."""
        binaries = assets(self._kubernetes)
        atexit.register(self.stop)
        try:
            self._start(binaries)
        except ControlPlaneError:
            again = any(process.lost_port() for process in self._processes)
            self.stop()
            if not again:
                raise
            self._start(binaries)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends every process and removes the folder; a second call does nothing."""
        atexit.unregister(self.stop)
        while self._processes:
            self._processes.pop().kill()
        if self._pool is not None:
            self._pool.clear()
            self._pool = None
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = Path()

    def stop_apiserver(self) -> None:
        """Takes the API server away and leaves the data: a cluster that cannot be reached."""
        server = self._process("kube-apiserver")
        self._processes.remove(server)
        server.kill()

    def start_apiserver(self, until_it: str = "serves") -> None:
        """Brings the API server back, under the same address and with the same certificate.

        Once it `answers` it may lack much that it `serves` a moment later.
        """
        self._run("kube-apiserver", self._apiserver_command())
        if until_it == "answers":
            self._wait("kube-apiserver", lambda: self.ca.exists() and bool(self.api("GET", "/livez")))
        else:
            self._wait_until_served()

    def save_data(self, folder: Path) -> None:
        """A copy of what the cluster has now, as one makes it of an etcd that stands still."""
        with self._standing_still():
            shutil.copytree(self._data, folder)

    def restore_data(self, folder: Path) -> None:
        """Takes the cluster back to such a copy: what came since is gone, and nothing in it says so."""
        with self._standing_still():
            shutil.rmtree(self._data)
            shutil.copytree(folder, self._data)

    @property
    def _data(self) -> Path:
        return self.folder / "etcd"

    @contextlib.contextmanager
    def _standing_still(self) -> Iterator[None]:
        while self._processes:
            self._processes.pop().kill()
        yield
        self._run_all()

    def _start(self, binaries: Path) -> None:
        self._bin = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="controlplane-"))
        self._etcd_port, self._peer_port, port = free_ports(3)
        self._port = port
        self.url = f"https://127.0.0.1:{port}"
        self._write_credentials()
        self._run_all()

    def _run_all(self) -> None:
        self._run("etcd", self._etcd_command())
        self.start_apiserver()
        if self._with_controllers:
            self.start_controller_manager()

    def start_controller_manager(self) -> None:
        """Brings garbage collection, namespace deletion, default service accounts and the children of workloads."""
        self._run("kube-controller-manager", self._controller_manager_command())
        path = "/api/v1/namespaces/default/serviceaccounts/default"
        self._wait("kube-controller-manager", lambda: self.api("GET", path)[0] == 200)

    def _run(self, name: str, command: list[str]) -> None:
        if not os.access(self._bin / name, os.X_OK):
            raise ControlPlaneError(f"the folder of the control plane's binaries holds no {name}")
        self._processes.append(Process(name, [str(self._bin / name), *command], self.folder))

    def _process(self, name: str) -> Process:
        for process in self._processes:
            if process.name == name:
                return process
        raise ControlPlaneError(f"{name} is not running")

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        """Waits for one component, and shows its last words when it does not come up."""

        def alive_and_ready() -> bool:
            for process in self._processes:
                process.check()
            return self._quietly(ready)

        try:
            wait_for(name, alive_and_ready)
        except ControlPlaneError as problem:
            raise ControlPlaneError(f"{problem}\n{self._process(name).tail()}") from problem

    def _quietly(self, ready: Callable[[], bool]) -> bool:
        try:
            return ready()
        except (urllib3.exceptions.HTTPError, OSError):
            return False

    def _wait_until_served(self) -> None:
        """/readyz does not wait for the first namespaces, which nearly every test needs."""
        self._wait("kube-apiserver", lambda: self.ca.exists() and self.api("GET", "/readyz") == (200, "ok"))
        self._wait("kube-apiserver", lambda: self.api("GET", "/api/v1/namespaces/default")[0] == 200)

    # commands

    def _etcd_command(self) -> list[str]:
        clients = f"http://127.0.0.1:{self._etcd_port}"
        peers = f"http://127.0.0.1:{self._peer_port}"
        return [
            "--name=test",
            f"--data-dir={self._data}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=test={peers}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _apiserver_command(self) -> list[str]:
        return [
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--secure-port={self._port}",
            "--bind-address=127.0.0.1",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.folder / 'service-accounts.key'}",
            f"--service-account-signing-key-file={self.folder / 'service-accounts.key'}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--allow-privileged=true",
            # the benchmark asks for what the server can do, not for what it grants one client
            "--max-requests-inflight=3000",
            "--max-mutating-requests-inflight=1000",
            *self._apiserver_args,
        ]

    def _controller_manager_command(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            "--leader-elect=false",
            f"--service-account-private-key-file={self.folder / 'service-accounts.key'}",
            f"--root-ca-file={self.ca}",
            "--use-service-account-credentials=false",
            "--secure-port=0",
            # without a cloud provider its controllers do nothing; 1.37 does not know their names any more
            "--controllers=*,-nodelifecycle,-node-ipam-controller",
            # by default it looks around every 15 seconds, for which whoever waits for a target at rest has to wait
            "--horizontal-pod-autoscaler-sync-period=1s",
        ]

    # credentials

    def _write_credentials(self) -> None:
        self.tokens = {user: secrets.token_hex(16) for user in (ADMIN, *LIMITED)}
        rows = [f'{self.tokens[ADMIN]},{ADMIN},{ADMIN},"system:masters"']
        rows += [f"{self.tokens[user]},{user},{user}" for user in LIMITED]
        self._write("tokens.csv", "\n".join(rows) + "\n")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self._write("service-accounts.key", key.private_bytes(*form).decode())
        for user in self.tokens:
            self._write(f"{user}.kubeconfig", yaml.safe_dump(self._kubeconfig_of(user)))

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def _kubeconfig_of(self, user: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "contexts": [{"name": user, "context": {"cluster": "test", "user": user}}],
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.ca)}}],
            "users": [{"name": user, "user": {"token": self.tokens[user]}}],
        }

    @property
    def kubeconfig(self) -> Path:
        """The administrator's; it verifies TLS."""
        return self.kubeconfig_for(ADMIN)

    def kubeconfig_for(self, user: str) -> Path:
        """Of the administrator or of one of LIMITED."""
        return self.folder / f"{user}.kubeconfig"

    @property
    def ca(self) -> Path:
        """The certificate that the API server has made for itself, which is its own authority."""
        return self.folder / "certificates" / "apiserver.crt"

    @property
    def token(self) -> str:
        """The administrator's."""
        return self.tokens[ADMIN]

    @property
    def environment(self) -> dict[str, str]:
        """For a command that works on this cluster and knows of no other."""
        return private_environment(self.folder, self.kubeconfig)

    # requests

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        token: str | None = None,
    ) -> Answer:
        """One request, by the administrator unless another's token is given; text that is no JSON comes as it is."""
        if self._pool is None:
            self._pool = urllib3.PoolManager(ca_certs=str(self.ca), retries=False, timeout=30, maxsize=4)
        headers = {"Authorization": f"Bearer {token or self.token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        data = None if body is None else json.dumps(body).encode()
        answer = self._pool.request(method, self.url + path, body=data, headers=headers)
        text = answer.data.decode()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def path_of(self, body: dict[str, Any]) -> str:
        """Where an object is served: /apis/apps/v1/namespaces/shop/deployments/web."""
        api_version, kind = body["apiVersion"], body["kind"]
        found = self._type(api_version, kind)
        if found is None:
            raise ControlPlaneError(f"the cluster serves no {kind} of {api_version}")
        meta = body["metadata"]
        namespace = f"namespaces/{meta.get('namespace', 'default')}/" if found["namespaced"] else ""
        return f"{root_of(api_version)}/{namespace}{found['name']}/{meta['name']}"

    def serves(self, body: dict[str, Any]) -> bool:
        """Whether objects of this type have a path yet: that of a new definition comes a moment later."""
        return self._type(body["apiVersion"], body["kind"]) is not None

    def _type(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """Discovery's entry for a kind, asked for again when it is not known."""
        if kind not in self._types.get(api_version, {}):
            status, answer = self.api("GET", root_of(api_version))
            listed = answer["resources"] if status == 200 else []
            self._types[api_version] = {entry["kind"]: entry for entry in listed if "/" not in entry["name"]}
        return self._types[api_version].get(kind)

    def apply(self, source: str | Path) -> None:
        """Creates the objects of a YAML text or file (documents or Lists) in their order; one that exists is merged.

        What is not possible yet is tried again for a while: a type whose CRD is not served, a service account that a
        controller has still to make. A status is not stored: patch it under /status.
        """
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
        for body in objects_of(text):
            self.apply_one(body)

    def apply_one(self, body: dict[str, Any]) -> None:
        """The same for one object."""
        deadline = time.monotonic() + APPLY_SECONDS
        status, answer = self._try_apply(body)
        while status in LATER and time.monotonic() < deadline:
            time.sleep(0.1)
            status, answer = self._try_apply(body)
        if status >= 400:
            meta = body["metadata"]
            name = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
            raise ControlPlaneError(f"{body['kind']} {name} was refused: {status} {answer}")

    def _try_apply(self, body: dict[str, Any]) -> Answer:
        if not self.serves(body):
            return 404, "the type is not served"
        path = self.path_of(body)
        answer = self.api("POST", path.rpartition("/")[0], body)
        if answer[0] == 409:
            return self.api("PATCH", path, body, "application/merge-patch+json")
        return answer


def objects_of(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a YAML text, in order: of its documents, and of the items where one is a List."""
    for document in yaml.safe_load_all(text):
        if document and document["kind"] == "List":
            yield from document["items"]
        elif document:
            yield document


def root_of(api_version: str) -> str:
    """/api/v1 or /apis/apps/v1."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


@contextlib.contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Turns SIGTERM into an ordinary exit, so that everything started is stopped."""
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> int:
    """Runs a command with KUBECONFIG set to a fresh cluster; its exit code is the command's."""
    parser = argparse.ArgumentParser(description="Run a command beside a control plane of its own.")
    parser.add_argument("--controller-manager", action="store_true", help="start kube-controller-manager too")
    parser.add_argument("command", nargs="+", help="the command and its arguments, after --")
    arguments = parser.parse_args()
    try:
        with ending_on_sigterm(), ControlPlane(controller_manager=arguments.controller_manager) as cluster:
            return subprocess.run(arguments.command, env=cluster.environment, check=False).returncode
    except ControlPlaneError as problem:
        print(f"controlplane: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
