"""Estimates pooled over the test folds, with the influence of each patient: what pairs of entries are tested by."""

from collections.abc import Mapping

from benchmarks.errors import UsageError
from benchmarks.protocol.measures import POOLED, Measure
from benchmarks.scoring.design import Design
from benchmarks.scoring.pooled import pooled_estimate
from leaderboards.boards.entries import Entry
from leaderboards.statistics import PooledEstimate


def pooled_estimates(
    design: Design, entries: Mapping[str, tuple[Entry, str]], measure: Measure
) -> dict[str, PooledEstimate]:
    """Pool one measure over the test folds for every entry that has it in all of them.

    Parameters
    ----------
    design : Design
        Of the dataset.
    entries : mapping
        Name of a row to its entry and variant.
    measure : Measure
        One of ``POOLED``.

    Returns
    -------
    dict
        Estimates over one common ``Folds``, so that they can be compared pair by pair.

    Raises
    ------
    UsageError
        If the measure has no influence of patients.
    """
    if measure not in POOLED:
        known = ", ".join(known.name for known in POOLED)
        raise UsageError(f"--metric {measure.name}: pairs are tested by {known}")
    found = {}
    for name, (entry, variant) in entries.items():
        estimate = pooled_estimate(design, entry.influence, variant, measure)
        if estimate is not None:
            found[name] = estimate
    return found
