"""A Cox model's prediction in words: which covariates raise the risk of a patient, and which lower it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.types import FloatArray, Patients, Table

ROMAN = ("I", "II", "III", "IV")
# A covariate is named if it moves the log hazard by at least this much.
WORTH_NAMING = 0.05
NOTHING = "No single finding stands out."


@dataclass(frozen=True, slots=True)
class Group:
    """Features that stand for one thing a person would name: a covariate, or a whole profile.

    Parameters
    ----------
    modality : str
        Where it comes from.
    covariate : str or None
        A column of a table; None for all columns of another modality together.
    features : tuple of int
        Places of its features in the model.
    """

    modality: str
    covariate: str | None
    features: tuple[int, ...]


def covariate_groups(modality: str, table: Table, names: Sequence[str], first: int) -> list[Group]:
    """Return one group for each covariate that has features.

    Parameters
    ----------
    modality : str
        Name of the table's modality.
    table : Table
        The training patients' table.
    names : sequence of str
        Names of the features, as ``TabularPreprocessor`` gives them: the covariate, the covariate and a level, or a
        covariate's flag of missing values.
    first : int
        Place of the first of them in the model.
    """
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=first):
        bare = name.removeprefix("missingindicator_")
        owners = [column for column in map(str, table.frame) if bare == column or bare.startswith(f"{column}_")]
        places.setdefault(max(owners, key=len), []).append(place)
    return [Group(modality, covariate, tuple(found)) for covariate, found in places.items()]


def reasons(contributions: FloatArray, groups: Sequence[Group], patients: Patients, named: int) -> tuple[str, ...]:
    """Return a sentence for each of n patients that names what moves the log hazard most.

    Parameters
    ----------
    contributions : array, shape (n, p)
        Coefficient times feature, relative to the mean training patient.
    groups : sequence of Group
        Which features belong together.
    patients : Patients
        The same n, for the covariates' values.
    named : int
        Most groups that a sentence names.
    """
    of_groups = np.stack([contributions[:, group.features].sum(axis=1) for group in groups], axis=1)
    values = {group.modality: _values(patients, group.modality) for group in groups}
    return tuple(_sentence(row, of_patient, groups, values, named) for row, of_patient in enumerate(of_groups))


def covariate_words(name: str, value: float | str | None) -> str:
    """Return a covariate and its value as a person would say them: "age 74", "stage IIIB", "grade not known".

    A numeric stage is the suite's code: 1-4, and thirds for the letters behind it, of which A is not told from none.
    """
    words = name.replace("_", " ")
    if value is None:
        return f"{words} not known"
    if not isinstance(value, float):
        return f"{words} {value}"
    if name == "stage" and 1 <= value < 5:
        return f"{words} {ROMAN[int(value + 0.01) - 1]}{('', 'B', 'C')[int((value + 0.01) % 1 * 3)]}"
    return f"{words} {value:.3g}"


def covariate_lines(table: Table) -> list[str]:
    """Return what is known of each of n patients in one line, "age 74, stage IIIB", without what is missing."""
    frame = table.blanked().frame
    names = list(map(str, frame))
    return [
        ", ".join(covariate_words(name, value) for name, value in zip(names, row, strict=True) if not pd.isna(value))
        for row in frame.astype(object).to_numpy()
    ]


def _values(patients: Patients, modality: str) -> Mapping[str, Sequence[float | str | None]]:
    found = patients.modalities[modality]
    if not isinstance(found, Table):
        return {}
    frame = found.blanked().frame
    return {str(name): [None if pd.isna(value) else value for value in frame[name]] for name in frame}


def _sentence(
    row: int,
    contributions: FloatArray,
    groups: Sequence[Group],
    values: Mapping[str, Mapping[str, Sequence[float | str | None]]],
    named: int,
) -> str:
    raising: list[str] = []
    lowering: list[str] = []
    for place in np.argsort(-np.abs(contributions), kind="stable")[:named]:
        if abs(contributions[place]) < WORTH_NAMING:
            continue
        group = groups[place]
        if group.covariate is None:
            words = f"the {group.modality} profile"
        else:
            words = covariate_words(group.covariate, values[group.modality][group.covariate][row])
        (raising if contributions[place] > 0 else lowering).append(words)
    told = {"raised": raising, "lowered": lowering}
    parts = [f"{verb} by {' and '.join(words)}" for verb, words in told.items() if words]
    return f"Risk is {'; '.join(parts)}." if parts else NOTHING
