"""Where on their slides a method looks at the patients of highest and of lowest risk: states for figures."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import rankdata

from benchmarks.types import Bags, FloatArray, IntArray, Patients
from methods.shared.training.attention_record import INSTANCES

# So many patients of highest risk, and as many of lowest.
EXTREMES = 2
# Instances of a patient that are kept; of a slide with more every so-manyth.
MOST = 4096

# Names of the states.
SLIDE, SLIDE_X, SLIDE_Y, SLIDE_ATTENTION = "slide", "slide_x", "slide_y", "slide_attention"
# In the place of what is not there.
NOTHING = -1.0


def attention_on_slides(
    patients: Patients,
    bag: str,
    risk: FloatArray,
    attention: Callable[[Patients], list[FloatArray]],
    states: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return further states of n patients: places and attention on one slide of the extremes.

    The slide is the patient's with most attention in total. Empty if of nobody the places of the instances are known.

    Parameters
    ----------
    patients : Patients
        Who is predicted.
    bag : str
        The modality that is read instance by instance.
    risk : array, shape (n,)
        Of them.
    attention : callable
        From patients to the weights of each one's instances, shape (m_i,) each.
    states : mapping
        Those there are already; without ``instances`` no bag was read.

    Returns
    -------
    dict
        ``slide_x``, ``slide_y`` (n, k): place of each instance on the slide; ``slide_attention`` (n, k): share of the
        patient's instances with no more attention than this one, 0 to 1; -1 where there is nothing. ``slide`` (n, 3):
        number of the slide, counted from 1, how many slides the patient has, and its share of the attention; 0 for
        patients who are not kept.
    """
    if INSTANCES not in states:
        return {}
    bags = patients.bags(bag)
    places = _places_of_extremes(bags, risk)
    if not places:
        return {}
    rows = np.array(sorted(places))
    maps = {
        row: _map(places[row], weights, bags.slides(row))
        for row, weights in zip(rows.tolist(), attention(patients[rows]), strict=True)
    }
    longest = max(len(values) for _, values in maps.values())
    kept = np.full((len(patients), longest, 3), NOTHING)
    slide = np.zeros((len(patients), 3))
    for row, (told, values) in maps.items():
        slide[row], kept[row, : len(values)] = told, values
    return {SLIDE: slide, SLIDE_X: kept[..., 0], SLIDE_Y: kept[..., 1], SLIDE_ATTENTION: kept[..., 2]}


def _places_of_extremes(bags: Bags, risk: FloatArray) -> dict[int, IntArray]:
    """Return the places of the instances of those of highest and lowest risk whose places are known, by row."""
    found: dict[int, IntArray] = {}
    order = np.argsort(risk, kind="stable")
    for end in (order[::-1], order):
        taken = 0
        for row in end[bags.present[end]].tolist():
            places = bags.places(row) if taken < EXTREMES and row not in found else None
            if places is not None:
                found[row] = places
                taken += 1
    return found


def _map(places: IntArray, weights: FloatArray, borders: IntArray) -> tuple[tuple[float, float, float], FloatArray]:
    """Return what is told of the slide with most attention, and x, y and rank of its instances, shape (k, 3)."""
    of_slides = np.add.reduceat(weights, borders[:-1])
    chosen = int(of_slides.argmax())
    rank = rankdata(weights, method="max") / len(weights)
    own = np.arange(borders[chosen], borders[chosen + 1])
    if len(own) > MOST:
        own = own[np.linspace(0, len(own) - 1, MOST).astype(np.int64)]
    told = (chosen + 1.0, float(len(of_slides)), float(of_slides[chosen] / weights.sum()))
    return told, np.column_stack([places[own], rank[own]])
