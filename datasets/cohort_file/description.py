"""What a cohort file says: the TOML by which a hospital describes its own data (docs/own_cohort.md)."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.errors import ReportError, UsageError
from benchmarks.plain_file import read_plain
from benchmarks.plain_text import one_line

from .problems import quoted
from .wrong_keys import told_problems

# The most bytes of a cohort file.
MOST_BYTES = 2**22

# A level as it stands in the file: 1, 1.0 and "1" are the same.
Level = int | float | str
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
# What stands above tables, or in messages: titles, names of files and columns.
Short = Annotated[str, Field(max_length=1000)]
ColumnType = Literal["numeric", "categorical"] | Annotated[list[Level], Field(min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Format(_Part):
    """How CSV files are written."""

    separator: Annotated[str, Field(pattern=r"^[^\w\"'.+\r\n-]$")] = ","
    decimal: Literal[".", ","] = "."
    encoding: Annotated[str, Field(pattern=r"^[\w. -]{1,40}$")] = "utf-8-sig"
    missing: list[Level] = []


class PatientTable(_Part):
    """The table with one row per patient, and which of its columns are the outcome."""

    file: Short
    patient: Short
    time: Short
    event: Short
    event_values: Annotated[list[Level], Field(min_length=1)] = [1]
    censored_values: Annotated[list[Level], Field(min_length=1)] = [0]
    exclude_without_outcome: bool = False
    folds: Short | None = None
    strata: Short | None = None
    groups: list[str] = []


class Clinical(_Part):
    """Which columns of the table are covariates, and of which type."""

    columns: Annotated[list[str], Field(min_length=1)] | None = None
    leave_out: list[str] = []
    types: Mapping[str, ColumnType] = {}


class TableFile(_Part):
    """A further table of covariates, one row per patient."""

    kind: Literal["table"]
    file: Short
    patient: Short | None = None
    leave_out: list[str] = []
    types: Mapping[str, ColumnType] = {}


class MatrixFile(_Part):
    """Many numeric columns of one kind, one row per patient."""

    kind: Literal["matrix"]
    file: Short
    patient: Short | None = None
    leave_out: list[str] = []


class TextFile(_Part):
    """One text per patient, in one column of a table."""

    kind: Literal["text"]
    file: Short
    patient: Short | None = None
    column: Short


class Facts(_Part):
    """Facts of pathology reports, read by rules off another modality: the texts that ``of`` names."""

    kind: Literal["facts"]
    of: Short


class BagFiles(_Part):
    """Features of slides, any number per patient: a folder with a file per slide, or one packed file.

    The files of a folder are listed in the table ``slides``, or named after the patient.
    """

    kind: Literal["bags"]
    folder: Short | None = None
    file: Short | None = None
    slides: Short | None = None
    patient: Short | None = None
    column: Short = "file"


ModalityFile = TableFile | MatrixFile | TextFile | BagFiles


class Description(_Part):
    """All of a cohort file."""

    name: Name
    title: Short
    endpoint: Short
    time_unit: Literal["days", "months", "years"]
    source: Short = "own cohort"
    citation: Short = "none"
    licence: Short = "not stated; treat as confidential"
    n: Annotated[int, Field(ge=1)] | None = None
    events: Annotated[int, Field(ge=0)] | None = None
    horizon: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    format: Format = Format()
    table: PatientTable
    clinical: Clinical = Clinical()
    modalities: Mapping[Name, Annotated[ModalityFile | Facts, Field(discriminator="kind")]] = {}


def read_description(path: Path) -> Description:
    """Read a cohort file.

    Raises
    ------
    UsageError
        If the file is missing, no TOML, or has keys too many, too few or of wrong values; several are one
        ``ReportError``.
    """
    try:
        values = tomllib.loads(read_plain(path, MOST_BYTES).decode("utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(
            f"no cohort file at {path}; `python -m benchmarks data init FILE.csv` drafts one from a table"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {one_line(str(error), 300)}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not written in UTF-8, as TOML must be: see byte {error.start}") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deep") from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise UsageError(
            f"{path} cannot be read: {one_line(getattr(error, 'strerror', None) or str(error), 300)}"
        ) from None
    try:
        description = Description.model_validate(values)
    except (RecursionError, OverflowError):
        raise UsageError(f"{path}: a value is nested too deep, or a number too large") from None
    except ValidationError as error:
        told = told_problems(error.errors(), _KEYS)
        if len(told) == 1:
            raise UsageError(f"{path}: {told[0]}") from None
        raise ReportError(f"{path}: {len(told)} problems", told) from None
    for name, what in description.modalities.items():
        if isinstance(what, BagFiles):
            _require_one_source(what, f"{path}: [modalities.{name}]")
        if isinstance(what, Facts) and not isinstance(description.modalities.get(what.of), TextFile):
            raise UsageError(
                f'{path}: [modalities.{name}]: of = {quoted(what.of)} is no modality of kind "text" of this file'
            )
    if "clinical" in description.modalities:
        raise UsageError(f"{path}: [modalities.clinical]: the covariates of the table are called so; take another name")
    return description


def _require_one_source(what: BagFiles, where: str) -> None:
    if (what.folder is None) == (what.file is None):
        both = "not both" if what.file is not None else "one of them is needed"
        raise UsageError(f"{where}: folder, with one file per slide, or file, a packed .npz: {both}")
    if what.file is not None and (what.slides is not None or what.patient is not None):
        raise UsageError(f"{where}: slides and patient go with folder; a packed file tells the patients itself")


_KEYS: dict[str, list[str]] = {
    "": list(Description.model_fields),
    "format": list(Format.model_fields),
    "table": list(PatientTable.model_fields),
    "clinical": list(Clinical.model_fields),
    "modalities.table": list(TableFile.model_fields),
    "modalities.matrix": list(MatrixFile.model_fields),
    "modalities.text": list(TextFile.model_fields),
    "modalities.bags": list(BagFiles.model_fields),
    "modalities.facts": list(Facts.model_fields),
}
