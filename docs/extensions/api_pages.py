"""A page for each public module: what it is, and a page for each of its functions and classes."""

import importlib
import inspect
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from extensions.markdown import page, write_pages

# Module, and what its page is called.
MODULES = {
    "metrics": "Metrics",
    "benchmarks.types": "Types that methods and datasets share",
    "leaderboards.statistics": "Statistics of comparison",
}


def api_pages() -> dict[str, str]:
    """Return the pages by name."""
    return {module: _module_page(module, title) for module, title in MODULES.items()}


def _module_page(name: str, title: str) -> str:
    module = importlib.import_module(name)
    public = [getattr(module, member) for member in module.__all__]
    functions = [one.__name__ for one in public if inspect.isfunction(one)]
    classes = [one.__name__ for one in public if inspect.isclass(one)]
    return page(
        f"# {title}: `{name}`",
        f"```{{eval-rst}}\n.. py:module:: {name}\n\n.. currentmodule:: {name}\n\n{inspect.getdoc(module)}\n```",
        "## Functions",
        _summary(name, functions),
        "## Classes",
        _summary(name, classes),
    )


def _summary(module: str, names: list[str]) -> str:
    options = f"   :toctree: {module}\n   :nosignatures:"
    lines = "\n".join(f"   {name}" for name in names)
    return f"```{{eval-rst}}\n.. currentmodule:: {module}\n.. autosummary::\n{options}\n\n{lines}\n```"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx, and autosummary, look for them."""
    app.connect("config-inited", lambda app, _: write_pages(Path(app.srcdir) / "generated" / "api", api_pages()))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
