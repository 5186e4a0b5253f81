"""A page for each public module: what it is, a list of its functions and classes, and what their docstrings say."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from extensions.markdown import page, write_pages


def api_pages() -> dict[str, str]:
    """Return the pages by name."""
    return {
        "metrics": _module_page("metrics", "Functions of the metrics", _on_pages_of_their_own),
        "benchmarks.types": _module_page("benchmarks.types", "Types that methods and datasets share", _on_this_page),
        "leaderboards.statistics": _module_page("leaderboards.statistics", "Statistics of comparison", _on_this_page),
    }


@dataclass(frozen=True, slots=True)
class _Members:
    """Functions or classes of a module, by name."""

    module: str
    directive: str
    names: list[str]


def _module_page(name: str, title: str, shown: Callable[[_Members], str]) -> str:
    module = importlib.import_module(name)
    public = [getattr(module, member) for member in module.__all__]
    functions = _Members(name, "autofunction", [one.__name__ for one in public if inspect.isfunction(one)])
    classes = _Members(name, "autoclass", [one.__name__ for one in public if inspect.isclass(one)])
    # First what the module is mostly made of.
    sections = [f"## Functions\n\n{shown(functions)}", f"## Classes\n\n{shown(classes)}"]
    sections = sections[::-1] if len(classes.names) > len(functions.names) else sections
    return page(
        f"# {title}: `{name}`",
        _rst(f".. py:module:: {name}\n\n.. currentmodule:: {name}\n\n{inspect.getdoc(module)}"),
        *sections,
    )


def _on_pages_of_their_own(members: _Members) -> str:
    return _rst(_list(members, f"   :toctree: {members.module}\n"))


def _on_this_page(members: _Members) -> str:
    options = "\n   :members:" if members.directive == "autoclass" else ""
    entries = "\n\n".join(f".. {members.directive}:: {name}{options}" for name in members.names)
    return _rst(f"{_list(members)}\n\n.. highlight:: python\n\n{entries}")


def _list(members: _Members, option: str = "") -> str:
    names = "\n".join(f"   {name}" for name in members.names)
    return f".. currentmodule:: {members.module}\n\n.. autosummary::\n{option}   :nosignatures:\n\n{names}"


def _rst(text: str) -> str:
    return f"```{{eval-rst}}\n{text}\n```"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx, and autosummary, look for them."""
    app.connect("config-inited", lambda app, _: write_pages(Path(app.srcdir) / "generated" / "api", api_pages()))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
