"""Packages of the wheel; everything else is in pyproject.toml."""

from setuptools import find_namespace_packages, find_packages, setup

# The rooms of `datasets/` are installed below `benchmarks.datasets` (see [tool.setuptools.package-dir]).
OURS = ("benchmarks", "leaderboards", "methods", "metrics")
setup(
    packages=[
        *find_namespace_packages(include=[pattern for name in OURS for pattern in (name, f"{name}.*")]),
        *(f"benchmarks.datasets.{room}" for room in find_packages("datasets")),
    ]
)
