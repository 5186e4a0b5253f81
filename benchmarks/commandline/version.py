"""``--version``: of the installed package, or of the checkout that runs."""

import importlib.metadata
import tomllib
from pathlib import Path

DISTRIBUTION = "multimodal-survival-benchmarks"
_PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def version() -> str:
    """Return the version; of a checkout that is not installed, that of its ``pyproject.toml``, and that it is one."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        number = tomllib.loads(_PYPROJECT.read_text())["project"]["version"]
        return f"{number} (a checkout, not installed)"
