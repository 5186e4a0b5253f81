"""The split of a gain in C: by hand, and against the loop over all pairs of its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics

NONE, FIRST, SECOND, BOTH = range(4)


def test_a_pair_counts_in_the_class_of_the_sources_that_order_it_rightly():
    # Pairs (0, 1), (0, 2), (1, 2). The first source is right on the pairs of patient 0, the second on (1, 2) alone.
    found = metrics.concordance_gain([1, 2, 3], [1, 1, 0], [3, 2, 1], [2, 3, 1], [[3, 1, 2], [0, 2, 1]])

    assert found.pairs[[NONE, FIRST, SECOND, BOTH]].tolist() == [0, 2, 1, 0]
    assert found.concordant.tolist() == [0, 2, 1, 0]
    assert found.reference_concordant.tolist() == [0, 1, 1, 0]
    assert found.contribution.tolist() == [0, 1 / 3, 0, 0]
    assert found.value == pytest.approx(1 / 3)


def test_a_pair_that_a_source_leaves_tied_belongs_half_to_either_side():
    # One pair; the first source says the same of both patients, the second has them in order.
    found = metrics.concordance_gain([1, 2], [1, 0], [2, 1], [1, 2], [[5, 5], [2, 1]])

    assert found.pairs.tolist() == [0, 0, 0.5, 0.5]
    assert found.contribution.tolist() == [0, 0, 0.5, 0.5]


def test_a_tie_of_the_compared_risks_counts_one_half():
    found = metrics.concordance_gain([1, 2], [1, 0], [1, 1], [1, 2], [[2, 1]])

    assert (found.concordant.tolist(), found.reference_concordant.tolist()) == ([0, 0.5], [0, 0])
    assert found.value == 0.5


def test_three_sources_make_eight_classes():
    found = metrics.concordance_gain([1, 2], [1, 0], [2, 1], [1, 2], [[2, 1], [1, 2], [2, 1]])

    assert found.right[5].tolist() == [True, False, True]
    assert found.pairs.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]


def test_without_a_pair_there_is_no_gain():
    with pytest.raises(metrics.UndefinedError, match="no patient has an event"):
        metrics.concordance_gain([1, 2], [0, 0], [1, 2], [2, 1], [[1, 2]])


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ([1, 2], "sources must be of shape"),
        (np.zeros((0, 2)), "m >= 1"),
        ([[1, np.nan]], "source 0 of patient 1 is nan"),
    ],
)
def test_wrong_sources_are_refused(sources, told):
    with pytest.raises(ValueError, match=told):
        metrics.concordance_gain([1, 2], [1, 0], [1, 2], [2, 1], sources)


def split_by_loop(time, event, risks, tau, strata):
    """Return pairs, and those that risk and reference have in order, of each class: the definition, pair by pair."""
    sources = risks[2:]
    found = np.zeros((2 ** len(sources), 3))
    for i in range(len(time)):
        for j in range(len(time)):
            later = time[i] < time[j] or (time[i] == time[j] and not event[j])
            if i == j or not event[i] or not later or time[i] >= tau or strata[i] != strata[j]:
                continue
            right = [float(np.heaviside(r[i] - r[j], 0.5)) for r in risks]
            for number in range(len(found)):
                weight = np.prod([s if number >> k & 1 else 1 - s for k, s in enumerate(right[2:])])
                found[number] += weight * np.array([1, right[0], right[1]])
    return found


@st.composite
def cohorts(draw):
    n, m = draw(st.integers(2, 12)), draw(st.integers(1, 3))
    few = st.integers(1, 5)
    time = draw(st.lists(few, min_size=n, max_size=n))
    event = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    risks = draw(st.lists(st.lists(few, min_size=n, max_size=n), min_size=2 + m, max_size=2 + m))
    strata = draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n))
    return np.array(time), np.array(event), np.array(risks), draw(st.sampled_from([2, 4, 100])), np.array(strata)


@settings(max_examples=200, deadline=None)
@given(cohorts())
def test_the_split_is_that_of_the_loop_and_its_parts_add_up_to_the_gain(cohort):
    time, event, risks, tau, strata = cohort
    expected = split_by_loop(time, event, risks, tau, strata)
    call = {"tau": tau, "strata": strata}
    if not expected.any():
        with pytest.raises(metrics.UndefinedError):
            metrics.concordance_gain(time, event, risks[0], risks[1], risks[2:], **call)
        return

    found = metrics.concordance_gain(time, event, risks[0], risks[1], risks[2:], **call)

    assert np.stack([found.pairs, found.concordant, found.reference_concordant], axis=1) == pytest.approx(expected)
    first, second = (metrics.concordance_index(time, event, risk, **call) for risk in risks[:2])
    assert found.pairs.sum() == first.comparable_pairs
    assert found.value == pytest.approx(first.value - second.value, abs=1e-12)
    assert found.contribution.sum() == pytest.approx(found.value, abs=1e-12)


def test_swapping_risk_and_reference_turns_every_sign(sample):
    random = np.random.default_rng(0)
    other, *sources = random.normal(size=(3, len(sample)))
    one = metrics.concordance_gain(sample.time, sample.event, sample.risk, other, sources)
    turned = metrics.concordance_gain(sample.time, sample.event, other, sample.risk, sources)

    assert (one.contribution == -turned.contribution).all()
    assert (one.pairs == turned.pairs).all()
