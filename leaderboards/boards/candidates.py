"""The rows of a dataset before they are ranked, and the names they stand under."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.scoring.design import Design
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.scoring.summary import Row, State, summarise
from benchmarks.types import told_recalibrated, told_shuffled, told_tuned
from leaderboards.boards.entries import Entry, entries_of


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A row of a board before it is ranked: an entry, one of its variants, and the name they stand under."""

    name: str
    entry: Entry
    row: Row


def candidates(cells: Sequence[ScoredCell], design: Design | None = None) -> list[Candidate]:
    """Return the rows of a dataset before they are ranked: a row an entry and variant, in the order of the cells.

    Without the design (who was trained on and tested) their means have no intervals.
    """
    designs = {} if design is None else {cells[0].record.cell.dataset: design}
    entries = entries_of(cells)
    places = {(cell.record.cell.repeat, cell.record.cell.fold) for cell in cells}
    found = []
    for entry in entries:
        missing = len(places) - len(entry.cells)
        for row in summarise(entry.cells, designs):
            if missing:
                problem = f"not run on {missing} of {len(places)} folds"
                state: State = "incomplete" if row.state == "complete" else row.state
                told = "; ".join(filter(None, [row.problem, problem]))
                row = replace(row, averages={}, state=state, problem=told)
            found.append(Candidate(_name(entry, row, entries), entry, row))
    return found


def _name(entry: Entry, row: Row, entries: Sequence[Entry]) -> str:
    name = f"{entry.method} ({row.variant})" if row.variant else entry.method
    if entry.settings:
        name = f"{name} [{entry.settings}]"
    alike = [
        other
        for other in entries
        if (other.method, other.config, other.tuning, other.recalibrated)
        == (entry.method, entry.config, entry.tuning, entry.recalibrated)
    ]
    most = max(len(other.modalities) for other in alike)
    fullest = [other for other in alike if len(other.modalities) == most and other.shuffled == entry.shuffled]
    if fullest != [entry]:
        name = f"{name} on {'+'.join(entry.modalities) or 'nothing'}"
    return f"{name}{told_tuned(entry.tuning)}{told_recalibrated(entry.recalibrated)}{told_shuffled(entry.shuffled)}"
