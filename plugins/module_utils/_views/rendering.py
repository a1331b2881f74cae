# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views out of templates: Jinja in a sandbox of its own, which escapes every value for the view.

Ansible's templating has no part in it: what stands in braces in the name of an object is never evaluated.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from .._errors import RestoreError
from .escapes import Finalize, as_html, as_markdown, as_metric

try:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup
except ImportError:
    HAS_JINJA = False
else:
    HAS_JINJA = True

STYLE = "page.css"
TEMPLATES = {"html": "page.html.j2", "markdown": "summary.md.j2", "prometheus": "metrics.prom.j2"}
"""By view."""
_ESCAPES: dict[str, Finalize] = {"html": as_html, "markdown": as_markdown, "prometheus": as_metric}


class TemplateProblem(RestoreError):
    """A template that cannot be rendered; the text names it and, where that is known, the line."""


def rendered(view: str, values: Mapping[str, Any], templates: Mapping[str, str]) -> str:
    """The view of these values; `templates` are texts by name."""
    name = TEMPLATES[view]
    style = templates.get(STYLE, "")
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.DictLoader(dict(templates)),
        autoescape=True,  # for Markdown and metrics too: what `finalize` has escaped is Markup, and left as it is
        finalize=_ESCAPES[view],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    try:
        return environment.get_template(name).render(values, style=Markup(style), style_hash=_digest(style))
    except jinja2.TemplateError as error:
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise TemplateProblem(f"template {name}{line}: {type(error).__name__}: {error.message}") from error


def _digest(style: str) -> str:
    """By it the page's policy allows this one style and no other."""
    return b64encode(sha256(style.encode()).digest()).decode()
