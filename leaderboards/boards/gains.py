"""What a method gains, paired: over clinical-only Cox, and over itself with one modality."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.protocol.measures import Measure
from benchmarks.scoring.summary import Row
from benchmarks.types import MAIN
from leaderboards.boards.entries import Entry
from leaderboards.statistics import NoSpreadError, PooledEstimate, paired_test

REFERENCE = "cox_ph"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A row of a board before it is ranked: an entry, one of its variants, and the name they stand under."""

    name: str
    entry: Entry
    row: Row


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


def is_reference(candidate: Candidate) -> bool:
    """Return whether a row is Cox's model that saw the clinical table alone; of several settings, any is."""
    return (candidate.entry.method, candidate.row.variant, candidate.entry.modalities) == (
        REFERENCE,
        MAIN,
        ("clinical",),
    )


def gain_over_reference(
    candidate: Candidate, others: Mapping[str, Candidate], pooled: Mapping[str, PooledEstimate]
) -> Gain | None:
    """Return the gain over clinical-only Cox, the first of them if it was run with several settings."""
    reference = next((name for name in pooled if is_reference(others[name])), None)
    if reference is None or reference == candidate.name:
        return None
    return _gain(candidate.name, reference, pooled)


def gain_over_own_unimodal(
    candidate: Candidate,
    others: Mapping[str, Candidate],
    pooled: Mapping[str, PooledEstimate],
    measure: Measure,
) -> Gain | None:
    """Return the gain of a multimodal row over the best row of the same method, settings and variant with one modality.

    The best of several is taken after seeing their scores, which makes the gain look smaller, never larger.
    """
    if len(candidate.entry.modalities) < 2:
        return None
    unimodal = [
        name
        for name in pooled
        if len(others[name].entry.modalities) == 1
        and others[name].entry.method == candidate.entry.method
        and others[name].entry.config == candidate.entry.config
        and others[name].row.variant == candidate.row.variant
    ]
    if not unimodal:
        return None
    sign = 1 if measure.higher_is_better else -1
    best = max(unimodal, key=lambda name: sign * pooled[name].value)
    return _gain(candidate.name, best, pooled)


def _gain(name: str, over: str, pooled: Mapping[str, PooledEstimate]) -> Gain | None:
    try:
        found = paired_test(pooled[name], pooled[over])
    except NoSpreadError:
        return None  # the same difference for every patient: nothing tells how far to trust it
    return Gain(over=over, value=found.value, lower=found.lower, upper=found.upper, p_value=found.p_value)
