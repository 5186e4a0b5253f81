"""The board over all datasets as a person reads it: its table, and what is to be said of it."""

from benchmarks.protocol.measures import measure_named
from leaderboards.boards.overall import OverallBoard
from leaderboards.pages.columns import gain_text, ranked_by, written_p_value
from leaderboards.pages.words import listed


def overall_table(board: OverallBoard) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the board over all datasets; ``!`` marks the worst rank of a failure."""
    separated = any(row.letters for row in board.rows)
    gains = any(row.gain is not None for row in board.rows)
    headings = [
        *("method", *(["ties"] if separated else []), "mean rank"),
        *(["mean gain over Cox"] if gains else []),
        *board.datasets,
    ]
    rows = []
    for row in board.rows:
        ranks = [
            f"{rank:g}{'!' if dataset in row.failed else ''}"
            for dataset, rank in zip(board.datasets, row.ranks, strict=True)
        ]
        told = [row.name, *([row.letters] if separated else []), f"{row.mean_rank:.2f}"]
        rows.append([*told, *([gain_text(row.gain)] if gains else []), *ranks])
    return headings, rows


def overall_sentences(board: OverallBoard) -> list[str]:
    """Return what is to be said of the board over all datasets, a sentence each."""
    said = [f"Mean ranks by {ranked_by(board.measure)}; ! marks a failure, which has the worst rank."]
    if board.p_value is not None:
        p_value = written_p_value(board.p_value)
        equals = "" if p_value.startswith("<") else "= "
        said.append(f"That all methods are alike: p {equals}{p_value} (Friedman, Iman and Davenport).")
    if board.critical_difference is not None:
        said.append(
            f"Rows that share a letter are not separated (Wilcoxon signed-rank tests over datasets, Holm, 5 %); "
            f"critical difference of mean ranks: {board.critical_difference:.2f} (Nemenyi)."
        )
    said += _said_of_gains(board)
    if board.warning:
        said.append(f"{board.warning[0].upper()}{board.warning[1:]}.")
    if board.undefined:
        said.append(f"No method has the measure on {', '.join(board.undefined)}: not among the datasets.")
    if board.one_modality:
        said.append(
            f"No row reads several modalities on {', '.join(board.one_modality)}: not among the datasets, as fusion "
            "cannot be asked there."
        )
    left_out: dict[str, list[str]] = {}
    for name, reason in board.left_out:
        left_out.setdefault(reason, []).append(name)
    return [*said, *(f"Not ranked: {listed(names)}: {reason}." for reason, names in left_out.items())]


def _said_of_gains(board: OverallBoard) -> list[str]:
    """Return what mean gains are, and whose intervals leave zero out."""
    gains = {row.name: row.gain for row in board.rows if row.gain is not None}
    if not gains:
        return []
    higher = measure_named(board.measure).higher_is_better
    sides = {name: int(gain.lower > 0) - int(gain.upper < 0) for name, gain in gains.items()}
    better = [name for name, side in sides.items() if side == (1 if higher else -1)]
    worse = [name for name, side in sides.items() if side == (-1 if higher else 1)]
    return [
        "Mean gain over Cox: the mean of a row's gains over Cox on the clinical table, each dataset counting the same, "
        "with the 95 % interval for the models fitted here; the datasets are taken as independent.",
        f"By intervals without zero, not adjusted for the number of rows, {listed(better) or 'no row'} gain on "
        f"average, and {listed(worse) or 'no row'} fall below.",
    ]
