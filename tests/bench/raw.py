# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw limit: what the API server takes from plain urllib3, in a process of its own. Prints the seconds.

    raw.py patch URL CA NAME FIRST LAST    the two restore labels of the Secrets FIRST to LAST, from 16 threads
    raw.py scale URL CA REPLICAS FIRST LAST    the Deployments FIRST to LAST to so many replicas, from 16 threads
    raw.py list URL CA [PATH...]           the paged lists of these paths, by default of all Secrets
    raw.py send URL CA FILE [THREADS]      the requests of a file (see mixed.py), by default from 16 threads
    raw.py put URL CA FROM TO              the Secrets of namespace FROM into empty ones in namespace TO, one by one
The token comes in the environment variable TOKEN.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator

import urllib3

THREADS = 16
SECRETS = "/api/v1/namespaces/bench/secrets"
DEPLOYMENTS = "/apis/apps/v1/namespaces/bench-raw/deployments"


def patch(pool: urllib3.PoolManager, url: str, headers: dict[str, str], name: str, numbers: Iterator[int]) -> None:
    """Label patches, one after the other, as long as there are numbers."""
    labels = {"velero.io/backup-name": "raw", "velero.io/restore-name": name}
    data = json.dumps({"metadata": {"labels": labels}}).encode()
    headers = {**headers, "Content-Type": "application/merge-patch+json"}
    for number in numbers:
        answer = pool.request("PATCH", f"{url}{SECRETS}/secret-{number:06}", body=data, headers=headers)
        if answer.status != 200:
            raise SystemExit(f"a patch was refused: {answer.status}")


def patch_all(pool: urllib3.PoolManager, url: str, headers: dict[str, str], name: str, first: int, last: int) -> None:
    """From all threads."""
    numbers = iter(range(first, last))  # next() of it is atomic
    threads = [threading.Thread(target=patch, args=(pool, url, headers, name, numbers)) for _one in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def scale(pool: urllib3.PoolManager, url: str, headers: dict[str, str], replicas: int, numbers: Iterator[int]) -> None:
    """Patches of the scale, one after the other, as long as there are numbers."""
    data = json.dumps({"spec": {"replicas": replicas}}).encode()
    headers = {**headers, "Content-Type": "application/merge-patch+json"}
    for number in numbers:
        answer = pool.request("PATCH", f"{url}{DEPLOYMENTS}/web-{number:06}/scale", body=data, headers=headers)
        if answer.status != 200:
            raise SystemExit(f"a scale was refused: {answer.status}")


def scale_all(
    pool: urllib3.PoolManager, url: str, headers: dict[str, str], replicas: int, first: int, last: int
) -> None:
    """From all threads."""
    numbers = iter(range(first, last))
    threads = [threading.Thread(target=scale, args=(pool, url, headers, replicas, numbers)) for _one in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


Request = tuple[str, str, bytes, str]
"""Method, path, body, content type."""


def requests_in(path: str) -> list[Request]:
    """Made before the clock runs."""
    with open(path, encoding="utf-8") as file:
        read = map(json.loads, file)
        return [(method, place, json.dumps(body).encode(), kind) for method, place, body, kind in read]


def send(pool: urllib3.PoolManager, url: str, headers: dict[str, str], requests: Iterator[Request]) -> None:
    """One after the other, as long as there are any."""
    for method, path, body, kind in requests:
        answer = pool.request(method, url + path, body=body, headers={**headers, "Content-Type": kind})
        if answer.status >= 300:
            raise SystemExit(f"{method} {path} was refused: {answer.status} {answer.data[:300]!r}")


def send_all(
    pool: urllib3.PoolManager, url: str, headers: dict[str, str], requests: list[Request], threads: int
) -> None:
    """From so many threads."""
    rest = iter(requests)
    workers = [threading.Thread(target=send, args=(pool, url, headers, rest)) for _one in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def list_all(pool: urllib3.PoolManager, url: str, headers: dict[str, str], path: str = SECRETS) -> None:
    """In pages of 500."""
    rest = ""
    while True:
        answer = pool.request("GET", f"{url}{path}?limit=500&continue={rest}", headers=headers)
        rest = json.loads(answer.data)["metadata"].get("continue")
        if not rest:
            return


def copies(
    pool: urllib3.PoolManager, url: str, headers: dict[str, str], source: str, target: str
) -> list[tuple[str, bytes]]:
    """URL and body of each; the Secrets are there already and empty."""
    answer = pool.request("GET", f"{url}/api/v1/namespaces/{source}/secrets", headers=headers)
    found = []
    for secret in json.loads(answer.data)["items"]:
        name = secret["metadata"]["name"]
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": secret["type"]}
        secrets = f"{url}/api/v1/namespaces/{target}/secrets"
        answer = pool.request("POST", secrets, body=json.dumps(body).encode(), headers=headers)
        if answer.status != 201:
            raise SystemExit(f"a Secret was refused: {answer.status}")
        found.append((f"{secrets}/{name}", json.dumps({**body, "data": secret["data"]}).encode()))
    return found


def put_all(pool: urllib3.PoolManager, headers: dict[str, str], bodies: list[tuple[str, bytes]]) -> None:
    """One after the other."""
    for url, body in bodies:
        answer = pool.request("PUT", url, body=body, headers=headers)
        if answer.status != 200:
            raise SystemExit(f"a Secret was refused: {answer.status}")


def main() -> None:
    """See the head of this file."""
    what, url, ca, *rest = sys.argv[1:]
    pool = urllib3.PoolManager(ca_certs=ca, retries=False, maxsize=THREADS)
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Accept": "application/json"}
    bodies = copies(pool, url, headers, *rest) if what == "put" else []
    requests = requests_in(rest[0]) if what == "send" else []
    started = time.monotonic()
    if what == "put":
        put_all(pool, headers, bodies)
    elif what == "scale":
        scale_all(pool, url, headers, *map(int, rest))
    elif what == "patch":
        patch_all(pool, url, headers, rest[0], int(rest[1]), int(rest[2]))
    elif what == "send":
        send_all(pool, url, headers, requests, int(rest[1]) if len(rest) > 1 else THREADS)
    else:
        for path in rest or [SECRETS]:
            list_all(pool, url, headers, path)
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
