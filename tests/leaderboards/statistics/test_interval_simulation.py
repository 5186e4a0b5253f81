"""The simulation of intervals and letters: its truth is that of the population, and its table is committed."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import metrics

FOLDER = Path(__file__).parent / "simulation"


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch):
    """Return the modules of the simulation by name; a quarter of its pairs are enough here."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def module(name: str) -> ModuleType:
        return importlib.import_module(name)

    monkeypatch.setattr(module("population"), "PAIRS", 750_000)
    return module


@pytest.mark.parametrize("name", ["HALF", "RARE"])
def test_the_truth_is_that_of_a_large_drawn_population(simulation, name: str) -> None:
    population = simulation("population")
    scenario = getattr(population, name)
    truth = population.Population(scenario)
    # A model that has learnt a part of the effects, and no hazard before the first event.
    grid = np.linspace(0.0, scenario.horizon, 60)
    hazard = np.where(grid < scenario.horizon / 20, 0.0, 0.9 * scenario.rate * grid**scenario.shape)
    model = population.FittedModel(np.array([0.5, 0.3, 0.7, 0.2, -0.2]), hazard)
    share = np.full(60, 1 / 59)
    share[[0, -1]] /= 2

    covariates, time, event = scenario.draw(np.random.default_rng(0), 40_000)
    risk = covariates @ model.coefficients
    curves = np.exp(-np.outer(np.exp(risk), hazard))
    outcome = metrics.PreparedOutcome(time, event, time, event, scenario.horizon)
    drawn = {
        "harrell_c": metrics.concordance_index(outcome, risk),
        "uno_c": metrics.concordance_index_ipcw(outcome, risk),
        "c_td": metrics.concordance_index_td(outcome, grid, curves),
    }
    brier = metrics.integrated_brier_score(outcome, grid, curves, grid=grid)
    curve = outcome.train_survival.at(grid)

    found = truth.concordance(model, grid)
    for measure, estimate in drawn.items():
        # Four standard errors of the drawn population; the truth counts pairs of its own.
        assert found[measure] == pytest.approx(estimate.value, abs=4 * estimate.standard_error + 0.001)
    survival = truth.survival(grid)
    assert truth.brier(model, survival, share) == pytest.approx(brier.value, abs=4 * brier.standard_error)
    assert truth.brier_of_curve(curve, survival, share) == pytest.approx(brier.reference, abs=4 * brier.standard_error)
    # The two move together from draw to draw: their ratio is known far better.
    scaled = 1 - truth.brier(model, survival, share) / truth.brier_of_curve(curve, survival, share)
    assert scaled == pytest.approx(float(brier.scaled), abs=4 * brier.scaled.standard_error)


def test_a_small_run_prints_its_tables(simulation, capsys, monkeypatch) -> None:
    monkeypatch.setattr(simulation("population"), "PAIRS", 50_000)
    monkeypatch.setattr("sys.argv", ["intervals_and_letters", "--cohorts", "2", "--boards", "2"])
    simulation("intervals_and_letters").main()
    told = capsys.readouterr().out
    assert told.count("| scaled_ibs |") == 4
    assert told.count("\n| 2000 |") == 5


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_intervals_cover_and_boards_keep_their_level(simulation, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["intervals_and_letters", "--cohorts", "300", "--boards", "300"])
    simulation("intervals_and_letters").main()
    covered, sizes = bounds(capsys.readouterr().out)
    # Three standard errors of a share in 300 draws around the bounds.
    assert 87 < min(covered) < max(covered) < 100
    assert max(sizes) < 11


def test_the_committed_table_is_of_the_full_size_and_within_the_bounds() -> None:
    table = (FOLDER / "intervals_and_letters.md").read_text(encoding="utf-8")
    assert "500 cohorts and 500 boards of each kind" in table
    covered, sizes = bounds(table)
    assert len(covered) == 2 * 12 * 2
    assert 92 <= min(covered) <= max(covered) <= 98
    assert max(sizes) <= 7


def bounds(table: str) -> tuple[list[float], list[float]]:
    """Return the coverage of all intervals, both as stored and as printed, and the size of letters and flags."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    of_coverage = [row for row in rows if len(row) == 9 and row[1] in ("cox", "kaplan_meier")]
    of_size = [row for row in rows if len(row) == 6 and row[0] in ("500", "700", "1150")]
    covered = [float(cell.split(" ")[0]) for row in of_coverage for cell in row[6:8]]
    return covered, [float(cell.split(" ")[0]) for row in of_size for cell in row[4:6]]
