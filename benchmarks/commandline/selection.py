"""Which cells of a results folder a verb reads: by dataset, method, seed, split, validation part and settings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer
from pydantic import TypeAdapter, ValidationError

from benchmarks.catalog.cards import HORIZON
from benchmarks.catalog.registry import groups, register_cohort_file
from benchmarks.comma_list import comma_list
from benchmarks.commandline.options import WHICH
from benchmarks.errors import UsageError, hint
from benchmarks.types import Cell, Record

# How the name of a file ends that describes a cohort of the user's own (docs/own_cohort.md).
COHORT_FILE = ".toml"

OnDataset = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        help="Datasets, or cohort files (.toml), comma-separated; all if absent.",
        rich_help_panel=WHICH,
    ),
]
OfMethod = Annotated[
    str | None,
    typer.Option("--method", help="Methods or groups, comma-separated; all if absent.", rich_help_panel=WHICH),
]
OfSeed = Annotated[int | None, typer.Option("--seed", help="Seed of splits and fits.", rich_help_panel=WHICH)]
OfSplit = Annotated[str | None, typer.Option("--split", help="Kind of split.", rich_help_panel=WHICH)]
Validation: TypeAlias = Literal["held-out", "merge"]
OfValidation = Annotated[
    Validation | None,
    typer.Option("--validation", help="Cells with a validation part, or trained on it, too.", rich_help_panel=WHICH),
]
WithSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="key=value, of all methods that have the setting; name.key=value of one method, or of a dataset.",
        rich_help_panel=WHICH,
    ),
]

# Asks for the cells of a dataset for which no horizon was given.
DEFAULT = "default"


def dataset_names(text: str) -> list[str]:
    """Return the datasets of a comma-separated list; a cohort file stands for the one that it describes.

    Raises
    ------
    UsageError
        If a cohort file is missing or wrong.
    """
    names = comma_list(text, "dataset")
    return [register_cohort_file(Path(name)) if name.endswith(COHORT_FILE) else name for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which cells are wanted; what is None or empty leaves nothing out.

    Parameters
    ----------
    dataset, method : str or None
        Comma-separated names; of methods, groups too; of datasets, cohort files too.
    seed : int or None
        Seed of splits and fits.
    split : str or None
        Kind of split.
    validation : {"held-out", "merge"} or None
        What became of the validation part.
    settings : sequence of str
        ``key=value``: cells whose method has the setting must have this value, those of methods without it stay.
        ``name.key=value`` is asked of one method, or of a dataset, alone.
    """

    dataset: str | None = None
    method: str | None = None
    seed: int | None = None
    split: str | None = None
    validation: Validation | None = None
    settings: Sequence[str] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection(settings=self.settings) and not self.settings

    def of(self, records: Iterable[Record]) -> list[Record]:
        """Return the records that are wanted, in their order.

        Raises
        ------
        UsageError
            If a name, seed, split or setting is that of no cell; it says what there is.
        """
        left = list(records)
        # Read first: an empty list of names is wrong in an empty folder, too.
        datasets = None if self.dataset is None else dataset_names(self.dataset)
        methods = None if self.method is None else comma_list(self.method, "method")
        if self.is_everything or not left:
            return left
        if datasets is not None:
            left = _named(left, "dataset", datasets, lambda cell: cell.dataset)
        if methods is not None:
            left = _named(left, "method", methods, lambda cell: cell.method)
        if self.seed is not None:
            left = _valued(left, "seed", self.seed, lambda cell: cell.seed)
        if self.split is not None:
            left = _valued(left, "split", self.split, lambda cell: cell.split)
        if self.validation is not None:
            left = _valued(left, "validation", self.validation, lambda cell: "merge" if cell.merged else "held-out")
        for setting in self.settings:
            left = _with_setting(left, setting)
        return left


def _named(records: list[Record], option: str, wanted: list[str], name_of: Callable[[Cell], str]) -> list[Record]:
    there = sorted({name_of(record.cell) for record in records})
    of_groups = groups() if option == "method" else {}
    names: set[str] = set()
    for name in wanted:
        found = [name] if name in there else [member for member in of_groups.get(name, []) if member in there]
        if not found:
            raise UsageError(f"--{option} {name}: no cell has it; there are: {', '.join(there)}")
        names.update(found)
    return [record for record in records if name_of(record.cell) in names]


def _valued(records: list[Record], option: str, value: Any, value_of: Callable[[Cell], Any]) -> list[Record]:
    left = [record for record in records if value_of(record.cell) == value]
    if not left:
        there = sorted({str(value_of(record.cell)) for record in records})
        raise UsageError(f"--{option} {value}: no cell has it; there are: {', '.join(there)}")
    return left


def _with_setting(records: list[Record], setting: str) -> list[Record]:
    name_and_key, equals, text = setting.partition("=")
    name, _, key = name_and_key.rpartition(".")
    if not equals or not key:
        raise UsageError(f"--set {setting}: expected key=value")
    left, seen = [], []
    for record in records:
        value = _value(record.cell, name, key)
        if value is _ABSENT or _equals(value, text):
            left.append(record)
        if value is not _ABSENT:
            seen.append(value)
    if not seen:
        known = dict.fromkeys(known for record in records for known in _settings(record.cell, name))
        raise UsageError(
            f"--set {setting}: no cell has the setting {key!r}; {hint(key, known) if known else 'none is'}"
        )
    if not any(_equals(value, text) for value in seen):
        there = sorted({str(value) for value in seen})
        raise UsageError(f"--set {setting}: no cell has the value; there are: {', '.join(there)}")
    return left


_ABSENT = object()


def _settings(cell: Cell, name: str) -> dict[str, Any]:
    """Return the settings that a name asks of a cell; without a name, those of its method."""
    if name in ("", cell.method):
        return dict(cell.config)
    # A horizon is an option where it was given alone; the others are told from those.
    return {HORIZON: DEFAULT, **cell.dataset_options} if name == cell.dataset else {}


def _value(cell: Cell, name: str, key: str) -> Any:
    return _settings(cell, name).get(key, _ABSENT)


def _equals(value: Any, text: str) -> bool:
    """Return whether a stored value is what a text says, read as a value of the same type."""
    if value is None:
        return text.lower() in ("none", "null")
    try:
        return bool(TypeAdapter(type(value)).validate_python(text) == value)
    except ValidationError:
        return str(value) == text
