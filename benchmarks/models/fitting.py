"""One method fitted on all patients of a dataset, or on the training part of one of its splits."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.catalog.cards import MethodCard
from benchmarks.errors import UsageError
from benchmarks.execution.fold import PreparedFold, checked_prediction, prepare_fold
from benchmarks.execution.plan import Plan
from benchmarks.models.folder import SavedModel, load_model
from benchmarks.models.reads import About, reads_of
from benchmarks.models.threads import limited_threads
from benchmarks.protocol.splits import whole_cohort_parts
from benchmarks.types import Cell, Cohort, IntArray, Patients, derived_seed

# Training patients on whom the saved model is tried at once.
TRIED = 8


def cell_to_fit(plan: Plan) -> Cell:
    """Return the cell of a plan of one, or say why its method cannot be fitted.

    Raises
    ------
    UsageError
        If there are several, or it would be skipped.
    """
    for name, reason in plan.unavailable.items():
        raise UsageError(f"{name} {reason}")
    if len(plan.cells) != 1:
        cells = {planned.cell.label for planned in plan.cells}
        raise UsageError(
            f"one method on one dataset is fitted at a time, not {len(cells)}: {'; '.join(sorted(cells)[:3])}"
        )
    (planned,) = plan.cells
    if planned.skipped:
        raise UsageError(f"{planned.cell.method} cannot be fitted on {planned.cell.dataset}: {planned.skipped}")
    return planned.cell


def fit_model(cell: Cell, card: MethodCard, endpoint: str, *, whole: bool) -> tuple[SavedModel, Patients]:
    """Fit a cell's method; return it with what is known of the fit, and a few training patients to try it on.

    Parameters
    ----------
    cell : Cell
        Method, dataset and split.
    card : MethodCard
        Of the method.
    endpoint : str
        What is predicted.
    whole : bool
        Fit on all patients, less a fifth as the validation part (or none, where it is merged), in place of the training
        part of the cell's split.

    Raises
    ------
    UsageError
        If the dataset cannot be loaded, or a part has no event.
    """
    with tempfile.TemporaryDirectory() as workdir:
        fold = prepare_fold(cell, Path(workdir))
        train, validation, fitted_on = _parts(cell, fold, whole=whole)
        context = fold.context
        if whole:
            context = replace(context, seed=derived_seed(cell.seed, "fit", cell.dataset, "whole cohort"))
        with limited_threads(cell.threads):
            fold.method.fit(train, validation, context)
    about = About(
        config=dict(cell.config),
        dataset=cell.dataset,
        endpoint=endpoint,
        time_unit=fold.cohort.time_unit,
        data_sha256=cell.data_sha256,
        fitted_on=fitted_on,
        patients=len(train),
        events=train.outcome.n_events,
        seed=cell.seed,
        times=fold.protocol.times.tolist(),
        modalities=reads_of(train),
    )
    few = train.patients[np.arange(min(TRIED, len(train)))]
    return SavedModel(method=fold.method, name=card.name, about=about.model_dump()), few


def require_same_when_loaded(
    fitted: SavedModel, folder: Path, card: MethodCard, patients: Patients, cell: Cell
) -> None:
    """Load what was saved, and predict some patients by both; the folder is removed if a bit differs.

    Raises
    ------
    UsageError
        If one does.
    """
    times = np.array(fitted.about["times"])
    loaded = load_model(folder, card)
    with limited_threads(cell.threads):
        own = checked_prediction(fitted.method, patients, times)
        other = checked_prediction(loaded.method, patients, times)
    same = own.risk.tobytes() == other.risk.tobytes() and own.texts == other.texts
    if own.survival is not None:
        same = same and other.survival is not None and own.survival.tobytes() == other.survival.tobytes()
    if not same:
        shutil.rmtree(folder)
        raise UsageError(f"{fitted.name} predicts otherwise once it is saved and loaded; nothing is kept")


def _parts(cell: Cell, fold: PreparedFold, *, whole: bool) -> tuple[Cohort, Cohort, str]:
    """Return training and validation part, and in words who they are."""
    cohort, split = fold.cohort, fold.split
    if not whole:
        named = f" ({split.group})" if split.group else ""
        told = f"training part of the {cell.split} split, repeat {split.repeat}, fold {split.fold}{named}"
        return cohort[split.train], cohort[split.validation], told
    everyone: IntArray = np.arange(len(cohort))
    if cell.merged:
        return cohort[everyone], cohort[everyone[:0]], "all patients"
    train, validation = whole_cohort_parts(cohort, seed=cell.seed)
    return cohort[train], cohort[validation], "all patients but a fifth, which is the validation part"
