"""What the page says of a dataset: aggregates, of the data that the board is of and no others."""

import numpy as np
import pytest

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.loading import load_dataset
from benchmarks.types import Outcome
from leaderboards.pages.html.dataset_facts import FEWEST_AT_RISK, curve_of, dataset_facts
from metrics import kaplan_meier


def outcome_of(n: int) -> Outcome:
    random = np.random.default_rng(0)
    return Outcome(random.exponential(10, n) + 0.01, random.random(n) < 0.6)


def test_the_curve_is_the_estimate_on_equally_spaced_times() -> None:
    outcome = outcome_of(300)
    curve = curve_of(outcome)
    assert curve is not None
    times = np.linspace(0, np.sort(outcome.time)[-FEWEST_AT_RISK], 61)
    estimate = kaplan_meier(outcome.time, outcome.event)
    np.testing.assert_allclose(curve.survival, estimate.at(times), atol=5e-5)  # told in four decimals
    np.testing.assert_allclose(curve.times, times, rtol=1e-3)
    assert all(low <= middle <= high for low, middle, high in zip(curve.low, curve.survival, curve.high, strict=True))


def test_the_curve_ends_where_ten_are_at_risk() -> None:
    curve = curve_of(outcome_of(300))
    assert curve is not None
    assert curve.at_risk[0] == (0.0, 300)
    assert curve.at_risk[-1][1] in (FEWEST_AT_RISK - 1, FEWEST_AT_RISK)  # the time is told in four digits
    assert min(count for _, count in curve.at_risk[:-1]) >= FEWEST_AT_RISK


def test_too_few_patients_have_no_curve() -> None:
    assert curve_of(outcome_of(FEWEST_AT_RISK - 1)) is None


def test_a_dataset_at_hand_is_described() -> None:
    loaded = load_dataset("gbsg2")
    facts = dataset_facts("gbsg2", loaded.sha256)
    assert (facts["patients"], facts["events"]) == (686, 299)
    assert facts["horizon"] == pytest.approx(2227, abs=1)
    assert "missing" not in facts
    observed = set(loaded.cohort.outcome.time.tolist())
    assert len(set(facts["curve"]["times"]) & observed) < 10


def test_a_curve_of_other_data_than_the_board_s_is_not_shown() -> None:
    facts = dataset_facts("gbsg2", "0" * 64)
    assert facts["title"]
    assert "checksums differ" in facts["missing"]
    assert "curve" not in facts


def test_what_cannot_be_read_here_says_why() -> None:
    assert "not registered" in dataset_facts("nobody_knows_it", "0" * 64)["missing"]


def test_a_missing_file_is_told_without_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = dict.fromkeys(("name", "title", "source", "citation", "licence", "endpoint"), "x")
    card = DatasetCard(**texts, entry="a:b", time_unit="days", modalities=("clinical",), files=("sub/table.csv",))
    monkeypatch.setattr("leaderboards.pages.html.dataset_facts.dataset_cards", lambda: {"x": card})
    monkeypatch.setattr("benchmarks.catalog.loading.dataset_card", lambda _: card)
    monkeypatch.setenv("BENCHMARKS_DATA", "/nowhere/at/all")
    missing = dataset_facts("x", "0" * 64)["missing"]
    assert "…/table.csv is missing" in missing
    assert "nowhere" not in missing
