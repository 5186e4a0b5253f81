"""Who is in a TCGA cohort, and what became of them: the Pan-Cancer Clinical Data Resource (Liu et al. 2018)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import IntArray, Outcome, StringArray
from benchmarks.types.cohort import IN_NO_PART

from .tables import PATIENT, numbers, read_strings, require_known, require_unique

CDR = "tcga/cdr.csv.gz"
# Each file has the published folds of cohorts of its own.
FOLDS = "splits_5fold*.csv.gz"
_MOST_FOLDS = 1000

ENDPOINTS = ("OS", "DSS", "DFI", "PFI")
# Cohorts of more than one cancer type; "pancancer" is every type in the file.
UNIONS = {"GBMLGG": ("GBM", "LGG"), "COADREAD": ("COAD", "READ")}
PANCANCER = "PANCANCER"
# All of its cancer types.
EVERY = "all"

# Columns that tell the outcome or what followed diagnosis. They are never read: the reader is given the columns below.
LEAKING = (
    "vital_status",
    "tumor_status",
    "last_contact_days_to",
    "death_days_to",
    "cause_of_death",
    "new_tumor_event_type",
    "new_tumor_event_site",
    "new_tumor_event_site_other",
    "new_tumor_event_dx_days_to",
    "treatment_outcome_first_course",
)
BASELINE = (
    "age_at_initial_pathologic_diagnosis",
    "gender",
    "ajcc_pathologic_tumor_stage",
    "clinical_stage",
    "histological_type",
    "histological_grade",
    "menopause_status",
    "margin_status",
    "residual_tumor",
)


def read_patients(root: Path, endpoint: str) -> pd.DataFrame:
    """Return every patient of the clinical table: id, cancer type, baseline columns, one endpoint, redaction.

    Raises
    ------
    UsageError
        If the file is damaged, lacks a column, or a patient stands there twice.
    """
    if endpoint not in ENDPOINTS:
        raise UsageError(f"endpoint {endpoint!r}: TCGA has {', '.join(ENDPOINTS)}")
    path = root / CDR
    frame = read_strings(path, [PATIENT, "cancer", *BASELINE, endpoint, f"{endpoint}.time", "Redaction"])
    require_unique(path, frame[PATIENT].tolist())
    return frame


def cancers_of(cohort: str, patients: pd.DataFrame) -> tuple[str, ...]:
    """Return the cancer types of a cohort, sorted."""
    known = sorted(patients["cancer"].unique())
    if cohort == PANCANCER:
        return tuple(known)
    types = UNIONS.get(cohort, (cohort,))
    for name in types:
        if name not in known:
            raise UsageError(f"TCGA has no cancer type {name!r}; it has: {', '.join(known)}")
    return types


def chosen_cancers(names: str, patients: pd.DataFrame) -> tuple[str, ...]:
    """Return the cancer types that ``A+B`` names, sorted.

    Raises
    ------
    UsageError
        If there is no such type, or one is named twice.
    """
    known = sorted(patients["cancer"].unique())
    found = names.split("+")
    for name in found:
        if name not in known:
            raise UsageError(f"cancers {names!r}: TCGA has no cancer type {name!r}; it has: {', '.join(known)}")
        if found.count(name) > 1:
            raise UsageError(f"cancers {names!r}: {name} is named twice")
    return tuple(sorted(found))


def with_endpoint(patients: pd.DataFrame, endpoint: str, root: Path) -> tuple[pd.DataFrame, Outcome]:
    """Return the patients whose endpoint is known and whose time is positive, and their outcome in days.

    Raises
    ------
    UsageError
        If a time is negative or no number, an event is neither 0 nor 1, or nobody is left; it names the patient.
    """
    path = root / CDR
    time = numbers(path, patients, f"{endpoint}.time")
    event = numbers(path, patients, endpoint)
    for bad, column, rule in (
        (time < 0, f"{endpoint}.time", "must not be negative"),
        (~(np.isnan(event) | np.isin(event, (0, 1))), endpoint, "must be 0 or 1"),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise UsageError(
                f"{path}: patient {patients[PATIENT].iloc[row]}: {column} is {patients[column].iloc[row]}, it {rule}"
            )
    kept = (time > 0) & ~np.isnan(event)
    if not kept.any():
        cancers = ", ".join(sorted(patients["cancer"].unique()))
        raise UsageError(f"{path}: nobody with {cancers} has a known {endpoint} with a time > 0; use another endpoint")
    return patients[kept].reset_index(drop=True), Outcome(time[kept], event[kept] == 1)


def tissue_sites(ids: Sequence[str]) -> StringArray:
    """Return the tissue source site of each patient: the two characters after ``TCGA-`` in the barcode."""
    return np.array([patient.split("-")[1] for patient in ids], dtype=np.str_)


def published_folds(root: Path, cohort: str, ids: list[str], known: frozenset[str]) -> IntArray | None:
    """Return in which published fold's validation set each patient is (-1: none), or None without a published split.

    Raises
    ------
    UsageError
        If a patient is unknown or in the validation set of two folds, or a fold is no number; it names file and
        patient.
    """
    found: dict[str, int] = {}
    for path in sorted((root / "tcga").glob(FOLDS)):
        frame = read_strings(path, ["cohort", "fold", "set", PATIENT])
        tested = frame[(frame["set"] == "val") & (frame["cohort"] == cohort.lower())]
        if tested.empty:
            continue
        require_unique(path, [*found, *tested[PATIENT]])
        require_known(path, tested[PATIENT].tolist(), known)
        folds = numbers(path, tested, "fold")
        wrong = np.flatnonzero(~np.isin(folds, range(_MOST_FOLDS)))
        if wrong.size:
            patient, fold = (tested[name].iloc[wrong[0]] for name in (PATIENT, "fold"))
            raise UsageError(f"{path}: patient {patient}: fold is {fold!r}, not the number of a fold")
        found |= dict(zip(tested[PATIENT], folds.astype(int).tolist(), strict=True))
    return np.array([found.get(patient, IN_NO_PART) for patient in ids], dtype=np.int64) if found else None
