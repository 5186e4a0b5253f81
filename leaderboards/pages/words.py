"""What a board says in plain sentences: who cannot be told apart, and where a simple method is as good."""

from collections.abc import Sequence

from benchmarks.protocol.measures import Measure, measure_named
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import REFERENCE, Gain

# More names than these are counted; longer ones are cut.
MOST_NAMED = 6
LONGEST_NAME = 80

NOT_TESTED = "Pairs are not tested by this measure: ranks do not say who differs."


def sentences_of(board: Board) -> list[str]:
    """Return what a board says, a sentence or two each."""
    measure = measure_named(board.measure)
    ranked = [row for row in board.rows if row.rank is not None]
    if not ranked:
        return ["No row has a rank here."]
    best = ranked[0]
    if measure.pooled_by is None:
        return [f"{_name(best)} has the best mean. {NOT_TESTED}"]
    tied = [row for row in ranked[1:] if _share(row, best)]
    apart = [row for row in ranked[1:] if row not in tied]
    said = [_first(best, tied, apart)]
    simple = _fewest(ranked, [best, *tied])
    if simple is not None and simple is not best and len(simple.row.modalities) < len(best.row.modalities):
        said.append(
            f"{_name(simple)}, which reads {'+'.join(simple.row.modalities) or 'the outcome alone'}, cannot be told "
            "from the best."
        )
    said.append(_over_cox(ranked, measure))
    if board.reference:
        said.append(f"{board.reference[0].upper()}{board.reference[1:]}.")
    said += _over_own(ranked, measure)
    failed = [row for row in board.rows if row.row.state in ("failed", "incomplete")]
    if failed:
        said.append(f"{_counted(failed, 'row')} did not finish on all folds: {_named(failed)}.")
    return [sentence for sentence in said if sentence]


def sentences_over(boards: Sequence[Board]) -> list[str]:
    """Return what several boards say together: how often anything is told apart, and where a simple method wins."""
    ranked = [(board, rows) for board in boards if (rows := [row for row in board.rows if row.rank is not None])]
    if measure_named(boards[0].measure).pooled_by is None:
        return [NOT_TESTED]
    if len(ranked) < 2:
        return []
    said = []
    tied = [board.dataset for board, rows in ranked if any(_share(rows[0], row) for row in rows[1:])]
    said.append(
        f"On {len(tied)} of {len(ranked)} datasets the first row shares its letter with another one: there the board "
        "does not say which method is best."
    )
    with_cox = [(rows[0], cox) for _, rows in ranked if (cox := _clinical_cox(rows)) is not None]
    if with_cox:
        level = sum(best is cox or _share(best, cox) for best, cox in with_cox)
        said.append(
            f"Cox's model on the clinical table alone is the first row or cannot be told from it on {level} of "
            f"{len(with_cox)} datasets."
        )
    several = [rows for _, rows in ranked if any(len(row.row.modalities) > 1 for row in rows)]
    if several:
        fused = [rows for rows in several if len(rows[0].row.modalities) > 1]
        apart = [rows for rows in fused if not any(_share(rows[0], row) for row in rows if len(row.row.modalities) < 2)]
        said.append(
            f"Rows that read several modalities stand on {len(several)} datasets; one of them is first on "
            f"{len(fused)}, and on {len(apart)} the tests separate it from every row that reads one modality."
        )
    return said


def _clinical_cox(rows: Sequence[BoardRow]) -> BoardRow | None:
    """Return the best row of Cox's model that reads the clinical table alone."""
    return next((row for row in rows if row.row.method == REFERENCE and row.row.modalities == ("clinical",)), None)


def _share(one: BoardRow, other: BoardRow) -> bool:
    """Return whether two rows share a letter."""
    return bool({*_groups(one)} & {*_groups(other)})


def _first(best: BoardRow, tied: Sequence[BoardRow], apart: Sequence[BoardRow]) -> str:
    if not tied and not apart:
        return f"{_name(best)} is the only ranked row."
    if not tied:
        return f"{_name(best)} stands first, and the tests separate it from all {len(apart)} other rows."
    others = "the other row" if len(tied) + len(apart) == 1 else f"all {len(tied)} other rows"
    told = f"{_name(best)} stands first, but the tests do not separate it from"
    if not apart:
        return f"{told} {others}: the order of this board is not evidence that one is better."
    return (
        f"{told} {_counted(tied, 'row')}: {_named(tied)}. Separated from it: {_counted(apart, 'row')}, {_named(apart)}."
    )


def _over_cox(ranked: Sequence[BoardRow], measure: Measure) -> str:
    gains = [(row, row.gain) for row in ranked if isinstance(row.gain, Gain)]
    if not gains:
        return "No row can be compared with Cox's model on the clinical table alone."
    better = [row for row, gain in gains if _excludes_zero(gain, measure) > 0]
    worse = [row for row, gain in gains if _excludes_zero(gain, measure) < 0]
    over = gains[0][1].over
    what = "" if over == REFERENCE else f" ({over})"
    told = f"Of {_counted([row for row, _ in gains], 'row')} compared with clinical Cox{what}, "
    told += f"{len(better)} gain over it" + (f" ({_named(better)})" if better else "")
    told += f", {len(worse)} fall below it" + (f" ({_named(worse)})" if worse else "")
    told += ", by 95 % intervals that are not adjusted for their number; of the others nothing can be said."
    same = [row for row in better if row.same_inputs]
    if same:
        told += f" Shown nothing that clinical Cox was not, so that theirs is no gain of a modality: {_named(same)}."
    return told


def _over_own(ranked: Sequence[BoardRow], measure: Measure) -> list[str]:
    gains = [(row, row.own_gain) for row in ranked if isinstance(row.own_gain, Gain)]
    if not gains:
        return []
    better = [row for row, gain in gains if _excludes_zero(gain, measure) > 0]
    if not better:
        return [
            f"None of {_counted([row for row, _ in gains], 'multimodal row')} gains over its own form that reads one "
            "modality, by an interval without zero."
        ]
    return [
        f"{len(better)} of {_counted([row for row, _ in gains], 'multimodal row')} gain over their own form that reads "
        f"one modality, by an interval without zero: {_named(better)}."
    ]


def _excludes_zero(gain: Gain, measure: Measure) -> int:
    """Return 1 if the interval lies on the better side of zero, -1 if on the worse, 0 if zero is in it."""
    side = int(gain.lower > 0) - int(gain.upper < 0)
    return side if measure.higher_is_better else -side


def _fewest(ranked: Sequence[BoardRow], rows: Sequence[BoardRow]) -> BoardRow | None:
    """Return the row that reads the fewest modalities among some, the best of them."""
    return min(rows, key=lambda row: (len(row.row.modalities), ranked.index(row)), default=None)


def _groups(row: BoardRow) -> list[str]:
    return row.letters.split(",") if "," in row.letters else list(row.letters)


def _counted(rows: Sequence[BoardRow], what: str) -> str:
    return f"{len(rows)} {what}{'' if len(rows) == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names in a row, with semicolons between them where one has a comma of its own, as tuned rows have."""
    return ("; " if any(", " in name for name in names) else ", ").join(names)


def _named(rows: Sequence[BoardRow]) -> str:
    names = listed([_name(row) for row in rows[:MOST_NAMED]])
    rest = len(rows) - MOST_NAMED
    return f"{names} and {rest} more" if rest > 0 else names


def _name(row: BoardRow) -> str:
    return row.name if len(row.name) <= LONGEST_NAME else f"{row.name[: LONGEST_NAME - 1]}…"
