# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of whatever reads a backup; plugins/doc_fragments/backup_source.py describes them."""

from __future__ import annotations

from typing import Any

SOURCE_SPEC: dict[str, dict[str, Any]] = {
    "backup_file": {"type": "path", "required": True},
    "backup_name": {"type": "str"},
    "backup_metadata_file": {"type": "path"},
}
