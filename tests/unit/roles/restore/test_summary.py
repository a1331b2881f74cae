# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role prints, line by line, out of results as the module returns them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

ROLE = Path(__file__).parents[4] / "roles" / "restore"
Body = dict[str, Any]

COUNTS = dict.fromkeys(
    (
        "total",
        "created",
        "updated",
        "relabelled",
        "recreated",
        "deleted",
        "deleting",
        "unchanged",
        "skipped",
        "failed",
        "unverified",
    ),
    0,
)
RUN = {
    "name": "hourly-03",
    "backup_name": "hourly-03",
    "existing_resource_policy": "update",
    "phase": "Completed",
    "in_sync": True,
    "check_mode": False,
}


TARGET = {"server": "https://192.0.2.7:6443", "context": "standby"}


def entry(name: str, reason: str = "", message: str = "", **more: Any) -> Body:
    """One of `objects`, `privileged` or `delta.objects`."""
    return {
        "group": "",
        "kind": "ConfigMap",
        "namespace": "shop",
        "name": name,
        "reason": reason,
        "message": message,
    } | more


def printed(check_mode: bool = False, report_path: str = "", **result: Any) -> list[str]:
    """The lines, as ansible.builtin.template makes them: block tags take their line's end along."""
    templates = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)
    told = {**result.pop("restore", RUN), "check_mode": check_mode}
    result = {"restore": told, "target": TARGET, "counts": COUNTS, "objects": [], "report_path": report_path} | result
    text = templates.from_string((ROLE / "templates/summary.txt.j2").read_text(encoding="utf-8")).render(
        restore_result=result,
        **yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8")),
    )
    return text.splitlines()


def delta(*objects: Body, stops: tuple[Body, ...] = (), total: int | None = None) -> Body:
    """The section as the module returns it."""
    return {
        "mode": "prune",
        "previous_backup": "hourly-02",
        "objects": list(objects),
        "total": len(objects) if total is None else total,
        "truncated": False,
        "stopped_by": list(stops),
    }


def test_a_run_is_told_in_three_lines_when_nothing_is_to_be_said_of_an_object() -> None:
    assert printed(counts=COUNTS | {"total": 3, "unchanged": 2, "relabelled": 1, "unverified": 1}) == [
        "Restore hourly-03 of backup hourly-03 onto standby at https://192.0.2.7:6443, policy update",
        "Completed, in sync",
        "total=3 created=0 updated=0 relabelled=1 recreated=0 deleted=0 deleting=0"
        " unchanged=2 skipped=0 failed=0 unverified=1",
    ]


def test_a_target_without_a_context_is_named_by_its_server() -> None:
    first, *_rest = printed(target=TARGET | {"context": ""})
    assert first == "Restore hourly-03 of backup hourly-03 onto https://192.0.2.7:6443, policy update"


def test_what_was_left_alone_is_told_by_reason() -> None:
    skips = {"has_controller": 14, "protected": 6}
    assert printed(skips=skips, counts=COUNTS | {"skipped": 20})[3:] == ["skipped: has_controller=14 protected=6"]


def test_veleros_own_types_are_nobodys_news() -> None:
    binding = entry("deployers", kind="ClusterRoleBinding", namespace="", outcome="created", new=["Group deployers"])
    own = entry("backups.velero.io", kind="CustomResourceDefinition", namespace="", outcome="created", new=[])
    told = {"privileged": [binding, own], "privileged_total": 14, "privileged_velero": 13}
    assert printed(**told)[3:] == [
        "privileged objects new, changed or held back: 1",
        "created: ClusterRoleBinding deployers",
        "  Group deployers",
    ]
    assert printed(privileged=[own], privileged_total=1, privileged_velero=1)[3:] == []


def test_check_mode_says_that_nothing_was_written() -> None:
    first, second, *_rest = printed(check_mode=True, restore=RUN | {"phase": "PartiallyFailed", "in_sync": False})
    assert first.endswith(" onto standby at https://192.0.2.7:6443, policy update, check mode: nothing was written")
    assert second == "PartiallyFailed, NOT in sync"


def test_a_name_that_matches_nothing_is_told_before_all_objects() -> None:
    text = "included_namespaces: 'shopp' matches nothing in the backup"
    assert printed(unmatched=[text], objects=[entry("a", outcome="created")], counts=COUNTS | {"created": 1})[3:] == [
        f"no effect: {text}",
        "created: ConfigMap shop/a",
    ]


