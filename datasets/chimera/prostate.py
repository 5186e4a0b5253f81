"""CHIMERA task 1: biochemical recurrence after radical prostatectomy."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Bags, Cohort, Float32Array, IntArray, Modality, Outcome, Patients, Table

from ..readers.damaged_files import told_in_one_line
from ..readers.patch_features import patch_bags
from .mri import NAMES, first_scan_features
from .release import derived_matrix, read_derived, read_patients, stacked, task_folder
from .values import ClinicalRecord, read_clinical

NAME = "chimera-prostate"

# As the challenge's baseline orders them; "x" is unknown.
STAGES = ("2", "2a", "2b", "2c", "3", "3a", "3b", "4", "4a", "4b")
THERAPIES = ("none", "radiotherapy + cryotherapy", "radiotherapy + hormones")
PATIENT = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class ProstatePatient:
    """Covariates by name, months of follow-up, whether the recurrence was observed, and features of the MRI."""

    covariates: dict[str, float | str | None]
    months: float
    recurrence: bool
    mri: Float32Array | None = None


def load(root: Path, *, skip_invalid: bool) -> Cohort:
    """CHIMERA task 1: 95 patients, months to biochemical recurrence (PSA >= 0.1 ug/L after prostatectomy).

    Parameters
    ----------
    root : Path
        Folder with ``chimera/task1/`` or ``chimera/v2/task1/`` in the official layout.
    skip_invalid : bool
        Leave out patients of whom a file cannot be read, instead of an error.

    Raises
    ------
    UsageError
        If a file is missing or holds something impossible; it names file and patient.
    """
    task = task_folder(root, "task1")
    clinical = task / "clinical_data"
    if not clinical.is_dir():
        raise UsageError(f"{clinical} is missing; python -m benchmarks data fetch chimera --task 1 gets it")
    names = sorted(path.stem for path in clinical.glob("*.json"))
    for name in names:
        if not PATIENT.fullmatch(name):
            raise UsageError(f"{clinical / name}.json: its name is no patient number of task 1")
    images, features = task / "radiology" / "images", task / "pathology" / "features"
    slides = _slides(features, names)

    def read(name: str) -> ProstatePatient:
        patient = read_patient(read_clinical(name, clinical / f"{name}.json"))
        if name in slides:
            patch_bags({name: slides[name]}, [name])
        return replace(patient, mri=first_scan_features(images / name, name)) if (images / name).is_dir() else patient

    found = read_patients(NAME, names, read, skip_invalid=skip_invalid)
    ids = list(found)
    modalities: dict[str, Modality | None] = {
        "clinical": _table(found),
        "mri": stacked([patient.mri for patient in found.values()], NAMES),
        "mri_cnn": derived_matrix(task / "derived" / "mri_cnn_features.csv.gz", ids),
        "wsi": _bags({name: paths for name, paths in slides.items() if name in found}, ids),
    }
    return Cohort(
        Patients(np.array(ids), {name: modality for name, modality in modalities.items() if modality is not None}),
        Outcome(
            np.array([patient.months for patient in found.values()]),
            np.array([patient.recurrence for patient in found.values()]),
        ),
        "months",
        published_fold=_folds(task / "derived" / "folds_5.csv", ids),
    )


def read_patient(record: ClinicalRecord) -> ProstatePatient:
    """Return what a clinical file says; ``BCR_PSA``, the PSA at recurrence, is never looked at.

    Raises
    ------
    UsageError
        If a value is missing that must be there, or impossible; it names file and patient.
    """
    covariates: dict[str, float | str | None] = {
        "age": record.number("age_at_prostatectomy", 18, 110),
        "primary_gleason": record.count("primary_gleason", 1, 5),
        "secondary_gleason": record.count("secondary_gleason", 1, 5),
        # The key is there only where the pathologist saw a third pattern.
        "tertiary_gleason": record.count("tertiary_gleason", 1, 5) if record.has("tertiary_gleason") else np.nan,
        "isup": record.count("ISUP", 1, 5),
        "psa": record.number("pre_operative_PSA", 0, 10_000),
        "pt_stage": record.level("pT_stage", STAGES),
        "positive_lymph_nodes": record.flag("positive_lymph_nodes"),
        "capsular_penetration": record.flag("capsular_penetration"),
        "positive_margins": record.flag("positive_surgical_margins"),
        "seminal_vesicle_invasion": record.flag("invasion_seminal_vesicles"),
        "lymphovascular_invasion": record.flag("lymphovascular_invasion"),
        "earlier_therapy": record.level("earlier_therapy", THERAPIES, unknown="unknown"),
    }
    return ProstatePatient(covariates, record.months("time_to_follow-up/BCR"), record.event("BCR"))


def _table(found: dict[str, ProstatePatient]) -> Table:
    frame = pd.DataFrame([patient.covariates for patient in found.values()])
    frame["pt_stage"] = pd.Categorical(frame["pt_stage"], STAGES, ordered=True)
    frame["earlier_therapy"] = pd.Categorical(frame["earlier_therapy"], THERAPIES)
    return Table(frame)


def _slides(folder: Path, patients: list[str]) -> dict[str, list[Path]]:
    """Return the UNI patch features of all slides of each patient, ``<patient>_<slide>.pt`` below the folder."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.pt")):
        patient, _, slide = path.stem.partition("_")
        if patient not in patients or not slide:
            raise UsageError(f"{path}: a slide of no known patient: there is no clinical_data/{patient}.json")
        files.setdefault(patient, []).append(path)
    return files


def _bags(files: dict[str, list[Path]], ids: list[str]) -> Bags | None:
    return patch_bags(files, ids) if files else None


def _folds(path: Path, ids: list[str]) -> IntArray | None:
    if not path.exists():
        return None
    with told_in_one_line(str(path), "no table of patient_id and fold, each patient once"):
        folds = read_derived(path).set_index("patient_id")["fold"]
        of_patient: IntArray = folds.reindex(ids, fill_value=-1).to_numpy(np.int64)
        return of_patient
