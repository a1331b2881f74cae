# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON texts that take far more memory than they are long, and backups of them: for tests and the benchmark."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from backups import Backup

MIB = 1 << 20
_DEEP = 150


def repeated(part: str, size: int) -> str:
    """A list of so many as make about `size` bytes."""
    return "[" + (part + ",") * (size // (len(part) + 1)) + "0]"


def fields(value: str, size: int) -> str:
    """A map of fields with different names."""
    count = size // (len(value) + 10)
    return "{" + ",".join(f'"{number:06x}":{value}' for number in range(count)) + "}"


SHAPES: dict[str, Callable[[int], str]] = {
    "empty lists": lambda size: repeated("[]", size),
    "empty maps": lambda size: repeated("{}", size),
    "lists of one": lambda size: repeated("[0]", size),
    "pairs of lists": lambda size: repeated("[[]]", size),
    "lists within lists": lambda size: repeated("[" * _DEEP + "0" + "]" * _DEEP, size),
    "maps of one": lambda size: repeated('{"":0}', size),
    "maps of a list": lambda size: repeated('{"":[]}', size),
    "maps within maps": lambda size: repeated('{"":' * _DEEP + "0" + "}" * _DEEP, size),
    "many fields": lambda size: fields("0", size),
    "many fields of lists": lambda size: fields("[]", size),
    "numbers": lambda size: repeated("999", size),
    "fractions": lambda size: repeated("0.5", size),
    "short texts": lambda size: repeated('"abc"', size),
    "short texts of letters with accents": lambda size: repeated('"\u00e9\u00e9"', size),
    "short texts of emoji": lambda size: repeated('"\U0001f600"', size),
    "one text": lambda size: '["' + "a" * size + '"]',
    "one text with an emoji": lambda size: '["' + "a" * size + '\U0001f600"]',
}
"""By what they consist of; of about so many bytes."""


def config_map(name: str, data: str, namespace: str = "shop") -> str:
    """With any JSON for its data."""
    metadata = json.dumps({"name": name, "namespace": namespace})
    return f'{{"apiVersion":"v1","kind":"ConfigMap","metadata":{metadata},"data":{{"a":{data}}}}}'


def backup_of(count: int, data: str) -> Backup:
    """Of so many ConfigMaps with the same data."""
    backup = Backup().add("namespaces", "", "shop")
    for number in range(count):
        backup.add_text("configmaps", "shop", f"c-{number:04}", config_map(f"c-{number:04}", data))
    return backup


def write_bomb(path: Path, text: str) -> None:
    """As gzip, which makes a thousandth of it."""
    path.write_bytes(gzip.compress(text.encode(), 9))
