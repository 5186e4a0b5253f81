"""The simulated cohorts are what their formulas say, and their oracle knows the truth."""

import subprocess
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import metrics
from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_cards
from benchmarks.errors import UsageError
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import evaluate
from benchmarks.types import Cohort, FloatArray, Prediction
from benchmarks.types.score import Score

simulated = import_module("benchmarks.datasets.simulated.adapter")
designs = import_module("benchmarks.datasets.simulated.designs")

SIMULATED = [name for name, card in dataset_cards().items() if card.oracle]
SHAPE, SCALE = 1.2, 60.0


def shown_scores(cohort: Cohort) -> dict[str, FloatArray]:
    """Read every modality perfectly: what a method could know."""
    patients = cohort.patients
    prognostic = [bag[bag[:, 0] > 4] for bag in (patients.bags("wsi")[row] for row in range(len(cohort)))]
    present = ("High grade", "invasion is seen", "is involved", "Metastasis", "Extensive")
    found = np.array([sum(word in text for word in present) for text in patients.texts().texts])
    return {
        "clinical": (patients.table().frame["marker"].to_numpy() - 10) / 3,
        "text": (2.0 * found - 5) / np.sqrt(5),
        "rna": patients.matrix("rna").values[:, :20].mean(axis=1).astype(np.float64),
        "wsi": np.array([bag[:, 1].mean() for bag in prognostic], dtype=np.float64),
        "mri": patients.matrix("mri").values[:, :8].sum(axis=1).astype(np.float64) / np.sqrt(8),
    }


def censoring_survival(t: float) -> float:
    return 1.0 if t < 12 else max(0.0, (84 - t) / 72)


def scored(name: str, n: int, horizon: float) -> dict[str, Score]:
    """Score the truth on all patients of a large cohort."""
    card = dataset_cards()[name]
    settings: dict[str, Any] = {**card.arguments, **card.options, "n": n}
    outcome = simulated.load(**settings).outcome
    truth = simulated.oracle(**settings)
    events = np.sort(outcome.time[outcome.event & (outcome.time < horizon)])
    times = np.union1d(np.linspace(0, horizon, 201), events)
    protocol = EvaluationProtocol(name, times)
    return evaluate(protocol, outcome, outcome, Prediction(truth.risk, times, truth.survival(times)))


def assert_close(score: Score, truth: float, errors: float = 4.0) -> None:
    assert score.value is not None
    assert score.standard_error is not None
    assert score.standard_error < 0.02
    assert abs(score.value - truth) < errors * score.standard_error


@pytest.mark.parametrize("name", SIMULATED)
def test_loads_quickly_and_as_the_card_says(name: str) -> None:
    start = time.process_time()  # processor seconds: what else the machine does is not counted
    loaded = load_dataset(name)
    assert time.process_time() - start < 2
    assert (len(loaded.cohort), loaded.cohort.outcome.n_events) == (loaded.card.n, loaded.card.events)
    assert tuple(loaded.cohort.patients.modalities) == loaded.card.modalities


def test_every_design_is_registered() -> None:
    assert {f"simulated-{design}" for design in designs.DESIGNS} == set(SIMULATED)


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "from importlib import import_module; from benchmarks.catalog.content_checksum import sha256_of_cohort;"
        "load = import_module('benchmarks.datasets.simulated.adapter').load;"
        "print(sha256_of_cohort(load('missing', n=50, seed=3, effect=1.0, missing_share=0.3)))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    here = simulated.load("missing", n=50, seed=3, effect=1.0, missing_share=0.3)
    assert there.stdout.strip() == sha256_of_cohort(here)
    other = simulated.load("missing", n=50, seed=4, effect=1.0, missing_share=0.3)
    assert sha256_of_cohort(other) != sha256_of_cohort(here)


def test_who_reads_all_modalities_perfectly_knows_the_true_risk() -> None:
    cohort = simulated.load("additive", n=200, seed=0, effect=1.0)
    scores = shown_scores(cohort)
    truth = simulated.oracle("additive", n=200, seed=0, effect=1.0)
    np.testing.assert_allclose(sum(scores.values()) / np.sqrt(5), truth.risk, atol=1e-5)


def test_redundant_modalities_show_one_score() -> None:
    scores = shown_scores(simulated.load("redundant", n=100, seed=0, effect=1.0))
    truth = simulated.oracle("redundant", n=100, seed=0, effect=1.0)
    for score in scores.values():
        np.testing.assert_allclose(score, truth.risk, atol=1e-5)


@pytest.mark.parametrize("carrier", ["clinical", "text", "rna", "wsi", "mri"])
def test_the_carrier_alone_moves_the_hazard(carrier: str) -> None:
    settings: dict[str, Any] = {"n": 100, "seed": 0, "effect": 0.7, "carrier": carrier}
    scores = shown_scores(simulated.load("unimodal", **settings))
    np.testing.assert_allclose(0.7 * scores[carrier], simulated.oracle("unimodal", **settings).risk, atol=1e-5)


