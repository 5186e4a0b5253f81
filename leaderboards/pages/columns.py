"""The columns of a board as a person reads it, the same in every typeset form."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.protocol.measures import MEASURES, Measure, measure_named
from benchmarks.scoring.summary import Average
from benchmarks.types import TEACHER
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.entries import TRANSDUCTIVE
from leaderboards.boards.gains import Gain, NoGain
from leaderboards.pages.words import listed

# The concordance over all pairs stands beside the one within strata, where there are strata (convention 16).
SHOWN = tuple(measure for measure in MEASURES if measure.in_tables or measure.name == "harrell_c_unstratified")
NOTHING = "-"
ARROWS = {"higher": "↑", "lower": "↓", "zero": "", "one": ""}

_OF_INTERVALS = (
    "Mean over the test folds ± half the 95 % interval, by the influence of each patient (C, Uno C, C-td, "
    "IBS, scaled IBS): where the models fitted here would score on all patients like these; not whether two rows "
    "differ, nor what the methods would do if fitted anew (compare asks both).",
)
_OF_P_VALUES = (
    "D-cal: p-value of distribution calibration of all folds together (events a bin); - where they are too few for it "
    "to reject curves that are wrong.",
)
_OF_TESTS = (
    "Rows that share a letter are not separated: paired influence tests on pooled out-of-fold predictions, "
    "adjusted for all pairs together, 5 % - of the models fitted here, on patients like these.",
    "Gain over Cox: the ranking measure less that of Cox on the clinical table alone; gain over own unimodal: less "
    "that of the best form of the same method that sees one modality; gain over fusion_average: less that of the mean "
    "of the unimodal Cox risks of the same modalities; all paired, with 95 % interval, not adjusted; none over a row "
    "that failed on a fold. Same inputs: the row was shown nothing that this Cox was not; the difference is one of "
    "methods and no gain of a modality.",
    "A row with a modality shuffled among the patients is a control: what it gains does not come from that modality.",
)
_OF_TRANSDUCTIVE = (
    "Transductive: modalities that were made with all patients of the dataset, those tested among them, though without "
    "outcomes (a slide encoder trained on these slides, z-scores over the cohort); on new patients a row may do worse.",
)
_OF_THE_REST = (
    "fit s: mean wall seconds of a fold; ms/patient: prediction, median over folds; MiB: most resident memory of the "
    "process tree; teacher s: the part of fit s that its teacher took; tune s: the trials, which come before it.",
    "A tuned row had its settings chosen within each fold, on its training and validation patients.",
    "Signs of failure: C falls by more than 0.2 from validation to test; C rises by more than 0.1 from validation to "
    "test, or is above 0.95, as where a method has seen the outcomes; C varies by more than 0.08 (sd) between "
    "folds; a student's mean rank correlation with its teacher is below 0.9; below clinical-only Cox, clearly so if "
    "the two share no letter; warnings of fits. Below a "
    "board stands, too, whose default settings were chosen on training folds of the same dataset.",
    "A failed method stands last and has the worst rank over all; a mean over missing cells is never formed.",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and the text of a row under it."""

    heading: str
    text: Callable[[BoardRow], str]


def rules_of(boards: Sequence[Board]) -> tuple[str, ...]:
    """Return how boards of the same measure are read, a sentence or two each."""
    tested = measure_named(boards[0].measure).pooled_by is not None
    made_on_all = any(TRANSDUCTIVE in row.labels for board in boards for row in board.rows)
    return (
        *_OF_INTERVALS,
        *_OF_P_VALUES,
        *(_OF_TESTS if tested else ()),
        *(_OF_TRANSDUCTIVE if made_on_all else ()),
        *_OF_THE_REST,
    )


def shown_of(measure: str) -> tuple[Measure, ...]:
    """Return the measures in a board that is ranked by one: those of every table, and the one it is ranked by."""
    ranked_by = measure_named(measure)
    return SHOWN if ranked_by in SHOWN else (*SHOWN, ranked_by)


def columns_of(board: Board) -> list[Column]:
    """Return the columns of a board; those in which no row has anything to say are left out."""
    tested = measure_named(board.measure).pooled_by is not None
    first = [
        Column("rank", lambda row: NOTHING if row.rank is None else str(row.rank)),
        Column("method", lambda row: row.name),
        Column("reads", lambda row: "+".join(row.row.modalities) or "outcome"),
        Column("ties", _ties) if tested else Column("cells", _cells),
    ]
    further = [
        *(
            _score_column(shown.name, f"{shown.column} {ARROWS[shown.better]}".strip())
            for shown in shown_of(board.measure)
        ),
        Column("gain over Cox", _gain_over_cox),
        Column("gain over own unimodal", lambda row: gain_text(row.own_gain)),
        Column("gain over fusion_average", lambda row: gain_text(row.plain_gain)),
        # One column: most rows have no label, and those that have some have different ones.
        Column("made with", _labels),
        Column("M parameters", lambda row: _number(row.parameters, "{:.3g}")),
        Column("fit s", lambda row: _number(None if _is_teacher(row) else row.row.fit_seconds, "{:.2f}")),
        Column("teacher s", lambda row: _number(row.teacher_seconds, "{:.2f}")),
        Column("tune s", lambda row: _number(row.tuning_seconds, "{:.1f}")),
        Column("ms/patient", lambda row: _number(None if row.latency is None else 1000 * row.latency, "{:.2f}")),
        Column("MiB", lambda row: _number(_mebibytes(row), "{:.0f}")),
    ]
    return [*first, *(column for column in further if any(column.text(row) != NOTHING for row in board.rows))]


