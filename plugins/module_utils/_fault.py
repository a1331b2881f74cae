# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fault of ours, told so that it can be found and no value is in it: an exception's text may quote an object."""

from __future__ import annotations

import traceback


def fault_in(module: str, error: BaseException) -> str:
    """Type and places of an unexpected exception, innermost last; never its text."""
    frames = [
        f"{frame.filename.rpartition('module_utils/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return f"fault in {module}: {' > '.join([*frames, type(error).__name__])}; please report it"