def test_the_interaction_is_the_product_of_two_signs() -> None:
    scores = shown_scores(simulated.load("interaction", n=200, seed=0, effect=1.2))
    truth = simulated.oracle("interaction", n=200, seed=0, effect=1.2)
    np.testing.assert_allclose(1.2 * np.sign(scores["text"]) * np.sign(scores["rna"]), truth.risk)


def test_no_single_modality_tells_anything_in_the_interaction() -> None:
    cohort = simulated.load("interaction", n=4000, seed=1, effect=1.2)
    outcome = cohort.outcome
    prepared = metrics.PreparedOutcome(outcome.time, outcome.event, outcome.time, outcome.event, 72.0)
    for name, score in shown_scores(cohort).items():
        for function in (score, np.abs(score), np.sign(score)):
            if np.ptp(function) > 0:
                found = metrics.concordance_index(prepared, function)
                assert abs(float(found) - 0.5) < 4 * found.standard_error, name


def test_the_oracles_concordance_on_the_interaction_is_the_analytic_one() -> None:
    """Two groups of half the patients each; pairs within a group are tied."""
    beta, horizon = 1.2, 72.0
    high, low = np.exp(beta), np.exp(-beta)

    def pairs(a: float, b: float, weight: int) -> float:
        """Pairs in which a patient of hazard ratio a has the first event, G(t)^weight of them seen."""

        def density(t: float) -> float:
            cumulative = (t / SCALE) ** SHAPE
            hazard = a * SHAPE / SCALE * (t / SCALE) ** (SHAPE - 1)
            return float(hazard * np.exp(-(a + b) * cumulative) * censoring_survival(t) ** weight)

        return float(quad(density, 0, horizon, points=[12.0], epsabs=1e-10)[0])

    def concordance(weight: int) -> float:
        ties = pairs(high, high, weight) + pairs(low, low, weight)
        return (0.5 * ties + pairs(high, low, weight)) / (ties + pairs(high, low, weight) + pairs(low, high, weight))

    scores = scored("simulated-interaction", 4000, horizon)
    assert_close(scores["harrell_c"], concordance(2))
    assert_close(scores["c_td"], concordance(2))
    assert_close(scores["uno_c"], concordance(0))


def test_without_censoring_and_ties_the_concordance_of_a_pair_is_logistic() -> None:
    """In proportional hazards P(T_i < T_j) = 1 / (1 + exp(eta_j - eta_i)), whatever the baseline."""
    truth = simulated.oracle("interaction", n=1000, seed=0, effect=1.2)
    rng = np.random.default_rng(0)
    drawn = np.array([truth.baseline.event_times(truth.risk, rng) for _ in range(40)])
    high, low = drawn[:, truth.risk > 0].ravel(), drawn[:, truth.risk < 0].ravel()
    n = min(len(high), len(low))
    earlier = (rng.permutation(high)[:n] < rng.permutation(low)[:n]).mean()
    assert abs(earlier - 1 / (1 + np.exp(-2.4))) < 4 * np.sqrt(0.25 / n)


@pytest.mark.parametrize(
    ("name", "predictors"),
    [("simulated-null", [0.0]), ("simulated-interaction", [1.2, -1.2])],
)
def test_the_oracles_brier_score_is_the_analytic_one(name: str, predictors: list[float]) -> None:
    """Of the true curves E[(1{T > t} - S)^2] = E[S (1 - S)], integrated over the time."""
    horizon = 72.0

    def spread(t: float) -> float:
        survival = np.exp(-((t / SCALE) ** SHAPE) * np.exp(predictors))
        return float((survival * (1 - survival)).mean())

    assert_close(scored(name, 4000, horizon)["ibs"], quad(spread, 0, horizon)[0] / horizon)


def test_the_oracle_of_null_has_concordance_one_half() -> None:
    scores = scored("simulated-null", 1000, 72.0)
    for name in ("harrell_c", "uno_c", "c_td"):
        assert scores[name].value == 0.5
    assert scores["scaled_ibs"].value is not None
    assert abs(scores["scaled_ibs"].value) < 0.01


def test_the_oracles_concordance_on_additive_equals_an_independent_simulation() -> None:
    rng = np.random.default_rng(7)
    n, horizon = 400_000, 72.0
    text = (2.0 * rng.binomial(5, 0.5, (2, n)) - 5) / np.sqrt(5)
    eta = (rng.normal(0, 2.0, (2, n)) + text) / np.sqrt(5)  # the sum of four normal scores has variance 4
    event = SCALE * (-np.log(rng.random((2, n))) / np.exp(eta)) ** (1 / SHAPE)
    censoring = rng.uniform(12, 84, (2, n))
    first = np.where(event[0] < event[1], 0, 1)
    earlier = np.take_along_axis(event, first[None], 0)[0]
    comparable = (earlier < censoring.min(axis=0)) & (earlier < horizon)
    right = np.where(first == 0, eta[0] > eta[1], eta[1] > eta[0])[comparable].mean()
    assert_close(scored("simulated-additive", 4000, horizon)["harrell_c"], right)


