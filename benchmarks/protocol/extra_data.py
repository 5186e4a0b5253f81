"""Extra data: patients of a larger dataset from whom a method may learn, none of them in a part of the split.

A method asks for it by a setting that its card names; the suite chooses the patients, so that no method can err.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Split

PAN_CANCER = "pan_cancer"
LEAVE_CANCER_OUT = "leave_cancer_out"

TOLD: Mapping[str, str] = {
    PAN_CANCER: "other cancers, and patients of this one in no fold",
    LEAVE_CANCER_OUT: "other cancers",
}
"""What a method may ask for, and who that is."""


def extra_cohort(whole: Cohort, cohort: Cohort, split: Split, asked: str, modalities: Sequence[str]) -> Cohort:
    """Return the patients of a larger dataset from whom a method may learn beside the training part.

    Parameters
    ----------
    whole : Cohort
        The larger dataset, with ``strata``: the cancer types. It holds every patient of ``cohort``, under the same
        identifier.
    cohort : Cohort
        The evaluated dataset, of n patients.
    split : Split
        Rows of the parts.
    asked : {"pan_cancer", "leave_cancer_out"}
        Everybody who is in no part of the split; or nobody of a cancer type that the cohort has a patient of.
    modalities : sequence of str
        What of them is given, if the larger dataset has it.

    Raises
    ------
    UsageError
        If a patient of the cohort is not in the larger dataset, where nobody could tell that it was removed, the two
        disagree on a patient's outcome, the larger dataset has no cancer types, or no patient with an event is left.
    """
    _require_the_same_people(whole, cohort)
    if whole.strata is None:
        raise UsageError("extra data: the larger dataset has no cancer types")
    evaluated = np.concatenate([split.train, split.validation, split.test])
    removed = np.isin(whole.patients.ids, cohort.patients.ids[evaluated])
    if asked == LEAVE_CANCER_OUT:
        removed |= np.isin(whole.strata, whole.strata[np.isin(whole.patients.ids, cohort.patients.ids)])
    kept = np.flatnonzero(~removed)
    if not whole.outcome.event[kept].any():
        raise UsageError("extra data: nobody with an event is outside of the cohort")
    offered = [name for name in modalities if name in whole.patients.modalities]
    extra = whole.only(*offered)[kept]
    refuse_shared_patients(extra, cohort, split)
    return extra


def refuse_shared_patients(extra: Cohort, cohort: Cohort, split: Split) -> None:
    """Raise ValueError if a patient of any part of the split is among the extra data."""
    for part in ("train", "validation", "test"):
        shared = np.intersect1d(extra.patients.ids, cohort.patients.ids[getattr(split, part)])
        if shared.size:
            raise ValueError(f"{shared.size} patients of the {part} part are among the extra data")


def _require_the_same_people(whole: Cohort, cohort: Cohort) -> None:
    order = np.argsort(whole.patients.ids)
    ids = whole.patients.ids[order]
    places = np.minimum(np.searchsorted(ids, cohort.patients.ids), len(ids) - 1)
    strangers = int((ids[places] != cohort.patients.ids).sum())
    if strangers:
        raise UsageError(
            f"extra data: {strangers} patients of the cohort are not in the larger dataset under their identifiers, so "
            "that nobody can tell whether they are removed from it"
        )
    found = whole.outcome.take(order[places])
    if (found.time != cohort.outcome.time).any() or (found.event != cohort.outcome.event).any():
        raise UsageError("extra data: the larger dataset has another outcome for a patient of the cohort")
