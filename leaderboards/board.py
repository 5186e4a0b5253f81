"""The board of one dataset: what was measured of every method, ranked, with what cannot be told apart side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.execution.files import read_predictions
from benchmarks.store import Store
from benchmarks.summary import Row, summarise
from leaderboards.effects import POOLED_MEASURES, pooled_estimates
from leaderboards.statistics import Difference, PooledEstimate, group_letters, paired_test, paired_tests, tie_groups
from leaderboards.stored import ScoredCell

REFERENCE = "cox_ph"
SEPARATION_LEVEL = 0.05

# Known signs of failure.
VALIDATION_DROP = 0.2
FOLD_SPREAD = 0.08

# With fewer events in all test parts, the standard error of a concordance index is about 0.03 and more: hardly any
# pair of methods can be told apart.
FEW_EVENTS = 100


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One method or variant on the board.

    Parameters
    ----------
    row : Row
        Means and intervals, costs, or how the cells failed.
    rank : int or None
        By the board's measure, 1 is best; None if the method failed (it stands below all that did not) or was skipped.
    letters : str
        Methods that share a letter are not separated.
    gain : Difference or None
        The measure less clinical-only Cox's, paired; None for Cox itself, and where there is none.
    latency : float or None
        Seconds of prediction a test patient.
    flags : tuple of str
        Known signs of failure.
    """

    row: Row
    rank: int | None
    letters: str
    gain: Difference | None
    latency: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """All methods on one dataset, best first, failed ones last."""

    dataset: str
    measure: str
    events: int
    rows: tuple[BoardRow, ...]
    warning: str


def make_board(store: Store, cells: Sequence[ScoredCell], measure: str) -> Board:
    """Rank the methods of one dataset by a measure and group what the paired tests do not separate.

    Two methods are separated if the Holm-adjusted p-value of the paired influence test on pooled out-of-fold
    predictions is below 0.05: the models fitted here differ on patients like these.

    Parameters
    ----------
    store : Store
        Where the predictions are.
    cells : sequence of ScoredCell
        Cells of one dataset that can be compared (``by_dataset``).
    measure : str
        One of ``POOLED_MEASURES``.
    """
    sizes = _test_sizes(store, cells)
    summaries = summarise([(cell.record, cell.scores) for cell in cells])
    complete = [row for row in summaries if row.averages and row.averages[measure].mean is not None]
    records = {
        (row.method, row.variant): [c.record for c in cells if c.record.cell.method == row.method] for row in complete
    }
    pooled = pooled_estimates(store, records, measure) if records else {}
    ranked = [row for row in complete if (row.method, row.variant) in pooled]
    sign = -1 if POOLED_MEASURES[measure] else 1
    ranked.sort(key=lambda row: sign * pooled[row.method, row.variant].value)
    letters = _letters([pooled[row.method, row.variant] for row in ranked])
    rows = [
        BoardRow(
            row,
            rank,
            letters[rank - 1],
            _gain(pooled, row),
            _latency(cells, row, sizes),
            _flags(cells, row, pooled, measure),
        )
        for rank, row in enumerate(ranked, start=1)
    ]
    rest = [row for row in summaries if row not in ranked]
    rows += [BoardRow(row, None, "", None, None, ()) for row in sorted(rest, key=lambda row: "skipped:" in row.problem)]
    events = sum(events for (repeat, _), (_, events) in sizes.items() if repeat == 0)
    few = f"{events} events in the test parts: too few to tell most methods apart" if events < FEW_EVENTS else ""
    return Board(cells[0].record.cell.dataset, measure, events, tuple(rows), few)


def _letters(estimates: Sequence[PooledEstimate]) -> list[str]:
    """Return the tie groups of methods in ranked order."""
    if len(estimates) < 2:
        return ["a"] * len(estimates)
    tests = paired_tests(estimates)
    separated = np.nan_to_num(tests.adjusted_p_value, nan=1.0) < SEPARATION_LEVEL
    np.fill_diagonal(separated, False)
    return group_letters(tie_groups(range(len(estimates)), separated), len(estimates))


def _gain(pooled: Mapping[tuple[str, str], PooledEstimate], row: Row) -> Difference | None:
    if (REFERENCE, "") not in pooled or (row.method, row.variant) == (REFERENCE, ""):
        return None
    try:
        return paired_test(pooled[row.method, row.variant], pooled[REFERENCE, ""])
    except ValueError:
        return None  # the same difference for every patient: nothing tells how far to trust it


def _own(cells: Sequence[ScoredCell], row: Row) -> list[ScoredCell]:
    return [cell for cell in cells if cell.record.cell.method == row.method and cell.scores is not None]


def _latency(cells: Sequence[ScoredCell], row: Row, sizes: Mapping[tuple[int, int], tuple[int, int]]) -> float:
    """Return the mean seconds of prediction a test patient; the variants of a method are predicted together."""
    seconds = []
    for cell in _own(cells, row):
        record = cell.record
        patients, _ = sizes[record.cell.repeat, record.cell.fold]
        seconds.append(record.seconds["predict"] / patients)
    return float(np.mean(seconds))


def _test_sizes(store: Store, cells: Sequence[ScoredCell]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return patients and events of each test part, by repeat and fold."""
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for cell in cells:
        place = cell.record.cell.repeat, cell.record.cell.fold
        if cell.record.status == "ok" and place not in sizes:
            outcome = read_predictions(store.folder(cell.record.cell.key)).parts["test"].outcome
            sizes[place] = len(outcome), outcome.n_events
    return sizes


def _flags(
    cells: Sequence[ScoredCell], row: Row, pooled: Mapping[tuple[str, str], PooledEstimate], measure: str
) -> tuple[str, ...]:
    flags = []
    own = [cell.scores["variants"][row.variant] for cell in _own(cells, row) if cell.scores is not None]
    test = np.array([scores["test"]["harrell_c"]["value"] for scores in own], dtype=np.float64)
    validation = np.array([scores["validation"]["harrell_c"]["value"] for scores in own], dtype=np.float64)
    drop = float(np.nanmean(validation - test))
    if drop > VALIDATION_DROP:
        flags.append(f"C falls by {drop:.2f} from validation to test")
    if len(test) > 1 and (spread := float(np.std(test, ddof=1))) > FOLD_SPREAD:
        flags.append(f"C varies by {spread:.2f} (sd) between folds")
    reference = pooled.get((REFERENCE, ""))
    if reference is not None and (row.method, row.variant) != (REFERENCE, ""):
        difference = pooled[row.method, row.variant].value - reference.value
        if difference < 0 if POOLED_MEASURES[measure] else difference > 0:
            flags.append("below clinical-only Cox")
    return tuple(flags)
