# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""resourceNameRegex: a search in an object's name, written for Go's RE2.

What Go and Python do not understand alike is refused rather than understood differently (look-around, back references,
\\p and POSIX classes, flags inside). As in RE2 the time grows with the name and no faster: see `_match/linear.py`.
"""

from __future__ import annotations

import re

from .._match.linear import TOKEN, Linear

LONGEST = 1000

_FLAGS = re.compile(r"\(\?[ims]+\)")
_SAME_ESCAPE = re.compile(r"\\[dDwWsSbBAfnrtv\W_]")
_CLASS_ESCAPE = re.compile(r"\\(?![dDwWsSfnrtv\W_])")
_CLASS_TRAPS = ("[:", "[.", "[=", "--", "&&", "||", "~~", "[[")


def compile_name_regex(pattern: str) -> Linear:
    """For `search`. Raises ValueError with what is refused and why."""
    if len(pattern) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    flags = _FLAGS.match(pattern)
    start = flags.end() if flags else 0
    spelled = _checked(pattern, start)
    try:
        python = re.compile(pattern[:start] + spelled, re.ASCII)
        return Linear(spelled, re.RegexFlag(python.flags))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no regular expression: {getattr(error, 'msg', 'it is too large')}") from None


def _checked(pattern: str, position: int) -> str:
    """The rest of the pattern in Python's spelling."""
    translated = []
    while position < len(pattern):
        token = TOKEN.match(pattern, position)
        if token is None:
            raise ValueError(f"position {position + 1}: not understood alike by Go and Python, or not at all")
        position = token.end()
        translated.append(_spelled(token))
    return "".join(translated)


def _spelled(token: re.Match[str]) -> str:
    text = token[0]
    if text == "\\z":
        return "\\Z"
    if token["escape"] and not _SAME_ESCAPE.fullmatch(text):
        raise ValueError(f"{text} is not supported")
    content = token["class"]
    if content and (_CLASS_ESCAPE.search(content) or any(trap in content[1:] for trap in _CLASS_TRAPS)):
        raise ValueError(f"{content} is not supported")
    return text
