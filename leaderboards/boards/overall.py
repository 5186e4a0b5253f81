"""The board over all datasets: ranks, never means of scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.protocol.measures import measure_named
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain
from leaderboards.boards.mean_gain import mean_gain
from leaderboards.boards.ranking import SEPARATION_LEVEL
from leaderboards.statistics import (
    MINIMUM_DATASETS,
    critical_difference,
    friedman_test,
    group_letters,
    rank_methods,
    signed_rank_tests,
    tie_groups,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallRow:
    """One method over all datasets.

    Parameters
    ----------
    name : str
        As on the boards of the datasets.
    mean_rank : float
        Mean of its ranks; 1 is best, a failure has the worst.
    ranks : tuple of float
        Rank on each dataset; equal values share the mean of theirs.
    failed : tuple of str
        The datasets on which it failed.
    letters : str
        Methods that share a letter are not separated; empty with too few datasets to separate any.
    gain : Gain or None
        Its mean gain over clinical-only Cox; None where it has none on one of the datasets.
    """

    name: str
    mean_rank: float
    ranks: tuple[float, ...]
    failed: tuple[str, ...]
    letters: str
    gain: Gain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallBoard:
    """Mean ranks over the datasets, with the tests that say what they are worth.

    Parameters
    ----------
    measure : str
        Ranked by what.
    datasets : tuple of str
        The N datasets.
    rows : tuple of OverallRow
        The methods that were run on all of them and have the measure, best first.
    p_value : float or None
        That no method differs (Friedman's test, F of Iman and Davenport); None with fewer than five datasets.
    critical_difference : float or None
        Nemenyi's distance of mean ranks from which on two methods differ; None with fewer than five datasets.
    left_out : tuple of (str, str)
        Methods that are not ranked, and why.
    warning : str
        Why the board decides little; empty if nothing is to be said.
    undefined : tuple of str
        Datasets that leave the measure undefined for every method; they take no part.
    one_modality : tuple of str
        Datasets on whose boards no row reads several modalities, where others have such rows; they take no part.
    """

    measure: str
    datasets: tuple[str, ...]
    rows: tuple[OverallRow, ...]
    p_value: float | None
    critical_difference: float | None
    left_out: tuple[tuple[str, str], ...]
    warning: str
    undefined: tuple[str, ...] = ()
    one_modality: tuple[str, ...] = ()


def make_overall(boards: Sequence[Board]) -> OverallBoard:
    """Rank the methods over several boards of the same measure.

    A method that failed on a dataset, or was run on a part of its folds, has the worst rank there. One that was not
    run on a dataset at all, cannot be, or does not have the measure there, is left out: its ranks would be of other
    datasets than the others'. A dataset on which no method has the measure takes no part. Where rows read several
    modalities on two datasets or more, only such datasets take part: on the others methods of fusion cannot be asked.
    A row of which a modality was shuffled is a control and no method: it is left out, too.
    Pairs are separated by Wilcoxon's signed-rank test, Holm-adjusted, from five datasets on.

    Parameters
    ----------
    boards : sequence of Board
        One a dataset, all ranked by the same measure.
    """
    measure = boards[0].measure
    undefined = tuple(board.dataset for board in boards if _undefined(board))
    boards = [board for board in boards if board.dataset not in undefined]
    several = [board for board in boards if any(len(row.row.modalities) > 1 for row in board.rows)]
    one_modality: tuple[str, ...] = ()
    if len(several) > 1:
        one_modality = tuple(board.dataset for board in boards if board not in several)
        boards = several
    datasets = tuple(board.dataset for board in boards)
    of_dataset = [{row.name: row for row in board.rows} for board in boards]
    names = list(dict.fromkeys(name for rows in of_dataset for name in rows))
    left_out = [(name, reason) for name in names if (reason := _lacking(name, boards))]
    out = {name for name, _ in left_out}
    ranked = [name for name in names if name not in out]
    scores = np.array([[_value(rows[name]) for rows in of_dataset] for name in ranked]).reshape(len(ranked), -1)
    made = _tested(measure, datasets, ranked, scores, tuple(left_out))
    rows = tuple(replace(row, gain=_gain(row.name, boards)) for row in made.rows)
    return replace(made, rows=rows, undefined=undefined, one_modality=one_modality)


def _gain(name: str, boards: Sequence[Board]) -> Gain | None:
    """Return the mean gain of a row over clinical-only Cox, where it has one on all of some boards."""
    gains = [row.gain for board in boards for row in board.rows if row.name == name]
    found = [gain for gain in gains if isinstance(gain, Gain)]
    return mean_gain(found) if found and len(found) == len(boards) else None


def _undefined(board: Board) -> bool:
    """Return whether methods finished on a dataset, and none has the measure there."""
    return any(row.lacks(board.measure) for row in board.rows) and all(row.value is None for row in board.rows)


def _tested(
    measure: str,
    datasets: tuple[str, ...],
    names: Sequence[str],
    scores: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    left_out: tuple[tuple[str, str], ...],
) -> OverallBoard:
    if not names:
        return OverallBoard(
            measure=measure,
            datasets=datasets,
            rows=(),
            p_value=None,
            critical_difference=None,
            left_out=left_out,
            warning="no method has a rank on all of these datasets",
        )
    failed = np.isnan(scores)
    losses = np.vectorize(measure_named(measure).as_loss, otypes=[np.float64])(scores)
    ranks = rank_methods(losses, failed, higher_is_better=False)
    order = [int(place) for place in np.argsort(ranks.mean(axis=1), kind="stable")]
    enough = len(names) > 1 and len(datasets) >= MINIMUM_DATASETS
    letters = [""] * len(names)
    if enough:
        tests = signed_rank_tests(losses, failed, higher_is_better=False)
        separated = tests.adjusted_p_value < SEPARATION_LEVEL
        letters = group_letters(tie_groups(order, separated), len(names))
    rows = [
        OverallRow(
            name=names[place],
            mean_rank=float(ranks[place].mean()),
            ranks=tuple(float(rank) for rank in ranks[place]),
            failed=tuple(name for name, bad in zip(datasets, failed[place], strict=True) if bad),
            letters=letters[place],
        )
        for place in order
    ]
    return OverallBoard(
        measure=measure,
        datasets=datasets,
        rows=tuple(rows),
        p_value=friedman_test(ranks).p_value if enough else None,
        critical_difference=critical_difference(len(names), len(datasets)) if enough else None,
        left_out=left_out,
        warning=_inseparable(len(names), len(datasets)),
    )


def _inseparable(methods: int, datasets: int) -> str:
    """Say that no result on so few datasets could separate two of the methods; empty where some could."""
    if datasets < MINIMUM_DATASETS:
        return (
            f"{datasets} datasets: no test is made of ranks on fewer than {MINIMUM_DATASETS}, they separate no methods"
        )
    pairs = methods * (methods - 1) // 2
    smallest = pairs * 0.5 ** (datasets - 1)
    if smallest < SEPARATION_LEVEL:
        return ""
    return (
        f"{datasets} datasets cannot separate any two of {methods} methods: were one better on all of them, the "
        f"adjusted p-value would still be {min(1.0, smallest):.2g}; that two share a letter says nothing"
    )


def _lacking(name: str, boards: Sequence[Board]) -> str:
    """Return why a method cannot be ranked over all datasets; empty if it can, with the worst rank where it failed."""
    if any(row.row.shuffled for board in boards for row in board.rows if row.name == name):
        return "a control"
    not_run = []
    without: dict[str, list[str]] = {}
    for board in boards:
        row = next((row for row in board.rows if row.name == name), None)
        if row is None or row.skipped:
            not_run.append(board.dataset)
        elif reason := row.lacks(board.measure):
            without.setdefault(reason, []).append(board.dataset)
    ran = [board.dataset for board in boards if board.dataset not in not_run]
    # The shorter list says the same.
    where = f"run on {', '.join(ran)} alone" if len(ran) < len(not_run) else f"not run on {', '.join(not_run)}"
    told = [where] if not_run else []
    return "; ".join([*told, *(f"on {', '.join(datasets)}: {reason}" for reason, datasets in without.items())])


def _value(row: BoardRow) -> float:
    return float("nan") if row.value is None else row.value
