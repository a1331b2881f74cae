# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user asked for in a restore, checked and with its defaults."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from .._compare.hidden import HiddenFields
from .._compare.ignored import Ignored
from .._decide.approval import ApprovedPlan
from .._decide.policies import Policies
from .._decide.preflight import Limits
from .._decide.privileged import PrivilegedObjects
from .._decide.prune import Pruning
from .._decide.recreatable import Recreation
from .._hold.hold import Hold
from .._keyed_digest import Keys
from .._kinds import NAMESPACES
from .._match.entries import in_full, unmatched_entries
from .._match.globs import unmatched_names
from .._match.short_names import Resolver
from .._modify.modifiers import Modifiers
from .._prepare.context import PrepareContext
from .._prepare.mapping import mapped
from .._readiness.finding import Accepted
from .._select.filter_policies import FilterPolicies
from .._select.filter_policy_warnings import policy_warnings
from .._select.filters import Filters
from .._source.places import SourceSettings
from .._values import BackupItem, Resource
from .recording import Recording


@dataclass(frozen=True)
class Settings:
    """A new option that names types or objects has a line in `resolved` and one in `unmatched`, and no other place."""

    source: SourceSettings
    backup_name: str
    """Empty until the newest of a schedule is found: see `named`."""
    restore_name: str
    """That of the backup unless told otherwise: see `named`."""
    policies: Policies
    filters: Filters
    filter_policies: FilterPolicies
    prepare: PrepareContext
    """Mappings, node ports and hooks; what the selection adds to them is not in yet."""
    modifiers: Modifiers
    status_included: tuple[str, ...] | None
    """None when no status is asked for."""
    status_excluded: tuple[str, ...]
    terminating_timeout: int
    """Seconds."""
    recreation: Recreation
    previous_file: str
    """Empty without an earlier backup to compare with."""
    previous_name: str
    privileged: PrivilegedObjects
    ignored: Ignored
    hidden: HiddenFields
    keep_hpa_replicas: bool
    compare: str
    """`full` or `fast`."""
    hold: Hold
    """What the target has of ours is not in yet."""
    delta: str
    pruning: Pruning
    limits: Limits
    allow_empty: bool
    approved: ApprovedPlan | None
    """None where no plan has to be approved."""
    approved_report: str
    """Path of the report of the approved plan; empty without one."""
    state_namespace: str
    state_keys: Keys
    """Without any what is kept there is not signed."""
    state_adopt: bool
    state_rebuild: bool
    lock_duration: int
    """Seconds."""
    lock_timeout: int
    """Seconds."""
    protect: bool
    protect_except: tuple[str, ...]
    skip_controlled: bool
    label_unchanged: bool
    run_timeout: float | None
    """Seconds; None for a run that may take as long as it takes."""
    fail_on: str
    concurrency: int
    recording: Recording
    readiness: bool
    readiness_accepted: Accepted
    report_path: str
    """Empty when no report is asked for."""
    dry_run: bool
    diff: bool

    def named(self, backup_name: str) -> Settings:
        """With the name of the backup that the source gave, which a restore without a name of its own bears too."""
        nameless = self.restore_name in ("", self.backup_name)
        return replace(self, backup_name=backup_name, restore_name=backup_name if nameless else self.restore_name)

    def resolved(self, resolve: Resolver) -> Settings:
        """With every name of a type in full: short names and singulars are the target's to know."""
        status = self.status_included
        return replace(
            self,
            filters=self.filters.resolved(resolve),
            filter_policies=self.filter_policies.resolved(resolve.types),
            policies=self.policies.resolved(resolve),
            recreation=self.recreation.resolved(resolve),
            pruning=self.pruning.resolved(resolve),
            ignored=self.ignored.resolved(resolve),
            privileged=self.privileged.resolved(resolve),
            hold=self.hold.resolved(resolve),
            protect_except=in_full(self.protect_except, resolve),
            status_included=None if status is None else tuple(map(resolve, status)),
            status_excluded=tuple(map(resolve, self.status_excluded)),
        )

    def unmatched(self, items: Collection[BackupItem], served: Iterable[str]) -> Iterator[str]:
        """A sentence for each name that matches nothing in the backup: a slip, and then the option has no effect.

        `served` are the types of the target: what a prune may delete need not be in the backup any more.
        """
        resources = {item.resource for item in items}
        known = resources.union(served)
        yield from self.filters.unmatched(items, known)
        namespaces = {item.key.name if item.resource == NAMESPACES else item.key.namespace for item in items}
        yield from unmatched_names("namespace_mapping", self.prepare.namespace_mapping, namespaces)
        yield from self.filter_policies.unmatched(items)
        yield from self.policies.unmatched(items)
        yield from self.ignored.unmatched(resources)
        yield from self.privileged.unmatched(known)
        for option, names in (
            ("restore_status.included_resources", self.status_included or ()),
            ("restore_status.excluded_resources", self.status_excluded),
        ):
            yield from unmatched_names(option, names, resources)
        yield from unmatched_entries("protect_except", self.protect_except, items)
        remapped = [mapped(item, self.prepare.namespace_mapping) for item in items]
        yield from unmatched_entries("recreate_allow", self.recreation.allow, remapped)
        yield from self.hold.unmatched(remapped, known)
        types = (entry.partition("/")[0] for entry in self.pruning.allow)
        yield from unmatched_names("prune_allow", types, known)

    def ineffective(self, items: Iterable[BackupItem], served: Iterable[Resource]) -> Iterator[str]:
        """A sentence for each name that has no effect although it matches; `served` is in the target's order."""
        yield from policy_warnings(self.filter_policies, self.filters, served, items)

    @property
    def selection_id(self) -> str:
        """Stands for what a restore selects and where it puts it, in the user's words; equal for equal options."""
        filters = self.filters
        said = {
            "included_namespaces": sorted(filters.included_namespaces),
            "excluded_namespaces": sorted(filters.excluded_namespaces),
            "included_resources": sorted(filters.included_resources),
            "excluded_resources": sorted(filters.excluded_resources),
            "include_cluster_resources": filters.include_cluster_resources,
            "label_selector": filters.label_selector or None,
            "or_label_selectors": filters.or_label_selectors or None,
            "namespace_mapping": self.prepare.namespace_mapping,
            "protect": [self.protect, sorted(self.protect_except)],
            "skip_controlled": self.skip_controlled,
        }
        if self.filter_policies:  # without them the text is what it was before there were any
            said["resource_policies"] = self.filter_policies.said
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
