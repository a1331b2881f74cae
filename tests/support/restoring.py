# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a restore in the test's own process: the module without AnsibleModule around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._flow import restore
from ansible_collections.standby.velero.plugins.module_utils._options import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult

GOLDEN = Path(__file__).parents[1] / "golden"
BACKUP_02 = GOLDEN / "store/backups/hourly-20261124020000/hourly-20261124020000.tar.gz"
BACKUP_03 = GOLDEN / "store/backups/hourly-20261124030000/hourly-20261124030000.tar.gz"


@dataclass
class Module:
    """What the connection options are read from."""

    params: dict[str, Any]


def run_restore(
    kubeconfig: Path, backup_file: Path = BACKUP_02, *, check: bool = False, diff: bool = False, **options: Any
) -> Run:
    """The run of one restore with the module's own defaults."""
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"kubeconfig": str(kubeconfig), "backup_file": str(backup_file), **options}
    settings = settings_of(params, check, diff)
    return restore(settings, connect(Module(params), settings.concurrency), tmpdir="")


def by_place(run: Run) -> dict[tuple[str, str, str], ObjectResult]:
    """Results by (kind, namespace, name)."""
    return {(result.key.kind, result.key.namespace, result.key.name): result for result in run.results}
