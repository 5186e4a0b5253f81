"""What a cohort file says: the TOML by which a hospital describes its own data (docs/own_cohort.md)."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.errors import UsageError, hint

# A level as it stands in the file: 1, 1.0 and "1" are the same.
Level = int | float | str
ColumnType = Literal["numeric", "categorical"] | Annotated[list[Level], Field(min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Format(_Part):
    """How CSV files are written."""

    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    encoding: str = "utf-8-sig"
    missing: list[Level] = []


class PatientTable(_Part):
    """The table with one row per patient, and which of its columns are the outcome."""

    file: str
    patient: str
    time: str
    event: str
    event_values: Annotated[list[Level], Field(min_length=1)] = [1]
    censored_values: Annotated[list[Level], Field(min_length=1)] = [0]
    exclude_without_outcome: bool = False
    folds: str | None = None
    strata: str | None = None
    groups: list[str] = []


class Clinical(_Part):
    """Which columns of the table are covariates, and of which type."""

    columns: Annotated[list[str], Field(min_length=1)] | None = None
    leave_out: list[str] = []
    types: Mapping[str, ColumnType] = {}


class TableFile(_Part):
    """A further table of covariates, one row per patient."""

    kind: Literal["table"]
    file: str
    patient: str | None = None
    leave_out: list[str] = []
    types: Mapping[str, ColumnType] = {}


class MatrixFile(_Part):
    """Many numeric columns of one kind, one row per patient."""

    kind: Literal["matrix"]
    file: str
    patient: str | None = None
    leave_out: list[str] = []


class TextFile(_Part):
    """One text per patient, in one column of a table."""

    kind: Literal["text"]
    file: str
    patient: str | None = None
    column: str


class BagFiles(_Part):
    """Features of slides, any number per patient: a folder with a file per slide, or one packed file.

    The files of a folder are listed in the table ``slides``, or named after the patient.
    """

    kind: Literal["bags"]
    folder: str | None = None
    file: str | None = None
    slides: str | None = None
    patient: str | None = None
    column: str = "file"


ModalityFile = Annotated[TableFile | MatrixFile | TextFile | BagFiles, Field(discriminator="kind")]


class Description(_Part):
    """All of a cohort file."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: str
    endpoint: str
    time_unit: Literal["days", "months", "years"]
    source: str = "own cohort"
    citation: str = "none"
    licence: str = "not stated; treat as confidential"
    n: Annotated[int, Field(ge=1)] | None = None
    events: Annotated[int, Field(ge=0)] | None = None
    horizon: Annotated[float, Field(gt=0)] | None = None
    format: Format = Format()
    table: PatientTable
    clinical: Clinical = Clinical()
    modalities: Mapping[str, ModalityFile] = {}


def read_description(path: Path) -> Description:
    """Read a cohort file.

    Raises
    ------
    UsageError
        If the file is missing, no TOML, or has a key too many, too few or of a wrong value; one line names the key.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(
            f"no cohort file at {path}; `python -m benchmarks data init FILE.csv` drafts one from a table"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    try:
        description = Description.model_validate(values)
    except ValidationError as error:
        # A misspelt key is missing, too; the misspelling with its hint says more.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        raise UsageError(f"{path}: {_told(problems[0])}") from None
    for name, what in description.modalities.items():
        if isinstance(what, BagFiles):
            _require_one_source(what, f"{path}: [modalities.{name}]")
    if "clinical" in description.modalities:
        raise UsageError(f"{path}: [modalities.clinical]: the covariates of the table are called so; take another name")
    return description


def _require_one_source(what: BagFiles, where: str) -> None:
    if (what.folder is None) == (what.file is None):
        both = "not both" if what.file is not None else "one of them is needed"
        raise UsageError(f"{where}: folder, with one file per slide, or file, a packed .npz: {both}")
    if what.file is not None and (what.slides is not None or what.patient is not None):
        raise UsageError(f"{where}: slides and patient go with folder; a packed file tells the patients itself")


def _told(problem: Mapping[str, Any]) -> str:
    """Return a problem that pydantic found in the words of the file."""
    place = [str(part) for part in problem["loc"]]
    if len(place) > 2 and place[0] == "modalities":
        del place[2]  # the kind, which pydantic puts between the modality and its key
    *section, key = place
    where = f"[{'.'.join(section)}]: " if section else ""
    match problem["type"]:
        case "missing":
            return f"{where}the key {key!r} is missing"
        case "extra_forbidden":
            return f"{where}unknown key {key!r}; {hint(key, _keys(section, problem))}"
        case "union_tag_not_found":
            return f"[{'.'.join(place)}]: the key 'kind' is missing: table, matrix, text or bags"
        case "union_tag_invalid":
            kind = problem["input"].get("kind")
            return f"[{'.'.join(place)}]: kind = {kind!r}: it must be table, matrix, text or bags"
        case "string_pattern_mismatch":
            return f"{where}{key} = {problem['input']!r}: letters, digits, - and _ only"
        case _:
            message = str(problem["msg"])
            return f"{where}{key} = {problem['input']!r}: {message[0].lower()}{message[1:]}"


def _keys(section: Sequence[str], problem: Mapping[str, Any]) -> list[str]:
    """Return the keys that a section may have."""
    kinds: dict[str, type[BaseModel]] = {
        "table": TableFile,
        "matrix": MatrixFile,
        "text": TextFile,
        "bags": BagFiles,
    }
    sections: dict[str, type[BaseModel]] = {"format": Format, "table": PatientTable, "clinical": Clinical}
    if not section:
        return list(Description.model_fields)
    if section[0] == "modalities":
        return list(kinds[str(problem["loc"][2])].model_fields)
    return list(sections[section[0]].model_fields)
