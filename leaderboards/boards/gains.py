"""What a method gains, paired: over clinical-only Cox, over itself with one modality, over the mean of unimodal risks.

A row of which a modality was shuffled is a control: it has gains, and no gain is over it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.protocol.measures import Measure
from benchmarks.scoring.summary import Row
from benchmarks.types import MAIN
from leaderboards.boards.candidates import Candidate
from leaderboards.statistics import NoSpreadError, PooledEstimate, paired_test

REFERENCE = "cox_ph"

# The mean of unimodal risks: what every fusion must beat.
PLAIN_FUSION = "fusion_average"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The measure of one row less that of another, with its 95 % interval and two-sided p-value.

    The test is the paired influence test on pooled out-of-fold predictions: of the models fitted here.
    """

    over: str
    value: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGain:
    """Why there is no gain, though there are rows to gain over."""

    over: str
    reason: str


def is_reference(candidate: Candidate) -> bool:
    """Return whether a row is Cox's model that saw the clinical table alone, untuned; of several settings, any is."""
    entry, variant = candidate.entry, candidate.row.variant
    shown = (entry.method, variant, entry.modalities, entry.shuffled, dict(entry.tuning))
    return shown == (REFERENCE, MAIN, ("clinical",), (), {})


def gain_over_reference(
    candidate: Candidate, others: Mapping[str, Candidate], pooled: Mapping[str, PooledEstimate], measure: Measure
) -> Gain | NoGain | None:
    """Return the gain over clinical-only Cox; of several settings, over the first that have the measure in all folds.

    One that failed or was not run on some folds makes no gain: the folds on which it did well would flatter it, and
    the others whoever is compared with it.

    Parameters
    ----------
    candidate : Candidate
        A row that is in ``pooled``.
    others : mapping of str to Candidate
        All rows of the board, failed ones too.
    pooled : mapping of str to PooledEstimate
        Those that have the measure in all folds; empty where pairs are not tested.
    measure : Measure
        The board's.
    """
    return _gain_over_first(candidate, [row for row in others.values() if is_reference(row)], pooled, measure)


def gain_over_plain_fusion(
    candidate: Candidate, others: Mapping[str, Candidate], pooled: Mapping[str, PooledEstimate], measure: Measure
) -> Gain | NoGain | None:
    """Return the gain of a multimodal row over ``PLAIN_FUSION`` that was shown the same modalities.

    Of several settings, over the first that have the measure in all folds.

    Parameters
    ----------
    candidate, others, pooled, measure
        As of ``gain_over_reference``.
    """
    if len(candidate.entry.modalities) < 2 or (candidate.entry.method == PLAIN_FUSION and not candidate.entry.shuffled):
        return None
    plain = [
        row
        for row in others.values()
        if (row.entry.method, row.row.variant, row.entry.shuffled) == (PLAIN_FUSION, MAIN, ())
        and row.entry.modalities == candidate.entry.modalities
        and not row.entry.tuning
        and row.row.state != "skipped"
    ]
    return _gain_over_first(candidate, plain, pooled, measure)


def gain_over_own_unimodal(
    candidate: Candidate,
    others: Mapping[str, Candidate],
    pooled: Mapping[str, PooledEstimate],
    measure: Measure,
) -> Gain | NoGain | None:
    """Return the gain of a multimodal row over the best row of the same method, settings and variant with one modality.

    The best of several is taken after seeing their scores, which makes the gain look smaller, never larger. Where one
    of them failed, nobody knows which is the best.

    Parameters
    ----------
    candidate, others, pooled, measure
        As of ``gain_over_reference``.
    """
    if not pooled or len(candidate.entry.modalities) < 2:
        return None
    unimodal = [
        row
        for row in others.values()
        if len(row.entry.modalities) == 1
        and row.entry.method == candidate.entry.method
        and (row.entry.config, row.entry.tuning) == (candidate.entry.config, candidate.entry.tuning)
        and row.row.variant == candidate.row.variant
        and not row.entry.shuffled
        and row.row.state != "skipped"
    ]
    if not unimodal:
        return None
    sign = 1 if measure.higher_is_better else -1
    lacking = next((row for row in unimodal if row.name not in pooled), None)
    return _gain(
        candidate.name, lacking or max(unimodal, key=lambda row: sign * pooled[row.name].value), pooled, measure
    )


def _gain_over_first(
    candidate: Candidate, references: Sequence[Candidate], pooled: Mapping[str, PooledEstimate], measure: Measure
) -> Gain | NoGain | None:
    """Return the gain over the first of some references that has the measure, or why none of them has it."""
    reference = next((row for row in references if row.name in pooled), next(iter(references), None))
    if not pooled or reference is None or reference.name == candidate.name:
        return None
    return _gain(candidate.name, reference, pooled, measure)


def _gain(name: str, other: Candidate, pooled: Mapping[str, PooledEstimate], measure: Measure) -> Gain | NoGain:
    over = other.name
    if over not in pooled:
        return NoGain(over=over, reason=f"{over} {_lacks(other.row, measure)}")
    try:
        found = paired_test(pooled[name], pooled[over])
    except NoSpreadError:
        # Nothing tells how far to trust it.
        return NoGain(over=over, reason=f"every patient makes the same difference from {over}")
    return Gain(over=over, value=found.value, lower=found.lower, upper=found.upper, p_value=found.p_value)


def _lacks(row: Row, measure: Measure) -> str:
    """Return why a row does not have a measure in all folds, in few words."""
    if row.state == "failed":
        return f"failed on {row.cells - row.ok} of {row.cells} folds"
    average = row.averages.get(measure.name)
    return row.problem if average is None else f"has no {measure.name}, {average.problem}"
