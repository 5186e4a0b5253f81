"""Settings of the documentation site; ``tox run -e docs`` builds it, and a warning is an error."""

import importlib.metadata
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

project = "Multimodal Survival Benchmarks"
author = copyright = "Multimodal Survival Benchmarks developers"  # noqa: A001  # 2026-11-26: Sphinx calls it so
release = importlib.metadata.version("multimodal-survival-benchmarks")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "extensions.api_pages",
    "extensions.card_pages",
    "extensions.command_pages",
    "extensions.mathml",
    "extensions.metric_links",
    "extensions.root_files",
]
exclude_patterns = ["_build", "examples", "extensions"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
highlight_language = "text"
smartquotes = False  # they make a dash of the two hyphens of an option

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types with shapes and units
numpydoc_show_class_members = False