SAID = "ConfigMap shop/a says why"


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (entry("a", "refused", SAID, outcome="failed"), f"failed: ConfigMap shop/a: refused: {SAID}"),
        (entry("a", outcome="created"), "created: ConfigMap shop/a"),
        (entry("a", "unverified", SAID, outcome="created"), "created: ConfigMap shop/a: unverified"),
        (entry("a", outcome="updated", changed_by="standby"), "updated: ConfigMap shop/a (changed on the standby)"),
        (entry("a", message=SAID, outcome="recreated"), f"recreated: ConfigMap shop/a: {SAID}"),
        (entry("a", "exists_different", SAID, outcome="skipped"), f"left alone: ConfigMap shop/a: {SAID}"),
        (entry("a", group="apps", kind="Deployment", outcome="created"), "created: Deployment.apps shop/a"),
        (entry("a", namespace="", kind="Namespace", outcome="created"), "created: Namespace a"),
    ],
)
def test_an_object_is_told_with_its_code(one: Body, line: str) -> None:
    counts = COUNTS | {one["outcome"]: 1}
    assert printed(objects=[one], counts=counts)[3:] == [line]


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        (entry("a", action="deleted"), ["would be deleted: ConfigMap shop/a", "deleted: ConfigMap shop/a"]),
        (entry("a", "not_named", SAID, action="kept"), [f"kept: ConfigMap shop/a: not_named: {SAID}"] * 2),
        (entry("a", action="kept"), ["kept: ConfigMap shop/a"] * 2),
        (
            entry("a", "deletion_blocked", SAID, action="deleting"),
            [f"{would}deleting: ConfigMap shop/a: deletion_blocked: {SAID}" for would in ("would be ", "")],
        ),
    ],
)
def test_a_stale_object_is_told_with_code_and_message(one: Body, lines: list[str]) -> None:
    head = "restored before and no longer in this backup: 1"
    assert [printed(check_mode=check, delta=delta(one))[3:] for check in (True, False)] == [
        [head, line] for line in lines
    ]


def test_whatever_stops_the_deletions_is_told_with_code_and_message() -> None:
    stops = (
        {"reason": "no_schedule", "message": "these backups are of no schedule"},
        {"reason": "over_count", "message": "more objects are stale than prune_max_count: 14 of at most 10"},
    )
    assert printed(delta=delta(entry("a", action="kept"), stops=stops, total=14), report_path="/tmp/report.json")[
        3:
    ] == [
        "restored before and no longer in this backup: 14",
        "nothing is deleted: no_schedule: these backups are of no schedule",
        "nothing is deleted: over_count: more objects are stale than prune_max_count: 14 of at most 10",
        "kept: ConfigMap shop/a",
        "and 13 more in /tmp/report.json",
    ]


def table(*rows: Body, total: int | None = None, **totals: int) -> Body:
    """The section as the module returns it."""
    counted = {"delete": 0, "update": 0, "recreate": 0, "create": 0} | totals
    return {
        "backup": "hourly-02",
        "totals": counted,
        "total": sum(counted.values()) if total is None else total,
        "truncated": False,
        "objects": list(rows),
    }


def test_deletions_and_updates_since_the_last_backup_are_one_table() -> None:
    rows = (
        entry("p1", kind="Pod", action="delete", outcome="deleted", restored_by="hourly-02"),
        entry("old", "not_named", SAID, action="delete", outcome="kept", restored_by="hourly-01"),
        entry("p2", kind="Pod", action="update", outcome="updated", changed_by="production"),
        entry("p3", "refused", SAID, kind="Pod", action="update", outcome="failed", changed_by="standby"),
        entry("new", action="create", outcome="created"),
    )
    stops = ({"reason": "over_count", "message": "more objects are stale than prune_max_count"},)
    found = {
        "delta": delta(*rows[:2], stops=stops),
        "since_last_backup": table(*rows, delete=2, update=2, create=4),
        "objects": [entry("new", outcome="created"), entry("p2", kind="Pod", outcome="updated")],
        "counts": COUNTS | {"created": 4, "updated": 1},
    }
    assert [printed(check_mode=check, **found)[3:] for check in (True, False)] == [
        [
            "since hourly-02 was restored: delete 2, update 2, create 4",
            "nothing is deleted: over_count: more objects are stale than prune_max_count",
            f"delete: Pod shop/p1 (restored from hourly-02): {would}deleted",
            f"delete: ConfigMap shop/old (restored from hourly-01): kept: not_named: {SAID}",
            f"update: Pod shop/p2 (changed in production): {would}updated",
            "update: Pod shop/p3 (changed on the standby): failed: refused",
            f"create: ConfigMap shop/new: {would}created",
            "and 3 more",
        ]
        for would in ("would be ", "")
    ]


def test_a_table_without_rows_says_so() -> None:
    assert printed(delta=delta(), since_last_backup=table())[3:] == ["since hourly-02 was restored: nothing"]


def test_without_an_earlier_backup_there_is_no_table() -> None:
    found = entry("a", action="kept", restored_by="hourly-01")
    assert printed(delta=delta(found) | {"previous_backup": ""})[3:] == [
        "restored before and no longer in this backup: 1",
        "kept: ConfigMap shop/a (restored from hourly-01)",
    ]


def test_a_privileged_object_is_told_with_what_it_brings() -> None:
    brings = entry("admins", kind="ClusterRoleBinding", namespace="", outcome="created", new=["Group deployers"])
    held = entry("guard", "privileged", kind="ClusterRole", namespace="", outcome="skipped", new=[])
    assert printed(check_mode=True, privileged=[brings, held], privileged_total=3)[3:] == [
        "privileged objects new, changed or held back: 3",
        "would be created: ClusterRoleBinding admins",
        "  Group deployers",
        "skipped: ClusterRole guard: privileged",
        "and 1 more",
    ]


def test_no_more_than_twenty_of_a_sort_are_named() -> None:
    objects = [entry(f"a-{number:02}", outcome="created") for number in range(25)]
    lines = printed(objects=objects, counts=COUNTS | {"created": 25})[3:]
    assert len(lines) == 21
    assert lines[-1] == "and 5 more"


def test_braces_in_a_name_are_text() -> None:
    assert "created: ConfigMap shop/{{ 1 + 1 }}" in printed(
        objects=[entry("{{ 1 + 1 }}", outcome="created")], counts=COUNTS | {"created": 1}
    )
