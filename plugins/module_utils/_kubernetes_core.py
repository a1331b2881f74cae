# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that comes from collection kubernetes.core; where it is not installed, that is told in a sentence.

ansible-core packs what a module imports before it starts it, and refuses a module whose imports it cannot find; those
within `try` may be missing.
"""

from __future__ import annotations

from typing import Any

try:
    from ansible_collections.kubernetes.core.plugins.module_utils import args_common
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s import client
except ImportError:
    args_common = client = None

MISSING = (
    ""
    if args_common
    else "collection kubernetes.core is not installed, which standby.velero takes its connection options from: "
    "ansible-galaxy collection install 'kubernetes.core:>=6.0.0'"
)
"""What to do about a collection that is not there; empty when it is."""

AUTH_ARG_SPEC: dict[str, Any] = args_common.AUTH_ARG_SPEC if args_common else {}
AUTH_ARG_MAP: dict[str, str] = args_common.AUTH_ARG_MAP if args_common else {}
core: Any = client
"""What makes a client of options, environment and kubeconfig."""
