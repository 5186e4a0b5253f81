"""Influence of patients on the estimates of a cell: what methods are compared by, kept beside the scores."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import safetensors.numpy

import metrics
from benchmarks.protocol.measures import measure_named
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import Case, c_td, harrell_c, integrated_brier_score, uno_c, unread
from benchmarks.types import FloatArray, PredictedPart
from metrics.results import Concordance

# What the measures of ``POOLED`` are computed by; what is computed at once, together.
_ESTIMATES: Mapping[tuple[str, ...], Callable[[Case], tuple[metrics.Estimate, ...]]] = {
    ("harrell_c",): lambda case: (harrell_c(case),),
    ("uno_c",): lambda case: (uno_c(case),),
    ("c_td",): lambda case: (c_td(case),),
    ("ibs", "scaled_ibs"): lambda case: ((found := integrated_brier_score(case)), found.scaled),
}

# (variant, measure)
Name: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FoldEstimate:
    """An estimate on the test part of one fold, and what each patient does to it.

    Parameters
    ----------
    value : float
        The estimate.
    weight : float
        Its weight among the folds: comparable pairs of a concordance index, patients of a mean of losses.
    scored : array, shape (n,)
        Influence of each test patient; the estimate less the truth is the mean.
    trained : array, shape (m,), or None
        Influence of each training patient through the censoring weights, where there are such.
    """

    value: float
    weight: float
    scored: FloatArray
    trained: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class CellInfluence:
    """Influence on all pooled measures of a cell's test part; a measure that is undefined there is absent.

    Parameters
    ----------
    patients, events : int
        Of the test part.
    events_in_time : int
        Those of its events that are not after the horizon.
    of : mapping of (variant, measure) to FoldEstimate
        By prediction and measure.
    """

    patients: int
    events: int
    events_in_time: int
    of: Mapping[Name, FoldEstimate]


def influence_of(protocol: EvaluationProtocol, prepared: metrics.PreparedOutcome, part: PredictedPart) -> CellInfluence:
    """Compute the influence of the patients of a predicted part.

    Parameters
    ----------
    protocol : EvaluationProtocol
        Of the dataset.
    prepared : PreparedOutcome
        Outcome of the part and of the training patients.
    part : PredictedPart
        n patients with all predictions.
    """
    found: dict[Name, FoldEstimate] = {}
    for variant, prediction in part.predictions.items():
        for measure, estimate in _of_prediction(Case(protocol, prepared, prediction, part.strata)):
            found[variant, measure] = estimate
    in_time = part.outcome.event & (part.outcome.time <= protocol.horizon)
    return CellInfluence(len(part.outcome), part.outcome.n_events, int(in_time.sum()), found)


def _of_prediction(case: Case) -> Iterator[tuple[str, FoldEstimate]]:
    if unread(case.prediction):
        return
    for names, compute in _ESTIMATES.items():
        measures = [measure_named(name) for name in names]
        if measures[0].needs == "curves" and case.prediction.survival is None:
            continue
        try:
            estimates = compute(case)
        except metrics.UndefinedError:
            continue  # the score of this measure says why it is undefined
        for measure, estimate in zip(measures, estimates, strict=True):
            assert estimate.influence is not None
            weight = estimate.comparable_pairs if isinstance(estimate, Concordance) else len(case.prediction)
            trained = estimate.influence.train if measure.weighs_by_train else None
            yield measure.name, FoldEstimate(estimate.value, float(weight), estimate.influence.scored, trained)


def influence_as_bytes(influence: CellInfluence) -> bytes:
    """Return influence in the form of a safetensors file."""
    counts = [influence.patients, influence.events, influence.events_in_time]
    arrays = {"counts": np.array(counts, dtype=np.float64)}
    for (variant, measure), own in influence.of.items():
        arrays[f"{measure}@{variant}.estimate"] = np.array([own.value, own.weight])
        arrays[f"{measure}@{variant}.scored"] = own.scored
        if own.trained is not None:
            arrays[f"{measure}@{variant}.trained"] = own.trained
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def influence_from_bytes(content: bytes) -> CellInfluence:
    """Return what ``influence_as_bytes`` was given.

    Raises
    ------
    ValueError
        If the file was written before the influence on Uno's C and the scaled IBS was kept: it has two counts, not
        three.
    """
    arrays = safetensors.numpy.load(content)
    patients, events, in_time = arrays.pop("counts")
    found: dict[Name, FoldEstimate] = {}
    for name in arrays:
        kind, _, what = name.partition(".")
        if what == "estimate":
            measure, _, variant = kind.partition("@")
            value, weight = arrays[name]
            found[variant, measure] = FoldEstimate(
                float(value), float(weight), arrays[f"{kind}.scored"], arrays.get(f"{kind}.trained")
            )
    return CellInfluence(int(patients), int(events), int(in_time), found)
