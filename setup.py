"""Packages of the wheel and the data files in them; everything else is in pyproject.toml."""

from setuptools import find_namespace_packages, find_packages, setup

# The rooms of `datasets/` are installed below `benchmarks.datasets` (see [tool.setuptools.package-dir]).
OURS = ("benchmarks", "leaderboards", "methods", "metrics")
PACKAGES = [
    *find_namespace_packages(include=[pattern for name in OURS for pattern in (name, f"{name}.*")]),
    *(f"benchmarks.datasets.{room}" for room in find_packages("datasets")),
]

# What a method or an adapter may read beside its code: prompts, templates, knowledge texts, tables. A file of another
# kind is left out, and tests/packaging/test_wheel.py says so. The references of `leaderboards/` stay out.
DATA_FILES = ["*.txt", "*.md", "*.json", "*.jsonl", "*.csv", "*.tsv", "*.jinja", "*.yaml", "*.safetensors"]
READERS = ("methods", "benchmarks.datasets")

# What the HTML page of boards is made of.
PAGE_FILES = ["*.jinja", "*.css", "scripts/*.js", "vendor/*.js", "vendor/*.txt", "vendor/*.toml"]
setup(
    packages=PACKAGES,
    package_data={
        "": ["*.toml", "py.typed"],
        "leaderboards.pages.html": PAGE_FILES,
        **{name: DATA_FILES for name in PACKAGES if f"{name}.".startswith(tuple(f"{top}." for top in READERS))},
    },
)
