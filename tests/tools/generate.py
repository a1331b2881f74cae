# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make generate`: writes the files of role restore that say again what its module's documentation says.

And the lines of the places that the page on the architecture names, the page on what each code means, and role awx's
objects as variable files.

What is written by hand (heads, examples, what only the role knows) is in the templates in tests/tools/restore.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".build/dev"
sys.path.insert(0, str(COLLECTIONS))

import aap_configuration  # noqa: E402 - see the path
import troubleshooting  # noqa: E402 - see the path
from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC  # noqa: E402
from ansible_collections.standby.velero.plugins.module_utils._options.info import INFO_SPEC  # noqa: E402
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC  # noqa: E402
from ansible_collections.standby.velero.plugins.module_utils._options.workloads import WORKLOADS_SPEC  # noqa: E402
from architecture import PAGE, with_lines  # noqa: E402 - see the path
from doc_markup import Rename, for_markdown, for_role  # noqa: E402 - see the path
from role_variables import Variable, variable_of, variables_of  # noqa: E402 - see the path

ROLE = "restore"
MODULE = "standby.velero.velero_restore"
TEMPLATES = ROOT / "tests/tools/restore"
COMMAND = "make generate"
WIDTH = 120
LONGEST_LINE = 160
"""That ansible-lint lets pass: one option a line is easier to read than three lines."""


def documented_options() -> dict[str, Any]:
    """The module's options as ansible-doc has them, what comes from doc fragments included."""
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--type", "module", "--json", MODULE]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    ours = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_CONFIG": str(ROOT / ".build/ansible.cfg")}
    done = subprocess.run(command, env=kept | ours, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "{}") if done.returncode == 0 else {}
    if MODULE not in found:
        raise RuntimeError(f"ansible-doc does not know {MODULE}: {done.stderr.strip()}")
    options: dict[str, Any] = found[MODULE]["doc"]["options"]
    return options


def generated() -> dict[Path, str]:
    """Every file that is made from the documentation, as it has to be; a template's path is that of its file."""
    variables = variables_of(ROLE, documented_options(), ARGUMENT_SPEC)
    templates = _templates()
    finding = [variable for variable in variables if variable.option in INFO_SPEC.keys() - {"report_path"}]
    waking = [variable for variable in variables if variable.option in WORKLOADS_SPEC]
    connecting = [variable for variable in variables if variable.option in AUTH_ARG_SPEC]
    kept = [variable.name for variable in variables if variable.name == variable.option]
    return {
        Path("roles", ROLE, name.removesuffix(".j2")): templates.get_template(name).render(
            variables=variables, finding=finding, waking=waking, connecting=connecting, kept=kept, command=COMMAND
        )
        for name in sorted(templates.list_templates())
    } | {
        PAGE: with_lines((ROOT / PAGE).read_text(encoding="utf-8")),
        troubleshooting.PAGE: troubleshooting.page(),
        **aap_configuration.variable_files(ROOT / "roles" / "awx", COMMAND),
    }


def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # no HTML is made
    )
    rename = partial(variable_of, role=ROLE)
    templates.filters.update(
        bullets=bullets,
        paragraphs=partial(paragraphs, rename=rename),
        markdown=partial(for_markdown, rename=rename),
        value=value,
        argument=argument,
        scalar=scalar,
    )
    return templates


def paragraphs(variable: Variable, rename: Rename) -> list[str]:
    """What the role's specification says: the meaning, and of what the specification cannot say the sort of value."""
    about = for_role(variable.about, rename, MODULE)
    default = f"by default V({variable.default})" if variable.default else ""
    sort = "" if variable.type != "raw" or variable.noun == "any" else variable.noun
    keys = _with(f"C({key})" for key in variable.keys)
    said = ", ".join(filter(None, (sort + keys, default)))
    return [about, f"{said[0].upper()}{said[1:]}."] if said else [about]


def value(variable: Variable) -> str:
    """What the variable takes, in Markdown."""
    if variable.choices:
        choices = (f"`{one}`{' (default)' if one == variable.default else ''}" for one in variable.choices)
        return ", ".join(choices)
    noun = variable.noun + _with(f"`{key}`" for key in variable.keys)
    default = f"default `{variable.default}`" if variable.default else ""
    return ", ".join(filter(None, (noun, "required" if variable.required else "", default)))


def _with(keys: Iterable[str]) -> str:
    names = ", ".join(keys)
    return f" with {names}" if names else ""


def argument(variable: Variable, indent: int) -> str:
    """The line by which the role hands on the variable, or what a role around it says, unless it is blank.

    A long line is folded.
    """
    chosen = f"[__{ROLE}_options.{variable.option} | default({variable.name})]"
    unless_blank = f"| reject('in', __{ROLE}_blank) | first | default({variable.blank})"
    line = f'{variable.option}: "{{{{ {chosen} {unless_blank} }}}}"'
    if indent + len(line) <= LONGEST_LINE:
        return " " * indent + line
    folded = (f"{variable.option}: >-", f"  {{{{ {chosen}", f"  {unless_blank} }}}}")
    return textwrap.indent("\n".join(folded), " " * indent)


def bullets(texts: Sequence[str], indent: int) -> str:
    """A YAML list of these texts, in lines that fit."""
    return "\n".join(_bullet(text, " " * indent) for text in texts)


def _bullet(text: str, indent: str) -> str:
    shown = scalar(text)
    return textwrap.fill(
        shown,
        WIDTH,
        initial_indent=f"{indent}- ",
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def scalar(text: str) -> str:
    """The text as YAML may have it, quoted only where it would mean something else."""
    try:
        plain = yaml.safe_load(f"- {text}") == [text]
    except yaml.YAMLError:
        plain = False
    return text if plain else "'" + text.replace("'", "''") + "'"


def stale(files: Mapping[Path, str], root: Path = ROOT) -> list[Path]:
    """Those of the generated files that do not stand as they have to be."""
    return [path for path, text in files.items() if not _stands(root / path, text)]


def _stands(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main() -> None:
    """Writes what is stale, and nothing else."""
    files = generated()
    for path in stale(files):
        (ROOT / path).write_text(files[path], encoding="utf-8")
        print(f"written: {path}")


if __name__ == "__main__":
    main()
