"""Where the gain of a fusion in C comes from: pairs that both, one or none of the unimodal rows order rightly."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.design import Place
from benchmarks.types import MAIN
from leaderboards.boards.candidates import Candidate
from leaderboards.boards.fold_risks import FoldRisks
from leaderboards.boards.gains import PLAIN_FUSION, REFERENCE
from metrics import concordance_gain

# Methods that can be shown any one modality, the one that is taken first in front.
UNIMODAL = (REFERENCE, "cox_late", PLAIN_FUSION)

# Of three rows there are eight classes of pairs; nobody reads sixteen.
MOST_UNIMODAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PairClass:
    """Comparable pairs that the same unimodal rows order rightly; a pair that one leaves tied is half in, half out.

    Parameters
    ----------
    right : tuple of str
        Names of the rows that order them rightly.
    share : float
        Of all comparable pairs.
    first, second : float or None
        Share of them that the two compared rows order rightly, ties half; None without a pair.
    contribution : float
        What they add to the gain: share times (first less second).
    """

    right: tuple[str, ...]
    share: float
    first: float | None
    second: float | None
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GainSplit:
    """The gain in Harrell's C of one row over another, split by what unimodal rows tell.

    Parameters
    ----------
    unimodal : tuple of str
        Names of the rows by which pairs are told apart.
    shown : tuple of tuple of str
        The modalities that each of them was shown.
    gain : float
        Pooled over the folds, as boards and ``compare`` have it.
    classes : tuple of PairClass
        Those of all rows first, those of none last; their contributions add up to the gain.
    """

    unimodal: tuple[str, ...]
    shown: tuple[tuple[str, ...], ...]
    gain: float
    classes: tuple[PairClass, ...]


def unimodal_rows(rows: Sequence[Candidate], fusion: Candidate, reference: Candidate) -> list[Candidate]:
    """Return a row for each modality of a multimodal row that was shown this one alone; none if one is not there.

    The row that is compared with, if it is such a row. The others of one method, if there is one: the fusion's own
    forms, then those of ``UNIMODAL`` in their order; else the first that there is for each modality. Shuffled rows do
    not serve.

    Parameters
    ----------
    rows : sequence of Candidate
        Of the dataset.
    fusion, reference : Candidate
        Rows of it: the one whose gain is split, and the one it gains over.
    """
    modalities = fusion.entry.modalities
    if len(modalities) < 2:
        return []
    usable = [row for row in rows if _is_usable(row)]
    same = [row for row in usable if row.name == reference.name]
    own = [row for row in usable if _is_form(row, fusion)]
    of_methods = [[row for row in usable if row.entry.method == name and _is_main(row)] for name in UNIMODAL]
    for group in [own, *of_methods, [*own, *itertools.chain(*of_methods)]]:
        found = [next((row for row in [*same, *group] if row.entry.modalities == (name,)), None) for name in modalities]
        there = [row for row in found if row is not None]
        if len(there) == len(modalities):
            return there
    return []


def modalities_without_row(rows: Sequence[Candidate], fusion: Candidate, reference: Candidate) -> list[str]:
    """Return the modalities of a row for which ``unimodal_rows`` finds no row that was shown them alone."""
    there = {
        row.entry.modalities
        for row in filter(_is_usable, rows)
        if row.name == reference.name or _is_form(row, fusion) or _is_main(row)
    }
    return [name for name in fusion.entry.modalities if (name,) not in there]


def _is_usable(row: Candidate) -> bool:
    return len(row.entry.modalities) == 1 and bool(row.row.averages) and not row.entry.shuffled


def _is_main(row: Candidate) -> bool:
    """Return whether a row is the main prediction of a method that can be shown any one modality."""
    return row.entry.method in UNIMODAL and row.row.variant == MAIN


def _is_form(row: Candidate, fusion: Candidate) -> bool:
    one, other = row.entry, fusion.entry
    return (one.method, one.config, row.row.variant) == (other.method, other.config, fusion.row.variant)


def split_gain(
    first: Mapping[Place, FoldRisks],
    second: Mapping[Place, FoldRisks],
    unimodal: Mapping[str, Mapping[Place, FoldRisks]],
    shown: Sequence[tuple[str, ...]],
) -> GainSplit:
    """Split the gain of one row over another, pooled over the folds: repeats alike, folds of a repeat by their pairs.

    Parameters
    ----------
    first, second : mapping of (repeat, fold) to FoldRisks
        What the two rows predicted.
    unimodal : mapping of str to mapping
        The same of each unimodal row, by name.
    shown : sequence of tuple of str
        The modalities that each of these was shown.

    Returns
    -------
    GainSplit
        By :func:`metrics.concordance_gain`, within folds and strata.
    """
    of_repeats: dict[int, np.ndarray] = {}
    for place, part in first.items():
        found = concordance_gain(
            part.outcome,
            part.risk,
            second[place].risk,
            [parts[place].risk for parts in unimodal.values()],
            strata=part.patients.strata,
        )
        counts = np.stack([found.pairs, found.concordant, found.reference_concordant])
        of_repeats[place[0]] = of_repeats.get(place[0], 0.0) + counts
    pairs, one, other = np.mean([counts / counts[0].sum() for counts in of_repeats.values()], axis=0)
    names = np.array(list(unimodal))
    classes = [
        PairClass(
            right=tuple(str(name) for name in names[found.right[number]]),
            share=float(pairs[number]),
            first=float(one[number] / pairs[number]) if pairs[number] else None,
            second=float(other[number] / pairs[number]) if pairs[number] else None,
            contribution=float(one[number] - other[number]),
        )
        for number in range(len(pairs))
    ]
    # The most rows first; of as many, in the order of the rows.
    classes.sort(key=lambda row: (-len(row.right), [name not in row.right for name in unimodal]))
    return GainSplit(
        unimodal=tuple(unimodal), shown=tuple(shown), gain=float(one.sum() - other.sum()), classes=tuple(classes)
    )
