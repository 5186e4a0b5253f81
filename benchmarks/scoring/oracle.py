"""The best possible scores on a simulated dataset: its true risk and survival, scored like a method's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from benchmarks.catalog.cards import HORIZON, DatasetCard
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.catalog.registry import load_entry
from benchmarks.errors import UsageError
from benchmarks.execution.shared_data import dataset_of
from benchmarks.protocol.measures import is_p_value
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import split_of
from benchmarks.scoring.design import Design
from benchmarks.scoring.evaluation import evaluate, prepare
from benchmarks.scoring.influence import CellInfluence, influence_of
from benchmarks.scoring.summary import Row, averages_of
from benchmarks.types import MAIN, Cell, FloatArray, PredictedPart, Prediction, Split
from benchmarks.types.score import Scores

# The name of its row in tables; no method is called so.
ORACLE = "oracle"


class Truth(Protocol):
    """What the function that a card's ``oracle`` names returns, for all n patients of the loader, in its order."""

    @property
    def risk(self) -> FloatArray:
        """True risk, shape (n,)."""

    def survival(self, times: FloatArray) -> FloatArray:
        """Return the true survival at T times, shape (n, T)."""


@dataclass(frozen=True, slots=True, eq=False)
class OracleScores:
    """Scores of the truth on the test part of each split, by measure, with the influence of its patients."""

    splits: tuple[Split, ...]
    scores: tuple[Scores, ...]
    influence: tuple[CellInfluence, ...]

    def means(self) -> dict[str, float]:
        """Return the mean over the splits of each measure that is defined in all of them; p-values have none."""
        values = {name: [found[name].value for found in self.scores] for name in self.scores[0]}
        whole = {name: [value for value in found if value is not None] for name, found in values.items()}
        return {
            name: float(np.mean(found))
            for name, found in whole.items()
            if len(found) == len(self.scores) and not is_p_value(name)
        }


def has_oracle(card: DatasetCard) -> bool:
    """Return whether the dataset is simulated: it knows its truth, and stands on no leaderboard."""
    return bool(card.oracle)


def true_prediction(loaded: LoadedDataset, options: dict[str, Any], times: FloatArray) -> Prediction:
    """Return the truth of the patients of a simulated dataset as a prediction.

    Parameters
    ----------
    loaded : LoadedDataset
        n patients, perhaps restricted to complete cases.
    options : dict
        The options they were loaded with.
    times : array, shape (T,)
        Grid, in the cohort's unit.

    Raises
    ------
    UsageError
        If the dataset is not simulated.
    """
    card = loaded.card
    if not has_oracle(card):
        raise UsageError(f"{card.name} has no oracle: the truth is known of simulated datasets only")
    function = load_entry(replace(card, entry=card.oracle))
    of_adapter = {key: value for key, value in options.items() if key != HORIZON}
    truth: Truth = function(**{**card.arguments, **card.options, **of_adapter})
    everyone = Prediction(truth.risk, times, truth.survival(times))
    if len(everyone) == len(loaded.cohort):
        return everyone
    all_ids = load_dataset(card.name, options).cohort.patients.ids
    return _rows(everyone, np.flatnonzero(np.isin(all_ids, loaded.cohort.patients.ids)))


def oracle_scores(
    loaded: LoadedDataset, options: dict[str, Any], protocol: EvaluationProtocol, splits: Sequence[Split]
) -> OracleScores:
    """Score the truth on the test part of each split, by the protocol that methods are scored by."""
    truth = true_prediction(loaded, options, protocol.times)
    outcome, strata, ids = loaded.cohort.outcome, loaded.cohort.strata, loaded.cohort.patients.ids
    scored, influence = [], []
    for split in splits:
        train, test = outcome.take(split.train), outcome.take(split.test)
        prepared = prepare(protocol, train, test)
        prediction = _rows(truth, split.test)
        own_strata = None if strata is None else strata[split.test]
        scored.append(evaluate(protocol, train, test, prediction, strata=own_strata, prepared=prepared))
        part = PredictedPart(ids[split.test], test, own_strata, {MAIN: prediction})
        influence.append(influence_of(protocol, prepared, part))
    return OracleScores(tuple(splits), tuple(scored), tuple(influence))


def oracle_row(cells: Sequence[Cell], protocol: EvaluationProtocol) -> Row:
    """Return the row of the truth in the table of a run.

    Parameters
    ----------
    cells : sequence of Cell
        The run's cells of one simulated dataset; their test folds are those the truth is scored on.
    protocol : EvaluationProtocol
        Of the dataset.
    """
    one_a_fold = list({(cell.repeat, cell.fold): cell for cell in cells}.values())
    first = one_a_fold[0]
    loaded = dataset_of(first).loaded
    splits = [split_of(cell, loaded.cohort) for cell in one_a_fold]
    scores = oracle_scores(loaded, dict(first.dataset_options), protocol, splits)
    # It learns nothing; the training patients give the censoring weights.
    of_place = dict(zip(((s.repeat, s.fold) for s in splits), scores.influence, strict=True))
    design = Design(tuple(of_place), len(loaded.cohort), [s.test for s in splits], [s.train for s in splits])
    return Row(
        dataset=first.dataset,
        method=ORACLE,
        variant=MAIN,
        modalities=(),
        state="complete",
        cells=len(splits),
        ok=len(splits),
        averages=averages_of(scores.scores, design, of_place, repeats=len({split.repeat for split in splits})),
        fit_seconds=None,
        peak_memory=0,
    )


def _rows(prediction: Prediction, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> Prediction:
    assert prediction.survival is not None
    return Prediction(prediction.risk[rows], prediction.times, prediction.survival[rows])
