"""The adapters of the top-level folder ``datasets/``, under a name that shadows no other package."""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2] / "datasets")]
