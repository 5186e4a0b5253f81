"""Where an imported module comes from: Python itself, an installed copy with a version, or source."""

import importlib.metadata
import importlib.util
import platform
import site
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

Origin = Literal["python", "installed", "source", "missing"]


@cache
def origin_of(top: str) -> Origin:
    """Return where a top-level module comes from; it is looked for, not imported.

    ``"installed"`` is a copy that an installer made: its version stands for its code. ``"source"`` is all else that can
    be found, and may be edited from one run to the next: a module in the current folder or on ``PYTHONPATH``, and a
    package that is installed editable (``pip install -e``), whose version stays when its code changes.
    """
    places = [place for place in _places(top) if place.exists()]
    if not places:
        return "python" if top in sys.stdlib_module_names else "missing"
    if top in sys.stdlib_module_names and all(_in_standard_library(place) for place in places):
        return "python"
    folders = _folders_of_copies(top)
    copied = all(any(place.is_relative_to(folder) for folder in folders) for place in places)
    return "installed" if copied else "source"


def versions_of(tops: Iterable[str]) -> dict[str, str]:
    """Return the versions of the distributions that bring some top-level modules, and Python's."""
    versions = {"python": platform.python_version()}
    for top in sorted(tops):
        for distribution in _distributions().get(top, []):
            versions[distribution] = importlib.metadata.version(distribution)
    return versions


def _places(top: str) -> list[Path]:
    """Return the file of a top-level module, or the folders of a package without ``__init__.py``; no symbolic link."""
    try:
        spec = importlib.util.find_spec(top)
    except (ModuleNotFoundError, ValueError):
        return []
    if spec is None:
        return []
    found = [spec.origin] if spec.origin is not None else [*(spec.submodule_search_locations or [])]
    return [Path(place).resolve() for place in found]


def _in_standard_library(place: Path) -> bool:
    paths = sysconfig.get_paths()
    standard = any(place.is_relative_to(Path(paths[name]).resolve()) for name in ("stdlib", "platstdlib"))
    return standard and not any(place.is_relative_to(folder) for folder in _site_folders())


def _folders_of_copies(top: str) -> list[Path]:
    """Return the folders into which the distributions of a top-level module were copied.

    That of an editable one holds a pointer to the source, which lies elsewhere. The metadata of a source folder
    (``*.egg-info`` beside the code) is no copy: it has no list of files that were installed and lies in no folder for
    installed packages.
    """
    return [
        folder
        for name in _distributions().get(top, [])
        for distribution in importlib.metadata.distributions(name=name)
        for folder in [Path(str(distribution.locate_file(""))).resolve()]
        if distribution.read_text("RECORD") is not None or folder in _site_folders()
    ]


@cache
def _site_folders() -> frozenset[Path]:
    paths = sysconfig.get_paths()
    folders = [paths["purelib"], paths["platlib"], *site.getsitepackages(), site.getusersitepackages()]
    return frozenset(Path(folder).resolve() for folder in folders)


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())