def notes_of(board: Board) -> list[str]:
    """Return what gains are over, flags with the rows that have them, failures and lacking measures, a line each."""
    problems: dict[str, list[str]] = {}
    for row in board.rows:
        if problem := row.row.problem or row.lacks(board.measure):
            problems.setdefault(problem, []).append(row.name)
    taken = [f"{board.reference[0].upper()}{board.reference[1:]}"] if board.reference else []
    undecided = dict.fromkeys(
        average.problem for row in board.rows for average in row.row.averages.values() if average.status == "undecided"
    )
    failed = [f"{listed(names)}: {problem}" for problem, names in problems.items()]
    return taken + _flags_of(board) + list(undecided) + failed


_NUMBER = re.compile(r"(?<![\d.])-?\d+\.\d+")


def _flags_of(board: Board) -> list[str]:
    """Return each flag with the rows that have it; of those that differ in numbers alone, these beside each row."""
    told: dict[str, dict[str, list[str]]] = {}
    for row in board.rows:
        for flag in row.flags:
            told.setdefault(_NUMBER.sub("...", flag), {}).setdefault(flag, []).append(row.name)
    lines = []
    for shape, flags in told.items():
        if len(flags) == 1:
            lines += [f"{flag}: {listed(names)}" for flag, names in flags.items()]
        else:
            rows = [f"{name} {_numbers(flag)}" for flag, names in flags.items() for name in names]
            lines.append(f"{shape}: {listed(rows)}")
    return lines


def _numbers(flag: str) -> str:
    """Return the numbers of a flag: the first, and in brackets the others."""
    first, *others = _NUMBER.findall(flag)
    return f"{first} [{', '.join(others)}]" if others else str(first)


_BETTER = {
    "higher": "higher is better",
    "lower": "lower is better",
    "zero": "nearer to 0 is better",
    "one": "nearer to 1 is better",
}


def ranked_by(name: str) -> str:
    """Return what rows are ranked by: the title of a measure, and how folds are averaged where they are not pooled."""
    measure = measure_named(name)
    if measure.pooled_by is not None:
        return measure.title
    # The title of a p-value says what is averaged.
    how = "" if measure.is_p_value else " mean over the test folds,"
    return f"{measure.title} ({measure.column}):{how} {_BETTER[measure.better]}"


def board_sentence(board: Board) -> str:
    """Return what a board is of."""
    return (
        f"Ranked by {ranked_by(board.measure)}. {board.events} events in the test parts; {board.split}; "
        f"protocol {board.protocol or 'none'}, data {board.data_sha256[:12]}."
    )


def aligned(heading: str) -> bool:
    """Return whether the texts of a column stand at the left."""
    return heading in ("method", "reads", "ties", "cells", "made with")


def rows_of(board: Board, columns: Sequence[Column]) -> list[list[str]]:
    """Return the texts of a board, one list per row."""
    return [[column.text(row) for column in columns] for row in board.rows]


def _is_teacher(row: BoardRow) -> bool:
    """Return whether a row is what a student was taught: its costs were measured together with the student's."""
    return row.row.variant == TEACHER


def _mebibytes(row: BoardRow) -> float | None:
    """Return the most memory; None of a teacher, and where it was not measured."""
    return None if _is_teacher(row) or not row.row.peak_memory else row.row.peak_memory / 2**20


def _score_column(measure: str, heading: str) -> Column:
    return Column(heading, lambda row: _score(row.row.averages.get(measure)))


def _labels(row: BoardRow) -> str:
    """Return the labels of a row: what stands behind it."""
    return "; ".join(f"{name}: {text}" for name, text in row.labels.items()) or NOTHING


def _ties(row: BoardRow) -> str:
    if row.row.shuffled and row.value is not None:
        return "control"
    return _cells(row) if row.rank is None else row.letters


def _cells(row: BoardRow) -> str:
    return "skipped" if row.skipped else f"{row.row.ok}/{row.row.cells} ok"


def _score(average: Average | None) -> str:
    if average is None or average.mean is None:
        return NOTHING
    if average.events_a_bin is not None:
        return f"{average.mean:z.3f} ({average.events_a_bin:.1f})"
    if average.low is None or average.high is None:
        return f"{average.mean:z.3f}"
    return f"{average.mean:z.3f} ± {(average.high - average.low) / 2:z.3f}"


def gain_text(gain: Gain | NoGain | None) -> str:
    """Return a gain with its interval, or why there is none."""
    if isinstance(gain, NoGain):
        return gain.reason
    return NOTHING if gain is None else f"{signed(gain.value)} [{signed(gain.lower)}, {signed(gain.upper)}]"


def signed(value: float) -> str:
    """Return a difference in three decimals with its sign; what rounds to zero has none, on whichever side it is."""
    text = f"{value:+.3f}"
    return text[1:] if float(text) == 0 else text


def _gain_over_cox(row: BoardRow) -> str:
    return f"{gain_text(row.gain)}{', same inputs' if isinstance(row.gain, Gain) and row.same_inputs else ''}"


def _number(value: float | None, form: str) -> str:
    return NOTHING if value is None else form.format(value)


def written_p_value(p_value: float) -> str:
    """Return a p-value as tables and sentences say it: ``< 0.001``, or three decimals."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:z.3f}"
