# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault of ours, told so that it can be found and no value is in it: an exception's text may quote an object."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from ._errors import RestoreError

Given = TypeVar("Given")


def fault_in(module: str, error: BaseException) -> str:
    """Type and places of an unexpected exception, innermost last; never its text."""
    frames = [
        f"{frame.filename.rpartition('module_utils/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return f"fault in {module}: {' > '.join([*frames, type(error).__name__])}; please report it"


def shielded(step: Callable[[], Given], otherwise: Given) -> tuple[Given, tuple[str, ...]]:
    """What a step gives that comes after the first write; `otherwise` and a sentence when it fails.

    The results of thousands of writes are not lost for it.
    """
    try:
        return step(), ()
    except RestoreError as error:
        return otherwise, (str(error),)
    except Exception as error:  # noqa: BLE001 - a fault of ours
        return otherwise, (fault_in("velero_restore", error),)
