"""What a method gains, paired: over clinical-only Cox, over itself with one modality, over the mean of unimodal risks.

A row of which a modality was shuffled is a control: it has gains, and no gain is over it. A row that was shown the
clinical table alone differs from clinical-only Cox by its method: what it gains is no gain of a modality.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.catalog.settings import config_type_of, plain_config
from benchmarks.errors import UsageError
from benchmarks.protocol.measures import Measure
from benchmarks.scoring.summary import Row
from benchmarks.types import MAIN
from benchmarks.types.canonical import canonical_json
from leaderboards.boards.candidates import Candidate
from leaderboards.statistics import NoSpreadError, PooledEstimate, paired_test

REFERENCE = "cox_ph"
REFERENCE_READS = ("clinical",)

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


def same_inputs(modalities: Collection[str]) -> bool:
    """Return whether a row was shown nothing that clinical-only Cox was not."""
    return {*modalities} <= {*REFERENCE_READS}


def is_reference(candidate: Candidate) -> bool:
    """Return whether a row is Cox's model that was shown the clinical table alone, as it comes, of any settings."""
    entry, variant = candidate.entry, candidate.row.variant
    shown = (entry.method, variant, entry.modalities, entry.shuffled, dict(entry.tuning), entry.recalibrated)
    return shown == (REFERENCE, MAIN, REFERENCE_READS, (), {}, False)


def reference_of(others: Mapping[str, Candidate], values: Mapping[str, float], measure: Measure) -> Candidate | None:
    """Return the row of clinical-only Cox that gains are over; None if there is none.

    Cox's model that was shown the clinical table alone, untuned. Of several settings, ``taken_of`` tells which.

    Parameters
    ----------
    others : mapping of str to Candidate
        All rows of the board, failed ones too.
    values : mapping of str to float
        The board's measure of those that have it in all folds.
    measure : Measure
        The board's.
    """
    return taken_of([row for row in others.values() if is_reference(row)], values, measure)


def plain_fusion_of(
    candidate: Candidate, others: Mapping[str, Candidate], values: Mapping[str, float], measure: Measure
) -> Candidate | None:
    """Return the untuned row of ``PLAIN_FUSION`` that was shown the same modalities as a row; None if there is none.

    Of several settings, ``taken_of`` tells which.

    Parameters
    ----------
    candidate : Candidate
        With several modalities; no such row itself, unless it is a control.
    others, values, measure
        As of ``reference_of``.
    """
    if len(candidate.entry.modalities) < 2 or (candidate.entry.method == PLAIN_FUSION and not candidate.entry.shuffled):
        return None
    plain = [
        row
        for row in others.values()
        if (row.entry.method, row.row.variant, row.entry.shuffled) == (PLAIN_FUSION, MAIN, ())
        and row.entry.modalities == candidate.entry.modalities
        and not row.entry.tuning
        and not row.entry.recalibrated
        and row.row.state != "skipped"
    ]
    return taken_of(plain, values, measure)


def taken_of(rows: Sequence[Candidate], values: Mapping[str, float], measure: Measure) -> Candidate | None:
    """Return which of the rows of a method, one for each of its settings, gains are over; None if there is none.

    Of those that have the measure in all folds, if any has it: the one with the default settings; if there is none,
    the best by the measure, which makes gains smaller, never larger. What names and keys rows have is of no account.
    """
    having = [row for row in rows if row.name in values] or list(rows)
    if len(having) < 2:
        return next(iter(having), None)
    default = [row for row in having if _has_default_settings(row)]
    return min(
        default or having,
        key=lambda row: (
            measure.as_loss(values[row.name]) if row.name in values else 0.0,
            canonical_json(row.entry.config),
        ),
    )


def told_taken(others: Mapping[str, Candidate], taken: Candidate | None) -> str:
    """Return which row gains over Cox are over, where several could be; empty where one alone could."""
    several = [row for row in others.values() if is_reference(row)]
    if taken is None or len(several) < 2:
        return ""
    why = "its settings are the default" if _has_default_settings(taken) else "the best by the measure"
    return f"gains over Cox are over {taken.name}, one of {len(several)} rows of clinical-only Cox: {why}"


def gain_over(
    candidate: Candidate, reference: Candidate | None, pooled: Mapping[str, PooledEstimate], measure: Measure
) -> Gain | NoGain | None:
    """Return the gain of a row over another; None over itself, over none, and where pairs are not tested.

    One that failed or was not run on some folds makes no gain: the folds on which it did well would flatter it, and
    the others whoever is compared with it.

    Parameters
    ----------
    candidate : Candidate
        A row that is in ``pooled``.
    reference : Candidate or None
        What it is compared with.
    pooled : mapping of str to PooledEstimate
        Rows that have the measure in all folds; empty where pairs are not tested.
    measure : Measure
        The board's.
    """
    if not pooled or reference is None or reference.name == candidate.name:
        return None
    return _gain(candidate.name, reference, pooled, measure)


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
    candidate, pooled, measure
        As of ``gain_over``.
    others : mapping of str to Candidate
        All rows of the board, failed ones too.
    """
    if not pooled or len(candidate.entry.modalities) < 2:
        return None
    unimodal = [
        row
        for row in others.values()
        if len(row.entry.modalities) == 1
        and row.entry.method == candidate.entry.method
        and (row.entry.config, row.entry.tuning) == (candidate.entry.config, candidate.entry.tuning)
        and row.entry.recalibrated == candidate.entry.recalibrated
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


def _has_default_settings(candidate: Candidate) -> bool:
    """Return whether a row has the settings that the method has by default; no, where it cannot be loaded here."""
    method = candidate.entry.method
    try:
        config_type = config_type_of(method, load_entry(method_card(method)))
    except UsageError:
        return False
    return canonical_json(plain_config(config_type())) == canonical_json(candidate.entry.config)


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
