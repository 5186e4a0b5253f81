"""What a fitted method reads of a patient: modalities, columns, levels and usual values, as in the training part."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmarks.types import Bags, Cohort, Matrix, Modality, Table, Texts

# Between these quantiles of the training patients a number is usual.
QUANTILES = (0.01, 0.99)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Numbers(_Part):
    """A column of numbers: its 1 % and 99 % quantile in training, and its unit where the card tells it."""

    kind: Literal["numbers"] = "numbers"
    name: str
    low: float | None
    high: float | None
    unit: str = ""


class Levels(_Part):
    """A column of levels, in their order."""

    kind: Literal["levels"] = "levels"
    name: str
    levels: list[str]
    ordered: bool


Column: TypeAlias = Numbers | Levels


class ReadTable(_Part):
    """A table of covariates."""

    kind: Literal["table"] = "table"
    columns: list[Column]


class ReadMatrix(_Part):
    """Many numeric columns of one kind."""

    kind: Literal["matrix"] = "matrix"
    names: list[str]
    column_sets: dict[str, dict[str, list[str]]]


class ReadTexts(_Part):
    """A text per patient."""

    kind: Literal["texts"] = "texts"


class ReadBags(_Part):
    """A bag of vectors per patient."""

    kind: Literal["bags"] = "bags"
    width: int


ReadModality: TypeAlias = ReadTable | ReadMatrix | ReadTexts | ReadBags


class About(_Part):
    """What is known of a fit, beside the method itself.

    Parameters
    ----------
    config : mapping
        Settings of the method.
    dataset, endpoint, time_unit : str
        What was predicted, in which unit of time.
    data_sha256 : str
        Checksum of the cohort's content.
    fitted_on : str
        Which patients, in words.
    patients, events : int
        Of the training part.
    seed : int
        Of the fit.
    times : list of float
        The protocol's grid; the last is the horizon.
    modalities : mapping of str to ReadModality
        What the method reads.
    """

    config: dict[str, Any]
    dataset: str
    endpoint: str
    time_unit: str
    data_sha256: str
    fitted_on: str
    patients: int
    events: int
    seed: int
    times: list[float]
    modalities: dict[str, ReadModality]

    @property
    def horizon(self) -> float:
        """The last time of the grid."""
        return self.times[-1]


def about_of(values: Mapping[str, Any]) -> About:
    """Return what a model folder says of the fit.

    Raises
    ------
    pydantic.ValidationError
        If it is of another form.
    """
    return About.model_validate(dict(values))


def reads_of(train: Cohort) -> dict[str, ReadModality]:
    """Return what a method that was fitted on some patients reads."""
    return {name: _read(modality) for name, modality in train.patients.modalities.items()}


def _read(modality: Modality) -> ReadModality:
    if isinstance(modality, Table):
        return ReadTable(columns=[_column(modality, str(name)) for name in modality.frame])
    if isinstance(modality, Matrix):
        sets = {of: {name: list(one) for name, one in found.items()} for of, found in modality.column_sets.items()}
        return ReadMatrix(names=list(modality.names), column_sets=sets)
    if isinstance(modality, Texts):
        return ReadTexts()
    assert isinstance(modality, Bags)
    return ReadBags(width=modality.width)


def _column(table: Table, name: str) -> Column:
    values = table.frame[name][table.present]
    if name in table.categorical:
        return Levels(
            name=name, levels=[str(level) for level in values.cat.categories], ordered=bool(values.cat.ordered)
        )
    known = values.to_numpy(dtype=np.float64)
    known = known[~np.isnan(known)]
    low, high = np.quantile(known, QUANTILES) if known.size else (None, None)
    unit = table.described[name].unit if name in table.described else ""
    return Numbers(
        name=name, low=None if low is None else float(low), high=None if high is None else float(high), unit=unit
    )
