"""What a fusion is worth beside another row: where its gain comes from, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.errors import UsageError
from benchmarks.scoring.design import Design
from benchmarks.storage.store import Store
from leaderboards.boards.candidates import Candidate
from leaderboards.boards.fold_risks import read_fold_risks
from leaderboards.boards.gain_split import (
    MOST_UNIMODAL,
    GainSplit,
    modalities_without_row,
    split_gain,
    unimodal_rows,
)
from leaderboards.boards.pairs import find_row
from leaderboards.boards.patterns import PatternScores, patterns_of, scores_by_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The gain in C of one row over another, taken apart.

    Parameters
    ----------
    split : GainSplit or None
        By which unimodal rows order a pair rightly.
    not_split : str
        Why there is none, and what helps; empty too where nothing is asked: the first row was shown one modality.
    patterns : tuple of PatternScores
        By which modalities the patients have.
    no_patterns : str
        Why there are none; empty too where the rows were shown one modality.
    """

    split: GainSplit | None
    not_split: str
    patterns: tuple[PatternScores, ...]
    no_patterns: str


def worth_of(
    store: Store,
    design: Design,
    rows: Sequence[Candidate],
    first: Candidate,
    second: Candidate,
    unimodal: Sequence[str] = (),
) -> Worth:
    """Take the gain of one row over another apart.

    Parameters
    ----------
    store : Store
        Where the predictions are.
    design : Design
        Of the dataset.
    rows : sequence of Candidate
        Of the dataset, all that may serve as unimodal rows.
    first, second : Candidate
        Rows with Harrell's C in all folds.
    unimodal : sequence of str
        Names of the rows by which pairs are told apart; ``unimodal_rows`` finds them if none is named.

    Raises
    ------
    UsageError
        If a row is not there or not complete, there are too many, or a file is damaged.
    """
    parts = {row.name: read_fold_risks(store, row) for row in (first, second)}
    split, not_split = None, ""
    chosen = [_named(name, rows) for name in unimodal] or unimodal_rows(rows, first, second)
    if unimodal and len(chosen) > MOST_UNIMODAL:
        raise UsageError(f"--unimodal: {len(chosen)} rows are named; a gain is split by {MOST_UNIMODAL} at most")
    if not chosen:
        not_split = _what_is_missing(rows, first, second)
    elif len(chosen) > MOST_UNIMODAL:
        names = "; ".join(row.name for row in chosen)
        not_split = f"a gain is split by {MOST_UNIMODAL} unimodal rows at most; name some with --unimodal: {names}"
    else:
        apart = {row.name: parts.get(row.name) or read_fold_risks(store, row) for row in chosen}
        split = split_gain(parts[first.name], parts[second.name], apart, [row.entry.modalities for row in chosen])
    # A control's patterns are those of the rows as they were shuffled: nobody's.
    shown = max(first, second, key=lambda row: (not row.entry.shuffled, len(row.entry.modalities)))
    if len(shown.entry.modalities) < 2:
        return Worth(split=split, not_split=not_split, patterns=(), no_patterns="")
    try:
        patterns = patterns_of(shown.name, parts[shown.name])
    except UsageError as error:
        return Worth(split=split, not_split=not_split, patterns=(), no_patterns=str(error))
    scores = scores_by_pattern(design, patterns, parts[first.name], parts[second.name])
    return Worth(split=split, not_split=not_split, patterns=tuple(scores), no_patterns="")


def _named(name: str, rows: Sequence[Candidate]) -> Candidate:
    row = find_row(rows, name)
    if row is None:
        raise UsageError(f"--unimodal {name}: there is no such row; there are: {'; '.join(row.name for row in rows)}")
    if not row.row.averages:
        raise UsageError(f"--unimodal {name}: {row.row.problem}")
    return row


def _what_is_missing(rows: Sequence[Candidate], fusion: Candidate, reference: Candidate) -> str:
    if len(fusion.entry.modalities) < 2:
        return ""
    missing = modalities_without_row(rows, fusion, reference)
    runs = " and ".join(f"--modalities {name}" for name in missing)
    return (
        f"the gain is not split by what one modality tells: no complete row on the same patients and folds was shown "
        f"{' or '.join(missing)} alone; run --method cox_late with {runs}"
    )
