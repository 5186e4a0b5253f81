"""CHIMERA task 3: progression of non-muscle-invasive bladder cancer after BCG."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Bags, Cohort, Float32Array, IntArray, Matrix, Modality, Outcome, Patients, Table
from benchmarks.types.cohort import ALWAYS_TRAINING

from ..readers.patch_features import patch_bags
from .release import Expression, derived_matrix, read_patients, stacked, task_folder, warn_once
from .values import ClinicalRecord, read_clinical

NAME = "chimera-bladder"
PATIENT = re.compile(r"3[AB]_\d{3}")
# The bucket holds patient 3B_417 twice.
DUPLICATE = "3B_417_"
# Two a part of a five-fold split: with fewer, some method is sure to be fitted on none.
ENOUGH_EXPRESSION = 10

Groups = Literal["A+B", "A", "B"]

LEVELS: dict[str, tuple[str, ...]] = {
    "stage": ("TaHG", "T1HG"),
    "substage": ("T1m", "T1e"),
    "grade": ("G2", "G3"),
    "eortc": ("High risk", "Highest risk"),
}
UNORDERED: dict[str, tuple[str, ...]] = {"sex": ("Female", "Male"), "brs": ("BRS1", "BRS2", "BRS3")}


@dataclass(frozen=True, slots=True)
class BladderPatient:
    """Covariates by name, months of follow-up, whether the progression was observed, and measured expression."""

    covariates: dict[str, float | str | None]
    months: float
    progression: bool
    expression: Float32Array | None = None


def load(root: Path, *, groups: str, include_instillations: bool, skip_invalid: bool) -> Cohort:
    """CHIMERA task 3: 176 patients, months to progression.

    The published split is the one of the two groups: trained on 3A, tested on 3B.

    Parameters
    ----------
    root : Path
        Folder with ``chimera/task3/`` or ``chimera/v2/task3/`` in the official layout.
    groups : {"A+B", "A", "B"}
        Which patients: 3A, 3B, or both.
    include_instillations : bool
        Keep the number of BCG instillations, which is counted after the time runs.
    skip_invalid : bool
        Leave out patients of whom a file cannot be read, instead of an error.

    Raises
    ------
    UsageError
        If the groups are unknown, or a file is missing or holds something impossible; it names file and patient.
    """
    if groups not in get_args(Groups):
        raise UsageError(f"{NAME}: groups is {groups!r}, it must be {', '.join(get_args(Groups))}")
    task = task_folder(root, "task3")
    data = task / "data"
    wanted = [name for name in _patients(data) if name[1] in groups]
    expression = Expression()
    slides = {name: [path] for name in wanted if (path := task / "features" / "features" / f"{name}_HE.pt").exists()}

    def read(name: str) -> BladderPatient:
        patient = read_patient(read_clinical(name, data / name / f"{name}_CD.json"))
        measured = data / name / f"{name}_RNA.json"
        if name in slides:
            patch_bags({name: slides[name]}, [name])
        return replace(patient, expression=expression.read(name, measured)) if measured.exists() else patient

    found = read_patients(NAME, wanted, read, skip_invalid=skip_invalid)
    ids = list(found)
    modalities: dict[str, Modality | None] = {
        "clinical": _table(found, include_instillations=include_instillations),
        "rna": _expression(data, list(found.values()), expression.names),
        "rna_projection": derived_matrix(task / "derived" / "rna_random_projection.csv.gz", ids),
        "slide_embedding": derived_matrix(task / "derived" / "wsi_slide_embedding.csv.gz", ids),
        "wsi": _bags({name: paths for name, paths in slides.items() if name in found}, ids),
    }
    return Cohort(
        Patients(np.array(ids), {name: modality for name, modality in modalities.items() if modality is not None}),
        Outcome(
            np.array([patient.months for patient in found.values()]),
            np.array([patient.progression for patient in found.values()]),
        ),
        "months",
        published_fold=_train_on_a_test_on_b(ids) if groups == "A+B" else None,
    )


def read_patient(record: ClinicalRecord) -> BladderPatient:
    """Return what a clinical file says.

    Raises
    ------
    UsageError
        If a value is missing that must be there, or impossible; it names file and patient.
    """
    # The same for all patients of the release: checked, but no covariate.
    record.level("tumor", ("Primary",))
    covariates: dict[str, float | str | None] = {
        "age": record.number("age", 18, 110),
        "sex": record.level("sex", UNORDERED["sex"]),
        "smoking": record.flag("smoking", "No", "Yes"),
        "stage": record.level("stage", LEVELS["stage"]),
        "substage": record.level("substage", LEVELS["substage"]),
        "grade": record.level("grade", LEVELS["grade"]),
        "re_tur": record.flag("reTUR", "No", "Yes"),
        "lvi": record.flag("LVI", "No", "Yes"),
        "variant": record.flag("variant", "UCC", "UCC + Variant"),
        "eortc": record.level("EORTC", LEVELS["eortc"]),
        "instillations": record.count("no_instillations", 0, 200),
        "brs": record.level("BRS", UNORDERED["brs"]),
    }
    return BladderPatient(covariates, record.months("Time_to_prog_or_FUend"), record.event("progression"))


def _patients(data: Path) -> list[str]:
    """Return the patients who have a folder, without the known duplicate."""
    if not data.is_dir():
        raise UsageError(f"{data} is missing; python -m benchmarks data fetch chimera --task 3 gets it")
    names = sorted(path.name for path in data.iterdir() if path.is_dir() and not path.name.startswith("."))
    names = [name for name in names if name != DUPLICATE]
    for name in names:
        if not PATIENT.fullmatch(name):
            raise UsageError(f"{data / name}: its name is no patient of task 3 (3A_nnn or 3B_nnn)")
    return names


def _table(found: dict[str, BladderPatient], *, include_instillations: bool) -> Table:
    frame = pd.DataFrame([patient.covariates for patient in found.values()])
    for name, levels in LEVELS.items():
        frame[name] = pd.Categorical(frame[name], levels, ordered=True)
    for name, levels in UNORDERED.items():
        frame[name] = pd.Categorical(frame[name], levels)
    return Table(frame if include_instillations else frame.drop(columns="instillations"))


def _expression(data: Path, patients: list[BladderPatient], names: tuple[str, ...]) -> Matrix | None:
    """Return the measured expression, unless too few patients have a file for a method to learn from it."""
    rows = [patient.expression for patient in patients]
    measured = sum(row is not None for row in rows)
    if 0 < measured < ENOUGH_EXPRESSION:
        warn_once(
            f"{data}: only {measured} of {len(rows)} patients have expression (_RNA.json): there is no modality rna "
            f"below {ENOUGH_EXPRESSION}; python -m benchmarks data fetch chimera --task 3 --parts rna gets the others"
        )
        return None
    return stacked(rows, names)


def _bags(files: dict[str, list[Path]], ids: list[str]) -> Bags | None:
    return patch_bags(files, ids) if files else None


def _train_on_a_test_on_b(ids: list[str]) -> IntArray:
    return np.array([0 if name.startswith("3B") else ALWAYS_TRAINING for name in ids], dtype=np.int64)
