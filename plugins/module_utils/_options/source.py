# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever reads a backup; plugins/doc_fragments/backup_source.py describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._source.keys import is_backup_name
from .._source.places import SourceSettings
from .location import location_place
from .store import SECRETS, store_place
from .target import masked_words, open_words, secrets_in

SOURCE_SPEC: dict[str, dict[str, Any]] = {
    "backup_file": {"type": "path"},
    "backup_store": {"type": "raw", "no_log": True},
    "backup_location": {"type": "raw", "no_log": True},
    "backup_name": {"type": "str"},
    "schedule_name": {"type": "str"},
    "allow_partially_failed": {"type": "bool", "default": False},
    "backup_metadata_file": {"type": "path"},
}
"""Store and location are a text or a dictionary, of which Ansible can mask all or nothing: see `values_to_mask`."""

_SECRETS_OF_CONNECTION = ("api_key", "password", "proxy_headers")
_SOURCES = ("backup_file", "backup_store", "backup_location")


def source_of(params: Mapping[str, Any]) -> tuple[SourceSettings, list[str]]:
    """Where the backup is and which one it is, and every problem of these options; of how many are named, the caller
    knows more: a list needs none."""
    store, store_problems = store_place(params["backup_store"])
    location, location_problems = location_place(params["backup_location"])
    settings = SourceSettings(
        file=params["backup_file"] or "",
        store=store,
        location=location,
        backup_name=params["backup_name"] or "",
        schedule_name=params["schedule_name"] or "",
        allow_partially_failed=bool(params["allow_partially_failed"]),
        metadata_file=params["backup_metadata_file"] or "",
    )
    return settings, [*_which_source(params), *store_problems, *location_problems, *_name_problems(settings)]


def one_backup_problems(settings: SourceSettings) -> list[str]:
    """Of whoever reads the content of one backup."""
    if settings.file or settings.backup_name or settings.schedule_name:
        return []
    return ["backup_name: name the backup, or give schedule_name for the newest of a schedule"]


def values_to_mask(params: Mapping[str, Any], values: set[str]) -> set[str]:
    """Of the values that Ansible would mask, and of the passwords in addresses, those that are secret.

    Store and location may hold secrets, so that Ansible masks each word of them wherever it stands in the result, such
    as the bucket's URL or the number 60; so it does with a kubeconfig's.
    """
    location = params["backup_location"] if isinstance(params["backup_location"], Mapping) else {}
    return masked_words(values - _open_words(params), params) | secrets_in(_connection(location))


def _connection(location: Mapping[str, Any]) -> dict[str, Any]:
    return {name: location.get(name) for name in ("kubeconfig", "host", "proxy", *_SECRETS_OF_CONNECTION)}


def _open_words(params: Mapping[str, Any]) -> set[str]:
    """Words of store and location that are no secret, nor part of one."""
    words: set[str] = set()
    secrets: set[str] = set()
    for option in ("backup_store", "backup_location"):
        given = params[option] if isinstance(params[option], Mapping) else {"": params[option] or ""}
        for name, value in given.items():
            if not isinstance(value, (Mapping, list)):
                (secrets if name in SECRETS else words).add(str(value))
        words |= open_words(_connection(given))
    return {word for word in words if not any(word in secret for secret in secrets)}


def _which_source(params: Mapping[str, Any]) -> Iterator[str]:
    given = [option for option in _SOURCES if params[option]]
    if not given:
        yield f"{', '.join(_SOURCES)}: say with one of them where the backup is"
    elif len(given) > 1:
        yield f"{' and '.join(given)} say both where the backup is; give one of them"


def _name_problems(settings: SourceSettings) -> Iterator[str]:
    for option, name in (("backup_name", settings.backup_name), ("schedule_name", settings.schedule_name)):
        if name and not is_backup_name(name):
            yield f"{option}: {name!r} is not a name that Velero could have given (lower case, digits, '-' and '.')"
    if settings.backup_name and settings.schedule_name:
        yield "backup_name and schedule_name say both which backup is meant; give one of them"
    if settings.file and settings.schedule_name:
        yield "schedule_name: a file is one backup; it goes with backup_store and backup_location"
    if settings.metadata_file and not settings.file:
        yield "backup_metadata_file: goes with backup_file; a store and a location have the metadata beside the content"
