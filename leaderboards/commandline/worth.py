"""What ``compare`` prints of a fusion: where its gain comes from, and for whom."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, cut_in_the_middle, print_fitted

if TYPE_CHECKING:
    from rich.console import Console

    from leaderboards.boards.gain_split import GainSplit
    from leaderboards.boards.patterns import PatternScores
    from leaderboards.boards.worth import Worth

# A heading that names a row is no wider.
NAME = 24


def print_worth(console: "Console", worth: "Worth", first: str, second: str, *, wide: bool) -> None:
    """Print the parts of a gain and the scores by pattern, or why there are none."""
    named = [f"C of {name if wide else cut_in_the_middle(name, NAME)}" for name in (first, second)]
    if worth.split is not None:
        _print_split(console, worth.split, named, wide=wide)
    if len(worth.patterns) > 1:
        _print_patterns(console, worth.patterns, named, wide=wide)
    for reason in filter(None, (worth.not_split, worth.no_patterns)):
        console.print(reason, style="dim", markup=False, highlight=False)


def _print_split(console: "Console", split: "GainSplit", named: list[str], *, wide: bool) -> None:
    console.print(
        f"\ncomparable pairs by which of these order them rightly: {'; '.join(split.unimodal)}",
        markup=False,
        highlight=False,
    )
    words = words_of(split)
    rows = split.classes
    columns = [
        TableColumn(
            heading="right", cells=[*(class_in_words(r.right, words) for r in rows), "sum"], need=ALWAYS, left=True
        ),
        TableColumn(heading="pairs", cells=[*(f"{100 * r.share:.1f} %" for r in rows), "100.0 %"], need=ALWAYS),
        TableColumn(heading=named[0], cells=[*(_written(r.first) for r in rows), _total(split, 0)], need=2),
        TableColumn(heading=named[1], cells=[*(_written(r.second) for r in rows), _total(split, 1)], need=1),
        TableColumn(
            heading="adds to the gain",
            cells=[*(f"{r.contribution:+.4f}" for r in rows), f"{split.gain:+.4f}"],
            need=ALWAYS,
        ),
    ]
    print_fitted(console, columns, wide=wide)


def words_of(split: "GainSplit") -> dict[str, str]:
    """Return how each unimodal row is called in the names of classes: by its modality, if no two have the same."""
    shown = ["+".join(modalities) for modalities in split.shown]
    return dict(zip(split.unimodal, shown if len(set(shown)) == len(shown) else split.unimodal, strict=True))


def class_in_words(right: Sequence[str], words: Mapping[str, str]) -> str:
    """Return the name of a class of pairs by the rows that order them rightly."""
    two = len(words) == 2
    if not right:
        return "neither" if two else "none"
    if len(right) == len(words) > 1:
        return "both" if two else "all"
    named = " and ".join(words[name] for name in right)
    return f"only {named}" if len(right) == 1 else named


def _total(split: "GainSplit", of: int) -> str:
    """Return C of the first or second row over all classes."""
    return _written(sum(row.share * ((row.first, row.second)[of] or 0.0) for row in split.classes))


def _written(concordance: float | None) -> str:
    return "-" if concordance is None else f"{concordance:z.3f}"


def _print_patterns(console: "Console", rows: "Sequence[PatternScores]", named: list[str], *, wide: bool) -> None:
    console.print("\npatients by what they have, pairs within a pattern", markup=False, highlight=False)
    columns = [
        TableColumn(
            heading="has", cells=["+".join(row.modalities) or "nothing" for row in rows], need=ALWAYS, is_name=True
        ),
        TableColumn(heading="n", cells=[str(row.patients) for row in rows], need=ALWAYS),
        TableColumn(heading="events", cells=[str(row.events) for row in rows], need=ALWAYS),
        TableColumn(heading=named[0], cells=[_written(row.first) for row in rows], need=3),
        TableColumn(heading=named[1], cells=[_written(row.second) for row in rows], need=2),
        TableColumn(heading="difference", cells=[_difference(row) for row in rows], need=ALWAYS, left=True),
    ]
    print_fitted(console, columns, wide=wide)


def _difference(row: "PatternScores") -> str:
    if row.first is None or row.second is None:
        return row.problem
    from leaderboards.pages.columns import signed

    value = f"{row.first - row.second:+.4f}"
    if row.difference is None:
        return value
    return f"{value} [{signed(row.difference.lower)}, {signed(row.difference.upper)}]"
