"""A page for each verb of the command line, made of what ``--help`` says."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from benchmarks.commandline.app import MODULE, VERBS
from benchmarks.commandline.app import app as command_line
from extensions.markdown import page, plain, table, toctree, write_pages

# Where options stand that no heading of the help holds.
OTHERS = "Options"

# What an option takes that may be given several times.
_SEVERAL = re.compile(r"<list\[(\w+)\]>")


def command_pages() -> dict[str, str]:
    """Return the pages by name: one a verb, and the index."""
    root = get_command(command_line)
    context = root.make_context(MODULE, [], resilient_parsing=True)
    pages = {}
    rows = []
    for name in VERBS:
        verb: Any = root.get_command(context, name)  # type: ignore[attr-defined]
        pages[name] = page(f"# `{name}`", *_described(verb, f"{MODULE} {name}", level=2))
        rows.append((f"[`{name}`]({name}.md)", plain(_help(verb).partition("\n\n")[0])))
    intro = (
        f"`{MODULE} VERB`, or `survival-benchmarks VERB` where the package is installed. `-h` after any verb shows "
        "what stands here; `survival-benchmarks --install-completion` completes verbs and options in your shell.\n\n"
        "Exit code 0: all cells are ok or were skipped; 1: some failed, and are rows of the table; 2: bad usage or bad "
        "input, told in one line; 130: interrupted. Every verb that prints a result has `--json`."
    )
    pages["index"] = page("# Commands", intro, table(("verb", "what it does"), rows), toctree(VERBS))
    return pages


def _described(command: TyperCommand | TyperGroup, call: str, *, level: int) -> list[str]:
    """Return the blocks that describe a command; of a group, each of its commands under a heading."""
    context = command.context_class(command, info_name=call)
    blocks = [plain(_help(command)), f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```"]
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            inner: Any = command.get_command(context, name)
            blocks += [f"{'#' * level} `{name}`", *_described(inner, f"{call} {name}", level=level + 1)]
        return blocks
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or parameter.name == "help":
            continue
        heading = getattr(parameter, "rich_help_panel", None)
        heading = heading or ("Arguments" if parameter.param_type_name == "argument" else OTHERS)
        # A bar would end the cell of the table, within code, too.
        usage = _SEVERAL.sub(r"<\1> ...", record[0]).replace("|", "\\|")
        panels.setdefault(heading, []).append((f"`{usage}`", plain(record[1])))
    for heading, rows in panels.items():
        blocks.append(f"{'#' * level} {heading}" if level == 2 else f"**{heading}**")
        blocks.append(table(("option" if heading != "Arguments" else "argument", "meaning"), rows))
    return blocks


def _help(command: TyperCommand | TyperGroup) -> str:
    return (command.help or "").strip()


def _write(app: Sphinx) -> None:
    write_pages(Path(app.srcdir) / "generated" / "commands", command_pages())


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx looks for them."""
    app.connect("config-inited", lambda app, _: _write(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
