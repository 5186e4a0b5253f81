"""From a cell to its predictions: the fold is prepared, the method fitted on it, the test part predicted."""

import logging
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalog.settings import build_method
from benchmarks.errors import RowError
from benchmarks.execution.equal_inputs import alike_for_equal_inputs
from benchmarks.execution.shared_data import dataset_of, extra_data_of
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.shuffling import shuffle_modalities
from benchmarks.protocol.splits import split_of
from benchmarks.types import (
    Cell,
    Cohort,
    Context,
    FloatArray,
    Method,
    Patients,
    Prediction,
    ProgressReporter,
    Split,
    derived_seed,
    ignore_progress,
)

# A method may take its risk from something else than the area under its curves; not from the contrary.
CONTRARY = -0.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PreparedFold:
    """What a cell stands for.

    Parameters
    ----------
    method : Method
        Built with the cell's settings, not fitted.
    cohort : Cohort
        All n patients of the dataset, with the modalities that the method is shown, shuffled where the cell says so.
    split : Split
        Rows of the parts.
    protocol : EvaluationProtocol
        With the times predictions are asked for.
    context : Context
        Seed, device, limits and channels of the fit.
    """

    method: Method
    cohort: Cohort
    split: Split
    protocol: EvaluationProtocol
    context: Context


@dataclass(frozen=True, slots=True)
class FoldResult:
    """Predictions by part, and the seconds that ``fit`` and ``predict`` took (test part only)."""

    predictions: Mapping[str, Prediction]
    seconds: Mapping[str, float]


def prepare_fold(
    cell: Cell,
    workdir: Path,
    *,
    fit_seed: int | None = None,
    deadline: float | None = None,
    reporter: ProgressReporter = ignore_progress,
) -> PreparedFold:
    """Turn a cell into something to fit; data, split and grid are proven to be the planned ones.

    Parameters
    ----------
    cell : Cell
        From a plan.
    workdir : Path
        An empty folder for what the method writes.
    fit_seed : int, optional
        Fit with another seed than the cell's; the split stays that of the cell.
    deadline : float, optional
        Value of ``time.monotonic()`` at which the fit will be stopped.
    reporter : callable
        Receives (epoch, validation score).

    Raises
    ------
    ValueError
        If data, split or grid have another checksum than in the plan.
    UsageError
        If the dataset or the method cannot be loaded.
    """
    data = dataset_of(cell)
    cohort = data.loaded.cohort
    split = split_of(cell, cohort)
    seed = cell.seed if fit_seed is None else fit_seed
    context = Context(
        seed=derived_seed(seed, "fit", cell.dataset, cell.folds, cell.repeat, cell.fold),
        workdir=workdir,
        device=cell.device,
        threads=cell.threads,
        deadline=deadline,
        reporter=reporter,
        logger=logging.getLogger(f"methods.{cell.method}"),
        extra_data=extra_data_of(cell, cohort, split),
    )
    return PreparedFold(
        method=build_method(cell),
        cohort=shuffle_modalities(cohort.only(*cell.modalities), cell.shuffled, cell.seed),
        split=split,
        protocol=data.protocol,
        context=context,
    )


def fit_and_predict(method: Method, cohort: Cohort, split: Split, times: FloatArray, context: Context) -> FoldResult:
    """Fit on train and validation, predict test and, unless it is merged into train, validation.

    The method is given copies of its rows and, at prediction, patients without an outcome. A risk that goes against the
    method's own curves is warned of: the record counts warnings, and tables and boards show them.
    """
    train, validation = cohort[split.train], cohort[split.validation]
    start = time.perf_counter()
    method.fit(train, validation, context)
    fitted = time.perf_counter()
    predictions = {"test": checked_prediction(method, cohort[split.test].patients, times)}
    predicted = time.perf_counter()
    if not split.merged:
        predictions["validation"] = checked_prediction(method, validation.patients, times)
    _warn_of_contrary_risks(predictions["test"])
    return FoldResult(predictions, {"fit": fitted - start, "predict": predicted - fitted})


def checked_prediction(method: Method, patients: Patients, times: FloatArray) -> Prediction:
    """Predict, and name the patient if a value is invalid or the shape wrong.

    Patients with equal inputs are predicted alike: rounding is taken out (``alike_for_equal_inputs``).
    """
    try:
        returned = method.predict(patients, times.copy())
        if not isinstance(returned, Prediction):
            raise TypeError(f"predict returned {type(returned).__name__}, not Prediction")
        prediction = Prediction.copied(returned)
    except RowError as error:
        raise error.named(patients.ids.tolist()) from error
    for name, row in prediction.rows().items():
        where = f"variant {name!r}: " if name else ""
        if len(row) != len(patients):
            raise ValueError(f"{where}predict returned {len(row)} rows for {len(patients)} patients")
        if row.survival is not None and (len(row.times) != len(times) or (row.times != times).any()):
            raise ValueError(f"{where}predict returned curves on another grid than it was asked for")
    return alike_for_equal_inputs(prediction, patients)


def _warn_of_contrary_risks(prediction: Prediction) -> None:
    for name, row in prediction.rows().items():
        agreement = row.agreement()
        if agreement is not None and agreement < CONTRARY:
            where = f"variant {name!r}: " if name else ""
            # Without the number, so that all folds warn of the same.
            warnings.warn(f"{where}higher risk goes with longer survival; is the sign turned round?", stacklevel=2)
