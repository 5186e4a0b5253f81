"""Keep our folder ``datasets/`` from passing for Hugging Face's package of that name.

A folder without ``__init__.py`` on the module search path counts as a namespace package. Where Hugging Face's
package is installed, it wins; where it is not, ``transformers`` would find ours, believe theirs to be there, and fail
in its Trainer.
So, in every process that imports this suite from a checkout, a search of the checkout for ``datasets`` finds nothing.
"""

import importlib.machinery as machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

ROOT = str(Path(__file__).resolve().parents[1])


class _WithoutDatasets(machinery.FileFinder):
    """The usual search of a folder, but blind to one name."""

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> machinery.ModuleSpec | None:
        return None if fullname == "datasets" else super().find_spec(fullname, target)


_LOADERS: Sequence[tuple[type, list[str]]] = (
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
)

if (Path(ROOT) / "datasets").is_dir() and not (Path(ROOT) / "datasets" / "__init__.py").exists():
    sys.path_importer_cache[ROOT] = _WithoutDatasets(ROOT, *_LOADERS)
