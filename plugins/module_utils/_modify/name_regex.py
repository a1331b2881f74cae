# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""resourceNameRegex: a search in an object's name, written for Go's RE2 and run by Python's re.

The two agree on what is let through here; anything else is refused rather than understood differently (look-around,
back references, \\p and POSIX classes, flags inside). RE2 takes linear time whatever the name; Python does not, and
names come out of a backup that nobody has checked: a repeated group may hold no repetition and no alternative.
"""

from __future__ import annotations

import re

LONGEST = 1000

_TOKEN = re.compile(
    r"""
      (?P<escape>\\.)
    | (?P<class>\[\^?\]?(?:[^\]\\]|\\.)*\])
    | (?P<group>\((?:\?(?:P<[A-Za-z_]\w*>|[ims]*:))?(?!\?))
    | (?P<close>\))
    | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?]))
    | (?P<or>\|)
    | (?P<plain>[^\\\[\](){}*+?|]|\](?!\])|[{}](?!,?\d))
    """,
    re.VERBOSE | re.DOTALL,
)
_FLAGS = re.compile(r"\(\?[ims]+\)")
_SAME_ESCAPE = re.compile(r"\\[dDwWsSbBAfnrtv\W_]")
_CLASS_ESCAPE = re.compile(r"\\(?![dDwWsSfnrtv\W_])")
_CLASS_TRAPS = ("[:", "[.", "[=", "--", "&&", "||", "~~", "[[")


def compile_name_regex(pattern: str) -> re.Pattern[str]:
    """For `search`. Raises ValueError with what is refused and why."""
    if len(pattern) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    flags = _FLAGS.match(pattern)
    start = flags.end() if flags else 0
    try:
        return re.compile(pattern[:start] + _checked(pattern, start), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no regular expression: {getattr(error, 'msg', 'it is too large')}") from None


def _checked(pattern: str, position: int) -> str:
    """The rest of the pattern in Python's spelling."""
    translated = []
    busy = [False]  # for each open group: whether it holds a repetition or an alternative
    closed: bool | None = None  # the same of a group that has just been closed
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            raise ValueError(f"position {position + 1}: not understood alike by Go and Python, or not at all")
        position = token.end()
        translated.append(_spelled(token))
        if token["repeat"] and closed and token[0] != "?":
            raise ValueError(f"position {position}: a group that repeats may hold no repetition and no alternative")
        closed = busy.pop() if token["close"] and len(busy) > 1 else None
        if token["group"]:
            busy.append(False)
        elif token["repeat"] or token["or"] or closed:
            busy[-1] = True
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