@pytest.mark.parametrize("design", ["missing", "missing-informative"])
def test_where_modalities_are_missing_the_truth_is_the_mean_over_what_they_may_hold(design: str) -> None:
    settings: dict[str, Any] = {"n": 400, "seed": 0, "effect": 1.0, "missing_share": 0.4}
    cohort, truth = simulated.load(design, **settings), simulated.oracle(design, **settings)
    patients = cohort.patients
    blind = np.flatnonzero(~patients.texts().present & ~patients.matrix("rna").present)
    assert len(blind) > 30
    scores = shown_scores(cohort)
    known = (scores["clinical"] + scores["wsi"] + scores["mri"])[blind[0]] / np.sqrt(5)
    # Draw what is hidden from its distribution given the mask, by rejection.
    rng = np.random.default_rng(1)
    n = 400_000
    hidden = [(2.0 * rng.binomial(5, 0.5, n) - 5) / np.sqrt(5), rng.normal(size=n)]
    if design == "missing-informative":
        hidden = [score[rng.random(n) < 1 / (1 + np.exp(-2 * score))] for score in hidden]
    drawn = min(len(score) for score in hidden)
    eta = known + (hidden[0][:drawn] + hidden[1][:drawn]) / np.sqrt(5)
    times = np.array([6.0, 24.0, 60.0])
    expected = np.exp(-((times / SCALE) ** SHAPE)[:, None] * np.exp(eta)).mean(axis=1)
    np.testing.assert_allclose(truth.survival(times)[blind[0]], expected, atol=2e-3)
    np.testing.assert_allclose(truth.risk[blind[0]], eta.mean(), atol=5e-3)


def test_informative_masks_hide_high_scores() -> None:
    setting = designs.checked_setting("missing-informative", {"n": 100, "seed": 0, "missing_share": 0.3})
    low, middle, high = designs.missing_probability(setting, np.array([-2.0, 0.0, 2.0]))
    assert low < 0.02
    assert middle == pytest.approx(0.3)
    assert high > 0.58


def test_missing_is_a_mask_and_not_a_zero() -> None:
    patients = simulated.load("missing", n=200, seed=0, effect=1.0, missing_share=0.3).patients
    assert 20 < (~patients.matrix("rna").present).sum() < 100
    assert np.isnan(patients.matrix("rna").values[~patients.matrix("rna").present]).all()
    assert {text for text, has in zip(patients.texts().texts, patients.texts().present, strict=True) if not has} == {""}


def test_the_external_site_differs_in_patients_hazard_wording_and_instruments() -> None:
    settings: dict[str, Any] = {"n": 500, "seed": 0, "effect": 1.0}
    here, there = (simulated.load("shift", site=site, **settings) for site in ("development", "external"))
    assert not set(here.patients.ids) & set(there.patients.ids)
    marker = [cohort.patients.table().frame["marker"].mean() for cohort in (here, there)]
    assert 1.0 < marker[1] - marker[0] < 2.0
    assert there.outcome.n_events > here.outcome.n_events + 20
    assert there.patients.matrix("rna").values.mean() > here.patients.matrix("rna").values.mean() + 0.8
    words = [set(" ".join(cohort.patients.texts().texts).split()) for cohort in (here, there)]
    assert "margin" in words[0]
    assert "Margins:" in words[1]
    truths = [simulated.oracle("shift", site=site, **settings) for site in ("development", "external")]
    factor = [truth.baseline.cumulative_hazard(np.array([30.0]))[0] for truth in truths]
    assert factor[1] / factor[0] == pytest.approx(1.5)


def test_drop_out_depends_on_the_clinical_score_in_one_design_only() -> None:
    for design, expected in (("additive", False), ("censoring", True)):
        cohort = simulated.load(design, n=2000, seed=0, effect=0.0)
        time_, event = cohort.outcome.time, cohort.outcome.event
        prepared = metrics.PreparedOutcome(time_, ~event, time_, ~event, 60.0)
        found = metrics.concordance_index(prepared, shown_scores(cohort)["clinical"])
        assert (float(found) > 0.5 + 4 * found.standard_error) is expected


def test_few_patches_are_prognostic() -> None:
    bags = simulated.load("unimodal", n=50, seed=0, effect=1.0, carrier="wsi").patients.bags("wsi")
    shares = [float((bags[row][:, 0] > 4).mean()) for row in range(50)]
    assert min(shares) > 0.02
    assert max(shares) < 0.07


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 5}, "simulated-shift: n is 5, it must be at least 20"),
        ({"seed": -1}, "seed is -1, it must be 0 or more"),
        ({"effect": 9.0}, "effect is 9.0, it must be between 0 and 3"),
        ({"site": "mars"}, "site is 'mars', it must be one of development, external"),
    ],
)
def test_settings_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_dataset("simulated-shift", options)


def test_an_unknown_design_is_refused() -> None:
    with pytest.raises(UsageError, match="no simulated design 'chaos'; there are: unimodal"):
        simulated.load("chaos", n=100, seed=0)
