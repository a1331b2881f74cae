# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes in the form of Ansible's --diff: YAML of what a change touches, with its ancestors, without its siblings.

No value of a Secret reaches a text: every entry passes through `entry`, which masks. Control and bidirectional
characters are escaped: a backup must not steer the terminal of whoever reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

try:
    import yaml
except ImportError:  # with ansible-core and the kubernetes package it is there
    HAS_YAML = False
else:
    HAS_YAML = True

from .._compare.hidden import NOTHING_HIDDEN, HiddenFields
from .._compare.mask import masked
from .._merge_patch import NULL, apply
from .._text import printable
from .._unstructured import as_map
from .._values import BACKUP_LABEL, EMPTY, RESTORE_LABEL, Body, Change, Comparison, ObjectKey
from .text import json_size

Entry = dict[str, str]
Labels = tuple[str, str]
"""The backup-name and restore-name labels that a write sets."""


def _represent_text(dumper: Any, text: str) -> Any:
    safe = text.replace("\n", "").isprintable()
    style = ("|" if "\n" in text else None) if safe else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


if HAS_YAML:

    class _Dumper(yaml.SafeDumper):
        """Texts of several lines as blocks, unsafe ones quoted; no anchors, since bodies share their parts."""

        def ignore_aliases(self, _data: Any) -> bool:
            return True

    _Dumper.add_representer(str, _represent_text)
    _Dumper.add_representer(type(NULL), lambda dumper, _null: dumper.represent_none(None))


def entry(key: ObjectKey, before: Body | None, after: Body | None, hidden: HiddenFields = NOTHING_HIDDEN) -> Entry:
    """One change in Ansible's form; nulls are not shown, an absent object is an empty text, a Secret is masked."""
    before, after = before or EMPTY, after or EMPTY
    if key.kind == "Secret":
        before, after = masked(before, after)
    before, after = hidden.hide(before, after)
    header = printable(str(key))
    return {
        "before_header": header,
        "after_header": header,
        "before": _text(before),
        "after": _text(after),
    }


def create_entry(key: ObjectKey, desired: Body, hidden: HiddenFields = NOTHING_HIDDEN) -> Entry:
    """The whole object as it is sent, but for its status."""
    return entry(key, None, {field: value for field, value in desired.items() if field != "status"}, hidden)


def delete_entry(change: Change, hidden: HiddenFields = NOTHING_HIDDEN) -> Entry:
    """The whole object that goes, but for its status and what the server keeps in its metadata."""
    body = change.comparison.before if change.comparison else EMPTY
    shown = {field: value for field, value in body.items() if field not in ("metadata", "status")}
    meta = {field: value for field, value in as_map(body.get("metadata")).items() if field in _IDENTITY}
    return entry(change.key, {**shown, "metadata": meta}, None, hidden)


_IDENTITY = ("name", "namespace", "labels", "annotations")


def relabel_entry(change: Change, labels: Labels, hidden: HiddenFields = NOTHING_HIDDEN) -> Entry:
    """The two restore labels, nothing else."""
    before, after = _label_bodies(change.comparison, labels)
    return entry(change.key, before, after, hidden)


def update_entry(
    change: Change, desired: Body, labels: Labels | None = None, hidden: HiddenFields = NOTHING_HIDDEN
) -> Entry:
    """What the patch changes, and the restore labels when they are written too; `desired` is stripped.

    A Secret shows its other keys as well, as unchanged: else one could not tell them from keys that it lacks.
    """
    comparison = change.comparison
    if comparison is None:
        return entry(change.key, None, desired, hidden)
    before, after = comparison.before, apply(comparison.before, comparison.patch)
    if change.key.kind == "Secret":
        untouched = _untouched(desired, comparison.patch)
        before, after = apply(untouched, before), apply(untouched, after)
    if labels is not None:
        old, new = _label_bodies(comparison, labels)
        before, after = apply(before, old), apply(after, new)
    return entry(change.key, before, after, hidden)


def _label_bodies(comparison: Comparison | None, labels: Labels) -> tuple[Body, Body]:
    old = comparison.labels if comparison is not None else (None, None)
    changed = [row for row in zip((BACKUP_LABEL, RESTORE_LABEL), old, labels, strict=True) if row[1] != row[2]]
    before = {name: value for name, value, _after in changed}
    after = {name: value for name, _before, value in changed}
    return {"metadata": {"labels": before}}, {"metadata": {"labels": after}}


def _untouched(desired: Body, patch: Body) -> Body:
    """The Secret's data and annotations that the patch leaves alone."""
    meta, meta_patch = as_map(desired.get("metadata")), as_map(patch.get("metadata"))
    return {
        "data": _others(desired.get("data"), patch.get("data")),
        "metadata": {"annotations": _others(meta.get("annotations"), meta_patch.get("annotations"))},
    }


def _others(wanted: Any, patch: Any) -> Body:
    touched = as_map(patch)
    return {key: value for key, value in as_map(wanted).items() if key not in touched}


def within(entries: Iterator[Entry], limit_bytes: int, total: int | None = None) -> tuple[list[Entry], int]:
    """Whole entries, in order, as long as they fit as JSON, and how many more there are.

    With `total` the rest is not even asked for, so that a lazy iterator renders only what is shown.
    """
    kept: list[Entry] = []
    for candidate in entries:
        limit_bytes -= json_size(candidate)
        if limit_bytes < 0:
            return kept, (sum(1 for _entry in entries) + 1 if total is None else total - len(kept))
        kept.append(candidate)
    return kept, 0


def _text(body: Body | None) -> str:
    """YAML; what PyYAML leaves raw in a quoted text (it counts direction marks as printable) is escaped here."""
    shown = _shown(body or EMPTY)
    if not shown:
        return ""
    text = yaml.dump(shown, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=sys.maxsize)
    return "\n".join(map(printable, text.split("\n")))


_MAPS = ("metadata", "labels", "annotations")
"""Empty, they are what is left of ancestors."""


def _shown(body: Body) -> Body:
    """Without nulls (absent), and without the ancestors that only held nulls."""
    shown: Body = {}
    for key, value in body.items():
        inner = _shown(value) if isinstance(value, dict) else value
        if inner is not None and (inner or not isinstance(value, dict) or not (value or key in _MAPS)):
            shown[key] = inner
    return shown
