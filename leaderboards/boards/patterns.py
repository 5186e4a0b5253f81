"""Two rows on the patients who have the same modalities: expression but no slides, say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.scoring.design import Design, Place
from benchmarks.types import BoolArray
from leaderboards.boards.fold_risks import FoldRisks
from leaderboards.statistics import Difference, Folds, NoSpreadError, PooledEstimate, paired_test, pool
from metrics import PreparedOutcome, UndefinedError, concordance_index
from metrics.pooling import OneUnitError
from metrics.results import Concordance

# The modalities that a patient has.
Pattern: TypeAlias = tuple[str, ...]

# With fewer, the standard error of a concordance is about 0.1 and itself a guess.
FEWEST_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternScores:
    """Harrell's C of two rows on the patients with one pattern of present modalities.

    Parameters
    ----------
    modalities : tuple of str
        What these patients have, of what the rows were shown.
    patients, events : int
        Of the test parts of one repeat; events up to the horizon.
    first, second : float or None
        C, pairs within pattern, fold and stratum, pooled over the folds; None where there is a problem.
    difference : Difference or None
        First less second, paired influence test; None where every patient makes the same difference, or a fold has
        one event, too.
    problem : str
        Why there is no C; empty if there is.
    """

    modalities: Pattern
    patients: int
    events: int
    first: float | None = None
    second: float | None = None
    difference: Difference | None = None
    problem: str = ""


def patterns_of(name: str, parts: Mapping[Place, FoldRisks]) -> dict[Place, list[Pattern]]:
    """Return which modalities each test patient has, of those that a row was shown.

    Parameters
    ----------
    name : str
        Of the row.
    parts : mapping of (repeat, fold) to FoldRisks
        What it predicted.

    Raises
    ------
    UsageError
        If its predictions do not say who has which modality.
    """
    found = {}
    for place, part in parts.items():
        present = part.patients.present
        if present is None:
            raise UsageError(
                f"the predictions of {name} do not say who has which modality: run its cells again with --force"
            )
        found[place] = [tuple(m for m, have in present.items() if have[row]) for row in range(len(part.risk))]
    return found


def scores_by_pattern(
    design: Design,
    patterns: Mapping[Place, Sequence[Pattern]],
    first: Mapping[Place, FoldRisks],
    second: Mapping[Place, FoldRisks],
) -> list[PatternScores]:
    """Score two rows on the patients of each pattern of present modalities, the most frequent pattern first.

    Parameters
    ----------
    design : Design
        Of the dataset.
    patterns : mapping of (repeat, fold) to sequence of tuple of str
        What each test patient has.
    first, second : mapping of (repeat, fold) to FoldRisks
        What the two rows predicted.
    """
    everyone = [pattern for of_fold in patterns.values() for pattern in of_fold]
    distinct = sorted(dict.fromkeys(everyone), key=lambda pattern: (-everyone.count(pattern), pattern))
    found = []
    for pattern in distinct:
        masks = {place: np.array([own == pattern for own in of_fold]) for place, of_fold in patterns.items()}
        found.append(_of_pattern(design, pattern, masks, first, second))
    return found


def _of_pattern(
    design: Design,
    pattern: Pattern,
    masks: Mapping[Place, BoolArray],
    first: Mapping[Place, FoldRisks],
    second: Mapping[Place, FoldRisks],
) -> PatternScores:
    repeat = design.places[0][0]
    of_one_repeat = [first[place].outcome for place in masks if place[0] == repeat]
    own = [mask for place, mask in masks.items() if place[0] == repeat]
    patients = sum(int(mask.sum()) for mask in own)
    events = sum(int((mask & _in_time(outcome)).sum()) for mask, outcome in zip(own, of_one_repeat, strict=True))
    if events < FEWEST_EVENTS:
        problem = f"{events} events, {FEWEST_EVENTS} are needed"
        return PatternScores(modalities=pattern, patients=patients, events=events, problem=problem)
    pooled = _pooled(design, masks, (first, second))
    if pooled is None:
        problem = "no fold has a comparable pair"
        return PatternScores(modalities=pattern, patients=patients, events=events, problem=problem)
    try:
        difference = paired_test(*pooled)
    except (NoSpreadError, OneUnitError):
        difference = None
    return PatternScores(
        modalities=pattern,
        patients=patients,
        events=events,
        first=pooled[0].value,
        second=pooled[1].value,
        difference=difference,
    )


def _pooled(
    design: Design, masks: Mapping[Place, BoolArray], rows: Sequence[Mapping[Place, FoldRisks]]
) -> tuple[PooledEstimate, PooledEstimate] | None:
    """Pool C over the folds in which some pair of the patients is comparable; None if none has one."""
    tested, repeats, estimates, events = [], [], [], []
    for place, of_fold in zip(design.places, design.tested, strict=True):
        mask = masks[place]
        try:
            estimates.append([_concordance(row[place], mask) for row in rows])
        except UndefinedError:
            continue
        tested.append(of_fold[mask])
        repeats.append(place[0])
        events.append(int((mask & _in_time(rows[0][place].outcome)).sum()))
    if not estimates:
        return None
    weights = np.array([of_fold[0].comparable_pairs for of_fold in estimates], dtype=np.float64)
    folds = Folds(design.patients, tested, weights, np.array(repeats), events=np.array(events, dtype=np.float64))
    first, second = (_pool(folds, [of_fold[k] for of_fold in estimates]) for k in range(2))
    return first, second


def _in_time(outcome: PreparedOutcome) -> BoolArray:
    """Return who has the event up to the horizon."""
    return outcome.event & (outcome.time <= (np.inf if outcome.tau is None else outcome.tau))


def _concordance(part: FoldRisks, mask: BoolArray) -> Concordance:
    outcome, strata = part.outcome, part.patients.strata
    if not mask.any():
        raise UndefinedError("no patient has this pattern")
    return concordance_index(
        outcome.time[mask],
        outcome.event[mask],
        part.risk[mask],
        tau=outcome.tau,
        strata=None if strata is None else strata[mask],
    )


def _pool(folds: Folds, estimates: Sequence[Concordance]) -> PooledEstimate:
    influences = [estimate.influence for estimate in estimates]
    return pool(folds, [e.value for e in estimates], [own.scored for own in influences if own is not None])
