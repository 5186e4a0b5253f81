"""A measure of one row pooled over the test folds, with the influence of each patient, and its interval."""

from collections.abc import Mapping

from benchmarks.protocol.measures import Measure
from benchmarks.scoring.design import Design, Place
from benchmarks.scoring.influence import CellInfluence
from metrics.pooled_interval import pooled_interval
from metrics.pooling import PooledEstimate, pool


def pooled_estimate(
    design: Design, cells: Mapping[Place, CellInfluence], variant: str, measure: Measure
) -> PooledEstimate | None:
    """Pool a measure over the folds, weighted by comparable pairs or by patients.

    Parameters
    ----------
    design : Design
        Of the dataset.
    cells : mapping of (repeat, fold) to CellInfluence
        Of one row.
    variant : str
        Which prediction of it.
    measure : Measure
        One of ``POOLED``.

    Returns
    -------
    PooledEstimate or None
        None if the measure is undefined in some fold of the design. Estimates of the same design and measure share
        their ``Folds``, so that they can be compared.
    """
    return _pooled(design, cells, variant, measure, equal_weights=False)


def interval_of_mean(
    design: Design, cells: Mapping[Place, CellInfluence], variant: str, measure: Measure
) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean of a measure over the folds, by the influence of the patients.

    It says where the mean would lie with the models fitted here on all patients like these
    (``metrics.pooled_interval``). A patient who is tested in several repeats counts once.

    Parameters
    ----------
    design, cells, variant, measure
        As of ``pooled_estimate``.

    Returns
    -------
    tuple of float or None
        Lower and upper end. None where there is none: the influence of patients on the measure is not kept or is
        undefined in some fold, it is at the end of its range, or the repeats have different numbers of folds.
    """
    if measure.interval is None or design.uneven:
        return None
    mean = _pooled(design, cells, variant, measure, equal_weights=True)
    return None if mean is None else pooled_interval(mean, measure.interval)


def _pooled(
    design: Design, cells: Mapping[Place, CellInfluence], variant: str, measure: Measure, *, equal_weights: bool
) -> PooledEstimate | None:
    name = (variant, measure.name)
    if any(place not in cells or name not in cells[place].of for place in design.places) or not design.places:
        return None
    of_folds = [cells[place].of[name] for place in design.places]
    weights = [1.0 if equal_weights else own.weight for own in of_folds]
    folds = design.folds(measure, weights, [cells[place].events_in_time for place in design.places])
    trained = [own.trained for own in of_folds if own.trained is not None] if measure.weighs_by_train else None
    return pool(folds, [own.value for own in of_folds], [own.scored for own in of_folds], trained)
