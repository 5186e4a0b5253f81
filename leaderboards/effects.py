"""Estimates pooled over folds from stored predictions, with the effect of each patient: what pairs are tested by."""

from collections.abc import Mapping, Sequence

import numpy as np

import metrics
from benchmarks.errors import UsageError
from benchmarks.evaluation import prepare
from benchmarks.execution.files import PredictedPart, StoredPredictions, read_predictions
from benchmarks.protocol import EvaluationProtocol
from benchmarks.store import Store
from benchmarks.types import IntArray, Prediction, Record
from leaderboards.statistics import Folds, PooledEstimate, pool
from metrics.results import Concordance, IntegratedBrierScore

# The measures whose patients' effects are known and pooled; the value says whether higher is better.
POOLED_MEASURES = {"harrell_c": True, "c_td": True, "ibs": False}

# (repeat, fold) to the stored predictions of that fold.
FoldPredictions = Mapping[tuple[int, int], StoredPredictions]


def pooled_estimates(
    store: Store, methods: Mapping[tuple[str, str], Sequence[Record]], measure: str
) -> dict[tuple[str, str], PooledEstimate]:
    """Pool one measure over the test folds for every method that is complete.

    Parameters
    ----------
    store : Store
        Where the predictions are.
    methods : mapping
        (name, variant) to the ok records of all folds; the folds are the same for all methods.
    measure : str
        One of ``POOLED_MEASURES``.

    Returns
    -------
    dict
        Estimates over one common ``Folds``, so that they can be compared pair by pair. A method without curves has
        none of a curve measure.

    Raises
    ------
    UsageError
        If the measure has no effects of patients, or two methods were not tested on the same folds.
    """
    if measure not in POOLED_MEASURES:
        raise UsageError(f"--metric {measure}: pairs are tested by {', '.join(POOLED_MEASURES)}")
    found: dict[tuple[str, str], list[Concordance | IntegratedBrierScore]] = {}
    design: dict[tuple[int, int], tuple[PredictedPart, StoredPredictions]] = {}
    for (name, variant), records in methods.items():
        ordered = sorted(records, key=lambda record: (record.cell.repeat, record.cell.fold))
        estimates = []
        for record in ordered:
            stored = read_predictions(store.folder(record.cell.key))
            part = stored.parts["test"]
            place = record.cell.repeat, record.cell.fold
            if design.setdefault(place, (part, stored))[0].ids.tolist() != part.ids.tolist():
                raise UsageError(
                    f"{name} was tested on other patients than the others in repeat {place[0]}, fold {place[1]}"
                )
            prediction = part.predictions[variant]
            if prediction.survival is None and measure != "harrell_c":
                break
            estimates.append(_estimate(record, stored, prediction, measure))
        else:
            found[name, variant] = estimates
    if any(len(estimates) != len(design) for estimates in found.values()):
        raise UsageError("the methods were not run on the same folds; run the missing ones")
    folds = _folds(design, next(iter(found.values())), measure)
    return {
        name: pool(
            folds,
            [estimate.value for estimate in estimates],
            [_scored(estimate) for estimate in estimates],
            [_trained(estimate) for estimate in estimates] if measure == "ibs" else None,
        )
        for name, estimates in found.items()
    }


def _estimate(
    record: Record, stored: StoredPredictions, prediction: Prediction, measure: str
) -> Concordance | IntegratedBrierScore:
    part = stored.parts["test"]
    protocol = EvaluationProtocol(record.cell.dataset, part.predictions[""].times)
    prepared = prepare(protocol, stored.train, part.outcome)
    if measure == "harrell_c":
        return metrics.concordance_index(prepared, prediction.risk, strata=part.strata)
    assert prediction.survival is not None
    if measure == "c_td":
        return metrics.concordance_index_td(prepared, prediction.times, prediction.survival, strata=part.strata)
    return metrics.integrated_brier_score(prepared, prediction.times, prediction.survival, grid=protocol.times)


def _folds(
    design: Mapping[tuple[int, int], tuple[PredictedPart, StoredPredictions]],
    estimates: Sequence[Concordance | IntegratedBrierScore],
    measure: str,
) -> Folds:
    places = sorted(design)
    everybody = np.unique(np.concatenate([design[place][0].ids for place in places]))
    rows: list[IntArray] = [np.searchsorted(everybody, design[place][0].ids) for place in places]
    trained = [np.searchsorted(everybody, design[place][1].train_ids) for place in places] if measure == "ibs" else None
    weight = [
        estimate.comparable_pairs if isinstance(estimate, Concordance) else len(rows[number])
        for number, estimate in enumerate(estimates)
    ]
    repeat = np.array([place[0] for place in places])
    return Folds(len(everybody), rows, np.array(weight, dtype=np.float64), repeat, trained)


def _scored(estimate: Concordance | IntegratedBrierScore) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    assert estimate.influence is not None
    return estimate.influence.scored


def _trained(estimate: Concordance | IntegratedBrierScore) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    assert estimate.influence is not None
    assert estimate.influence.train is not None
    return estimate.influence.train
