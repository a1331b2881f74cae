# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets ansible-test bootstrap pip where only package indexes can be reached.

ansible-test makes a virtual environment without pip for a test and runs a bootstrap script in it, which it downloads
unless it lies in its cache. When it is not there and cannot be downloaded, a stand-in is put there that does the same
from what Python brings (ensurepip) and from the package index.
"""

from __future__ import annotations

import importlib.util
import os
import re
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

STAND_IN = '''\
"""Stand-in for pip's bootstrap script: it could not be downloaded when the sanity tests ran first."""
import ensurepip
import subprocess
import sys

CERTIFICATES = {certificates!r}
IGNORED = ("--no-setuptools", "--no-wheel")

ensurepip.bootstrap()
arguments = [argument for argument in sys.argv[1:] if argument not in IGNORED]
if CERTIFICATES:
    # ansible-test clears the environment, and the pip that Python brings does not look at the system's certificates
    arguments += ["--cert", CERTIFICATES]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
'''


def ansible_test_file(name: str) -> str:
    """The text of one of ansible-test's own files: its pip's version and address are read there, not repeated here."""
    spec = importlib.util.find_spec("ansible_test")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("ansible-test is not installed beside this Python")
    return (Path(next(iter(spec.submodule_search_locations))) / name).read_text(encoding="utf-8")


def found(pattern: str, text: str) -> str:
    """The first group of a match; another ansible-test than the known ones is refused with what was looked for."""
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"this ansible-test has no {pattern!r}: see how it bootstraps pip")
    return match[1]


def certificates() -> str | None:
    """The bundle that this machine trusts, as its environment names it, else the system's."""
    names = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return next((os.environ[name] for name in names if os.environ.get(name)), ssl.get_default_verify_paths().cafile)


def downloaded(url: str) -> bytes | None:
    """The script itself; None when it cannot be had."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


def main() -> int:
    """Does nothing when the script is there."""
    version = found(r"pip='([\d.]+)'", ansible_test_file("_internal/python_requirements.py"))
    url = found(r"url = '(https://[^']+get-pip-%s\.py)'", ansible_test_file("_util/target/setup/requirements.py"))
    path = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if path.exists():
        return 0
    script = downloaded(url % version)
    if script is None:
        print(f"pip's bootstrap script cannot be downloaded; a stand-in goes to {path}")
        script = STAND_IN.format(certificates=certificates()).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(script)
    temporary.replace(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
